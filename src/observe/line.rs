//! An event as one line: JSON for programs, words for people.
//!
//! Whatever a field holds, the line stays one line and shows what it says: controls and characters that turn the
//! direction of writing are escaped (SEC-031).

use std::fmt::Write as _;
use std::time::Duration;
use std::time::SystemTime;

use crate::base::calendar::DAY;
use crate::base::calendar::date;
use crate::observe::event::Event;
use crate::observe::event::Value;

/// The event as a JSON object, with a line feed.
pub(crate) fn json(event: &Event, at: SystemTime) -> String {
    let kind = event.kind();
    let mut line = format!(
        r#"{{"time":"{}","level":"{}","event":"{}""#,
        stamp(at),
        kind.weight().name(),
        kind.name()
    );
    for (name, value) in event.fields() {
        if value.is_absent() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = match value {
            Value::Text(text) => write!(line, r#","{name}":"{}""#, escaped(&text)),
            Value::Number(number) => write!(line, r#","{name}":{number}"#),
        };
    }
    line.push_str("}\n");
    line
}

/// The event in words, with a line feed.
pub(crate) fn words(event: &Event, at: SystemTime) -> String {
    let kind = event.kind();
    let mut line = format!("{} {:5} {}", stamp(at), kind.weight().name(), kind.name());
    for (name, value) in event.fields() {
        if value.is_absent() {
            continue;
        }
        let _ = match value {
            Value::Text(text) => write!(line, "  {name} {}", escaped(&text)),
            Value::Number(number) if name == "took" || name == "by" => {
                write!(line, "  {name} {:?}", Duration::from_micros(number))
            }
            Value::Number(number) => write!(line, "  {name} {number}"),
        };
    }
    line.push('\n');
    line
}

/// `text` as it may stand in a JSON string, on one line and from left to right.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => safe.push_str("\\\""),
            '\\' => safe.push_str("\\\\"),
            c if c.is_control() || is_turning(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            }
            c => safe.push(c),
        }
    }
    safe
}

/// Whether a character turns the direction of writing, breaks the line or is not seen.
const fn is_turning(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The time as `2026-11-20T13:30:00.123Z`.
fn stamp(at: SystemTime) -> String {
    let passed = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let (seconds, millis) = (passed.as_secs(), passed.subsec_millis());
    let (days, second) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::name::ConfiguredName;
    use crate::observe::name::Outgoing;

    fn at() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_181_400_123)
    }

    fn delivered(partner: &str) -> Event {
        Event::Delivered {
            partner: ConfiguredName::configured(partner),
            outbound: Outgoing {
                exchange: 26,
                number: 1,
            },
            attempt: 2,
            status: None,
            took: Duration::from_millis(35),
        }
    }

    #[test]
    fn a_line_is_json() {
        assert_eq!(
            json(&delivered("acme"), at()),
            "{\"time\":\"2026-11-20T13:30:00.123Z\",\"level\":\"info\",\"event\":\"delivered\",\"partner\":\"acme\",\
             \"outbound\":\"x1a/1\",\"attempt\":2,\"took\":35000}\n"
        );
    }

    #[test]
    fn a_line_is_words() {
        assert_eq!(
            words(&delivered("acme"), at()),
            "2026-11-20T13:30:00.123Z info  delivered  partner acme  outbound x1a/1  attempt 2  took 35ms\n"
        );
    }

    /// SEC-031
    #[test]
    fn whatever_a_name_holds_the_line_is_one_line_and_reads_from_left_to_right() {
        let hostile = "a\"\\\r\n\u{1b}[2J\u{85}\u{9b}\u{202e}\u{2066}\u{2028}\u{feff}\u{e0041}\u{7f}z";
        let line = json(&delivered(hostile), at());
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.trim_end().chars().all(|c| !c.is_control() && !is_turning(c)));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["partner"], hostile);
        let line = words(&delivered(hostile), at());
        assert!(line.trim_end().chars().all(|c| !c.is_control() && !is_turning(c)));
    }
}
