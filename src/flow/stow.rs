//! Puts long payloads into the blob store and takes them out again.

use crate::flow::desk::Desk;
use crate::flow::heavy::Loose;
use crate::ledger::blobs::BlobStore;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::INLINE_MOST;
use crate::ledger::body::NumberPlace;
use crate::ledger::body::Part;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Outcome;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;

/// The most bytes of an outbound message that stay in its entry.
const OUTBOUND_INLINE: usize = 64 * 1024;
/// How much is written to the blob store at a time.
const CHUNK: usize = 256 * 1024;

/// A message as it came in: held, or with the ledger already.
#[derive(Debug)]
pub(crate) enum Raw<'b> {
    /// It is short.
    Held(&'b [u8]),
    /// It went to the blob store while it came.
    Kept(Body, Loose),
}

impl Raw<'_> {
    /// The message as the ledger keeps it.
    pub(crate) async fn body(&self, blobs: &dyn BlobStore, owner: &TenantId) -> Result<Body, LedgerError> {
        Ok(match self {
            Self::Held(bytes) => Body {
                parts: vec![keep(blobs, owner, bytes).await?],
            },
            Self::Kept(body, _) => body.clone(),
        })
    }

    /// Commits what refers to it. What is with the ledger already is erased if that was surely not committed, once
    /// nobody works with the message any more.
    pub(crate) async fn commit(&self, desk: Desk<'_>) -> Result<Outcome, LedgerError> {
        let Self::Kept(_, loose) = self else {
            return desk.commit().await;
        };
        loose.refer();
        let outcome = desk.commit().await;
        if is_surely_not_kept(&outcome) {
            loose.unrefer();
        }
        outcome
    }
}

/// Whether it is beyond doubt that an entry was not committed.
const fn is_surely_not_kept(outcome: &Result<Outcome, LedgerError>) -> bool {
    matches!(
        outcome,
        Ok(Outcome::Repeated(_))
            | Err(LedgerError::Stale { .. }
                | LedgerError::Exists { .. }
                | LedgerError::Taken(_)
                | LedgerError::Conflict { .. }
                | LedgerError::Full
                | LedgerError::Malformed(_))
    )
}

/// Keeps a payload: in the entry if it is short, else in the blob store.
pub(crate) async fn keep(blobs: &dyn BlobStore, owner: &TenantId, bytes: &[u8]) -> Result<Part, LedgerError> {
    if bytes.len() <= INLINE_MOST {
        return Ok(Part::Inline(bytes.into()));
    }
    let mut writer = blobs.create(owner);
    for chunk in bytes.chunks(CHUNK) {
        writer.write(chunk).await?;
    }
    Ok(writer.finish().await?.part)
}

/// Takes the long middle of an outbound message out of the entry, in which there is so much room. Control numbers stand in
/// its head and its tail.
pub(crate) async fn draft(
    blobs: &dyn BlobStore,
    owner: &TenantId,
    draft: Draft,
    room: usize,
) -> Result<Draft, LedgerError> {
    let [Part::Inline(bytes)] = draft.body.parts.as_slice() else {
        return Ok(draft);
    };
    if bytes.len() <= room.clamp(INLINE_MOST, OUTBOUND_INLINE) {
        return Ok(draft);
    }
    let bytes = bytes.as_bytes();
    let places = || {
        draft.numbers.iter().flat_map(|number| {
            let width = usize::from(number.width);
            number
                .places
                .iter()
                .map(move |place| (place.offset, place.offset + width))
        })
    };
    let middle = bytes.len() / 2;
    let head = places()
        .filter(|(start, _)| *start < middle)
        .map(|(_, end)| end)
        .max()
        .unwrap_or(0);
    let tail = places()
        .filter(|(start, _)| *start >= middle)
        .map(|(start, _)| start)
        .min()
        .unwrap_or(bytes.len());
    let (Some(first), Some(long), Some(last)) = (bytes.get(..head), bytes.get(head..tail), bytes.get(tail..))
    else {
        return Ok(draft);
    };
    let parts = vec![
        Part::Inline(Opaque::from(first)),
        keep(blobs, owner, long).await?,
        Part::Inline(Opaque::from(last)),
    ];
    let mut numbers = draft.numbers.clone();
    for place in numbers.iter_mut().flat_map(|number| &mut number.places) {
        if place.offset >= tail {
            *place = NumberPlace {
                part: 2,
                offset: place.offset - tail,
            };
        }
    }
    Ok(Draft {
        body: Body { parts },
        numbers,
    })
}

/// The whole of a message that is not long.
///
/// # Errors
/// Refuses one that is longer than may be held.
pub(crate) async fn read(blobs: &dyn BlobStore, body: &Body) -> Result<Vec<u8>, LedgerError> {
    if body.len() > MOST_HELD {
        return Err(LedgerError::Malformed(
            "the message is too long to be read at once",
        ));
    }
    let mut whole = Vec::new();
    for part in &body.parts {
        match part {
            Part::Inline(bytes) => whole.extend_from_slice(bytes.as_bytes()),
            Part::Blob(blob) => {
                let mut reader = blobs.open(&blob.owner, blob);
                while let Some(chunk) = reader.next().await? {
                    whole.extend_from_slice(&chunk);
                }
            }
        }
    }
    Ok(whole)
}

/// The most bytes of one message that are held in memory.
pub(crate) const MOST_HELD: u64 = 64 * 1024 * 1024;
