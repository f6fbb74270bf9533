//! Finds the nodes of a JSON text.

use super::resource::Index;
use super::resource::JsonKind;
use super::resource::JsonNode;
use super::resource::NONE;
use super::resource::Resources;
use super::resource::Text;

/// The most objects and arrays inside one another.
const MAX_DEPTH: usize = 128;

/// So far a string is looked at eight bytes at a time.
const SHORT: usize = 32;

/// In each byte the lowest bit, and the highest.
const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// Adds the nodes of a text; gives the first of them, or where reading stopped.
pub(super) fn read(text: &[u8], document: u32, into: &mut Resources<'_>) -> Result<Index, usize> {
    // A node takes some twenty bytes of text, or very many.
    into.nodes.reserve((text.len() / 24).min(512));
    let mut scanner = Scanner {
        text,
        at: 0,
        document,
        into,
    };
    let root = scanner.document();
    root.ok_or(scanner.at)
}

/// A place in a text as nodes keep it; texts beyond four gigabytes were refused.
pub(super) fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}

/// Walks one text.
struct Scanner<'s, 't> {
    text: &'s [u8],
    at: usize,
    document: u32,
    into: &'s mut Resources<'t>,
}

/// Where in the structure of a text a scanner is.
struct Open {
    /// The object or array that is open, if one is.
    holder: Index,
    /// What closes it.
    close: u8,
    /// What stands last in it so far.
    before: Index,
    depth: usize,
}

impl Scanner<'_, '_> {
    fn document(&mut self) -> Option<Index> {
        let root = short(self.into.nodes.len());
        let mut open = Open {
            holder: NONE,
            close: 0,
            before: NONE,
            depth: 0,
        };
        loop {
            self.value(&mut open)?;
            if self.after(&mut open)? {
                break;
            }
        }
        self.blanks();
        (self.at == self.text.len()).then_some(root)
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next value: a whole one, or the beginning of an object or array that holds something.
    #[inline]
    fn value(&mut self, open: &mut Open) -> Option<()> {
        loop {
            let name = match open.close {
                b'}' => self.name()?,
                _ => Text::default(),
            };
            self.blanks();
            let index = short(self.into.nodes.len());
            let mut node = JsonNode {
                kind: JsonKind::Bare,
                parent: open.holder,
                first: NONE,
                next: NONE,
                document: self.document,
                start: short(self.at),
                end: 0,
                name,
                text: Text::default(),
            };
            let mut close = 0;
            match self.peek()? {
                b'"' => {
                    node.kind = JsonKind::Text;
                    node.text = self.string()?;
                }
                b'{' => (node.kind, close) = (JsonKind::Object, b'}'),
                b'[' => (node.kind, close) = (JsonKind::Array, b']'),
                first => {
                    if first == b'n' {
                        node.kind = JsonKind::Null;
                    }
                    self.word()?;
                }
            }
            if close != 0 {
                if open.depth == MAX_DEPTH {
                    return None;
                }
                self.at += 1;
                self.blanks();
                if self.peek() == Some(close) {
                    self.at += 1;
                    close = 0;
                }
            }
            node.end = short(self.at);
            self.into.nodes.push(node);
            self.link(index, open);
            if close == 0 {
                return Some(());
            }
            *open = Open {
                holder: index,
                close,
                before: NONE,
                depth: open.depth + 1,
            };
        }
    }

    /// The name of a member, with the colon behind it.
    #[inline]
    fn name(&mut self) -> Option<Text> {
        self.blanks();
        let name = self.string()?;
        self.blanks();
        (self.peek() == Some(b':')).then(|| self.at += 1)?;
        Some(name)
    }

    /// Hangs a node behind the one before it, or below the one that holds it.
    #[inline]
    fn link(&mut self, index: Index, open: &mut Open) {
        if open.before != NONE {
            if let Some(node) = self.into.nodes.get_mut(open.before as usize) {
                node.next = index;
            }
        } else if let Some(node) = self.into.nodes.get_mut(open.holder as usize) {
            node.first = index;
        }
        open.before = index;
    }

    /// What stands behind a value: a comma, or the ends of what holds it; says whether the document is at its end.
    #[inline]
    fn after(&mut self, open: &mut Open) -> Option<bool> {
        while open.holder != NONE {
            self.blanks();
            let byte = self.peek()?;
            if byte != b',' && byte != open.close {
                return None;
            }
            self.at += 1;
            if byte == b',' {
                return Some(false);
            }
            let end = short(self.at);
            let node = self.into.nodes.get_mut(open.holder as usize)?;
            node.end = end;
            let (closed, holder) = (open.holder, node.parent);
            let close = match self.into.nodes.get(holder as usize).map(|node| node.kind) {
                Some(JsonKind::Object) => b'}',
                _ => b']',
            };
            *open = Open {
                holder,
                close,
                before: closed,
                depth: open.depth - 1,
            };
        }
        Some(true)
    }

    /// A string, from its opening to behind its closing quotation mark.
    #[inline]
    fn string(&mut self) -> Option<Text> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at + 1;
        let rest = self.text.get(start..)?;
        let length = plain_length(rest)?;
        if rest.get(length) == Some(&b'"') {
            self.at = start + length + 1;
            return Some(Text {
                start: short(start),
                length: short(length),
                resolved: false,
            });
        }
        self.escaped(start)
    }

    /// A string with escapes, which are resolved beside the text.
    fn escaped(&mut self, start: usize) -> Option<Text> {
        let begin = self.into.resolved.len();
        self.at = start;
        loop {
            let rest = self.text.get(self.at..)?;
            let plain = memchr::memchr2(b'"', b'\\', rest)?;
            self.into.resolved.extend_from_slice(rest.get(..plain)?);
            self.at += plain + 1;
            if rest.get(plain) == Some(&b'"') {
                return Some(Text {
                    start: short(begin),
                    length: short(self.into.resolved.len() - begin),
                    resolved: true,
                });
            }
            let letter = self.peek()?;
            self.at += 1;
            let byte = match letter {
                b'"' | b'\\' | b'/' => letter,
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'b' => 0x08,
                b'f' => 0x0c,
                b'u' => {
                    let character = self.unicode()?;
                    let mut bytes = [0; 4];
                    let text = character.encode_utf8(&mut bytes);
                    self.into.resolved.extend_from_slice(text.as_bytes());
                    continue;
                }
                _ => return None,
            };
            self.into.resolved.push(byte);
        }
    }

    /// The character behind `\u`, two of them where a pair makes one.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xd800..0xe000).contains(&high) {
            return char::from_u32(high);
        }
        if self.text.get(self.at..self.at + 2)? != b"\\u" {
            return None;
        }
        self.at += 2;
        let low = self.hex()?;
        let pair = (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low);
        pair.then(|| char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)))?
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |sum, digit| {
            let value = char::from(*digit).to_digit(16)?;
            Some(sum * 16 + value)
        })
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let ends = |byte: &u8| !(byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let word = rest.get(..length)?;
        self.at += length;
        let number = word
            .strip_prefix(b"-")
            .unwrap_or(word)
            .first()
            .is_some_and(u8::is_ascii_digit);
        (number || matches!(word, b"true" | b"false" | b"null")).then_some(())
    }
}

/// How many bytes stand before the first quotation mark or backslash.
#[inline]
fn plain_length(text: &[u8]) -> Option<usize> {
    // Nearly all strings are too short for a call.
    let (near, _) = text.get(..SHORT).unwrap_or(text).as_chunks::<8>();
    for (number, eight) in near.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        // Marks a byte that is the one searched for; only above it there may be others that are not.
        let marks = |byte: u8| {
            let differs = word ^ (ONES * u64::from(byte));
            differs.wrapping_sub(ONES) & !differs & TOPS
        };
        let found = marks(b'"') | marks(b'\\');
        if found != 0 {
            return Some(number * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let seen = near.len() * 8;
    memchr::memchr2(b'"', b'\\', text.get(seen..)?).map(|more| seen + more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_where_a_byte_after_the_other_says() {
        for length in 0..80 {
            for byte in [b'"', b'\\'] {
                for filler in [b'a', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff, 0] {
                    let mut text = vec![filler; length];
                    text.push(byte);
                    text.extend_from_slice(b"\"\\ab\"");
                    assert_eq!(plain_length(&text), Some(length), "{filler} {length}");
                    assert_eq!(plain_length(&vec![filler; length]), None);
                }
            }
        }
    }
}
