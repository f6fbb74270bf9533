//! The 824.

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
use super::spot;
use crate::base::place::SegmentId;
use crate::base::place::X12Place;

impl Hearing {
    /// One segment of an 824.
    pub(super) fn advise(&mut self, segment: &Segment<'_>) {
        match segment.id() {
            b"OTI" => {
                let mut answer = Answer::new(AnswerKind::Advice);
                answer.rule(ruling(segment.value(1)));
                answer.reference = Echo::name(segment.value(3), 1..=50).as_str().to_owned();
                answer.group = number(segment.value(8));
                answer.transaction = Echo::control(segment.value(9)).as_str().to_owned();
                self.answers.push(answer);
            }
            b"TED" => {
                let Some(answer) = self.of_transaction() else {
                    return;
                };
                let code = code(segment.value(1));
                let element = segment.element(5);
                let part = |number| {
                    let value = element.map_or(&[][..], |element| element.component(number));
                    position(value).and_then(|position| u16::try_from(position).ok())
                };
                let place = X12Place {
                    ordinal: position(segment.value(4)),
                    segment: SegmentId::parse(segment.value(3)),
                    element: part(1),
                    component: part(2),
                    repetition: part(3),
                    ..X12Place::default()
                };
                if !code.is_empty() {
                    let said = spot(segment, 1);
                    answer
                        .remarks
                        .push(Remark::new(CodeList::Content, &code, place, said));
                }
                // Words of the partner, and a copy of the bad data.
                for number in [2, 7] {
                    if !segment.value(number).is_empty() {
                        answer.unread.push(spot(segment, number));
                    }
                }
            }
            b"RED" | b"REF" | b"NTE" => {
                if let Some(answer) = self.of_transaction() {
                    answer.pass_over(segment, 1);
                }
            }
            _ => {}
        }
    }

    /// The answer that the segments behind an OTI belong to.
    fn of_transaction(&mut self) -> Option<&mut Answer> {
        self.last().filter(|answer| answer.kind == AnswerKind::Advice)
    }
}

/// What OTI01 says; a word that nobody knows is no acceptance.
fn ruling(code: &[u8]) -> Ruling {
    match code {
        b"TA" | b"IA" | b"BA" => Ruling::Accepted,
        b"TC" | b"TE" | b"TP" | b"IC" | b"IE" | b"IP" | b"BC" | b"BE" | b"BP" => Ruling::AcceptedWithErrors,
        _ => Ruling::Rejected,
    }
}
