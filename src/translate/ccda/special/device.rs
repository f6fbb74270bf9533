//! Unique device identifiers, whole and in parts.

use crate::ccda::Node;
use crate::ccda::TemplateKey;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;

/// The observation of the device identifier proper.
const DEVICE_IDENTIFIER: &str = "2.16.840.1.113883.10.20.22.4.304";

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "udi-carrier" => Some(carrier),
        "udi-text" => Some(part),
        "udi-date" => Some(|c, _, slot, node| c.date_time(slot, node)),
        _ => None,
    }
}

fn spelled<'t>(c: &mut Conversion<'t>, node: Node<'t>) -> Option<String> {
    let own = node
        .attribute(n::EXTENSION)
        .or_else(|| node.attribute(n::DISPLAY_NAME))
        .or_else(|| node.attribute(n::CODE))
        .or_else(|| node.attribute(n::VALUE));
    own.map(str::to_owned)
        .or_else(|| c.text_of(node).map(std::borrow::Cow::into_owned))
}

fn part<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    spelled(c, node).is_some_and(|text| c.w.collapsed(slot, &text))
}

fn carrier<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let key = TemplateKey::new(DEVICE_IDENTIFIER);
    let identifier = node
        .all(n::COMPONENT)
        .filter_map(|component| component.child(n::OBSERVATION))
        .find(|observation| observation.has_template(key))
        .and_then(|observation| observation.child(n::VALUE));
    let whole = node.all(n::ID).find_map(|id| id.attribute(n::EXTENSION));
    let object = c.w.open(slot);
    let text = identifier.and_then(|identifier| spelled(c, identifier));
    if let Some(identifier) = identifier {
        c.credit_source(identifier);
    }
    if let Some(text) = text.as_deref().or(whole) {
        c.w.collapsed("deviceIdentifier", text);
        c.w.text("carrierHRF", whole.unwrap_or_default());
    }
    c.w.close(object)
}
