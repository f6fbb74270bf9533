//! Translates for a program that stays: one path a line in, one JSON line out, in the same order.
//!
//! A C-CDA document is answered with its Bundle, anything else with an object that holds the messages and the account;
//! whatever is refused, with an object that has a member `error`.

use std::io;
use std::io::BufRead;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::value::RawValue;

use super::account::Account;
use super::sniff::Format;
use super::spot::append;
use super::told::Refusal;
use super::workshop::Delivery;
use super::workshop::Workshop;
use super::workshop::on_one_line;
use crate::app::Ending;
use crate::app::terminal::Terminal;

/// The longest line that may be a path.
const LONGEST_LINE: u64 = 64 * 1024;

/// One answer.
#[derive(Serialize)]
struct Answer<'a> {
    input: &'a str,
    /// `clean`, `losses` or `refused`: the gravest of the translations.
    outcome: &'static str,
    /// The first refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Resources as JSON, interchanges as text; octets that are no UTF-8 in hexadecimal digits.
    messages: Vec<Message>,
    /// The accounts, as with `--report`.
    translations: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Message {
    Resource(Box<RawValue>),
    Interchange(String),
    Octets { hex: String },
}

/// Answers until standard input ends.
///
/// # Errors
/// The failure to read standard input or to write.
pub(crate) fn run(workshop: &Workshop, out: &mut Terminal) -> io::Result<Ending> {
    let mut lines = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(Ending::Good);
        }
        if line.last() != Some(&b'\n') && length as u64 == LONGEST_LINE {
            pass_over(&mut lines)?;
            refuse("", "the line is too long for a path", out)?;
            continue;
        }
        let path = line.trim_ascii_end();
        match std::str::from_utf8(path) {
            Ok("") => continue,
            Ok(path) => answer(workshop, path, out)?,
            Err(_) => refuse("", "the path is not UTF-8", out)?,
        }
        out.flush()?;
    }
}

/// Reads on to the end of a line without keeping it.
fn pass_over(lines: &mut impl BufRead) -> io::Result<()> {
    loop {
        let here = lines.fill_buf()?;
        let end = here.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(here.len(), |end| end + 1);
        lines.consume(length);
        if end.is_some() || length == 0 {
            return Ok(());
        }
    }
}

fn refuse(input: &str, error: &str, out: &mut Terminal) -> io::Result<()> {
    let answer = Answer {
        input,
        outcome: "refused",
        error: Some(error.to_owned()),
        messages: Vec::new(),
        translations: Vec::new(),
    };
    serde_json::to_writer(&mut *out, &answer)?;
    out.write_all(b"\n")
}

fn answer(workshop: &Workshop, path: &str, out: &mut Terminal) -> io::Result<()> {
    let bytes = match super::read_whole(Path::new(path)) {
        Ok(bytes) => bytes,
        Err(inaccessible) => return refuse(path, &inaccessible.fault.to_string(), out),
    };
    if Format::of(&bytes) == Format::Cda {
        return match workshop.clinic.bundle(&bytes) {
            Ok(bundle) => writeln!(out, "{}", on_one_line(bundle)),
            Err(refused) => refuse(path, refused.code().as_str(), out),
        };
    }
    let mut answer = Answer {
        input: path,
        outcome: "clean",
        error: None,
        messages: Vec::new(),
        translations: Vec::new(),
    };
    workshop.translate(&bytes, &mut |result: Result<Delivery<'_>, Refusal>| {
        let (account, outcome) = match &result {
            Ok(delivery) => {
                answer.messages.extend(messages(delivery));
                let account = Account::of(path, delivery);
                (serde_json::value::to_raw_value(&account), account.outcome)
            }
            Err(refusal) => {
                answer.error.get_or_insert_with(|| refusal.to_string());
                let account = Account::refused(path, refusal);
                (serde_json::value::to_raw_value(&account), account.outcome)
            }
        };
        answer.translations.extend(account);
        answer.outcome = graver(answer.outcome, outcome);
    });
    serde_json::to_writer(&mut *out, &answer)?;
    out.write_all(b"\n")
}

/// Every message of a delivery.
fn messages(delivery: &Delivery<'_>) -> Vec<Message> {
    if !delivery.is_x12() {
        let lines = delivery.messages.split(|byte| *byte == b'\n');
        let texts = lines.filter_map(|line| String::from_utf8(line.to_vec()).ok());
        let raw = texts.filter_map(|text| RawValue::from_string(text).ok());
        return raw.map(Message::Resource).collect();
    }
    let message = match std::str::from_utf8(&delivery.messages) {
        Ok(text) => Message::Interchange(text.to_owned()),
        Err(_) => Message::Octets {
            hex: hexadecimal(&delivery.messages),
        },
    };
    vec![message]
}

fn hexadecimal(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        append(&mut text, format_args!("{octet:02x}"));
    }
    text
}

fn graver(one: &'static str, other: &'static str) -> &'static str {
    let weight = |outcome| {
        ["clean", "losses", "refused"]
            .iter()
            .position(|known| *known == outcome)
    };
    if weight(one) >= weight(other) { one } else { other }
}
