//! What happens because time passes.

use std::time::Duration;

use crate::exchange::event::What;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::gateway::Gateway;
use crate::flow::intake::TRIES;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Woken;
use crate::ledger::ids::Viewer;

/// Wakes the exchanges whose times have come.
pub(crate) async fn tick(gateway: &Gateway) -> Result<Option<Duration>, LedgerError> {
    let now = gateway.moment();
    let Some(time) = now.time_of_day() else {
        return Ok(None);
    };
    loop {
        let due = gateway.parts().store.woken(time, AT_ONCE).await?;
        for woken in &due {
            wake(gateway, woken).await?;
        }
        if due.len() < AT_ONCE {
            break;
        }
    }
    // Nothing says when the next one is due; a look once in a while costs one search in an index.
    Ok(Some(PAUSE))
}

/// Takes the next time that an exchange waits for.
async fn wake(gateway: &Gateway, woken: &Woken) -> Result<(), LedgerError> {
    for _ in 0..TRIES {
        let mut desk = Desk::open(gateway, woken.owner.clone());
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

/// How many exchanges are woken at once.
const AT_ONCE: usize = 100;
/// How long nobody need look for times that have come.
const PAUSE: Duration = Duration::from_secs(15);
