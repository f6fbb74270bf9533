//! What our models do not know and carry along all the same.

use std::fmt;

use serde_json::Value;

use super::draft::Draft;
use super::leaf::Leaf;
use super::leaf::Text;
use super::node::Node;
use super::node::Places;
use crate::base::phi::Phi;
use crate::base::place::Place;

/// The members of an element that our model of it has no field for, in their order, unread and unharmed.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Kept {
    members: Vec<KeptMember>,
}

#[derive(Clone)]
pub(crate) struct KeptMember {
    name: Box<str>,
    value: Phi<Value>,
    place: Place,
}

/// A resource, or a part of one, that is carried as it is.
#[derive(Clone, Debug)]
pub struct Resource {
    value: Phi<Value>,
    place: Place,
}

impl PartialEq for KeptMember {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

impl Eq for KeptMember {}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Even the names are the sender's.
        write!(f, "Kept({})", self.members.len())
    }
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Resource {}

impl Kept {
    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The places of the members.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.members.iter().map(|member| &member.place)
    }

    /// The member that JSON calls `name`.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        let found = self.members.iter().find(|member| &*member.name == name)?;
        Some(found.value.disclose())
    }

    /// The text of the member that JSON calls `name`, if it is text.
    pub(crate) fn text(&self, name: &str) -> Option<Text> {
        let found = self.members.iter().find(|member| &*member.name == name)?;
        let text = found.value.disclose().as_str()?;
        Some(Leaf::read(text.to_owned(), found.place.clone()))
    }

    /// Keeps a member as it is.
    pub(crate) fn keep(&mut self, name: &str, node: &Node<'_>) {
        self.members.push(KeptMember {
            name: name.into(),
            value: Phi::new(node.value().clone()),
            place: node.place(),
        });
    }

    /// Fills `slot` with what was read of a member, or keeps the member if nothing could be read of it.
    pub(crate) fn fill<T>(&mut self, slot: &mut Option<T>, found: Option<T>, name: &str, node: &Node<'_>) {
        match found {
            Some(_) => *slot = found,
            None => self.keep(name, node),
        }
    }

    /// Fills `slot` with what `read` makes of the items of a member; keeps the member if it cannot be read whole.
    pub(crate) fn fill_all<T>(
        &mut self,
        slot: &mut Vec<T>,
        name: &str,
        node: &Node<'_>,
        read: impl Fn(&Node<'_>) -> Option<T>,
    ) {
        match node.items().map(|item| read(&item)).collect::<Option<Vec<T>>>() {
            Some(items) if !items.is_empty() => *slot = items,
            Some(_) | None => self.keep(name, node),
        }
    }

    /// Writes the members, but for those whose name a field has taken since.
    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>, taken: impl Fn(&str) -> bool) {
        for member in self.members.iter().filter(|member| !taken(&member.name)) {
            draft.kept(member);
        }
    }
}

impl KeptMember {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn value(&self) -> &Value {
        self.value.disclose()
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }
}

impl Resource {
    /// Carries `value`, which came from `place`.
    pub const fn new(value: Value, place: Place) -> Self {
        Self {
            value: Phi::new(value),
            place,
        }
    }

    /// The resource as JSON; a way out of [`Phi`], so `tests/layers.rs` lists who may call it.
    pub const fn disclose(&self) -> &Value {
        self.value.disclose()
    }

    /// Where it came from.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// The type that it says it is of.
    pub fn kind(&self) -> Option<&str> {
        super::node::resource_type(self.value.disclose())
    }

    /// What `read` makes of it; the places of the leaves go on from where it came from.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Node<'_>) -> T) -> T {
        let value = self.value.disclose();
        match &self.place {
            Place::Fhir { expression } => read(&Node::rooted(value, expression, Places::Noted)),
            Place::Nowhere | Place::X12(_) | Place::Xml { .. } | Place::Config { .. } => {
                read(&Node::resource(value, Places::Skipped))
            }
        }
    }

    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        node.value()
            .is_object()
            .then(|| Self::new(node.value().clone(), node.place()))
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        draft.members(self.value.disclose(), &self.place);
    }
}
