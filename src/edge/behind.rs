//! What stands behind the doors.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;
use crate::flow::door::Prefer;
use crate::flow::door::Reply;
use crate::flow::gateway::Gateway;

/// A reply that is being worked on.
pub type Coming<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// Takes what comes through the doors: the gateway, or a script in tests of the doors.
pub trait Behind: fmt::Debug + Send + Sync + 'static {
    /// Takes one or more interchanges.
    fn x12<'a>(&'a self, caller: &'a Caller, body: &'a mut dyn Incoming) -> Coming<'a>;

    /// Does what somebody asks of the FHIR façade.
    fn facade<'a>(
        &'a self,
        caller: &'a Caller,
        what: Interaction,
        prefer: Prefer,
        body: &'a mut dyn Incoming,
    ) -> Coming<'a>;
}

impl Behind for Gateway {
    fn x12<'a>(&'a self, caller: &'a Caller, body: &'a mut dyn Incoming) -> Coming<'a> {
        Box::pin(self.x12(caller, body))
    }

    fn facade<'a>(
        &'a self,
        caller: &'a Caller,
        what: Interaction,
        prefer: Prefer,
        body: &'a mut dyn Incoming,
    ) -> Coming<'a> {
        Box::pin(self.facade(caller, what, prefer, body))
    }
}
