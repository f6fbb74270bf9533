//! Members of care teams.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "care-team-member" => Some(member),
        "care-team-performer" => Some(|c, _, slot, node| participant(c, slot, node, None)),
        "unknown-member" => Some(unknown),
        _ => None,
    }
}

/// A member of whom nothing is known: US Core wants one.
fn unknown<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, _: Node<'t>) -> bool {
    let object = c.w.open(slot);
    c.w.raw("role", r#"[{"text":"care team member"}]"#);
    c.w.raw("member", r#"{"display":"unknown"}"#);
    c.w.close(object)
}

fn member<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, act: Node<'t>) -> bool {
    let Some(performer) = act.child(n::PERFORMER).or_else(|| act.child(n::PARTICIPANT)) else {
        return false;
    };
    participant(c, slot, performer, act.child(n::EFFECTIVE_TIME))
}

fn participant<'t>(
    c: &mut Conversion<'t>,
    slot: Slot<'_>,
    performer: Node<'t>,
    time: Option<Node<'t>>,
) -> bool {
    let mark = c.w.mark();
    let object = c.w.open(slot);
    let function = performer
        .child(n::SDTC_FUNCTION_CODE)
        .or_else(|| performer.child(n::FUNCTION_CODE))
        .or_else(|| performer.child(n::ASSIGNED_ENTITY)?.child(n::CODE));
    let roles = c.w.open_list("role");
    let told = function.is_some_and(|function| c.concept(Slot::Element, function));
    if !told {
        // US Core wants a role.
        let role = c.w.open(Slot::Element);
        c.w.text("text", "care team member");
        c.w.close(role);
    }
    c.w.close_list(roles);
    let known = c.actor("member".into(), performer);
    if let Some(time) = time.or_else(|| performer.child(n::TIME)) {
        c.period("period".into(), time);
    }
    c.w.close(object);
    if !known {
        c.w.rewind(mark);
    }
    known
}
