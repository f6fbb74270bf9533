//! Why a document was not read.

use crate::base::finding::Code;

/// Why the bytes are no document that we read; holds positions and numbers, never content.
///
/// The sender has to act on every one of these, except that the limits are the operator's to change.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is nothing in it but white space.
    #[error("the document is empty")]
    Empty,
    /// It is not XML.
    #[error("the document is not well-formed XML (byte {offset})")]
    NotWellFormed {
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// It ends before its root element does.
    #[error("the document ends before its root element is closed")]
    Truncated,
    /// It has a document type declaration: nothing a C-CDA needs, and the door to entity attacks.
    #[error("the document has a document type declaration (byte {offset})")]
    DocumentType {
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// It refers to an entity that XML does not predefine.
    #[error("the document refers to an entity that XML does not define (byte {offset})")]
    UnknownEntity {
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// A character reference names no character that XML allows.
    #[error("a character reference names no character (byte {offset})")]
    BadCharacter {
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// An element has the same attribute twice.
    #[error("an element has the same attribute twice (byte {offset})")]
    DuplicateAttribute {
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// Its bytes are not of the encoding it announces.
    #[error("the bytes are not of the encoding the document announces (byte {offset})")]
    WrongEncoding {
        /// Bytes from the start of the input.
        offset: u64,
    },
    /// It announces an encoding that we do not read.
    #[error("the document announces an encoding that is not read")]
    UnknownEncoding,
    /// The root is no `ClinicalDocument` of HL7 version 3.
    #[error("the root element is not a ClinicalDocument")]
    NotClinicalDocument,
    /// It has more octets than [`document`](super::Limits::document) allows.
    #[error("the document is longer than {limit} octets")]
    DocumentTooLong {
        /// The limit that was passed.
        limit: u64,
    },
    /// A text or value has more octets than [`text`](super::Limits::text) allows.
    #[error("a text is longer than {limit} octets (byte {offset})")]
    TextTooLong {
        /// The limit that was passed.
        limit: u64,
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// More elements are open than [`depth`](super::Limits::depth) allows.
    #[error("elements are nested deeper than {limit} (byte {offset})")]
    TooDeep {
        /// The limit that was passed.
        limit: u64,
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// There are more elements and texts than [`nodes`](super::Limits::nodes) allows.
    #[error("the document has more than {limit} elements and texts (byte {offset})")]
    TooManyNodes {
        /// The limit that was passed.
        limit: u64,
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// An element has more attributes than [`attributes`](super::Limits::attributes) allows.
    #[error("an element has more than {limit} attributes (byte {offset})")]
    TooManyAttributes {
        /// The limit that was passed.
        limit: u64,
        /// Bytes from the start of the decoded text.
        offset: u64,
    },
    /// There are more names that CDA does not have than [`names`](super::Limits::names) allows.
    #[error("the document has more than {limit} names that CDA does not have")]
    TooManyNames {
        /// The limit that was passed.
        limit: u64,
    },
}

impl Refusal {
    /// The stable name of the reason.
    pub const fn code(self) -> Code {
        match self {
            Self::Empty => Code::new("ccda.empty"),
            Self::NotWellFormed { .. } => Code::new("ccda.not-well-formed"),
            Self::Truncated => Code::new("ccda.truncated"),
            Self::DocumentType { .. } => Code::new("ccda.document-type"),
            Self::UnknownEntity { .. } => Code::new("ccda.unknown-entity"),
            Self::BadCharacter { .. } => Code::new("ccda.bad-character"),
            Self::DuplicateAttribute { .. } => Code::new("ccda.duplicate-attribute"),
            Self::WrongEncoding { .. } => Code::new("ccda.wrong-encoding"),
            Self::UnknownEncoding => Code::new("ccda.unknown-encoding"),
            Self::NotClinicalDocument => Code::new("ccda.not-clinical-document"),
            Self::DocumentTooLong { .. } => Code::new("ccda.document-too-long"),
            Self::TextTooLong { .. } => Code::new("ccda.text-too-long"),
            Self::TooDeep { .. } => Code::new("ccda.too-deep"),
            Self::TooManyNodes { .. } => Code::new("ccda.too-many-nodes"),
            Self::TooManyAttributes { .. } => Code::new("ccda.too-many-attributes"),
            Self::TooManyNames { .. } => Code::new("ccda.too-many-names"),
        }
    }
}
