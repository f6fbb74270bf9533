//! The 999, the 997 that came before it, and the 277CA.

use x12_parser::Echo;
use x12_parser::Segment;

use super::Answer;
use super::AnswerKind;
use super::CodeList;
use super::Hearing;
use super::Remark;
use super::Ruling;
use super::code;
use super::number;
use super::position;
use super::ruling;
use super::spot;
use crate::base::finding::Severity;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;

impl Hearing {
    /// One segment of a 999 or 997.
    pub(super) fn acknowledge(&mut self, segment: &Segment<'_>) {
        match segment.id() {
            b"AK1" => {
                let mut answer = Answer::new(AnswerKind::Acknowledgement);
                answer.group = number(segment.value(2));
                self.of_group = Some(answer);
            }
            b"AK2" => {
                let mut answer = Answer::new(AnswerKind::Acknowledgement);
                let group = self.of_group.as_ref().map(|group| group.group.clone());
                answer.group = group.unwrap_or_default();
                answer.transaction = Echo::control(segment.value(2)).as_str().to_owned();
                self.answers.push(answer);
            }
            b"IK3" | b"AK3" => {
                let place = X12Place {
                    ordinal: position(segment.value(2)),
                    segment: SegmentId::parse(segment.value(1)),
                    loop_id: loop_id(segment.value(3)),
                    ..X12Place::default()
                };
                self.remark(CodeList::Segment, (segment, 4), place);
            }
            b"IK4" | b"AK4" => {
                let element = segment.element(1);
                let part = |number| {
                    let value = element.map_or(&[][..], |element| element.component(number));
                    position(value).and_then(|position| u16::try_from(position).ok())
                };
                let around = self.last().and_then(|answer| answer.remarks.last());
                let place = X12Place {
                    element: part(1),
                    component: part(2),
                    repetition: part(3),
                    ..around.map(|around| around.place.clone()).unwrap_or_default()
                };
                self.drop_summary();
                self.remark(CodeList::Element, (segment, 3), place);
                if let Some(answer) = self.last() {
                    answer.pass_over(segment, 4);
                }
            }
            b"CTX" => {
                if let Some(answer) = self.last() {
                    answer.pass_over(segment, 1);
                }
            }
            b"IK5" | b"AK5" => {
                if let Some(answer) = self.last() {
                    close(answer, segment, CodeList::Transaction, 2);
                }
            }
            b"AK9" => {
                if let Some(answer) = &mut self.of_group {
                    close(answer, segment, CodeList::Group, 5);
                }
            }
            _ => {}
        }
    }

    fn remark(&mut self, list: CodeList, (segment, number): (&Segment<'_>, usize), place: X12Place) {
        let code = code(segment.value(number));
        if let Some(answer) = self.last().filter(|_| !code.is_empty()) {
            answer
                .remarks
                .push(Remark::new(list, &code, place, spot(segment, number)));
        }
    }

    /// Takes back that a segment has elements in error, once the elements are told.
    fn drop_summary(&mut self) {
        if let Some(answer) = self.last() {
            answer
                .remarks
                .pop_if(|remark| remark.list == CodeList::Segment && remark.code == "8");
        }
    }

    /// One segment of a 277CA, behind its head.
    pub(super) fn acknowledge_claims(&mut self, segment: &Segment<'_>) {
        let Some(answer) = self.last() else { return };
        match segment.id() {
            b"STC" => {
                let status = segment.element(1);
                let code = code(status.map_or(&[][..], |status| status.component(1)));
                let refused = segment.value(3) == b"U";
                answer.rule(if refused {
                    Ruling::Rejected
                } else {
                    Ruling::Accepted
                });
                if !code.is_empty() {
                    let mut remark =
                        Remark::new(CodeList::Claim, &code, X12Place::default(), spot(segment, 1));
                    remark.severity = refused.then_some(Severity::Error);
                    answer.remarks.push(remark);
                }
            }
            // They name claims and people.
            b"NM1" | b"TRN" | b"REF" | b"DTP" => answer.pass_over(segment, 1),
            _ => {}
        }
    }
}

/// The end of what is said of a transaction or group: how it fared, and up to five codes from an element on.
fn close(answer: &mut Answer, segment: &Segment<'_>, list: CodeList, first: usize) {
    answer.rule(ruling(segment.value(1)));
    for number in first..first + 5 {
        let code = code(segment.value(number));
        // That segments are in error is said by the remarks about them.
        let summary = list == CodeList::Transaction && matches!(code.as_str(), "5" | "I5");
        if !code.is_empty() && !(summary && !answer.remarks.is_empty()) {
            let said = spot(segment, number);
            answer
                .remarks
                .push(Remark::new(list, &code, X12Place::default(), said));
        }
    }
}

fn loop_id(value: &[u8]) -> Option<Box<str>> {
    let name = Echo::code(value, 1..=6);
    (!name.is_empty()).then(|| name.as_str().into())
}
