//! What a payload seems to be, told by its first octets: what it says, what it is packed in, or nothing.

use std::fmt;

use super::base64;

/// Octets that are looked at.
pub(crate) const PREFIX: usize = 4096;
/// Packings that are undone before giving up.
const DEEPEST: usize = 6;
/// The longest media type that is repeated.
const LONGEST: usize = 60;

/// What something seems to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Nothing at all.
    Empty,
    /// A PDF document.
    Pdf,
    /// A TIFF image.
    Tiff,
    /// A JPEG image.
    Jpeg,
    /// A PNG image.
    Png,
    /// An HL7 clinical document.
    Cda,
    /// Another XML document.
    Xml,
    /// A rich text document.
    Rtf,
    /// A MIME entity and what its first part seems to be.
    Mime(String, Box<Kind>),
    /// Base 64 of something.
    Base64(Box<Kind>),
    /// Plain text.
    Text,
    /// None of these.
    Octets,
}

impl Kind {
    /// Tells the kind by the first octets; `whole` says that there are no others.
    pub(crate) fn of(prefix: &[u8], whole: bool) -> Self {
        look(prefix, whole, DEEPEST)
    }

    /// The usual end of a file name; from this list, never from the content.
    pub(crate) const fn extension(&self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Tiff => "tif",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Cda | Self::Xml => "xml",
            Self::Rtf => "rtf",
            Self::Mime(..) => "mime",
            Self::Base64(_) => "b64",
            Self::Text => "txt",
            Self::Empty | Self::Octets => "bin",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "nothing",
            Self::Pdf => "PDF",
            Self::Tiff => "TIFF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Cda => "XML (CDA)",
            Self::Xml => "XML",
            Self::Rtf => "RTF",
            Self::Text => "text",
            Self::Octets => "octets of no known kind",
            Self::Base64(inside) => return write!(f, "base 64 of {inside}"),
            Self::Mime(media, inside) => return write!(f, "MIME {media} of {inside}"),
        })
    }
}

fn look(octets: &[u8], whole: bool, depth: usize) -> Kind {
    let Some(depth) = depth.checked_sub(1) else {
        return Kind::Octets;
    };
    let text = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    let text = text.trim_ascii_start();
    match octets {
        [] => Kind::Empty,
        [b'%', b'P', b'D', b'F', b'-', ..] => Kind::Pdf,
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Kind::Tiff,
        [0xff, 0xd8, 0xff, ..] => Kind::Jpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Kind::Png,
        [0xff, 0xfe, b'<', 0, ..] | [0xfe, 0xff, 0, b'<', ..] => Kind::Xml,
        _ if text.starts_with(br"{\rtf") => Kind::Rtf,
        _ if text.starts_with(b"<") => xml(text),
        _ => mime(text, whole, depth)
            .or_else(|| bare_base64(text, whole, depth))
            .unwrap_or_else(|| plain(octets, whole)),
    }
}

/// A clinical document names its root; so do the documents of the first release of CDA.
fn xml(text: &[u8]) -> Kind {
    let roots = [&b"ClinicalDocument"[..], b"<levelone"];
    let is_cda = roots
        .iter()
        .any(|root| text.windows(root.len()).any(|window| window == *root));
    if is_cda { Kind::Cda } else { Kind::Xml }
}

fn plain(octets: &[u8], whole: bool) -> Kind {
    // The last character may be cut.
    let readable = match std::str::from_utf8(octets) {
        Ok(text) => text,
        Err(fault) if fault.error_len().is_none() && !whole => {
            let valid = octets.get(..fault.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return Kind::Octets,
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\r' | '\n' | '\t' | '\x0c');
    if readable.chars().all(printable) {
        Kind::Text
    } else {
        Kind::Octets
    }
}

/// Base 64 without anything that says so, if what is inside makes sense.
fn bare_base64(text: &[u8], whole: bool, depth: usize) -> Option<Kind> {
    let inside = undo_base64(text, whole)?;
    match look(&inside, whole, depth) {
        Kind::Empty | Kind::Text | Kind::Octets => None,
        known => Some(Kind::Base64(Box::new(known))),
    }
}

fn undo_base64(text: &[u8], whole: bool) -> Option<Vec<u8>> {
    let (mut decoder, mut octets) = (base64::Decoder::default(), Vec::new());
    decoder.feed(text, &mut octets).ok()?;
    if whole {
        decoder.finish(&mut octets).ok()?;
    }
    Some(octets)
}

/// The headers of a MIME entity that tell how to go on.
struct Entity<'a> {
    media: String,
    boundary: Option<Vec<u8>>,
    encoded: bool,
    body: &'a [u8],
}

/// A MIME entity, if the text begins with at least one of its headers.
fn mime(text: &[u8], whole: bool, depth: usize) -> Option<Kind> {
    let starts = [&b"mime-version:"[..], b"content-"];
    let lowered: Vec<u8> = text.iter().take(16).map(u8::to_ascii_lowercase).collect();
    if !starts.iter().any(|start| lowered.starts_with(start)) {
        return None;
    }
    let entity = read_entity(text);
    let inside = inside(&entity, whole, depth);
    Some(Kind::Mime(entity.media, Box::new(inside)))
}

fn inside(entity: &Entity<'_>, whole: bool, depth: usize) -> Kind {
    if let Some(boundary) = &entity.boundary {
        let Some((part, ended)) = first_part(entity.body, boundary) else {
            return Kind::Octets;
        };
        let whole = whole || ended;
        return mime(part, whole, depth.saturating_sub(1)).unwrap_or_else(|| look(part, whole, depth));
    }
    if entity.encoded {
        let octets = undo_base64(entity.body, whole).unwrap_or_default();
        return Kind::Base64(Box::new(look(&octets, whole, depth)));
    }
    look(entity.body, whole, depth)
}

fn read_entity(text: &[u8]) -> Entity<'_> {
    let mut entity = Entity {
        media: "text/plain".to_owned(),
        boundary: None,
        encoded: false,
        body: &[],
    };
    let mut header = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, behind) = match end {
            Some(end) => (rest.get(..end), rest.get(end + 1..)),
            None => (Some(rest), None),
        };
        let line = line.unwrap_or_default().trim_ascii_end();
        // A line that begins with a blank goes on with the header before it.
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            entity.heed(&header);
            header.clear();
        }
        header.extend_from_slice(line);
        let Some(behind) = behind else { break };
        rest = behind;
        if line.is_empty() {
            entity.body = rest;
            break;
        }
    }
    entity
}

impl Entity<'_> {
    fn heed(&mut self, header: &[u8]) {
        let Some(colon) = header.iter().position(|byte| *byte == b':') else {
            return;
        };
        let name = header.get(..colon).unwrap_or_default().to_ascii_lowercase();
        let value = header.get(colon + 1..).unwrap_or_default().trim_ascii();
        match name.as_slice() {
            b"content-transfer-encoding" => self.encoded = value.eq_ignore_ascii_case(b"base64"),
            b"content-type" => {
                let mut parts = value.split(|byte| *byte == b';');
                self.media = media(parts.next().unwrap_or_default());
                self.boundary = parts.find_map(boundary);
            }
            _ => {}
        }
    }
}

/// A media type, as far as it is one.
fn media(value: &[u8]) -> String {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(byte);
    let kept = value
        .trim_ascii()
        .iter()
        .take(LONGEST)
        .take_while(|byte| fits(byte));
    kept.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

fn boundary(parameter: &[u8]) -> Option<Vec<u8>> {
    let parameter = parameter.trim_ascii();
    let (name, value) = parameter.split_at_checked(9)?;
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let value = value.strip_suffix(b"\"").unwrap_or(value);
    name.eq_ignore_ascii_case(b"boundary=")
        .then(|| [b"--", value].concat())
}

/// What stands between the first two boundaries, and whether the second one is there.
fn first_part<'a>(body: &'a [u8], boundary: &[u8]) -> Option<(&'a [u8], bool)> {
    let find = |text: &[u8]| text.windows(boundary.len()).position(|window| window == boundary);
    let start = find(body)? + boundary.len();
    let behind = body.get(start..)?;
    let line = behind.iter().position(|byte| *byte == b'\n')?;
    let part = behind.get(line + 1..)?;
    Some(match find(part) {
        Some(end) => (part.get(..end).unwrap_or_default().trim_ascii_end(), true),
        None => (part, false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(octets: &[u8], expected: &str) {
        assert_eq!(Kind::of(octets, true).to_string(), expected);
    }

    #[test]
    fn kinds_are_told_by_their_first_octets() {
        check(b"%PDF-1.7\n", "PDF");
        check(b"II*\0\x08", "TIFF");
        check(b"MM\0*\0", "TIFF");
        check(b"\xff\xd8\xff\xe0", "JPEG");
        check(b"\x89PNG\r\n\x1a\n", "PNG");
        check(br"{\rtf1\ansi", "RTF");
        check(b"", "nothing");
        check(b"\0\x01\x02", "octets of no known kind");
        check("pain since 3 days, 37.9 °C\r\n".as_bytes(), "text");
    }

    #[test]
    fn clinical_documents_are_told_from_other_xml() {
        check(
            b"<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>",
            "XML (CDA)",
        );
        check(b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<levelone/>", "XML (CDA)");
        check(b"<note/>", "XML");
        check(b"\xff\xfe<\0n\0", "XML");
    }

    #[test]
    fn packings_are_opened() {
        check(b"JVBERi0xLjcK", "base 64 of PDF");
        check(
            b"MIME-Version: 1.0\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7",
            "MIME application/pdf of PDF",
        );
        check(
            b"Content-Type: application/pdf\nContent-Transfer-Encoding: BASE64\n\nJVBERi0x\n",
            "MIME application/pdf of base 64 of PDF",
        );
        check(
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"cut\"\r\n\r\n--cut\r\n\
              Content-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n\r\nPG5vdGUvPg==\r\n--cut--\r\n",
            "MIME multipart/mixed of MIME text/xml of base 64 of XML",
        );
    }

    #[test]
    fn lines_of_base64_are_undone() {
        check(
            b"MIME-Version: 1.0\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n\
              Content-Disposition: attachment; filename=a.xml\r\n\r\nPG5v\r\ndGUv\r\nPg==\r\n",
            "MIME text/xml of base 64 of XML",
        );
    }

    #[test]
    fn what_only_looks_like_a_packing_is_left_alone() {
        check(b"Content", "text");
        check(b"ABCDEFGH", "text");
        check(b"content-type", "MIME text/plain of nothing");
        check(
            b"Content-Type: multipart/mixed; boundary=x\n\nno boundary here",
            "MIME multipart/mixed of octets of no known kind",
        );
    }

    #[test]
    fn packings_without_end_are_given_up() {
        let mut packed = b"%PDF-".to_vec();
        for _ in 0..40 {
            packed = [b"Content-Type: a/b\n\n".as_slice(), &packed].concat();
        }
        assert!(
            Kind::of(&packed, true)
                .to_string()
                .ends_with("octets of no known kind")
        );
    }

    #[test]
    fn a_cut_prefix_is_enough() {
        let text = "é".repeat(40);
        assert_eq!(Kind::of(&text.as_bytes()[..33], false), Kind::Text);
        assert_eq!(Kind::of(&text.as_bytes()[..33], true), Kind::Octets);
        assert_eq!(
            Kind::of(b"JVBERi0xLjcK\r\nJVBER", false).to_string(),
            "base 64 of PDF"
        );
    }

    #[test]
    fn media_types_cannot_give_orders() {
        check(b"Content-Type: te\x1b[31mxt/plain\n\n<a/>", "MIME te of XML");
    }
}
