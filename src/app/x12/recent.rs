//! The segments read last, kept for as long as a finding may point to them.
//!
//! A stream cannot be read twice, so whatever may have to be shown is copied as it goes by: the headers of the envelopes
//! that are open, and a few segments. The reader bounds each of them, so the memory is bounded whatever the input.

use x12_parser::Event;
use x12_parser::Segment;

use super::excerpt::Excerpt;

/// How many segments are kept besides the headers.
const KEPT: usize = 32;
/// How far behind a segment its end is still looked for: a terminator and the line end that follows it.
const BEHIND: u64 = 3;

/// The segments that can be shown.
#[derive(Default)]
pub(crate) struct Recent {
    /// `ISA`, `GS` and `ST`, as far as they came.
    headers: [Copied; 3],
    ring: [Copied; KEPT],
    next: usize,
}

/// A segment without the input it came from.
#[derive(Default)]
struct Copied {
    raw: Vec<u8>,
    offset: u64,
    separator: u8,
    /// What follows the bytes, for the eye.
    tail: String,
    /// Whether a payload follows them.
    is_head: bool,
}

impl Recent {
    /// Copies the segment of `event`, if it has one.
    pub(crate) fn remember(&mut self, event: &Event<'_>) {
        let (segment, slot) = match event {
            Event::InterchangeStart(segment) => (segment, self.headers.first_mut()),
            Event::GroupStart(segment) => (segment, self.headers.get_mut(1)),
            Event::TransactionStart(segment) => (segment, self.headers.get_mut(2)),
            Event::Segment(segment)
            | Event::TransactionEnd(segment)
            | Event::GroupEnd(segment)
            | Event::InterchangeEnd(segment) => (segment, self.turn()),
            Event::BinaryStart(head) => {
                if let Some(slot) = self.turn() {
                    slot.take(head.segment);
                    slot.is_head = true;
                    slot.tail.clear();
                    slot.tail.push(char::from(slot.separator));
                    slot.tail.push('…');
                }
                return;
            }
            Event::BinaryChunk(_) | Event::BinaryEnd(_) | Event::Fault(_) => return,
        };
        if let Some(slot) = slot {
            slot.take(*segment);
        }
    }

    /// The slot of the segment that has been kept longest.
    fn turn(&mut self) -> Option<&mut Copied> {
        self.next = (self.next + 1) % KEPT;
        self.ring.get_mut(self.next)
    }

    /// The segment that holds byte `offset` of the input or ends just before it, if it is still known, and which of its
    /// bytes that is.
    pub(crate) fn find(&self, offset: u64, masked: bool) -> Option<(Excerpt<'_>, usize)> {
        let known = self.ring.iter().chain(&self.headers);
        let before = known.filter(|copied| !copied.raw.is_empty() && copied.offset <= offset);
        let copied = before.max_by_key(|copied| copied.offset)?;
        let length = copied.raw.len() as u64;
        // Wherever in a payload something is, it is behind the separator.
        let most = if copied.is_head { length + 1 } else { u64::MAX };
        let at = (offset - copied.offset).min(most);
        if at > length + BEHIND {
            return None;
        }
        let excerpt = Excerpt {
            raw: &copied.raw,
            separator: copied.separator,
            tail: &copied.tail,
            masked,
        };
        Some((excerpt, usize::try_from(at).ok()?))
    }
}

impl Copied {
    fn take(&mut self, segment: Segment<'_>) {
        self.is_head = false;
        self.raw.clear();
        self.raw.extend_from_slice(segment.raw());
        self.offset = segment.place().offset;
        self.separator = segment.delimiters().element();
        self.tail.clear();
        let terminator = segment.delimiters().segment();
        if terminator.is_ascii_graphic() {
            self.tail.push(char::from(terminator));
        }
    }
}

#[cfg(test)]
mod tests {
    use x12_parser::Delimiters;
    use x12_parser::Place;

    use super::*;

    fn segment(raw: &str, offset: u64) -> Segment<'_> {
        let place = Place {
            offset,
            ..Place::default()
        };
        Segment::new(raw.as_bytes(), Delimiters::USUAL, place)
    }

    fn text(recent: &Recent, offset: u64) -> Option<(String, usize)> {
        let (excerpt, at) = recent.find(offset, false)?;
        Some((excerpt.underline(0, 1).text, at))
    }

    #[track_caller]
    fn check(recent: &Recent, offset: u64, expected: Option<(&str, usize)>) {
        let expected = expected.map(|(text, at)| (text.to_owned(), at));
        assert_eq!(text(recent, offset), expected);
    }

    #[test]
    fn the_last_segments_and_the_open_headers_can_be_shown() {
        let mut recent = Recent::default();
        recent.remember(&Event::TransactionStart(segment("ST*275*1", 0)));
        for at in 1..=KEPT as u64 + 2 {
            recent.remember(&Event::Segment(segment("LX*1", at * 10)));
        }
        check(&recent, 0, Some(("ST*275*1~", 0)));
        check(&recent, 3, Some(("ST*275*1~", 3)));
        check(&recent, 60, Some(("LX*1~", 0)));
        check(&recent, 340, Some(("LX*1~", 0)));
        check(&recent, 33, Some(("LX*1~", 3)));
        check(&recent, 20, None);
    }

    #[test]
    fn the_end_of_the_input_is_behind_the_last_segment() {
        let mut recent = Recent::default();
        recent.remember(&Event::Segment(segment("LX*1", 10)));
        check(&recent, 15, Some(("LX*1~", 5)));
        check(&recent, 900, None);
        check(&recent, 9, None);
    }

    #[test]
    fn a_payload_is_only_hinted_at() {
        let mut recent = Recent::default();
        let head = x12_parser::BinaryHead {
            segment: segment("BDS*B64*160", 5),
            declared: 160,
        };
        recent.remember(&Event::BinaryStart(head));
        check(&recent, 5, Some(("BDS*B64*160*…", 0)));
        check(&recent, 100, Some(("BDS*B64*160*…", 12)));
    }
}
