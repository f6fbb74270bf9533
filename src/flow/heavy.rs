//! Long messages: read while they pass by, their payloads going to the blob store, so that none is ever held (GW-15).
//!
//! In what is held of the message, each long payload has a stand-in, which begins as the payload does, so that checks and
//! translations take it for the payload; it ends in a mark that nobody outside can guess.
//! [`splice`](crate::flow::splice) puts the payloads back into what goes out.

mod spool;
mod stored;

use bytes::Bytes;
use memchr::memmem;
use serde_json::Value;
use x12_parser::GuideSet;

use crate::fhir::json;
use crate::fhir::json::CutId;
use crate::fhir::json::Event;
use crate::fhir::json::Seal;
use crate::flow::door::Broken;
use crate::flow::door::Incoming;
use crate::flow::gateway::Gateway;
use crate::flow::inspect;
use crate::flow::inspect::Inspected;
use crate::flow::inspect::Inspection;
use crate::flow::material::Document;
use crate::flow::meaning::print;
use crate::flow::settings::X12Terms;
use crate::flow::stow;
use crate::flow::world::World;
use crate::ledger::blobs::BlobRef;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::ledger::digest::Digest;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::translate::stream::Away;
use crate::translate::stream::Dress;
use crate::translate::stream::Held;
use crate::translate::stream::Intake;
use crate::translate::stream::NotCarried;
use crate::translate::stream::SAMPLE;
use crate::x12::Transaction;

pub(crate) use self::spool::Keeping;
pub(crate) use self::spool::Loose;
pub(crate) use self::spool::Op;
pub(crate) use self::spool::Spooled;
pub(crate) use self::stored::Stored;

use self::spool::Spool;

/// Messages up to this length are held in memory.
pub(crate) const LIGHT: usize = 256 * 1024;
/// X12 payloads longer than this are cut out of a heavy message.
pub(crate) const CUT_OVER: u64 = 16 * 1024;
/// How much is read and written at a time.
const PIECE: usize = 64 * 1024;
/// The most octets of a heavy message that are held: what stands around its payloads, and the stand-ins.
pub(crate) const HELD_MOST: u64 = 16 * 1024 * 1024;
/// Of so many payloads of a message the whole sample is held.
const WELL_KNOWN: u32 = 32;
/// The sample of the others: a document says what it is at its very beginning.
const SHORT_SAMPLE: usize = 1024;

/// A payload that was cut out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cut {
    pub(crate) away: Away,
    pub(crate) came: Wire,
    /// It, as it came.
    pub(crate) content: Body,
    pub(crate) digest: Digest,
    /// What stands in its place.
    stand_in: Vec<u8>,
    /// The same in base 64.
    text: String,
}

/// What a payload came in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wire {
    /// A `BIN` or `BDS`.
    X12,
    /// A text of a resource.
    Fhir,
}

/// A payload that passes by.
pub(crate) struct Passing {
    id: CutId,
    held: Held,
    intake: Intake,
    sound: Result<(), NotCarried>,
}

/// A payload that has passed by.
#[derive(Debug)]
pub(crate) struct Ended {
    away: Away,
    came: Wire,
    stand_in: Vec<u8>,
    text: String,
}

/// Why a heavy message was not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSpooled {
    /// It did not arrive whole.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// It is no JSON that is taken.
    #[error("it is no sound JSON")]
    Refused(Box<json::Refusal>),
    /// What should be base 64 is none.
    #[error("a long payload is no base 64")]
    NotBase64,
    /// There is too much of it beside its long payloads.
    #[error("there is too much of it beside its long payloads")]
    TooMuch,
    /// The ledger is in trouble.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Cut {
    fn new(ended: Ended, content: Body, digest: Digest) -> Self {
        let Ended {
            away,
            came,
            stand_in,
            text,
        } = ended;
        Self {
            away,
            came,
            content,
            digest,
            stand_in,
            text,
        }
    }

    /// What stands in its place, as it came: octets or base 64.
    pub(crate) fn stand_in(&self) -> &[u8] {
        &self.stand_in
    }

    /// Whether what it is was recognised by its beginning.
    pub(crate) const fn is_seen(&self) -> bool {
        self.away.is_seen()
    }

    /// Whether these octets of a transaction stand for the payload.
    pub(crate) fn stands_as(&self, octets: &[u8]) -> bool {
        // The mark is at the end, so others are told apart there.
        octets.len() == self.stand_in.len() && octets.iter().rev().eq(self.stand_in.iter().rev())
    }

    /// Whether this text of a document stands for the payload.
    pub(crate) fn reads_as(&self, text: &str) -> bool {
        self.text == text
    }

    /// How many octets the payload has, its base 64 undone.
    pub(crate) fn octets(&self) -> u64 {
        let kept: u64 = self.content.parts.iter().map(Part::len).sum();
        match self.away.held() {
            Held::Octets => kept,
            Held::Base64 => kept / 4 * 3,
        }
    }

    /// Whether it stands somewhere in a document.
    fn stands_in(&self, document: &Document) -> bool {
        memmem::find(document.0.as_bytes(), self.text.as_bytes()).is_some()
    }
}

impl Passing {
    /// A payload of which nothing has come yet.
    pub(crate) const fn new(id: CutId, held: Held) -> Self {
        let sample = if id.number() < WELL_KNOWN {
            SAMPLE
        } else {
            SHORT_SAMPLE
        };
        Self {
            id,
            held,
            intake: Intake::sampling(held, sample),
            sound: Ok(()),
        }
    }

    /// Looks at the next octets.
    pub(crate) fn take(&mut self, octets: &[u8]) {
        if self.sound.is_ok() {
            self.sound = self.intake.take(octets);
        }
    }

    /// What has passed by, and why it cannot be translated, if so.
    pub(crate) fn finish(self, seal: &Seal, came: Wire) -> (Ended, Result<(), NotCarried>) {
        let Self {
            id,
            held,
            intake,
            sound,
        } = self;
        let (away, sound) = match sound.and_then(|()| intake.finish(seal, id)) {
            Ok(away) => (away, Ok(())),
            Err(why) => (Away::unseen(held, why, seal, id), Err(why)),
        };
        let text = String::from_utf8(away.stand_in(Dress::Base64)).expect("base 64 is ASCII");
        let stand_in = away.stand_in(held.dress());
        let ended = Ended {
            away,
            came,
            stand_in,
            text,
        };
        (ended, sound)
    }
}

impl Ended {
    /// What stands in its place.
    pub(crate) fn stand_in(&self) -> &[u8] {
        &self.stand_in
    }

    /// How much is held of it.
    pub(crate) fn weight(&self) -> u64 {
        (self.stand_in.len() + self.text.len()) as u64
    }
}

/// Gives a body in pieces of a bounded size.
struct Cutting<'b> {
    body: &'b mut dyn Incoming,
    chunk: Bytes,
}

impl<'b> Cutting<'b> {
    fn new(head: Vec<u8>, body: &'b mut dyn Incoming) -> Self {
        Self {
            body,
            chunk: head.into(),
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        while self.chunk.is_empty() {
            match self.body.next().await? {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(None),
            }
        }
        Ok(Some(self.chunk.split_to(PIECE.min(self.chunk.len()))))
    }
}

/// Reads a heavy FHIR resource; in the value, long payloads have stand-ins.
pub(crate) async fn fhir(
    gateway: &Gateway,
    owner: &TenantId,
    keeping: Keeping,
    head: Vec<u8>,
    body: &mut dyn Incoming,
) -> Result<(Spooled, Value), NotSpooled> {
    let seal = seal(gateway, &gateway.world());
    let mut reader = json::Reader::new(json::Settings::cutting(seal));
    let mut spool = Spool::new(gateway, owner, keeping);
    let mut pieces = Cutting::new(head, body);
    let (mut passing, mut weight) = (None, 0);
    while let Some(piece) = pieces.next().await? {
        let ops = texts(&mut reader, &piece, &seal, &mut passing, &mut weight)?;
        if weight > HELD_MOST {
            return Err(NotSpooled::TooMuch);
        }
        spool.work(&piece, ops).await?;
    }
    let mut value = reader
        .finish()
        .map_err(|refusal| NotSpooled::Refused(Box::new(refusal)))?;
    let spooled = spool.finish().await?;
    replace(&mut value, &|text| {
        let id = seal.opens(text)?;
        // They are numbered in the order in which they come.
        let cut = spooled.cuts.get(id.number() as usize)?;
        Some(cut.text.clone())
    });
    Ok((spooled, value))
}

/// What is to be done with the long texts in a piece.
fn texts(
    reader: &mut json::Reader,
    piece: &[u8],
    seal: &Seal,
    passing: &mut Option<Passing>,
    weight: &mut u64,
) -> Result<Vec<Op>, NotSpooled> {
    let mut ops = Vec::new();
    let mut events = reader.feed(piece);
    loop {
        let event = events
            .advance()
            .map_err(|refusal| NotSpooled::Refused(Box::new(refusal)))?;
        let Some(event) = event else { return Ok(ops) };
        match event {
            Event::Begins { id, .. } => {
                *passing = Some(Passing::new(id, Held::Base64));
                ops.push(Op::Begin);
            }
            Event::Text {
                bytes, as_written, ..
            } => {
                if let Some(passing) = passing {
                    passing.take(bytes);
                }
                let length = bytes.len();
                let text = (!as_written).then(|| bytes.to_vec());
                let end = piece.len().saturating_sub(events.left());
                ops.push(match text {
                    Some(text) => Op::As(text, end),
                    None => Op::AsSent(end.saturating_sub(length)..end),
                });
            }
            Event::Ends { .. } => {
                if let Some(passing) = passing.take() {
                    let (ended, sound) = passing.finish(seal, Wire::Fhir);
                    if sound == Err(NotCarried::NotBase64) {
                        return Err(NotSpooled::NotBase64);
                    }
                    *weight += ended.weight();
                    ops.push(Op::End(Box::new(ended)));
                }
            }
        }
    }
}

/// Reads a heavy interchange; in its transactions, long payloads have stand-ins. `None` if it is more than one.
pub(crate) async fn x12(
    gateway: &Gateway,
    owner: &TenantId,
    keeping: Keeping,
    terms: Option<&X12Terms>,
    head: Vec<u8>,
    body: &mut dyn Incoming,
) -> Result<(Spooled, Option<Inspected>), NotSpooled> {
    let world = gateway.world();
    let guides: &GuideSet = world.guides(terms);
    let mut inspection = Inspection::cutting(guides, terms, seal(gateway, &world));
    let mut spool = Spool::new(gateway, owner, keeping);
    let mut pieces = Cutting::new(head, body);
    while let Some(piece) = pieces.next().await? {
        let ops = inspection.cut(&piece);
        if inspection.weight() > HELD_MOST {
            return Err(NotSpooled::TooMuch);
        }
        spool.work(&piece, ops).await?;
    }
    let (inspected, ops) = inspection.finish();
    spool.work(&[], ops).await?;
    let spooled = spool.finish().await?;
    if keeping == Keeping::Whole && wants_whole(&spooled.cuts, spooled.raw.len()) && inspected.is_some() {
        return understood(gateway, &world, terms, spooled).await;
    }
    Ok((spooled, inspected))
}

/// Whether a message that became these payloads is to be held after all: something in it is understood only as a whole,
/// and it is not so long that this cannot be.
pub(crate) fn wants_whole(cuts: &[Cut], length: u64) -> bool {
    length <= HELD_MOST && cuts.iter().any(|cut| !cut.away.is_seen())
}

/// Reads an interchange once more, holding all of it; few are held at a time.
async fn understood(
    gateway: &Gateway,
    world: &World,
    terms: Option<&X12Terms>,
    mut spooled: Spooled,
) -> Result<(Spooled, Option<Inspected>), NotSpooled> {
    spooled.loose.keep_place(gateway.place_to_hold().await);
    spooled.cuts.clear();
    let octets = stow::read(&*gateway.parts().blobs, &spooled.raw).await?;
    Ok((spooled, Some(inspect::read(&octets, world, terms))))
}

/// Contents of a resource that are with the blob store already, as payloads that were cut out of it.
pub(crate) async fn put_away(gateway: &Gateway, contents: &[BlobRef]) -> Result<Vec<Cut>, LedgerError> {
    let seal = seal(gateway, &gateway.world());
    let mut cuts = Vec::new();
    for (number, blob) in (0..).zip(contents) {
        let mut passing = Passing::new(CutId::new(number), Held::Octets);
        let mut reader = gateway.parts().blobs.open(&blob.owner, blob);
        while let Some(octets) = reader.next().await? {
            passing.take(&octets);
        }
        let (ended, _) = passing.finish(&seal, Wire::Fhir);
        cuts.push(Cut::new(ended, Body::blob(blob.clone()), blob.digest));
    }
    Ok(cuts)
}

/// A value in which each stand-in has become what names its content, so that the same content again reads the same.
pub(crate) fn by_content(value: &Value, cuts: &[Cut]) -> Value {
    let mut value = value.clone();
    replace(&mut value, &|text| {
        let cut = cuts.iter().find(|cut| cut.text == text)?;
        Some(format!("{:?}", cut.digest.as_bytes()))
    });
    value
}

/// The payloads that have stand-ins in a transaction, and in one document of several that it became.
pub(crate) fn within(transaction: &Transaction, document: Option<&Document>, cuts: &[Cut]) -> Vec<Cut> {
    let stands = |cut: &&Cut| {
        let mut payloads = transaction.payloads().iter();
        payloads.any(|payload| cut.stands_as(&payload.octets))
    };
    let mut found: Vec<Cut> = cuts.iter().filter(stands).cloned().collect();
    if let (Some(document), true) = (document, found.len() > 1) {
        found.retain(|cut| cut.stands_in(document));
    }
    found
}

/// Replaces texts for which there is something else.
fn replace(value: &mut Value, by: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(other) = by(text) {
                *text = other;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, by)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, by)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A seal that nobody outside can guess.
fn seal(gateway: &Gateway, world: &World) -> Seal {
    let draw = || gateway.parts().chance.draw();
    let drawn = print(&world.key, "stand-in", &format!("{}-{}", draw(), draw()));
    let half = drawn.get(..32).map(|half| u128::from_str_radix(half, 16));
    let half = half.and_then(Result::ok);
    Seal::new(half.expect("a print is 64 hexadecimal digits").to_be_bytes())
}
