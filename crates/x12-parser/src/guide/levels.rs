//! The hierarchy: `HL01` numbers the segments, `HL02` names the one around.

use crate::Detail;
use crate::ElementError;
use crate::Segment;
use crate::envelope::Sink;
use crate::guide::course::UNKNOWN;
use crate::guide::inspect::Inspection;
use crate::guide::validator::GuideValidator;

/// Up to fifteen bytes as a word, told apart by their number too; zero for none.
pub(super) fn level_word(raw: &[u8]) -> u128 {
    if raw.is_empty() {
        return 0;
    }
    raw.iter()
        .take(15)
        .fold(1, |word, byte| (word << 8) | u128::from(*byte))
}

fn counted(raw: &[u8]) -> Option<u32> {
    std::str::from_utf8(raw).ok()?.parse().ok()
}

impl GuideValidator<'_> {
    /// Whether the numbers of an `HL` are those expected inside the open loop at `index`.
    pub(super) fn has_due_numbers(&self, index: usize, segment: &Segment<'_>) -> bool {
        let around = self.course.level_around(index + 1);
        let rises = counted(self.fields.part(segment, 1, 0)) == Some(self.levels.saturating_add(1));
        rises && (around == UNKNOWN || around == level_word(self.fields.part(segment, 2, 0)))
    }

    /// Checks the numbers of an `HL` inside the one whose number is `around`; tells its own.
    pub(super) fn level(
        &mut self,
        around: u128,
        number: u16,
        segment: &Segment<'_>,
        found: Sink<'_>,
    ) -> u128 {
        let tables = &self.guide.tables;
        let own = self.fields.part(segment, 1, 0);
        let parent = self.fields.part(segment, 2, 0);
        let expected = self.levels.saturating_add(1);
        let counted = counted(own);
        self.levels = counted.unwrap_or(expected);
        let mut inspection = Inspection {
            tables,
            segment,
            fields: &self.fields,
            classes: &self.classes,
            used: tables.of_use(tables.children(number).first().map_or(0, |child| child.used)),
            loop_id: self.guide.loop_id(number),
            occurrence: 0,
            thorough: false,
            found,
        };
        let mut complain = |element: usize, error, clause| {
            let rule = inspection.rule(inspection.used.elements, element);
            let value = inspection.value(element, &rule);
            inspection.tell(error, value, false, Detail::Clause(clause));
        };
        if !own.is_empty() && counted != Some(expected) {
            complain(1, ElementError::InvalidCode, "HL01 is expected to rise by one");
        }
        match around {
            UNKNOWN => {}
            0 if parent.is_empty() => {}
            0 => complain(2, ElementError::NotUsed, "no HL stands around this one"),
            _ if parent.is_empty() => {
                complain(
                    2,
                    ElementError::Missing,
                    "HL02 is expected to name the HL around it",
                );
            }
            around if around != level_word(parent) => {
                complain(
                    2,
                    ElementError::InvalidCode,
                    "HL02 does not name the HL around it",
                );
            }
            _ => {}
        }
        level_word(own)
    }
}
