//! What is said of keys and values that cannot be read.

use std::ops::Range;

use toml::de::DeValue;

use super::Reading;
use crate::config::code;
use crate::config::leaf::Fault;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::report::View;
use crate::config::shape::Key;
use crate::config::shape::Kind;
use crate::config::shape::Need;
use crate::config::shape::Section;
use crate::config::similar::did_you_mean;
use crate::config::source::Origin;
use crate::routing::key::Key as MatchKey;

impl Reading<'_> {
    pub(super) fn complain_of_syntax(&mut self, error: &toml::de::Error, text: &str) {
        let span = error.span().unwrap_or(0..0);
        // A fault at the very end is shown at the end of the last line that has text.
        let span = if span.start >= text.trim_end().len() {
            text.trim_end().len()..text.trim_end().len()
        } else {
            span
        };
        let complaint = if error.message().starts_with("duplicate key") {
            let name = text.get(span.clone()).unwrap_or_default();
            Complaint::new(
                &code::shape::TWICE,
                self.origin(span.clone()),
                format!("`{name}` stands twice"),
            )
            .spot("already given above")
        } else {
            let bare = bare_value(text, span.start);
            let complaint = Complaint::new(&code::shape::SYNTAX, self.origin(span), "this is not TOML")
                .spot(error.message());
            match bare {
                Some(value) => complaint.help(format!("a text stands in quotes: \"{value}\"")),
                None => complaint,
            }
        };
        self.report.add(complaint);
    }

    pub(super) fn complain_of_stranger(&mut self, name: &str, span: Range<usize>, section: &'static Section) {
        let complaint = Complaint::new(
            &code::shape::UNKNOWN_KEY,
            self.origin(span),
            format!("unknown key `{}`", name.escape_debug()),
        )
        .spot(section.stranger);
        self.report.add(match advice(name, section) {
            Some(help) => complaint.help(help),
            None => complaint,
        });
    }

    pub(super) fn complain_of_secret(&mut self, span: Range<usize>, suffix: &str) {
        self.secrets.push(span.clone());
        let help = secret_help(&self.owner, suffix);
        let text = "a secret must not be written in the file";
        let complaint = Complaint::new(&code::security::PLAIN_SECRET, self.origin(span), text);
        self.report.add(complaint.view(View::Column).help(help));
    }

    pub(super) fn complain_of_value(&mut self, fault: Fault, span: Range<usize>) {
        let secret = fault.code.number == code::security::PLAIN_SECRET.number;
        if secret {
            self.secrets.push(span.clone());
        }
        let complaint = Complaint::new(fault.code, self.origin(span), fault.text);
        let complaint = if secret {
            complaint.view(View::Column)
        } else {
            complaint.spot(fault.label)
        };
        self.report.add(match fault.help {
            Some(help) => complaint.help(help),
            None => complaint,
        });
    }

    pub(super) fn complain_of_count(&mut self, name: &str, least: u64, most: u64, span: &Range<usize>) {
        let complaint = if name == "config-version" {
            Complaint::new(
                &code::shape::CONFIG_VERSION,
                self.origin(span.clone()),
                "this configuration version is not known",
            )
            .spot("this program reads version 1")
        } else {
            Complaint::new(
                &code::shape::FORM,
                self.origin(span.clone()),
                format!("`{name}` is out of bounds"),
            )
            .spot(format!("a whole number from {least} to {most}"))
        };
        self.report.add(complaint);
    }

    pub(super) fn complain_of_kind(
        &mut self,
        kind: &Kind,
        name: &str,
        found: &DeValue<'_>,
        span: &Range<usize>,
    ) {
        let text = format!("`{name}` wants {}, not {}", kind.spoken(), spoken(found));
        let complaint = Complaint::new(&code::shape::WRONG_TYPE, self.origin(span.clone()), text).spot("");
        let help = match (kind, found) {
            (Kind::List(_), DeValue::String(text)) if text.len() < 80 => Some(format!("write [\"{text}\"]")),
            (
                Kind::Patterns(MatchKey::Solicited) | Kind::Values(MatchKey::Solicited) | Kind::Flag,
                DeValue::String(_),
            ) => Some("write true or false without quotes".to_owned()),
            (Kind::Day, DeValue::String(text)) if text.len() < 80 => {
                Some(format!("write {text} without quotes"))
            }
            (Kind::Duration, DeValue::Integer(number)) => Some(format!("write \"{number}s\", with its unit")),
            (Kind::Size, DeValue::Integer(number)) => {
                Some(format!("write \"{number}B\", or with KiB, MiB or GiB"))
            }
            (kind, DeValue::Integer(number)) if takes_text(kind) => Some(format!(
                "write \"{number}\"; in quotes it keeps its leading zeros"
            )),
            _ => None,
        };
        self.report.add(match help {
            Some(help) => complaint.help(help),
            None => complaint,
        });
    }
}

/// The value without quotes that a place is in, if it is one that was probably meant as a text.
fn bare_value(text: &str, at: usize) -> Option<&str> {
    const BEFORE: [char; 5] = ['=', ',', '[', '{', '\n'];
    const AFTER: [char; 5] = [',', ']', '}', '#', '\n'];
    let start = text.get(..at)?.rfind(BEFORE).map_or(0, |before| before + 1);
    let rest = text.get(start..)?;
    let value = rest.get(..rest.find(AFTER).unwrap_or(rest.len()))?.trim();
    let plain = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':' | '*' | '/' | ' ')
    };
    let is_value = text.get(..start)?.ends_with(['=', ',', '[']);
    (is_value && !value.is_empty() && value.chars().all(plain)).then_some(value)
}

/// Complains of keys that a section must have and that are not there.
pub fn complain_of_missing(
    report: &mut Report,
    section: &'static Section,
    is_there: impl Fn(&str) -> bool,
    at: Origin,
) {
    for key in section
        .keys
        .iter()
        .filter(|key| key.need == Need::Required && !is_there(key.name))
    {
        let text = format!("`{}` is missing in {}", key.name, section.name);
        let help = format!("{}: {}", key.name, wanted(key));
        report.add(
            Complaint::new(&code::shape::MISSING_KEY, at, text)
                .view(View::Text)
                .help(help),
        );
    }
    for choice in section.choices {
        let there: Vec<&str> = choice.iter().copied().filter(|name| is_there(name)).collect();
        let all = choice
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let text = match there.as_slice() {
            [_] => continue,
            [] => format!("one of {all} is wanted in {}", section.name),
            _ => format!("only one of {all} is wanted in {}", section.name),
        };
        report.add(Complaint::new(&code::shape::CHOICE, at, text).view(View::Text));
    }
}

/// What a missing key would say.
fn wanted(key: &Key) -> String {
    match key.kind {
        Kind::Word(words) => format!("{}; one of {}", key.about, words.join(", ")),
        _ => key.about.to_owned(),
    }
}

/// What to do about a key that a section does not have.
pub fn advice(name: &str, section: &'static Section) -> Option<String> {
    const PERSONAL: [&str; 8] = [
        "member",
        "patient",
        "subscriber",
        "birth",
        "claim",
        "account",
        "mrn",
        "ssn",
    ];
    let looks_at_messages = section
        .keys
        .iter()
        .any(|key| matches!(key.kind, Kind::Patterns(_) | Kind::Values(_)));
    if looks_at_messages && PERSONAL.iter().any(|word| name.contains(word)) {
        return Some("nothing that identifies a person or a claim can be looked at, so that no person gets into a configuration".to_owned());
    }
    if let Some(path) = section
        .leaves()
        .iter()
        .find(|path| path.ends_with(&format!(".{name}")))
    {
        return Some(format!("did you mean `{path}`?"));
    }
    did_you_mean(name, section.keys.iter().map(|key| key.name))
}

/// Where a secret could be kept.
pub fn secret_help(owner: &str, suffix: &str) -> String {
    let owner = if owner.is_empty() { "gateway" } else { owner };
    let upper: String = owner
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let kind = if suffix == "token" { "TOKEN" } else { "KEY" };
    format!("{{ file = \"/run/secrets/{owner}.{suffix}\" }} or {{ env = \"{upper}_{kind}\" }}")
}

/// Whether a text can be a partner, a door or a directory.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

pub(super) const fn takes_text(kind: &Kind) -> bool {
    match kind {
        Kind::Text
        | Kind::Name
        | Kind::Word(_)
        | Kind::Size
        | Kind::Duration
        | Kind::Url
        | Kind::Address
        | Kind::Path
        | Kind::Isa
        | Kind::ApplicationId
        | Kind::Guide
        | Kind::PayerId
        | Kind::Npi
        | Kind::Tin
        | Kind::FindingCode => true,
        Kind::Patterns(key) | Kind::Values(key) => !matches!(key, MatchKey::Solicited),
        Kind::Flag
        | Kind::Count { .. }
        | Kind::Day
        | Kind::Secret { .. }
        | Kind::List(_)
        | Kind::Table(_)
        | Kind::Part(_)
        | Kind::Named(_)
        | Kind::Several(_) => false,
    }
}

const fn spoken(found: &DeValue<'_>) -> &'static str {
    match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What stands in quotes on lines that speak of secrets.
pub(super) fn quoted_beside_secrets(text: &str) -> Vec<Range<usize>> {
    const WORDS: [&str; 5] = ["key", "token", "bearer", "secret", "password"];
    let mut hidden = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        if WORDS.iter().any(|word| line.contains(word)) {
            let first = line.find(['"', '\'']).map(|at| from + at + 1);
            hidden.extend(first.map(|first| first..from + line.trim_end().len()));
        }
        from += line.len();
    }
    hidden
}
