//! Reads the short texts of which guides are made.

mod element;
mod row;

pub(crate) use element::ElementText;
pub(crate) use element::FormText;
pub(crate) use element::element_rule;
pub(crate) use row::Asked;
pub(crate) use row::ConditionText;
pub(crate) use row::NoteText;
pub(crate) use row::PartText;
pub(crate) use row::TypeText;
pub(crate) use row::UseText;
pub(crate) use row::conditions;
pub(crate) use row::consequence;
pub(crate) use row::data_type;
pub(crate) use row::notes;
pub(crate) use row::parts;
pub(crate) use row::repeat;
pub(crate) use row::usage;
pub(crate) use row::used;
pub(crate) use row::version;

use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;

/// How good the evidence for a rule is.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Grade {
    /// Two independent sources, or the standard itself.
    #[default]
    A,
    /// One published source.
    B,
    /// To be verified: never a reason to refuse.
    C,
}

/// Whether something must, may or must not stand.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Usage {
    Required,
    #[default]
    Situational,
    NotUsed,
}

/// A code and its own grade, if it has one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CodeText {
    pub(crate) code: String,
    pub(crate) grade: Option<Grade>,
}

/// Number of an element, and of a component in it (zero: the whole element).
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Number {
    pub(crate) element: u8,
    pub(crate) component: u8,
}

/// Most times that can be counted; stands for "any number".
pub(crate) const ANY: u16 = u16::MAX;

/// Walks a text. Every step says where it stopped, in bytes from the start.
pub(crate) struct Scanner<'w> {
    written: &'w Written,
    at: usize,
}

impl<'w> Scanner<'w> {
    pub(crate) fn new(written: &'w Written) -> Self {
        Self { written, at: 0 }
    }

    pub(crate) fn fault(&self, fault: GuideFault) -> GuideError {
        self.written.fault(self.at, fault)
    }

    fn rest(&self) -> &'w str {
        self.written.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    pub(crate) fn is_done(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Steps over `text` where it comes next.
    pub(crate) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Steps over everything up to the first character that `ends`.
    pub(crate) fn until(&mut self, ends: impl Fn(char) -> bool) -> &'w str {
        let rest = self.rest();
        let word = rest.find(ends).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.at += word.len();
        word
    }

    /// The next word, without stepping over it.
    pub(crate) fn coming(&self) -> &'w str {
        self.rest().split_whitespace().next().unwrap_or_default()
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self) -> Result<T, GuideError> {
        let start = self.at;
        let digits = self.until(|c| !c.is_ascii_digit());
        digits.parse().map_err(|_| {
            self.at = start;
            self.fault(GuideFault::Number)
        })
    }

    /// `[A]`, `[B]` or `[C]`, if a bracket comes next.
    pub(crate) fn grade(&mut self) -> Result<Option<Grade>, GuideError> {
        if !self.take("[") {
            return Ok(None);
        }
        let grade = match self.peek() {
            Some('A') => Grade::A,
            Some('B') => Grade::B,
            Some('C') => Grade::C,
            _ => return Err(self.fault(GuideFault::Grade)),
        };
        self.at += 1;
        if self.take("]") {
            Ok(Some(grade))
        } else {
            Err(self.fault(GuideFault::Unclosed('[')))
        }
    }

    /// What stands between quotes, the opening one being next.
    pub(crate) fn quoted(&mut self) -> Result<&'w str, GuideError> {
        let start = self.at;
        self.at += 1;
        let text = self.until(|c| c == '\'');
        if self.take("'") {
            return Ok(text);
        }
        self.at = start;
        Err(self.fault(GuideFault::Unclosed('\'')))
    }

    /// A code with its grade; `ends` says what may not be part of one.
    pub(crate) fn code(&mut self, ends: &str) -> Result<CodeText, GuideError> {
        let code = if self.peek() == Some('\'') {
            self.quoted()?
        } else {
            self.until(|c| c.is_whitespace() || c == '[' || ends.contains(c))
        };
        if code.is_empty() {
            return Err(self.fault(GuideFault::NoCodes));
        }
        Ok(CodeText {
            code: code.to_owned(),
            grade: self.grade()?,
        })
    }

    /// `08` or `08-2`.
    pub(crate) fn element_number(&mut self) -> Result<Number, GuideError> {
        let element = self.number()?;
        let component = if self.take("-") { self.number()? } else { 0 };
        if element == 0 {
            return Err(self.fault(GuideFault::Number));
        }
        Ok(Number { element, component })
    }

    /// Nothing more may come.
    pub(crate) fn end(&mut self) -> Result<(), GuideError> {
        if self.is_done() {
            return Ok(());
        }
        Err(self.fault(GuideFault::Word(self.coming().to_owned())))
    }
}

/// The number of an element or component, as a key of a table.
pub(crate) fn element_number(written: &Written) -> Result<Number, GuideError> {
    let mut scanner = Scanner::new(written);
    let number = scanner.element_number()?;
    scanner.end()?;
    Ok(number)
}

/// Codes with blanks between them.
pub(crate) fn codes(written: &Written) -> Result<Vec<CodeText>, GuideError> {
    let mut scanner = Scanner::new(written);
    let mut found = Vec::new();
    while !scanner.is_done() {
        found.push(scanner.code("()")?);
        if scanner.peek().is_some_and(|next| !next.is_whitespace()) {
            return Err(scanner.fault(GuideFault::Word(scanner.coming().to_owned())));
        }
    }
    if found.is_empty() {
        return Err(scanner.fault(GuideFault::NoCodes));
    }
    Ok(found)
}

/// A grade that stands alone, without brackets.
pub(crate) fn grade(written: &Written) -> Result<Grade, GuideError> {
    match written.text.as_str() {
        "A" => Ok(Grade::A),
        "B" => Ok(Grade::B),
        "C" => Ok(Grade::C),
        _ => Err(written.fault(0, GuideFault::Grade)),
    }
}
