//! The codes that findings become, one type for each place they are sent in.

mod detail;

pub use detail::ContentError;
pub use detail::ElementError;
pub use detail::Note;
pub use detail::SegmentError;
use std::fmt;

/// What TA105 says of an interchange.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum InterchangeError {
    /// `001`: the control numbers in ISA13 and IEA02 differ.
    ControlNumbersDiffer,
    /// `002`: the standard named in ISA11 is not supported.
    StandardUnsupported,
    /// `003`: the version is not supported.
    VersionUnsupported,
    /// `004`: the segment terminator is not valid.
    TerminatorInvalid,
    /// `005`: the sender's qualifier is not valid.
    SenderQualifier,
    /// `006`: the sender's id is not valid.
    SenderId,
    /// `007`: the receiver's qualifier is not valid.
    ReceiverQualifier,
    /// `008`: the receiver's id is not valid.
    ReceiverId,
    /// `009`: the receiver is not known here.
    ReceiverUnknown,
    /// `010`: the authorisation qualifier is not valid.
    AuthorizationQualifier,
    /// `011`: the authorisation information is not valid.
    AuthorizationValue,
    /// `012`: the security qualifier is not valid.
    SecurityQualifier,
    /// `013`: the security information is not valid.
    SecurityValue,
    /// `014`: the interchange date is not valid.
    Date,
    /// `015`: the interchange time is not valid.
    Time,
    /// `016`: the standards id is not valid.
    StandardId,
    /// `017`: the version id is not valid.
    Version,
    /// `018`: the interchange control number is not valid.
    ControlNumber,
    /// `019`: the acknowledgment request is not 0 or 1.
    AcknowledgmentRequest,
    /// `020`: the usage indicator is not valid.
    UsageIndicator,
    /// `021`: the number of groups is not as declared.
    GroupCount,
    /// `022`: the control structure is not valid.
    ControlStructure,
    /// `023`: the input ends too early.
    PrematureEnd,
    /// `024`: the interchange holds something that does not belong there.
    Content,
    /// `025`: the interchange control number was used before.
    DuplicateControlNumber,
    /// `026`: the element separator is not valid.
    ElementSeparator,
    /// `027`: the component separator is not valid.
    ComponentSeparator,
}

impl InterchangeError {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::ControlNumbersDiffer,
        Self::StandardUnsupported,
        Self::VersionUnsupported,
        Self::TerminatorInvalid,
        Self::SenderQualifier,
        Self::SenderId,
        Self::ReceiverQualifier,
        Self::ReceiverId,
        Self::ReceiverUnknown,
        Self::AuthorizationQualifier,
        Self::AuthorizationValue,
        Self::SecurityQualifier,
        Self::SecurityValue,
        Self::Date,
        Self::Time,
        Self::StandardId,
        Self::Version,
        Self::ControlNumber,
        Self::AcknowledgmentRequest,
        Self::UsageIndicator,
        Self::GroupCount,
        Self::ControlStructure,
        Self::PrematureEnd,
        Self::Content,
        Self::DuplicateControlNumber,
        Self::ElementSeparator,
        Self::ComponentSeparator,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ControlNumbersDiffer => "001",
            Self::StandardUnsupported => "002",
            Self::VersionUnsupported => "003",
            Self::TerminatorInvalid => "004",
            Self::SenderQualifier => "005",
            Self::SenderId => "006",
            Self::ReceiverQualifier => "007",
            Self::ReceiverId => "008",
            Self::ReceiverUnknown => "009",
            Self::AuthorizationQualifier => "010",
            Self::AuthorizationValue => "011",
            Self::SecurityQualifier => "012",
            Self::SecurityValue => "013",
            Self::Date => "014",
            Self::Time => "015",
            Self::StandardId => "016",
            Self::Version => "017",
            Self::ControlNumber => "018",
            Self::AcknowledgmentRequest => "019",
            Self::UsageIndicator => "020",
            Self::GroupCount => "021",
            Self::ControlStructure => "022",
            Self::PrematureEnd => "023",
            Self::Content => "024",
            Self::DuplicateControlNumber => "025",
            Self::ElementSeparator => "026",
            Self::ComponentSeparator => "027",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ControlNumbersDiffer => "the control numbers in ISA13 and IEA02 differ",
            Self::StandardUnsupported => "the standard named in ISA11 is not supported",
            Self::VersionUnsupported => "the version is not supported",
            Self::TerminatorInvalid => "the segment terminator is not valid",
            Self::SenderQualifier => "the sender's qualifier is not valid",
            Self::SenderId => "the sender's id is not valid",
            Self::ReceiverQualifier => "the receiver's qualifier is not valid",
            Self::ReceiverId => "the receiver's id is not valid",
            Self::ReceiverUnknown => "the receiver is not known here",
            Self::AuthorizationQualifier => "the authorisation qualifier is not valid",
            Self::AuthorizationValue => "the authorisation information is not valid",
            Self::SecurityQualifier => "the security qualifier is not valid",
            Self::SecurityValue => "the security information is not valid",
            Self::Date => "the interchange date is not valid",
            Self::Time => "the interchange time is not valid",
            Self::StandardId => "the standards id is not valid",
            Self::Version => "the version id is not valid",
            Self::ControlNumber => "the interchange control number is not valid",
            Self::AcknowledgmentRequest => "the acknowledgment request is not 0 or 1",
            Self::UsageIndicator => "the usage indicator is not valid",
            Self::GroupCount => "the number of groups is not as declared",
            Self::ControlStructure => "the control structure is not valid",
            Self::PrematureEnd => "the input ends too early",
            Self::Content => "the interchange holds something that does not belong there",
            Self::DuplicateControlNumber => "the interchange control number was used before",
            Self::ElementSeparator => "the element separator is not valid",
            Self::ComponentSeparator => "the component separator is not valid",
        }
    }
}

/// What AK905 says of a functional group.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum GroupError {
    /// `1`: this kind of functional group is not supported.
    GroupUnsupported,
    /// `2`: the version of the functional group is not supported.
    VersionUnsupported,
    /// `3`: the GE is missing.
    TrailerMissing,
    /// `4`: the control numbers in GS06 and GE02 differ.
    ControlNumbersDiffer,
    /// `5`: the number of transactions is not as declared.
    TransactionCount,
    /// `6`: the group control number is not valid.
    ControlNumber,
    /// `19`: the group control number was used before in this interchange.
    DuplicateControlNumber,
}

impl GroupError {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::GroupUnsupported,
        Self::VersionUnsupported,
        Self::TrailerMissing,
        Self::ControlNumbersDiffer,
        Self::TransactionCount,
        Self::ControlNumber,
        Self::DuplicateControlNumber,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GroupUnsupported => "1",
            Self::VersionUnsupported => "2",
            Self::TrailerMissing => "3",
            Self::ControlNumbersDiffer => "4",
            Self::TransactionCount => "5",
            Self::ControlNumber => "6",
            Self::DuplicateControlNumber => "19",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::GroupUnsupported => "this kind of functional group is not supported",
            Self::VersionUnsupported => "the version of the functional group is not supported",
            Self::TrailerMissing => "the GE is missing",
            Self::ControlNumbersDiffer => "the control numbers in GS06 and GE02 differ",
            Self::TransactionCount => "the number of transactions is not as declared",
            Self::ControlNumber => "the group control number is not valid",
            Self::DuplicateControlNumber => "the group control number was used before in this interchange",
        }
    }
}

/// What IK502 says of a transaction.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum TransactionError {
    /// `1`: this transaction set is not supported.
    SetUnsupported,
    /// `2`: the SE is missing.
    TrailerMissing,
    /// `3`: the control numbers in ST02 and SE02 differ.
    ControlNumbersDiffer,
    /// `4`: the number of segments is not as declared.
    SegmentCount,
    /// `5`: one or more segments are in error.
    SegmentsInError,
    /// `6`: the transaction set id is not valid.
    SetId,
    /// `7`: the transaction control number is not valid.
    ControlNumber,
    /// `18`: the transaction set does not belong in this functional group.
    NotInGroup,
    /// `19`: the implementation guide reference is not valid.
    GuideReference,
    /// `23`: the transaction control number was used before in this group.
    DuplicateControlNumber,
    /// `I5`: one or more segments break the implementation guide.
    GuideSegmentsInError,
    /// `I6`: the implementation guide is not supported, or differs from that of the group.
    GuideUnsupported,
}

impl TransactionError {
    /// All of them, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::SetUnsupported,
        Self::TrailerMissing,
        Self::ControlNumbersDiffer,
        Self::SegmentCount,
        Self::SegmentsInError,
        Self::SetId,
        Self::ControlNumber,
        Self::NotInGroup,
        Self::GuideReference,
        Self::DuplicateControlNumber,
        Self::GuideSegmentsInError,
        Self::GuideUnsupported,
    ];

    /// The code as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetUnsupported => "1",
            Self::TrailerMissing => "2",
            Self::ControlNumbersDiffer => "3",
            Self::SegmentCount => "4",
            Self::SegmentsInError => "5",
            Self::SetId => "6",
            Self::ControlNumber => "7",
            Self::NotInGroup => "18",
            Self::GuideReference => "19",
            Self::DuplicateControlNumber => "23",
            Self::GuideSegmentsInError => "I5",
            Self::GuideUnsupported => "I6",
        }
    }

    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::SetUnsupported => "this transaction set is not supported",
            Self::TrailerMissing => "the SE is missing",
            Self::ControlNumbersDiffer => "the control numbers in ST02 and SE02 differ",
            Self::SegmentCount => "the number of segments is not as declared",
            Self::SegmentsInError => "one or more segments are in error",
            Self::SetId => "the transaction set id is not valid",
            Self::ControlNumber => "the transaction control number is not valid",
            Self::NotInGroup => "the transaction set does not belong in this functional group",
            Self::GuideReference => "the implementation guide reference is not valid",
            Self::DuplicateControlNumber => "the transaction control number was used before in this group",
            Self::GuideSegmentsInError => "one or more segments break the implementation guide",
            Self::GuideUnsupported => {
                "the implementation guide is not supported, or differs from that of the group"
            }
        }
    }
}

/// The code of a finding, with the place in the answers where it is sent.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Code {
    /// TA105.
    Interchange(InterchangeError),
    /// AK905.
    Group(GroupError),
    /// IK502.
    Transaction(TransactionError),
    /// IK304.
    Segment(SegmentError),
    /// IK403.
    Element(ElementError),
    /// TED01 of an 824.
    Content(ContentError),
    /// Sent nowhere.
    Note(Note),
}

impl Code {
    /// What the code says, in our own words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Interchange(error) => error.meaning(),
            Self::Group(error) => error.meaning(),
            Self::Transaction(error) => error.meaning(),
            Self::Segment(error) => error.meaning(),
            Self::Element(error) => error.meaning(),
            Self::Content(error) => error.meaning(),
            Self::Note(note) => note.meaning(),
        }
    }
}

/// Shows the element and the code, for instance `IK403-7` or `TA105-001`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interchange(error) => write!(f, "TA105-{}", error.as_str()),
            Self::Group(error) => write!(f, "AK905-{}", error.as_str()),
            Self::Transaction(error) => write!(f, "IK502-{}", error.as_str()),
            Self::Segment(error) => write!(f, "IK304-{}", error.as_str()),
            Self::Element(error) => write!(f, "IK403-{}", error.as_str()),
            Self::Content(error) => write!(f, "TED01-{}", error.as_str()),
            Self::Note(note) => write!(f, "note-{}", note.as_str()),
        }
    }
}
