//! What our models do not know and carry along all the same.

use serde_json::Map;
use serde_json::Value;

use super::draft::Draft;
use super::draft::Written;
use super::leaf::Leaf;
use super::leaf::Source;
use super::leaf::Text;
use super::node::Node;
use super::node::Places;
use super::node::each_leaf;
use super::node::push_member;
use crate::base::phi::Phi;
use crate::base::place::Place;

/// The members of an element that our model of it has no field for, in their order, unread and unharmed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    members: Vec<KeptMember>,
}

#[derive(Clone, Debug)]
struct KeptMember {
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

    /// Writes the members that `to` does not have yet.
    pub(crate) fn write(&self, draft: &mut Draft, to: &mut Map<String, Value>) {
        for member in &self.members {
            if !to.contains_key(&*member.name) {
                member.write(draft, to);
            }
        }
    }

    /// Writes the member that JSON calls `name`, if there is one.
    pub(crate) fn write_one(&self, name: &str, draft: &mut Draft, to: &mut Map<String, Value>) {
        if let Some(member) = self.members.iter().find(|member| &*member.name == name) {
            member.write(draft, to);
        }
    }
}

impl KeptMember {
    fn write(&self, draft: &mut Draft, to: &mut Map<String, Value>) {
        let value = self.value.disclose();
        if let Some((path, lineage)) = draft.account() {
            let length = path.len();
            push_member(path, &self.name);
            trace(value, &self.place, path, lineage);
            path.truncate(length);
        }
        to.insert((*self.name).to_owned(), value.clone());
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

    pub(crate) fn write(&self, draft: &mut Draft) -> Map<String, Value> {
        if let Some((path, lineage)) = draft.account() {
            trace(self.value.disclose(), &self.place, path, lineage);
        }
        self.value.disclose().as_object().cloned().unwrap_or_default()
    }
}

/// Accounts for every leaf of `value`, which came from `from` and is written at `path`.
fn trace(value: &Value, from: &Place, path: &mut String, lineage: &mut Vec<Written>) {
    let start = path.len();
    each_leaf(value, path, &mut |path, _| {
        let inside = path.get(start..).unwrap_or_default();
        let source = Source::Read(match from {
            Place::Fhir { expression } => Place::Fhir {
                expression: format!("{expression}{inside}").into(),
            },
            Place::Nowhere | Place::X12(_) | Place::Xml { .. } | Place::Config { .. } => from.clone(),
        });
        lineage.push(Written {
            target: path.into(),
            source,
            mark: 0,
        });
    });
}
