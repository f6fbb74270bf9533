//! Plans and goals.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;
use crate::translate::ccda::rules::is_statement;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "request-intent" => Some(intent),
        "goal-description" => Some(description),
        "goal-target" => Some(target),
        "goal-address" => Some(address),
        _ => None,
    }
}

fn intent<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let rules = c.rules;
    let mood = node.attribute(n::MOOD_CODE).unwrap_or("INT");
    c.w.text(slot, rules.value("request-intent", mood).unwrap_or("plan"))
}

/// What a goal is: its code, with what its value says in words.
fn description<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let value = node.child(n::VALUE);
    let said = value
        .filter(|value| !matches!(value.xsi_type(), Some("PQ" | "IVL_PQ" | "INT" | "REAL")))
        .and_then(|value| {
            let text = c.text_of(value).or_else(|| c.original_text(value));
            text.or_else(|| value.attribute(n::DISPLAY_NAME).map(std::borrow::Cow::Borrowed))
        });
    if let Some(code) = node.child(n::CODE)
        && code.attribute(n::CODE) != Some("ASSERTION")
        && c.concept_with(
            slot,
            code,
            crate::translate::ccda::types::concept::Fallback::Uncoded,
        )
    {
        return true;
    }
    let text = said.or_else(|| node.child(n::TEXT).and_then(|text| c.text_of(text)));
    let object = c.w.open(slot);
    match text {
        Some(text) => c.w.text("text", &text),
        None => c.w.text("text", "unknown"),
    };
    c.w.close(object)
}

fn target<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let high = node.at(&[n::EFFECTIVE_TIME, n::HIGH]);
    let due = high.and_then(|high| c.stamp(high));
    let value = node.child(n::VALUE);
    let object = c.w.open(slot);
    // FHIR's rule gol-1: a detail needs a measure.
    let measured = value.is_some()
        && node
            .child(n::CODE)
            .is_some_and(|code| code.attribute(n::CODE).is_some() && c.concept("measure".into(), code));
    if let Some(value) = value.filter(|_| measured) {
        let detail = Slot::Choice("detail");
        match value.xsi_type() {
            Some("PQ" | "REAL") => c.quantity(detail, value),
            Some("IVL_PQ") => c.range(detail, value),
            Some("CD" | "CE" | "CV" | "CO") => c.concept(detail, value),
            Some("INT") => c.value(detail, value),
            _ => c
                .text_of(value)
                .is_some_and(|text| c.w.text(detail.typed("String"), &text)),
        };
    }
    if let Some(due) = due {
        c.w.text("dueDate", due.day_only().letters().as_str());
    }
    c.w.close(object)
}

/// What FHIR lets a goal address.
const ADDRESSABLE: &[&str] = &["Condition", "Observation", "NutritionOrder", "ServiceRequest"];

/// What a goal is about: a statement in it or, by its id, elsewhere.
fn address<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(target) = c.claim(node).map(|_| node).or_else(|| c.statement_by_id(node)) else {
        return false;
    };
    match c.claim(target) {
        Some(id) if ADDRESSABLE.contains(&c.resource(id).kind) => c.refer(slot, id),
        _ => false,
    }
}

/// The `CarePlan` that a section with plans as such becomes.
pub(super) fn care_plan<'t>(c: &mut Conversion<'t>, section: Node<'t>) {
    if !matches!(c.section_name(section), Some("plan" | "assessment-and-plan")) {
        return;
    }
    let Some(text) = section.child(n::TEXT) else {
        return;
    };
    let name = format!("CarePlan|{}", section.id().index());
    let (id, _) = c.reserve("CarePlan", c.namespace.derive(name.as_bytes()), section);
    c.begin_statement(c.tree.root());
    c.write(id, "careplan", |c| {
        if !c.section_text(text, section.id().index()) {
            c.w.raw(
                "text",
                r#"{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">No text.</div>"}"#,
            );
        }
        c.w.text("status", "active");
        c.w.text("intent", "plan");
        c.w.raw(
            "category",
            r#"[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/careplan-category","code":"assess-plan"}]}]"#,
        );
        if let Some(title) = section.child(n::TITLE) {
            let title = crate::translate::ccda::narrative::plain(title);
            c.w.text("title", &title);
        }
        c.refer_to_patient("subject".into());
        activities(c, section);
    });
    c.credit(id, section);
    c.write_waiting();
}

fn activities<'t>(c: &mut Conversion<'t>, section: Node<'t>) {
    let list = c.w.open_list("activity");
    for statement in section
        .all(n::ENTRY)
        .flat_map(Node::children)
        .filter(|child| is_statement(child.name()))
    {
        let Some(id) = c.resource_of(statement) else {
            continue;
        };
        if c.resource(id).kind == "Goal" {
            goal_activity(c, statement, id);
        }
        let is_request = matches!(
            c.resource(id).kind,
            "ServiceRequest" | "MedicationRequest" | "NutritionOrder"
        );
        if is_request {
            let object = c.w.open(Slot::Element);
            c.refer("reference".into(), id);
            c.w.close(object);
        }
    }
    c.w.close_list(list);
}

/// What is planned for a goal, as far as the plan says no more than the goal.
fn goal_activity<'t>(
    c: &mut Conversion<'t>,
    goal: Node<'t>,
    id: crate::translate::ccda::conversion::ResourceId,
) {
    let object = c.w.open(Slot::Element);
    let detail = c.w.open("detail");
    if let Some(code) = goal.child(n::CODE) {
        c.concept("code".into(), code);
    }
    let goals = c.w.open_list("goal");
    c.refer(Slot::Element, id);
    c.w.close_list(goals);
    c.w.text("status", "unknown");
    c.w.close(detail);
    c.w.close(object);
}
