//! A value without parts: its characters, length, codes and form.

use super::Inspection;
use super::Value;
use crate::Detail;
use crate::ElementError;
use crate::guide::element::ElementRule;
use crate::guide::element::Kind;
use crate::guide::fields::class;
use crate::guide::form;
use crate::guide::form::Form;
use crate::guide::table::NONE;
use crate::guide::table::Permit;
use crate::guide::table::code_word;
use std::sync::Arc;

impl<'s> Inspection<'_, 's> {
    /// A value without parts: characters, length, codes, form, in this order; the first fault is told.
    pub(super) fn simple(&mut self, rule: &ElementRule, value: Value<'s>, kinds: u8) {
        let blank = kinds & class::PRINTED == 0;
        if let Some((at, error, weak)) = wrong_character(rule.kind, value.raw, kinds) {
            self.tell_spot(error, value, at, weak);
            if !weak {
                return;
            }
        }
        let length = measured(rule.kind, value.raw, kinds);
        let (min, max) = (rule.min as usize, rule.max as usize);
        if length < min || length > max {
            let error = if length < min {
                ElementError::TooShort
            } else {
                ElementError::TooLong
            };
            let tolerated = u32::try_from(length).is_ok_and(|length| rule.tolerates(length));
            self.tell(
                error,
                value,
                tolerated,
                Detail::Length {
                    found: length,
                    min,
                    max,
                },
            );
        } else if blank && matches!(rule.kind, Kind::Code | Kind::Text) {
            let detail = Detail::Clause("there are blanks only");
            self.tell(ElementError::InvalidCharacter, value, true, detail);
        } else {
            self.meaning(rule, value);
        }
    }

    /// Codes, dates and forms.
    fn meaning(&mut self, rule: &ElementRule, value: Value<'s>) {
        if rule.codes != NONE || rule.standard != NONE {
            self.code(rule, value);
        }
        match rule.kind {
            Kind::Date if !form::is_date(value.raw) => {
                self.tell(ElementError::InvalidDate, value, false, Detail::None);
                return;
            }
            Kind::Time if !form::is_time(value.raw) => {
                self.tell(ElementError::InvalidTime, value, false, Detail::None);
                return;
            }
            _ => {}
        }
        if rule.form == Form::Free {
            return;
        }
        if let Some(test) = rule.form_if {
            let other = self
                .fields
                .part(self.segment, test.number.element, test.number.component);
            if !self.tables.list(test.list).holds(code_word(other), other) {
                return;
            }
        }
        if !self.has_form(rule.form, value.raw) {
            self.tell(
                rule.form.error(),
                value,
                rule.weak.form,
                Detail::Clause(rule.form.clause()),
            );
        }
    }

    fn has_form(&self, form: Form, raw: &[u8]) -> bool {
        match form {
            Form::Free => true,
            Form::Date => raw.len() == 8 && form::is_date(raw),
            Form::Time => form::is_time(raw),
            Form::As(number) => form::is_written_as(self.fields.part(self.segment, number, 0), raw),
            Form::Npi => form::is_npi(raw),
            Form::Loinc => form::is_loinc(raw),
            Form::Digits => raw.iter().all(u8::is_ascii_digit),
            Form::Counts => {
                let counted = raw.iter().try_fold(0u32, |sum, digit| {
                    let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
                    sum.checked_mul(10)?.checked_add(digit)
                });
                counted == Some(u32::from(self.occurrence)) || self.occurrence == u16::MAX
            }
        }
    }

    fn code(&mut self, rule: &ElementRule, value: Value<'s>) {
        let word = code_word(value.raw);
        let permit = match rule.codes {
            NONE => Permit::Yes,
            list => self.tables.list(list).permits(word, value.raw),
        };
        let standard = match rule.standard {
            NONE => None,
            list => Some(self.tables.list(list).holds(word, value.raw)),
        };
        let expected = |list: u16| Detail::Expected(Arc::clone(&self.tables.list(list).expected));
        match (permit, standard) {
            (Permit::Yes, None | Some(true)) => {}
            (Permit::Yes, Some(false)) if rule.codes != NONE => {}
            (Permit::Weakly, _) => {
                let detail = Detail::Clause("the guide is said to permit this code");
                self.tell(ElementError::CodeNotUsed, value, true, detail);
            }
            (Permit::No, Some(true)) => {
                let detail = expected(rule.codes);
                self.tell(ElementError::CodeNotUsed, value, rule.weak.codes, detail);
            }
            (Permit::No, None) => {
                let detail = expected(rule.codes);
                self.tell(ElementError::InvalidCode, value, rule.weak.codes, detail);
            }
            // Not even the standard has it, so the evidence for the guide's own list does not matter.
            (Permit::Yes | Permit::No, Some(false)) => {
                let detail = if rule.codes == NONE {
                    Detail::None
                } else {
                    expected(rule.codes)
                };
                self.tell(ElementError::InvalidCode, value, false, detail);
            }
        }
    }
}

/// The first byte that the type does not permit, the code it gets, and whether it only deserves a note.
fn wrong_character(kind: Kind, raw: &[u8], kinds: u8) -> Option<(usize, ElementError, bool)> {
    let first = |wrong: fn(u8) -> bool| raw.iter().position(|byte| wrong(*byte));
    match kind {
        Kind::Code | Kind::Text if kinds & class::CONTROL != 0 => {
            first(|byte| byte.is_ascii_control()).map(|at| (at, ElementError::InvalidCharacter, false))
        }
        // Which characters beyond ASCII are permitted is between the partners.
        Kind::Code | Kind::Text if kinds & class::FOREIGN != 0 => {
            first(|byte| !byte.is_ascii()).map(|at| (at, ElementError::InvalidCharacter, true))
        }
        Kind::Whole if kinds & class::NO_DIGIT != 0 => {
            let digits = raw.strip_prefix(b"-").unwrap_or(raw);
            let at = digits.iter().position(|byte| !byte.is_ascii_digit());
            at.map(|at| {
                (
                    at + raw.len() - digits.len(),
                    ElementError::InvalidCharacter,
                    false,
                )
            })
            .or_else(|| {
                digits
                    .is_empty()
                    .then_some((0, ElementError::InvalidCharacter, false))
            })
        }
        Kind::Decimal => decimal(raw).map(|at| (at, ElementError::InvalidCharacter, false)),
        Kind::Whole | Kind::Code | Kind::Text | Kind::Date | Kind::Time | Kind::Octets | Kind::Composite => {
            None
        }
    }
}

/// Whether the text is the scheme of an address, such as `https`.
pub(super) fn is_scheme(text: &[u8]) -> bool {
    const SCHEMES: [&[u8]; 5] = [b"https", b"http", b"mailto", b"tel", b"urn"];
    SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(text))
}

/// The first byte that makes `raw` no decimal number.
fn decimal(raw: &[u8]) -> Option<usize> {
    let digits = raw.strip_prefix(b"-").unwrap_or(raw);
    let sign = raw.len() - digits.len();
    let mut point = false;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' if !point => point = true,
            _ => return Some(at + sign),
        }
    }
    (!digits.iter().any(u8::is_ascii_digit)).then_some(0)
}

/// The length as the standard counts it: signs and decimal points do not count, nor do the further bytes of a character.
fn measured(kind: Kind, raw: &[u8], kinds: u8) -> usize {
    match kind {
        Kind::Whole => raw.strip_prefix(b"-").unwrap_or(raw).len(),
        Kind::Decimal => raw.iter().filter(|byte| byte.is_ascii_digit()).count(),
        Kind::Code | Kind::Text if kinds & class::FOREIGN != 0 => {
            raw.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
        }
        Kind::Code | Kind::Text | Kind::Date | Kind::Time | Kind::Octets | Kind::Composite => raw.len(),
    }
}
