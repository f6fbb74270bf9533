//! Who pays.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::participants::role_of;
use crate::translate::ccda::rules::Row;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "id-text" => Some(id_text),
        "coverage-relationship" => Some(relationship),
        "payor" => Some(payor),
        "unknown-party" => Some(unknown_party),
        _ => None,
    }
}

/// The number of an identifier as text.
fn id_text<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    node.attribute(n::EXTENSION)
        .is_some_and(|value| c.w.text(slot, value))
}

fn relationship<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let rules = c.rules;
    let Some(code) = node.attribute(n::CODE) else {
        return false;
    };
    let code = rules.value("coverage-relationship", code).unwrap_or("other");
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text(
        "system",
        "http://terminology.hl7.org/CodeSystem/subscriber-relationship",
    );
    c.w.text("code", code);
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}

/// The payer is an organization; a person who pays is the guarantor.
fn payor<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let guarantor = role_of(node)
        .and_then(|role| role.child(n::CODE))
        .is_some_and(|code| code.attribute(n::CODE) == Some("GUAR"));
    !guarantor && c.actor(slot, node)
}

fn unknown_party<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    let object = c.w.open(slot);
    c.w.text("display", "unknown");
    c.w.close(object)
}
