//! X12 as it comes in through a door: interchange by interchange, each kept as one entry and answered by what was kept.

use bytes::Bytes;
use serde_json::Value;
use serde_json::json;
use x12_parser::Code;
use x12_parser::Finding;
use x12_parser::InterchangeError;
use x12_parser::InterchangeReceipt;
use x12_parser::Party;
use x12_parser::Place;
use x12_parser::SegmentId;
use x12_parser::Verdict;

use crate::base::clock::Tick;
use crate::exchange::keys::Between;
use crate::exchange::keys::ControlNumber;
use crate::exchange::keys::Direction;
use crate::exchange::keys::MessageKey;
use crate::exchange::keys::WireName;
use crate::exchange::keys::X12Name;
use crate::flow::answering::answer;
use crate::flow::answering::can_be_answered;
use crate::flow::arrival::TRIES;
use crate::flow::arrival::begin;
use crate::flow::arrival::status_of;
use crate::flow::arrival::trouble_status;
use crate::flow::attachment_to_submit;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::tenant;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Media;
use crate::flow::door::Reply;
use crate::flow::dossier::EnvelopeNames;
use crate::flow::fate::Fate;
use crate::flow::fate::declined_as;
use crate::flow::fate::parked_or_refused;
use crate::flow::gateway::Gateway;
use crate::flow::heavy;
use crate::flow::heavy::Cut;
use crate::flow::heavy::Keeping;
use crate::flow::heavy::NotSpooled;
use crate::flow::inspect;
use crate::flow::inspect::Arrived;
use crate::flow::inspect::Inspected;
use crate::flow::news;
use crate::flow::news::News;
use crate::flow::news::Refused;
use crate::flow::news::kind_of;
use crate::flow::receipts;
use crate::flow::reports::content;
use crate::flow::request_to_task;
use crate::flow::routes;
use crate::flow::stow;
use crate::flow::stow::Raw;
use crate::flow::world::World;
use crate::flow::world::partner_name;
use crate::ledger::body::Body;
use crate::ledger::digest::Digest;
use crate::ledger::entry;
use crate::ledger::entry::Key;
use crate::ledger::entry::Once;
use crate::ledger::entry::Received;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Outcome;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;
use crate::routing::key::Key as Fact;
use crate::routing::key::Message;

/// Takes one or more interchanges; the answers stand one behind the other in the reply.
pub(crate) async fn take(gateway: &Gateway, caller: &Caller, body: &mut dyn Incoming) -> Reply {
    let reply = answered(gateway, caller, body).await;
    news::refused(gateway, caller, &reply);
    reply
}

async fn answered(gateway: &Gateway, caller: &Caller, body: &mut dyn Incoming) -> Reply {
    let began = gateway.parts().clock.tick();
    let (bytes, is_whole) = match begin(body).await {
        Ok(begun) => begun,
        Err(broken) => return plain(status_of(broken), "the body did not arrive whole"),
    };
    let Some(sender) = tenant(&caller.partner) else {
        return plain(403, "the caller is no partner");
    };
    let taken = if is_whole {
        take_light(gateway, caller, &sender, &bytes, began).await
    } else {
        Box::pin(take_heavy(gateway, caller, &sender, bytes, body, began)).await
    };
    match taken {
        Ok(Ok(answers)) => Reply {
            status: 200,
            body: Bytes::from(answers),
            media: Media::X12,
            ..Reply::default()
        },
        Ok(Err(refused)) => refused,
        // What was answered before is kept; sent once more it is a repeat, which gets the answer that it got.
        Err(trouble) => refused_by_ledger(&trouble),
    }
}

async fn take_light(
    gateway: &Gateway,
    caller: &Caller,
    sender: &TenantId,
    bytes: &[u8],
    began: Tick,
) -> Result<Result<Vec<u8>, Reply>, LedgerError> {
    let world = gateway.world();
    let terms = world
        .partner(&caller.partner)
        .and_then(|partner| partner.x12.as_ref());
    let interchanges = inspect::interchanges(bytes).into_iter();
    let letters = interchanges.map(|interchange| Letter {
        inspected: inspect::read(interchange, &world, terms),
        raw: Raw::Held(interchange),
        digest: Digest::of(interchange),
        cuts: Vec::new(),
        began,
    });
    let letters: Vec<Letter<'_>> = letters.collect();
    // Before any is taken: one status stands for them all, and what was taken must not be called refused.
    if !letters.iter().all(|letter| is_interchange(&letter.inspected)) {
        return Ok(Err(no_interchange()));
    }
    let mut answers = Vec::new();
    for letter in &letters {
        answers.extend(take_one(gateway, caller, sender, letter).await?);
    }
    Ok(Ok(answers))
}

async fn take_heavy(
    gateway: &Gateway,
    caller: &Caller,
    sender: &TenantId,
    head: Vec<u8>,
    body: &mut dyn Incoming,
    began: Tick,
) -> Result<Result<Vec<u8>, Reply>, LedgerError> {
    let world = gateway.world();
    let terms = world
        .partner(&caller.partner)
        .and_then(|partner| partner.x12.as_ref());
    let spooled = match heavy::x12(gateway, sender, Keeping::Whole, terms, head, body).await {
        Ok(spooled) => spooled,
        Err(NotSpooled::Ledger(trouble)) => return Err(trouble),
        Err(NotSpooled::Broken(broken)) => {
            return Ok(Err(plain(status_of(broken), "the body did not arrive whole")));
        }
        Err(NotSpooled::NotBase64 | NotSpooled::Refused(_)) => {
            return Ok(Err(plain(422, "a long payload is not what its filter says")));
        }
        Err(NotSpooled::TooMuch) => return Ok(Err(too_much())),
    };
    let (spooled, Some(inspected)) = spooled else {
        return Ok(Err(plain(
            422,
            "a long body holds one interchange; send each by itself",
        )));
    };
    let letter = Letter {
        inspected,
        raw: Raw::Kept(spooled.raw, spooled.loose),
        digest: spooled.digest,
        cuts: spooled.cuts,
        began,
    };
    if !is_interchange(&letter.inspected) {
        return Ok(Err(no_interchange()));
    }
    take_one(gateway, caller, sender, &letter).await.map(Ok)
}

/// Whether there is an interchange in it that can be answered.
fn is_interchange(inspected: &Inspected) -> bool {
    let receipt = &inspected.receipt;
    let is_named = !receipt.sender.id.is_empty() || !receipt.isa13.is_empty();
    is_named && can_be_answered(receipt)
}

fn no_interchange() -> Reply {
    plain(400, "the body is no X12 interchange")
}

/// An interchange as it came.
struct Letter<'b> {
    inspected: Inspected,
    raw: Raw<'b>,
    digest: Digest,
    /// Long payloads that have stand-ins in its transactions.
    cuts: Vec<Cut>,
    /// When its first byte came.
    began: Tick,
}

fn plain(status: u16, line: &'static str) -> Reply {
    Reply {
        status,
        body: Bytes::from_static(line.as_bytes()),
        media: Media::Text,
        ..Reply::default()
    }
}

fn too_much() -> Reply {
    plain(
        413,
        "the interchange brings more than can be kept at once; send it in several",
    )
}

/// Nothing was kept, so nothing is acknowledged.
fn refused_by_ledger(trouble: &LedgerError) -> Reply {
    if matches!(trouble, LedgerError::Malformed(_)) {
        // What one interchange brings about goes down in one commit, which has a bound.
        return too_much();
    }
    let mut reply = plain(
        trouble_status(trouble),
        "nothing was kept; the same may be sent again later",
    );
    reply.retry_after = Some(crate::flow::gateway::LATER);
    reply
}

/// Takes one interchange.
async fn take_one(
    gateway: &Gateway,
    caller: &Caller,
    sender: &TenantId,
    letter: &Letter<'_>,
) -> Result<Vec<u8>, LedgerError> {
    let world = gateway.world();
    let inspected = &letter.inspected;
    let once = Once {
        key: key(&world, sender, &inspected.receipt, letter.digest),
        content: letter.digest,
    };
    if let Some(seen) = gateway.parts().store.seen(once.key).await? {
        if seen.content == once.content {
            news::repeated(gateway, caller, seen.entry);
            return repeated(gateway, seen.answer).await;
        }
        return conflict(gateway, caller, sender, letter).await;
    }
    for _ in 0..TRIES {
        match work(gateway, caller, sender, letter, once).await {
            Err(LedgerError::Stale { .. } | LedgerError::Exists { .. } | LedgerError::Taken(_)) => {}
            Err(LedgerError::Conflict { .. }) => {
                return conflict(gateway, caller, sender, letter).await;
            }
            Err(trouble) => return Err(trouble),
            Ok(Outcome::Repeated(seen)) => return repeated(gateway, seen.answer).await,
            Ok(Outcome::Committed(receipt)) => {
                return repeated(gateway, receipt.answer.map(|answer| answer.body)).await;
            }
        }
    }
    Err(LedgerError::Busy)
}

/// What was answered when it was kept.
async fn repeated(gateway: &Gateway, answer: Option<Body>) -> Result<Vec<u8>, LedgerError> {
    match answer {
        Some(body) => stow::read(&*gateway.parts().blobs, &body).await,
        None => Ok(Vec::new()),
    }
}

/// The key of an interchange: its envelope's, or its content's where the envelope is not sound (ROB-010).
fn key(world: &World, sender: &TenantId, receipt: &InterchangeReceipt, content: Digest) -> Key {
    let us = &world.settings.own.name;
    let named = || {
        let between = Between {
            from: partner_name(sender.as_str())?,
            to: partner_name(us.as_str())?,
            direction: Direction::Inbound,
        };
        let party = |party: &Party| WireName::in_system(party.qualifier.as_str(), party.id.as_str());
        let name = X12Name {
            sender: party(&receipt.sender)?,
            receiver: party(&receipt.receiver)?,
            interchange: ControlNumber::new(receipt.isa13.as_str().parse().ok()?)?,
            set: None,
        };
        Some(MessageKey::x12(&between, &name))
    };
    // A refused interchange does not use its number up: it comes again, mended.
    let refused = receipt.verdict() == Verdict::Rejected;
    match named().filter(|_| !refused) {
        Some(name) => Key::of(sender, us, entry::Direction::Inbound, &[name.as_bytes()]),
        None => Key::of(
            sender,
            us,
            entry::Direction::Inbound,
            &[b"content", content.as_bytes()],
        ),
    }
}

/// The same number with other content: TA1 025, and nothing of it is taken.
async fn conflict(
    gateway: &Gateway,
    caller: &Caller,
    sender: &TenantId,
    letter: &Letter<'_>,
) -> Result<Vec<u8>, LedgerError> {
    let mut receipt = letter.inspected.receipt.clone();
    receipt.findings.push(Finding::at(
        Code::Interchange(InterchangeError::DuplicateControlNumber),
        Place::default(),
        SegmentId::of(b"ISA"),
    ));
    let mut desk = Desk::open(gateway, sender.clone());
    desk.entry.answer = Some(answer(&desk, sender, &receipt)?);
    desk.note(&json!({"event": "conflict", "interchange": receipt.isa13.as_str()}));
    let news = News::of(caller, letter.began, kind_of(&letter.inspected));
    desk.news = Some(news.refused(Some(Refused::Whole("duplicate"))));
    match desk.commit().await? {
        Outcome::Committed(kept) => repeated(gateway, kept.answer.map(|answer| answer.body)).await,
        Outcome::Repeated(seen) => repeated(gateway, seen.answer).await,
    }
}

/// Works an interchange through and keeps it.
async fn work(
    gateway: &Gateway,
    caller: &Caller,
    sender: &TenantId,
    letter: &Letter<'_>,
    once: Once,
) -> Result<Outcome, LedgerError> {
    let inspected = &letter.inspected;
    let mut desk = Desk::open(gateway, sender.clone());
    let mut receipt = inspected.receipt.clone();
    let (mut facts, mut decisions, mut parked) = (Vec::new(), Vec::new(), Vec::new());
    for arrived in &inspected.transactions {
        facts.push(routes::kept(&arrived.facts));
        if arrived.rejected {
            continue;
        }
        desk.mark()?;
        let fate = match transaction(&mut desk, caller, arrived, letter, &receipt).await {
            Ok(fate) => fate,
            Err(declined) => {
                desk.go_back();
                declined_as(declined)?
            }
        };
        match fate {
            Fate::Taken(ways) => decisions.extend(ways),
            Fate::Parked(way, why) => {
                decisions.push(way);
                parked.push(why);
            }
            Fate::Refused(error, why, cause) => {
                decisions.push(match cause {
                    Some(cause) => json!({"refused": why, "cause": cause}),
                    None => json!({"refused": why}),
                });
                contest(&mut receipt, arrived, content(error, why));
            }
        }
    }
    let mut unmatched = 0;
    for said in &inspected.acknowledged {
        unmatched += usize::from(!desk.acknowledge(said).await?);
    }
    desk.note(&json!({
        "event": "received", "door": caller.door, "partner": caller.partner,
        "interchange": receipt.isa13.as_str(), "verdict": format!("{:?}", receipt.verdict()),
        "transactions": inspected.transactions.len(), "acknowledgements": inspected.acknowledged.len(),
        "unmatched": unmatched, "parked": parked,
    }));
    let links = std::mem::take(&mut desk.links);
    let kept = json!({"door": caller.door, "partner": caller.partner, "messages": facts, "links": links});
    desk.entry.key = Some(once);
    desk.entry.received = Some(Received {
        body: letter.raw.body(&*gateway.parts().blobs, sender).await?,
        facts: Opaque::new(kept.to_string().into_bytes()),
        decision: Opaque::new(Value::Array(decisions).to_string().into_bytes()),
    });
    desk.entry.parked = (!parked.is_empty()).then(|| Opaque::new(parked.join("; ").into_bytes()));
    desk.entry.answer = Some(answer(&desk, sender, &receipt)?);
    let news = News::of(caller, letter.began, kind_of(inspected)).parked(parked.first().copied());
    desk.news = Some(news.refused(Refused::of(&receipt)));
    letter.raw.commit(desk).await
}

/// Files what is said against the content of a transaction.
fn contest(receipt: &mut InterchangeReceipt, arrived: &Arrived, finding: Finding) {
    let group = receipt.groups.get_mut(arrived.group);
    let told = group.and_then(|group| group.transactions.get_mut(arrived.place));
    if let Some(told) = told {
        told.findings.push(finding);
    }
}

/// Works one transaction through.
async fn transaction(
    desk: &mut Desk<'_>,
    caller: &Caller,
    arrived: &Arrived,
    letter: &Letter<'_>,
    receipt: &InterchangeReceipt,
) -> Result<Fate, Declined> {
    let mut facts = arrived.facts.clone();
    routes::introduce(&mut facts, caller);
    let guide = facts.first(Fact::Version).unwrap_or_default();
    let message = match facts.message() {
        // Acknowledgements are taken as such, and a status is one.
        Some(Message::Ack) => return Ok(Fate::Taken(Vec::new())),
        Some(Message::Request277) if receipts::is_status(guide) => return Ok(Fate::Taken(Vec::new())),
        message => message,
    };
    let Some((number, transaction)) = &arrived.transaction else {
        return Ok(parked_or_refused(
            desk,
            "it is of no kind that the gateway carries",
        ));
    };
    let envelope = envelope_names(receipt, arrived);
    if message == Some(Message::Attachment275) {
        let attached = attachment_to_submit::Attached {
            transaction,
            delimiters: letter.inspected.delimiters,
            cuts: &letter.cuts,
            number: *number,
            envelope,
            facts: &facts,
            from: &caller.partner,
        };
        let ways = attachment_to_submit::take(desk, &attached).await?;
        if let Some(parked) = ways.iter().find(|way| way.is_parked()) {
            return Ok(match parked_or_refused(desk, parked.why_parked()) {
                Fate::Parked(_, why) => Fate::Parked(parked.kept(), why),
                other => other,
            });
        }
        return Ok(Fate::Taken(ways.iter().map(routes::Way::kept).collect()));
    }
    let way = routes::decide(&desk.world, &facts, None);
    let world = std::sync::Arc::clone(&desk.world);
    let to = way.partner().and_then(|name| world.partner(name));
    let (Some(to), Some(delivery)) = (to, way.delivery()) else {
        return Ok(parked_or_refused(desk, way.why_parked()));
    };
    let routed = request_to_task::Routed {
        transaction,
        delimiters: letter.inspected.delimiters,
        number: *number,
        envelope,
        from: &caller.partner,
        to,
        delivery,
        decided: way.decided(),
    };
    request_to_task::take(desk, &routed).await?;
    Ok(Fate::Taken(vec![way.kept()]))
}

fn envelope_names(receipt: &InterchangeReceipt, arrived: &Arrived) -> EnvelopeNames {
    let Some(group) = receipt.groups.get(arrived.group) else {
        return EnvelopeNames::default();
    };
    let told = group.transactions.get(arrived.place).cloned().unwrap_or_default();
    EnvelopeNames {
        gs01: group.gs01.to_string(),
        gs04: group.gs04.to_string(),
        gs05: group.gs05.to_string(),
        gs06: group.gs06.to_string(),
        gs08: group.gs08.to_string(),
        st01: told.st01.to_string(),
        st02: told.st02.to_string(),
        reference: told.reference.to_string(),
    }
}
