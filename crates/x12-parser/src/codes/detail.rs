//! The codes that findings about segments, elements and content become.

/// What IK304 says of a segment.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SegmentError {
    /// `1`: the segment id is not known.
    Unrecognized,
    /// `2`: the segment is not expected here.
    Unexpected,
    /// `3`: a required segment is missing.
    Missing,
    /// `4`: the loop occurs more often than permitted.
    LoopTooOften,
    /// `5`: the segment occurs more often than permitted.
    TooOften,
    /// `6`: the segment does not belong to this transaction set.
    NotInSet,
    /// `7`: the segment is not in its proper place.
    OutOfOrder,
    /// `8`: one or more elements are in error.
    ElementsInError,
    /// `I4`: the guide does not use this segment.
    NotUsed,
    /// `I6`: the segment is required by what stands elsewhere.
    DependentMissing,
    /// `I7`: the loop occurs less often than required.
    LoopTooSeldom,
    /// `I8`: the segment occurs less often than required.
    TooSeldom,
    /// `I9`: the segment is ruled out by what stands elsewhere.
    DependentNotUsed,
}

impl SegmentError {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::Unrecognized,
        Self::Unexpected,
        Self::Missing,
        Self::LoopTooOften,
        Self::TooOften,
        Self::NotInSet,
        Self::OutOfOrder,
        Self::ElementsInError,
        Self::NotUsed,
        Self::DependentMissing,
        Self::LoopTooSeldom,
        Self::TooSeldom,
        Self::DependentNotUsed,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unrecognized => "1",
            Self::Unexpected => "2",
            Self::Missing => "3",
            Self::LoopTooOften => "4",
            Self::TooOften => "5",
            Self::NotInSet => "6",
            Self::OutOfOrder => "7",
            Self::ElementsInError => "8",
            Self::NotUsed => "I4",
            Self::DependentMissing => "I6",
            Self::LoopTooSeldom => "I7",
            Self::TooSeldom => "I8",
            Self::DependentNotUsed => "I9",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Unrecognized => "the segment id is not known",
            Self::Unexpected => "the segment is not expected here",
            Self::Missing => "a required segment is missing",
            Self::LoopTooOften => "the loop occurs more often than permitted",
            Self::TooOften => "the segment occurs more often than permitted",
            Self::NotInSet => "the segment does not belong to this transaction set",
            Self::OutOfOrder => "the segment is not in its proper place",
            Self::ElementsInError => "one or more elements are in error",
            Self::NotUsed => "the guide does not use this segment",
            Self::DependentMissing => "the segment is required by what stands elsewhere",
            Self::LoopTooSeldom => "the loop occurs less often than required",
            Self::TooSeldom => "the segment occurs less often than required",
            Self::DependentNotUsed => "the segment is ruled out by what stands elsewhere",
        }
    }
}

/// What IK403 says of an element.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ElementError {
    /// `1`: a required element is missing.
    Missing,
    /// `2`: an element is required by another one.
    ConditionalMissing,
    /// `3`: the segment has too many elements.
    TooMany,
    /// `4`: the element is too short.
    TooShort,
    /// `5`: the element is too long.
    TooLong,
    /// `6`: the element holds a character that its type does not permit.
    InvalidCharacter,
    /// `7`: the value is not in the code list.
    InvalidCode,
    /// `8`: the date is not valid.
    InvalidDate,
    /// `9`: the time is not valid.
    InvalidTime,
    /// `10`: two elements that exclude each other both stand.
    ExclusionViolated,
    /// `12`: the element repeats too often.
    TooManyRepetitions,
    /// `13`: the composite has too many components.
    TooManyComponents,
    /// `I6`: the guide does not use this code.
    CodeNotUsed,
    /// `I9`: the element is required by what stands elsewhere.
    DependentMissing,
    /// `I10`: the guide does not use this element.
    NotUsed,
    /// `I11`: the element repeats too seldom.
    TooFewRepetitions,
    /// `I12`: the value has not the required form.
    Pattern,
    /// `I13`: the element is ruled out by what stands elsewhere.
    DependentNotUsed,
}

impl ElementError {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::Missing,
        Self::ConditionalMissing,
        Self::TooMany,
        Self::TooShort,
        Self::TooLong,
        Self::InvalidCharacter,
        Self::InvalidCode,
        Self::InvalidDate,
        Self::InvalidTime,
        Self::ExclusionViolated,
        Self::TooManyRepetitions,
        Self::TooManyComponents,
        Self::CodeNotUsed,
        Self::DependentMissing,
        Self::NotUsed,
        Self::TooFewRepetitions,
        Self::Pattern,
        Self::DependentNotUsed,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "1",
            Self::ConditionalMissing => "2",
            Self::TooMany => "3",
            Self::TooShort => "4",
            Self::TooLong => "5",
            Self::InvalidCharacter => "6",
            Self::InvalidCode => "7",
            Self::InvalidDate => "8",
            Self::InvalidTime => "9",
            Self::ExclusionViolated => "10",
            Self::TooManyRepetitions => "12",
            Self::TooManyComponents => "13",
            Self::CodeNotUsed => "I6",
            Self::DependentMissing => "I9",
            Self::NotUsed => "I10",
            Self::TooFewRepetitions => "I11",
            Self::Pattern => "I12",
            Self::DependentNotUsed => "I13",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Missing => "a required element is missing",
            Self::ConditionalMissing => "an element is required by another one",
            Self::TooMany => "the segment has too many elements",
            Self::TooShort => "the element is too short",
            Self::TooLong => "the element is too long",
            Self::InvalidCharacter => "the element holds a character that its type does not permit",
            Self::InvalidCode => "the value is not in the code list",
            Self::InvalidDate => "the date is not valid",
            Self::InvalidTime => "the time is not valid",
            Self::ExclusionViolated => "two elements that exclude each other both stand",
            Self::TooManyRepetitions => "the element repeats too often",
            Self::TooManyComponents => "the composite has too many components",
            Self::CodeNotUsed => "the guide does not use this code",
            Self::DependentMissing => "the element is required by what stands elsewhere",
            Self::NotUsed => "the guide does not use this element",
            Self::TooFewRepetitions => "the element repeats too seldom",
            Self::Pattern => "the value has not the required form",
            Self::DependentNotUsed => "the element is ruled out by what stands elsewhere",
        }
    }
}

/// What TED01 says of application content.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ContentError {
    /// `006`: the content was received before.
    Duplicate,
    /// `007`: application data is missing.
    Missing,
    /// `008`: a value is out of range.
    OutOfRange,
    /// `009`: a date is not valid.
    InvalidDate,
    /// `011`: a value matches nothing that is known.
    NotMatching,
    /// `012`: values do not fit together.
    InvalidCombination,
    /// `024`: another reason, told in words.
    Other,
    /// `848`: the data is not correct.
    Incorrect,
}

impl ContentError {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::Duplicate,
        Self::Missing,
        Self::OutOfRange,
        Self::InvalidDate,
        Self::NotMatching,
        Self::InvalidCombination,
        Self::Other,
        Self::Incorrect,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "006",
            Self::Missing => "007",
            Self::OutOfRange => "008",
            Self::InvalidDate => "009",
            Self::NotMatching => "011",
            Self::InvalidCombination => "012",
            Self::Other => "024",
            Self::Incorrect => "848",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Duplicate => "the content was received before",
            Self::Missing => "application data is missing",
            Self::OutOfRange => "a value is out of range",
            Self::InvalidDate => "a date is not valid",
            Self::NotMatching => "a value matches nothing that is known",
            Self::InvalidCombination => "values do not fit together",
            Self::Other => "another reason, told in words",
            Self::Incorrect => "the data is not correct",
        }
    }
}

/// What is worth a word but becomes no code in any answer.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Note {
    /// `padding`: blanks stand before a segment id.
    BlankPadding,
    /// `byte-order-mark`: a byte order mark stands before the interchange.
    ByteOrderMark,
    /// `unterminated`: the last segment has no terminator.
    Unterminated,
    /// `empty-segment`: two terminators stand in a row.
    EmptySegment,
    /// `guide-spelling`: the guide id is spelt without its first zero.
    GuideSpelling,
    /// `guide-missing`: ST03 does not name the guide; GS08 is used.
    GuideMissing,
    /// `no-guide`: no guide is at hand, so only the envelope was checked.
    NoGuide,
    /// `trailing-separator`: the segment ends in empty elements.
    TrailingSeparator,
    /// `repaired-length`: the declared payload length was wrong and was repaired.
    RepairedLength,
    /// `unverified-rule`: a rule of weak evidence is not met.
    UnverifiedRule,
}

impl Note {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::BlankPadding,
        Self::ByteOrderMark,
        Self::Unterminated,
        Self::EmptySegment,
        Self::GuideSpelling,
        Self::GuideMissing,
        Self::NoGuide,
        Self::TrailingSeparator,
        Self::RepairedLength,
        Self::UnverifiedRule,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BlankPadding => "padding",
            Self::ByteOrderMark => "byte-order-mark",
            Self::Unterminated => "unterminated",
            Self::EmptySegment => "empty-segment",
            Self::GuideSpelling => "guide-spelling",
            Self::GuideMissing => "guide-missing",
            Self::NoGuide => "no-guide",
            Self::TrailingSeparator => "trailing-separator",
            Self::RepairedLength => "repaired-length",
            Self::UnverifiedRule => "unverified-rule",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BlankPadding => "blanks stand before a segment id",
            Self::ByteOrderMark => "a byte order mark stands before the interchange",
            Self::Unterminated => "the last segment has no terminator",
            Self::EmptySegment => "two terminators stand in a row",
            Self::GuideSpelling => "the guide id is spelt without its first zero",
            Self::GuideMissing => "ST03 does not name the guide; GS08 is used",
            Self::NoGuide => "no guide is at hand, so only the envelope was checked",
            Self::TrailingSeparator => "the segment ends in empty elements",
            Self::RepairedLength => "the declared payload length was wrong and was repaired",
            Self::UnverifiedRule => "a rule of weak evidence is not met",
        }
    }
}
