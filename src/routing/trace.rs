//! A decision taken slowly, step by step, with what each step found.
//!
//! This is the plain reading of the rules; tests hold [`Table::decide`] to it.

use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::route::Miss;
use crate::routing::route::RouteId;
use crate::routing::table::Addressed;
use crate::routing::table::By;
use crate::routing::table::Decision;
use crate::routing::table::Table;
use crate::routing::table::Unrouted;

/// What every step of a decision found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trace {
    /// Whether an open conversation decided.
    pub conversation: bool,
    /// Each route that was looked at, from the top: why it did not take the message. The list ends before the route
    /// that took it.
    pub misses: Vec<Miss>,
    /// The route that took it.
    pub taken: Option<RouteId>,
    /// Who is addressed; nothing where an earlier step decided.
    pub addressee: Option<Result<Addressed, Unrouted>>,
    /// What came of it.
    pub decision: Decision,
}

impl Table {
    /// Decides like [`Table::decide`], by reading every route from the top.
    pub fn explain(&self, facts: &Facts) -> Trace {
        let conversation = matches!(facts.conversation(), Conversation::Open(_));
        let mut misses = Vec::new();
        let mut taken = None;
        if !conversation {
            for (position, route) in (0_u32..).zip(self.routes()) {
                let Some(miss) = route.miss(facts) else {
                    taken = Some(RouteId(position));
                    break;
                };
                misses.push(miss);
            }
        }
        let addressee = (!conversation && taken.is_none()).then(|| self.addressee(facts));
        let by = match (&taken, &addressee) {
            (Some(route), _) => By::Route(*route),
            (None, None) => By::Conversation,
            (None, Some(Ok(named))) => By::Addressee(named.clone()),
            (None, Some(Err(why))) => By::Park(why.clone()),
        };
        Trace {
            conversation,
            misses,
            taken,
            addressee,
            decision: self.settle(by, facts),
        }
    }
}
