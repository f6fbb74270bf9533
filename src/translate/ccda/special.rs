//! What no row of a table can say: functions for single resources, by the names that rows give them.

mod allergy;
mod condition;
mod coverage;
mod device;
mod encounter;
mod medication;
mod note_document;
mod observation;
mod plan;
mod team;
mod vital;

use super::conversion::Conversion;
use super::json::Slot;
use super::make::Make;
use super::rules::Row;
use crate::ccda::Node;
use crate::ccda::n;

pub(super) use self::vital::stand_in;

/// The function called `name`.
pub(super) fn function(name: &str) -> Option<Make> {
    [
        allergy::function,
        condition::function,
        coverage::function,
        device::function,
        encounter::function,
        medication::function,
        note_document::function,
        observation::function,
        plan::function,
        team::function,
        vital::function,
    ]
    .into_iter()
    .find_map(|list| list(name))
    .or(match name {
        "annotation" => Some(annotation),
        _ => None,
    })
}

/// The resources that a section as such becomes.
pub(super) fn section_resources<'t>(c: &mut Conversion<'t>, section: Node<'t>) {
    plan::care_plan(c, section);
}

/// A comment as an Annotation.
fn annotation<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(text) = node.child(n::TEXT).and_then(|text| c.text_of(text)) else {
        return false;
    };
    let object = c.w.open(slot);
    if let Some(author) = node.child(n::AUTHOR) {
        if let Some(time) = author.child(n::TIME) {
            c.date_time("time".into(), time);
        }
        c.person("authorReference".into(), author);
    }
    c.w.text("text", &text);
    c.w.close(object)
}
