//! What a guide asks of an element or component.

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
    /// Whether the use was told by these codes, none of them being of weak evidence.
    pub(crate) told: bool,
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
            told: false,
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
    /// What the quick check of values needs.
    pub(crate) fn quick(&self) -> Quick {
        let small = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
        Quick {
            min: small(self.min),
            max: small(self.max),
            asks: if self.min_repeat > 1 {
                Ask::Closer
            } else {
                self.ask()
            },
        }
    }

    fn ask(&self) -> Ask {
        let codes = match (self.codes, self.standard) {
            (NONE, NONE) => None,
            (NONE, standard) => Some(standard),
            // The codes that led to a use have been looked at already.
            _ if self.told => None,
            (codes, _) => Some(codes),
        };
        let form = match (self.form, self.form_if) {
            (Form::As(number), None) if number > 0 => Form::As(number),
            (form @ (Form::Free | Form::Date), None) => form,
            (_, _) => return Ask::Closer,
        };
        match (self.kind, codes, form) {
            (Kind::Text | Kind::Code, None, Form::Free) => Ask::Nothing,
            (Kind::Text | Kind::Code, Some(list), Form::Free) => Ask::Code(list),
            (Kind::Text | Kind::Date, None, Form::Date) => Ask::Day,
            (Kind::Date, None, Form::Free) => Ask::Date,
            (Kind::Text, None, Form::As(number)) => Ask::As(number),
            (Kind::Time, None, Form::Free) => Ask::Time,
            (Kind::Whole, None, Form::Free) => Ask::Digits,
            (_, _, _) => Ask::Closer,
        }
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
}

/// The quick check of an element: what passes it is right, what does not needs a closer look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quick {
    pub(crate) min: u16,
    pub(crate) max: u16,
    pub(crate) asks: Ask,
}

/// What is asked of a value whose length and characters are right.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    /// Nothing more.
    Nothing,
    /// A code, as a word.
    Only(u64),
    /// One of the codes of a list, and not one of weak evidence.
    Code(u16),
    /// `CCYYMMDD`.
    Day,
    /// A date with or without century.
    Date,
    /// A time.
    Time,
    /// What the format code in another element says.
    As(u8),
    /// Digits only.
    Digits,
    /// More than can be asked quickly.
    Closer,
}
