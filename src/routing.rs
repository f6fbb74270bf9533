//! Where a message goes, and why: facts in, decision and trace out.
//!
//! Four steps, always these: an open conversation, the routes from top to bottom, the addressee, the park.
//! [`table::Table::decide`] takes them quickly; [`trace`] takes them one by one and says what each found.
//! Nothing here reads a message or a clock, and no [`key::Key`] names a person.

pub mod delivery;
pub mod facts;
pub mod guide;
mod index;
pub mod key;
pub mod overlap;
pub mod partner;
pub mod route;
pub mod shadow;
pub mod table;
pub mod trace;
mod trie;
pub mod value;
mod witness;
