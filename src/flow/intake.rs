//! X12 as it comes in.

use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Media;
use crate::flow::door::Reply;
use crate::flow::gateway::Gateway;

/// Takes one or more interchanges.
pub(crate) async fn take(gateway: &Gateway, _caller: &Caller, body: &mut dyn Incoming) -> Reply {
    let _ = (gateway.settings(), body.next().await);
    Reply {
        status: 501,
        media: Media::Text,
        ..Reply::default()
    }
}
