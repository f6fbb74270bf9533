//! Resources as a source: JSON texts as one flat list of nodes over the texts themselves.
//!
//! Nothing is copied but texts with escapes in them; a subtree is still the bytes that the sender wrote, so that a
//! signed resource can be passed on as it came.

use std::fmt;

use super::scanner;
use super::scanner::short;

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
    pub(super) document: u32,
    /// The bytes of the value, with the quotation marks of a string.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The name of the member that it is; empty for items.
    pub(super) name: Text,
    /// The text of a string.
    pub(super) text: Text,
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
pub(super) struct Text {
    pub(super) start: u32,
    pub(super) length: u32,
    pub(super) resolved: bool,
}

impl Text {
    pub(super) const fn is_empty(self) -> bool {
        self.length == 0
    }
}

/// Some resources, read.
pub struct Resources<'t> {
    documents: Vec<&'t [u8]>,
    pub(super) resolved: Vec<u8>,
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
            let root = scanner::read(text, short(number), &mut found).map_err(fault)?;
            found.roots.push(root);
        }
        Ok(found)
    }

    /// How many bytes all texts have.
    pub(super) fn size(&self) -> usize {
        self.documents.iter().map(|text| text.len()).sum()
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
            .map(|node| self.name_of(node))
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn name_of(&self, node: &JsonNode) -> &[u8] {
        self.text_of(node.document, node.name)
    }

    /// The text of a string, or the digits or word of another leaf.
    #[inline]
    pub(super) fn text(&self, index: Index) -> &[u8] {
        self.node(index)
            .map(|node| self.text_in(node))
            .unwrap_or_default()
    }

    #[inline]
    pub(super) fn text_in(&self, node: &JsonNode) -> &[u8] {
        match node.kind {
            JsonKind::Text => self.text_of(node.document, node.text),
            JsonKind::Bare => self.bytes_of(node),
            JsonKind::Object | JsonKind::Array | JsonKind::Null => &[],
        }
    }

    /// The bytes of a value as they were sent.
    pub(super) fn bytes(&self, index: Index) -> &'t [u8] {
        self.node(index)
            .map(|node| self.bytes_of(node))
            .unwrap_or_default()
    }

    #[inline]
    fn bytes_of(&self, node: &JsonNode) -> &'t [u8] {
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
