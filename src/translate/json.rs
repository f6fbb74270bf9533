//! Says a draft as JSON.

use super::draft::Content;
use super::draft::Draft;
use super::draft::Key;
use super::draft::Node;
use super::draft::NodeId;
use crate::mapping::Program;

impl Draft {
    /// Appends a document as JSON text.
    pub(super) fn json(&self, program: &Program, document: NodeId, out: &mut Vec<u8>) {
        self.value(program, self.node(document), out);
    }

    fn value(&self, program: &Program, node: &Node, out: &mut Vec<u8>) {
        match node.content {
            Content::Object => self.object(program, node, out),
            Content::List => {
                let mut separator = b'[';
                self.each_full(node, &mut |_, item| {
                    out.push(separator);
                    separator = b',';
                    self.value(program, item, out);
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

    fn object(&self, program: &Program, node: &Node, out: &mut Vec<u8>) {
        let mut is_first = true;
        let mould = node.mould.and_then(|mould| program.mould(mould).text.as_deref());
        if let Some((_, members)) = mould.and_then(|text| text.as_bytes().split_first()) {
            out.push(b'{');
            out.extend_from_slice(members);
            is_first = false;
        }
        for (_, member) in self.nodes_below(node).filter(|(_, member)| member.full) {
            let Key::Member(name) = member.key else { continue };
            let begin = program.member(name).as_bytes();
            match begin.split_first() {
                Some((_, name)) if is_first => {
                    out.push(b'{');
                    out.extend_from_slice(name);
                }
                _ => out.extend_from_slice(begin),
            }
            is_first = false;
            self.value(program, member, out);
        }
        if is_first {
            out.push(b'{');
        }
        out.push(b'}');
    }

    /// The items of a list that hold something: in the order of their numbers where they have any, as they came elsewhere.
    pub(super) fn each_item(&self, list: NodeId, see: &mut impl FnMut(NodeId)) {
        self.each_full(self.node(list), &mut |item, _| see(item));
    }

    #[inline]
    fn each_full(&self, list: &Node, see: &mut impl FnMut(NodeId, &Node)) {
        let number = |item: &Node| match item.key {
            Key::Item(index) => Some(index),
            _ => None,
        };
        let full = || self.nodes_below(list).filter(|(_, item)| item.full);
        if list.is_single() || self.nodes_below(list).is_sorted_by_key(|(_, item)| number(item)) {
            for (id, item) in full() {
                see(id, item);
            }
            return;
        }
        let mut items: Vec<(NodeId, &Node)> = full().collect();
        if items.iter().all(|(_, item)| number(item).is_some()) {
            items.sort_by_key(|(_, item)| number(item));
        }
        for (id, item) in items {
            see(id, item);
        }
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
    if blocks.iter().any(|block| any(block)) {
        return false;
    }
    let Some(last) = rest.last_chunk::<8>() else {
        return !any(rest);
    };
    // The last eight may have been looked at before.
    let (words, _) = rest.as_chunks::<8>();
    !words.iter().chain([last]).any(|word| any_needs_escape(*word))
}

/// Whether any of eight bytes needs an escape: bit tricks that look at all of them at once.
#[inline]
const fn any_needs_escape(bytes: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    const fn any_below(bytes: u64, least: u64) -> u64 {
        bytes.wrapping_sub(ONES * least) & !bytes & HIGHEST
    }
    let bytes = u64::from_ne_bytes(bytes);
    let quotes = bytes ^ (ONES * b'"' as u64);
    let backslashes = bytes ^ (ONES * b'\\' as u64);
    any_below(bytes, 0x20) | any_below(quotes, 1) | any_below(backslashes, 1) != 0
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
    }

    #[test]
    fn what_must_be_escaped_is_seen_wherever_it_stands_and_nothing_else_is() {
        for length in (0..20).chain([63, 64, 65, 130]) {
            for byte in 0..=255 {
                let mut text = vec![b'x'; length];
                assert!(is_plain(&text));
                for at in 0..length {
                    text[at] = byte;
                    assert_eq!(is_plain(&text), !needs_escape(byte), "{byte} at {at} of {length}");
                    text[at] = 0xff;
                }
            }
        }
    }
}
