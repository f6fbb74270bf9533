//! The FHIR façade.

use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;
use crate::flow::gateway::Gateway;

/// Does what somebody asks.
pub(crate) async fn serve(
    gateway: &Gateway,
    _caller: &Caller,
    _what: Interaction,
    _prefer: Prefer,
    body: &mut dyn Incoming,
) -> Reply {
    let _ = (gateway.settings(), body.next().await);
    Reply {
        status: 501,
        ..Reply::default()
    }
}
