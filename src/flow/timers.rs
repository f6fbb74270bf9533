//! What happens because time passes.

use std::collections::HashSet;
use std::time::Duration;

use crate::exchange::event::What;
use crate::exchange::moment::Moment;
use crate::exchange::steady::Noted;
use crate::flow::arrival::TRIES;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::dossier;
use crate::flow::gateway::Gateway;
use crate::ledger::entry::Entry;
use crate::ledger::entry::FolioChange;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Woken;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;
use crate::ledger::opaque::Opaque;

/// Wakes the exchanges whose times have come.
pub(crate) async fn tick(gateway: &Gateway) -> Result<Option<Duration>, LedgerError> {
    note_time(gateway).await?;
    let now = gateway.moment();
    let Some(time) = now.time_of_day() else {
        return Ok(None);
    };
    let mut fault = None;
    // What cannot be worked on stays the most overdue; it must not keep the others from their times.
    let mut stuck = HashSet::new();
    for _ in 0..ROUNDS {
        let most = AT_ONCE + stuck.len();
        let due = gateway.parts().store.woken(time, most).await?;
        for woken in &due {
            if stuck.contains(&woken.folio) {
                continue;
            }
            match wake(gateway, woken).await {
                Ok(()) => {}
                Err(trouble) if trouble.is_final() || trouble.may_pass() => return Err(trouble),
                Err(trouble) => {
                    stuck.insert(woken.folio);
                    fault = Some(trouble);
                }
            }
        }
        if due.len() < most {
            break;
        }
    }
    if let Some(trouble) = fault {
        return Err(trouble);
    }
    let next = gateway.parts().store.woken(time + PAUSE, 1).await?;
    Ok(Some(next.first().map_or(PAUSE, |next| {
        // What is due and could not be woken is looked at again, but not at once.
        next.wake
            .duration_since(time)
            .ok()
            .filter(|rest| !rest.is_zero())
            .unwrap_or(AGAIN)
    })))
}

/// Notes what time it is, now and then, and at the first look goes on from where the last run was (ROB-021).
async fn note_time(gateway: &Gateway) -> Result<(), LedgerError> {
    let parts = gateway.parts();
    let mut noted = gateway.noted.lock().await;
    let mut stored = *noted;
    if stored.is_none() {
        let folio = parts.store.folio(&Viewer::Operator, CLOCK_FOLIO).await?;
        stored = folio.and_then(|folio| Some((folio.version, decode(folio.content.as_bytes())?)));
        if let Some((_, stored)) = stored {
            gateway.go_on_from(stored);
        }
    }
    let now = gateway.steady().note(parts.clock.now(), parts.clock.tick());
    if let Some((_, before)) = stored
        && noted.is_some()
        && now.steady.since(before.steady) < NOTE_EVERY
    {
        return Ok(());
    }
    let own = gateway.world().settings.own.name.clone();
    let mut entry = Entry::new(own.clone(), parts.clock.now());
    entry.folios.push(FolioChange {
        id: CLOCK_FOLIO,
        from: stored.map(|(version, _)| version),
        kind: dossier::CLOCK,
        owner: own,
        peer: None,
        content: Opaque::new(encode(now)),
        handles: None,
        wake: None,
        open: true,
        keep_past: false,
    });
    match parts.store.commit(entry).await {
        Ok(_) => {
            *noted = Some((stored.map_or(Version::FIRST, |(version, _)| version.next()), now));
            Ok(())
        }
        // Another process that shares the ledger noted it; its word is as good as ours.
        Err(LedgerError::Stale { .. } | LedgerError::Exists { .. }) => {
            *noted = None;
            Ok(())
        }
        Err(trouble) => Err(trouble),
    }
}

fn encode(noted: Noted) -> Vec<u8> {
    [noted.steady, noted.wall]
        .map(|moment| moment.millis().to_le_bytes())
        .concat()
}

fn decode(content: &[u8]) -> Option<Noted> {
    let (steady, rest) = content.split_first_chunk()?;
    let (wall, _) = rest.split_first_chunk()?;
    Some(Noted {
        steady: Moment::from_millis(u64::from_le_bytes(*steady)),
        wall: Moment::from_millis(u64::from_le_bytes(*wall)),
    })
}

/// The folio that holds what time it is.
const CLOCK_FOLIO: FolioId = FolioId::new(1).expect("one is no zero");
/// How often that is noted.
const NOTE_EVERY: Duration = Duration::from_mins(1);

/// Takes the next time that an exchange waits for.
async fn wake(gateway: &Gateway, woken: &Woken) -> Result<(), LedgerError> {
    for _ in 0..TRIES {
        let mut desk = Desk::open(gateway, woken.owner.clone());
        desk.nobody_to_refuse = true;
        let Some(file) = desk.fetch(&Viewer::Operator, woken.folio).await? else {
            return Ok(());
        };
        let Some((at, timer)) = desk.file(file).exchange.wakes() else {
            return Ok(());
        };
        if at > desk.now {
            return Ok(());
        }
        match desk.step(file, What::Elapsed(timer)).await {
            Ok(_) => {}
            Err(Declined::Ledger(trouble)) => return Err(trouble),
            Err(Declined::Exchange(_) | Declined::Unfit(_) | Declined::Unrouted) => return Ok(()),
        }
        match desk.commit().await {
            Err(LedgerError::Stale { .. }) => {}
            other => return other.map(|_| ()),
        }
    }
    Ok(())
}

/// How often one look goes on to more that is due.
const ROUNDS: usize = 100;
/// How many exchanges are woken at once.
const AT_ONCE: usize = 100;
/// How long nobody need look for times that have come, if nothing that is known is due before.
pub(super) const PAUSE: Duration = Duration::from_secs(15);
/// How long until the next look at what could not be woken.
const AGAIN: Duration = Duration::from_secs(1);
