//! Takes a heavy message to the blob store while it passes by, each octet once: what stands around its payloads is one
//! part of what is kept, and each payload is another, which goes out again without being copied.
//!
//! The octets of a payload stand for themselves only as long as they are those that were sent. In JSON an escape may
//! stand for one of them: from there on to the end of the payload it is kept twice, as it was sent and as it reads.

use std::mem;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::flow::door::Incoming as _;
use crate::flow::gateway::Gateway;
use crate::flow::heavy::Cut;
use crate::flow::heavy::Ended;
use crate::flow::heavy::NotSpooled;
use crate::flow::heavy::stored::Stored;
use crate::ledger::blobs::BlobId;
use crate::ledger::blobs::BlobStore;
use crate::ledger::blobs::BlobWriter;
use crate::ledger::body::Body;
use crate::ledger::body::INLINE_MOST;
use crate::ledger::body::Part;
use crate::ledger::digest::Digest;
use crate::ledger::digest::Hasher;
use crate::ledger::ids::TenantId;

/// What is kept of a message that passes by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Keeping {
    /// All of it.
    Whole,
    /// Its payloads; it came out of the ledger.
    Payloads,
}

/// What is to be done with a payload that passes by; done between two pieces, because the blob store makes us wait.
/// Ranges are those of the piece.
#[derive(Debug)]
pub(crate) enum Op {
    /// A payload begins.
    Begin,
    /// The next octets of it, as they were sent.
    AsSent(Range<usize>),
    /// The next octets of it, which may have been sent in other words; these end there.
    As(Vec<u8>, usize),
    /// It ends; what it was found to be.
    End(Box<Ended>),
}

/// A heavy message on its way to the blob store.
pub(super) struct Spool<'g> {
    owner: &'g TenantId,
    keeping: Keeping,
    hasher: Hasher,
    /// What is kept of the message so far.
    whole: Vec<Part>,
    /// How much of that stands in the entry itself.
    inline: usize,
    /// What was sent last and may belong to a payload.
    pending: Vec<u8>,
    around: Option<Box<dyn BlobWriter>>,
    open: Option<Open>,
    cuts: Vec<Cut>,
    loose: Loose,
}

/// A payload that is being written.
struct Open {
    writer: Box<dyn BlobWriter>,
    course: Course,
    parts: Vec<Part>,
}

/// How a payload is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Course {
    /// Nothing of it has come.
    Fresh,
    /// What goes into its blob is what was sent, and so a part of the message.
    Shared,
    /// The message is kept beside it.
    Apart,
}

/// A heavy message that was taken in.
#[derive(Debug)]
pub(crate) struct Spooled {
    /// All of it, as it came; nothing if only its payloads are kept.
    pub(crate) raw: Body,
    pub(crate) digest: Digest,
    pub(crate) cuts: Vec<Cut>,
    pub(crate) loose: Loose,
}

/// Blobs that nothing refers to yet. They are erased with this, unless something may refer to them by then.
#[derive(Debug)]
pub(crate) struct Loose {
    blobs: Arc<dyn BlobStore>,
    ids: Vec<BlobId>,
    clock: Arc<dyn Clock>,
    /// When the store was told last that somebody is about to refer to them.
    renewed: Tick,
    /// A commit that refers to them may have been made.
    referred: AtomicBool,
    /// The place that the message takes, if it is held all the same.
    place: Option<OwnedSemaphorePermit>,
}

impl Loose {
    /// Nothing yet.
    pub(crate) fn new(gateway: &Gateway) -> Self {
        Self {
            blobs: Arc::clone(&gateway.parts().blobs),
            ids: Vec::new(),
            renewed: gateway.parts().clock.tick(),
            clock: Arc::clone(&gateway.parts().clock),
            referred: AtomicBool::new(false),
            place: None,
        }
    }

    /// Keeps a place for as long as the message is worked with.
    pub(crate) fn keep_place(&mut self, place: Option<OwnedSemaphorePermit>) {
        self.place = place;
    }

    /// This as well, if it is a blob.
    pub(crate) fn note(&mut self, part: &Part) {
        if let Part::Blob(blob) = part {
            self.ids.push(blob.id);
        }
    }

    /// Sees to it that a message which takes long to arrive finds them when it is committed.
    fn renew(&mut self) {
        let now = self.clock.tick();
        if now.since(self.renewed) >= RENEWED_EACH {
            self.renewed = now;
            self.blobs.renew(&self.ids);
        }
    }

    /// From now on a commit may refer to them, whatever is heard of it.
    pub(crate) fn refer(&self) {
        self.referred.store(true, Ordering::Release);
    }

    /// It is beyond doubt that no commit refers to them.
    pub(crate) fn unrefer(&self) {
        self.referred.store(false, Ordering::Release);
    }
}

impl Drop for Loose {
    fn drop(&mut self) {
        if !self.referred.load(Ordering::Acquire) && !self.ids.is_empty() {
            // Nobody waits: it is done all the same, and what is left after a crash is found by the upkeep.
            drop(self.blobs.erase(mem::take(&mut self.ids)));
        }
    }
}

impl<'g> Spool<'g> {
    pub(super) fn new(gateway: &Gateway, owner: &'g TenantId, keeping: Keeping) -> Self {
        Self {
            owner,
            keeping,
            hasher: Hasher::default(),
            whole: Vec::new(),
            inline: 0,
            pending: Vec::new(),
            around: None,
            open: None,
            cuts: Vec::new(),
            loose: Loose::new(gateway),
        }
    }

    /// Takes the next piece of the message, in which this is to be done.
    pub(super) async fn work(&mut self, piece: &[u8], ops: Vec<Op>) -> Result<(), NotSpooled> {
        if self.keeping == Keeping::Whole {
            self.hasher.update(piece);
        }
        self.loose.renew();
        let mut done = 0;
        for op in ops {
            match op {
                Op::Begin => {
                    self.open = Some(Open {
                        writer: self.loose.blobs.create(self.owner),
                        course: Course::Fresh,
                        parts: Vec::new(),
                    });
                }
                Op::AsSent(at) => {
                    self.wait(piece, done..at.start);
                    let octets = piece.get(at.clone()).unwrap_or_default();
                    self.as_sent(octets).await?;
                    done = at.end;
                }
                Op::As(text, end) => {
                    self.wait(piece, done..end);
                    self.in_words(&text).await?;
                    done = end.max(done);
                }
                Op::End(ended) => self.end(*ended).await?,
            }
        }
        self.wait(piece, done..piece.len());
        self.write_around(HELD_BACK).await
    }

    /// What it has come to, with the message at its end.
    pub(super) async fn finish(mut self) -> Result<Spooled, NotSpooled> {
        if self.open.is_some() {
            // A payload that was cut off is a part of the message, and of nothing else.
            self.unshare().await?;
            self.open = None;
        }
        self.close_around().await?;
        Ok(Spooled {
            raw: Body { parts: self.whole },
            digest: self.hasher.finish(),
            cuts: self.cuts,
            loose: self.loose,
        })
    }

    /// Holds back what may belong to a payload.
    fn wait(&mut self, piece: &[u8], at: Range<usize>) {
        if self.keeping == Keeping::Whole {
            self.pending.extend_from_slice(piece.get(at).unwrap_or_default());
        }
    }

    /// Octets of the payload that are those that were sent.
    async fn as_sent(&mut self, octets: &[u8]) -> Result<(), NotSpooled> {
        match self.course() {
            Course::Fresh if self.may_share() => self.share().await?,
            Course::Fresh => self.part(),
            Course::Shared if !self.pending.is_empty() => self.unshare().await?,
            Course::Shared | Course::Apart => {}
        }
        if self.course() == Course::Apart {
            self.wait(octets, 0..octets.len());
            self.write_around(HELD_BACK).await?;
        }
        self.write(octets).await
    }

    /// Octets of the payload that may have been sent in other words, which were held back.
    async fn in_words(&mut self, text: &[u8]) -> Result<(), NotSpooled> {
        match self.course() {
            Course::Fresh if self.may_share() && self.pending.ends_with(text) => {
                self.pending.truncate(self.pending.len() - text.len());
                self.share().await?;
            }
            Course::Fresh => self.part(),
            Course::Shared if self.pending == text => self.pending.clear(),
            Course::Shared => self.unshare().await?,
            Course::Apart => {}
        }
        self.write(text).await
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), NotSpooled> {
        if let Some(open) = &mut self.open {
            open.writer.write(octets).await?;
        }
        Ok(())
    }

    fn course(&self) -> Course {
        self.open.as_ref().map_or(Course::Apart, |open| open.course)
    }

    /// Whether what is kept of the message may have one more part.
    fn may_share(&self) -> bool {
        self.keeping == Keeping::Whole && self.whole.len() < PARTS_MOST && self.inline < SHARING_INLINE
    }

    /// The payload at hand is a part of the message.
    async fn share(&mut self) -> Result<(), NotSpooled> {
        self.close_around().await?;
        if let Some(open) = &mut self.open {
            open.course = Course::Shared;
        }
        Ok(())
    }

    /// The payload at hand is kept beside the message.
    fn part(&mut self) {
        if let Some(open) = &mut self.open {
            open.course = Course::Apart;
        }
    }

    /// What has come of the payload is a part of the message, and the rest is kept beside it.
    async fn unshare(&mut self) -> Result<(), NotSpooled> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        let writer = mem::replace(&mut open.writer, self.loose.blobs.create(self.owner));
        let kept = writer.finish().await?;
        self.loose.note(&kept.part);
        if open.course == Course::Shared {
            self.add(kept.part.clone());
        }
        open.parts.push(kept.part);
        open.course = Course::Apart;
        self.open = Some(open);
        Ok(())
    }

    async fn end(&mut self, ended: Ended) -> Result<(), NotSpooled> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let Open {
            writer,
            course,
            mut parts,
        } = open;
        let kept = writer.finish().await?;
        self.loose.note(&kept.part);
        if course == Course::Shared {
            self.add(kept.part.clone());
        }
        let is_one = parts.is_empty();
        if is_one || !kept.part.is_empty() {
            parts.push(kept.part);
        }
        let content = Body { parts };
        let digest = if is_one {
            kept.digest
        } else {
            digest_of(&*self.loose.blobs, &content).await?
        };
        self.cuts.push(Cut::new(ended, content, digest));
        Ok(())
    }

    /// Writes what was held back, but for so many octets that may still belong to a payload.
    async fn write_around(&mut self, but: usize) -> Result<(), NotSpooled> {
        let ready = self.pending.len().saturating_sub(but);
        if ready == 0 || self.course_of_open() == Some(Course::Shared) {
            return Ok(());
        }
        let around = match &mut self.around {
            Some(around) => around,
            none => none.insert(self.loose.blobs.create(self.owner)),
        };
        let octets: Vec<u8> = self.pending.drain(..ready).collect();
        around.write(&octets).await?;
        Ok(())
    }

    /// Ends the part that stands around payloads.
    async fn close_around(&mut self) -> Result<(), NotSpooled> {
        self.write_around(0).await?;
        if let Some(around) = self.around.take() {
            let kept = around.finish().await?;
            self.loose.note(&kept.part);
            self.add(kept.part);
        }
        Ok(())
    }

    fn course_of_open(&self) -> Option<Course> {
        self.open.as_ref().map(|open| open.course)
    }

    /// Adds a part to what is kept of the message.
    fn add(&mut self, part: Part) {
        if let Part::Inline(octets) = &part {
            self.inline += octets.len();
        }
        if !part.is_empty() {
            self.whole.push(part);
        }
    }
}

/// The SHA-256 of a payload that is kept in several parts.
async fn digest_of(blobs: &dyn BlobStore, content: &Body) -> Result<Digest, NotSpooled> {
    let mut hasher = Hasher::default();
    let mut stored = Stored::new(blobs, content.clone());
    while let Some(piece) = stored.next().await? {
        hasher.update(&piece);
    }
    Ok(hasher.finish())
}

/// So much of what was sent is held back until it is known whether it is of a payload: more than the reader of JSON
/// gathers before it tells that a text is long.
const HELD_BACK: usize = 32 * 1024;

/// A message is kept in at most about so many parts, so that what refers to it stays short.
const PARTS_MOST: usize = 64;

/// So often a message that is still arriving says that it is about to refer to its blobs.
const RENEWED_EACH: Duration = Duration::from_mins(10);

/// While this much or more of a message stands in the entry itself, its payloads are kept beside it.
const SHARING_INLINE: usize = crate::ledger::body::RECEIVED_INLINE_MOST - 2 * INLINE_MOST;
