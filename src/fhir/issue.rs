//! The words that FHIR has for what went wrong, and the HTTP status that goes with each.

use crate::base::finding::Severity;

/// What kind of issue it is: the codes of `http://hl7.org/fhir/issue-type` that we use.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum IssueType {
    /// It is not what the grammar or the cardinality allows.
    Structure,
    /// Something required is missing.
    Required,
    /// A value is not one that the element allows.
    Value,
    /// Elements contradict one another.
    Invariant,
    /// A code is unknown or not of the required list.
    CodeInvalid,
    /// It is sound but not supported here.
    NotSupported,
    /// It is larger than the limit.
    TooLong,
    /// A rule of the business forbids it.
    BusinessRule,
    /// Something asked for is not there.
    NotFound,
    /// The same came before.
    Duplicate,
    /// It contradicts what is here.
    Conflict,
    /// The sender must log in.
    Login,
    /// The sender may not do this.
    Forbidden,
    /// What was asked for is gone.
    Deleted,
    /// It could not be processed.
    Processing,
    /// Someone behind us is away for a while.
    Transient,
    /// Someone behind us took too long.
    Timeout,
    /// Too much was asked in too short a time.
    Throttled,
    /// Something failed here.
    Exception,
    /// Nothing went wrong.
    Informational,
}

/// How bad an issue is in the words of FHIR, which has one more than we do.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum IssueSeverity {
    /// Worth knowing.
    Information,
    /// Not as it should be, and taken all the same.
    Warning,
    /// The reason for a refusal.
    Error,
    /// Nothing could be read.
    Fatal,
}

/// What a peer is told about a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reply {
    /// The severity.
    pub severity: IssueSeverity,
    /// The kind of issue.
    pub kind: IssueType,
    /// The HTTP status that this issue alone would get.
    pub status: u16,
}

impl IssueType {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Structure,
        Self::Required,
        Self::Value,
        Self::Invariant,
        Self::CodeInvalid,
        Self::NotSupported,
        Self::TooLong,
        Self::BusinessRule,
        Self::NotFound,
        Self::Duplicate,
        Self::Conflict,
        Self::Login,
        Self::Forbidden,
        Self::Deleted,
        Self::Processing,
        Self::Transient,
        Self::Timeout,
        Self::Throttled,
        Self::Exception,
        Self::Informational,
    ];

    /// The code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Required => "required",
            Self::Value => "value",
            Self::Invariant => "invariant",
            Self::CodeInvalid => "code-invalid",
            Self::NotSupported => "not-supported",
            Self::TooLong => "too-long",
            Self::BusinessRule => "business-rule",
            Self::NotFound => "not-found",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Login => "login",
            Self::Forbidden => "forbidden",
            Self::Deleted => "deleted",
            Self::Processing => "processing",
            Self::Transient => "transient",
            Self::Timeout => "timeout",
            Self::Throttled => "throttled",
            Self::Exception => "exception",
            Self::Informational => "informational",
        }
    }

    /// The kind that a code names, if it is one that we use.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

impl IssueSeverity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Information, Self::Warning, Self::Error, Self::Fatal];

    /// The code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// The severity that a code names.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == code)
    }
}

impl From<Severity> for IssueSeverity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Information => Self::Information,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}
