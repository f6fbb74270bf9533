//! ED: Attachment.

use std::borrow::Cow;

use crate::ccda::Base64Body;
use crate::ccda::Base64Fault;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::note;

/// What files begin with, and what they are.
const MAGIC: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"{\\rtf", "text/rtf"),
];

/// Whether two names are those of one type.
fn is_same(declared: &str, found: &str) -> bool {
    // Rich text has two names, and both are right.
    declared.eq_ignore_ascii_case(found) || declared.ends_with("/rtf") && found.ends_with("/rtf")
}

impl<'t> Conversion<'t> {
    /// Writes an Attachment; an URL in it is only data and is never followed.
    pub(in crate::translate::ccda) fn attachment(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.attachment_of(slot, node))
    }

    fn attachment_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let object = self.w.open(slot.typed("Attachment"));
        let declared = node.attribute(n::MEDIA_TYPE);
        if node.attribute(n::REPRESENTATION) == Some("B64") {
            self.base64_attachment(node, declared);
        } else {
            self.text_attachment(node, declared);
        }
        let written = self.w.wrote_since(object);
        if written && let Some(language) = node.attribute(n::LANGUAGE) {
            self.w.text("language", language);
        }
        self.w.close(object)
    }

    fn base64_attachment(&mut self, node: Node<'t>, declared: Option<&'t str>) {
        let text = own_text(node);
        let body = match Base64Body::check(text) {
            Ok(body) => body,
            Err(fault) => {
                let kind = match fault {
                    Base64Fault::Character => note::BAD_BASE64,
                    Base64Fault::Truncated => note::SHORT_BASE64,
                };
                self.note(kind, node);
                if let Some(declared) = declared {
                    self.w.text("contentType", declared);
                }
                return;
            }
        };
        let compression = node.attribute(n::COMPRESSION);
        if compression.is_some() {
            self.note(note::COMPRESSED, node);
        }
        // FHIR has no word for compression beside the type: a reader must not take it for what is inside.
        let declared = match compression {
            None => declared,
            Some("GZ") => Some("application/gzip"),
            Some("ZL") => Some("application/zlib"),
            Some("BZ") => Some("application/x-bzip2"),
            Some("Z") => Some("application/x-compress"),
            Some(_) => Some("application/octet-stream"),
        };
        let head = body.head(8);
        let found = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
        let media_type = match (declared, found) {
            (Some(declared), Some((_, found))) if !is_same(declared, found) => {
                self.note(note::MEDIA_TYPE, node);
                found
            }
            (Some(declared), _) => declared,
            (None, Some((_, found))) => found,
            (None, None) => "application/octet-stream",
        };
        self.w.text("contentType", media_type);
        let data = self.w.open_text("data");
        for piece in body.pieces() {
            self.w.out.push_str(piece);
        }
        self.w.close_text(data);
        self.w.raw("size", &body.octets().to_string());
    }

    fn text_attachment(&mut self, node: Node<'t>, declared: Option<&'t str>) {
        let reference = node
            .child(n::REFERENCE)
            .and_then(|reference| reference.attribute(n::VALUE));
        let own = own_text(node);
        if own.trim().is_empty() {
            match reference {
                Some(reference)
                    if !reference.starts_with('#') && self.narrative_node(reference).is_none() =>
                {
                    self.w.text("contentType", declared.unwrap_or_default());
                    if !reference.contains(char::is_whitespace) && !is_script(reference) {
                        self.w.text("url", reference);
                    }
                    return;
                }
                _ => {}
            }
        }
        let Some(text) = self.text_of(node) else {
            self.w.text("contentType", declared.unwrap_or_default());
            return;
        };
        self.w.text("contentType", declared.unwrap_or("text/plain"));
        let data = self.w.open_text("data");
        encode(text.trim().as_bytes(), &mut self.w.out);
        self.w.close_text(data);
    }
}

/// Whether a browser would run what `url` says.
fn is_script(url: &str) -> bool {
    let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    matches!(scheme.as_str(), "javascript" | "vbscript" | "data")
}

fn own_text(node: Node<'_>) -> Cow<'_, str> {
    let mut texts = node
        .children()
        .filter(|child| child.is_text())
        .map(Node::own_text);
    let mut all = Cow::Borrowed(texts.next().unwrap_or_default());
    for text in texts {
        all.to_mut().push_str(text);
    }
    all
}

/// Writes `bytes` in base64.
pub(in crate::translate::ccda) fn encode(bytes: &[u8], out: &mut String) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |group: u32, place: u32| {
        let index = (group >> (18 - 6 * place)) & 63;
        LETTERS
            .get(index as usize)
            .map_or('A', |letter| char::from(*letter))
    };
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = 0_u32;
        for place in 0..3 {
            group = (group << 8) | u32::from(chunk.get(place).copied().unwrap_or_default());
        }
        for place in 0..4 {
            out.push(if place as usize <= chunk.len() {
                letter(group, place)
            } else {
                '='
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_encoded() {
        for (bytes, expected) in [("", ""), ("A", "QQ=="), ("AB", "QUI="), ("ABC", "QUJD")] {
            let mut out = String::new();
            encode(bytes.as_bytes(), &mut out);
            assert_eq!(out, expected);
        }
    }
}
