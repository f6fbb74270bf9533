//! What a loop lacks when it closes, what facts ask of a segment, and the numbers of the hierarchy.

use crate::Code;
use crate::Detail;
use crate::ElementError;
use crate::Finding;
use crate::Place;
use crate::Segment;
use crate::SegmentError;
use crate::envelope::Sink;
use crate::guide::course::Spot;
use crate::guide::inspect::Inspection;
use crate::guide::resync;
use crate::guide::table::Asks;
use crate::guide::table::Child;
use crate::guide::table::NONE;
use crate::guide::table::Rule;
use crate::guide::table::code_word;
use crate::guide::validator::GuideValidator;
use std::sync::Arc;

impl GuideValidator<'_> {
    /// Tells which children of the innermost loop are missing or too few.
    pub(super) fn tell_lacks(&mut self, index: usize, place: Option<Place>, found: Sink<'_>) {
        let tables = &self.guide.tables;
        let number = self.course.frame(index).number;
        let closed = tables.of_loop(number);
        for at in closed.required.of(&tables.required) {
            let spot = Spot {
                frame: index,
                child: *at,
            };
            let Some(child) = resync::child_at(&self.course, tables, spot) else {
                continue;
            };
            let count = self.course.count(spot);
            if count.seen >= child.min || count.assumed {
                continue;
            }
            let Some(place) = self.missed(spot, place) else {
                continue;
            };
            if count.seen == 0 && self.was_miscoded(index, child) {
                continue;
            }
            let (error, weak) = match (count.seen, child.opens) {
                (0, _) => (SegmentError::Missing, child.weak.usage),
                (_, NONE) => (SegmentError::TooSeldom, child.weak.repeat),
                (_, _) => (SegmentError::LoopTooSeldom, child.weak.repeat),
            };
            self.tell_missing(error, weak, child, index, place, found);
        }
        for demand in closed.demands.of(&tables.demands) {
            let spot = Spot {
                frame: index,
                child: demand.child,
            };
            let count = self.course.count(spot);
            if count.seen > 0 || count.assumed || !demand.applies(self.course.facts) {
                continue;
            }
            let child = resync::child_at(&self.course, tables, spot);
            if let (Some(child), Some(place)) = (child, self.missed(spot, place)) {
                self.tell_missing(
                    SegmentError::DependentMissing,
                    demand.weak,
                    child,
                    index,
                    place,
                    found,
                );
            }
        }
    }

    /// Where a child was missed first, if that is known.
    fn missed(&self, spot: Spot, place: Option<Place>) -> Option<Place> {
        if self.course.count(spot).passed {
            Some(self.course.missed_at(spot))
        } else {
            place
        }
    }

    /// Whether a segment with a wrong code may have been the missing one; each is believed once.
    fn was_miscoded(&mut self, index: usize, child: &Child) -> bool {
        let id = self.guide.tables.of_use(child.used).id;
        let Some(frame) = self.course.frames.get_mut(index) else {
            return false;
        };
        let found = frame.strays.id == id && frame.strays.count > 0;
        if found {
            frame.strays.count -= 1;
        }
        found
    }

    /// Tells that a child of an open loop is missing.
    pub(super) fn tell_missing(
        &self,
        error: SegmentError,
        weak: bool,
        child: &Child,
        index: usize,
        place: Place,
        found: Sink<'_>,
    ) {
        let used = self.guide.tables.of_use(child.used);
        let number = if child.opens == NONE {
            self.course.frame(index).number
        } else {
            child.opens
        };
        let mut finding = Finding::at(Code::Segment(error), place, used.segment)
            .with_detail(Detail::Expected(Arc::clone(&used.expected)));
        finding.loop_id = self.guide.loop_id(number).cloned();
        found(if weak { finding.weakly_founded() } else { finding });
    }

    /// Looks at the elements of a segment, at the facts it establishes and at what earlier facts ask of it.
    #[inline]
    pub(super) fn inspect(
        &mut self,
        child: &Child,
        number: u16,
        occurrence: u16,
        segment: &Segment<'_>,
        given: u64,
        found: Sink<'_>,
    ) {
        let tables = &self.guide.tables;
        let used = tables.of_use(child.used);
        if used.conditions.len() > 0 {
            self.course.facts |= self.established(child, segment);
        }
        let mut inspection = Inspection {
            tables,
            segment,
            fields: &self.fields,
            classes: &self.classes,
            used,
            loop_id: self.guide.loop_id(number),
            occurrence,
            thorough: self.thorough,
            found,
        };
        inspection.run(given);
        for rule in used.rules.of(&tables.rules) {
            if rule.applies(self.course.facts) {
                inspection.apply(*rule);
            }
        }
    }

    /// The facts that a segment establishes.
    pub(super) fn established(&self, child: &Child, segment: &Segment<'_>) -> u64 {
        let tables = &self.guide.tables;
        let conditions = tables.of_use(child.used).conditions.of(&tables.conditions);
        let holding = conditions.iter().filter(|condition| {
            let raw = self
                .fields
                .part(segment, condition.number.element, condition.number.component);
            if condition.list == NONE {
                condition.number.element == 0 || !raw.is_empty()
            } else {
                tables.list(condition.list).holds(code_word(raw), raw)
            }
        });
        holding.fold(0, |facts, condition| facts | condition.fact)
    }
}

impl Inspection<'_, '_> {
    /// Does what a rule across segments asks of this one.
    fn apply(&mut self, rule: Rule) {
        let element = usize::from(rule.number.element);
        if element == 0 {
            if rule.asks == Asks::Absent {
                self.tell_segment(SegmentError::DependentNotUsed, rule.weak);
            }
            return;
        }
        let raw = self
            .fields
            .part(self.segment, rule.number.element, rule.number.component);
        let (error, detail) = match rule.asks {
            Asks::Present if raw.is_empty() => (ElementError::DependentMissing, Detail::None),
            Asks::Absent if !raw.is_empty() => (ElementError::DependentNotUsed, Detail::None),
            Asks::Codes(list) if !raw.is_empty() => {
                let list = self.tables.list(list);
                if list.holds(code_word(raw), raw) {
                    return;
                }
                (
                    ElementError::CodeNotUsed,
                    Detail::Expected(Arc::clone(&list.expected)),
                )
            }
            Asks::Present | Asks::Absent | Asks::Codes(_) => return,
        };
        let value = self.part_value(rule.number.element, rule.number.component);
        self.tell(error, value, rule.weak, detail);
    }
}
