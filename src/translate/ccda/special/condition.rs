//! Whether a problem is over.

use crate::ccda::Node;
use crate::ccda::TemplateKey;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::note;
use crate::translate::ccda::rules::Row;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "condition-status" => Some(status),
        "abatement" => Some(|c, _, slot, node| c.date_time(slot, node)),
        _ => None,
    }
}

/// What the status observation says.
fn told<'t>(c: &Conversion<'t>, node: Node<'t>) -> Option<&'t str> {
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
            rules.value("problem-status", value.attribute(n::CODE)?)
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
