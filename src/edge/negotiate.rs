//! Headers by which a client says what it sends, what it can read and on what condition.

use http::HeaderMap;
use http::header;

use super::refusal::Refusal;
use super::target::Pairs;
use super::target::pairs;
use crate::flow::door::Prefer;

/// Media types of FHIR in JSON.
const JSON: [&str; 3] = ["application/fhir+json", "application/json", "text/json"];

/// What a search may be posted as.
pub(super) const FORM: [&str; 1] = ["application/x-www-form-urlencoded"];

/// What an interchange may be posted as; the first is what it is.
pub(super) const INTERCHANGE: [&str; 3] = ["application/edi-x12", "text/plain", "application/octet-stream"];

/// Refuses a client that cannot read JSON; `_format` in the query weighs more than the header.
pub(super) fn check_accept(headers: &HeaderMap, query: &Pairs) -> Result<(), Refusal> {
    if let Some((_, format)) = query.iter().find(|(name, _)| name == "_format") {
        // A plus in a query is a blank once decoded, so that is what most clients send here.
        let format = format.replace(' ', "+").to_ascii_lowercase();
        let format = format.split(';').next().unwrap_or_default().trim();
        return if format == "json" || JSON.contains(&format) {
            Ok(())
        } else {
            Err(Refusal::NotAcceptable)
        };
    }
    let mut said = false;
    for value in headers.get_all(header::ACCEPT) {
        said = true;
        let Ok(text) = value.to_str() else { continue };
        if text.split(',').any(accepts_json) {
            return Ok(());
        }
    }
    if said { Err(Refusal::NotAcceptable) } else { Ok(()) }
}

fn accepts_json(range: &str) -> bool {
    let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media = parts.next().unwrap_or_default();
    let is_ours = matches!(media.as_str(), "" | "*/*" | "application/*") || JSON.contains(&media.as_str());
    let is_never = parts.any(|part| {
        part.strip_prefix("q=")
            .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
    });
    is_ours && !is_never
}

/// Refuses a body that is not FHIR in JSON.
pub(super) fn check_fhir(headers: &HeaderMap) -> Result<(), Refusal> {
    check_content(headers, &JSON)
}

/// Refuses a body that is packed or of another media type than these.
pub(super) fn check_content(headers: &HeaderMap, known: &[&str]) -> Result<(), Refusal> {
    for coding in headers.get_all(header::CONTENT_ENCODING) {
        if !coding.as_bytes().eq_ignore_ascii_case(b"identity") {
            return Err(Refusal::Packed);
        }
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(media), None) = (types.next(), types.next()) else {
        return Err(Refusal::Media);
    };
    let media = media.to_str().map_err(|_| Refusal::Media)?.to_ascii_lowercase();
    let mut parts = media.split(';').map(str::trim);
    let is_known = parts.next().is_some_and(|media| known.contains(&media));
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    let is_utf8 = charset.is_none_or(|charset| matches!(charset.trim_matches('"'), "utf-8" | "us-ascii"));
    if is_known && is_utf8 {
        Ok(())
    } else {
        Err(Refusal::Media)
    }
}

/// Refuses a body whose length is said and more than `most`.
pub(super) fn check_length(headers: &HeaderMap, most: u64) -> Result<(), Refusal> {
    let said = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > most) {
        return Err(Refusal::BodyTooLong);
    }
    Ok(())
}

/// What a client wants to see after a write; what it prefers otherwise is its own affair.
pub(super) fn prefer(headers: &HeaderMap) -> Prefer {
    let wishes = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']));
    for wish in wishes {
        match wish.trim().to_ascii_lowercase().as_str() {
            "return=minimal" => return Prefer::Minimal,
            "return=operationoutcome" => return Prefer::Outcome,
            "return=representation" => return Prefer::Representation,
            _ => {}
        }
    }
    Prefer::default()
}

/// The version that a resource must have, if the client says one.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let wrong = Refusal::Header("If-Match is a version such as W/\"1\"");
    match value.to_str().map_err(|_| wrong)?.trim() {
        "*" => Ok(None),
        tag => version(tag).map(Some).ok_or(wrong),
    }
}

/// The versions that the client has already.
pub(super) fn if_none_match(headers: &HeaderMap) -> Vec<u64> {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|tag| version(tag.trim()))
        .collect()
}

fn version(tag: &str) -> Option<u64> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = quoted.strip_prefix('"')?.strip_suffix('"')?;
    digits.parse().ok()
}

/// The search that must find nothing for a create to happen.
pub(super) fn if_none_exist(headers: &HeaderMap) -> Result<Option<Pairs>, Refusal> {
    let Some(value) = headers.get("if-none-exist") else {
        return Ok(None);
    };
    let wrong = Refusal::Header("If-None-Exist is a search with at least one parameter");
    let text = value.to_str().map_err(|_| wrong)?.trim();
    let query = text
        .strip_prefix("Task?")
        .or_else(|| text.strip_prefix('?'))
        .unwrap_or(text);
    let found = pairs(query.as_bytes())?;
    if found.is_empty() {
        return Err(wrong);
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[track_caller]
    fn check_format(accept: Option<&str>, query: &str, expected: bool) {
        let headers = accept.map_or_else(HeaderMap::new, |accept| headers(&[("accept", accept)]));
        let found = check_accept(&headers, &pairs(query.as_bytes()).unwrap());
        assert_eq!(found.is_ok(), expected, "{accept:?} {query}");
    }

    #[test]
    fn only_json_is_written() {
        check_format(None, "", true);
        for accept in [
            "*/*",
            "application/fhir+json",
            "application/xml, application/json;q=0.5",
            "application/fhir+json; fhirVersion=4.0",
        ] {
            check_format(Some(accept), "", true);
        }
        for accept in ["application/fhir+xml", "text/html", "application/json;q=0"] {
            check_format(Some(accept), "", false);
        }
        check_format(Some("text/html"), "_format=json", true);
        check_format(None, "_format=application/fhir+json", true);
        check_format(None, "_format=xml", false);
    }

    #[track_caller]
    fn check_body(fields: &[(&'static str, &str)], expected: Result<(), Refusal>) {
        assert_eq!(check_fhir(&headers(fields)), expected, "{fields:?}");
    }

    #[test]
    fn only_plain_json_is_read() {
        check_body(&[("content-type", "application/fhir+json")], Ok(()));
        check_body(&[("content-type", "application/JSON; charset=UTF-8")], Ok(()));
        check_body(&[], Err(Refusal::Media));
        check_body(&[("content-type", "application/fhir+xml")], Err(Refusal::Media));
        check_body(
            &[("content-type", "application/json; charset=latin1")],
            Err(Refusal::Media),
        );
        check_body(
            &[
                ("content-type", "application/json"),
                ("content-type", "application/json"),
            ],
            Err(Refusal::Media),
        );
        for coding in ["gzip", "br", "identity, gzip"] {
            check_body(
                &[("content-type", "application/json"), ("content-encoding", coding)],
                Err(Refusal::Packed),
            );
        }
    }

    #[test]
    fn a_length_is_judged_before_the_body() {
        assert_eq!(
            check_length(&headers(&[("content-length", "11")]), 10),
            Err(Refusal::BodyTooLong)
        );
        assert_eq!(check_length(&headers(&[("content-length", "10")]), 10), Ok(()));
        assert_eq!(check_length(&HeaderMap::new(), 10), Ok(()));
    }

    #[test]
    fn conditions_and_wishes_are_read() {
        assert_eq!(if_match(&headers(&[("if-match", "W/\"3\"")])), Ok(Some(3)));
        assert_eq!(if_match(&headers(&[("if-match", "\"3\"")])), Ok(Some(3)));
        assert_eq!(if_match(&headers(&[("if-match", "*")])), Ok(None));
        assert!(if_match(&headers(&[("if-match", "3")])).is_err());
        assert_eq!(
            if_none_match(&headers(&[("if-none-match", "W/\"3\", \"x\", W/\"4\"")])),
            [3, 4]
        );
        assert_eq!(
            prefer(&headers(&[("prefer", "respond-async, return=minimal")])),
            Prefer::Minimal
        );
        assert_eq!(
            prefer(&headers(&[("prefer", "return=OperationOutcome")])),
            Prefer::Outcome
        );
        assert_eq!(prefer(&HeaderMap::new()), Prefer::Representation);
        let unless = if_none_exist(&headers(&[("if-none-exist", "identifier=urn:a|1")]))
            .unwrap()
            .unwrap();
        assert_eq!(unless, [("identifier".to_owned(), "urn:a|1".to_owned())]);
        assert!(if_none_exist(&headers(&[("if-none-exist", "?")])).is_err());
    }
}
