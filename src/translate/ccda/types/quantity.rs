//! PQ, `IVL_PQ`, RTO and MO: Quantity, Range, Ratio, Money.

use super::number;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::note;
use crate::translate::ccda::ucum;

const UCUM: &str = "http://unitsofmeasure.org";

impl<'t> Conversion<'t> {
    /// Writes a Quantity.
    pub(in crate::translate::ccda) fn quantity(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.quantity_with(slot.typed("Quantity"), node, "")
    }

    /// Writes a Quantity with a comparator, if one is given.
    pub(in crate::translate::ccda) fn quantity_with(
        &mut self,
        slot: Slot<'_>,
        node: Node<'t>,
        comparator: &str,
    ) -> bool {
        self.of(node, |c| c.quantity_with_of(slot, node, comparator))
    }

    fn quantity_with_of(&mut self, slot: Slot<'_>, node: Node<'t>, comparator: &str) -> bool {
        let Some(written) = node.attribute(n::VALUE) else {
            return self.translated_quantity(slot, node);
        };
        let Some(value) = number::decimal(written) else {
            self.note(note::BAD_NUMBER, node);
            return false;
        };
        let object = self.w.open(slot);
        self.w.raw("value", &value);
        self.w.text("comparator", comparator);
        if let Some(unit) = node.attribute(n::UNIT) {
            self.unit(node, unit);
        }
        self.w.close(object)
    }

    /// A quantity without value of its own whose translation has one.
    fn translated_quantity(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let translated = node
            .all(n::TRANSLATION)
            .find(|translation| translation.attribute(n::VALUE).is_some());
        let Some(translation) = translated else {
            return false;
        };
        let value = translation.attribute(n::VALUE).and_then(number::decimal);
        let Some(value) = value else { return false };
        let object = self.w.open(slot);
        self.w.raw("value", &value);
        if let Some(text) = self.original_text(translation) {
            self.w.collapsed("unit", &text);
        } else if let Some(display) = translation
            .attribute(n::DISPLAY_NAME)
            .or_else(|| translation.attribute(n::UNIT))
        {
            self.w.text("unit", display);
        }
        if let Some(code) = translation.attribute(n::CODE).filter(|code| !code.contains(' ')) {
            let rules = self.rules;
            let oid = translation.attribute(n::CODE_SYSTEM);
            if let Some(uri) = oid.and_then(|oid| rules.tables.systems.find(oid)) {
                self.w.text("system", uri);
                self.w.text("code", code);
            }
        }
        self.w.close(object)
    }

    /// Writes unit, system and code; a unit that is no UCUM stays a text unless its meaning is known.
    fn unit(&mut self, node: Node<'t>, unit: &'t str) {
        let rules = self.rules;
        self.w.text("unit", unit);
        let code = if let Some(repair) = rules.tables.units.find(unit) {
            self.note(note::UNIT_REPAIRED, node);
            repair
        } else if ucum::is_sound(unit) {
            unit
        } else {
            self.note(note::UNIT_UNKNOWN, node);
            return;
        };
        self.w.text("system", UCUM);
        self.w.text("code", code);
    }

    /// Writes an interval: a Range, or a Quantity with a comparator if one end is open.
    pub(in crate::translate::ccda) fn interval(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        if node.attribute(n::VALUE).is_some() {
            return self.quantity(slot, node);
        }
        let bound = |name| {
            node.child(name)
                .filter(|bound: &Node<'t>| bound.attribute(n::VALUE).is_some())
        };
        let closed = |bound: Node<'t>| bound.attribute(n::INCLUSIVE) != Some("false");
        match (bound(n::LOW), bound(n::HIGH)) {
            (Some(_), Some(_)) => self.range(slot, node),
            (Some(low), None) => {
                let comparator = if closed(low) { ">=" } else { ">" };
                self.quantity_with(slot.typed("Quantity"), low, comparator)
            }
            (None, Some(high)) => {
                let comparator = if closed(high) { "<=" } else { "<" };
                self.quantity_with(slot.typed("Quantity"), high, comparator)
            }
            (None, None) => node
                .child(n::CENTER)
                .is_some_and(|center| self.quantity(slot, center)),
        }
    }

    /// Writes a Range.
    pub(in crate::translate::ccda) fn range(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let object = self.w.open(slot.typed("Range"));
        for (key, name) in [("low", n::LOW), ("high", n::HIGH)] {
            if let Some(bound) = node.child(name) {
                self.quantity_with(key.into(), bound, "");
            }
        }
        self.w.close(object)
    }

    /// Writes a Ratio.
    pub(in crate::translate::ccda) fn ratio(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let mark = self.w.mark();
        let object = self.w.open(slot.typed("Ratio"));
        let numerator = node.child(n::NUMERATOR);
        let denominator = node.child(n::DENOMINATOR);
        let whole = numerator.is_some_and(|part| self.quantity("numerator".into(), part))
            && denominator.is_some_and(|part| self.quantity("denominator".into(), part));
        let written = self.w.close(object);
        if !whole {
            // FHIR has no ratio with one part only.
            self.w.rewind(mark);
        }
        written && whole
    }
}
