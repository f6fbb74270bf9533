//! The arena: nodes in document order, each knowing where its subtree ends.

use std::borrow::Cow;

use super::build;
use super::encoding;
use super::limits::Limits;
use super::names::KNOWN_COUNT;
use super::names::Name;
use super::names::n;
use super::node::Node;
use super::refusal::Refusal;
use super::template::TemplateKey;

/// Which node of a tree: its place in document order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The place as an index, for tables with one row a node.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of the decoded document, or of the texts that had to be rewritten.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Span {
    pub(super) start: u32,
    /// The highest bit tells that the range is of the rewritten texts.
    pub(super) length: u32,
}

/// The mark of a range of the rewritten texts.
pub(super) const REWRITTEN: u32 = 1 << 31;

/// One element or text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) name: Name,
    /// How many attributes an element has.
    pub(super) attributes: u16,
    /// The node after this one's subtree.
    pub(super) end: u32,
    pub(super) parent: u32,
    /// Where its tag begins in the document.
    pub(super) offset: u32,
    /// An element's first attribute, a text's start.
    pub(super) first: u32,
    /// A text's length, as in [`Span`].
    pub(super) length: u32,
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) value: Span,
}

/// A document in memory: about as large again as the document itself.
///
/// Comments, processing instructions and white space between elements outside narrative are left out.
/// No `Debug`, because it would print the document.
pub struct Tree<'a> {
    pub(super) document: Cow<'a, str>,
    pub(super) rewritten: String,
    pub(super) cells: Vec<Cell>,
    pub(super) attributes: Vec<Attribute>,
    /// Names that have no constant, as they were written.
    pub(super) names: Vec<Span>,
    /// Element and templateId, sorted by element.
    pub(super) templates: Vec<(NodeId, TemplateKey)>,
    pub(super) length: usize,
}

impl<'a> Tree<'a> {
    /// Reads any XML document within `limits`.
    ///
    /// # Errors
    /// Says why the bytes are not such a document.
    pub fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        if bytes.len() > limits.document || u32::try_from(bytes.len()).is_err() {
            return Err(Refusal::DocumentTooLong {
                limit: limits.document as u64,
            });
        }
        if bytes.trim_ascii().is_empty() {
            return Err(Refusal::Empty);
        }
        let mut tree = build::build(encoding::decode(bytes)?, limits)?;
        tree.length = bytes.len();
        Ok(tree)
    }

    /// Reads a clinical document within `limits`.
    ///
    /// # Errors
    /// As [`Tree::read`], and if the root is another element.
    pub fn read_clinical_document(bytes: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        let tree = Self::read(bytes, limits)?;
        if tree.root().name() == n::CLINICAL_DOCUMENT {
            Ok(tree)
        } else {
            Err(Refusal::NotClinicalDocument)
        }
    }

    /// The root element.
    pub fn root(&self) -> Node<'_> {
        self.node(NodeId(0))
    }

    /// The node called `id`, which is one of this tree.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id }
    }

    /// How many elements and texts there are.
    pub fn node_count(&self) -> usize {
        self.cells.len()
    }

    /// How many octets were read.
    pub const fn octets(&self) -> usize {
        self.length
    }

    pub(super) fn cell(&self, id: NodeId) -> &Cell {
        self.cells
            .get(id.index())
            .expect("a NodeId is made only for a cell that is there")
    }

    pub(super) fn resolve(&self, span: Span) -> &str {
        let (text, length) = if span.length & REWRITTEN == 0 {
            (&*self.document, span.length)
        } else {
            (&*self.rewritten, span.length & !REWRITTEN)
        };
        let start = span.start as usize;
        text.get(start..start + length as usize)
            .expect("a span is made only of a range that is there")
    }

    /// The local name as it was written.
    pub(super) fn spell(&self, name: Name) -> &str {
        name.local().unwrap_or_else(|| {
            let index = usize::from(name.0 - KNOWN_COUNT);
            self.names.get(index).map_or("", |span| self.resolve(*span))
        })
    }

    /// The templateIds of an element, in the order they were written.
    pub(super) fn templates_of(&self, id: NodeId) -> &[(NodeId, TemplateKey)] {
        let from = self.templates.partition_point(|(element, _)| *element < id);
        let rest = self.templates.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|(element, _)| *element == id).count();
        rest.get(..count).unwrap_or_default()
    }

    /// The line of an offset, counted from 1.
    pub(super) fn line_of(&self, offset: u32) -> u32 {
        let before = self
            .document
            .as_bytes()
            .get(..offset as usize)
            .unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', before).count();
        u32::try_from(lines + 1).unwrap_or(u32::MAX)
    }
}
