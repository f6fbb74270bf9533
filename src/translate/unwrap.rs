//! What is inside of an attachment: filter, MIME and transfer encoding undone, the document recognised by its bytes.
//!
//! A document itself is never altered. What was undone is kept as a recipe, so that a way back can wrap the same
//! document in the same octets; whether it does is tried at once.

use std::borrow::Cow;

use super::base64;
use super::base64::Lines;
use super::mime;
use super::mime::Entity;
use super::recognise;
use crate::x12::Filter;
use crate::x12::Payload;

/// An attachment, unwrapped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unwrapped<'t> {
    /// What the document is.
    pub media_type: Cow<'static, str>,
    /// The document, byte for byte.
    pub document: Cow<'t, [u8]>,
    /// The document in base 64, where it stood so on the wire.
    pub(super) encoded: Option<&'t [u8]>,
    /// The file name that its wrapping gave it.
    pub title: Option<String>,
    /// The LOINC code that it says it is.
    pub document_code: Option<String>,
    /// What was undone, outermost first.
    pub trace: Vec<Layer>,
    /// How to wrap the document in the same octets again: names and values, empty for the plainest wrapping.
    pub(super) recipe: Vec<(&'static str, String)>,
    /// Whether the recipe gives the same octets.
    pub(super) exact: bool,
    /// Whether it is a resource that stands for the document in it.
    holds_document: bool,
}

/// One wrapping of an attachment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// The filter of the segment.
    Filter(Filter),
    /// The filter of the segment, which the octets do not keep to; they are taken as they are.
    BrokenFilter(Filter),
    /// A MIME entity.
    Mime,
    /// The first part of a MIME entity of several parts.
    MimePart,
    /// A transfer encoding in base 64.
    TransferBase64,
    /// A transfer encoding as quoted-printable.
    TransferQuotedPrintable,
    /// A CDA document with sections: it is the document itself.
    StructuredCda,
    /// A CDA document around another one: it is the document itself.
    UnstructuredCda,
    /// A FHIR resource.
    FhirResource,
}

impl Layer {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filter(_) => "filter",
            Self::BrokenFilter(_) => "broken-filter",
            Self::Mime => "mime",
            Self::MimePart => "mime-part",
            Self::TransferBase64 => "base64",
            Self::TransferQuotedPrintable => "quoted-printable",
            Self::StructuredCda => "cda-structured",
            Self::UnstructuredCda => "cda-unstructured",
            Self::FhirResource => "fhir-resource",
        }
    }
}

pub(super) const FHIR_JSON: &str = "application/fhir+json";

/// Unwraps an attachment.
pub fn unwrap(payload: &Payload) -> Unwrapped<'_> {
    // Of an attachment that is not all here, nothing is taken: whoever asks for its content finds none.
    let octets = match payload.withheld {
        0 => payload.octets.as_slice(),
        _ => &[],
    };
    let mut unwrapped = opened(payload.filter, octets);
    // A document that stood in base 64 without line ends is wrapped in that again, which need not be tried.
    unwrapped.exact = unwrapped.encoded.is_some()
        || wrap(payload.filter, &unwrapped.recipe, &unwrapped.document).as_deref() == Some(octets);
    unwrapped.forget_what_is_usual(payload.filter);
    unwrapped
}

/// Unwraps some octets, whatever the way back would make of them.
pub(super) fn opened(filter: Filter, octets: &[u8]) -> Unwrapped<'_> {
    let mut trace = Vec::new();
    let mut recipe = Vec::new();
    let mut encoded = None;
    let unfiltered = unfiltered(filter, octets, &mut trace, &mut recipe, &mut encoded);
    let mut title = None;
    let mut stated = None;
    let document = if let Some(entity) = mime::entity(&unfiltered) {
        encoded = None;
        title.clone_from(&entity.filename);
        stated.clone_from(&entity.media_type);
        trace.push(if entity.multipart {
            Layer::MimePart
        } else {
            Layer::Mime
        });
        body(&entity, &mut trace, &mut recipe).into()
    } else {
        if filter == Filter::Absent {
            // A BIN holds MIME as a rule, so that it does not is worth knowing.
            recipe.push(("bare", "true".to_owned()));
        }
        unfiltered
    };
    let resource = recognise::resource_in(&document);
    let (document_code, holds_document) = match &resource {
        Some(resource) => (
            recognise::fhir_code(resource),
            recognise::holds_a_document(resource),
        ),
        None => (None, false),
    };
    let media_type = match resource {
        Some(_) => FHIR_JSON.into(),
        None => recognise::media_type(&document, stated),
    };
    let mut unwrapped = Unwrapped {
        media_type,
        document,
        encoded,
        title,
        document_code,
        trace,
        recipe,
        exact: false,
        holds_document,
    };
    unwrapped.look_inside();
    unwrapped
}

/// The octets with their filter undone.
fn unfiltered<'t>(
    filter: Filter,
    octets: &'t [u8],
    trace: &mut Vec<Layer>,
    recipe: &mut Vec<(&'static str, String)>,
    encoded: &mut Option<&'t [u8]>,
) -> Cow<'t, [u8]> {
    let decoded = match filter {
        Filter::Base64 => base64::decode(octets),
        Filter::Hexadecimal => unhex(octets),
        Filter::Absent | Filter::Unfiltered | Filter::Ascii | Filter::Other => return octets.into(),
    };
    let Some(decoded) = decoded else {
        trace.push(Layer::BrokenFilter(filter));
        recipe.push(("raw", "true".to_owned()));
        return octets.into();
    };
    trace.push(Layer::Filter(filter));
    if filter == Filter::Base64 {
        match Lines::of(octets) {
            Lines::NONE => *encoded = Some(octets),
            lines => recipe.push(("lines", lines.to_string())),
        }
    }
    decoded.into()
}

/// The body of an entity, decoded; the recipe for it is noted.
fn body(entity: &Entity<'_>, trace: &mut Vec<Layer>, recipe: &mut Vec<(&'static str, String)>) -> Vec<u8> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    recipe.push(("head", text(entity.head)));
    if !entity.tail.is_empty() {
        recipe.push(("tail", text(entity.tail)));
    }
    match entity.encoding.as_str() {
        "base64" => {
            if let Some(decoded) = base64::decode(entity.body) {
                trace.push(Layer::TransferBase64);
                recipe.push(("body", Lines::of(entity.body).to_string()));
                return decoded;
            }
        }
        "quoted-printable" => {
            trace.push(Layer::TransferQuotedPrintable);
            // There are many ways to write it, so the octets as they were cannot be promised.
            return mime::unquoted(entity.body);
        }
        _ => {}
    }
    entity.body.to_vec()
}

/// Wraps a document by a recipe; nothing if the recipe cannot be read.
pub(super) fn wrap(filter: Filter, recipe: &[(&'static str, String)], document: &[u8]) -> Option<Vec<u8>> {
    let find = |name: &str| {
        recipe
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    let mut octets = Vec::with_capacity(document.len() * 2);
    if let Some(head) = find("head") {
        octets.extend_from_slice(head.as_bytes());
        match find("body") {
            Some(lines) => base64::encode_lines(document, Lines::parse(lines)?, &mut octets),
            None => octets.extend_from_slice(document),
        }
        octets.extend_from_slice(find("tail").unwrap_or_default().as_bytes());
    } else {
        octets.extend_from_slice(document);
    }
    if find("raw").is_some() {
        return Some(octets);
    }
    match filter {
        Filter::Base64 => {
            let lines = match find("lines") {
                Some(lines) => Lines::parse(lines)?,
                None => Lines::NONE,
            };
            let mut filtered = Vec::with_capacity(octets.len() * 4 / 3 + 4);
            base64::encode_lines(&octets, lines, &mut filtered);
            Some(filtered)
        }
        Filter::Hexadecimal => {
            let digits = octets.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            Some(
                digits
                    .map(|digit| {
                        b"0123456789ABCDEF"
                            .get(usize::from(digit))
                            .copied()
                            .unwrap_or(b'0')
                    })
                    .collect(),
            )
        }
        Filter::Absent | Filter::Unfiltered | Filter::Ascii | Filter::Other => Some(octets),
    }
}

impl Unwrapped<'_> {
    /// Looks for what the document says of itself.
    fn look_inside(&mut self) {
        match self.media_type.as_ref() {
            "text/xml" if memchr::memmem::find(&self.document, b"<ClinicalDocument").is_some() => {
                let inner = memchr::memmem::find(&self.document, b"<nonXMLBody").is_some();
                self.trace.push(if inner {
                    Layer::UnstructuredCda
                } else {
                    Layer::StructuredCda
                });
                self.document_code = recognise::cda_code(&self.document);
            }
            FHIR_JSON => {
                self.trace.push(Layer::FhirResource);
            }
            _ => {}
        }
    }

    /// Leaves out of the recipe what the way back writes anyway: a `BIN` is wrapped in MIME, in one way.
    fn forget_what_is_usual(&mut self, filter: Filter) {
        let usual = [
            ("head", mime::usual_head(&self.media_type, self.title.as_deref())),
            ("body", mime::USUAL_LINES.to_owned()),
        ];
        let resource = self.media_type == FHIR_JSON;
        let usual_bin = if resource {
            self.recipe.iter().all(|(name, _)| *name == "bare")
        } else {
            self.recipe == usual
        };
        if filter == Filter::Absent && usual_bin {
            self.recipe.clear();
        }
        if resource && self.holds_document {
            // A way back would take the document out of it.
            self.recipe.push(("resource", "true".to_owned()));
        }
    }
}

fn unhex(octets: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = octets.as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = pairs.iter().map(|[high, low]| {
        let value = digit(*high)? * 16 + digit(*low)?;
        u8::try_from(value).ok()
    });
    rest.is_empty().then(|| bytes.collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const CDA: &str = "<?xml version=\"1.0\"?>\r\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><code code=\"11506-3\" codeSystem=\"2.16.840.1.113883.6.1\"/></ClinicalDocument>";

    #[track_caller]
    fn check(filter: Filter, octets: &str, document: &str, media_type: &str, trace: &[Layer]) {
        let payload = Payload {
            filter,
            octets: octets.as_bytes().to_vec(),
            ..Payload::default()
        };
        let found = unwrap(&payload);
        assert_eq!(String::from_utf8_lossy(&found.document), document);
        assert_eq!(found.media_type, media_type);
        assert_eq!(found.trace, trace);
        assert!(found.exact, "the way back gives the same octets");
    }

    fn encoded(text: &str, lines: Lines) -> String {
        let mut out = Vec::new();
        base64::encode_lines(text.as_bytes(), lines, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_bare_document_is_recognised_by_its_bytes() {
        use Layer::StructuredCda;
        check(Filter::Absent, CDA, CDA, "text/xml", &[StructuredCda]);
        check(Filter::Ascii, "%PDF-1.7 x", "%PDF-1.7 x", "application/pdf", &[]);
        check(
            Filter::Unfiltered,
            "just a note",
            "just a note",
            "text/plain",
            &[],
        );
        check(Filter::Unfiltered, "é\n\t", "é\n\t", "text/plain", &[]);
        check(
            Filter::Unfiltered,
            "a\u{1}b",
            "a\u{1}b",
            "application/octet-stream",
            &[],
        );
        let resource = r#"{ "resourceType": "Binary" }"#;
        check(
            Filter::Absent,
            resource,
            resource,
            FHIR_JSON,
            &[Layer::FhirResource],
        );
    }

    #[test]
    fn filters_are_undone_and_the_code_of_a_cda_is_found() {
        let filter = Layer::Filter(Filter::Base64);
        let plain = encoded(CDA, Lines::NONE);
        check(
            Filter::Base64,
            &plain,
            CDA,
            "text/xml",
            &[filter, Layer::StructuredCda],
        );
        let lines = encoded(CDA, Lines::parse("76 crlf end").unwrap());
        check(
            Filter::Base64,
            &lines,
            CDA,
            "text/xml",
            &[filter, Layer::StructuredCda],
        );
        check(
            Filter::Hexadecimal,
            "25504446",
            "%PDF",
            "text/plain",
            &[Layer::Filter(Filter::Hexadecimal)],
        );
        let payload = Payload {
            octets: CDA.as_bytes().to_vec(),
            ..Payload::default()
        };
        assert_eq!(unwrap(&payload).document_code.as_deref(), Some("11506-3"));
    }

    #[test]
    fn mime_and_its_encoding_are_undone() {
        let head = "MIME-Version: 1.0\r\nContent-Type: application/pdf; name=a.pdf\r\n\
                    Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"op.pdf\"\r\n\r\n";
        let entity = format!(
            "{head}{}",
            encoded("%PDF-1.4", Lines::parse("76 crlf end").unwrap())
        );
        let layers = [Layer::Mime, Layer::TransferBase64];
        check(Filter::Absent, &entity, "%PDF-1.4", "application/pdf", &layers);
        let doubled = encoded(&entity, Lines::NONE);
        let layers = [Layer::Filter(Filter::Base64), Layer::Mime, Layer::TransferBase64];
        check(Filter::Base64, &doubled, "%PDF-1.4", "application/pdf", &layers);
        let payload = Payload {
            octets: entity.into_bytes(),
            ..Payload::default()
        };
        assert_eq!(unwrap(&payload).title.as_deref(), Some("op.pdf"));
    }

    #[test]
    fn the_first_part_of_several_is_the_document() {
        let entity = "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\npreamble\r\n--b1\r\n\
                      Content-Type: text/xml\r\n\r\n<?xml?><a/>\r\n--b1\r\nContent-Type: text/plain\r\n\r\nmore\r\n--b1--\r\n";
        check(
            Filter::Absent,
            entity,
            "<?xml?><a/>",
            "text/xml",
            &[Layer::MimePart],
        );
    }

    #[test]
    fn octets_that_break_their_filter_are_taken_as_they_are() {
        let broken = Layer::BrokenFilter(Filter::Base64);
        check(
            Filter::Base64,
            "!!!not base64!!!",
            "!!!not base64!!!",
            "text/plain",
            &[broken],
        );
    }
}
