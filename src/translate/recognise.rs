//! What a document is, and what it says of itself.

use std::borrow::Cow;

use super::resource::Resources;

/// The media type of a document, by its first bytes; what its wrapping states counts only where they say nothing.
pub(super) fn media_type(document: &[u8], stated: Option<String>) -> Cow<'static, str> {
    let start = document.trim_ascii_start();
    let begins = |magic: &[u8]| document.starts_with(magic);
    let found = if begins(b"%PDF-") {
        "application/pdf"
    } else if begins(b"II*\0") || begins(b"MM\0*") {
        "image/tiff"
    } else if begins(b"\xff\xd8\xff") {
        "image/jpeg"
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if begins(b"{\\rtf") {
        "text/rtf"
    } else if start.starts_with(b"<?xml")
        || start.starts_with(b"\xef\xbb\xbf<?xml")
        || start.starts_with(b"<ClinicalDocument")
    {
        "text/xml"
    } else if let Some(stated) = stated {
        return stated.into();
    } else if is_text(document) {
        "text/plain"
    } else {
        "application/octet-stream"
    };
    found.into()
}

/// Whether octets are characters without controls.
fn is_text(octets: &[u8]) -> bool {
    // Nearly always they are plain ASCII, which a vector at a time tells.
    let is_plain = |byte: u8| matches!(byte, b' '..0x7f | b'\t'..=b'\r');
    let all = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & is_plain(*byte));
    let (blocks, rest) = octets.as_chunks::<64>();
    if blocks.iter().all(|block| all(block)) && all(rest) {
        return true;
    }
    std::str::from_utf8(octets)
        .is_ok_and(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()))
}

/// The FHIR resource that a document is, if it is one in JSON.
pub(super) fn resource_in(document: &[u8]) -> Option<Resources<'_>> {
    let begins = document.trim_ascii_start().starts_with(b"{") && !document.starts_with(b"{\\rtf");
    let found = begins.then(|| Resources::read(&[document]).ok())??;
    let named = found
        .member(0, b"resourceType")
        .is_some_and(|kind| !found.text(kind).is_empty());
    named.then_some(found)
}

/// The code in the head of a CDA document, if it is a LOINC code.
pub(super) fn cda_code(document: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(document, b"<code ")?;
    let rest = document.get(at..)?;
    let element = rest.get(..memchr::memchr(b'>', rest)?)?;
    let element = std::str::from_utf8(element).ok()?;
    let attribute = |name: &str| {
        let mut values = element.split(&[' ', '\t', '\r', '\n'][..]).filter_map(|part| {
            let value = part.strip_prefix(name)?.strip_prefix('=')?;
            let value = value.trim_end_matches('/');
            value.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])
        });
        values.next().map(str::to_owned)
    };
    let loinc = attribute("codeSystem").is_some_and(|system| system == "2.16.840.1.113883.6.1");
    attribute("code").filter(|_| loinc)
}

/// Whether a resource is one that stands for the document in it.
pub(super) fn holds_a_document(found: &Resources<'_>) -> bool {
    let kind = found.member(0, b"resourceType").map(|kind| found.text(kind));
    matches!(kind, Some(b"DocumentReference" | b"Binary"))
}

/// The LOINC code of a document reference, or of the composition that a document begins with.
pub(super) fn fhir_code(found: &Resources<'_>) -> Option<String> {
    let mut resource = 0;
    if let Some(entries) = found.member(0, b"entry") {
        let first = found.children(entries).next()?;
        resource = found.member(first, b"resource")?;
    }
    let codings = found.member(found.member(resource, b"type")?, b"coding")?;
    let mut codings = found.children(codings);
    codings.find_map(|coding| {
        let system = found.member(coding, b"system")?;
        let code = found.member(coding, b"code")?;
        let code = String::from_utf8(found.text(code).to_vec()).ok()?;
        (found.text(system) == b"http://loinc.org").then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_anywhere_makes_a_text_something_else() {
        for length in [1, 63, 64, 65, 200] {
            let mut text = vec![b'x'; length];
            assert_eq!(media_type(&text, None), "text/plain");
            for at in 0..length {
                for control in [0, 8, 14, 31, 127] {
                    text[at] = control;
                    assert_eq!(
                        media_type(&text, None),
                        "application/octet-stream",
                        "{control} at {at}"
                    );
                }
                text[at] = b'\t';
            }
            text.extend_from_slice("é\u{85}".as_bytes());
            assert_eq!(media_type(&text, None), "text/plain");
            text.extend_from_slice("\u{80}".as_bytes());
            assert_eq!(media_type(&text, None), "application/octet-stream");
        }
        assert_eq!(media_type(b"\xe9", Some("text/rtf".to_owned())), "text/rtf");
    }
}
