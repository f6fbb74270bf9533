//! Long messages: read while they pass by, their payloads going to the blob store, so that none is ever held (GW-15).
//!
//! In what is held of the message, each long payload has a stand-in: 64 hexadecimal digits that nobody outside can guess,
//! which are base 64 too, so that checks and translations take them for the payload. [`splice`](crate::flow::splice) puts
//! the payloads back into what goes out.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use serde_json::Value;
use x12_parser::GuideSet;

use crate::fhir::json;
use crate::fhir::json::Event;
use crate::fhir::json::Seal;
use crate::flow::door::Broken;
use crate::flow::door::Incoming;
use crate::flow::gateway::Gateway;
use crate::flow::inspect::Inspected;
use crate::flow::inspect::Inspection;
use crate::flow::material::Document;
use crate::flow::meaning::print;
use crate::flow::recode::Strictness;
use crate::flow::settings::X12Terms;
use crate::flow::world::World;
use crate::ledger::blobs::BlobReader;
use crate::ledger::blobs::BlobStore;
use crate::ledger::blobs::BlobWriter;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::ledger::digest::Digest;
use crate::ledger::digest::Hasher;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::x12::Transaction;

/// Messages up to this length are held in memory.
pub(crate) const LIGHT: usize = 256 * 1024;
/// X12 payloads longer than this are cut out of a heavy message.
pub(crate) const CUT_OVER: u64 = 16 * 1024;
/// How much is read and written at a time.
const PIECE: usize = 64 * 1024;

/// A payload that was cut out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cut {
    /// What stands in its place: 64 hexadecimal digits.
    pub(crate) stand_in: StandIn,
    pub(crate) part: Part,
    pub(crate) digest: Digest,
    pub(crate) form: Form,
}

/// What stands in the place of a payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StandIn(pub(crate) String);

/// In what form a payload was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// As base 64.
    Base64,
    /// As octets.
    Octets,
}

/// A heavy message that was taken in.
#[derive(Debug)]
pub(crate) struct Spooled {
    /// All of it, as it came.
    pub(crate) raw: Part,
    pub(crate) digest: Digest,
    pub(crate) cuts: Vec<Cut>,
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
    /// The ledger is in trouble.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What is to be done with a payload that passes by; done between two pieces, because the blob store makes us wait.
#[derive(Debug)]
pub(crate) enum Op {
    Begin(Form),
    Bytes(Vec<u8>),
    End,
}

/// Takes payloads to the blob store.
struct Spill<'g> {
    gateway: &'g Gateway,
    owner: &'g TenantId,
    open: Option<(Form, Box<dyn BlobWriter>, Strictness)>,
    cuts: Vec<Cut>,
    /// The stand-ins in the order in which payloads come.
    stand_ins: Vec<StandIn>,
}

impl Cut {
    /// Whether these octets of a transaction stand for the payload.
    pub(crate) fn stands_as(&self, octets: &[u8]) -> bool {
        octets == self.stand_in.0.as_bytes() || octets == self.stand_in.octets()
    }
}

impl StandIn {
    /// One that nobody outside can guess.
    pub(crate) fn draw(gateway: &Gateway, world: &World) -> Self {
        let draw = format!(
            "{}-{}",
            gateway.parts().chance.draw(),
            gateway.parts().chance.draw()
        );
        Self(print(&world.key, "stand-in", &draw))
    }

    /// The octets for which it stands as base 64.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        let mut recoder = crate::flow::recode::Recoder::new(crate::flow::recode::Recode::Decode);
        let sound = recoder.take(self.0.as_bytes(), &mut octets);
        let sound = sound.and_then(|()| recoder.finish(&mut octets));
        sound.expect("64 hexadecimal digits are base 64 in whole groups");
        octets
    }
}

impl Spill<'_> {
    async fn work(&mut self, ops: Vec<Op>) -> Result<(), NotSpooled> {
        for op in ops {
            match op {
                Op::Begin(form) => {
                    let writer = self.gateway.parts().blobs.create(self.owner);
                    self.open = Some((form, writer, Strictness::default()));
                }
                Op::Bytes(bytes) => {
                    if let Some((form, writer, strictness)) = &mut self.open {
                        if *form == Form::Base64 {
                            strictness.see(&bytes);
                        }
                        writer.write(&bytes).await?;
                    }
                }
                Op::End => {
                    let Some((form, writer, strictness)) = self.open.take() else {
                        continue;
                    };
                    if form == Form::Base64 && !strictness.holds() {
                        return Err(NotSpooled::NotBase64);
                    }
                    let kept = writer.finish().await?;
                    let stand_in = self.stand_ins.get(self.cuts.len()).cloned();
                    self.cuts.push(Cut {
                        stand_in: stand_in.unwrap_or_else(|| StandIn(String::new())),
                        part: kept.part,
                        digest: kept.digest,
                        form,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Reads a heavy FHIR resource; in the value, long payloads have stand-ins.
pub(crate) async fn fhir(
    gateway: &Gateway,
    owner: &TenantId,
    head: Vec<u8>,
    body: &mut dyn Incoming,
) -> Result<(Spooled, Value), NotSpooled> {
    let world = gateway.world();
    let blobs = &gateway.parts().blobs;
    let seal = seal(gateway, &world);
    let mut reader = json::Reader::new(json::Settings::cutting(seal));
    let mut raw = blobs.create(owner);
    let mut hasher = Hasher::default();
    let mut spill = Spill {
        gateway,
        owner,
        open: None,
        cuts: Vec::new(),
        stand_ins: Vec::new(),
    };
    let mut next = Some(Bytes::from(head));
    while let Some(chunk) = next {
        for piece in chunk.chunks(PIECE) {
            raw.write(piece).await?;
            hasher.update(piece);
            let mut ops = Vec::new();
            let mut begun = 0;
            {
                let mut events = reader.feed(piece);
                while let Some(event) = events
                    .advance()
                    .map_err(|refusal| NotSpooled::Refused(Box::new(refusal)))?
                {
                    match event {
                        Event::Begins { .. } => {
                            begun += 1;
                            ops.push(Op::Begin(Form::Base64));
                        }
                        Event::Text { bytes, .. } => ops.push(Op::Bytes(bytes.to_vec())),
                        Event::Ends { .. } => ops.push(Op::End),
                    }
                }
            }
            for _ in 0..begun {
                spill.stand_ins.push(StandIn::draw(gateway, &world));
            }
            spill.work(ops).await?;
        }
        next = body.next().await?;
    }
    let mut value = reader
        .finish()
        .map_err(|refusal| NotSpooled::Refused(Box::new(refusal)))?;
    replace(&mut value, &|text| {
        let number = seal.opens(text)?.number() as usize;
        spill.stand_ins.get(number).map(|stand_in| stand_in.0.clone())
    });
    let spooled = Spooled {
        raw: raw.finish().await?.part,
        digest: hasher.finish(),
        cuts: spill.cuts,
    };
    Ok((spooled, value))
}

/// Reads a heavy interchange; in its transactions, long payloads have stand-ins. `None` if it is more than one.
pub(crate) async fn x12(
    gateway: &Gateway,
    owner: &TenantId,
    terms: Option<&X12Terms>,
    head: Vec<u8>,
    body: &mut dyn Incoming,
) -> Result<(Spooled, Option<Inspected>), NotSpooled> {
    let world = gateway.world();
    let guides: &GuideSet = world.guides(terms);
    let mut inspection = Inspection::cutting(guides, terms);
    let mut raw = gateway.parts().blobs.create(owner);
    let mut hasher = Hasher::default();
    let mut spill = Spill {
        gateway,
        owner,
        open: None,
        cuts: Vec::new(),
        stand_ins: Vec::new(),
    };
    let mut next = Some(Bytes::from(head));
    while let Some(chunk) = next {
        for piece in chunk.chunks(PIECE) {
            raw.write(piece).await?;
            hasher.update(piece);
            inspection.offer(&mut || {
                let stand_in = StandIn::draw(gateway, &world);
                spill.stand_ins.push(stand_in.clone());
                stand_in
            });
            spill.work(inspection.feed(piece)).await?;
        }
        next = body.next().await?;
    }
    let (inspected, ops) = inspection.finish();
    spill.work(ops).await?;
    let spooled = Spooled {
        raw: raw.finish().await?.part,
        digest: hasher.finish(),
        cuts: spill.cuts,
    };
    Ok((spooled, inspected))
}

/// A value in which each stand-in has become what names its content, so that the same content again reads the same.
pub(crate) fn by_content(value: &Value, cuts: &[Cut]) -> Value {
    let mut value = value.clone();
    replace(&mut value, &|text| {
        let cut = cuts.iter().find(|cut| cut.stand_in.0 == text)?;
        Some(format!("{:?}", cut.digest.as_bytes()))
    });
    value
}

/// The payloads that have stand-ins in a transaction, and in one document of several that it became.
pub(crate) fn within(transaction: &Transaction, document: Option<&Document>, cuts: &[Cut]) -> Vec<Cut> {
    let mut found: Vec<Cut> = cuts
        .iter()
        .filter(|cut| {
            transaction
                .payloads()
                .iter()
                .any(|payload| cut.stands_as(&payload.octets))
        })
        .cloned()
        .collect();
    if let (Some(document), true) = (document, found.len() > 1) {
        found.retain(|cut| document.0.contains(&cut.stand_in.0));
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

fn seal(gateway: &Gateway, world: &World) -> Seal {
    let drawn = StandIn::draw(gateway, world);
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(drawn.octets())
        .for_each(|(to, from)| *to = from);
    Seal::new(bytes)
}

/// A message out of the ledger, as it came in once.
#[derive(Debug)]
pub(crate) struct Stored<'s> {
    blobs: &'s dyn BlobStore,
    parts: std::vec::IntoIter<Part>,
    open: Option<Box<dyn BlobReader>>,
}

impl<'s> Stored<'s> {
    pub(crate) fn new(blobs: &'s dyn BlobStore, body: Body) -> Self {
        Self {
            blobs,
            parts: body.parts.into_iter(),
            open: None,
        }
    }

    async fn advance(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if let Some(reader) = &mut self.open {
                match reader.next().await {
                    Ok(Some(bytes)) => return Ok(Some(Bytes::from(bytes))),
                    Ok(None) => self.open = None,
                    // What is damaged ends early for whoever reads it.
                    Err(_) => return Err(Broken::Cut),
                }
            }
            match self.parts.next() {
                None => return Ok(None),
                Some(Part::Inline(bytes)) => return Ok(Some(Bytes::from(bytes.into_bytes()))),
                Some(Part::Blob(blob)) => self.open = Some(self.blobs.open(&blob.owner, &blob)),
            }
        }
    }
}

impl Incoming for Stored<'_> {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, Broken>> + Send + '_>> {
        Box::pin(self.advance())
    }
}
