//! The state machine of one attachment conversation, and the pure rules around it.
//!
//! An [`Exchange`](state::Exchange) begins with a request (277, 278 or Task) or with a submission that nobody asked
//! for, and ends with the requester's acknowledgement, in whichever direction and formats; it knows of none of them.
//! Nothing here does IO, asks a clock or rolls dice: time comes in with each event, the rest as arguments.
//!
//! # The one function
//!
//! [`Exchange::step`](state::Exchange::step) takes an [`Event`](event::Event) and gives the next state and the
//! [`Effect`](effect::Effect)s, or a [`Refusal`](refusal::Refusal), and then nothing has changed.
//!
//! ```
//! use cartage::exchange::effect::Effect;
//! use cartage::exchange::event::Event;
//! use cartage::exchange::event::Submission;
//! use cartage::exchange::event::What;
//! use cartage::exchange::ids::ContentDigest;
//! use cartage::exchange::ids::DeliveryId;
//! use cartage::exchange::ladder::Rung;
//! use cartage::exchange::ladder::Verdict;
//! use cartage::exchange::moment::Moment;
//! use cartage::exchange::state::Exchange;
//! use cartage::exchange::state::Kind;
//! use cartage::exchange::terms::Terms;
//!
//! let at = Moment::from_millis(1_790_000_000_000);
//! let unsolicited = Submission {
//!     digest: ContentDigest::new([7; 32]),
//!     answers: vec![],
//!     last: true,
//!     sequence: None,
//!     solicited: false,
//! };
//! let opened = Exchange::open(Terms::default());
//! let (sending, effects) = opened.step(&Event::new(at, What::Submitted(unsolicited)))?;
//! let delivery = DeliveryId::new(0);
//! assert!(effects.contains(&Effect::Send { delivery }));
//!
//! let receipt = What::Receipt { delivery, rung: Rung::Application, verdict: Verdict::Accepted };
//! let (done, _) = sending.step(&Event::new(at, receipt))?;
//! assert_eq!(done.kind(), Kind::Completed);
//! assert_eq!(Exchange::decode(&done.encode()), Ok(done));
//! # Ok::<(), cartage::exchange::refusal::Refusal>(())
//! ```
//!
//! # What a flow does with it
//!
//! 1. **The same message again?** [`keys::MessageKey`] names it, [`keys::Sameness::judge`] tells a repeat, which gets
//!    the stored answer, from a conflict.
//! 2. **Which exchange?** [`correlation::correlate`] over those that share a [`correlation::Lookup`]: joins, candidates
//!    for a person, or unknown; then [`Exchange::open`](state::Exchange::open) under [`terms::Terms`] of the route.
//!    Acknowledgements find their delivery by [`keys::ReceiptKey`].
//!    A submission that stays [`Held`](state::Kind::Held) for a claim that is known already is given
//!    [`ClaimSeen`](event::What::ClaimSeen) in the same commit.
//! 3. **Step**, and keep in one commit: the new state, the event (for the timeline, and to replay), the message, its
//!    key and answer, and all effects in their order; also [`Exchange::wakes`](state::Exchange::wakes), when it is to
//!    be woken next.
//! 4. **After the commit** send the [`Reply`](effect::Effect::Reply); a refusal becomes the error of the protocol.
//!
//! Messages become events like this:
//!
//! | Message | Event |
//! |---|---|
//! | 277, 278 response, POST Task | [`Requested`](event::What::Requested) |
//! | `$submit-attachment`, 275 | [`Submitted`](event::What::Submitted) |
//! | TA1, 999, 824, 277 status | [`Receipt`](event::What::Receipt) on its rung; TA1 025 and other words for "again" are [`AlreadyThere`](ladder::Verdict::AlreadyThere) |
//! | what a FHIR server answers to our POST, refusals of any transport | [`Receipt`](event::What::Receipt) on [`Application`](ladder::Rung::Application) |
//! | what else takes our bytes (2xx of an X12 door, a file in its folder) | [`Receipt`](event::What::Receipt) on [`Transport`](ladder::Rung::Transport) |
//! | read of a Task that waits in our façade, by its owner | [`PickedUp`](event::What::PickedUp) |
//! | PUT Task, poll of a Task elsewhere | [`Moved`](event::What::Moved), [`OutputsAdded`](event::What::OutputsAdded), [`CancelAsked`](event::What::CancelAsked) |
//! | 837 with an attachment control number | [`ClaimSeen`](event::What::ClaimSeen) |
//!
//! # What a courier does with it
//!
//! It sends what [`Send`](effect::Effect::Send) put into the outbox, under an identity that is kept before the first
//! attempt and for each that follows, until [`Stop`](effect::Effect::Stop) or
//! [`DeadLetter`](effect::Effect::DeadLetter) takes it out.
//! [`breaker::Breaker`] says whether the destination may be tried, [`retry::RetryRule::next`] what a failure means:
//! another attempt (with [`Faltered`](event::What::Faltered) after the first), a refusal to report as
//! [`Receipt`](event::What::Receipt), or [`Exhausted`](event::What::Exhausted).
//! Events that raced are taken without a change, so it never has to ask first.
//!
//! # Time
//!
//! [`steady::Steady`] turns the clock of the machine into [`Moment`](moment::Moment)s that do not jump;
//! the ledger keeps its [`Noted`](steady::Noted) with each commit.
//!
//! # The Task
//!
//! [`Exchange::task`](state::Exchange::task) is a function of the state; each
//! [`WriteTask`](effect::Effect::WriteTask) is one version of it, and the versions follow the graph of the guide edge
//! by edge.
//! For a Task on the source's own server there are none: only the source moves it (GW-31).
//!
//! # What is never so
//!
//! - A part of an answer is in two deliveries, or the same content in two parts of an exchange.
//! - A Task that asks for attachments is completed while something of the answer is on its way, or nothing of it was
//!   accepted.
//! - An exchange that has ended, and a part of it waits: it is delivered, on its way, or a dead letter.
//! - `Debug` shows something of a person: members, claims and lines are [`ids::Fingerprint`]s, which must be keyed.
//!
//! `tests/exchange_conversation` holds each of these over random events, and `tests/sim.rs` over crashes.

pub mod breaker;
pub mod coding;
pub mod correlation;
pub mod delivery;
pub mod effect;
pub mod event;
pub mod ids;
pub mod keys;
pub mod ladder;
pub mod moment;
pub mod refusal;
pub mod retry;
mod set;
pub mod state;
pub mod steady;
mod step;
pub mod task;
pub mod terms;
mod timers;
