//! `$submit-attachment` at the façade: checked, taken, answered with what was kept.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::base::finding::Finding;
use crate::base::ids::TrackingId;
use crate::exchange::effect::Reply as ExchangeReply;
use crate::exchange::effect::Taken;
use crate::exchange::ids::ContentDigest;
use crate::exchange::keys::Between;
use crate::exchange::keys::Direction;
use crate::exchange::keys::MessageKey;
use crate::exchange::keys::WireName;
use crate::fhir::check;
use crate::fhir::codes::CodeLists;
use crate::fhir::issue::IssueType;
use crate::fhir::json;
use crate::fhir::outcome;
use crate::flow::arrival::TRIES;
use crate::flow::desk::Desk;
use crate::flow::desk::tenant;
use crate::flow::door::Incoming;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;
use crate::flow::facade::Asking;
use crate::flow::facade::tell;
use crate::flow::facade::tell::Telling;
use crate::flow::facade::undelivered;
use crate::flow::fetching;
use crate::flow::fetching::NotFetched;
use crate::flow::fetching::Whole;
use crate::flow::heavy;
use crate::flow::heavy::Keeping;
use crate::flow::heavy::NotSpooled;
use crate::flow::meaning::Handed;
use crate::flow::noted::Link;
use crate::flow::noted::written;
use crate::flow::routes;
use crate::flow::stow;
use crate::flow::stow::Raw;
use crate::flow::submit_to_275;
use crate::flow::submit_to_275::Came;
use crate::flow::submit_to_275::Letter;
use crate::flow::world::World;
use crate::flow::world::partner_name;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::digest::Digest;
use crate::ledger::entry;
use crate::ledger::entry::Key;
use crate::ledger::entry::Once;
use crate::ledger::entry::Received;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Outcome;
use crate::ledger::ids::TenantId;
use crate::ledger::opaque::Opaque;

/// Takes a submission that is held.
pub(super) async fn take(asking: &Asking<'_>, bytes: &[u8]) -> Result<Reply, LedgerError> {
    match json::read(bytes) {
        Ok(resource) => {
            let letter = Letter {
                resource: &resource,
                handed: Handed::of(&resource, false, &asking.gateway.world().key),
                text: String::from_utf8_lossy(bytes).into_owned(),
                cuts: Vec::new(),
                raw: None,
                contents: Vec::new(),
            };
            take_letter(asking, &letter, &Raw::Held(bytes), Digest::of(bytes)).await
        }
        Err(refusal) => Ok(Telling::refusal(&refusal).reply(400)),
    }
}

/// Takes a submission that is too long to be held; its documents pass by (GW-15).
pub(super) async fn take_heavy(
    asking: &Asking<'_>,
    head: Vec<u8>,
    body: &mut dyn Incoming,
) -> Result<Reply, LedgerError> {
    let Some(sender) = tenant(&asking.caller.partner) else {
        return Ok(Telling::error(IssueType::Forbidden, "the caller is no partner").reply(403));
    };
    let (spooled, resource) = match heavy::fhir(asking.gateway, &sender, Keeping::Whole, head, body).await {
        Ok(spooled) => spooled,
        Err(NotSpooled::Ledger(trouble)) => return Err(trouble),
        Err(NotSpooled::Broken(broken)) => return Ok(undelivered(broken)),
        Err(NotSpooled::Refused(refusal)) => return Ok(Telling::refusal(&refusal).reply(400)),
        Err(NotSpooled::NotBase64) => {
            return Ok(Telling::error(IssueType::Value, "a document is no base64").reply(422));
        }
        Err(NotSpooled::TooMuch) => {
            let told = Telling::error(
                IssueType::TooLong,
                "there is too much beside the documents, or too many of them; send them in several",
            );
            return Ok(told.reply(413));
        }
    };
    let letter = Letter {
        resource: &resource,
        handed: Handed::of(
            &heavy::by_content(&resource, &spooled.cuts),
            false,
            &asking.gateway.world().key,
        ),
        text: json::text(&resource),
        cuts: spooled.cuts,
        raw: Some(spooled.raw.clone()),
        contents: Vec::new(),
    };
    take_letter(
        asking,
        &letter,
        &Raw::Kept(spooled.raw, spooled.loose),
        spooled.digest,
    )
    .await
}

/// Takes a submission.
async fn take_letter(
    asking: &Asking<'_>,
    letter: &Letter<'_>,
    raw: &Raw<'_>,
    content: Digest,
) -> Result<Reply, LedgerError> {
    let resource = letter.resource;
    let Some(sender) = tenant(&asking.caller.partner) else {
        return Ok(Telling::error(IssueType::Forbidden, "the caller is no partner").reply(403));
    };
    if resource.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        let told = Telling::error(IssueType::Value, "$submit-attachment takes Parameters");
        return Ok(told.reply(422));
    }
    let findings = check::parameters(resource, CodeLists::embedded());
    let status = outcome::status(&findings);
    if status >= 400 {
        return Ok(Telling::findings(&findings).reply(status));
    }
    let world = asking.gateway.world();
    let once = Once {
        key: key(&world, &sender, &letter.handed, content),
        content,
    };
    let store = &asking.gateway.parts().store;
    if let Some(seen) = store.seen(once.key).await? {
        asking.tell_repeated(seen.entry);
        return answered(asking, seen.answer).await;
    }
    let mut whole = None;
    for _ in 0..TRIES {
        let with_contents = whole.as_ref().map(Whole::letter);
        let letter = with_contents.as_ref().unwrap_or(letter);
        match work(asking, &sender, letter, raw, &findings, once).await? {
            Worked::WantsContents => match fetching::fetch(asking.gateway, &sender, letter).await {
                Ok(found) => whole = Some(found),
                Err(NotFetched::Ledger(trouble)) => return Err(trouble),
                Err(why) => return Ok(tell::not_fetched(&why)),
            },
            Worked::Refused(reply) => return Ok(reply),
            Worked::Kept(answer) => return answered(asking, answer).await,
            Worked::Overtaken => {}
        }
    }
    Err(LedgerError::Busy)
}

/// What was read off a submission, as it is kept.
#[derive(Serialize)]
struct Noted<'a> {
    door: &'a str,
    partner: &'a str,
    messages: [routes::Kept<'a>; 1],
    links: Vec<Link>,
    /// So many of the last parts of the body were fetched for it.
    #[serde(skip_serializing_if = "is_none")]
    contents: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

/// That a submission came, for the audit.
#[derive(Serialize)]
struct Arrived<'a> {
    event: &'static str,
    door: &'a str,
    partner: &'a str,
    message: &'static str,
    /// So many contents were fetched for it.
    #[serde(skip_serializing_if = "is_none")]
    fetched: usize,
    outcome: String,
}

/// How far a try came.
enum Worked {
    /// It is not taken.
    Refused(Reply),
    /// It is kept, with this answer.
    Kept(Option<Body>),
    /// Others moved the same exchange meanwhile.
    Overtaken,
    /// Contents have to be fetched first.
    WantsContents,
}

async fn work(
    asking: &Asking<'_>,
    sender: &TenantId,
    letter: &Letter<'_>,
    raw: &Raw<'_>,
    findings: &[Finding],
    once: Once,
) -> Result<Worked, LedgerError> {
    let mut desk = Desk::open(asking.gateway, sender.clone());
    let went = match submit_to_275::take(&mut desk, asking.caller, letter).await {
        Ok(Came::Whole(went)) => went,
        Ok(Came::WantsContents) => return Ok(Worked::WantsContents),
        Err(declined) => return tell::declined(declined).map(Worked::Refused),
    };
    if went.way.is_parked() && !routes::holds(&desk.world) {
        return Ok(Worked::Refused(tell::unrouted(went.way.why_parked()).reply(422)));
    }
    let held = ExchangeReply::plain(Taken::Held);
    let reply = went.reply.unwrap_or(held);
    // What was found is told first: what became of it rests on that.
    let telling = Telling::findings(findings).taken(&reply);
    if went.way.is_parked() {
        desk.entry.parked = Some(Opaque::new(went.way.why_parked().as_bytes().to_vec()));
    }
    let links = std::mem::take(&mut desk.links);
    let caller = asking.caller;
    let facts = Noted {
        door: &caller.door,
        partner: &caller.partner,
        messages: [routes::Kept(&went.facts)],
        links,
        contents: letter.contents.len(),
    };
    let mut body = raw.body(&*asking.gateway.parts().blobs, sender).await?;
    body.parts.extend(letter.contents.iter().cloned());
    desk.note(&Arrived {
        event: "received",
        door: &caller.door,
        partner: &caller.partner,
        message: "submit-attachment",
        fetched: letter.contents.len(),
        outcome: format!("{:?}", reply.outcome),
    });
    let parked = went.way.is_parked().then(|| went.way.why_parked());
    desk.news = Some(asking.news("submit-attachment").parked(parked));
    desk.entry.key = Some(once);
    desk.entry.received = Some(Received {
        body,
        facts: written(&facts),
        decision: written(&[went.way.told()]),
    });
    desk.entry.answer = Some(Draft::from(Body::inline(telling.body().to_vec())));
    match raw.commit(desk).await {
        Ok(Outcome::Committed(receipt)) => Ok(Worked::Kept(receipt.answer.map(|answer| answer.body))),
        Ok(Outcome::Repeated(seen)) => Ok(Worked::Kept(seen.answer)),
        Err(LedgerError::Stale { .. } | LedgerError::Exists { .. } | LedgerError::Taken(_)) => {
            Ok(Worked::Overtaken)
        }
        Err(trouble) => Err(trouble),
    }
}

/// The answer that was kept.
async fn answered(asking: &Asking<'_>, answer: Option<Body>) -> Result<Reply, LedgerError> {
    let body = match answer {
        Some(body) => stow::read(&*asking.gateway.parts().blobs, &body).await?,
        None => Vec::new(),
    };
    // Whoever wants as little as possible hears only what it would not expect.
    let expected = || {
        Telling::default()
            .taken(&ExchangeReply::plain(Taken::Accepted))
            .body()
    };
    let is_silent = asking.prefer == Prefer::Minimal && body == expected();
    Ok(Reply {
        status: 200,
        body: if is_silent {
            Bytes::new()
        } else {
            Bytes::from(body)
        },
        ..Reply::default()
    })
}

/// The key of a submission: who submits, under which number, and what (ROB-010).
fn key(world: &World, sender: &TenantId, handed: &Handed, content: Digest) -> Key {
    let us = &world.settings.own.name;
    let named = || {
        let between = Between {
            from: partner_name(sender.as_str())?,
            to: partner_name(us.as_str())?,
            direction: Direction::Inbound,
        };
        let tracking = TrackingId::parse(handed.names.tracking_number()?).ok()?;
        let organization = WireName::parse(&handed.organization)?;
        let content = ContentDigest::new(*content.as_bytes());
        Some(MessageKey::submission(
            &between,
            &organization,
            &tracking,
            content,
        ))
    };
    let name = named();
    let parts: [&[u8]; 2] = match &name {
        Some(name) => [b"submission", name.as_bytes()],
        None => [b"content", content.as_bytes()],
    };
    Key::of(sender, us, entry::Direction::Inbound, &parts)
}
