//! Mapping tables: what becomes what, as rows that an analyst can read and change.
//!
//! The language is described in `mappings/cdex/README.md`.
//! A [`Library`] holds all tables of a folder, or the ones that are built in.
//! Loading reads rows with their places in the file, checks each path against the shape of the transaction or the table
//! of FHIR elements and each function against what it takes and gives, tells everything that is wrong at once, and
//! compiles what is right into a [`Program`]: flat lists in which every name is a number.
//! Running it is the business of `translate`.
//! [`guides`] loads what transactions may hold.

pub mod ccda;
mod code_table;
mod compile;
mod compile_place;
mod compile_row;
mod compile_slice;
mod compiler;
mod condition;
mod digest;
mod elements;
mod fields;
mod function;
pub mod guides;
mod library;
mod path;
mod problem;
pub mod program;
mod resolve_fhir;
mod resolve_x12;
mod row;
mod sheet;
mod slice;
mod trial;
mod variable;
mod ways;

pub use code_table::CodeTable;
pub use digest::Digest;
pub use function::Expected;
pub use function::Function;
pub use function::Part;
pub use library::Library;
pub use problem::Problem;
pub use program::Program;
pub use program::Why;
pub use trial::Trial;
pub use variable::VARIABLES;
pub use variable::Variable;
