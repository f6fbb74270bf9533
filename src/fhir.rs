//! The FHIR side of the gateway: what CDex, HRex and PAS put on the wire, read tolerantly, judged strictly, written
//! as the version at hand has it. Knows nothing of X12, does no IO and reads no clock.
//!
//! # From bytes to a resource
//!
//! [`json::read`] takes a text that is there as a whole; [`json::Reader`] takes chunks cut anywhere and lets long
//! texts pass by as [`json::Event`]s, leaving a stand-in under a [`json::Seal`] in the value. [`json::splice`] and
//! [`json::pieces`] put them back. What is refused has a [`json::Refusal`] with the byte, which
//! [`outcome::Outcome::refusing`] says to the sender.
//!
//! # Three levels of models
//!
//! 1. **JSON**, a `serde_json::Value`: members in their order, numbers with their digits.
//! 2. **Resources as they stand on the wire** ([`resource`], [`element`]): `Task`, `Parameters`, `DocumentReference` and
//!    so on, with `from_json`, `inside` (of another resource) and `wrote`. They lose nothing: what has no field is
//!    [`kept`], so reading and writing gives the same JSON.
//! 3. **Messages in one form for all versions**: [`AttachmentRequest`], [`DataRequest`], [`Submission`]. Their `read`
//!    takes any version, their `task` or `parameters` writes the one asked for and lists in [`made::Made::omitted`] what
//!    that version cannot say. [`content::Content`] looks into what a submission carries. A Task that goes from FHIR to
//!    FHIR needs no third level: [`reword::in_words_of`] changes its version and nothing else.
//!
//! # Where every value came from
//!
//! Each value is a [`leaf::Leaf`]: private ([`leaf::Leaf::disclose`] is the way out), with a [`leaf::Source`] and a mark.
//! A reader sets the source to the FHIRPath of the value. Whoever fills a model from another format sets it to the
//! place there, and the mark to the number of its own rule:
//!
//! ```
//! use cartage::base::place::X12Place;
//! use cartage::fhir::attachment_request::AttachmentRequest;
//! use cartage::fhir::draft::Lineage;
//! use cartage::fhir::element::Identifier;
//! use cartage::fhir::leaf::Leaf;
//! use cartage::fhir::version::{CdexVersion, Wire};
//!
//! let mut request = AttachmentRequest::new(Wire::Cdex(CdexVersion::V2_1));
//! let trn02 = X12Place { element: Some(2), ..X12Place::default() };
//! request.tracking_id = Some(Identifier::of(None, Leaf::read("ACN-1", trn02.into()).marked(7)));
//! let made = request.task(CdexVersion::V2_1).unwrap();
//! let wrote = made.it.wrote(Lineage::Noted);
//! let line = wrote.lineage().find(|line| line.mark == 7).unwrap();
//! assert_eq!(line.target, "Task.identifier[0].value");
//! ```
//!
//! So the account of a translation is [`draft::Wrote::lineage`]: one line for each value of the resource, with its FHIRPath, its
//! source (or the name of the rule that fixed it) and the mark. What a message said and nobody carried is the difference
//! between [`leaves`] of the message and the sources of those lines. [`Places::Skipped`] and
//! [`draft::Lineage::Skipped`] do without places and without the account, which is a little faster.
//!
//! # What is wrong with a message
//!
//! [`check::task`] and [`check::parameters`] return findings with a FHIRPath; [`check::reply`] and [`outcome::reply`] give
//! the issue type and the HTTP status of each, [`outcome::status`] that of all, and [`outcome::Outcome`] is the resource
//! that says it. Rules are rows in tables ([`check::rules`] lists them); lists of codes are CSV files under
//! `mappings/codes/`, see [`codes`].
//!
//! [`AttachmentRequest`]: attachment_request::AttachmentRequest
//! [`DataRequest`]: data_request::DataRequest
//! [`Submission`]: submission::Submission

pub mod attachment_request;
pub mod check;
pub mod codes;
pub mod content;
pub mod data_request;
mod detect;
pub mod draft;
pub mod element;
pub mod issue;
pub mod json;
pub mod kept;
pub mod leaf;
pub mod made;
mod node;
pub mod outcome;
mod path;
pub mod resource;
pub mod reword;
pub mod submission;
pub mod term;
pub mod version;

pub use self::detect::TaskKind;
pub use self::node::Places;
pub use self::node::leaves;
pub(crate) use self::node::member_of;
