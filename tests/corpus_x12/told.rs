//! Events as values that can be compared, whatever the chunks were.

use x12_parser::Event;
use x12_parser::Events;
use x12_parser::Fault;
use x12_parser::Framing;
use x12_parser::Place;
use x12_parser::Reader;
use x12_parser::Settings;

/// An event that owns its bytes; the chunks of one payload are joined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    Segment(Vec<u8>, Place),
    Head(Vec<u8>, u64, Place),
    Payload(Vec<u8>),
    End(u64, Framing),
    Fault(Fault),
}

/// Reads `input` in chunks of the lengths that `lengths` yields and tells all events.
pub(crate) fn tell(input: &[u8], lengths: impl IntoIterator<Item = usize>, settings: Settings) -> Vec<Told> {
    let mut reader = Reader::new(settings);
    let (mut told, mut payload) = (Vec::new(), Vec::new());
    let mut rest = input;
    for length in lengths {
        let (chunk, behind) = rest.split_at(length.min(rest.len()));
        collect(reader.feed(chunk), &mut told, &mut payload);
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    collect(reader.feed(rest), &mut told, &mut payload);
    collect(reader.finish(), &mut told, &mut payload);
    told
}

fn collect(mut events: Events<'_, '_>, told: &mut Vec<Told>, payload: &mut Vec<u8>) {
    while let Some(event) = events.advance() {
        let one = match event {
            Event::BinaryStart(head) => {
                Told::Head(head.segment.raw().to_vec(), head.declared, head.segment.place())
            }
            Event::BinaryChunk(chunk) => {
                payload.extend_from_slice(chunk.bytes);
                continue;
            }
            Event::BinaryEnd(end) => {
                told.push(Told::Payload(std::mem::take(payload)));
                Told::End(end.length, end.framing)
            }
            Event::Fault(fault) => Told::Fault(fault),
            Event::InterchangeStart(segment)
            | Event::GroupStart(segment)
            | Event::TransactionStart(segment)
            | Event::Segment(segment)
            | Event::TransactionEnd(segment)
            | Event::GroupEnd(segment)
            | Event::InterchangeEnd(segment) => Told::Segment(segment.raw().to_vec(), segment.place()),
        };
        told.push(one);
    }
}
