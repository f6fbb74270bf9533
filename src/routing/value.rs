//! The values that keys have, and the patterns that conditions compare them with.

use std::fmt;

use crate::base::ids::IdError;
use crate::base::ids::Loinc;
use crate::base::ids::Npi;
use crate::base::ids::PayerId;
use crate::base::ids::Tin;
use crate::routing::key::Key;
use crate::routing::key::Message;

/// A value of a key, checked and in the one form in which it is compared.
///
/// A tax id may be a person's, so it is compared and never shown.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Value {
    /// A value that may be shown.
    Text(Box<str>),
    /// A tax id.
    Tin(Tin),
}

/// Why a text is no value of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValueFault {
    /// The key has few values, and this is none of them.
    Word,
    /// The identifier that the key calls for does not parse.
    Id(IdError),
    /// Not a qualifier, a colon and an id.
    Isa(IsaFault),
    /// Empty, longer than any such value, or with characters that have no place in it.
    Text,
}

impl Value {
    /// Reads the value of a key.
    ///
    /// # Errors
    /// Refuses what the key cannot have.
    pub fn read(key: Key, text: &str) -> Result<Self, ValueFault> {
        let graphic = |most: usize| {
            let sound = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
            if sound {
                Ok(Self::text(text))
            } else {
                Err(ValueFault::Text)
            }
        };
        match key {
            Key::Message => Message::parse(text).map(Self::from).ok_or(ValueFault::Word),
            Key::AttachTo | Key::Solicited => {
                let known = key.words().is_some_and(|words| words.contains(&text));
                if known {
                    Ok(Self::text(text))
                } else {
                    Err(ValueFault::Word)
                }
            }
            Key::IsaSender | Key::IsaReceiver => IsaId::parse(text)
                .map(|id| Self::text(&id.0))
                .map_err(ValueFault::Isa),
            Key::GsSender | Key::GsReceiver => application_id(text).map(Self::text).ok_or(ValueFault::Text),
            Key::PayerId => PayerId::parse(text)
                .map(|id| Self::text(id.as_str()))
                .map_err(ValueFault::Id),
            Key::ProviderNpi => Npi::parse(text).map(|_| Self::text(text)).map_err(ValueFault::Id),
            Key::Tin => Tin::parse(text).map(Self::Tin).map_err(ValueFault::Id),
            Key::Loinc => Loinc::parse(text)
                .map(|_| Self::text(text))
                .map_err(ValueFault::Id),
            Key::Version | Key::From | Key::Listener | Key::Organization | Key::Resource => graphic(80),
        }
    }

    /// The value as text; `None` if it must not be shown.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Tin(_) => None,
        }
    }

    /// The value, or words that stand for one that must not be shown.
    pub fn told(&self) -> &str {
        self.as_str().unwrap_or("[private]")
    }

    fn text(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::text(message.as_str())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.told())
    }
}

/// A sender or receiver of interchanges: a qualifier of two characters and an id of up to 15, as in `ZZ:ABC`.
///
/// The blanks that pad the id in an `ISA` are not part of it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IsaId(Box<str>);

/// What can be wrong with an interchange id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IsaFault {
    /// There is no colon after two characters.
    Qualifier,
    /// The id is empty or has characters that have no place in an `ISA`.
    Id,
    /// The id has more than 15 characters.
    Length,
}

impl IsaId {
    /// The qualifiers of X12 that health care uses.
    pub const QUALIFIERS: [&'static str; 9] = ["01", "14", "20", "27", "28", "29", "30", "33", "ZZ"];

    /// Reads a qualifier, a colon and an id; blanks at the end are padding.
    ///
    /// # Errors
    /// Refuses a missing qualifier and an id that has no place in an `ISA`.
    pub fn parse(text: &str) -> Result<Self, IsaFault> {
        let (qualifier, id) = text.split_once(':').ok_or(IsaFault::Qualifier)?;
        if qualifier.len() != 2 || !qualifier.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(IsaFault::Qualifier);
        }
        let id = id.trim_end_matches(' ');
        if id.is_empty()
            || id.starts_with(' ')
            || !id.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            return Err(IsaFault::Id);
        }
        if id.len() > 15 {
            return Err(IsaFault::Length);
        }
        Ok(Self(format!("{qualifier}:{id}").into()))
    }

    /// Qualifier, colon and id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two characters that say what kind of id it is.
    pub fn qualifier(&self) -> &str {
        self.0.split_once(':').map_or("", |(qualifier, _)| qualifier)
    }

    /// The id without its qualifier.
    pub fn id(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for IsaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An application id as it is compared: 2 to 15 printable characters without padding.
pub fn application_id(text: &str) -> Option<&str> {
    let id = text.trim_end_matches(' ');
    let sound = (2..=15).contains(&id.len())
        && !id.starts_with(' ')
        && id.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    sound.then_some(id)
}

/// What a condition compares a value with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    shape: Shape,
    written: Box<str>,
}

/// How a pattern compares.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Shape {
    /// The value and no other.
    Exact(Value),
    /// Every value that starts so; the empty start is every value.
    Prefix(Box<str>),
}

/// Why a text is no pattern of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PatternFault {
    /// The value is not one that the key can have.
    Value(ValueFault),
    /// There is a star where the key wants whole values.
    Whole,
    /// There is a star elsewhere than at the end.
    Star,
}

impl Pattern {
    /// Reads what is written in a condition: a value, or the start of one and a star.
    ///
    /// # Errors
    /// Refuses what no value of the key could ever match.
    pub fn read(key: Key, written: &str) -> Result<Self, PatternFault> {
        let shape = match written.split_once('*') {
            None => Shape::Exact(Value::read(key, written).map_err(PatternFault::Value)?),
            Some(_) if !key.takes_prefix() => return Err(PatternFault::Whole),
            Some((start, "")) => {
                if start.bytes().any(|byte| !byte.is_ascii_graphic() && byte != b' ') {
                    return Err(PatternFault::Value(ValueFault::Text));
                }
                Shape::Prefix(start.into())
            }
            Some(_) => return Err(PatternFault::Star),
        };
        Ok(Self {
            shape,
            written: written.into(),
        })
    }

    /// How it compares.
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The text that it was read from.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether it matches `value`.
    pub fn matches(&self, value: &Value) -> bool {
        match (&self.shape, value) {
            (Shape::Exact(exact), value) => exact == value,
            (Shape::Prefix(start), Value::Text(text)) => text.starts_with(&**start),
            (Shape::Prefix(_), Value::Tin(_)) => false,
        }
    }

    /// Whether every value that `other` matches is matched by this one too.
    pub fn covers(&self, other: &Self) -> bool {
        match &other.shape {
            Shape::Exact(value) => self.matches(value),
            Shape::Prefix(longer) => match &self.shape {
                Shape::Exact(_) => false,
                Shape::Prefix(start) => longer.starts_with(&**start),
            },
        }
    }

    /// Whether some value is matched by both.
    pub fn meets(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::IdFault;

    #[track_caller]
    fn check(key: Key, text: &str, expected: Result<&str, ValueFault>) {
        let found = Value::read(key, text);
        assert_eq!(
            found.as_ref().map(ToString::to_string).map_err(|fault| *fault),
            expected.map(str::to_owned)
        );
    }

    #[test]
    fn values_have_one_form() {
        check(Key::IsaSender, "ZZ:ABC            ", Ok("ZZ:ABC"));
        check(Key::GsSender, "LEGACY  ", Ok("LEGACY"));
        check(Key::PayerId, "00520", Ok("00520"));
        check(Key::Solicited, "true", Ok("true"));
        check(Key::Tin, "12-3456789", Ok("[private]"));
        assert_eq!(
            Value::read(Key::Tin, "12-3456789"),
            Value::read(Key::Tin, "123456789")
        );
    }

    #[test]
    fn what_a_key_cannot_have_is_refused() {
        check(Key::Message, "837", Err(ValueFault::Word));
        check(Key::AttachTo, "claims", Err(ValueFault::Word));
        check(Key::IsaSender, "ABC", Err(ValueFault::Isa(IsaFault::Qualifier)));
        check(Key::IsaSender, "ZZ:", Err(ValueFault::Isa(IsaFault::Id)));
        check(
            Key::IsaSender,
            "ZZ:ABCDEFGHIJKLMNOP",
            Err(ValueFault::Isa(IsaFault::Length)),
        );
        check(Key::Version, "", Err(ValueFault::Text));
        let fault = Value::read(Key::ProviderNpi, "1234567890");
        assert!(matches!(
            fault,
            Err(ValueFault::Id(IdError {
                fault: IdFault::CheckDigit,
                ..
            }))
        ));
    }

    #[track_caller]
    fn pattern(key: Key, written: &str) -> Pattern {
        Pattern::read(key, written).expect("a pattern")
    }

    #[test]
    fn a_star_stands_at_the_end_or_not_at_all() {
        assert!(pattern(Key::PayerId, "W*").matches(&Value::text("W0042")));
        assert!(!pattern(Key::PayerId, "W*").matches(&Value::text("X0042")));
        assert!(pattern(Key::PayerId, "*").matches(&Value::text("X")));
        assert_eq!(Pattern::read(Key::PayerId, "*W"), Err(PatternFault::Star));
        assert_eq!(Pattern::read(Key::PayerId, "W**"), Err(PatternFault::Star));
        assert_eq!(Pattern::read(Key::Tin, "98*"), Err(PatternFault::Whole));
        assert_eq!(Pattern::read(Key::Message, "fhir-*"), Err(PatternFault::Whole));
    }

    #[test]
    fn one_pattern_covers_another_if_it_matches_all_that_the_other_does() {
        let [narrow, wide, exact] = ["W00*", "W*", "W0042"].map(|written| pattern(Key::PayerId, written));
        assert!(wide.covers(&narrow) && wide.covers(&exact) && narrow.covers(&exact) && wide.covers(&wide));
        assert!(!narrow.covers(&wide) && !exact.covers(&narrow));
        assert!(narrow.meets(&wide) && exact.meets(&wide));
        assert!(!exact.meets(&pattern(Key::PayerId, "X*")));
    }

    #[test]
    fn a_tax_id_is_not_shown_by_debug_either() {
        assert!(!format!("{:?}", Value::read(Key::Tin, "987654321")).contains("987654321"));
    }
}
