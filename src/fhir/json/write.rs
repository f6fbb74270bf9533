//! A value as text, with what was cut out of it put back.

use std::fmt;
use std::io;

use serde_json::Value;

use super::cut::CutId;
use super::cut::Seal;
use super::scan::plain;

/// A part of a text to be written.
#[derive(Clone, Eq, PartialEq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// Here goes the text with this number, through [`escape`]; the quotes around it are in the pieces beside it.
    Cut(CutId),
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The text is private.
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Cut(id) => write!(f, "Cut({})", id.number()),
        }
    }
}

/// The JSON text of `value`, without blanks; numbers keep their digits.
pub fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// Appends the JSON text of `value` to `text`.
pub(crate) fn write(value: &Value, text: &mut String) {
    write_pieces(value, None, text, &mut Vec::new());
}

/// The JSON text of `value` in pieces, with the places where texts go that were cut out under `seal`.
pub fn pieces(value: &Value, seal: &Seal) -> Vec<Piece> {
    let mut done = Vec::new();
    let mut text = String::new();
    write_pieces(value, Some(seal), &mut text, &mut done);
    done.push(Piece::Text(text));
    done
}

/// Writes the JSON text of `value` to `out`; `put` is asked for each text that was cut out and hands its parts over
/// to the function it is given.
///
/// # Errors
/// Passes on what `out` and `put` fail with.
pub fn splice<W, P>(value: &Value, seal: &Seal, out: &mut W, mut put: P) -> io::Result<()>
where
    W: io::Write,
    P: FnMut(CutId, &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>,
{
    let mut escaped = Vec::new();
    for piece in pieces(value, seal) {
        match piece {
            Piece::Text(text) => out.write_all(text.as_bytes())?,
            Piece::Cut(id) => put(id, &mut |part| {
                if plain(part).len == part.len() {
                    return out.write_all(part);
                }
                escaped.clear();
                escape(part, &mut escaped);
                out.write_all(&escaped)
            })?,
        }
    }
    Ok(())
}

/// Appends the UTF-8 `part` of a text to `out` as it stands inside a JSON string. Parts may be cut anywhere.
pub fn escape(part: &[u8], out: &mut Vec<u8>) {
    let mut rest = part;
    loop {
        let run = plain(rest).len;
        let (clean, special) = rest.split_at_checked(run).unwrap_or((rest, b""));
        out.extend_from_slice(clean);
        let Some((byte, after)) = special.split_first() else {
            return;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = after;
    }
}

fn write_pieces(value: &Value, seal: Option<&Seal>, text: &mut String, done: &mut Vec<Piece>) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(number.as_str()),
        Value::String(string) => match seal.and_then(|seal| seal.opens(string)) {
            None => quote(string, text),
            Some(id) => {
                text.push('"');
                done.push(Piece::Text(std::mem::take(text)));
                done.push(Piece::Cut(id));
                text.push('"');
            }
        },
        Value::Array(items) => {
            let mut before = '[';
            for item in items {
                text.push(before);
                before = ',';
                write_pieces(item, seal, text, done);
            }
            text.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Object(members) => {
            let mut before = '{';
            for (name, member) in members {
                text.push(before);
                before = ',';
                quote(name, text);
                text.push(':');
                write_pieces(member, seal, text, done);
            }
            text.push_str(if members.is_empty() { "{}" } else { "}" });
        }
    }
}

/// Appends `string` in quotes to `text`.
pub(crate) fn quote(string: &str, text: &mut String) {
    text.push('"');
    if plain(string.as_bytes()).len == string.len() {
        text.push_str(string);
    } else {
        let mut escaped = Vec::with_capacity(string.len() + 16);
        escape(string.as_bytes(), &mut escaped);
        text.push_str(&String::from_utf8_lossy(&escaped));
    }
    text.push('"');
}
