//! Reads, checks, answers and writes ANSI X12 interchanges, binary attachments included.
//!
//! * [`Reader`] takes bytes in chunks cut anywhere and yields borrowed [`Event`]s with their [`Place`].
//! * [`Writer`] takes segments and payload octets and keeps counts and control numbers right.
//! * [`Checker`] joins reader, envelope, guides and policy, and keeps an [`InterchangeReceipt`] of each interchange.
//! * [`InterchangeReceipt`] is what a check keeps of an interchange: enough to [`acknowledge`] it and to [`advise`] on it.

mod checker;

mod answer;
mod codes;
mod delimiters;
mod envelope;
mod event;
mod finding;
mod guide;
mod header;
mod payload;
mod place;
mod policy;
mod reader;
mod receipt;
mod scan;
mod segment;
mod writer;

pub use answer::Advice;
pub use answer::AdviceGuide;
pub use answer::AnswerHead;
pub use answer::Answered;
pub use answer::Correspondent;
pub use answer::GUIDE_999;
pub use answer::Limits;
pub use answer::Ta1;
pub use answer::Ta1Wish;
pub use answer::acknowledge;
pub use answer::advise;
pub use answer::write_824;
pub use answer::write_999;
pub use checker::Checker;
pub use checker::Keep;
pub use checker::Terms;
pub use checker::Watch;
pub use codes::Code;
pub use codes::ContentError;
pub use codes::ElementError;
pub use codes::GroupError;
pub use codes::InterchangeError;
pub use codes::Note;
pub use codes::SegmentError;
pub use codes::TransactionError;
pub use delimiters::AmbiguousDelimiters;
pub use delimiters::Delimiters;
pub use envelope::Envelope;
pub use event::BinaryChunk;
pub use event::BinaryEnd;
pub use event::BinaryHead;
pub use event::Event;
pub use event::Fault;
pub use event::FaultKind;
pub use event::Framing;
pub use finding::Detail;
pub use finding::ElementPlace;
pub use finding::Finding;
pub use finding::Severity;
pub use guide::CodesSpec;
pub use guide::Dictionary;
pub use guide::DictionarySpec;
pub use guide::ElementSpec;
pub use guide::Guide;
pub use guide::GuideError;
pub use guide::GuideFault;
pub use guide::GuideSet;
pub use guide::GuideSpec;
pub use guide::GuideValidator;
pub use guide::LoopSpec;
pub use guide::Matched;
pub use guide::PartsSince;
pub use guide::PartsSpec;
pub use guide::RuleSpec;
pub use guide::SegmentSpec;
pub use guide::Written;
pub use place::Place;
pub use policy::Policy;
pub use reader::Events;
pub use reader::Reader;
pub use reader::Settings;
pub use receipt::Echo;
pub use receipt::GroupReceipt;
pub use receipt::InterchangeReceipt;
pub use receipt::Party;
pub use receipt::TransactionReceipt;
pub use receipt::Verdict;
pub use segment::Element;
pub use segment::Elements;
pub use segment::Parts;
pub use segment::Position;
pub use segment::Segment;
pub use segment::SegmentId;
pub use segment::Value;
pub use segment::Values;
pub use writer::Address;
pub use writer::BinaryForm;
pub use writer::Credential;
pub use writer::Filter;
pub use writer::GroupHead;
pub use writer::InterchangeHead;
pub use writer::InvalidStamp;
pub use writer::Level;
pub use writer::LineEnd;
pub use writer::Problem;
pub use writer::SegmentWriter;
pub use writer::Sink;
pub use writer::Stamp;
pub use writer::Step;
pub use writer::Usage;
pub use writer::Version;
pub use writer::WriteError;
pub use writer::Writer;

/// The examples of the README are run like all others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
