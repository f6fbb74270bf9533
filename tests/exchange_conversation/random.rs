//! Random events in random orders with repeats: what must hold whatever happens.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cartage::exchange::delivery::Cargo;
use cartage::exchange::delivery::Delivery;
use cartage::exchange::delivery::Standing;
use cartage::exchange::effect::Effect;
use cartage::exchange::event::Event;
use cartage::exchange::event::HandOver;
use cartage::exchange::event::Move;
use cartage::exchange::event::Mover;
use cartage::exchange::event::Purpose;
use cartage::exchange::event::Request;
use cartage::exchange::event::Submission;
use cartage::exchange::event::TaskHome;
use cartage::exchange::event::What;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::state::Exchange;
use cartage::exchange::state::Kind;
use cartage::exchange::task::TaskStatus;
use cartage::exchange::terms::Assembly;
use cartage::exchange::terms::Cancel;
use cartage::exchange::terms::Terms;
use cartage::exchange::terms::Tolerance;
use proptest::prelude::*;

use crate::scene::DAY;
use crate::scene::MINUTE;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::delivery;
use crate::scene::part;
use crate::scene::request;

/// What happens next; times and timers are taken from the exchange as it then is.
#[derive(Clone, Debug)]
enum Happening {
    What(What),
    Wake,
    Pass(u32),
}

fn terms() -> impl Strategy<Value = Terms> {
    let tolerance = || prop_oneof![Just(Tolerance::Accept), Just(Tolerance::Refuse)];
    (
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        prop_oneof![Just(0), Just(60)],
        prop_oneof![Just(0), Just(60)],
        (tolerance(), tolerance(), tolerance()),
        prop_oneof![
            Just(Rung::Transport),
            Just(Rung::Functional),
            Just(Rung::Application)
        ],
    )
        .prop_map(
            |((whole, cancel, claim, asked), stragglers, quiet, (several, late, amendments), closes)| {
                let mut terms = Terms {
                    answer_closes: closes,
                    assembly: if whole {
                        Assembly::Whole
                    } else {
                        Assembly::Streamed
                    },
                    stragglers: stragglers * MINUTE,
                    quiet: quiet * MINUTE,
                    several,
                    late,
                    amendments,
                    cancel: if cancel { Cancel::Allow } else { Cancel::Refuse },
                    ..Terms::default()
                };
                terms.hold.for_claim = claim;
                terms.hold.for_request = asked;
                terms
            },
        )
}

fn asked() -> impl Strategy<Value = Request> {
    (0..4_usize, any::<bool>(), any::<bool>(), any::<bool>(), 0..8_u8).prop_map(
        |(items, several, pushed, hosted, query)| Request {
            purpose: if query == 0 {
                Purpose::DocumentQuery
            } else {
                Purpose::Claim
            },
            several,
            hand_over: if pushed { HandOver::Pushed } else { HandOver::Shown },
            task: if hosted {
                TaskHome::Hosted
            } else {
                TaskHome::Elsewhere
            },
            ..request(items)
        },
    )
}

fn submission() -> impl Strategy<Value = Submission> {
    (
        0..6_usize,
        any::<bool>(),
        any::<bool>(),
        prop::option::of(1..4_u32),
    )
        .prop_map(|(number, last, solicited, sequence)| Submission {
            solicited,
            sequence,
            ..part(number, last)
        })
}

fn move_() -> impl Strategy<Value = What> {
    let by = prop_oneof![
        4 => Just(Mover::Source),
        1 => Just(Mover::Requester),
        1 => Just(Mover::Operator),
    ];
    let to = prop_oneof![
        Just(Move::Accepted),
        Just(Move::Rejected),
        Just(Move::InProgress),
        Just(Move::OnHold),
        Just(Move::Failed),
        Just(Move::Completed),
    ];
    (by, to).prop_map(|(by, to)| What::Moved { by, to })
}

fn receipt() -> impl Strategy<Value = What> {
    let verdict = prop_oneof![
        6 => Just(Verdict::Accepted),
        1 => Just(Verdict::WithErrors),
        1 => Just(Verdict::AlreadyThere),
        2 => Just(Verdict::Rejected),
    ];
    (0..5_u32, prop::sample::select(&Rung::ALL[..]), verdict)
        .prop_map(|(number, rung, verdict)| crate::scene::receipt(number, rung, verdict))
}

fn happening() -> impl Strategy<Value = Happening> {
    let about = || (0..5_u32).prop_map(delivery);
    let what = prop_oneof![
        3 => asked().prop_map(What::Requested),
        1 => Just(What::PickedUp),
        3 => move_(),
        1 => (1..3_u32).prop_map(|count| What::OutputsAdded { count }),
        8 => submission().prop_map(What::Submitted),
        1 => Just(What::ClaimSeen),
        8 => receipt(),
        2 => about().prop_map(|delivery| What::Faltered { delivery }),
        2 => about().prop_map(|delivery| What::Exhausted { delivery }),
        2 => about().prop_map(|delivery| What::Replayed { delivery }),
        1 => Just(What::CancelAsked),
        1 => Just(What::Withdrawn),
        1 => Just(What::Reopened { until: crate::scene::due() }),
        1 => Just(What::Abandoned),
    ];
    prop_oneof![
        12 => what.prop_map(Happening::What),
        2 => Just(Happening::Wake),
        1 => (0..60_u32).prop_map(Happening::Pass),
    ]
}

/// Where a gateway that does what the effects say keeps each delivery.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Outbox,
    DeadLetters,
    Gone,
}

/// Takes events, does what the effects say, and checks what must hold after each.
struct Watched {
    scene: Scene,
    places: BTreeMap<u32, Place>,
    task: Option<(u32, TaskStatus)>,
}

impl Watched {
    fn under(terms: Terms) -> Self {
        Self {
            scene: Scene::under(terms),
            places: BTreeMap::new(),
            task: None,
        }
    }

    fn happen(&mut self, happening: Happening) {
        let what = match happening {
            Happening::What(what) => what,
            Happening::Pass(days) => return self.scene.pass(days * DAY),
            Happening::Wake => {
                let Some((at, timer)) = self.scene.exchange.wakes() else {
                    return;
                };
                self.scene.now = self.scene.now.max(at);
                What::Elapsed(timer)
            }
        };
        self.take(what);
    }

    fn take(&mut self, what: What) {
        let before = self.scene.exchange.clone();
        let Ok(effects) = self.scene.attempt(what) else {
            assert_eq!(self.scene.exchange, before, "a refusal changes nothing");
            return;
        };
        for effect in &effects {
            self.follow(&before, effect);
        }
        self.deliveries_are_where_they_should_be();
        self.each_part_goes_out_once();
        self.what_ended_leaves_nothing_waiting();
        if before.kind() != Kind::Completed && self.scene.exchange.kind() == Kind::Completed {
            self.is_completed_rightly();
        }
        self.is_stored();
    }

    fn follow(&mut self, before: &Exchange, effect: &Effect) {
        match effect {
            Effect::Send { delivery } => {
                let standing = before.delivery(*delivery).map(|delivery| delivery.standing);
                let overdue = before.delivery(*delivery).is_some_and(Delivery::is_overdue);
                let ended = matches!(
                    standing,
                    None | Some(Standing::Refused | Standing::Dead | Standing::Stopped)
                );
                let again = ended || overdue;
                assert!(again, "sent although {standing:?}");
                self.places.insert(delivery.number(), Place::Outbox);
            }
            Effect::Stop { delivery } => {
                self.places.insert(delivery.number(), Place::Gone);
            }
            Effect::DeadLetter { delivery, .. } => {
                self.places.insert(delivery.number(), Place::DeadLetters);
            }
            Effect::WriteTask(view) => {
                let (version, status) = self
                    .task
                    .map_or((0, None), |(version, from)| (version, Some(from)));
                assert_eq!(view.version, version + 1, "each transition is a version (GW-33)");
                assert!(is_edge(status, view.status), "{status:?} to {:?}", view.status);
                let ended_badly = matches!(view.status, TaskStatus::Rejected | TaskStatus::Failed);
                assert_eq!(ended_badly, view.reason.is_some(), "tdr-2");
                self.task = Some((view.version, view.status));
            }
            Effect::Reply(_) | Effect::Report { .. } | Effect::Alert(_) => {}
        }
    }

    fn deliveries_are_where_they_should_be(&self) {
        for delivery in self.scene.exchange.deliveries() {
            let expected = match delivery.standing {
                Standing::Queued => Place::Outbox,
                Standing::Sent | Standing::Accepted | Standing::Stopped => Place::Gone,
                Standing::Refused | Standing::Dead => Place::DeadLetters,
            };
            let number = delivery.id.number();
            assert_eq!(self.places.get(&number), Some(&expected), "{delivery:?}");
        }
    }

    fn each_part_goes_out_once(&self) {
        let exchange = &self.scene.exchange;
        let mut carried = BTreeSet::new();
        for delivery in exchange.deliveries() {
            let Cargo::Parts(parts) = &delivery.cargo else {
                continue;
            };
            for part in parts {
                assert!(carried.insert(*part), "{part} is carried twice");
                let named = exchange.parts().iter().find(|one| one.id == *part);
                assert_eq!(named.unwrap().delivery, Some(delivery.id));
            }
        }
        let digests: BTreeSet<_> = exchange.parts().iter().map(|part| part.digest).collect();
        assert_eq!(
            digests.len(),
            exchange.parts().len(),
            "the same content is one part"
        );
    }

    fn what_ended_leaves_nothing_waiting(&self) {
        let exchange = &self.scene.exchange;
        if exchange.kind().has_ended() || exchange.kind() == Kind::Delivering {
            assert!(exchange.parts().iter().all(|part| part.delivery.is_some()));
        }
    }

    /// GW-34: only what the requester accepted completes a Task; and for a query, only outputs (tdr-3).
    fn is_completed_rightly(&self) {
        let exchange = &self.scene.exchange;
        let query = exchange
            .request()
            .is_some_and(|request| request.purpose == Purpose::DocumentQuery);
        if query {
            assert!(exchange.task().unwrap().outputs > 0);
            return;
        }
        let mut carrying = exchange.deliveries().iter().filter(|one| one.carries_parts());
        assert!(carrying.clone().all(|one| !one.is_open()));
        assert!(carrying.any(|one| one.standing == Standing::Accepted));
    }

    fn is_stored(&self) {
        let exchange = &self.scene.exchange;
        assert_eq!(&Exchange::decode(&exchange.encode()).unwrap(), exchange);
        let event = self.scene.taken.last().unwrap();
        assert_eq!(&Event::decode(&event.encode()).unwrap(), event);
    }

    /// Everything that is out is accepted, and time passes.
    fn is_left_alone(&mut self) {
        for _ in 0..4 {
            for number in 0..u32::try_from(self.scene.exchange.deliveries().len()).unwrap() {
                if self.scene.standing(number) == Standing::Sent
                    || self.scene.standing(number) == Standing::Queued
                {
                    self.take(accepted(number));
                }
            }
            let mut timers = 0;
            while let Some((at, timer)) = self.scene.exchange.wakes() {
                timers += 1;
                assert!(timers < 100, "timers come to an end");
                self.scene.now = self.scene.now.max(at);
                self.take(What::Elapsed(timer));
            }
        }
    }
}

/// The edges of the figure in cdex.md §4, those that we add from terminal states to `in-progress`, the rejection
/// of what had been accepted, and new versions with the status as it was.
fn is_edge(from: Option<TaskStatus>, to: TaskStatus) -> bool {
    use TaskStatus as S;
    match (from, to) {
        (None, S::Requested)
        // It fails at once when it is cancelled, where the partner allows that (GW-30).
        | (Some(S::Requested), S::Accepted | S::Rejected | S::Failed)
        | (Some(S::Accepted), S::InProgress | S::Rejected)
        | (Some(S::InProgress), S::OnHold | S::Failed | S::Completed)
        | (Some(S::OnHold | S::Completed | S::Failed | S::Rejected), S::InProgress) => true,
        (Some(from), to) => from == to,
        (None, _) => false,
    }
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(count)
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn whatever_happens_nothing_is_lost_doubled_or_completed_too_soon(
        terms in terms(),
        happenings in prop::collection::vec(happening(), 1..40),
    ) {
        let mut watched = Watched::under(terms.clone());
        for happening in happenings {
            watched.happen(happening);
        }
        let replayed = watched.scene.taken.iter().fold(Exchange::open(terms), |exchange, event| {
            exchange.step(event).unwrap().0
        });
        prop_assert_eq!(&replayed, &watched.scene.exchange, "the same events give the same state");
    }

    #[test]
    fn whatever_happened_an_exchange_that_is_left_alone_comes_to_an_end(
        terms in terms(),
        happenings in prop::collection::vec(happening(), 1..30),
    ) {
        let mut watched = Watched::under(terms);
        for happening in happenings {
            watched.happen(happening);
        }
        watched.is_left_alone();
        let kind = watched.scene.exchange.kind();
        prop_assert!(kind == Kind::New || kind.has_ended(), "{:?}", watched.scene.exchange);
    }

    #[test]
    fn bytes_that_were_damaged_are_refused_or_are_a_state(
        happenings in prop::collection::vec(happening(), 1..10),
        at in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let mut watched = Watched::under(Terms::default());
        for happening in happenings {
            watched.happen(happening);
        }
        let mut bytes = watched.scene.exchange.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        // No panic, and nothing that would be written differently than it was read.
        if let Ok(exchange) = Exchange::decode(&bytes) {
            prop_assert_eq!(Exchange::decode(&exchange.encode()).unwrap(), exchange);
        }
    }
}

#[test]
fn the_strategies_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _ in 0..300 {
        let run = (terms(), prop::collection::vec(happening(), 1..40));
        let (terms, happenings) = run.new_tree(&mut runner).unwrap().current();
        let mut watched = Watched::under(terms);
        for happening in happenings {
            watched.happen(happening);
            reached.insert(format!("{:?}", watched.scene.exchange.kind()));
        }
    }
    assert_eq!(reached.len(), Kind::ALL.len(), "{reached:?}");
}
