//! Texts of a guide, and what may be wrong with them.

use std::fmt;

/// A text of a guide and where it was written, so that a fault in it can be shown in its place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// A number of the caller's choice for its first byte: for a file, its byte offset.
    pub mark: usize,
}

impl Written {
    /// A text with its place.
    pub fn at(text: impl Into<String>, mark: usize) -> Self {
        Self {
            text: text.into(),
            mark,
        }
    }

    /// A fault in this text, `column` bytes from its start.
    pub(crate) fn fault(&self, column: usize, fault: GuideFault) -> GuideError {
        GuideError {
            mark: self.mark + column,
            context: String::new(),
            fault,
        }
    }
}

impl From<&str> for Written {
    fn from(text: &str) -> Self {
        Self::at(text, 0)
    }
}

/// Why a guide or a dictionary cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuideError {
    /// Where: the mark of the text, plus the bytes from its start to the fault.
    pub mark: usize,
    /// The loop, segment and element it concerns; may be empty.
    pub context: String,
    /// What is wrong.
    pub fault: GuideFault,
}

impl GuideError {
    /// Says what the faulty text belongs to, unless that is known already.
    pub(crate) fn within(mut self, context: impl FnOnce() -> String) -> Self {
        if self.context.is_empty() {
            self.context = context();
        }
        self
    }
}

impl fmt::Display for GuideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.context.is_empty() {
            write!(f, "{}", self.fault)
        } else {
            write!(f, "{}: {}", self.context, self.fault)
        }
    }
}

impl std::error::Error for GuideError {}

/// What can be wrong with a guide or a dictionary.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GuideFault {
    /// A usage is none of `R`, `S`, `N`.
    Usage,
    /// A grade is none of `A`, `B`, `C`.
    Grade,
    /// A bracket, parenthesis or quote is not closed.
    Unclosed(char),
    /// There are no codes between the parentheses.
    NoCodes,
    /// A word that means nothing in this place.
    Word(String),
    /// A number is expected.
    Number,
    /// A range is upside down, or wider than the dictionary permits.
    Range,
    /// A data type is none of `N0` to `N9`, `R`, `ID`, `AN`, `DT`, `TM`, `B`.
    Type,
    /// A syntax note is none of `P`, `R`, `E`, `C`, `L` with two or more numbers of two digits.
    SyntaxNote,
    /// A segment id or a use is not written as on the wire.
    Use,
    /// A condition or a consequence cannot be read.
    Condition,
    /// A version has not five digits.
    Version,
    /// The dictionary has no such element, composite or segment.
    NotInDictionary(String),
    /// The dictionary has this entry already.
    Twice(String),
    /// The segment or composite has not so many parts.
    NoSuchElement {
        /// How many there are.
        has: usize,
    },
    /// The element is no composite, so it has no components.
    NotComposite,
    /// The standard requires the element; the guide cannot do without.
    RequiredByStandard,
    /// No list of codes has this name.
    NoSuchList(String),
    /// No loop has this id.
    NoSuchLoop(String),
    /// Loops that hold each other.
    LoopInItself(String),
    /// No row has this key.
    NoSuchKey(String),
    /// A loop has no segments.
    NoSegments,
    /// The first row of a loop must come first, be required and stand once.
    FirstRow,
    /// The first row of a transaction is `ST`, and its last one `SE`.
    Envelope,
    /// A row before it takes every segment this one could take.
    Hidden,
    /// What `when` names stands behind what `then` names.
    Backwards,
    /// More than the engine has room for.
    TooMany(&'static str),
}

impl fmt::Display for GuideFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage => f.write_str("a usage is R, S or N"),
            Self::Grade => f.write_str("a grade is A, B or C"),
            Self::Unclosed(opening) => write!(f, "{opening} is not closed"),
            Self::NoCodes => f.write_str("there are no codes between the parentheses"),
            Self::Word(word) => write!(f, "{word} means nothing here"),
            Self::Number => f.write_str("a number is expected"),
            Self::Range => f.write_str("the range is upside down, or wider than in the dictionary"),
            Self::Type => f.write_str("a type is N0 to N9, R, ID, AN, DT, TM or B, and a length like 1..30"),
            Self::SyntaxNote => {
                f.write_str("a syntax note is P, R, E, C or L and two or more element numbers")
            }
            Self::Use => f.write_str("a use is a segment id and codes, written like NM1*PR|41"),
            Self::Condition => {
                f.write_str("a condition is written like key.01 = 02, key present or key required")
            }
            Self::Version => f.write_str("a version has five digits, like 00602"),
            Self::NotInDictionary(what) => write!(f, "the dictionary has no {what}"),
            Self::Twice(what) => write!(f, "{what} stands here a second time"),
            Self::NoSuchElement { has } => write!(f, "there are {has} elements only"),
            Self::NotComposite => f.write_str("the element has no components"),
            Self::RequiredByStandard => f.write_str("the standard requires this element"),
            Self::NoSuchList(name) => write!(f, "no list of codes is called {name}"),
            Self::NoSuchLoop(id) => write!(f, "there is no loop {id}"),
            Self::LoopInItself(id) => write!(f, "the loop {id} holds itself"),
            Self::NoSuchKey(key) => write!(f, "no segment has the key {key}"),
            Self::NoSegments => f.write_str("a loop has at least one segment"),
            Self::FirstRow => f.write_str(
                "the first segment of a loop comes before all others, is required and stands once",
            ),
            Self::Envelope => f.write_str("a transaction begins with ST and ends with SE"),
            Self::Hidden => f.write_str("a row before this one takes all its segments"),
            Self::Backwards => f.write_str("what `when` names stands behind what `then` names"),
            Self::TooMany(what) => write!(f, "too many {what}"),
        }
    }
}
