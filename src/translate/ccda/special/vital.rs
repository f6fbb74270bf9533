//! Vital signs that belong together: blood pressure, and oxygen with its flow.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;
use crate::translate::ccda::types::concept::Fallback;

const LOINC: &str = "http://loinc.org";
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";
/// Oxygen saturation by pulse oximetry, and in arterial blood.
const OXIMETRY: &[&str] = &["59408-5", "2708-6"];
/// Flow and concentration of inhaled oxygen.
const OXYGEN: &[&str] = &["3151-8", "3150-0"];

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "vital-member" => Some(member),
        "vital-code" => Some(code),
        "pressures" => Some(pressures),
        "pressure-identifiers" => Some(identifiers),
        "oxygen" => Some(oxygen),
        _ => None,
    }
}

/// The LOINC code of an observation, its own or that of a translation.
fn loinc(node: Node<'_>) -> Option<&str> {
    let code = node.child(n::CODE)?;
    code.attribute(n::CODE)
}

/// The members of the organizer around `node`, itself included.
fn members(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let organizer = node
        .parent()
        .filter(|component| component.name() == n::COMPONENT)
        .and_then(Node::parent);
    organizer
        .into_iter()
        .flat_map(|organizer| organizer.all(n::COMPONENT))
        .filter_map(|component| component.child(n::OBSERVATION))
}

/// The observation of `code` that belongs to `node`: the first to the first, the second to the second.
fn partner<'t>(node: Node<'t>, code: &str) -> Option<Node<'t>> {
    let own = loinc(node)?;
    let position = members(node)
        .filter(|member| loinc(*member) == Some(own))
        .position(|member| member == node)?;
    members(node)
        .filter(|member| loinc(*member) == Some(code))
        .nth(position)
}

/// The observation whose resource tells `node`: mostly itself.
pub(in crate::translate::ccda) fn stand_in(node: Node<'_>) -> Node<'_> {
    if node.name() != n::OBSERVATION {
        return node;
    }
    match loinc(node) {
        Some(DIASTOLIC) => partner(node, SYSTOLIC).unwrap_or(node),
        Some(code) if OXYGEN.contains(&code) => members(node)
            .find(|member| loinc(*member).is_some_and(|code| OXIMETRY.contains(&code)))
            .unwrap_or(node),
        _ => node,
    }
}

/// A reference to a member; those that others tell are not named twice.
fn member<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    stand_in(node) == node && c.refer_to_statement(slot, node)
}

fn code<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let own = node.attribute(n::CODE);
    // Profiles of vital signs want the general code next to the exact one.
    let general = match own {
        Some("2708-6") => ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
        Some("59408-5") => ("2708-6", "Oxygen saturation in Arterial blood"),
        Some("3141-9") => ("29463-7", "Body weight"),
        _ => {
            return c.concept_with(slot, node, Fallback::Uncoded);
        }
    };
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    c.coding(Slot::Element, node);
    let coding = c.w.open(Slot::Element);
    c.w.text("system", LOINC);
    c.w.text("code", general.0);
    c.w.text("display", general.1);
    c.w.close(coding);
    for translation in node.all(n::TRANSLATION) {
        if translation.attribute(n::CODE) != Some(general.0) {
            c.coding(Slot::Element, translation);
        }
    }
    c.w.close_list(list);
    if let Some(text) = c.original_text(node) {
        c.w.collapsed("text", &text);
    }
    c.w.close(object)
}

/// The two halves of a blood pressure, the systolic first.
fn halves(node: Node<'_>) -> [(Option<Node<'_>>, &'static str, &'static str); 2] {
    let (systolic, diastolic) = if loinc(node) == Some(SYSTOLIC) {
        (Some(node), partner(node, DIASTOLIC))
    } else {
        (None, Some(node))
    };
    [
        (systolic, SYSTOLIC, "Systolic blood pressure"),
        (diastolic, DIASTOLIC, "Diastolic blood pressure"),
    ]
}

fn identifiers<'t>(c: &mut Conversion<'t>, _: &'t Row, _: Slot<'_>, node: Node<'t>) -> bool {
    let mut any = false;
    for half in halves(node).into_iter().filter_map(|(half, _, _)| half) {
        for id in half.all(n::ID) {
            any |= c.identifier(Slot::Element, id);
        }
    }
    any
}

fn pressures<'t>(c: &mut Conversion<'t>, _: &'t Row, _: Slot<'_>, node: Node<'t>) -> bool {
    for (half, code, display) in halves(node) {
        let object = c.w.open(Slot::Element);
        match half.and_then(|half| half.child(n::CODE)) {
            Some(code) => {
                c.concept_with("code".into(), code, Fallback::Words(display));
            }
            None => c.fixed_code(code, display),
        }
        let valued = half
            .and_then(|half| half.child(n::VALUE))
            .is_some_and(|value| c.value(Slot::Choice("value"), value));
        if !valued {
            c.absent_value("unknown");
        }
        if let Some(interpretation) = half.and_then(|half| half.child(n::INTERPRETATION_CODE)) {
            let list = c.w.open_list("interpretation");
            c.concept(Slot::Element, interpretation);
            c.w.close_list(list);
        }
        c.w.close(object);
    }
    true
}

/// Flow and concentration of oxygen as components of the saturation.
fn oxygen<'t>(c: &mut Conversion<'t>, _: &'t Row, _: Slot<'_>, node: Node<'t>) -> bool {
    if !loinc(node).is_some_and(|code| OXIMETRY.contains(&code)) {
        return false;
    }
    let parts: Vec<Node<'t>> = members(node)
        .filter(|member| {
            loinc(*member).is_some_and(|code| OXYGEN.contains(&code)) && stand_in(*member) == node
        })
        .collect();
    let mut any = false;
    for part in parts {
        let mark = c.w.mark();
        let object = c.w.open(Slot::Element);
        let coded = part
            .child(n::CODE)
            .is_some_and(|code| c.concept("code".into(), code));
        let valued = part
            .child(n::VALUE)
            .is_some_and(|value| c.value(Slot::Choice("value"), value));
        if !valued {
            c.absent_value("unknown");
        }
        c.w.close(object);
        if !coded {
            c.w.rewind(mark);
        }
        any |= coded;
    }
    any
}

impl Conversion<'_> {
    fn fixed_code(&mut self, code: &str, display: &str) {
        let object = self.w.open("code");
        let list = self.w.open_list("coding");
        let coding = self.w.open(Slot::Element);
        self.w.text("system", LOINC);
        self.w.text("code", code);
        self.w.text("display", display);
        self.w.close(coding);
        self.w.close_list(list);
        self.w.text("text", display);
        self.w.close(object);
    }

    fn absent_value(&mut self, reason: &str) {
        let object = self.w.open("dataAbsentReason");
        let list = self.w.open_list("coding");
        let coding = self.w.open(Slot::Element);
        self.w.text(
            "system",
            "http://terminology.hl7.org/CodeSystem/data-absent-reason",
        );
        self.w.text("code", reason);
        self.w.close(coding);
        self.w.close_list(list);
        self.w.close(object);
    }
}
