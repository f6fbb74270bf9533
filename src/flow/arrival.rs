//! Bodies as they arrive, and what their senders are told where that fails.

use crate::flow::door::Broken;
use crate::flow::door::Incoming;
use crate::flow::heavy;
use crate::ledger::error::LedgerError;

/// How often a message is worked on anew because others moved the same exchanges meanwhile.
pub(crate) const TRIES: usize = 8;

/// The beginning of a body, and whether that is all of it: what is longer is not held.
pub(crate) async fn begin(body: &mut dyn Incoming) -> Result<(Vec<u8>, bool), Broken> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > heavy::LIGHT {
            return Ok((bytes, false));
        }
    }
    Ok((bytes, true))
}

/// The status for a body that did not arrive.
pub(crate) const fn status_of(broken: Broken) -> u16 {
    match broken {
        Broken::TooLong => 413,
        Broken::TooSlow => 408,
        Broken::Cut => 400,
    }
}

/// 507 while the disk is full, 503 for all else.
pub(crate) const fn trouble_status(trouble: &LedgerError) -> u16 {
    if matches!(trouble, LedgerError::Full) {
        507
    } else {
        503
    }
}
