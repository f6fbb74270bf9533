//! The texts of rows: usages, repeats, uses, parts, types, syntax notes and conditions.

use super::ANY;
use super::CodeText;
use super::Grade;
use super::Number;
use super::Scanner;
use super::Usage;
use super::element;
use crate::guide::element::Kind;
use crate::guide::note::NoteKind;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;

/// A use: the id of a segment and the codes that tell it from other uses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UseText {
    pub(crate) id: String,
    pub(crate) tests: Vec<TestText>,
}

/// The codes that an element of a use must have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TestText {
    pub(crate) number: Number,
    pub(crate) codes: Vec<CodeText>,
}

/// A part of a segment or composite.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PartText {
    /// Number of an element, or id of a composite.
    pub(crate) refers: String,
    pub(crate) mandatory: bool,
    pub(crate) repeat: u16,
    pub(crate) column: usize,
}

/// The type and the lengths of an element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TypeText {
    pub(crate) kind: Kind,
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
}

/// A syntax note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NoteText {
    pub(crate) kind: NoteKind,
    pub(crate) elements: Vec<u8>,
    pub(crate) column: usize,
}

/// One condition or consequence: of which row, of which element, and what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ConditionText {
    pub(crate) key: String,
    pub(crate) number: Option<Number>,
    pub(crate) asked: Asked,
    pub(crate) column: usize,
}

/// What is asked of a row or element.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    /// In a condition: that it stands. In a consequence: that it must.
    Present,
    /// In a condition: that it does not stand. In a consequence: that it must not.
    Absent,
    /// That it has one of these codes.
    Codes(Vec<CodeText>),
}

/// Reads a usage and its grade.
pub(crate) fn usage(written: &Written) -> Result<(Usage, Option<Grade>), GuideError> {
    let mut scanner = Scanner::new(written);
    let found = usage_here(&mut scanner)?;
    scanner.end()?;
    Ok(found)
}

pub(super) fn usage_here(scanner: &mut Scanner<'_>) -> Result<(Usage, Option<Grade>), GuideError> {
    scanner.skip_blanks();
    let usage = match scanner.peek() {
        Some('R') => Usage::Required,
        Some('S') => Usage::Situational,
        Some('N') => Usage::NotUsed,
        _ => return Err(scanner.fault(GuideFault::Usage)),
    };
    scanner.at += 1;
    if scanner.peek().is_some_and(char::is_alphanumeric) {
        scanner.at -= 1;
        return Err(scanner.fault(GuideFault::Usage));
    }
    Ok((usage, scanner.grade()?))
}

/// Reads how often something stands: fewest, where said, and most.
pub(crate) fn repeat(written: &Written) -> Result<(Option<u16>, u16, Option<Grade>), GuideError> {
    let mut scanner = Scanner::new(written);
    let (min, max) = if scanner.take(">1") {
        (None, ANY)
    } else {
        let first = scanner.number()?;
        if scanner.take("..") {
            (Some(first), scanner.number()?)
        } else {
            (None, first)
        }
    };
    if max == 0 || min.is_some_and(|min| min > max) {
        return Err(written.fault(0, GuideFault::Range));
    }
    let grade = scanner.grade()?;
    scanner.end()?;
    Ok((min, max, grade))
}

/// Whether bytes look like the id of a segment.
fn is_id(id: &str) -> bool {
    crate::SegmentId::of(id.as_bytes()).is_well_formed()
}

/// Reads a use such as `NM1*PR|41`.
pub(crate) fn used(written: &Written) -> Result<UseText, GuideError> {
    let mut scanner = Scanner::new(written);
    let id = scanner.until(|c| c == '*');
    if !is_id(id) {
        return Err(written.fault(0, GuideFault::Use));
    }
    let mut tests = Vec::new();
    let mut number = Number::default();
    loop {
        if scanner.take("*") {
            number = Number {
                element: number.element.saturating_add(1),
                component: 0,
            };
        } else if scanner.take(":") {
            number.component = number.component.max(1).saturating_add(1);
        } else if scanner.peek().is_some() {
            let mut codes = vec![scanner.code("*:|")?];
            while scanner.take("|") {
                codes.push(scanner.code("*:|")?);
            }
            if scanner.peek() == Some(':') && number.component == 0 {
                number.component = 1;
            }
            if scanner.peek().is_some_and(|next| next != '*' && next != ':') {
                return Err(scanner.fault(GuideFault::Use));
            }
            tests.push(TestText { number, codes });
        } else {
            break;
        }
    }
    Ok(UseText {
        id: id.to_owned(),
        tests,
    })
}

/// Reads the parts of a segment or composite: `98! 1065! C040x3`.
pub(crate) fn parts(written: &Written) -> Result<Vec<PartText>, GuideError> {
    let mut scanner = Scanner::new(written);
    let mut found = Vec::new();
    while !scanner.is_done() {
        let column = scanner.at;
        let refers = scanner.until(|c| c.is_whitespace() || c == '!' || c == 'x');
        let mandatory = scanner.take("!");
        let repeat = if scanner.take("x") { scanner.number()? } else { 1 };
        if refers.is_empty() || repeat == 0 || scanner.peek().is_some_and(|next| !next.is_whitespace()) {
            return Err(scanner.fault(GuideFault::Word(scanner.coming().to_owned())));
        }
        found.push(PartText {
            refers: refers.to_owned(),
            mandatory,
            repeat,
            column,
        });
    }
    Ok(found)
}

/// Reads a type and its lengths: `AN 1..30`.
pub(crate) fn data_type(written: &Written) -> Result<TypeText, GuideError> {
    let mut scanner = Scanner::new(written);
    let kind = match scanner.until(char::is_whitespace) {
        "R" => Kind::Decimal,
        "ID" => Kind::Code,
        "AN" => Kind::Text,
        "DT" => Kind::Date,
        "TM" => Kind::Time,
        "B" => Kind::Octets,
        word => match word.as_bytes() {
            [b'N', b'0'..=b'9'] => Kind::Whole,
            _ => return Err(written.fault(0, GuideFault::Type)),
        },
    };
    scanner.skip_blanks();
    let (min, max) = element::range(&mut scanner)?;
    scanner.end()?;
    Ok(TypeText { kind, min, max })
}

/// Reads a version such as `00602`.
pub(crate) fn version(written: &Written) -> Result<u32, GuideError> {
    let text = written.text.as_str();
    if text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_err(|_| written.fault(0, GuideFault::Version));
    }
    Err(written.fault(0, GuideFault::Version))
}

/// Reads syntax notes: `P0304 R0203`.
pub(crate) fn notes(written: &Written) -> Result<Vec<NoteText>, GuideError> {
    let mut scanner = Scanner::new(written);
    let mut found = Vec::new();
    while !scanner.is_done() {
        let column = scanner.at;
        let word = scanner.until(char::is_whitespace);
        let (kind, digits) = word.split_at_checked(1).unwrap_or_default();
        let kind = match kind {
            "P" => NoteKind::Paired,
            "R" => NoteKind::Required,
            "E" => NoteKind::Exclusive,
            "C" => NoteKind::Conditional,
            "L" => NoteKind::List,
            _ => return Err(written.fault(column, GuideFault::SyntaxNote)),
        };
        let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
        let elements: Vec<u8> = pairs.iter().copied().filter_map(two_digits).collect();
        if !odd.is_empty() || elements.len() != pairs.len() || elements.len() < 2 {
            return Err(written.fault(column, GuideFault::SyntaxNote));
        }
        found.push(NoteText {
            kind,
            elements,
            column,
        });
    }
    Ok(found)
}

fn two_digits([tens, ones]: [u8; 2]) -> Option<u8> {
    let number = match (tens, ones) {
        (b'0'..=b'9', b'0'..=b'9') => (tens - b'0') * 10 + (ones - b'0'),
        _ => 0,
    };
    (number > 0).then_some(number)
}

/// Reads `begin.01 = 11 and contact present`.
pub(crate) fn conditions(written: &Written) -> Result<Vec<ConditionText>, GuideError> {
    let mut scanner = Scanner::new(written);
    let mut found = Vec::new();
    loop {
        let (mut condition, asked) = subject(&mut scanner)?;
        condition.asked = match asked {
            "present" => Asked::Present,
            "absent" => Asked::Absent,
            "=" => Asked::Codes(codes_until_and(&mut scanner)?),
            _ => return Err(written.fault(condition.column, GuideFault::Condition)),
        };
        found.push(condition);
        if scanner.is_done() {
            return Ok(found);
        }
        if scanner.coming() != "and" {
            return Err(scanner.fault(GuideFault::Word(scanner.coming().to_owned())));
        }
        scanner.take("and");
    }
}

/// Reads `trace.01 = 2`, `question required` or `question not used`.
pub(crate) fn consequence(written: &Written) -> Result<ConditionText, GuideError> {
    let mut scanner = Scanner::new(written);
    let (mut found, asked) = subject(&mut scanner)?;
    found.asked = match asked {
        "required" => Asked::Present,
        "not" => {
            scanner.skip_blanks();
            if !scanner.take("used") {
                return Err(scanner.fault(GuideFault::Condition));
            }
            Asked::Absent
        }
        "=" if found.number.is_some() => Asked::Codes(codes_until_and(&mut scanner)?),
        _ => return Err(written.fault(found.column, GuideFault::Condition)),
    };
    scanner.end()?;
    Ok(found)
}

/// A key, perhaps the number of an element, and the word behind it.
fn subject<'w>(scanner: &mut Scanner<'w>) -> Result<(ConditionText, &'w str), GuideError> {
    scanner.skip_blanks();
    let column = scanner.at;
    let key = scanner.until(|c| c.is_whitespace() || c == '.' || c == '=');
    if key.is_empty() {
        return Err(scanner.fault(GuideFault::Condition));
    }
    let number = if scanner.take(".") {
        Some(scanner.element_number()?)
    } else {
        None
    };
    scanner.skip_blanks();
    let word = if scanner.take("=") {
        "="
    } else {
        scanner.until(char::is_whitespace)
    };
    let found = ConditionText {
        key: key.to_owned(),
        number,
        asked: Asked::Present,
        column,
    };
    Ok((found, word))
}

fn codes_until_and(scanner: &mut Scanner<'_>) -> Result<Vec<CodeText>, GuideError> {
    let mut codes = Vec::new();
    while !scanner.is_done() && scanner.coming() != "and" {
        codes.push(scanner.code("")?);
    }
    if codes.is_empty() {
        return Err(scanner.fault(GuideFault::NoCodes));
    }
    Ok(codes)
}
