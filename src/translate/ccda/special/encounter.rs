//! Class, type and status of encounters.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// The codes of encounter classes and what they are called.
const CLASSES: &[(&str, &str)] = &[
    ("AMB", "ambulatory"),
    ("IMP", "inpatient encounter"),
    ("EMER", "emergency"),
    ("ACUTE", "inpatient acute"),
    ("NONAC", "inpatient non-acute"),
    ("OBSENC", "observation encounter"),
    ("SS", "short stay"),
    ("VR", "virtual"),
    ("HH", "home health"),
    ("FLD", "field"),
    ("PRENC", "pre-admission"),
];

/// The numbers of CPT that tell the class.
const CPT: &[(u32, u32, &str)] = &[
    (99_201, 99_215, "AMB"),
    (99_217, 99_220, "OBSENC"),
    (99_221, 99_239, "IMP"),
    (99_241, 99_245, "AMB"),
    (99_251, 99_255, "IMP"),
    (99_281, 99_285, "EMER"),
    (99_291, 99_291, "EMER"),
    (99_341, 99_350, "HH"),
    (99_381, 99_429, "AMB"),
];

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "encounter-status" => Some(status),
        "encounter-class" => Some(class),
        "encounter-type" => Some(kind),
        "participation-type" => Some(participation),
        _ => None,
    }
}

fn codes(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let code = node.child(n::CODE);
    code.into_iter()
        .chain(code.into_iter().flat_map(|code| code.all(n::TRANSLATION)))
}

/// The class that one of the codes says.
fn class_of(node: Node<'_>) -> Option<(&'static str, &'static str)> {
    let by_code = |code: &str| CLASSES.iter().find(|(class, _)| *class == code).copied();
    let said = codes(node)
        .filter(|code| {
            code.attribute(n::CODE_SYSTEM)
                .is_none_or(|system| system == "2.16.840.1.113883.5.4")
        })
        .find_map(|code| by_code(code.attribute(n::CODE)?));
    said.or_else(|| {
        let number = codes(node).find_map(|code| {
            let number: u32 = code.attribute(n::CODE)?.parse().ok()?;
            CPT.iter().find(|(low, high, _)| (*low..=*high).contains(&number))
        });
        number.and_then(|(_, _, class)| by_code(class))
    })
}

fn class<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some((code, display)) = class_of(node) else {
        return c.absent(slot, "unknown");
    };
    let object = c.w.open(slot);
    c.w.text("system", ACT_CODE);
    c.w.text("code", code);
    c.w.text("display", display);
    c.w.close(object)
}

fn kind<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let written = node.child(n::CODE).is_some_and(|code| {
        c.concept_with(
            slot,
            code,
            crate::translate::ccda::types::concept::Fallback::Uncoded,
        )
    });
    if written {
        return true;
    }
    let object = c.w.open(slot);
    c.w.text("text", "Encounter");
    c.w.close(object)
}

fn status<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let rules = c.rules;
    let code = node
        .child(n::STATUS_CODE)
        .and_then(|status| status.attribute(n::CODE));
    if let Some(code) = code.filter(|code| !matches!(*code, "completed" | "active")) {
        let status = rules
            .value("encounter-status", &code.to_ascii_lowercase())
            .unwrap_or("unknown");
        return c.w.text(slot, status);
    }
    let time = node.child(n::EFFECTIVE_TIME);
    let over = time.is_some_and(|time| {
        time.attribute(n::VALUE).is_some()
            || time
                .child(n::HIGH)
                .is_some_and(|high| high.attribute(n::VALUE).is_some())
    });
    if over || code == Some("completed") {
        return c.w.text(slot, "finished");
    }
    let Some(start) = time.and_then(|time| c.bound(time, n::LOW)) else {
        return c.w.text(slot, "unknown");
    };
    // Without an end, a week is taken as the longest time that a document is written in the middle of.
    let root = c.tree.root();
    let written = root.child(n::EFFECTIVE_TIME).and_then(|time| c.stamp_of(time));
    let long_ago = written.is_some_and(|written| start.is_days_before(&written, 7));
    c.w.text(slot, if long_ago { "finished" } else { "in-progress" })
}

/// How somebody takes part, by the code of the participation.
fn participation<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    if let Some(function) = node
        .child(n::FUNCTION_CODE)
        .or_else(|| node.child(n::SDTC_FUNCTION_CODE))
        .filter(|function| function.attribute(n::CODE).is_some())
    {
        return c.concept(slot, function);
    }
    let code = match node.name() {
        n::RESPONSIBLE_PARTY => "PPRF",
        _ => match node.attribute(n::TYPE_CODE) {
            Some(code @ ("ADM" | "ATND" | "CON" | "DIS" | "REF" | "PPRF" | "SPRF")) => code,
            _ => return false,
        },
    };
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text(
        "system",
        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
    );
    c.w.text("code", code);
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}
