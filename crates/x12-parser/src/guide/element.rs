//! What a guide asks of an element or component.

use crate::guide::fields::class;
use crate::guide::form::Form;
use crate::guide::grammar::Usage;
use crate::guide::table::NONE;
use crate::guide::table::Run;
use crate::guide::table::Test;

/// Data types of the standard.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `N0` to `N9`: a whole number, its decimals being implied.
    Whole,
    /// `R`: a number with a decimal point.
    Decimal,
    /// `ID`.
    Code,
    /// `AN`.
    #[default]
    Text,
    /// `DT`.
    Date,
    /// `TM`.
    Time,
    /// `B`.
    Octets,
    /// Made of components.
    Composite,
}

/// What of a rule is of weak evidence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ElementDoubt {
    pub(crate) usage: bool,
    pub(crate) codes: bool,
    pub(crate) form: bool,
}

/// The rule of an element or component, dictionary and guide taken together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ElementRule {
    pub(crate) kind: Kind,
    /// Kinds of bytes that ask for a closer look.
    pub(crate) suspect: u8,
    /// Whether there is more to check than length and bytes.
    pub(crate) special: bool,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Lengths that deserve no more than a note, though the dictionary does not permit them.
    pub(crate) tolerated: (u32, u32),
    pub(crate) min_repeat: u16,
    pub(crate) max_repeat: u16,
    /// Number in the dictionary; zero for a composite.
    pub(crate) dictionary: u16,
    pub(crate) usage: Usage,
    /// The codes of the guide, or [`NONE`].
    pub(crate) codes: u16,
    /// All codes of the standard, or [`NONE`].
    pub(crate) standard: u16,
    pub(crate) form: Form,
    pub(crate) weak: ElementDoubt,
    /// Where the form is asked only if another element has certain codes.
    pub(crate) form_if: Option<Test>,
    pub(crate) components: Run,
    pub(crate) required: u64,
    pub(crate) unused: u64,
    pub(crate) notes: Run,
}

/// From here on, numbers in the dictionary are our own and mean nothing to others.
const OWN_NUMBERS: u16 = 10_000;

impl Default for ElementRule {
    fn default() -> Self {
        Self {
            kind: Kind::Text,
            suspect: 0,
            special: false,
            min: 0,
            max: u32::MAX,
            tolerated: (u32::MAX, 0),
            min_repeat: 0,
            max_repeat: 1,
            dictionary: 0,
            usage: Usage::Situational,
            codes: NONE,
            standard: NONE,
            form: Form::Free,
            weak: ElementDoubt::default(),
            form_if: None,
            components: Run::default(),
            required: 0,
            unused: 0,
            notes: Run::default(),
        }
    }
}

impl ElementRule {
    /// Works out what the quick check needs; to be called when all else is set.
    pub(crate) fn settle(&mut self) {
        let parted = class::COMPONENT | class::REPETITION;
        self.suspect = match self.kind {
            Kind::Whole | Kind::Date | Kind::Time => class::NO_DIGIT | class::PRINTED,
            Kind::Code | Kind::Text => parted | class::CONTROL | class::FOREIGN | class::PRINTED,
            Kind::Octets => 0,
            // Neither is ever quick.
            Kind::Decimal | Kind::Composite => u8::MAX,
        };
        self.special = self.codes != NONE
            || self.standard != NONE
            || self.form != Form::Free
            || self.min_repeat > 1
            || matches!(
                self.kind,
                Kind::Date | Kind::Time | Kind::Decimal | Kind::Composite
            );
    }

    /// The number in the standard's dictionary, where it has one.
    pub(crate) fn number(&self) -> Option<u16> {
        (1..OWN_NUMBERS)
            .contains(&self.dictionary)
            .then_some(self.dictionary)
    }

    /// Whether a length that is not permitted is at least tolerated.
    pub(crate) const fn tolerates(&self, length: u32) -> bool {
        self.tolerated.0 <= length && length <= self.tolerated.1
    }

    /// Whether nothing can be wrong with a value of this length and these kinds of bytes.
    #[inline]
    pub(crate) fn is_plain(&self, length: usize, kinds: u8) -> bool {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        // A value without a printed byte is as suspect as one with a wrong byte, so that bit counts the other way.
        !self.special
            && (kinds ^ class::PRINTED) & self.suspect == 0
            && length >= self.min
            && length <= self.max
    }
}
