//! What somebody is allergic to, or is known not to be.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::note;
use crate::translate::ccda::rules::Row;
use crate::translate::ccda::types::concept::Fallback;

const SNOMED: &str = "http://snomed.info/sct";

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "allergy-code" => Some(code),
        "allergy-verification" => Some(verification),
        "severity-note" => Some(severity_note),
        _ => None,
    }
}

/// The entity that the allergy is about.
fn substance(node: Node<'_>) -> Option<Node<'_>> {
    node.all(n::PARTICIPANT)
        .find_map(|participant| participant.at(&[n::PARTICIPANT_ROLE, n::PLAYING_ENTITY]))
}

fn is_negated(node: Node<'_>) -> bool {
    node.attribute(n::NEGATION_IND) == Some("true")
}

/// The code of the substance or of one of its translations.
fn substance_code(node: Node<'_>) -> Option<&str> {
    let code = substance(node)?.child(n::CODE)?;
    code.attribute(n::CODE).or_else(|| {
        code.all(n::TRANSLATION)
            .find_map(|translation| translation.attribute(n::CODE))
    })
}

/// The code that already says that somebody is not allergic.
fn negated_code<'t>(c: &Conversion<'t>, node: Node<'t>) -> Option<&'t str> {
    if !is_negated(node) {
        return None;
    }
    let rules = c.rules;
    if let Some(substance) = substance_code(node) {
        rules.value("allergy-negated", substance)
    } else {
        let kind = node.child(n::VALUE).and_then(|value| value.attribute(n::CODE));
        rules.value("allergy-none", kind.unwrap_or_default())
    }
}

fn code<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    if let Some(code) = negated_code(c, node) {
        let object = c.w.open(slot);
        let list = c.w.open_list("coding");
        let coding = c.w.open(Slot::Element);
        c.w.text("system", SNOMED);
        c.w.text("code", code);
        c.w.close(coding);
        c.w.close_list(list);
        return c.w.close(object);
    }
    let entity = substance(node);
    let value = node.child(n::VALUE);
    if let Some(entity) = entity {
        if let Some(code) = entity.child(n::CODE) {
            let has_text = code.child(n::ORIGINAL_TEXT).is_some();
            let coded = substance_code(node).is_some();
            if has_text || coded {
                return with_text(c, slot, code, entity, value);
            }
        }
        if let Some(name) = entity.child(n::NAME)
            && text_only(c, slot, name)
        {
            return true;
        }
        if let Some(code) = entity.child(n::CODE)
            && c.concept(slot, code)
        {
            return true;
        }
    }
    // Without a substance, what kind of allergy it is has to do.
    if let Some(value) = value
        && c.concept_with(slot, value, Fallback::Uncoded)
    {
        return true;
    }
    let object = c.w.open(slot);
    c.w.text("text", "unknown");
    c.w.close(object)
}

/// The concept of the substance; its text is its own, else its name, else what the allergy is called.
fn with_text<'t>(
    c: &mut Conversion<'t>,
    slot: Slot<'_>,
    code: Node<'t>,
    entity: Node<'t>,
    value: Option<Node<'t>>,
) -> bool {
    let original = value.and_then(|value| value.child(n::ORIGINAL_TEXT));
    let said = [entity.child(n::NAME), original]
        .into_iter()
        .flatten()
        .find(|text| c.text_of(*text).is_some());
    let fallback = said.map_or(Fallback::Never, |text| Fallback::Named(text.id()));
    let mark = c.w.mark();
    let written = c.concept_with(slot, code, fallback);
    if !written {
        c.w.rewind(mark);
    }
    written
}

fn text_only<'t>(c: &mut Conversion<'t>, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(text) = c.text_of(node) else { return false };
    let object = c.w.open(slot);
    c.w.text("text", &text);
    c.w.close(object)
}

fn verification<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let refuted = is_negated(node) && negated_code(c, node).is_none();
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text(
        "system",
        "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
    );
    c.w.text("code", if refuted { "refuted" } else { "confirmed" });
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}

/// A severity that belongs to no reaction, in words.
fn severity_note<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, value: Node<'t>) -> bool {
    let Some(said) = value
        .attribute(n::DISPLAY_NAME)
        .or_else(|| value.attribute(n::CODE))
    else {
        return false;
    };
    c.note(note::SEVERITY_ALONE, value);
    let object = c.w.open(slot);
    c.w.pieces("text", &["Severity: ", said]);
    c.w.close(object)
}
