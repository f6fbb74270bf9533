//! What happens because time passes.

use std::time::Duration;

use crate::flow::gateway::Gateway;
use crate::ledger::error::LedgerError;

/// Wakes what is due.
pub(crate) async fn tick(gateway: &Gateway) -> Result<Option<Duration>, LedgerError> {
    gateway
        .parts()
        .store
        .woken(gateway.parts().clock.now(), 1)
        .await?;
    Ok(None)
}
