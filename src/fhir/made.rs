//! What is made of a model, and what of the model could not be said.

use thiserror::Error;

use super::leaf::Leaf;
use super::leaf::Source;
use super::version::CdexVersion;

/// Why a model has no form in a version.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Error)]
pub enum Unwritable {
    /// The version has no such message.
    #[error("CDex {0} has no such message")]
    NoSuchMessage(CdexVersion),
    /// It asks both for documents and for questionnaires; [`split`](super::attachment_request::AttachmentRequest::split) takes them apart.
    #[error("documents and questionnaires cannot be asked for in one task")]
    Mixed,
    /// It is about a claim, and PAS knows authorizations only.
    #[error("it is about a claim, and PAS asks only for what authorizations need")]
    NoReview,
    /// It asks for nothing that PAS has words for.
    #[error("it asks for a questionnaire by its address, and PAS asks for one by its context")]
    NothingForPas,
}

/// What was made of a model, and what of it the version cannot say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Made<T> {
    /// The resource.
    pub it: T,
    /// What it does not say.
    pub omitted: Vec<Omission>,
}

/// A value that a version cannot say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Omission {
    /// The field of the model, such as `admin-reference`.
    pub field: &'static str,
    /// Where the value came from.
    pub source: Source,
    /// The mark of the leaf; see [`Leaf::mark`].
    pub mark: u32,
}

impl Omission {
    pub(crate) fn of<T>(field: &'static str, leaf: &Leaf<T>) -> Self {
        Self {
            field,
            source: leaf.source.clone(),
            mark: leaf.mark,
        }
    }
}

/// Leaves out the leaf, if there is one, because the version has no place for it.
pub(crate) fn omit<T>(omitted: &mut Vec<Omission>, field: &'static str, leaf: Option<&Leaf<T>>) {
    omitted.extend(leaf.map(|leaf| Omission::of(field, leaf)));
}
