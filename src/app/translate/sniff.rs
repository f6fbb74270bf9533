//! What an input is, told by how it begins.

use crate::app::x12::excerpt::tame;

/// What an input seems to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// An X12 interchange.
    X12,
    /// JSON text.
    Json,
    /// An HL7 clinical document.
    Cda,
    /// A FHIR resource in XML.
    FhirXml,
    /// Another XML document.
    Xml,
    /// Nothing at all.
    Empty,
    /// None of these.
    Unknown,
}

/// Bytes that are looked at.
const PREFIX: usize = 4096;

impl Format {
    /// Tells the format of an input.
    pub(crate) fn of(input: &[u8]) -> Self {
        let prefix = input.get(..PREFIX).unwrap_or(input);
        let text = prefix
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(prefix)
            .trim_ascii_start();
        let holds = |wanted: &[u8]| text.windows(wanted.len()).any(|window| window == wanted);
        match text {
            [] => Self::Empty,
            [b'{' | b'[', ..] => Self::Json,
            [b'<', ..] if holds(b"ClinicalDocument") => Self::Cda,
            [b'<', ..] if holds(b"http://hl7.org/fhir") => Self::FhirXml,
            [b'<', ..] => Self::Xml,
            // What stands before an interchange is a finding of its check, not another format.
            _ if is_interchange(text) => Self::X12,
            _ => Self::Unknown,
        }
    }

    /// Why an input of this format is not translated; nothing if it may be.
    pub(crate) const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::X12 | Self::Json | Self::Cda => None,
            Self::FhirXml => Some("this is FHIR in XML; only FHIR in JSON is read"),
            Self::Xml => Some("this is XML, but no clinical document"),
            Self::Empty => Some("there is nothing in it"),
            Self::Unknown => Some("this is neither X12 nor FHIR JSON"),
        }
    }
}

fn is_interchange(text: &[u8]) -> bool {
    let begins = |window: &[u8]| match window {
        [b'I', b'S', b'A', separator] => !separator.is_ascii_alphanumeric(),
        _ => false,
    };
    text.windows(4).any(begins)
}

/// A word of a message as a person may be shown it: short, and without anything that steers a terminal.
pub(crate) fn word(text: &str) -> String {
    const LONGEST: usize = 40;
    let tamed = tame(text);
    if tamed.chars().count() > LONGEST {
        tamed.chars().take(LONGEST).chain(['…']).collect()
    } else {
        tamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: Format) {
        assert_eq!(Format::of(input.as_bytes()), expected);
    }

    #[test]
    fn formats_are_told_by_how_they_begin() {
        check("ISA*00*", Format::X12);
        check("\r\n ISA|00|", Format::X12);
        check("junk before ISA*00*", Format::X12);
        check("  {\"resourceType\":\"Task\"}", Format::Json);
        check("\u{feff}[1]", Format::Json);
        check(
            "<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\">",
            Format::Cda,
        );
        check("<Task xmlns=\"http://hl7.org/fhir\">", Format::FhirXml);
        check("<html>", Format::Xml);
        check("ISABELLA", Format::Unknown);
        check("", Format::Empty);
        check(" \n", Format::Empty);
    }
}
