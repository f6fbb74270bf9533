//! Finds the nodes of a JSON text.

use super::resource::Index;
use super::resource::JsonKind;
use super::resource::JsonNode;
use super::resource::NONE;
use super::resource::Resources;
use super::resource::Text;

/// The most objects and arrays inside one another.
const MAX_DEPTH: usize = 128;

/// So far a string is looked at byte by byte.
const SHORT: usize = 24;

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

impl Scanner<'_, '_> {
    fn document(&mut self) -> Option<Index> {
        let root = self.value(NONE, Text::default(), 0)?;
        self.blanks();
        (self.at == self.text.len()).then_some(root)
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn value(&mut self, parent: Index, name: Text, depth: usize) -> Option<Index> {
        self.blanks();
        let index = short(self.into.nodes.len());
        let kind = match self.peek()? {
            b'{' => JsonKind::Object,
            b'[' => JsonKind::Array,
            b'"' => JsonKind::Text,
            b'n' => JsonKind::Null,
            _ => JsonKind::Bare,
        };
        self.into.nodes.push(JsonNode {
            kind,
            parent,
            first: NONE,
            next: NONE,
            document: self.document,
            start: short(self.at),
            end: 0,
            name,
            text: Text::default(),
        });
        match kind {
            JsonKind::Object | JsonKind::Array => self.inside(index, kind, depth)?,
            JsonKind::Text => {
                let text = self.string()?;
                if let Some(node) = self.into.nodes.get_mut(index as usize) {
                    node.text = text;
                }
            }
            JsonKind::Bare | JsonKind::Null => self.word()?,
        }
        let end = short(self.at);
        if let Some(node) = self.into.nodes.get_mut(index as usize) {
            node.end = end;
        }
        Some(index)
    }

    /// The inside of an object or array.
    fn inside(&mut self, index: Index, kind: JsonKind, depth: usize) -> Option<()> {
        if depth == MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let close = if kind == JsonKind::Object { b'}' } else { b']' };
        if self.take(close).is_some() {
            return Some(());
        }
        let mut before = NONE;
        loop {
            let mut name = Text::default();
            if kind == JsonKind::Object {
                self.blanks();
                name = self.string()?;
                self.take(b':')?;
            }
            let child = self.value(index, name, depth + 1)?;
            let link = if before == NONE { index } else { before };
            if let Some(node) = self.into.nodes.get_mut(link as usize) {
                if before == NONE {
                    node.first = child;
                } else {
                    node.next = child;
                }
            }
            before = child;
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    /// A string, from its opening to behind its closing quotation mark.
    fn string(&mut self) -> Option<Text> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at + 1;
        let rest = self.text.get(start..)?;
        // Nearly all are too short for a call.
        let (near, far) = rest.split_at_checked(SHORT).unwrap_or((rest, &[]));
        let length = match near.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            Some(length) => length,
            None => near.len() + memchr::memchr2(b'"', b'\\', far)?,
        };
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
