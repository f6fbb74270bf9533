//! Puts long payloads into the blob store and takes them out again.

use crate::ledger::blobs::BlobStore;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::INLINE_MOST;
use crate::ledger::body::NumberPlace;
use crate::ledger::body::Part;
use crate::ledger::error::LedgerError;
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
    Kept(Part),
}

impl Raw<'_> {
    /// The message as the ledger keeps it.
    pub(crate) async fn body(&self, blobs: &dyn BlobStore, owner: &TenantId) -> Result<Body, LedgerError> {
        let part = match self {
            Self::Held(bytes) => keep(blobs, owner, bytes).await?,
            Self::Kept(part) => part.clone(),
        };
        Ok(Body { parts: vec![part] })
    }
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

/// Takes the long middle of an outbound message out of the entry. Control numbers stand in its head and its tail.
pub(crate) async fn draft(
    blobs: &dyn BlobStore,
    owner: &TenantId,
    draft: Draft,
) -> Result<Draft, LedgerError> {
    let [Part::Inline(bytes)] = draft.body.parts.as_slice() else {
        return Ok(draft);
    };
    if bytes.len() <= OUTBOUND_INLINE {
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
