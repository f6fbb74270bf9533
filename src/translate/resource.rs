//! Resources as a source: JSON texts as one flat list of nodes over the texts themselves.
//!
//! Nothing is copied but texts with escapes in them; a subtree is still the bytes that the sender wrote, so that a
//! signed resource can be passed on as it came.

use std::fmt;

/// Which node of the source.
pub(super) type Index = u32;

pub(super) const NONE: Index = u32::MAX;

/// One JSON value.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonNode {
    pub(super) kind: JsonKind,
    pub(super) parent: Index,
    pub(super) first: Index,
    pub(super) next: Index,
    /// Which text it is in.
    document: u32,
    /// The bytes of the value, with the quotation marks of a string.
    start: u32,
    end: u32,
    /// The name of the member that it is; empty for items.
    name: Text,
    /// The text of a string.
    text: Text,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum JsonKind {
    Object,
    Array,
    Text,
    /// A number, `true` or `false`.
    Bare,
    Null,
}

/// Some text: in a document, or with its escapes resolved beside it.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    start: u32,
    length: u32,
    resolved: bool,
}

/// Some resources, read.
pub struct Resources<'t> {
    documents: Vec<&'t [u8]>,
    resolved: Vec<u8>,
    pub(super) nodes: Vec<JsonNode>,
    pub(super) roots: Vec<Index>,
}

/// A text that is no JSON, or nests too deep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotJson {
    /// Which text, from zero.
    pub document: usize,
    /// The byte at which reading stopped.
    pub offset: usize,
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not JSON at byte {}", self.offset)
    }
}

impl std::error::Error for NotJson {}

/// Shows sizes only: a resource names a person.
impl fmt::Debug for Resources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources")
            .field("documents", &self.documents.len())
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

/// The most objects and arrays inside one another.
const MAX_DEPTH: usize = 128;

impl<'t> Resources<'t> {
    /// Reads JSON texts, each a resource. Doors have read them strictly before; this only finds its way in them.
    ///
    /// # Errors
    /// Refuses what is no JSON and what nests deeper than 128 levels.
    pub fn read(documents: &[&'t [u8]]) -> Result<Self, NotJson> {
        let mut found = Self {
            documents: documents.to_vec(),
            resolved: Vec::new(),
            nodes: Vec::new(),
            roots: Vec::new(),
        };
        for (number, text) in documents.iter().enumerate() {
            let fault = |offset| NotJson {
                document: number,
                offset,
            };
            if u32::try_from(text.len()).is_err() {
                return Err(fault(0));
            }
            let mut scanner = Scanner {
                text,
                at: 0,
                document: short(number),
                into: &mut found,
            };
            let read = scanner.document();
            let at = scanner.at;
            let root = read.ok_or_else(|| fault(at))?;
            found.roots.push(root);
        }
        Ok(found)
    }

    pub(super) fn node(&self, index: Index) -> Option<&JsonNode> {
        self.nodes.get(index as usize)
    }

    /// The values directly inside of one.
    pub(super) fn children(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        let mut next = self.node(index).map_or(NONE, |node| node.first);
        std::iter::from_fn(move || {
            let node = self.node(next)?;
            let found = next;
            next = node.next;
            Some(found)
        })
    }

    /// The member of a name.
    #[inline]
    pub(super) fn member(&self, index: Index, name: &[u8]) -> Option<Index> {
        self.children(index).find(|child| self.name(*child) == name)
    }

    /// The name of the member that a value is; empty for items.
    #[inline]
    pub(super) fn name(&self, index: Index) -> &[u8] {
        self.node(index)
            .map(|node| self.text_of(node.document, node.name))
            .unwrap_or_default()
    }

    /// The text of a string, or the digits or word of another leaf.
    #[inline]
    pub(super) fn text(&self, index: Index) -> &[u8] {
        match self.node(index) {
            Some(node) if node.kind == JsonKind::Text => self.text_of(node.document, node.text),
            Some(node) if node.kind == JsonKind::Bare => self.bytes(index),
            _ => &[],
        }
    }

    /// The bytes of a value as they were sent.
    pub(super) fn bytes(&self, index: Index) -> &'t [u8] {
        let Some(node) = self.node(index) else {
            return &[];
        };
        let text = self
            .documents
            .get(node.document as usize)
            .copied()
            .unwrap_or_default();
        text.get(node.start as usize..node.end as usize)
            .unwrap_or_default()
    }

    fn text_of(&self, document: u32, text: Text) -> &[u8] {
        let whole: &[u8] = if text.resolved {
            &self.resolved
        } else {
            self.documents.get(document as usize).copied().unwrap_or_default()
        };
        let start = text.start as usize;
        whole.get(start..start + text.length as usize).unwrap_or_default()
    }

    /// Where a value stands, as names and indices.
    pub(super) fn path(&self, index: Index) -> String {
        let mut steps = Vec::new();
        let mut here = index;
        let mut top = index;
        while let Some(node) = self.node(here) {
            top = here;
            let in_array = self
                .node(node.parent)
                .is_some_and(|parent| parent.kind == JsonKind::Array);
            if in_array {
                let before = self.children(node.parent).take_while(|child| *child != here);
                steps.push(format!("[{}]", before.count()));
            } else if node.parent != NONE {
                steps.push(format!(".{}", String::from_utf8_lossy(self.name(here))));
            }
            here = node.parent;
        }
        let kind = self.member(top, b"resourceType").map(|kind| self.text(kind));
        let mut path = String::from_utf8_lossy(kind.unwrap_or(b"Resource")).into_owned();
        if self.roots.len() > 1 {
            let number = self.roots.iter().position(|root| *root == top);
            path.extend(["(", &(number.unwrap_or(0) + 1).to_string(), ")"]);
        }
        steps.reverse();
        path.push_str(&steps.concat());
        path
    }
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}

/// Walks one text.
struct Scanner<'s, 't> {
    text: &'t [u8],
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
        let length = memchr::memchr2(b'"', b'\\', rest)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, usize>) {
        let documents = [text.as_bytes()];
        let found = Resources::read(&documents);
        let leaves = found.as_ref().map(|found| {
            let all = 0..short(found.nodes.len());
            let leaf = |index: &Index| {
                !matches!(
                    found.node(*index).unwrap().kind,
                    JsonKind::Object | JsonKind::Array
                )
            };
            let leaves = all.filter(leaf).map(|index| {
                let text = String::from_utf8(found.text(index).to_vec()).unwrap();
                format!("{}={text}", found.path(index))
            });
            leaves.collect::<Vec<String>>().join(" ")
        });
        assert_eq!(leaves.map_err(|fault| fault.offset), expected.map(str::to_owned));
    }

    #[test]
    fn leaves_have_paths_and_texts() {
        check(
            r#" {"resourceType":"Task", "input":[{"valueDecimal":72.50},{"x":true}], "z":null} "#,
            Ok("Task.resourceType=Task Task.input[0].valueDecimal=72.50 Task.input[1].x=true Task.z="),
        );
        check(
            r#"{"a":"\"\\\n\u00e9\ud83d\ude00/","b":""}"#,
            Ok("Resource.a=\"\\\né😀/ Resource.b="),
        );
        check("[]", Ok(""));
        check("{}", Ok(""));
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_stops() {
        for (text, offset) in [
            ("", 0),
            ("{", 1),
            (r#"{"a"}"#, 4),
            (r#"{"a":1,}"#, 7),
            ("[1 2]", 3),
            ("{} {}", 3),
            (r#"{"a":nul}"#, 8),
            (r#"["\x"]"#, 4),
            (r#"["\ud800"]"#, 8),
        ] {
            check(text, Err(offset));
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        check(&deep, Err(128));
    }

    #[test]
    fn a_subtree_is_the_bytes_that_were_sent() {
        let text = br#"{"parameter": [ { "resource": { "a" : 1.0 } } ]}"#;
        let documents = [&text[..]];
        let found = Resources::read(&documents).unwrap();
        let list = found.member(0, b"parameter").unwrap();
        let item = found.children(list).next().unwrap();
        let resource = found.member(item, b"resource").unwrap();
        assert_eq!(found.bytes(resource), br#"{ "a" : 1.0 }"#);
    }
}
