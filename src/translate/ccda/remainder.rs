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
    /// No rule fits it.
    NoRule,
}

impl Reason {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoInformation => "no-information",
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
            if is_coded(node) && self.fates.get(node.id().index()) == Some(&Fate::Unseen) {
                self.note(note::NOT_CONVERTED, node);
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
                let reason = match self.fates.get(node.id().index())? {
                    Fate::Told => return None,
                    Fate::Void => Reason::NoInformation,
                    Fate::Unseen => Reason::NoRule,
                };
                Some(LeftBehind {
                    place: node.place(),
                    reason,
                })
            })
            .collect()
    }
}

fn is_coded(node: Node<'_>) -> bool {
    [n::CODE, n::VALUE]
        .into_iter()
        .filter_map(|name| node.child(name))
        .any(|coded| coded.attribute(n::CODE).is_some())
}
