//! The rule of an element: `R (PI XV)[B] 2..80 npi if 08=XX 'name'`.

use super::CodeText;
use super::Grade;
use super::Number;
use super::Scanner;
use super::Usage;
use super::row;
use crate::guide::form::Form;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;

/// The rule of an element as read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct ElementText {
    pub(crate) usage: Usage,
    pub(crate) usage_grade: Option<Grade>,
    pub(crate) codes: Vec<CodeText>,
    /// Name of a list of codes, and where it stands in the text.
    pub(crate) list: Option<(String, usize)>,
    pub(crate) codes_grade: Option<Grade>,
    pub(crate) length: Option<LengthText>,
    pub(crate) repeat: Option<(u16, u16)>,
    pub(crate) form: Option<FormText>,
    pub(crate) name: Option<String>,
    /// Whether the codes are those that tell the use.
    pub(crate) told: bool,
}

/// Shortest and longest as read; what is not said is left to the dictionary, and the shortest is then 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LengthText {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    pub(crate) grade: Option<Grade>,
    pub(crate) column: usize,
}

/// The form of a value as read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FormText {
    pub(crate) form: Form,
    pub(crate) grade: Option<Grade>,
    /// Where another element must have one of these codes for the form to be asked.
    pub(crate) condition: Option<(Number, Vec<CodeText>)>,
    pub(crate) column: usize,
}

/// Reads the rule of an element.
pub(crate) fn element_rule(written: &Written) -> Result<ElementText, GuideError> {
    let mut scanner = Scanner::new(written);
    let (usage, usage_grade) = row::usage_here(&mut scanner)?;
    let mut rule = ElementText {
        usage,
        usage_grade,
        ..ElementText::default()
    };
    while !scanner.is_done() {
        item(&mut scanner, &mut rule)?;
    }
    Ok(rule)
}

fn item(scanner: &mut Scanner<'_>, rule: &mut ElementText) -> Result<(), GuideError> {
    match scanner.peek() {
        Some('(') if rule.codes.is_empty() && rule.list.is_none() => {
            rule.codes = parenthesised(scanner)?;
            rule.codes_grade = scanner.grade()?;
        }
        Some('@') if rule.codes.is_empty() && rule.list.is_none() => {
            let column = scanner.at;
            scanner.take("@");
            let name = scanner.until(|c| c.is_whitespace() || c == '[');
            rule.list = Some((name.to_owned(), column));
            rule.codes_grade = scanner.grade()?;
        }
        Some('\'') if rule.name.is_none() => rule.name = Some(scanner.quoted()?.to_owned()),
        Some('0'..='9' | '.') if rule.length.is_none() => {
            let column = scanner.at;
            let (min, max) = if scanner.take("..") {
                (0, Some(scanner.number()?))
            } else {
                range(scanner)?
            };
            rule.length = Some(LengthText {
                min,
                max,
                grade: scanner.grade()?,
                column,
            });
        }
        Some('x') if rule.repeat.is_none() => {
            scanner.take("x");
            let first = scanner.number()?;
            rule.repeat = Some(if scanner.take("..") {
                (first, scanner.number()?)
            } else {
                (0, first)
            });
            if rule.repeat.is_some_and(|(min, max)| min > max) {
                return Err(scanner.fault(GuideFault::Range));
            }
        }
        _ if rule.form.is_none() => rule.form = Some(form(scanner)?),
        _ => return Err(scanner.fault(GuideFault::Word(scanner.coming().to_owned()))),
    }
    if scanner.peek().is_some_and(|next| !next.is_whitespace()) {
        return Err(scanner.fault(GuideFault::Word(scanner.coming().to_owned())));
    }
    Ok(())
}

fn parenthesised(scanner: &mut Scanner<'_>) -> Result<Vec<CodeText>, GuideError> {
    let opening = scanner.at;
    scanner.take("(");
    let mut codes = Vec::new();
    loop {
        if scanner.is_done() {
            scanner.at = opening;
            return Err(scanner.fault(GuideFault::Unclosed('(')));
        }
        if scanner.take(")") {
            break;
        }
        codes.push(scanner.code("()")?);
    }
    if codes.is_empty() {
        scanner.at = opening;
        return Err(scanner.fault(GuideFault::NoCodes));
    }
    Ok(codes)
}

/// `1..30` or `1..`.
pub(super) fn range(scanner: &mut Scanner<'_>) -> Result<(u32, Option<u32>), GuideError> {
    let min = scanner.number()?;
    if !scanner.take("..") {
        return Err(scanner.fault(GuideFault::Range));
    }
    let max = match scanner.peek() {
        Some('0'..='9') => Some(scanner.number()?),
        _ => None,
    };
    if max.is_some_and(|max| max < min) {
        return Err(scanner.fault(GuideFault::Range));
    }
    Ok((min, max))
}

fn form(scanner: &mut Scanner<'_>) -> Result<FormText, GuideError> {
    let column = scanner.at;
    let form = match scanner.until(|c| c.is_whitespace() || c == '[') {
        "date" => Form::Date,
        "time" => Form::Time,
        "npi" => Form::Npi,
        "loinc" => Form::Loinc,
        "digits" => Form::Digits,
        "counts" => Form::Counts,
        "as" => {
            scanner.skip_blanks();
            Form::As(scanner.number()?)
        }
        word => {
            scanner.at = column;
            return Err(scanner.fault(GuideFault::Word(word.to_owned())));
        }
    };
    let grade = scanner.grade()?;
    let before = scanner.at;
    scanner.skip_blanks();
    let condition = if scanner.coming() == "if" {
        scanner.take("if");
        scanner.skip_blanks();
        Some(condition(scanner)?)
    } else {
        scanner.at = before;
        None
    };
    Ok(FormText {
        form,
        grade,
        condition,
        column,
    })
}

/// `08=XX|YY`.
fn condition(scanner: &mut Scanner<'_>) -> Result<(Number, Vec<CodeText>), GuideError> {
    let number = scanner.element_number()?;
    if !scanner.take("=") {
        return Err(scanner.fault(GuideFault::Condition));
    }
    let mut codes = vec![scanner.code("|")?];
    while scanner.take("|") {
        codes.push(scanner.code("|")?);
    }
    Ok((number, codes))
}
