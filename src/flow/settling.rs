//! What becomes of what was sent: an attempt ends, the message stays or leaves the outbox, the exchange moves on.

use serde_json::json;

use crate::exchange::event::What;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ladder::Rung;
use crate::exchange::ladder::Verdict as Said;
use crate::exchange::moment::Moment;
use crate::exchange::retry::Attempts;
use crate::exchange::retry::Failure;
use crate::exchange::retry::Next;
use crate::exchange::retry::RetryRule;
use crate::exchange::retry::Why;
use crate::fhir::Places;
use crate::fhir::outcome::Outcome;
use crate::flow::arrival::TRIES;
use crate::flow::courier::judgement;
use crate::flow::courier::judgement::Judgement;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::gateway::Gateway;
use crate::flow::inspect;
use crate::flow::reports::FIRST_REPORT;
use crate::flow::stow;
use crate::ledger::body::Body;
use crate::ledger::entry::Destination;
use crate::ledger::entry::Received;
use crate::ledger::entry::Settlement;
use crate::ledger::entry::Verdict;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claimed;
use crate::ledger::found::Standing;
use crate::ledger::ids::Trouble;
use crate::ledger::ids::Viewer;
use crate::ledger::opaque::Opaque;
use crate::translate::reply::Crossing;
use crate::upstream::attempt::Attempt;
use crate::upstream::errand::Errand;
use crate::x12::Objection;

/// Whether a message that stands so may be moved there.
pub(crate) const fn can_move(standing: Standing, to: &Destination) -> bool {
    match to {
        Destination::Stopped => matches!(standing, Standing::Waiting | Standing::Dead),
        Destination::Dead { .. } => matches!(standing, Standing::Waiting),
        Destination::Waiting { .. } => matches!(standing, Standing::Waiting | Standing::Dead),
    }
}

/// Notes what became of a sending.
pub(crate) async fn settle(gateway: &Gateway, claimed: Claimed, attempt: Attempt) -> Result<(), LedgerError> {
    let mut how = How {
        with_lease: true,
        with_exchange: true,
    };
    for _ in 0..TRIES {
        match try_settle(gateway, &claimed, &attempt, how).await {
            Err(LedgerError::Stale { .. } | LedgerError::Immovable(_) | LedgerError::Taken(_)) => {}
            // Somebody else has the message by now, or it was stopped; what its receiver said stands all the same.
            Err(LedgerError::LeaseLost(_)) if how.with_lease => how.with_lease = false,
            // A damaged exchange cannot be moved; the message leaves the outbox all the same, or it were sent for ever.
            Err(LedgerError::Unreadable(_)) if how.with_exchange => how.with_exchange = false,
            other => return other,
        }
    }
    Err(LedgerError::Busy)
}

/// What is noted of a sending.
#[derive(Clone, Copy)]
struct How {
    /// What becomes of the message in the outbox.
    with_lease: bool,
    /// What becomes of its exchange.
    with_exchange: bool,
}

/// What an attempt comes to.
enum Came {
    /// The receiver has it, and says so on this rung.
    Taken(Rung),
    /// The receiver refuses it.
    Refused,
    /// It is tried again.
    Again(Moment),
    /// Its life is spent.
    Spent,
}

async fn try_settle(
    gateway: &Gateway,
    claimed: &Claimed,
    attempt: &Attempt,
    how: How,
) -> Result<(), LedgerError> {
    let message = &claimed.message;
    // The partner is who answers, so that what it says is kept as its own.
    let mut desk = Desk::open(gateway, message.to.clone());
    desk.settling = Some(message.id);
    desk.nobody_to_refuse = true;
    let file = if how.with_exchange && message.id.number < FIRST_REPORT {
        desk.fetch(&Viewer::Operator, message.id.folio).await?
    } else {
        None
    };
    let came = came(&desk, file, claimed, attempt);
    desk.objections = objections(&desk, attempt);
    let trouble = judgement::trouble(attempt).unwrap_or_else(garbled);
    if how.with_lease {
        desk.entry.settled.push(Settlement {
            lease: claimed.lease,
            verdict: verdict(&desk, &came, &trouble),
        });
    }
    if let Some(file) = file {
        step(&mut desk, file, claimed, attempt, &came).await?;
        keep_answer(&mut desk, attempt).await?;
    }
    desk.note(&json!({
        "event": "sent", "message": message.id.to_string(), "attempts": message.attempts,
        "outcome": match &came {
            Came::Taken(rung) => format!("{rung:?}"),
            Came::Refused => "Refused".to_owned(),
            Came::Again(_) => "Again".to_owned(),
            Came::Spent => "Spent".to_owned(),
        },
        "exchange": (!how.with_exchange).then_some("unreadable"),
    }));
    desk.commit().await.map(|_| ())
}

fn came(desk: &Desk<'_>, file: Option<FileId>, claimed: &Claimed, attempt: &Attempt) -> Came {
    let message = &claimed.message;
    let failure = match judgement::judge(attempt) {
        Judgement::Taken => match taken_on(claimed, attempt) {
            Some(rung) => return Came::Taken(rung),
            None => Failure {
                why: Why::Garbled,
                pause: None,
            },
        },
        Judgement::NotTaken(failure) => failure,
    };
    let delivery = file.and_then(|file| {
        let number = DeliveryId::new(message.id.number);
        desk.file(file).exchange.delivery(number).map(|one| one.queued)
    });
    let rule = desk
        .world
        .partner(message.to.as_str())
        .map_or_else(RetryRule::default, |partner| partner.retry);
    let attempts = Attempts {
        // A report belongs to no delivery; its life is what the outbox says.
        queued: delivery.unwrap_or(desk.now),
        made: message.attempts,
    };
    let expired = delivery.is_none() && desk.outbox_time() >= message.expires;
    match rule.next(attempts, failure, desk.now, desk.gateway.parts().chance.draw()) {
        Next::Again { at } if !expired => Came::Again(at),
        Next::Again { .. } | Next::Exhausted => Came::Spent,
        Next::Refused => Came::Refused,
    }
}

/// On which rung a message was taken; nothing if what came back is not what such a partner says.
fn taken_on(claimed: &Claimed, attempt: &Attempt) -> Option<Rung> {
    let errand = Errand::decode(claimed.message.facts.as_bytes()).ok();
    let is_x12 = matches!(errand, Some(Errand::X12 { .. }) | None);
    let Attempt::Answered { media, body, .. } = attempt else {
        return Some(Rung::Transport);
    };
    let is_page = media.as_deref().is_some_and(|media| media.contains("html"))
        || body.trim_ascii_start().first() == Some(&b'<');
    if is_page {
        return None;
    }
    if is_x12 {
        return Some(Rung::Transport);
    }
    // A FHIR server answers with nothing, or with a resource.
    let says_nothing = body.trim_ascii().is_empty();
    let resource = crate::fhir::json::read(body.trim_ascii()).ok();
    let is_resource = resource.is_some_and(|resource| resource.get("resourceType").is_some());
    (says_nothing || is_resource).then_some(Rung::Application)
}

fn verdict(desk: &Desk<'_>, came: &Came, trouble: &Trouble) -> Verdict {
    match came {
        Came::Taken(_) => Verdict::Delivered,
        Came::Refused | Came::Spent => Verdict::Dead {
            trouble: trouble.clone(),
        },
        Came::Again(at) => Verdict::Retry {
            // The wait counts from now, whatever the wall clock says.
            due: desk.outbox_time() + at.since(desk.now),
            trouble: trouble.clone(),
        },
    }
}

/// Moves the exchange on.
async fn step(
    desk: &mut Desk<'_>,
    file: FileId,
    claimed: &Claimed,
    attempt: &Attempt,
    came: &Came,
) -> Result<(), LedgerError> {
    let delivery = DeliveryId::new(claimed.message.id.number);
    let receipt = |rung, verdict| What::Receipt {
        delivery,
        rung,
        verdict,
    };
    let what = match came {
        Came::Taken(rung) => {
            if let Attempt::Answered {
                location: Some(location),
                ..
            } = attempt
            {
                let carries_parts = desk
                    .file(file)
                    .exchange
                    .delivery(delivery)
                    .is_some_and(crate::exchange::delivery::Delivery::carries_parts);
                if !carries_parts && location.len() <= LONGEST_LOCATION {
                    desk.file_mut(file).dossier.remote = Some(location.clone());
                }
            }
            receipt(*rung, Said::Accepted)
        }
        Came::Refused => receipt(Rung::Application, Said::Rejected),
        Came::Again(_) => What::Faltered { delivery },
        Came::Spent => What::Exhausted { delivery },
    };
    quietly(desk.step(file, what).await)?;
    // A partner on HTTP may acknowledge at once.
    if let (Came::Taken(Rung::Transport), Attempt::Answered { body, .. }) = (came, attempt)
        && body.trim_ascii_start().starts_with(b"ISA")
    {
        let world = std::sync::Arc::clone(&desk.world);
        let terms = world
            .partner(claimed.message.to.as_str())
            .and_then(|partner| partner.x12.as_ref());
        for interchange in inspect::interchanges(body) {
            for said in inspect::read(interchange, &world, terms).acknowledged {
                desk.acknowledge(&said).await?;
            }
        }
    }
    Ok(())
}

/// What a FHIR partner says against a message, in the words of an 824; nothing where there are none.
fn objections(desk: &Desk<'_>, attempt: &Attempt) -> Vec<x12_parser::Finding> {
    let Attempt::Answered { body, .. } = attempt else {
        return Vec::new();
    };
    let outcome = crate::fhir::json::read(body.trim_ascii()).ok();
    let outcome = outcome.and_then(|outcome| Outcome::from_json(&outcome, Places::Skipped));
    let Some(outcome) = outcome else {
        return Vec::new();
    };
    let said = desk.world.replies.objections(&outcome, &Crossing::default());
    let told = said.told.iter().take(MOST_OBJECTIONS);
    told.filter_map(Objection::finding).collect()
}

/// The most objections that are told of one answer.
const MOST_OBJECTIONS: usize = 50;

/// What raced or came twice changes nothing.
fn quietly<T>(stepped: Result<T, Declined>) -> Result<(), LedgerError> {
    match stepped {
        Err(Declined::Ledger(trouble)) => Err(trouble),
        Ok(_) | Err(Declined::Exchange(_) | Declined::Unfit(_) | Declined::Unrouted) => Ok(()),
    }
}

/// Keeps what the partner said with the entry.
async fn keep_answer(desk: &mut Desk<'_>, attempt: &Attempt) -> Result<(), LedgerError> {
    let Attempt::Answered { status, body, .. } = attempt else {
        return Ok(());
    };
    if body.is_empty() || desk.entry.settled.is_empty() {
        return Ok(());
    }
    let blobs = &desk.gateway.parts().blobs;
    let part = match stow::keep(&**blobs, &desk.entry.tenant, body).await {
        Ok(part) => part,
        // On a full disk it is more important that the message is not sent again (ROB-007).
        Err(LedgerError::Full) => return Ok(()),
        Err(trouble) => return Err(trouble),
    };
    desk.entry.received = Some(Received {
        body: Body { parts: vec![part] },
        facts: Opaque::new(json!({"answer": status}).to_string().into_bytes()),
        decision: Opaque::default(),
    });
    Ok(())
}

fn garbled() -> Trouble {
    Trouble::parse("garbled").expect("a word of letters is the name of a trouble")
}

const LONGEST_LOCATION: usize = 2_000;
