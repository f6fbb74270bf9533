//! Whether a problem is over.

use std::collections::HashMap;

use crate::ccda::Node;
use crate::ccda::NodeId;
use crate::ccda::TemplateKey;
use crate::ccda::Tree;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::note;
use crate::translate::ccda::rules::Row;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "condition-status" => Some(status),
        "problem-categories" => Some(categories),
        "abatement" => Some(|c, _, slot, node| c.date_time(slot, node)),
        _ => None,
    }
}

/// The categories of a problem: of the list, and of the concerns if one refers to it.
fn categories<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    c.w.raw(
        slot,
        r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item","display":"Problem List Item"}]}"#,
    );
    let concerns = c.concerns_about(node);
    for concern in &concerns {
        c.credit_source(*concern);
    }
    if !concerns.is_empty() {
        c.w.raw(
            slot,
            r#"{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/condition-category","code":"health-concern","display":"Health Concern"}]}"#,
        );
    }
    true
}

impl<'t> Conversion<'t> {
    /// The references of health concerns to the statement `node`.
    fn concerns_about(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        let tree = self.tree;
        let concerns = self.concerns.get_or_insert_with(|| concerns(tree));
        node.all(n::ID)
            .filter_map(|id| concerns.get(&id_of(id)?))
            .flatten()
            .map(|found| tree.node(*found))
            .collect()
    }
}

fn id_of(id: Node<'_>) -> Option<(&str, &str)> {
    let extension = id.attribute(n::EXTENSION).unwrap_or_default();
    id.attribute(n::ROOT).map(|root| (root, extension))
}

/// What health concerns refer to, by id.
fn concerns<'t>(tree: &'t Tree<'t>) -> HashMap<(&'t str, &'t str), Vec<NodeId>> {
    let key = TemplateKey::new("2.16.840.1.113883.10.20.22.4.132");
    let mut found: HashMap<_, Vec<NodeId>> = HashMap::new();
    let acts = tree
        .root()
        .descendants()
        .filter(|node| node.name() == n::ACT && node.has_template(key));
    for act in acts {
        let references = act
            .all(n::ENTRY_RELATIONSHIP)
            .filter_map(|related| related.child(n::ACT));
        for reference in references {
            for id in reference.all(n::ID).filter_map(id_of) {
                found.entry(id).or_default().push(reference.id());
            }
        }
    }
    found
}

/// What the status observation says.
fn told<'t>(c: &mut Conversion<'t>, node: Node<'t>) -> Option<&'t str> {
    let rules = c.rules;
    let key = TemplateKey::new("2.16.840.1.113883.10.20.22.4.6");
    node.all(n::ENTRY_RELATIONSHIP)
        .filter_map(|related| related.child(n::OBSERVATION))
        .filter(|observation| {
            observation.has_template(key)
                || observation
                    .child(n::CODE)
                    .and_then(|code| code.attribute(n::CODE))
                    == Some("33999-4")
        })
        .find_map(|observation| {
            let value = observation.child(n::VALUE)?;
            let status = rules.value("problem-status", value.attribute(n::CODE)?)?;
            c.credit_source(value);
            Some(status)
        })
}

fn status<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let rules = c.rules;
    let high = node.at(&[n::EFFECTIVE_TIME, n::HIGH]);
    let ended = high.is_some_and(|high| {
        high.attribute(n::VALUE)
            .is_some_and(|value| crate::translate::ccda::types::stamp::Stamp::parse(value).is_some())
    });
    let ended_unknown = high.is_some_and(|high| high.null_flavor() == Some("UNK"));
    let concern = node.parent().and_then(Node::parent);
    let by_concern = concern
        .filter(|concern| concern.name() == n::ACT)
        .and_then(|concern| concern.child(n::STATUS_CODE)?.attribute(n::CODE))
        .and_then(|code| rules.value("problem-concern", code));
    let told = told(c, node);
    let mut status = match (told, by_concern) {
        (Some(told), _) => told,
        (None, _) if ended || ended_unknown => "resolved",
        (None, Some(by_concern)) => by_concern,
        (None, None) => "active",
    };
    if (ended || ended_unknown) && matches!(status, "active" | "recurrence" | "relapse") {
        // FHIR's rule con-4: what has ended is not active.
        c.note(note::STATUS_CONFLICT, node);
        status = "inactive";
    }
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text(
        "system",
        "http://terminology.hl7.org/CodeSystem/condition-clinical",
    );
    c.w.text("code", status);
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}
