//! Turns events into values that can be compared.

use x12_parser::Event;
use x12_parser::Events;
use x12_parser::Fault;
use x12_parser::Framing;
use x12_parser::Place;
use x12_parser::Reader;
use x12_parser::Settings;

/// An event that owns its bytes; the chunks of one payload are joined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Told {
    Segment(&'static str, Vec<u8>, Place),
    Head(Vec<u8>, u64, Place),
    Payload(Vec<u8>),
    End(u64, Framing),
    Fault(Fault),
}

/// Reads `input` in chunks of `size` and tells all events.
pub fn tell(input: &[u8], size: usize, settings: Settings) -> Vec<Told> {
    let mut reader = Reader::new(settings);
    let mut told = Vec::new();
    let mut payload = Vec::new();
    for chunk in input.chunks(size.max(1)) {
        collect(reader.feed(chunk), &mut told, &mut payload);
    }
    collect(reader.finish(), &mut told, &mut payload);
    assert!(
        reader.finish().advance().is_none(),
        "nothing comes behind the end"
    );
    told
}

fn collect(mut events: Events<'_, '_>, told: &mut Vec<Told>, payload: &mut Vec<u8>) {
    while let Some(event) = events.advance() {
        let kind = match event {
            Event::InterchangeStart(_) => "interchange",
            Event::GroupStart(_) => "group",
            Event::TransactionStart(_) => "transaction",
            Event::Segment(_) => "segment",
            Event::TransactionEnd(_) => "end of transaction",
            Event::GroupEnd(_) => "end of group",
            Event::InterchangeEnd(_) => "end of interchange",
            Event::BinaryStart(head) => {
                told.push(Told::Head(
                    head.segment.raw().to_vec(),
                    head.declared,
                    head.segment.place(),
                ));
                continue;
            }
            Event::BinaryChunk(chunk) => {
                payload.extend_from_slice(chunk.bytes);
                continue;
            }
            Event::BinaryEnd(end) => {
                assert_eq!(
                    end.length,
                    payload.len() as u64,
                    "the end tells how much was passed on"
                );
                told.push(Told::Payload(std::mem::take(payload)));
                told.push(Told::End(end.length, end.framing));
                continue;
            }
            Event::Fault(fault) => {
                told.push(Told::Fault(fault));
                continue;
            }
        };
        let segment = event.segment().expect("all other events are segments");
        told.push(Told::Segment(kind, segment.raw().to_vec(), segment.place()));
    }
}
