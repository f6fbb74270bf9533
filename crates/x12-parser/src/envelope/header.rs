//! The values of an `ISA`, and which sets belong in which functional group.

use super::Sink;
use super::on;
use crate::Code;
use crate::InterchangeError;
use crate::Segment;
use crate::Severity;

/// Functional id of a group (GS01) and the sets it may hold.
const GROUPS: &[(&[u8], &[&[u8]])] = &[
    (b"PI", &[b"275"]),
    (b"HN", &[b"277"]),
    (b"HR", &[b"276"]),
    (b"HI", &[b"278"]),
    (b"FA", &[b"997", b"999"]),
    (b"AG", &[b"824"]),
    (b"HC", &[b"837"]),
    (b"HP", &[b"835"]),
    (b"HS", &[b"270"]),
    (b"HB", &[b"271"]),
    (b"BE", &[b"834"]),
    (b"RA", &[b"820"]),
];

/// Qualifiers of ISA05 and ISA07 besides the two-digit ones.
const LETTERED: [&[u8]; 5] = [b"AM", b"NR", b"SA", b"SN", b"ZZ"];

/// Whether a set may stand in a group; unknown groups are not judged.
pub(super) fn belongs(functional: &[u8], set: &[u8]) -> bool {
    GROUPS
        .iter()
        .find(|(id, _)| *id == functional)
        .is_none_or(|(_, sets)| sets.contains(&set))
}

/// Checks the values of a header that could be read.
pub(super) fn check(isa: &Segment<'_>, found: Sink<'_>) {
    use InterchangeError as Error;
    let value = |number: usize| isa.value(number);
    let mut expect = |holds: bool, element: u8, error: Error| {
        if !holds {
            found(on(isa, element, Code::Interchange(error)));
        }
    };
    expect(
        matches!(value(1), [b'0', b'0'..=b'8']),
        1,
        Error::AuthorizationQualifier,
    );
    expect(matches!(value(3), b"00" | b"01"), 3, Error::SecurityQualifier);
    expect(qualifier(value(5)), 5, Error::SenderQualifier);
    expect(printable(value(6)), 6, Error::SenderId);
    expect(qualifier(value(7)), 7, Error::ReceiverQualifier);
    expect(printable(value(8)), 8, Error::ReceiverId);
    expect(date(value(9)), 9, Error::Date);
    expect(time(value(10)), 10, Error::Time);
    expect(version(value(12)), 12, Error::Version);
    expect(
        value(13).len() == 9 && digits(value(13)),
        13,
        Error::ControlNumber,
    );
    expect(matches!(value(14), b"0" | b"1"), 14, Error::AcknowledgmentRequest);
    expect(matches!(value(15), b"P" | b"T" | b"I"), 15, Error::UsageIndicator);
    // Many senders left the old `U` in ISA11 when they moved on; nothing is lost by it but repetition.
    if version(value(12)) && value(12) >= b"00402".as_slice() && isa.delimiters().repetition().is_none() {
        found(on(isa, 11, Code::Interchange(Error::StandardId)).weighing(Severity::Note));
    }
}

fn digits(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(u8::is_ascii_digit)
}

fn qualifier(value: &[u8]) -> bool {
    (value.len() == 2 && digits(value) && value != b"00") || LETTERED.contains(&value)
}

fn printable(value: &[u8]) -> bool {
    !value.trim_ascii().is_empty() && value.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
}

fn version(value: &[u8]) -> bool {
    value.len() == 5 && digits(value) && (b"00200".as_slice()..=b"00899").contains(&value)
}

fn pair(value: &[u8], at: usize) -> u8 {
    match value.get(at..at + 2) {
        Some([tens @ b'0'..=b'9', ones @ b'0'..=b'9']) => (tens - b'0') * 10 + ones - b'0',
        _ => u8::MAX,
    }
}

fn date(value: &[u8]) -> bool {
    let (month, day) = (pair(value, 2), pair(value, 4));
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    // The century is not told, so the leap day is permitted in every year.
    value.len() == 6 && digits(value) && (1..=days).contains(&day)
}

fn time(value: &[u8]) -> bool {
    value.len() == 4 && pair(value, 0) < 24 && pair(value, 2) < 60
}
