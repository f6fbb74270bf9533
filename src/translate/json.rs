//! Says a draft as JSON.

use super::draft::Content;
use super::draft::Draft;
use super::draft::Key;
use super::draft::NodeId;
use crate::mapping::Program;

impl Draft {
    /// Appends a document as JSON text.
    pub(super) fn json(&self, program: &Program, node: NodeId, out: &mut Vec<u8>) {
        match self.node(node).content {
            Content::Object => {
                let mut separator = b'{';
                for child in self.children(node) {
                    if self.is_empty(child) {
                        continue;
                    }
                    out.push(separator);
                    separator = b',';
                    if let Key::Member(name) = self.node(child).key {
                        out.extend_from_slice(program.quoted(name).as_bytes());
                        out.push(b':');
                    }
                    self.json(program, child, out);
                }
                if separator == b'{' {
                    out.push(b'{');
                }
                out.push(b'}');
            }
            Content::List => {
                let mut separator = b'[';
                self.each_item(node, &mut |child| {
                    out.push(separator);
                    separator = b',';
                    self.json(program, child, out);
                });
                if separator == b'[' {
                    out.push(b'[');
                }
                out.push(b']');
            }
            Content::Text(span) => quote(self.said(span), out),
            Content::Known(text) => out.extend_from_slice(program.quoted(text).as_bytes()),
            Content::Bare(span) | Content::Raw(span) => out.extend_from_slice(self.said(span)),
            Content::KnownBare(text) => out.extend_from_slice(program.text(text).as_bytes()),
            // The parts of a transaction have no place in JSON.
            Content::Loop(_) | Content::Segment(_) | Content::Octets(_) | Content::Count => {}
        }
    }

    /// The items of a list that hold something: in the order of their numbers where they have any, as they came elsewhere.
    pub(super) fn each_item(&self, list: NodeId, see: &mut impl FnMut(NodeId)) {
        let number = |item: NodeId| match self.node(item).key {
            Key::Item(index) => Some(index),
            _ => None,
        };
        let holding = || self.children(list).filter(|item| !self.is_empty(*item));
        if self.is_single(list) || self.children(list).is_sorted_by_key(number) {
            holding().for_each(see);
            return;
        }
        let mut items: Vec<NodeId> = holding().collect();
        if items.iter().all(|item| number(*item).is_some()) {
            items.sort_by_key(|item| number(*item));
        }
        items.into_iter().for_each(see);
    }
}

/// Appends a JSON string.
#[inline]
pub(super) fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        escape(text, out);
    }
    out.push(b'"');
}

/// Whether a text stands in JSON as it is.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    // A block is looked at whole and without a jump, so that the compiler makes vectors of it.
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | needs_escape(*byte));
    let (blocks, rest) = text.as_chunks::<64>();
    !blocks.iter().any(|block| any(block)) && !any(rest)
}

#[cold]
fn escape(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
}

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        let mut out = Vec::new();
        quote("a\"b\\c\n\u{1}é".as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a\\\"b\\\\c\\n\\u0001é\"");
        // Wherever in a block it stands.
        for at in 0..130 {
            let mut text = vec![b'x'; 130];
            text[at] = b'"';
            let mut out = Vec::new();
            quote(&text, &mut out);
            assert_eq!(out.len(), 133, "{at}");
            assert_eq!(&out[at + 1..at + 3], b"\\\"", "{at}");
        }
    }
}
