//! Judges a single value by its kind, and says what is wrong with it.

use std::net::SocketAddr;

use crate::base::ids::IdError;
use crate::base::ids::IdFault;
use crate::base::ids::Loinc;
use crate::base::ids::Npi;
use crate::config::code;
use crate::config::code::Code;
use crate::config::quantity;
use crate::config::quantity::Url;
use crate::config::quantity::UrlFault;
use crate::config::shape::Kind;
use crate::config::similar::did_you_mean;
use crate::routing::guide;
use crate::routing::key::Key as MatchKey;
use crate::routing::value::IsaFault;
use crate::routing::value::IsaId;
use crate::routing::value::Pattern;
use crate::routing::value::PatternFault;
use crate::routing::value::Value;
use crate::routing::value::ValueFault;

/// What is wrong with a value.
#[derive(Debug)]
pub struct Fault {
    /// The kind of fault.
    pub code: &'static Code,
    /// What is wrong.
    pub text: String,
    /// What is said under the spot.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

/// Judges a text as a value of a kind.
///
/// # Errors
/// Says what is wrong with it.
pub fn judge(kind: &Kind, text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(form(
            "an empty text says nothing".to_owned(),
            "leave the key out instead",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(form(
            "a control character in a text".to_owned(),
            "only characters that can be seen",
        ));
    }
    match kind {
        Kind::Word(words) => word(text, words),
        Kind::Size => quantity(
            text,
            quantity::size(text).is_some(),
            "a size",
            "25MiB",
            quantity::SIZES,
        ),
        Kind::Duration => quantity(
            text,
            quantity::duration(text).is_some(),
            "a time",
            "30s",
            quantity::TIMES,
        ),
        Kind::Url => Url::parse(text).map(drop).map_err(|fault| url_fault(text, fault)),
        Kind::Address => text.parse::<SocketAddr>().map(drop).map_err(|_| {
            form(
                format!("`{text}` is not an address and port"),
                "an IP address, a colon and a port: 127.0.0.1:8443",
            )
        }),
        Kind::Isa => isa(text),
        Kind::ApplicationId => value(MatchKey::GsSender, text),
        Kind::Guide => known_guide(text),
        Kind::PayerId => value(MatchKey::PayerId, text),
        Kind::Npi => value(MatchKey::ProviderNpi, text),
        Kind::Tin => value(MatchKey::Tin, text),
        Kind::Patterns(key) => pattern(*key, text),
        Kind::Values(key) => value(*key, text),
        Kind::FindingCode => finding_code(text),
        Kind::Text | Kind::Name | Kind::Path => not_a_key(text),
        // The others are no texts, and are judged where they are read.
        _ => Ok(()),
    }
}

fn form(text: String, label: &str) -> Fault {
    Fault {
        code: &code::shape::FORM,
        text,
        label: label.to_owned(),
        help: None,
    }
}

fn word(text: &str, words: &[&'static str]) -> Result<(), Fault> {
    if words.contains(&text) {
        return Ok(());
    }
    Err(Fault {
        code: &code::shape::WORD,
        text: format!("`{text}` is not one of the words that fit here"),
        label: format!("one of {}", words.join(", ")),
        help: did_you_mean(text, words.iter().copied()),
    })
}

fn quantity(text: &str, sound: bool, what: &str, such_as: &str, units: &[(&str, &str)]) -> Result<(), Fault> {
    if sound {
        return Ok(());
    }
    Err(Fault {
        code: &code::shape::QUANTITY,
        text: format!("`{text}` is not {what}"),
        label: format!("a whole number and its unit: {such_as}"),
        help: quantity::meant(text, units).map(|meant| format!("did you mean `{meant}`?")),
    })
}

fn url_fault(text: &str, fault: UrlFault) -> Fault {
    if fault == UrlFault::Credentials {
        return Fault {
            code: &code::security::PLAIN_SECRET,
            text: "a secret must not be written in the file".to_owned(),
            label: String::new(),
            help: Some("leave user and password out of the address and use `auth`".to_owned()),
        };
    }
    let label = match fault {
        UrlFault::Scheme => "starts with https:// or http://",
        UrlFault::Host => "the host is missing, or it has characters that hosts do not have",
        UrlFault::Port => "the port is a number up to 65535",
        UrlFault::Rest | UrlFault::Credentials => "no blanks, no `?` and no `#`",
    };
    let help = (fault == UrlFault::Scheme && !text.contains("://"))
        .then(|| format!("did you mean `https://{text}`?"));
    Fault {
        code: &code::shape::FORM,
        text: format!("`{text}` is not a web address"),
        label: label.to_owned(),
        help,
    }
}

fn isa(text: &str) -> Result<(), Fault> {
    let refuse = |label: String, help: Option<String>| Fault {
        code: &code::partner::ISA,
        text: format!("`{text}` is not an interchange id"),
        label,
        help,
    };
    let id = IsaId::parse(text).map_err(|fault| match fault {
        IsaFault::Qualifier => refuse(
            "two characters, a colon and an id of at most 15".to_owned(),
            (!text.contains(':')).then(|| format!("did you mean `ZZ:{text}`?")),
        ),
        IsaFault::Id => refuse(
            "the id is empty or has characters that have no place in an ISA".to_owned(),
            None,
        ),
        IsaFault::Length => refuse("the id has more than 15 characters".to_owned(), None),
    })?;
    if IsaId::QUALIFIERS.contains(&id.qualifier()) {
        Ok(())
    } else {
        let known = IsaId::QUALIFIERS.join(", ");
        Err(refuse(format!("the qualifier is one of {known}"), None))
    }
}

fn known_guide(text: &str) -> Result<(), Fault> {
    if guide::KNOWN.iter().any(|guide| guide.id == text) {
        return Ok(());
    }
    let misprint = guide::find(text).map(|guide| format!("did you mean `{}`?", guide.id));
    Err(Fault {
        code: &code::partner::GUIDE,
        text: format!("`{text}` is not a guide that is known"),
        label: "an id as it stands in ST03, such as 006020X314".to_owned(),
        help: misprint.or_else(|| did_you_mean(text, guide::KNOWN.iter().map(|guide| guide.id))),
    })
}

/// `IK502-4`: an element that reports findings, a hyphen and a code of it.
fn finding_code(text: &str) -> Result<(), Fault> {
    const ELEMENTS: [&str; 6] = ["TA105", "AK905", "IK502", "IK304", "IK403", "TED01"];
    let sound = text.split_once('-').is_some_and(|(element, code)| {
        ELEMENTS.contains(&element)
            && (1..=3).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if sound {
        return Ok(());
    }
    Err(Fault {
        code: &code::shape::FORM,
        text: format!("`{text}` is not the code of a finding"),
        label: format!(
            "one of {} with a hyphen and its code: IK502-4",
            ELEMENTS.join(", ")
        ),
        help: None,
    })
}

/// Whoever pastes a key where a name belongs has written a secret.
fn not_a_key(text: &str) -> Result<(), Fault> {
    if text.contains("PRIVATE KEY-----") {
        return Err(Fault {
            code: &code::security::PLAIN_SECRET,
            text: "a secret must not be written in the file".to_owned(),
            label: String::new(),
            help: None,
        });
    }
    Ok(())
}

fn pattern(key: MatchKey, text: &str) -> Result<(), Fault> {
    match Pattern::read(key, text) {
        Ok(_) => Ok(()),
        Err(PatternFault::Value(fault)) => Err(value_fault(key, text, fault)),
        Err(PatternFault::Whole) => Err(Fault {
            code: &code::route::PATTERN,
            text: format!("`{key}` is compared whole, without a star"),
            label: match key.words() {
                Some(words) => format!("one of {}, or a list of them", words.join(", ")),
                None => "the whole value, or a list of them".to_owned(),
            },
            help: None,
        }),
        Err(PatternFault::Star) => Err(Fault {
            code: &code::route::PATTERN,
            text: format!("`{text}`: a star stands at the end of a value or not at all"),
            label: "the start of a value and a star, such as W*".to_owned(),
            help: None,
        }),
    }
}

fn value(key: MatchKey, text: &str) -> Result<(), Fault> {
    Value::read(key, text)
        .map(drop)
        .map_err(|fault| value_fault(key, text, fault))
}

/// What is wrong with the value of a key, in words for whoever wrote it.
fn value_fault(key: MatchKey, text: &str, fault: ValueFault) -> Fault {
    let refuse = |code: &'static Code, what: &str, why: String| Fault {
        code,
        text: format!("`{text}` is not {what}: {why}"),
        label: String::new(),
        help: None,
    };
    match fault {
        ValueFault::Word => word(text, key.words().unwrap_or_default())
            .err()
            .unwrap_or_else(|| {
                refuse(
                    &code::shape::WORD,
                    "one of the words that fit here",
                    String::new(),
                )
            }),
        ValueFault::Isa(_) => isa(text)
            .err()
            .unwrap_or_else(|| refuse(&code::partner::ISA, "an interchange id", String::new())),
        ValueFault::Text => Fault {
            code: &code::partner::IDENTIFIER,
            text: format!("`{text}` cannot be a value of `{key}`"),
            label: "too long or too short, or with characters that have no place in it".to_owned(),
            help: None,
        },
        ValueFault::Id(IdError { fault, .. }) => match key {
            MatchKey::ProviderNpi => refuse(
                &code::partner::NPI,
                "an NPI",
                id_fault(fault, "digits", npi_check(text)),
            ),
            MatchKey::Loinc => refuse(
                &code::partner::LOINC,
                "a LOINC code",
                id_fault(fault, "digits", loinc_check(text)),
            ),
            MatchKey::Tin => Fault {
                help: short_tin(text)
                    .map(|meant| format!("`{meant}`, if a sheet has dropped a leading zero")),
                ..refuse(&code::partner::TIN, "a tax id", id_fault(fault, "digits", None))
            },
            _ => refuse(
                &code::partner::IDENTIFIER,
                "a payer id",
                id_fault(fault, "characters", None),
            ),
        },
    }
}

fn id_fault(fault: IdFault, of_what: &str, check: Option<char>) -> String {
    match fault {
        IdFault::CheckDigit => match check {
            Some(digit) => format!("its check digit should be {digit}"),
            None => "its check digit is wrong".to_owned(),
        },
        IdFault::Length { found, least, most } if least == most => {
            format!("it has {found} {of_what} where {most} are due")
        }
        IdFault::Length { found, least, most } => {
            format!("it has {found} {of_what} where {least} to {most} are due")
        }
        other => other.to_string(),
    }
}

fn npi_check(text: &str) -> Option<char> {
    let body = text.get(..9)?;
    ('0'..='9').find(|digit| Npi::parse(&format!("{body}{digit}")).is_ok())
}

fn loinc_check(text: &str) -> Option<char> {
    let (number, _) = text.split_once('-')?;
    ('0'..='9').find(|digit| Loinc::parse(&format!("{number}-{digit}")).is_ok())
}

fn short_tin(text: &str) -> Option<String> {
    let digits = (5..9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{text:0>9}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &Kind, text: &str, expected: &str) {
        let told = judge(kind, text)
            .err()
            .map_or(String::new(), |fault| format!("{} {}", fault.code, fault.text));
        assert_eq!(told, expected);
    }

    #[test]
    fn check_digits_are_told() {
        check(&Kind::Npi, "1234567893", "");
        check(
            &Kind::Npi,
            "1234567890",
            "G0302 `1234567890` is not an NPI: its check digit should be 3",
        );
        check(
            &Kind::Npi,
            "123456789",
            "G0302 `123456789` is not an NPI: it has 9 digits where 10 are due",
        );
        let loinc = Kind::Patterns(MatchKey::Loinc);
        check(
            &loinc,
            "18842-4",
            "G0306 `18842-4` is not a LOINC code: its check digit should be 5",
        );
        check(&loinc, "1884*", "");
    }

    #[test]
    fn a_key_pasted_into_the_file_is_a_secret() {
        check(
            &Kind::Path,
            "-----BEGIN PRIVATE KEY-----",
            "G0401 a secret must not be written in the file",
        );
        check(
            &Kind::Url,
            "https://a:b@c.example",
            "G0401 a secret must not be written in the file",
        );
    }

    #[test]
    fn the_codes_of_findings_have_their_form() {
        check(&Kind::FindingCode, "IK502-4", "");
        check(&Kind::FindingCode, "TA105-025", "");
        check(
            &Kind::FindingCode,
            "IK502",
            "G0108 `IK502` is not the code of a finding",
        );
    }

    #[test]
    fn what_was_meant_is_said_where_it_can_be_guessed() {
        let help = |kind: &Kind, text: &str| {
            judge(kind, text)
                .err()
                .and_then(|fault| fault.help)
                .unwrap_or_default()
        };
        assert_eq!(help(&Kind::Isa, "OLDSTONE"), "did you mean `ZZ:OLDSTONE`?");
        assert_eq!(help(&Kind::Guide, "06020X314"), "did you mean `006020X314`?");
        assert_eq!(
            help(&Kind::Tin, "12345678"),
            "`012345678`, if a sheet has dropped a leading zero"
        );
        assert_eq!(
            help(&Kind::Url, "acme.example/r4"),
            "did you mean `https://acme.example/r4`?"
        );
        assert_eq!(help(&Kind::Size, "25MB"), "did you mean `25MiB`?");
    }
}
