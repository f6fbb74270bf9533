//! TS and `IVL_TS`: dateTime, date, instant, Period.

use super::stamp::Oddity;
use super::stamp::Stamp;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::note;

impl<'t> Conversion<'t> {
    /// The time in the `value` of `node`, with an offset if it has a time of the day; odd ones are noted.
    pub(in crate::translate::ccda) fn stamp(&mut self, node: Node<'t>) -> Option<Stamp> {
        let text = node.attribute(n::VALUE)?;
        let Some((stamp, oddity)) = Stamp::parse(text) else {
            self.note(note::BAD_TIME, node);
            return None;
        };
        match oddity {
            Oddity::None => {}
            Oddity::Repaired => self.note(note::TIME_REPAIRED, node),
            Oddity::HourOnly => self.note(note::TIME_HOUR, node),
        }
        if !stamp.has_time() || stamp.offset.is_some() {
            return Some(stamp);
        }
        // Half of all times have no offset: the one of the entry is nearest, then the one of the document.
        if let Some(offset) = self.offset_around(node) {
            self.note(note::ZONE_ASSUMED, node);
            Some(stamp.padded(offset))
        } else {
            self.note(note::ZONE_MISSING, node);
            Some(stamp.day_only())
        }
    }

    /// The time that stands for an interval: its value, else its low, center or high.
    pub(in crate::translate::ccda) fn stamp_of(&mut self, node: Node<'t>) -> Option<Stamp> {
        if node.attribute(n::VALUE).is_some() {
            return self.stamp(node);
        }
        [n::LOW, n::CENTER, n::HIGH]
            .into_iter()
            .filter_map(|name| node.child(name))
            .find_map(|bound| self.stamp(bound))
    }

    /// The bound `name` of an interval.
    pub(in crate::translate::ccda) fn bound(
        &mut self,
        node: Node<'t>,
        name: crate::ccda::Name,
    ) -> Option<Stamp> {
        self.stamp(node.child(name)?)
    }

    /// Writes a dateTime.
    pub(in crate::translate::ccda) fn date_time(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.date_time_of(slot, node))
    }

    fn date_time_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.stamp_of(node)
            .is_some_and(|stamp| self.w.text(slot.typed("DateTime"), stamp.letters().as_str()))
    }

    /// Writes a date.
    pub(in crate::translate::ccda) fn date(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.date_of(slot, node))
    }

    fn date_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.stamp_of(node).is_some_and(|stamp| {
            self.w
                .text(slot.typed("Date"), stamp.day_only().letters().as_str())
        })
    }

    /// Writes an instant; nothing if the time is less precise.
    pub(in crate::translate::ccda) fn instant(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.instant_of(slot, node))
    }

    fn instant_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.stamp_of(node)
            .filter(|stamp| stamp.has_time() && stamp.offset.is_some())
            .is_some_and(|stamp| self.w.text(slot, stamp.letters().as_str()))
    }

    /// Start and end of an interval, the end only if it is not before the start.
    pub(in crate::translate::ccda) fn bounds(&mut self, node: Node<'t>) -> (Option<Stamp>, Option<Stamp>) {
        let start = self.bound(node, n::LOW);
        let mut end = self.bound(node, n::HIGH);
        if let (Some(low), Some(high)) = (start, end)
            && high.is_before(&low)
        {
            self.note(note::BACKWARDS, node);
            end = None;
        }
        if let (Some(low), None) = (start, end)
            && let Some(days) = node.child(n::WIDTH).and_then(days)
        {
            end = low.has_day().then(|| low.plus_days(days));
        }
        (start, end)
    }

    /// Writes a Period; a single time is its start.
    pub(in crate::translate::ccda) fn period(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.period_of(slot, node))
    }

    fn period_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let (start, end) = if node.attribute(n::VALUE).is_some() {
            (self.stamp(node), None)
        } else {
            let (start, end) = self.bounds(node);
            match (start, end, node.child(n::CENTER)) {
                (None, None, Some(center)) => (self.stamp(center), None),
                _ => (start, end),
            }
        };
        self.write_period(slot, start, end)
    }

    /// Writes a Period of what is known.
    pub(in crate::translate::ccda) fn write_period(
        &mut self,
        slot: Slot<'_>,
        start: Option<Stamp>,
        end: Option<Stamp>,
    ) -> bool {
        let object = self.w.open(slot.typed("Period"));
        if let Some(start) = start {
            self.w.text("start", start.letters().as_str());
        }
        if let Some(end) = end {
            self.w.text("end", end.letters().as_str());
        }
        self.w.close(object)
    }

    /// Writes a dateTime for a point in time, a Period for an interval.
    pub(in crate::translate::ccda) fn time(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.time_of(slot, node))
    }

    fn time_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        if node.attribute(n::VALUE).is_some() {
            return self.date_time(slot, node);
        }
        let (start, end) = self.bounds(node);
        match (start, end) {
            (Some(start), Some(end)) if start == end => {
                self.w.text(slot.typed("DateTime"), start.letters().as_str())
            }
            (None, None) => self.date_time(slot, node),
            _ => self.write_period(slot, start, end),
        }
    }
}

/// The days that a width in days, weeks or months spans.
fn days(width: Node<'_>) -> Option<u32> {
    let count: u32 = width.attribute(n::VALUE)?.parse().ok()?;
    match width.attribute(n::UNIT)? {
        "d" => Some(count),
        "wk" => count.checked_mul(7),
        _ => None,
    }
}
