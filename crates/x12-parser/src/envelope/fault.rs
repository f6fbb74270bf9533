//! What hinders reading, as findings.

use super::Sink;
use crate::Code;
use crate::Detail;
use crate::ElementError;
use crate::ElementPlace;
use crate::Fault;
use crate::FaultKind;
use crate::Finding;
use crate::InterchangeError;
use crate::Note;
use crate::SegmentError;
use crate::Severity;

/// Number of a payload's length in the standard's dictionary of elements.
const LENGTH: u16 = 784;

/// Turns a fault of the reader into a finding.
pub(super) fn tell(fault: &Fault, found: Sink<'_>) {
    let say = |code: Code| Finding::at(code, fault.place, fault.segment).spanning(fault.offset, fault.length);
    found(match fault.kind {
        FaultKind::OutsideInterchange => say(Code::Interchange(InterchangeError::Content))
            .weighing(Severity::Warning)
            .with_detail(Detail::Clause("bytes stand outside any interchange")),
        FaultKind::ByteOrderMark => say(Code::Note(Note::ByteOrderMark)),
        FaultKind::HeaderWidths(_) => say(Code::Interchange(InterchangeError::ControlStructure))
            .with_detail(Detail::Clause("the ISA has not its fixed widths")),
        FaultKind::UnreadableHeader => say(Code::Interchange(InterchangeError::ControlStructure))
            .with_detail(Detail::Clause("the ISA cannot be read")),
        FaultKind::BlanksBeforeSegment => say(Code::Note(Note::BlankPadding)),
        FaultKind::EmptySegment => say(Code::Note(Note::EmptySegment)),
        FaultKind::SegmentTooLong => say(Code::Segment(SegmentError::ElementsInError))
            .with_detail(Detail::Clause("the segment is longer than permitted")),
        FaultKind::BinaryLengthInvalid => say(Code::Element(ElementError::InvalidCharacter))
            .on_element(length(fault))
            .with_detail(Detail::Clause("the payload length is not a number")),
        FaultKind::BinaryLengthMismatch {
            declared,
            found,
            repaired,
        } => {
            let weight = if repaired {
                Severity::Warning
            } else {
                Severity::Error
            };
            let detail = found.map_or(
                Detail::Clause("the payload does not end where its length says"),
                |counted| Detail::Counts { declared, counted },
            );
            say(Code::Element(ElementError::InvalidCode))
                .on_element(length(fault))
                .weighing(weight)
                .with_detail(detail)
        }
        FaultKind::BinaryTruncated { declared, found } => say(Code::Element(ElementError::InvalidCode))
            .on_element(length(fault))
            .with_detail(Detail::Counts {
                declared,
                counted: found,
            }),
        FaultKind::Unterminated => say(Code::Note(Note::Unterminated)).weighing(Severity::Warning),
    });
}

/// The element that holds a payload's length.
fn length(fault: &Fault) -> ElementPlace {
    let element = if fault.segment.as_str() == "BDS" { 2 } else { 1 };
    ElementPlace {
        element,
        dictionary: Some(LENGTH),
        ..ElementPlace::default()
    }
}
