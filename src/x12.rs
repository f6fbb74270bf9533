//! X12 transaction sets: what a 275, a 277 or a 278 says, as a tree of loops, segments and elements.
//!
//! * [`Assembler`] makes a [`Transaction`] of the events of an `x12_parser::Reader`.
//! * [`Transaction`] is one `ST` to `SE` in memory of its own: three flat lists (loops, segments, elements) over one text.
//!   What points into it is a number, so a place costs four bytes and whoever keeps books over it needs no map.
//! * [`answers`] reads what partners say of what we sent, and an [`Objection`] is what we say of what they sent.
//! * [`Composer`] makes a transaction from nothing, and [`Transaction::write`] says it in bytes.
//!
//! An attachment inside is a [`Payload`] beside the tree; its octets are copied once, out of the input.

mod answer;
mod assemble;
mod compose;
mod frame;
mod name;
mod payload;
mod transaction;
mod write;

pub use answer::Answer;
pub use answer::AnswerKind;
pub use answer::CodeList;
pub use answer::Objection;
pub use answer::Remark;
pub use answer::Ruling;
pub use answer::answers;
pub use assemble::Assembler;
pub use assemble::read;
pub use assemble::read_plainly;
pub use compose::Composer;
pub use frame::Frame;
pub use frame::LoopRule;
pub use name::LoopName;
pub use payload::Filter;
pub use payload::Payload;
pub use transaction::ElementIndex;
pub use transaction::LoopIndex;
pub use transaction::SegmentIndex;
pub use transaction::Transaction;
