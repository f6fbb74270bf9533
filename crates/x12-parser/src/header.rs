//! Reads the `ISA`, the one segment whose separators are found by position.

use crate::Delimiters;

/// Bytes of an `ISA` with its terminator.
pub(crate) const HEADER: usize = 106;
/// How far to look when the fixed widths do not hold.
pub(crate) const LOOKAHEAD: usize = 256;

/// Offsets of the sixteen element separators.
const SEPARATORS: [usize; 16] = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
const REPETITION: usize = 82;
const VERSION: std::ops::Range<usize> = 84..89;
const COMPONENT: usize = 104;
const TERMINATOR: usize = 105;

/// What came of reading a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Header {
    /// More bytes are needed before anything can be said.
    Incomplete,
    /// All is where it belongs.
    Fixed(Delimiters),
    /// The widths are wrong, but splitting by the first separator gave one clear reading.
    Shifted {
        delimiters: Delimiters,
        /// Bytes of the header with its terminator.
        length: usize,
        /// The first offset where a separator was expected and something else stood.
        wrong_at: usize,
    },
    /// No reading can be trusted.
    Unreadable,
}

/// Whether `byte` may follow `ISA` as a separator.
pub(crate) const fn may_separate(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b' '
}

/// Reads the header at the start of `bytes`; `complete` says that no more bytes will come.
pub(crate) fn read(bytes: &[u8], complete: bool) -> Header {
    let Some(isa) = bytes.first_chunk::<HEADER>() else {
        return if complete {
            by_splitting(bytes, 0)
        } else {
            Header::Incomplete
        };
    };
    let element = isa[3];
    let wrong = SEPARATORS.into_iter().find(|at| isa.get(*at) != Some(&element));
    if wrong.is_none()
        && let Ok(delimiters) = Delimiters::new(
            element,
            repetition(&isa[VERSION], isa[REPETITION]),
            isa[COMPONENT],
            isa[TERMINATOR],
        )
    {
        return Header::Fixed(delimiters);
    }
    if bytes.len() < LOOKAHEAD && !complete {
        return Header::Incomplete;
    }
    // Only bytes inside the look-ahead count, so that the answer is the same however the input was cut.
    by_splitting(
        bytes.get(..LOOKAHEAD).unwrap_or(bytes),
        wrong.unwrap_or(COMPONENT),
    )
}

/// From 00402 on, ISA11 is the repetition separator; before, and where it holds a letter, there is none.
fn repetition(version: &[u8], found: u8) -> Option<u8> {
    (version >= b"00402".as_slice() && may_separate(found)).then_some(found)
}

/// One try by the first separator: sixteen of them, one byte of ISA16, a terminator, and then what may follow an `ISA`.
fn by_splitting(bytes: &[u8], wrong_at: usize) -> Header {
    split(bytes, wrong_at).unwrap_or(Header::Unreadable)
}

fn split(bytes: &[u8], wrong_at: usize) -> Option<Header> {
    let element = *bytes.get(3)?;
    let mut separators = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == element)
        .map(|(at, _)| at);
    let eleventh = separators.by_ref().nth(10)?;
    let twelfth = separators.next()?;
    let thirteenth = separators.next()?;
    let last = separators.nth(2)?;
    let component = *bytes.get(last + 1)?;
    let terminator = *bytes.get(last + 2)?;
    let repeat = match bytes.get(eleventh + 1..twelfth)? {
        [one] => repetition(bytes.get(twelfth + 1..thirteenth)?, *one),
        _ => None,
    };
    let delimiters = Delimiters::new(element, repeat, component, terminator).ok()?;
    let length = last + 3;
    let follows = bytes.get(length..)?;
    let follows = follows.trim_ascii_start();
    let known = [&b"GS"[..], b"TA1", b"IEA"]
        .iter()
        .any(|id| follows.starts_with(id));
    known.then_some(Header::Shifted {
        delimiters,
        length,
        wrong_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0900*^*00602*000000001*0*T*:~";

    #[track_caller]
    fn check(bytes: &str, complete: bool, expected: Header) {
        assert_eq!(read(bytes.as_bytes(), complete), expected);
    }

    #[test]
    fn separators_come_from_fixed_places() {
        check(ISA, false, Header::Fixed(Delimiters::USUAL));
    }

    #[test]
    fn version_00401_has_no_repetition_separator() {
        let three = Delimiters::new(b'*', None, b':', b'~').expect("they differ");
        check(&ISA.replace("^*00602", "U*00401"), false, Header::Fixed(three));
        check(&ISA.replace("^*00602", "^*00401"), false, Header::Fixed(three));
    }

    #[test]
    fn a_short_header_waits_for_more_and_is_refused_at_the_end() {
        check(ISA.split_at(40).0, false, Header::Incomplete);
        check(ISA.split_at(40).0, true, Header::Unreadable);
    }

    #[test]
    fn a_header_with_a_short_field_is_read_by_splitting() {
        let shifted = format!("{}GS*PI*A*B~", ISA.replace("SENDER         ", "SENDER"));
        let expected = Header::Shifted {
            delimiters: Delimiters::USUAL,
            length: 97,
            wrong_at: 50,
        };
        check(&shifted, true, expected);
        check(&shifted, false, Header::Incomplete);
    }

    #[test]
    fn clashing_separators_are_not_guessed_away() {
        check(
            &format!("{}GS*PI", ISA.replace("*:~", "*~~")),
            true,
            Header::Unreadable,
        );
    }
}
