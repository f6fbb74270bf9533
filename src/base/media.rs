//! Media types.

/// A media type without its parameters, in small letters: what two of them are compared by.
pub fn bare(media: &str) -> String {
    let kind = media.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_capitals_do_not_count() {
        assert_eq!(
            bare("Application/FHIR+JSON; fhirVersion=4.0"),
            "application/fhir+json"
        );
        assert_eq!(bare(" text/xml "), "text/xml");
        assert_eq!(bare(";"), "");
    }
}
