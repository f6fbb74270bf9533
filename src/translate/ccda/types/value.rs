//! `value` of an observation, by its `xsi:type`: value[x].

use super::number;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;

/// The type to read a value by: the one it says, else the one it looks like.
fn type_of(node: Node<'_>) -> &str {
    let told = node.xsi_type();
    match told {
        Some("CD" | "CE" | "CV" | "CO" | "CS" | "CR") => "CD",
        Some(told) => told,
        None if node.child(n::LOW).or_else(|| node.child(n::HIGH)).is_some() => "IVL_PQ",
        None if node.attribute(n::UNIT).is_some() => "PQ",
        None if node.attribute(n::CODE).is_some() || node.child(n::TRANSLATION).is_some() => "CD",
        None if node
            .attribute(n::VALUE)
            .is_some_and(|value| number::decimal(value).is_some()) =>
        {
            "PQ"
        }
        None if node.attribute(n::VALUE).is_some() => "attribute",
        None => "ST",
    }
}

impl<'t> Conversion<'t> {
    /// Writes value[x]; nothing if the value is null.
    pub(in crate::translate::ccda) fn value(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.value_of(slot, node))
    }

    fn value_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        match type_of(node) {
            "CD" => self.concept(slot, node),
            "PQ" | "PIVL_PQ" => self.quantity(slot, node) || self.value_text(slot, node),
            "REAL" => self.quantity(slot, node),
            "IVL_PQ" | "IVL_REAL" => self.interval(slot, node) || self.value_text(slot, node),
            "IVL_INT" => self.interval(slot, node),
            "INT" => self.whole_number(slot, node),
            "BL" => match node.attribute(n::VALUE) {
                Some("true" | "1") => self.w.boolean(slot.typed("Boolean"), true),
                Some("false" | "0") => self.w.boolean(slot.typed("Boolean"), false),
                _ => false,
            },
            "TS" => self.date_time(slot, node),
            "IVL_TS" => self.time(slot, node),
            "RTO" | "RTO_PQ_PQ" | "RTO_QTY_QTY" => self.ratio(slot, node),
            "MO" => node
                .attribute(n::VALUE)
                .is_some_and(|value| self.w.text(slot.typed("String"), value)),
            "II" => node
                .attribute(n::EXTENSION)
                .or_else(|| node.attribute(n::ROOT))
                .is_some_and(|value| self.w.text(slot.typed("String"), value)),
            "attribute" => node
                .attribute(n::VALUE)
                .is_some_and(|value| self.w.text(slot.typed("String"), value)),
            "ED" => self.encapsulated(slot, node),
            _ => self.value_text(slot, node),
        }
    }

    /// A value that is text, in whichever place the vendor left it.
    fn value_text(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        if let Some(text) = self.text_of(node) {
            return self.w.text(slot.typed("String"), &text);
        }
        if let Some(text) = self.original_text(node) {
            return self.w.text(slot.typed("String"), &text);
        }
        let value = node
            .attribute(n::VALUE)
            .or_else(|| node.attribute(n::DISPLAY_NAME));
        value.is_some_and(|value| self.w.text(slot.typed("String"), value))
    }

    fn whole_number(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(value) = node.attribute(n::VALUE) else {
            return false;
        };
        match number::integer(value) {
            Some(value) => self.w.raw(slot.typed("Integer"), &value.to_string()),
            None => self.quantity(slot, node),
        }
    }

    /// An encapsulated value: text as text; other kinds have no place in R4's value[x].
    fn encapsulated(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        if node.attribute(n::REPRESENTATION) == Some("B64") {
            return false;
        }
        self.value_text(slot, node)
    }
}
