//! A view of one element or text, and the ways from it to others.

use std::borrow::Cow;

use super::names::Name;
use super::names::TEXT_NODE;
use super::names::n;
use super::template::TemplateKey;
use super::tree::Attribute;
use super::tree::NodeId;
use super::tree::Span;
use super::tree::Tree;

/// One element or text of a tree.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) id: NodeId,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<'t> Node<'t> {
    /// Its place in document order.
    pub const fn id(self) -> NodeId {
        self.id
    }

    /// Its name; texts have one of their own that no element has.
    pub fn name(self) -> Name {
        self.tree.cell(self.id).name
    }

    /// The local name as it was written.
    pub fn local_name(self) -> &'t str {
        self.tree.spell(self.name())
    }

    /// Whether it is a text between elements.
    pub fn is_text(self) -> bool {
        self.name() == TEXT_NODE
    }

    /// The element around it.
    pub fn parent(self) -> Option<Self> {
        let parent = self.tree.cell(self.id).parent;
        (parent != u32::MAX).then(|| self.tree.node(NodeId(parent)))
    }

    /// The elements around it, innermost first.
    pub fn ancestors(self) -> Ancestors<'t> {
        Ancestors { next: self.parent() }
    }

    /// The elements and texts directly in it.
    pub fn children(self) -> Children<'t> {
        Children {
            tree: self.tree,
            next: self.id.0 + 1,
            end: self.tree.cell(self.id).end,
        }
    }

    /// The elements called `name` directly in it.
    pub fn all(self, name: Name) -> impl Iterator<Item = Self> + use<'t> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element called `name` directly in it.
    pub fn child(self, name: Name) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The first element at the end of a path of names.
    pub fn at(self, path: &[Name]) -> Option<Self> {
        path.iter().try_fold(self, |node, name| node.child(*name))
    }

    /// Everything in it, in document order.
    pub fn descendants(self) -> Descendants<'t> {
        Descendants {
            tree: self.tree,
            next: self.id.0 + 1,
            end: self.tree.cell(self.id).end,
        }
    }

    /// The node after its subtree, as an index.
    pub fn end(self) -> usize {
        self.tree.cell(self.id).end as usize
    }

    fn attributes(self) -> &'t [Attribute] {
        let cell = self.tree.cell(self.id);
        let first = cell.first as usize;
        let range = first..first + usize::from(cell.attributes);
        self.tree.attributes.get(range).unwrap_or_default()
    }

    /// The attribute called `name` as it was written, references resolved.
    pub fn raw_attribute(self, name: Name) -> Option<&'t str> {
        let found = self
            .attributes()
            .iter()
            .find(|attribute| attribute.name == name)?;
        Some(self.tree.resolve(found.value))
    }

    /// The attribute called `name` without white space around it; an empty one is no attribute.
    pub fn attribute(self, name: Name) -> Option<&'t str> {
        let value = self.raw_attribute(name)?;
        let is_sound = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        if is_sound(value.as_bytes().first()) && is_sound(value.as_bytes().last()) {
            return Some(value);
        }
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// All attributes, names and values as they were written.
    pub fn attribute_list(self) -> impl Iterator<Item = (Name, &'t str)> + use<'t> {
        let tree = self.tree;
        self.attributes()
            .iter()
            .map(move |attribute| (attribute.name, tree.resolve(attribute.value)))
    }

    /// The `nullFlavor`, if it has one.
    pub fn null_flavor(self) -> Option<&'t str> {
        self.attribute(n::NULL_FLAVOR)
    }

    /// The local part of `xsi:type`, whatever its prefix.
    pub fn xsi_type(self) -> Option<&'t str> {
        let value = self.attribute(n::XSI_TYPE)?;
        Some(value.rsplit_once(':').map_or(value, |(_, local)| local))
    }

    /// The text of a text node; of an element nothing.
    pub fn own_text(self) -> &'t str {
        let cell = self.tree.cell(self.id);
        if cell.name != TEXT_NODE {
            return "";
        }
        self.tree.resolve(Span {
            start: cell.first,
            length: cell.length,
        })
    }

    /// All text in it, as it was written; borrowed if there is one text only.
    pub fn text(self) -> Cow<'t, str> {
        if self.is_text() {
            return Cow::Borrowed(self.own_text());
        }
        let mut texts = self.descendants().filter(|node| node.is_text());
        let Some(first) = texts.next() else {
            return Cow::Borrowed("");
        };
        let mut all = Cow::Borrowed(first.own_text());
        for text in texts {
            all.to_mut().push_str(text.own_text());
        }
        all
    }

    /// The keys of its templateIds.
    pub fn templates(self) -> impl Iterator<Item = TemplateKey> + use<'t> {
        self.tree.templates_of(self.id).iter().map(|(_, key)| *key)
    }

    /// Whether it claims the template `key`.
    pub fn has_template(self, key: TemplateKey) -> bool {
        self.templates().any(|its| its == key)
    }

    /// The line it begins on, counted from 1.
    pub fn line(self) -> u32 {
        self.tree.line_of(self.tree.cell(self.id).offset)
    }

    /// The tree it is of.
    pub const fn tree(self) -> &'t Tree<'t> {
        self.tree
    }
}

/// The nodes directly in an element.
#[derive(Clone)]
pub struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let id = NodeId(self.next);
        self.next = self.tree.cell(id).end;
        Some(Node { tree: self.tree, id })
    }
}

/// The nodes in an element at any depth.
#[derive(Clone)]
pub struct Descendants<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Descendants<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let id = NodeId(self.next);
        self.next += 1;
        Some(Node { tree: self.tree, id })
    }
}

/// The elements around a node, innermost first.
#[derive(Clone)]
pub struct Ancestors<'t> {
    next: Option<Node<'t>>,
}

impl<'t> Iterator for Ancestors<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        let node = self.next?;
        self.next = node.parent();
        Some(node)
    }
}
