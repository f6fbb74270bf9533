//! Puts long payloads back into what goes out, as blobs between the parts that are held.

use std::ops::Range;

use x12_parser::Event;
use x12_parser::Reader;

use crate::flow::heavy::Cut;
use crate::flow::heavy::Wire;
use crate::ledger::blobs::BlobStore;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::NumberPlace;
use crate::ledger::body::Part;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;
use crate::translate::stream;
use crate::translate::stream::Carrier;
use crate::translate::stream::Dress;
use crate::translate::stream::Piece;

/// A place of a draft at which something else goes out.
struct Edit {
    at: Range<usize>,
    parts: Vec<Part>,
}

/// A payload of X12 in a draft: where its declared length stands, and where its octets.
struct Payload {
    length: Range<usize>,
    octets: Range<usize>,
}

impl Payload {
    fn holds(&self, at: &Range<usize>) -> bool {
        at.start >= self.octets.start && at.end <= self.octets.end
    }
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
    let goes = match payloads {
        Some(_) => Wire::X12,
        None => Wire::Fhir,
    };
    let payloads = payloads.unwrap_or_default();
    let Some(places) = places(bytes, cuts, goes, &payloads) else {
        return Ok(None);
    };
    let mut edits = Vec::new();
    for (at, cut, dress) in places {
        let Some(parts) = dressed(blobs, owner, cut, dress).await? else {
            return Ok(None);
        };
        edits.push(Edit { at, parts });
    }
    for payload in &payloads {
        let inside = edits.iter().filter(|edit| payload.holds(&edit.at));
        let (mut length, mut touched) = (payload.octets.len() as u64, false);
        for edit in inside {
            let parts: u64 = edit.parts.iter().map(Part::len).sum();
            length = length - edit.at.len() as u64 + parts;
            touched = true;
        }
        if touched {
            edits.push(Edit {
                at: payload.length.clone(),
                parts: vec![Part::Inline(Opaque::new(length.to_string().into_bytes()))],
            });
        }
    }
    edits.sort_by_key(|edit| edit.at.start);
    Ok(joined(bytes, edits, &draft))
}

/// Where the stand-ins are, and how each payload is dressed there; nothing if one is nowhere, or where it cannot be.
fn places<'c>(
    bytes: &[u8],
    cuts: &'c [Cut],
    goes: Wire,
    payloads: &[Payload],
) -> Option<Vec<(Range<usize>, &'c Cut, Dress)>> {
    let away = || cuts.iter().map(|cut| &cut.away);
    let pieces = stream::pieces(bytes, away());
    stream::all_found(&pieces, away()).ok()?;
    let mut places = Vec::new();
    let mut end = 0;
    for piece in &pieces {
        let start = end;
        match piece {
            Piece::Bytes(bytes) => end += bytes.len(),
            Piece::Attachment(away, dress) => {
                end += away.stand_in(*dress).len();
                let at = start..end;
                let cut = cuts.iter().find(|cut| cut.away == **away)?;
                let fits = match goes {
                    Wire::X12 => payloads.iter().any(|payload| payload.holds(&at)),
                    Wire::Fhir => *dress == Dress::Base64,
                };
                // A payload of X12 is unwrapped for FHIR, which needs it to be understood; one of FHIR goes out as it is.
                let is_unwrapped = (cut.came, goes) == (Wire::X12, Wire::Fhir);
                if !fits || (is_unwrapped && !away.is_seen()) {
                    return None;
                }
                places.push((at, cut, *dress));
            }
        }
    }
    Some(places)
}

/// The payload as it goes out; nothing if it is not what it was said to be.
async fn dressed(
    blobs: &dyn BlobStore,
    owner: &TenantId,
    cut: &Cut,
    dress: Dress,
) -> Result<Option<Vec<Part>>, LedgerError> {
    if dress == cut.away.held().dress() {
        return Ok(Some(cut.content.parts.clone()));
    }
    let mut carrier = Carrier::new(&cut.away, dress);
    let mut writer = blobs.create(owner);
    let mut out = Vec::new();
    for part in &cut.content.parts {
        match part {
            Part::Inline(short) => {
                if carrier.carry(short.as_bytes(), &mut out).is_err() {
                    return Ok(None);
                }
            }
            Part::Blob(blob) => {
                let mut reader = blobs.open(&blob.owner, blob);
                while let Some(chunk) = reader.next().await? {
                    if carrier.carry(&chunk, &mut out).is_err() {
                        return Ok(None);
                    }
                    writer.write(&out).await?;
                    out.clear();
                }
            }
        }
    }
    if carrier.finish(&mut out).is_err() {
        return Ok(None);
    }
    writer.write(&out).await?;
    Ok(Some(vec![writer.finish().await?.part]))
}

/// The payloads of X12; nothing if it is something else.
fn payloads(bytes: &[u8]) -> Option<Vec<Payload>> {
    let mut found: Vec<Payload> = Vec::new();
    if !bytes.starts_with(b"ISA") {
        return None;
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
    Some(found)
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
    for Edit { at, parts: new } in edits {
        runs.push((from..at.start, parts.len(), held.len()));
        held.extend_from_slice(bytes.get(from..at.start)?);
        from = at.end;
        for part in new {
            match part {
                Part::Inline(short) => held.extend_from_slice(short.as_bytes()),
                Part::Blob(_) => {
                    parts.push(Part::Inline(Opaque::new(std::mem::take(&mut held))));
                    parts.push(part);
                }
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
