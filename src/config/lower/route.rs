//! Routes and their terms.

use std::collections::HashMap;

use crate::config::quantity::Day;
use crate::config::source::Origin;
use crate::config::tree::Table;
use crate::config::tree::Value;
use crate::routing::key::Key;
use crate::routing::partner::Partner;
use crate::routing::partner::PartnerId;
use crate::routing::route::ALL_LOINC;
use crate::routing::route::Condition;
use crate::routing::route::Quantifier;
use crate::routing::route::Route;
use crate::routing::route::Terms;
use crate::routing::value::Pattern;

/// Where a route and its parts stand, and what only the configuration needs to know of it.
#[derive(Clone, Debug)]
pub struct RoutePlace {
    /// Where its name stands.
    pub name: Origin,
    /// Where it says where to.
    pub to: Origin,
    /// The day it is meant to be needed until, and where that stands.
    pub until: Option<(Day, Origin)>,
}

/// The routes that are whole and lead to a partner that exists, from the top, and their places.
pub(super) fn all(tree: &Table, partners: &[Partner]) -> (Vec<Route>, Vec<RoutePlace>) {
    let ids: HashMap<&str, PartnerId> = partners
        .iter()
        .enumerate()
        .rev()
        .map(|(at, partner)| (&*partner.name, PartnerId::at(at)))
        .collect();
    let one = |table: &Table| {
        let route = Route {
            name: table.text("name")?.into(),
            when: terms(table.table("when")?),
            unless: table.table("unless").map(terms).unwrap_or_default(),
            to: *ids.get(table.text("to")?)?,
        };
        let until = table.find("until").and_then(|node| match node.value {
            Value::Day(day) => Some((day, node.origin)),
            _ => None,
        });
        Some((
            route,
            RoutePlace {
                name: table.origin_of_key("name"),
                to: table.origin_of("to"),
                until,
            },
        ))
    };
    tree.several("route")
        .filter(|table| table.whole)
        .filter_map(one)
        .unzip()
}

/// The conditions of a table, as they were written.
fn terms(table: &Table) -> Terms {
    let condition = |entry: &crate::config::tree::Entry| {
        let (name, quantifier) = match entry.name.as_str() {
            ALL_LOINC => (Key::Loinc.as_str(), Quantifier::All),
            name => (name, Quantifier::Any),
        };
        let key = Key::parse(name)?;
        let patterns = entry
            .node
            .each()
            .iter()
            .filter_map(|node| Pattern::read(key, node.text()?).ok())
            .collect();
        Some(Condition {
            key,
            quantifier,
            patterns,
        })
    };
    Terms::new(table.entries.iter().filter_map(condition).collect())
}
