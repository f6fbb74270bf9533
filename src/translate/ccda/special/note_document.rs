//! Notes.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "note-type" => Some(kind),
        "note-attachment" => Some(attachment),
        "empty-content" => Some(empty_content),
        "empty-body" => Some(empty_body),
        "note-encounter" => Some(encounter),
        "document-custodian" => Some(custodian),
        "document-time" => Some(document_time),
        _ => None,
    }
}

/// The kind of note: the general code says nothing where a translation says more.
fn kind<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, code: Node<'t>) -> bool {
    let mut translations = code
        .all(n::TRANSLATION)
        .filter(|translation| translation.attribute(n::CODE).is_some())
        .peekable();
    if code.attribute(n::CODE) != Some("34109-9") || translations.peek().is_none() {
        return c.concept(slot, code);
    }
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    for translation in translations {
        c.coding(Slot::Element, translation);
    }
    c.w.close_list(list);
    if let Some(text) = c.original_text(code) {
        c.w.collapsed("text", &text);
    }
    c.w.close(object)
}

/// The body of a note, which has to have something in it.
fn attachment<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, text: Node<'t>) -> bool {
    let mark = c.w.mark();
    c.attachment(slot, text);
    let written = c.w.out.get(mark_length(mark, c)..).unwrap_or_default();
    let whole = written.contains("\"data\":") || written.contains("\"url\":");
    if !whole {
        c.w.rewind(mark);
    }
    whole
}

fn mark_length(mark: crate::translate::ccda::json::Mark, c: &Conversion<'_>) -> usize {
    mark.length().min(c.w.out.len())
}

/// A note without a body: FHIR wants one, so why there is none is said.
fn empty_content<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    let object = c.w.open(slot);
    c.absent_body("attachment".into());
    c.w.close(object)
}

/// A body that is missing or no base64.
fn empty_body<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    c.absent_body(slot)
}

impl Conversion<'_> {
    fn absent_body(&mut self, slot: Slot<'_>) -> bool {
        let attachment = self.w.open(slot);
        self.w.text("contentType", "text/plain");
        self.absent("_data".into(), "unknown");
        self.w.close(attachment)
    }
}

/// The encounter of a note: the one elsewhere with the same id, else the one that the note names.
fn encounter<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let elsewhere = c
        .statement_by_id(node)
        .filter(|target| target.name() == n::ENCOUNTER);
    match elsewhere {
        Some(target) => c.refer_to_statement(slot, target),
        None => c.refer_to_statement(slot, node),
    }
}

fn custodian<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    let root = c.tree.root();
    root.at(&[n::CUSTODIAN, n::ASSIGNED_CUSTODIAN])
        .is_some_and(|custodian| c.organization_actor(slot, custodian))
}

fn document_time<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    let time = c.tree.root().child(n::EFFECTIVE_TIME);
    time.is_some_and(|time| c.instant(slot, time))
}
