//! What was left behind: coded statements that reached no resource, and why.

use std::collections::HashMap;

use super::conversion::Conversion;
use super::conversion::Fate;
use super::conversion::ResourceId;
use super::note;
use super::rules::is_statement;
use crate::base::place::Place;
use crate::ccda::Node;
use crate::ccda::n;

/// A coded statement that reached no resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeftBehind {
    /// Where it is.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// Why a statement reached no resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It says itself that there is no information.
    NoInformation,
    /// It belongs to a resource in which its place is taken, missing or of another kind.
    NoRoom,
    /// No rule fits it.
    NoRule,
}

impl Reason {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoInformation => "no-information",
            Self::NoRoom => "no-room",
            Self::NoRule => "no-rule",
        }
    }
}

impl Conversion<'_> {
    /// Notes what only a look back over the whole document shows.
    pub(super) fn look_back(&mut self) {
        let tree = self.tree;
        let statements = tree.root().descendants().filter(|node| is_statement(node.name()));
        let mut seen: HashMap<(&str, &str), ResourceId> = HashMap::new();
        for node in statements {
            if is_coded(node) {
                match self.is_left(node) {
                    Some(Reason::NoRule) => self.note(note::NOT_CONVERTED, node),
                    Some(Reason::NoRoom) => self.note(note::NO_ROOM, node),
                    Some(Reason::NoInformation) | None => {}
                }
            }
            let Some(resource) = self.resource_of(node) else {
                continue;
            };
            let id = node.all(n::ID).find_map(|id| {
                let extension = id.attribute(n::EXTENSION).unwrap_or_default();
                id.attribute(n::ROOT).map(|root| (root, extension))
            });
            if let Some(id) = id
                && *seen.entry(id).or_insert(resource) != resource
            {
                self.note(note::DUPLICATE_ID, node);
            }
        }
    }

    /// All that was left behind, in the order of the document.
    pub(super) fn left_behind(&self) -> Vec<LeftBehind> {
        let statements = self
            .tree
            .root()
            .descendants()
            .filter(|node| is_statement(node.name()));
        statements
            .filter(|node| is_coded(*node))
            .filter_map(|node| {
                self.is_left(node).map(|reason| LeftBehind {
                    place: node.place(),
                    reason,
                })
            })
            .collect()
    }

    /// Whether `node` is in a statement, or holds one, that says nothing.
    fn is_void_around(&self, node: Node<'_>) -> bool {
        let is_void = |node: Node<'_>| self.fates.get(node.id().index()) == Some(&Fate::Void);
        let inner = || node.descendants().any(is_void);
        node.ancestors().any(is_void) || inner()
    }

    /// Why `node` reached no resource; `None` if it did.
    fn is_left(&self, node: Node<'_>) -> Option<Reason> {
        match self.fates.get(node.id().index())? {
            Fate::Told => None,
            Fate::Part if self.was_read(node) => None,
            Fate::Part if self.is_void_around(node) || is_empty(node) => Some(Reason::NoInformation),
            Fate::Part => Some(Reason::NoRoom),
            Fate::Void => Some(Reason::NoInformation),
            Fate::Unseen => Some(Reason::NoRule),
        }
    }
}

/// Whether a part has the code of its kind and nothing to say under it.
fn is_empty(node: Node<'_>) -> bool {
    let value = node.child(n::VALUE);
    value.is_some_and(|value| value.null_flavor().is_some() && value.attribute(n::CODE).is_none())
}

fn is_coded(node: Node<'_>) -> bool {
    [n::CODE, n::VALUE]
        .into_iter()
        .filter_map(|name| node.child(name))
        .any(|coded| coded.attribute(n::CODE).is_some())
}
