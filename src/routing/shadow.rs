//! Finds routes that no message can reach, and proves it.
//!
//! For each route a message is sought that it takes and no route above it does. The search starts from the route alone;
//! every route above that takes the message found is added to what the next message must avoid. If in the end there is
//! no message, those routes are the proof. In a table that is in order the first message is the answer, so the whole
//! table costs little more than one decision a route.

use crate::routing::facts::Facts;
use crate::routing::route::Route;
use crate::routing::route::RouteId;
use crate::routing::table::Table;
use crate::routing::witness::Search;
use crate::routing::witness::search;

/// Whether a route is of use.
#[derive(Debug)]
pub enum Reach {
    /// This message is taken by it.
    Reached(Facts),
    /// No message is, because these routes above take all of them; none of these could be left out of the proof.
    Shadowed(Vec<RouteId>),
    /// No message is, because its own terms contradict each other.
    Contradictory,
    /// It was not found out; a table that no person would write.
    Unknown,
}

impl Table {
    /// Whether a message can reach the route.
    pub fn reach(&self, route: RouteId) -> Reach {
        let Some(own) = self.routes().get(route.index()) else {
            return Reach::Unknown;
        };
        let mut above: Vec<RouteId> = Vec::new();
        for _ in 0..MOST_ROUNDS {
            match search(own, &self.chosen(&above)) {
                Search::Found(facts) => match self.first_route(&facts) {
                    Some(first) if first < route && !above.contains(&first) => above.push(first),
                    Some(first) if first == route => return Reach::Reached(facts),
                    _ => return Reach::Unknown,
                },
                Search::None if above.is_empty() => return Reach::Contradictory,
                Search::None => return Reach::Shadowed(self.needed(own, above)),
                Search::GivenUp => return Reach::Unknown,
            }
        }
        Reach::Unknown
    }

    /// The part of `above` without which the route would be reached.
    fn needed(&self, own: &Route, mut above: Vec<RouteId>) -> Vec<RouteId> {
        above.sort_unstable();
        let mut at = 0;
        while at < above.len() && above.len() > 1 {
            let left_out = above.remove(at);
            if !matches!(search(own, &self.chosen(&above)), Search::None) {
                above.insert(at, left_out);
                at += 1;
            }
        }
        above
    }

    fn chosen(&self, routes: &[RouteId]) -> Vec<&Route> {
        routes
            .iter()
            .filter_map(|route| self.routes().get(route.index()))
            .collect()
    }
}

/// How many routes above may take part in a proof.
const MOST_ROUNDS: usize = 1_000;
