//! Puts long payloads back into what goes out, as blobs between the parts that are held.

use std::ops::Range;

use memchr::memmem;
use x12_parser::Event;
use x12_parser::Reader;

use crate::flow::heavy::Cut;
use crate::flow::heavy::Form;
use crate::flow::recode::Recode;
use crate::flow::recode::Recoder;
use crate::ledger::blobs::BlobStore;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::NumberPlace;
use crate::ledger::body::Part;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;

/// A place of a draft at which something else goes out.
struct Edit {
    at: Range<usize>,
    part: Part,
}

/// A payload of X12 in a draft: where its declared length stands, and where its octets.
struct Payload {
    length: Range<usize>,
    octets: Range<usize>,
    is_bin: bool,
}

/// A draft with the payloads in the places of their stand-ins; nothing if one of them has no place, because a
/// translation had to look into it.
pub(crate) async fn draft(
    blobs: &dyn BlobStore,
    owner: &TenantId,
    draft: Draft,
    cuts: &[Cut],
) -> Result<Option<Draft>, LedgerError> {
    if cuts.is_empty() {
        return Ok(Some(draft));
    }
    let [Part::Inline(bytes)] = draft.body.parts.as_slice() else {
        return Ok(None);
    };
    let bytes = bytes.as_bytes();
    let payloads = payloads(bytes);
    let mut edits = Vec::new();
    for cut in cuts {
        let Some((at, how)) = place(bytes, cut, &payloads) else {
            return Ok(None);
        };
        let Some(part) = recoded(blobs, owner, &cut.part, how).await? else {
            return Ok(None);
        };
        edits.push(Edit { at, part });
    }
    for payload in &payloads {
        let inside = edits
            .iter()
            .filter(|edit| edit.at.start >= payload.octets.start && edit.at.end <= payload.octets.end);
        let (mut length, mut touched) = (payload.octets.len() as u64, false);
        for edit in inside {
            length = length - edit.at.len() as u64 + edit.part.len();
            touched = true;
        }
        if touched {
            edits.push(Edit {
                at: payload.length.clone(),
                part: Part::Inline(Opaque::new(length.to_string().into_bytes())),
            });
        }
    }
    edits.sort_by_key(|edit| edit.at.start);
    Ok(joined(bytes, edits, &draft))
}

/// Where the stand-in of a payload stands, and what is to be done with the payload to stand there.
fn place(bytes: &[u8], cut: &Cut, payloads: &[Payload]) -> Option<(Range<usize>, Option<Recode>)> {
    let text = cut.stand_in.0.as_bytes();
    if let Some(start) = memmem::find(bytes, text) {
        let at = start..start + text.len();
        // In a BIN, base 64 is that of MIME, which has lines.
        let in_lines = payloads
            .iter()
            .any(|payload| payload.is_bin && payload.octets.contains(&start));
        let how = match (cut.form, in_lines) {
            (Form::Base64, false) => None,
            (Form::Base64, true) => Some(Recode::Lines),
            (Form::Octets, false) => Some(Recode::Encode),
            (Form::Octets, true) => Some(Recode::EncodeLines),
        };
        return Some((at, how));
    }
    let octets = cut.stand_in.octets();
    let start = memmem::find(bytes, &octets)?;
    let how = (cut.form == Form::Base64).then_some(Recode::Decode);
    Some((start..start + octets.len(), how))
}

/// The payload in the form in which it goes out; nothing if it is not what it was said to be.
async fn recoded(
    blobs: &dyn BlobStore,
    owner: &TenantId,
    part: &Part,
    how: Option<Recode>,
) -> Result<Option<Part>, LedgerError> {
    let (Some(how), Part::Blob(blob)) = (how, part) else {
        return Ok(Some(part.clone()));
    };
    let mut recoder = Recoder::new(how);
    let mut reader = blobs.open(&blob.owner, blob);
    let mut writer = blobs.create(owner);
    let mut out = Vec::new();
    while let Some(chunk) = reader.next().await? {
        out.clear();
        if recoder.take(&chunk, &mut out).is_none() {
            return Ok(None);
        }
        writer.write(&out).await?;
    }
    out.clear();
    if recoder.finish(&mut out).is_none() {
        return Ok(None);
    }
    writer.write(&out).await?;
    Ok(Some(writer.finish().await?.part))
}

/// The payloads of X12; none if it is something else.
fn payloads(bytes: &[u8]) -> Vec<Payload> {
    let mut found: Vec<Payload> = Vec::new();
    if !bytes.starts_with(b"ISA") {
        return found;
    }
    let mut reader = Reader::default();
    let mut events = reader.feed(bytes);
    while let Some(event) = events.advance() {
        match event {
            Event::BinaryStart(head) => {
                let is_bin = head.segment.id() == b"BIN";
                let element = head.segment.element(if is_bin { 1 } else { 2 });
                let start = element.map_or(0, |element| place_of(element.offset()));
                let length = element.map_or(0, |element| element.raw().len());
                found.push(Payload {
                    length: start..start + length,
                    octets: 0..0,
                    is_bin,
                });
            }
            Event::BinaryChunk(chunk) => {
                if let Some(payload) = found.last_mut() {
                    let start = place_of(chunk.offset);
                    if payload.octets.is_empty() {
                        payload.octets = start..start;
                    }
                    payload.octets.end = start + chunk.bytes.len();
                }
            }
            _ => {}
        }
    }
    found
}

fn place_of(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// The text with its edits, in parts; the places of control numbers move with what is around them.
fn joined(bytes: &[u8], edits: Vec<Edit>, draft: &Draft) -> Option<Draft> {
    let mut parts: Vec<Part> = Vec::new();
    let mut held: Vec<u8> = Vec::new();
    // Each run of the text that was kept: where it began, and where it is now.
    let mut runs: Vec<(Range<usize>, usize, usize)> = Vec::new();
    let mut from = 0;
    for Edit { at, part } in edits {
        runs.push((from..at.start, parts.len(), held.len()));
        held.extend_from_slice(bytes.get(from..at.start)?);
        from = at.end;
        match part {
            Part::Inline(short) => held.extend_from_slice(short.as_bytes()),
            Part::Blob(_) => {
                parts.push(Part::Inline(Opaque::new(std::mem::take(&mut held))));
                parts.push(part);
            }
        }
    }
    runs.push((from..bytes.len(), parts.len(), held.len()));
    held.extend_from_slice(bytes.get(from..)?);
    parts.push(Part::Inline(Opaque::new(held)));
    let mut numbers = draft.numbers.clone();
    for place in numbers.iter_mut().flat_map(|number| &mut number.places) {
        let (run, part, offset) = runs.iter().find(|(run, ..)| run.contains(&place.offset))?;
        *place = NumberPlace {
            part: *part,
            offset: offset + place.offset - run.start,
        };
    }
    Some(Draft {
        body: Body { parts },
        numbers,
    })
}
