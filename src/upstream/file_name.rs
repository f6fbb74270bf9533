//! How files that we put down for a partner are named.

use std::fmt::Write as _;

use crate::base::calendar::DAY;
use crate::base::calendar::date;

/// How files in one folder are named: text with `{message}`, `{control}`, `{partner}` and `{time}`.
///
/// Invariant: whatever is filled in, the name is one file in that folder, is not hidden, and has no ending that
/// says that it is not finished.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameTemplate {
    parts: Vec<Piece>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    Text(String),
    Message,
    Control,
    Partner,
    Time,
}

/// What is filled into a name. It is the same for each attempt with the same message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Label {
    /// What is in the file: `277`, `999`.
    pub message: String,
    /// The control number of the interchange; without one `id` stands in its place.
    pub control: Option<u64>,
    /// Who gets the file.
    pub partner: String,
    /// When the message was made, in milliseconds since 1970.
    pub made: u64,
    /// What no other message is called.
    pub id: String,
}

/// Why a text is no template for names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum NameFault {
    /// A brace without its partner, or a word in braces that stands for nothing.
    #[error("a file name is made of text, {{message}}, {{control}}, {{partner}} and {{time}}")]
    Placeholder,
    /// A character that would leave the folder or that some system does not take.
    #[error("a file name has letters, digits, `-`, `_` and `.`")]
    Character,
    /// Nobody would see the file.
    #[error("a file name must not begin with a dot")]
    Hidden,
    /// Receivers would wait for it to be finished.
    #[error("a file name must not end as unfinished files do")]
    Unfinished,
    /// It is empty or too long.
    #[error("a file name has 1 to {LONGEST} characters")]
    Length,
}

impl NameTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// Says why no file may be named so.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        if text.is_empty() || text.len() > LONGEST {
            return Err(NameFault::Length);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, after) = after.split_once('}').ok_or(NameFault::Placeholder)?;
            add_text(&mut parts, before)?;
            parts.push(match word {
                "message" => Piece::Message,
                "control" => Piece::Control,
                "partner" => Piece::Partner,
                "time" => Piece::Time,
                _ => return Err(NameFault::Placeholder),
            });
            rest = after;
        }
        add_text(&mut parts, rest)?;
        if text.starts_with('.') {
            return Err(NameFault::Hidden);
        }
        let lower = text.to_ascii_lowercase();
        if text.ends_with('.') || UNFINISHED.iter().any(|end| lower.ends_with(end)) {
            return Err(NameFault::Unfinished);
        }
        Ok(Self { parts })
    }

    /// The name that `label` gives.
    pub fn fill(&self, label: &Label) -> String {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Piece::Text(text) => name.push_str(text),
                Piece::Message => push_safe(&mut name, &label.message),
                Piece::Partner => push_safe(&mut name, &label.partner),
                Piece::Control => match label.control {
                    Some(control) => push_number(&mut name, control, 9),
                    None => push_safe(&mut name, &label.id),
                },
                Piece::Time => push_time(&mut name, label.made),
            }
        }
        name
    }

    /// The name that `label` gives when another message has the usual one: with the id before the ending.
    pub fn fill_apart(&self, label: &Label) -> String {
        let name = self.fill(label);
        let (stem, ending) = match name.rfind('.') {
            Some(dot) => name.split_at_checked(dot).unwrap_or((&name, "")),
            None => (name.as_str(), ""),
        };
        let mut apart = format!("{stem}-");
        push_safe(&mut apart, &label.id);
        apart.push_str(ending);
        apart
    }
}

fn add_text(parts: &mut Vec<Piece>, text: &str) -> Result<(), NameFault> {
    if text.contains('}') {
        return Err(NameFault::Placeholder);
    }
    if !text.bytes().all(is_safe) {
        return Err(NameFault::Character);
    }
    if !text.is_empty() {
        parts.push(Piece::Text(text.to_owned()));
    }
    Ok(())
}

const fn is_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Adds what is filled in: letters and digits as they are, all else as `-`, so that it cannot form a name of its own.
fn push_safe(name: &mut String, text: &str) {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.extend(text.chars().take(LONGEST).map(safe));
}

fn push_number(name: &mut String, number: u64, width: usize) {
    // Writing to a string cannot fail.
    let _ = write!(name, "{number:0width$}");
}

/// Adds the time as `20261120T133000Z`.
fn push_time(name: &mut String, millis: u64) {
    let seconds = millis / 1000;
    let (days, second) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = date(days);
    for (number, width) in [(year, 4), (month, 2), (day, 2)] {
        push_number(name, number, width);
    }
    name.push('T');
    for number in [second / 3600, second / 60 % 60, second % 60] {
        push_number(name, number, 2);
    }
    name.push('Z');
}

/// The longest template. Filled in, a name stays below the 255 octets that file systems take.
const LONGEST: usize = 100;

/// Endings by which receivers know that a file is not finished.
pub(crate) const UNFINISHED: &[&str] = &[".tmp", ".part", ".filepart", ".processing"];

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> Label {
        Label {
            message: "277".to_owned(),
            control: Some(42),
            partner: "mercy".to_owned(),
            made: 1_795_181_400_000,
            id: "x1a/0".to_owned(),
        }
    }

    #[track_caller]
    fn check(template: &str, expected: Result<&str, NameFault>) {
        let filled = NameTemplate::parse(template).map(|template| template.fill(&label()));
        assert_eq!(filled.as_deref().map_err(|fault| *fault), expected);
    }

    #[test]
    fn a_template_is_filled() {
        check("{message}-{control}.edi", Ok("277-000000042.edi"));
        check(
            "{partner}.{message}.{time}.x12",
            Ok("mercy.277.20261120T133000Z.x12"),
        );
        check("plain", Ok("plain"));
    }

    #[test]
    fn what_could_leave_the_folder_is_refused() {
        check("../{message}", Err(NameFault::Character));
        check("a/{message}", Err(NameFault::Character));
        check("a\\{message}", Err(NameFault::Character));
        check(".{message}", Err(NameFault::Hidden));
        check("{message}.tmp", Err(NameFault::Unfinished));
        check("{message}.PART", Err(NameFault::Unfinished));
        check("{member}", Err(NameFault::Placeholder));
        check("{message", Err(NameFault::Placeholder));
        check("message}", Err(NameFault::Placeholder));
        check("", Err(NameFault::Length));
    }

    #[test]
    fn what_is_filled_in_is_made_safe() {
        let mut hostile = label();
        hostile.message = "../..".to_owned();
        hostile.partner = ".\u{202e}\0/".to_owned();
        let template = NameTemplate::parse("{partner}{message}{control}.edi").unwrap();
        assert_eq!(template.fill(&hostile), "---------000000042.edi");
    }

    #[test]
    fn a_name_apart_holds_the_id() {
        let template = NameTemplate::parse("{message}.edi").unwrap();
        assert_eq!(template.fill_apart(&label()), "277-x1a-0.edi");
        let template = NameTemplate::parse("{message}").unwrap();
        assert_eq!(template.fill_apart(&label()), "277-x1a-0");
        let mut unnumbered = label();
        unnumbered.control = None;
        let template = NameTemplate::parse("{control}.edi").unwrap();
        assert_eq!(template.fill(&unnumbered), "x1a-0.edi");
    }
}
