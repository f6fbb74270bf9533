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
                        quote(program.text(name).as_bytes(), out);
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
                for child in self.items(node) {
                    out.push(separator);
                    separator = b',';
                    self.json(program, child, out);
                }
                if separator == b'[' {
                    out.push(b'[');
                }
                out.push(b']');
            }
            Content::Text(span) => quote(self.said(span), out),
            Content::Known(text) => quote(program.text(text).as_bytes(), out),
            Content::Bare(span) | Content::Raw(span) => out.extend_from_slice(self.said(span)),
            Content::KnownBare(text) => out.extend_from_slice(program.text(text).as_bytes()),
            // The parts of a transaction have no place in JSON.
            Content::Loop(_) | Content::Segment(_) | Content::Octets(_) | Content::Count => {}
        }
    }

    /// The items of a list that hold something: numbered ones by their numbers, in between the others as they came.
    pub(super) fn items(&self, list: NodeId) -> Vec<NodeId> {
        let mut items: Vec<NodeId> = self.children(list).filter(|item| !self.is_empty(*item)).collect();
        let numbered = |item: &NodeId| matches!(self.node(*item).key, Key::Item(_));
        if items.iter().all(numbered) {
            items.sort_by_key(|item| match self.node(*item).key {
                Key::Item(index) => index,
                _ => u16::MAX,
            });
        }
        items
    }

    /// Whether a node is an object or a list without anything in it.
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        match self.node(node).content {
            Content::Object | Content::List => self.children(node).all(|child| self.is_empty(child)),
            _ => false,
        }
    }
}

/// Appends a JSON string.
pub(super) fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    if text.iter().any(|byte| needs_escape(*byte)) {
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
    } else {
        out.extend_from_slice(text);
    }
    out.push(b'"');
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
    }
}
