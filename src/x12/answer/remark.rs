//! One thing that is said of an X12 message, whoever says it.

use x12_parser::Code;
use x12_parser::ContentError;
use x12_parser::Detail;
use x12_parser::ElementPlace;
use x12_parser::Finding;
use x12_parser::Place;
use x12_parser::SegmentId as ParserSegmentId;

use crate::base::finding::Severity;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;

/// The list that a code is of, named by the element that holds it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CodeList {
    /// TA105.
    Interchange,
    /// AK905.
    Group,
    /// IK502.
    Transaction,
    /// IK304.
    Segment,
    /// IK403.
    Element,
    /// TED01.
    Content,
    /// The first component of STC01.
    Claim,
}

impl CodeList {
    /// Every list.
    pub const ALL: [Self; 7] = [
        Self::Interchange,
        Self::Group,
        Self::Transaction,
        Self::Segment,
        Self::Element,
        Self::Content,
        Self::Claim,
    ];

    /// The element.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interchange => "TA105",
            Self::Group => "AK905",
            Self::Transaction => "IK502",
            Self::Segment => "IK304",
            Self::Element => "IK403",
            Self::Content => "TED01",
            Self::Claim => "STC01",
        }
    }

    /// The list of an element.
    pub fn parse(element: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == element)
    }
}

/// A code of one of the lists, and the place in the message that it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// The list.
    pub list: CodeList,
    /// The code: at most three capitals and digits.
    pub code: String,
    /// How bad it is, where that is said.
    pub severity: Option<Severity>,
    /// Where, as far as it is said: the number of the segment in its transaction is the `ordinal`.
    pub place: X12Place,
    /// Where in the answer the code stands; nowhere for what our own check found.
    pub said: Option<X12Place>,
}

impl Remark {
    pub(super) fn new(list: CodeList, code: &str, place: X12Place, said: X12Place) -> Self {
        Self {
            list,
            code: code.to_owned(),
            severity: None,
            place,
            said: Some(said),
        }
    }

    /// What our own check found; nothing for what becomes no code in any answer.
    pub fn of(finding: &Finding) -> Option<Self> {
        let (list, code) = match finding.code {
            Code::Interchange(error) => (CodeList::Interchange, error.as_str()),
            Code::Group(error) => (CodeList::Group, error.as_str()),
            Code::Transaction(error) => (CodeList::Transaction, error.as_str()),
            Code::Segment(error) => (CodeList::Segment, error.as_str()),
            Code::Element(error) => (CodeList::Element, error.as_str()),
            Code::Content(error) => (CodeList::Content, error.as_str()),
            Code::Note(_) => return None,
        };
        let element = finding.element.unwrap_or_default();
        let stated = |number: u8| (number > 0).then_some(u16::from(number));
        let known = |number: u32| (number > 0).then_some(number);
        Some(Self {
            list,
            code: code.to_owned(),
            severity: Some(match finding.severity {
                x12_parser::Severity::Note => Severity::Information,
                x12_parser::Severity::Warning => Severity::Warning,
                x12_parser::Severity::Error => Severity::Error,
            }),
            place: X12Place {
                offset: finding.offset,
                interchange: known(finding.place.interchange),
                group: known(finding.place.group),
                transaction: known(finding.place.transaction),
                ordinal: known(finding.place.position).map(u64::from),
                segment: SegmentId::parse(finding.segment.as_str().as_bytes()),
                loop_id: finding.loop_id.as_deref().map(Into::into),
                element: stated(element.element),
                component: stated(element.component),
                repetition: stated(element.repetition),
            },
            said: None,
        })
    }
}

/// What is to be told in an 824 about a transaction that was received.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Objection {
    /// The code for TED01, as the list has it.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The segment and the element of the received transaction, as far as they are known.
    pub place: X12Place,
    /// Words of our own, if there are any; they name nobody.
    pub words: Option<&'static str>,
}

impl Objection {
    /// The finding that the writer of the 824 takes: push it to the receipt of the transaction.
    ///
    /// Nothing if the code is none that an 824 of ours can hold.
    pub fn finding(&self) -> Option<Finding> {
        let error = ContentError::ALL
            .iter()
            .find(|error| error.as_str() == self.code)?;
        let small = |number: Option<u16>| u8::try_from(number.unwrap_or(0)).unwrap_or(0);
        let position = self.place.ordinal.and_then(|ordinal| u32::try_from(ordinal).ok());
        let place = Place {
            offset: self.place.offset,
            position: position.unwrap_or(0),
            interchange: self.place.interchange.unwrap_or(0),
            group: self.place.group.unwrap_or(0),
            transaction: self.place.transaction.unwrap_or(0),
            ..Place::default()
        };
        let id = self.place.segment.as_ref().map_or("", SegmentId::as_str);
        let mut finding = Finding::at(Code::Content(*error), place, ParserSegmentId::of(id.as_bytes()));
        finding = finding.weighing(match self.severity {
            Severity::Information => x12_parser::Severity::Note,
            Severity::Warning => x12_parser::Severity::Warning,
            Severity::Error => x12_parser::Severity::Error,
        });
        finding.loop_id = self.place.loop_id.as_deref().map(Into::into);
        if self.place.element.is_some() {
            finding = finding.on_element(ElementPlace {
                element: small(self.place.element),
                component: small(self.place.component),
                repetition: small(self.place.repetition),
                dictionary: None,
            });
        }
        if let Some(words) = self.words {
            finding = finding.with_detail(Detail::Clause(words));
        }
        Some(finding)
    }
}
