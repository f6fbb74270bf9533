//! How a medication is taken.

use super::related;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::types::number;

/// The times of a statement that say how often; the first interval only says from when to when.
fn frequencies(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.all(n::EFFECTIVE_TIME)
        .filter(|time| time.child(n::PERIOD).is_some() || time.child(n::EVENT).is_some())
}

impl<'t> Conversion<'t> {
    /// Writes the Dosage of a substance administration.
    pub(super) fn dosage(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let object = self.w.open(slot);
        self.dosage_text(node);
        self.instructions(node);
        self.timing(node);
        self.as_needed(node);
        if let Some(site) = node.child(n::APPROACH_SITE_CODE) {
            self.concept("site".into(), site);
        }
        if let Some(route) = node.child(n::ROUTE_CODE) {
            self.concept("route".into(), route);
        }
        self.dose_and_rate(node);
        if let Some(most) = node.child(n::MAX_DOSE_QUANTITY) {
            self.ratio("maxDosePerPeriod".into(), most);
        }
        self.w.close(object)
    }

    fn dosage_text(&mut self, node: Node<'t>) {
        let signature = related(node, 147).next().and_then(|found| found.child(n::TEXT));
        let text = signature
            .and_then(|text| {
                self.credit_source(text);
                self.text_of(text)
            })
            .or_else(|| node.child(n::TEXT).and_then(|text| self.text_of(text)));
        if let Some(text) = text {
            self.w.text("text", &text);
        }
    }

    /// What the patient is told: codes and words of all instructions.
    fn instructions(&mut self, node: Node<'t>) {
        let mut told = String::new();
        let list = self.w.open_list("additionalInstruction");
        for instruction in related(node, 20) {
            let code = instruction.child(n::CODE);
            let code = code.filter(|code| code.attribute(n::CODE).is_some_and(|code| code != "ASSERTION"));
            if let Some(code) = code {
                self.concept(Slot::Element, code);
            }
            if let Some(text) = instruction.child(n::TEXT).and_then(|text| self.text_of(text)) {
                self.credit_source(instruction);
                if !told.is_empty() {
                    told.push('\n');
                }
                told.push_str(&text);
            }
        }
        self.w.close_list(list);
        self.w.text("patientInstruction", &told);
    }

    fn as_needed(&mut self, node: Node<'t>) {
        let Some(criterion) = node.child(n::PRECONDITION).map(|found| found.child(n::CRITERION)) else {
            return;
        };
        let coded = criterion
            .and_then(|criterion| criterion.child(n::VALUE))
            .is_some_and(|value| {
                value.xsi_type() != Some("PQ") && self.concept("asNeededCodeableConcept".into(), value)
            });
        if !coded {
            self.w.boolean("asNeededBoolean", true);
        }
    }

    fn dose_and_rate(&mut self, node: Node<'t>) {
        let list = self.w.open_list("doseAndRate");
        let object = self.w.open(Slot::Element);
        if let Some(dose) = node.child(n::DOSE_QUANTITY) {
            self.quantity_or_range("dose", dose);
        }
        if let Some(rate) = node.child(n::RATE_QUANTITY) {
            self.quantity_or_range("rate", rate);
        }
        self.w.close(object);
        self.w.close_list(list);
    }

    /// Writes a quantity, or a range if there are two different ends.
    fn quantity_or_range(&mut self, base: &str, node: Node<'t>) -> bool {
        let slot = Slot::Choice(base);
        if node.attribute(n::VALUE).is_some() {
            return self.quantity_with(slot.typed("Quantity"), node, "");
        }
        let bound = |name| {
            node.child(name)
                .filter(|bound: &Node<'t>| bound.attribute(n::VALUE).is_some())
        };
        match (bound(n::LOW), bound(n::HIGH)) {
            (Some(low), Some(high)) if low.attribute(n::VALUE) != high.attribute(n::VALUE) => {
                self.range(slot, node)
            }
            (Some(bound), _) | (None, Some(bound)) => self.quantity_with(slot.typed("Quantity"), bound, ""),
            (None, None) => node
                .child(n::CENTER)
                .is_some_and(|center| self.quantity_with(slot.typed("Quantity"), center, "")),
        }
    }

    fn timing(&mut self, node: Node<'t>) {
        let object = self.w.open("timing");
        let events = self.w.open_list("event");
        for time in node.all(n::EFFECTIVE_TIME) {
            if time.attribute(n::VALUE).is_some() {
                self.date_time(Slot::Element, time);
            }
        }
        self.w.close_list(events);
        let repeat = self.w.open("repeat");
        let interval = node
            .all(n::EFFECTIVE_TIME)
            .find(|time| time.child(n::LOW).is_some() || time.child(n::HIGH).is_some());
        if let Some(interval) = interval {
            self.period("boundsPeriod".into(), interval);
        }
        if let Some(time) = frequencies(node).find(|time| time.child(n::PERIOD).is_some()) {
            self.frequency(time);
        } else if let Some(time) = frequencies(node).next() {
            self.daily_event(time);
        }
        self.w.close(repeat);
        self.w.close(object);
    }

    /// A period: so often in so long.
    fn frequency(&mut self, time: Node<'t>) {
        let Some(period) = time.child(n::PERIOD) else {
            return;
        };
        let (low, high) = if period.attribute(n::VALUE).is_some() {
            (Some(period), None)
        } else {
            (period.child(n::LOW), period.child(n::HIGH))
        };
        let rules = self.rules;
        let read = |node: Option<Node<'t>>| {
            let node = node?;
            let value = node.attribute(n::VALUE).and_then(number::decimal)?;
            let written = node.attribute(n::UNIT)?;
            let unit = rules.tables.units.find(written).unwrap_or(written);
            Some((value, rules.value("time-unit", unit)?))
        };
        let Some((value, unit)) = read(low.filter(|low| low.attribute(n::VALUE).is_some()).or(high)) else {
            return;
        };
        if value.starts_with('-') || value.trim_matches(['0', '.']).is_empty() {
            return;
        }
        let by_institution = time.attribute(n::INSTITUTION_SPECIFIED) == Some("true");
        let times_a_day = match (&*value, unit) {
            ("24", "h") => Some("1"),
            ("12", "h") => Some("2"),
            ("8", "h") => Some("3"),
            ("6", "h") => Some("4"),
            ("4", "h") => Some("6"),
            _ => None,
        };
        if let Some(times) = times_a_day.filter(|_| by_institution) {
            self.w.raw("frequency", times);
            self.w.raw("period", "1");
            self.w.text("periodUnit", "d");
        } else {
            let most = read(high).filter(|(most, most_unit)| *most_unit == unit && *most != value);
            if most.is_none() {
                self.w.raw("frequency", "1");
            }
            self.w.raw("period", &value);
            if let Some((most, _)) = most {
                self.w.raw("periodMax", &most);
            }
            self.w.text("periodUnit", unit);
        }
    }

    /// An event of the day, such as a meal.
    fn daily_event(&mut self, time: Node<'t>) {
        let rules = self.rules;
        let code = time.child(n::EVENT).and_then(|event| event.attribute(n::CODE));
        let Some(when) = code.and_then(|code| rules.value("when", code)) else {
            return;
        };
        let list = self.w.open_list("when");
        self.w.text(Slot::Element, when);
        self.w.close_list(list);
        let offset = time.child(n::OFFSET);
        let offset = offset.map(|offset| offset.child(n::LOW).unwrap_or(offset));
        let minutes = offset.and_then(|offset| {
            let value = number::integer(offset.attribute(n::VALUE)?)?;
            match offset.attribute(n::UNIT)? {
                "min" => Some(value),
                "h" => value.checked_mul(60),
                _ => None,
            }
        });
        // FHIR's rule tim-9: no offset with meals themselves.
        if let Some(minutes) =
            minutes.filter(|minutes| *minutes > 0 && !matches!(when, "C" | "CM" | "CD" | "CV"))
        {
            self.w.raw("offset", &minutes.to_string());
        }
    }

    /// Writes the dosage of an administration that took place.
    pub(super) fn administration_dosage(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let mark = self.w.mark();
        let object = self.w.open(slot);
        self.dosage_text(node);
        if let Some(site) = node.child(n::APPROACH_SITE_CODE) {
            self.concept("site".into(), site);
        }
        if let Some(route) = node.child(n::ROUTE_CODE) {
            self.concept("route".into(), route);
        }
        let dosed = node
            .child(n::DOSE_QUANTITY)
            .is_some_and(|dose| self.quantity_with("dose".into(), dose, ""));
        let rated = node
            .child(n::RATE_QUANTITY)
            .is_some_and(|rate| self.quantity_with("rateQuantity".into(), rate, ""));
        let written = self.w.close(object);
        if !dosed && !rated {
            // FHIR's rule mad-1: a dosage has a dose or a rate.
            self.w.rewind(mark);
        }
        written && (dosed || rated)
    }
}
