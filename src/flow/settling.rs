//! What becomes of what was sent.

use crate::flow::gateway::Gateway;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Claimed;
use crate::upstream::attempt::Attempt;

/// Notes what became of a sending.
pub(crate) async fn settle(
    gateway: &Gateway,
    claimed: Claimed,
    _attempt: Attempt,
) -> Result<(), LedgerError> {
    let mut entry = crate::ledger::entry::Entry::new(claimed.message.tenant, gateway.parts().clock.now());
    entry.settled = vec![crate::ledger::entry::Settlement {
        lease: claimed.lease,
        verdict: crate::ledger::entry::Verdict::Untried,
    }];
    gateway.parts().store.commit(entry).await.map(|_| ())
}
