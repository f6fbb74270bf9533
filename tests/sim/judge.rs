//! What must be true when a run is over: nothing lost, nothing doubled, nothing altered, nothing left lying.

use std::collections::BTreeSet;

use cartage::exchange::delivery::Cargo;
use cartage::exchange::delivery::Standing;
use cartage::exchange::effect::Taken;
use cartage::exchange::event::Event;
use cartage::exchange::event::Timer;
use cartage::exchange::event::What;
use cartage::exchange::state::Exchange;
use cartage::exchange::state::Kind;
use cartage::exchange::task::TaskStatus;

use crate::letters::Says;
use crate::store::Answer;
use crate::store::Kept;
use crate::store::Store;
use crate::store::Tables;
use crate::world::Counts;
use crate::world::World;

pub(crate) fn judge(world: &mut World) -> (Counts, BTreeSet<String>) {
    let mut complaints = Vec::new();
    let mut reached = BTreeSet::new();
    let tables = world.gateway.store.durable().clone();
    let acknowledged = letters(world, &tables, &mut complaints);
    for (id, kept) in &tables.exchanges {
        let exchange = Exchange::decode(&kept.state).unwrap();
        let mut complain = |what: String| complaints.push(format!("{id}: {what}"));
        replayed(kept, &exchange, &mut reached, &mut complain);
        history(kept, &mut complain);
        if !exchange.kind().has_ended() && exchange.kind() != Kind::Delivering {
            complain(format!("it is left in {:?}", exchange.kind()));
        }
        for delivery in exchange.deliveries() {
            let number = tables.identities.get(&(*id, delivery.id));
            if delivery.standing == Standing::Queued {
                complain(format!("{} is left in the outbox", delivery.id));
            }
            if delivery.standing == Standing::Accepted && delivery.carries_parts() {
                let received = number.and_then(|number| world.payer.received.get(number));
                if received.is_none() {
                    complain(format!(
                        "{} is accepted, and the payer does not have it",
                        delivery.id
                    ));
                }
            }
        }
    }
    for content in world.payer.contents() {
        if world.numbers_of(content).len() > 1 {
            complaints.push("the payer has a content twice".to_owned());
        }
        if !world.letters.iter().any(|letter| letter.bytes == content) {
            complaints.push("the payer has a content that nobody sent".to_owned());
        }
    }
    world.complaints.extend(complaints);
    let counts = Counts {
        exchanges: tables.exchanges.len(),
        acknowledged,
        delivered: world.payer.contents().len(),
        dead: tables.dead.len(),
        ..Counts::default()
    };
    (counts, reached)
}

/// Every letter was answered in the end, and what was acknowledged is with the payer or with the dead letters.
fn letters(world: &World, tables: &Tables, complaints: &mut Vec<String>) -> usize {
    let at_payer = world.payer.contents();
    let at_clinic = world.clinic.contents();
    let mut acknowledged = 0;
    for letter in &world.letters {
        let Some(answer) = letter.answer else {
            complaints.push(format!("{:?} was never answered", letter.says));
            continue;
        };
        let bytes = letter.bytes.as_slice();
        match letter.says {
            Says::Part { .. } => {
                let taken = matches!(answer, Answer::Taken(Taken::Accepted | Taken::Held));
                acknowledged += usize::from(taken);
                if taken && !at_payer.contains(bytes) && !is_dead_letter(tables, bytes) {
                    complaints.push(format!("{:?} is lost", letter.says));
                }
            }
            Says::Request(_) => {
                let known = tables.requests.iter().find(|(_, kept)| kept.as_slice() == bytes);
                let Some((id, _)) = known else {
                    complaints.push(format!("{:?} is lost", letter.says));
                    continue;
                };
                let exchange = Exchange::decode(&tables.exchanges[id].state).unwrap();
                let settled = exchange.kind().has_ended() || !exchange.parts().is_empty();
                if !at_clinic.contains(bytes) && !settled {
                    complaints.push(format!("{:?} is lost", letter.says));
                }
            }
            Says::Claim(_) | Says::Receipt { .. } => {}
        }
    }
    acknowledged
}

fn is_dead_letter(tables: &Tables, bytes: &[u8]) -> bool {
    let mut dead = tables.dead.keys();
    dead.any(|(id, delivery)| {
        let exchange = Exchange::decode(&tables.exchanges[id].state).unwrap();
        let Cargo::Parts(parts) = &exchange.delivery(*delivery).unwrap().cargo else {
            return false;
        };
        parts.iter().any(|part| tables.contents[&(*id, *part)] == bytes)
    })
}

/// The stored events give the stored state.
fn replayed(
    kept: &Kept,
    exchange: &Exchange,
    reached: &mut BTreeSet<String>,
    complain: &mut impl FnMut(String),
) {
    let mut replayed = Exchange::open(kept.terms.clone());
    for event in &kept.events {
        let event = Event::decode(event).unwrap();
        replayed = replayed.step(&event).unwrap().0;
        reached.insert(match event.what {
            What::Elapsed(Timer::Receipt(_)) => "Receipt overdue".to_owned(),
            What::Elapsed(timer) => format!("{timer:?} elapsed"),
            what => format!("{:?}", what.kind()),
        });
        reached.insert(format!("in {:?}", replayed.kind()));
    }
    if replayed != *exchange {
        complain("its events do not give its state".to_owned());
    }
}

/// Each version of a Task follows on the one before, and no status that the figure of cdex.md §4 does not know.
fn history(kept: &Kept, complain: &mut impl FnMut(String)) {
    let versions: Vec<u32> = kept.task.iter().map(|(version, _)| *version).collect();
    let expected: Vec<u32> = (1..).take(versions.len()).collect();
    if versions != expected {
        complain(format!("its versions are {versions:?}"));
    }
    let distinct: BTreeSet<u32> = versions.iter().copied().collect();
    if distinct.len() != versions.len() {
        complain("a version was written twice".to_owned());
    }
    for pair in kept.task.windows(2) {
        use TaskStatus as S;
        let (from, to) = (pair[0].1, pair[1].1);
        let leap = matches!(
            (from, to),
            (S::Requested, S::InProgress | S::OnHold | S::Completed)
                | (S::Accepted, S::OnHold | S::Failed | S::Completed | S::Requested)
                | (S::Completed | S::Failed, S::Requested | S::Accepted | S::OnHold)
        );
        if leap {
            complain(format!("its task went from {from:?} to {to:?}"));
        }
    }
}
