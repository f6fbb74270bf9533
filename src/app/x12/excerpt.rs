//! One line of a segment with its fault underlined, safe to show on any terminal.
//!
//! Every byte or character takes one column, so the marks stand under what they mean: what a terminal could take for an
//! order, and what has another width, is shown as a middle dot.

use x12_parser::SegmentId;

/// A segment as it stood in the input.
#[derive(Clone, Copy)]
pub(crate) struct Excerpt<'a> {
    /// The bytes, without the terminator; of a binary segment, those before the payload.
    pub(crate) raw: &'a [u8],
    /// The separator between its elements.
    pub(crate) separator: u8,
    /// What follows the bytes, for the eye.
    pub(crate) tail: &'a str,
    /// Whether every value is masked.
    pub(crate) masked: bool,
}

/// Two lines of the same columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Underlined {
    /// The segment, or the part of it around the fault.
    pub(crate) text: String,
    /// Carets under the fault.
    pub(crate) marks: String,
}

/// Stands for what cannot be shown in one column.
const UNSHOWN: char = '·';
const CUT: char = '…';
/// The most columns of a line; with what stands before it, a terminal of 80 columns holds it.
pub(crate) const WIDTH: usize = 72;
/// How much of a long segment stands before its fault.
const LEAD: usize = 24;

impl Excerpt<'_> {
    /// Shows the segment with `length` bytes from `start` underlined; a spot behind the end is marked at the end, and a
    /// spot of no length is the segment's id where it is the segment's start, or one column.
    pub(crate) fn underline(self, start: usize, length: usize) -> Underlined {
        let id = self.raw.iter().position(|byte| *byte == self.separator);
        let id = id.unwrap_or(self.raw.len());
        let length = if length == 0 && start == 0 { id } else { length };
        let (raw, start, cut) = self.around(start);
        let mut columns = columns(&raw);
        append(&mut columns, raw.len(), self.tail);
        let end = start.saturating_add(length.max(1));
        let from = columns.iter().take_while(|column| column.end <= start).count();
        let inside = columns
            .iter()
            .skip(from)
            .take_while(|column| column.start < end)
            .count();
        let mut text: Vec<char> = columns.iter().map(|column| column.shown).collect();
        if cut && let Some(first) = text.first_mut() {
            *first = CUT;
        }
        let (skipped, text) = window(text, from);
        let room = text.chars().count().max(1);
        let from = from.saturating_sub(skipped).min(room);
        let marked = inside.clamp(1, room.saturating_sub(from).max(1));
        Underlined {
            text,
            marks: format!("{}{}", " ".repeat(from), "^".repeat(marked)),
        }
    }

    /// The bytes around `start` that may be shown, masked where asked, and where in them the fault begins.
    fn around(&self, start: usize) -> (Vec<u8>, usize, bool) {
        // Four bytes a character at most, and twice a line on either side, is more than is ever shown.
        let reach = 8 * WIDTH;
        let begin = start.min(self.raw.len()).saturating_sub(reach);
        let end = start.saturating_add(reach).min(self.raw.len());
        let mut raw = self.raw.to_vec();
        mask(&mut raw, self.separator, self.masked);
        let part = raw.get(begin..end).unwrap_or_default().to_vec();
        (part, start - begin.min(start), begin > 0)
    }
}

/// One column of the line and the bytes it stands for.
struct Column {
    shown: char,
    start: usize,
    end: usize,
}

/// Adds columns for what follows `length` bytes; each stands for one byte, whatever it is in truth.
fn append(columns: &mut Vec<Column>, length: usize, tail: &str) {
    for (shown, start) in tail.chars().zip(length..) {
        columns.push(Column {
            shown,
            start,
            end: start + 1,
        });
    }
}

fn columns(raw: &[u8]) -> Vec<Column> {
    let mut columns = Vec::with_capacity(raw.len());
    let mut at = 0;
    let mut push = |shown, width| {
        columns.push(Column {
            shown,
            start: at,
            end: at + width,
        });
        at += width;
    };
    for chunk in raw.utf8_chunks() {
        for character in chunk.valid().chars() {
            push(one_column(character), character.len_utf8());
        }
        for _ in chunk.invalid() {
            push(UNSHOWN, 1);
        }
    }
    columns
}

/// The character, if every terminal shows it in one column and none obeys it.
pub(crate) fn one_column(character: char) -> char {
    let latin = character.is_alphabetic() && character < '\u{250}';
    if character == ' ' || character.is_ascii_graphic() || latin {
        character
    } else {
        UNSHOWN
    }
}

/// Cuts a line that is too wide, so that column `from` stays in it; tells how many columns went before.
fn window(text: Vec<char>, from: usize) -> (usize, String) {
    let length = text.len();
    if length <= WIDTH {
        return (0, text.into_iter().collect());
    }
    let begin = from.saturating_sub(LEAD).min(length - WIDTH);
    let end = begin + WIDTH;
    let shown = text.into_iter().enumerate().skip(begin).take(WIDTH);
    let line = shown.map(|(at, character)| {
        let cut = (at == begin && begin > 0) || (at + 1 == end && end < length);
        if cut { CUT } else { character }
    });
    (begin, line.collect())
}

/// Masks the passwords of an `ISA` always, and every value but the segment's id where `all` says so; what stands in the
/// place of an id and is none is a value.
fn mask(raw: &mut [u8], separator: u8, all: bool) {
    let is_header = raw.starts_with(b"ISA");
    for (number, element) in raw.split_mut(|byte| *byte == separator).enumerate() {
        let secret = is_header && matches!(number, 2 | 4);
        let is_id = number == 0 && SegmentId::of(element).is_well_formed();
        if secret || (all && !is_id) {
            for byte in element {
                *byte = masked(*byte);
            }
        }
    }
}

/// Hides letters, digits and everything that is not ASCII; separators and blanks stay, so that the shape can be seen.
const fn masked(byte: u8) -> u8 {
    if byte.is_ascii_digit() {
        b'9'
    } else if byte.is_ascii_alphabetic() || !byte.is_ascii() {
        b'x'
    } else {
        byte
    }
}

/// Text for a person, such as the name of a file, with what a terminal could take for an order shown as a dot.
pub(crate) fn tame(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_control() || turns(c) { UNSHOWN } else { c })
        .collect()
}

/// The bytes of a value for a person: one column a character, passwords aside.
pub(crate) fn shown(value: &[u8]) -> String {
    columns(value).into_iter().map(|column| column.shown).collect()
}

/// The value of element `number` of a segment for a person; the passwords of an `ISA` are masked.
pub(crate) fn shown_element(segment: SegmentId, number: usize, value: &[u8]) -> String {
    if segment.as_str() == "ISA" && matches!(number, 2 | 4) {
        let hidden: Vec<u8> = value.iter().map(|byte| masked(*byte)).collect();
        return shown(&hidden);
    }
    shown(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &[u8], start: usize, length: usize, text: &str, marks: &str) {
        let excerpt = Excerpt {
            raw,
            separator: b'*',
            tail: "~",
            masked: false,
        };
        let found = excerpt.underline(start, length);
        assert_eq!((found.text.as_str(), found.marks.as_str()), (text, marks));
    }

    #[test]
    fn the_fault_is_underlined() {
        check(b"BGN*99*X", 4, 2, "BGN*99*X~", "    ^^");
    }

    #[test]
    fn a_whole_segment_is_marked_by_its_id() {
        check(b"NM1*QC*1", 0, 0, "NM1*QC*1~", "^^^");
        check(b"SE", 0, 0, "SE~", "^^");
    }

    #[test]
    fn what_is_missing_is_marked_where_it_should_stand() {
        check(b"REF*X1", 6, 0, "REF*X1~", "      ^");
        check(b"REF*X1", 7, 0, "REF*X1~", "       ^");
        check(b"REF**X", 4, 0, "REF**X~", "    ^");
    }

    #[test]
    fn a_mark_never_leaves_the_line() {
        check(b"REF*X1", 4, 900, "REF*X1~", "    ^^^");
        check(b"REF*X1", 900, 5, "REF*X1~", "       ^");
        check(b"", 0, 0, "~", "^");
    }

    #[test]
    fn nothing_gives_orders_to_the_terminal() {
        check(b"N3*\x1b[31m*X", 9, 1, "N3*·[31m*X~", "         ^");
        check(b"N3*\xff\xfe*X", 6, 1, "N3*··*X~", "      ^");
        check("N3*\u{202e}é*X".as_bytes(), 9, 1, "N3*·é*X~", "      ^");
    }

    #[test]
    fn the_name_of_a_file_gives_no_orders_either() {
        assert_eq!(tame("Akte \u{202e}7\u{1b}[2J 例.x12"), "Akte ·7·[2J 例.x12");
    }

    #[test]
    fn a_long_segment_is_cut_around_the_fault() {
        let raw = [b"NTE*".as_slice(), &[b'a'; 400], b"*X*", &[b'b'; 400]].concat();
        let excerpt = Excerpt {
            raw: &raw,
            separator: b'*',
            tail: "~",
            masked: false,
        };
        let found = excerpt.underline(405, 1);
        assert_eq!(found.text.chars().count(), WIDTH);
        assert!(
            found.text.starts_with("…aaa") && found.text.ends_with("bb…"),
            "{}",
            found.text
        );
        let at = found.marks.find('^').unwrap();
        assert_eq!(found.text.chars().nth(at), Some('X'));
        let end = excerpt.underline(raw.len(), 0);
        assert_eq!(end.marks.chars().count(), WIDTH);
        assert!(end.text.ends_with("bb~"));
    }

    #[test]
    fn a_segment_without_end_costs_no_more_than_a_long_one() {
        let raw = [b"NTE*".as_slice(), &b"a".repeat(60_000)].concat();
        let excerpt = Excerpt {
            raw: &raw,
            separator: b'*',
            tail: "~",
            masked: false,
        };
        let found = excerpt.underline(30_000, 4);
        assert_eq!(found.text.chars().count(), WIDTH);
        assert!(found.text.starts_with('…') && found.text.ends_with('…'));
        assert!(found.marks.ends_with(" ^^^^"));
    }

    #[test]
    fn masked_values_keep_their_shape() {
        let excerpt = Excerpt {
            raw: b"NM1*QC*1*MARLOWE*ADA 7",
            separator: b'*',
            tail: "~",
            masked: true,
        };
        assert_eq!(excerpt.underline(9, 7).text, "NM1*xx*9*xxxxxxx*xxx 9~");
        let no_id = Excerpt {
            raw: b"MARLOWE*ADA",
            ..excerpt
        };
        assert_eq!(no_id.underline(0, 0).text, "xxxxxxx*xxx~");
    }

    #[test]
    fn the_password_of_an_interchange_is_never_shown() {
        let raw = b"ISA*03*LOGIN     *01*SECRET7   *ZZ*A";
        let excerpt = Excerpt {
            raw,
            separator: b'*',
            tail: "",
            masked: false,
        };
        assert_eq!(
            excerpt.underline(0, 0).text,
            "ISA*03*xxxxx     *01*xxxxxx9   *ZZ*A"
        );
        assert_eq!(shown_element(SegmentId::of(b"ISA"), 4, b"SECRET7"), "xxxxxx9");
        assert_eq!(shown_element(SegmentId::of(b"NM1"), 4, b"ADA"), "ADA");
    }
}
