//! Observations: reference ranges, further values, specimens, when a report was issued.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "reference-range" => Some(reference_range),
        "other-value" => Some(other_value),
        "value-or-null" => Some(value_or_null),
        "issued" => Some(issued),
        "specimen" => Some(specimen),
        "deceased" => Some(deceased),
        _ => None,
    }
}

fn reference_range<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let object = c.w.open(slot);
    if let Some(value) = node.child(n::VALUE) {
        for (key, name) in [("low", n::LOW), ("high", n::HIGH)] {
            if let Some(bound) = value.child(name) {
                c.quantity_with(key.into(), bound, "");
            }
        }
    }
    let ranged = c.w.wrote_since(object) && !c.w.out.ends_with('{');
    let told = node.child(n::TEXT).and_then(|text| c.text_of(text)).or_else(|| {
        node.child(n::VALUE)
            .filter(|_| !ranged)
            .and_then(|value| c.text_of(value))
    });
    if let Some(text) = told {
        c.w.text("text", &text);
    }
    c.w.close(object)
}

/// Values after the first, which FHIR has no room for but components.
fn other_value<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, value: Node<'t>) -> bool {
    let Some(statement) = value.parent() else {
        return false;
    };
    if statement.child(n::VALUE) == Some(value) {
        return false;
    }
    let Some(code) = statement.child(n::CODE) else {
        return false;
    };
    let mark = c.w.mark();
    let object = c.w.open(slot);
    let coded = c.concept("code".into(), code);
    let valued = c.value(Slot::Choice("value"), value);
    c.w.close(object);
    if !(coded && valued) {
        c.w.rewind(mark);
    }
    coded && valued
}

/// A value, or the code that says why there is none, where that means something.
fn value_or_null<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, value: Node<'t>) -> bool {
    if c.value(slot, value) {
        return true;
    }
    let Some(flavor) = value.null_flavor() else {
        return false;
    };
    let object = c.w.open(slot.typed("CodeableConcept"));
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text("system", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor");
    c.w.text("code", flavor);
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}

/// When a report was issued, as an instant: the day it is about begins it where nothing better is known.
fn issued<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let offset = c.document_offset().unwrap_or_default();
    let member = node
        .all(n::COMPONENT)
        .find_map(|component| component.child(n::OBSERVATION)?.child(n::EFFECTIVE_TIME));
    let time = node
        .at(&[n::AUTHOR, n::TIME])
        .or_else(|| node.at(&[n::EFFECTIVE_TIME, n::HIGH]))
        .or_else(|| node.child(n::EFFECTIVE_TIME))
        .and_then(|time| c.stamp_of(time))
        .or_else(|| member.and_then(|time| c.stamp_of(time)));
    match time {
        Some(time) => c.w.text(slot, time.padded(offset).letters().as_str()),
        None => false,
    }
}

/// A specimen by identifier and name; it becomes no resource of its own.
fn specimen<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(role) = node.child(n::SPECIMEN_ROLE) else {
        return false;
    };
    let code = role.at(&[n::SPECIMEN_PLAYING_ENTITY, n::CODE]);
    let display = code
        .and_then(|code| {
            code.attribute(n::DISPLAY_NAME)
                .or_else(|| code.attribute(n::CODE))
        })
        .unwrap_or_default();
    let object = c.w.open(slot);
    if let Some(id) = role.child(n::ID) {
        c.identifier("identifier".into(), id);
    }
    c.w.collapsed("display", display);
    if !c.w.out.ends_with('{') {
        c.w.text("type", "Specimen");
    }
    c.w.close(object)
}

/// That somebody of the family has died.
fn deceased<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    c.w.boolean(slot.typed("Boolean"), true)
}
