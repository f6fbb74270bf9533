//! What a message of the outbox consists of, as a stream: bytes at hand and blobs, none of them whole in memory.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::vec;

use bytes::Bytes;

use crate::ledger::blobs::BlobReader;
use crate::ledger::blobs::BlobRef;
use crate::ledger::blobs::BlobStore;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::ledger::pending::Pending;
use crate::upstream::parcel::Content;
use crate::upstream::parcel::Pieces;
use crate::upstream::parcel::Unreadable;

/// The body of a stored message.
#[derive(Debug)]
pub(crate) struct Stored {
    blobs: Arc<dyn BlobStore>,
    parts: Vec<Piece>,
    length: u64,
}

#[derive(Clone)]
enum Piece {
    Inline(Bytes),
    Blob(BlobRef),
}

/// Shows no bytes (SEC-030).
impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inline(bytes) => write!(f, "[{} bytes]", bytes.len()),
            Self::Blob(blob) => write!(f, "{}", blob.id),
        }
    }
}

struct Reading {
    blobs: Arc<dyn BlobStore>,
    parts: vec::IntoIter<Piece>,
    blob: Option<OpenBlob>,
}

struct OpenBlob {
    reader: Box<dyn BlobReader>,
    asked: Option<Pending<Option<Vec<u8>>>>,
    /// The last piece that was read. It is given out when the next answer is there: whether the whole is what was
    /// stored is known only at its end, and a receiver must not have all of a damaged message by then (ROB-009).
    held: Option<Vec<u8>>,
}

impl Stored {
    /// `body`, with its blobs in `blobs`.
    pub(crate) fn new(body: Body, blobs: Arc<dyn BlobStore>) -> Self {
        let length = body.len();
        let parts = body.parts.into_iter().map(|part| match part {
            Part::Inline(bytes) => Piece::Inline(bytes.into_bytes().into()),
            Part::Blob(blob) => Piece::Blob(blob),
        });
        Self {
            blobs,
            parts: parts.collect(),
            length,
        }
    }
}

impl Content for Stored {
    fn length(&self) -> u64 {
        self.length
    }

    fn open(&self) -> Box<dyn Pieces> {
        Box::new(Reading {
            blobs: Arc::clone(&self.blobs),
            parts: self.parts.clone().into_iter(),
            blob: None,
        })
    }
}

impl Pieces for Reading {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unreadable>>> {
        loop {
            if let Some(blob) = &mut self.blob {
                let asked = blob.asked.get_or_insert_with(|| blob.reader.next());
                let Poll::Ready(answer) = Pin::new(asked).poll(context) else {
                    return Poll::Pending;
                };
                blob.asked = None;
                let Ok(next) = answer else {
                    return Poll::Ready(Some(Err(Unreadable)));
                };
                let is_last = next.is_none();
                let held = std::mem::replace(&mut blob.held, next);
                if is_last {
                    self.blob = None;
                }
                if let Some(piece) = held.filter(|piece| !piece.is_empty()) {
                    return Poll::Ready(Some(Ok(piece.into())));
                }
                continue;
            }
            match self.parts.next() {
                None => return Poll::Ready(None),
                Some(Piece::Inline(bytes)) if bytes.is_empty() => {}
                Some(Piece::Inline(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Some(Piece::Blob(blob)) => {
                    self.blob = Some(OpenBlob {
                        reader: self.blobs.open(&blob.owner, &blob),
                        asked: None,
                        held: None,
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    use crate::ledger::digest::Digest;
    use crate::ledger::error::Damage;
    use crate::ledger::error::LedgerError;
    use crate::ledger::forgetful::ForgetfulBlobs;
    use crate::ledger::ids::TenantId;

    fn read(content: &dyn Content) -> Result<Vec<Bytes>, Unreadable> {
        let mut pieces = content.open();
        let mut context = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        loop {
            match pieces.poll_next(&mut context) {
                Poll::Pending => panic!("the store in memory answers at once"),
                Poll::Ready(None) => return Ok(read),
                Poll::Ready(Some(piece)) => read.push(piece?),
            }
        }
    }

    fn owner() -> TenantId {
        TenantId::parse("mercy").unwrap()
    }

    fn kept(blobs: &dyn BlobStore, bytes: &[u8]) -> Part {
        let mut writer = blobs.create(&owner());
        writer.write(bytes).wait().unwrap();
        writer.finish().wait().unwrap().part
    }

    #[test]
    fn a_message_is_read_part_by_part_and_more_than_once() {
        let blobs = Arc::new(ForgetfulBlobs::default());
        let long = vec![b'7'; 200_000];
        let body = Body {
            parts: vec![
                Part::Inline(b"head"[..].into()),
                kept(&*blobs, &long),
                Part::Inline(b""[..].into()),
                Part::Inline(b"tail"[..].into()),
            ],
        };
        let stored = Stored::new(body, blobs);
        assert_eq!(stored.length(), 200_008);
        for _ in 0..2 {
            let read = read(&stored).unwrap();
            assert!(
                read.iter()
                    .all(|piece| !piece.is_empty() && piece.len() <= 64 * 1024)
            );
            assert_eq!(read.concat(), [b"head", &long[..], b"tail"].concat());
        }
    }

    #[derive(Debug)]
    struct Damaged;

    #[derive(Debug)]
    struct DamagedReader(u32);

    impl BlobReader for DamagedReader {
        fn next(&mut self) -> Pending<Option<Vec<u8>>> {
            self.0 += 1;
            Pending::ready(match self.0 {
                1 | 2 => Ok(Some(vec![b'7'; 10])),
                _ => Err(LedgerError::Damaged {
                    blob: crate::ledger::blobs::BlobId::from_bytes([7; 16]),
                    damage: Damage::Digest,
                }),
            })
        }
    }

    impl BlobStore for Damaged {
        fn create(&self, owner: &TenantId) -> Box<dyn crate::ledger::blobs::BlobWriter> {
            ForgetfulBlobs::default().create(owner)
        }

        fn open(&self, _: &TenantId, _: &BlobRef) -> Box<dyn BlobReader> {
            Box::new(DamagedReader(0))
        }

        fn erase(&self, _: Vec<crate::ledger::blobs::BlobId>) -> Pending<()> {
            Pending::ready(Ok(()))
        }

        fn idle(&self) -> Vec<crate::ledger::blobs::BlobRange> {
            Vec::new()
        }

        fn drop_range(&self, _: crate::ledger::blobs::BlobRange) -> Pending<()> {
            Pending::ready(Ok(()))
        }
    }

    /// ROB-009
    #[test]
    fn the_last_piece_of_a_damaged_blob_is_never_given_out() {
        let blob = BlobRef {
            id: crate::ledger::blobs::BlobId::from_bytes([7; 16]),
            owner: owner(),
            length: 20,
            digest: Digest::of(b"other"),
        };
        let stored = Stored::new(Body::blob(blob), Arc::new(Damaged));
        let mut pieces = stored.open();
        let mut context = Context::from_waker(Waker::noop());
        let mut given = 0;
        let end = loop {
            match pieces.poll_next(&mut context) {
                Poll::Ready(Some(Ok(piece))) => given += piece.len(),
                other => break other,
            }
        };
        assert_eq!(end, Poll::Ready(Some(Err(Unreadable))));
        assert_eq!(given, 10);
    }
}
