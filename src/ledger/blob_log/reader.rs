//! Gives out one blob, piece by piece, each checked before it leaves.

use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::ledger::blob_log::parts::Parts;
use crate::ledger::blob_log::record::HEAD;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::record::owner_mark;
use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::blobs::BlobReader;
use crate::ledger::blobs::BlobRef;
use crate::ledger::digest::Hasher;
use crate::ledger::disk::DiskFile;
use crate::ledger::error::Damage;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::ledger::pending::Pending;

/// Gives out one blob.
#[derive(Debug)]
pub(super) struct LogReader {
    parts: Arc<Parts>,
    blob: BlobRef,
    /// What the head must remember of whose it is.
    owner: u64,
    course: Arc<Mutex<Course>>,
}

/// How far a reader has come.
#[derive(Debug, Default)]
enum Course {
    #[default]
    Outset,
    Under(Box<Way>),
    Done,
    Broken(LedgerError),
}

/// What a reader needs on its way.
#[derive(Debug)]
struct Way {
    file: Box<dyn DiskFile>,
    opening: Opening,
    offset: u64,
    sequence: u64,
    given: u64,
    hasher: Hasher,
}

/// Why a piece was not given out.
enum Stop {
    Damage(Damage),
    Absent,
    System(io::Error),
}

impl From<Damage> for Stop {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            Self::Absent
        } else {
            Self::System(error)
        }
    }
}

impl LogReader {
    pub(super) fn new(parts: Arc<Parts>, owner: &TenantId, blob: &BlobRef) -> Self {
        Self {
            parts,
            blob: blob.clone(),
            owner: owner_mark(owner),
            course: Arc::default(),
        }
    }
}

impl BlobReader for LogReader {
    fn next(&mut self) -> Pending<Option<Vec<u8>>> {
        if let Err(failure) = self.parts.state.check() {
            return Pending::ready(Err(failure));
        }
        let (promise, pending) = Pending::new();
        let (parts, course) = (Arc::clone(&self.parts), Arc::clone(&self.course));
        let (blob, owner) = (self.blob.clone(), self.owner);
        let asked = self.parts.reading.ask(move |()| {
            let mut course = course.lock().unwrap_or_else(PoisonError::into_inner);
            promise.keep(course.step(&parts, &blob, owner));
        });
        match asked {
            Ok(()) => pending,
            Err(refusal) => Pending::ready(Err(refusal)),
        }
    }
}

impl Course {
    fn step(&mut self, parts: &Parts, blob: &BlobRef, owner: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut way = match mem::replace(self, Self::Done) {
            Self::Done => return Ok(None),
            Self::Broken(error) => {
                *self = Self::Broken(error.clone());
                return Err(error);
            }
            Self::Outset => Way::begin(parts, blob).map(Box::new),
            Self::Under(way) => Ok(way),
        };
        let step = match &mut way {
            Ok(way) => way.step(blob, owner),
            Err(_) => Ok(Step::Last(None)),
        };
        let stop = match (way, step) {
            (Ok(way), Ok(Step::More(piece))) => {
                *self = Self::Under(way);
                return Ok(Some(piece));
            }
            (Ok(_), Ok(Step::Last(piece))) => return Ok(piece),
            (Ok(_), Err(stop)) | (Err(stop), _) => stop,
        };
        let error = match stop {
            Stop::Absent => LedgerError::NoBlob(blob.id),
            Stop::Damage(damage) => LedgerError::Damaged {
                blob: blob.id,
                damage,
            },
            Stop::System(error) => LedgerError::reading("a read of a blob", error),
        };
        *self = Self::Broken(error.clone());
        Err(error)
    }
}

/// What one step gives.
enum Step {
    More(Vec<u8>),
    Last(Option<Vec<u8>>),
}

impl Way {
    fn begin(parts: &Parts, blob: &BlobRef) -> Result<Self, Stop> {
        let place = Place::of(blob.id);
        let open = |kind| {
            parts
                .disk
                .open(&segment::path(&parts.folder, kind, place.segment))
        };
        let mut file = match open(segment::Kind::Log) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => open(segment::Kind::Own)?,
            opened => opened?,
        };
        let mut opening = [0; OPENING];
        if file.read_at(0, &mut opening)? < OPENING {
            return Err(Damage::CutShort.into());
        }
        let opening = Opening::decode(&opening)?;
        if opening.segment != place.segment {
            return Err(Damage::OutOfSequence.into());
        }
        Ok(Self {
            file,
            opening,
            offset: place.offset,
            sequence: 0,
            given: 0,
            hasher: Hasher::default(),
        })
    }

    fn step(&mut self, blob: &BlobRef, owner: u64) -> Result<Step, Stop> {
        let mut head = [0; HEAD];
        if self.file.read_at(self.offset, &mut head)? < HEAD {
            return Err(Damage::CutShort.into());
        }
        let head = Head::decode(&head, &self.opening, self.offset)?;
        let begins = self.given == 0;
        if head.owner != owner || (begins && head.kind == Kind::Erased) {
            return Err(Stop::Absent);
        }
        if !begins && head.sequence != self.sequence + 1 {
            return Err(Damage::OutOfSequence.into());
        }
        match head.kind {
            Kind::Whole if begins && (head.length, head.digest) == (blob.length, blob.digest) => {
                Ok(Step::Last(Some(self.payload(&head)?)))
            }
            Kind::Piece => {
                let piece = self.payload(&head)?;
                self.hasher.update(&piece);
                self.given += head.length;
                self.sequence = head.sequence;
                self.offset += head.span();
                Ok(Step::More(piece))
            }
            Kind::End if !begins => {
                let digest = mem::take(&mut self.hasher).finish();
                if digest != blob.digest || head.digest != digest || self.given != blob.length {
                    return Err(Damage::Digest.into());
                }
                Ok(Step::Last(None))
            }
            Kind::Whole | Kind::End | Kind::Erased | Kind::Seal => Err(Damage::OutOfSequence.into()),
        }
    }

    fn payload(&mut self, head: &Head) -> Result<Vec<u8>, Stop> {
        let mut payload = vec![0; head.payload()];
        if self.file.read_at(self.offset + HEAD as u64, &mut payload)? < payload.len() {
            return Err(Damage::CutShort.into());
        }
        head.check(&payload)?;
        Ok(payload)
    }
}
