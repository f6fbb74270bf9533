//! The TA1s and 999s that would be sent back for what was checked.

use std::time::SystemTime;

use x12_parser::Address;
use x12_parser::AnswerHead;
use x12_parser::InterchangeHead;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::LineEnd;
use x12_parser::Party;
use x12_parser::Stamp;
use x12_parser::Ta1Wish;
use x12_parser::Usage;
use x12_parser::WriteError;
use x12_parser::Writer;
use x12_parser::acknowledge;

use crate::exchange::moment::Moment;
use crate::flow::calendar;

/// Numbers the answers of one run and dates them.
#[derive(Debug)]
pub(crate) struct Answerer {
    stamp: Stamp,
    /// The number of the last interchange that was written.
    control: u32,
}

/// What became of the answers to one input.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Interchanges, one behind the other.
    pub(crate) bytes: Vec<u8>,
    /// Why some could not be written, if so.
    pub(crate) refused: Option<WriteError>,
}

impl Answerer {
    /// An answerer at `now`, in universal time.
    pub(crate) fn at(now: SystemTime) -> Self {
        Self {
            stamp: stamp(now),
            control: 0,
        }
    }

    /// Adds the answer to one interchange, where one is due.
    ///
    /// The numbers start at one in each run: it is only told what would be said.
    pub(crate) fn answer(&mut self, receipt: &InterchangeReceipt, answers: &mut Answers) {
        let control = self.control + 1;
        let head = head(receipt, self.stamp, control);
        let mut written = Writer::new(Vec::new());
        let answered = acknowledge(receipt, &head, Ta1Wish::WhenDue, Limits::default(), &mut written);
        match answered.and_then(|answered| Ok((answered, written.finish()?))) {
            Ok((answered, bytes)) if answered.is_anything() => {
                self.control = control;
                answers.bytes.extend_from_slice(&bytes);
            }
            Ok(_) => {}
            Err(refused) => answers.refused = Some(refused),
        }
    }
}

/// The receiver answers the sender, in the interchange and in the group.
fn head(receipt: &InterchangeReceipt, stamp: Stamp, control: u32) -> AnswerHead<'_> {
    let (own, other) = (&receipt.receiver, &receipt.sender);
    let mut interchange = InterchangeHead::new(address(own), address(other), stamp, control);
    interchange.usage = match receipt.isa15.as_str() {
        "P" => Usage::Production,
        "I" => Usage::Information,
        _ => Usage::Test,
    };
    interchange.line_end = LineEnd::Lf;
    let group = receipt.groups.first();
    AnswerHead {
        interchange,
        sender: group.map_or(own.id.as_str(), |group| group.gs03.or(own.id.as_str())),
        receiver: group.map_or(other.id.as_str(), |group| group.gs02.or(other.id.as_str())),
        group_control: control,
        first_transaction: 1,
    }
}

fn address(party: &Party) -> Address<'_> {
    Address {
        qualifier: party.qualifier.as_str(),
        id: party.id.as_str(),
    }
}

/// The date and minute of `now` in universal time; the start of 1970 for anything before it.
pub(crate) fn stamp(now: SystemTime) -> Stamp {
    calendar::stamp(Moment::of(now))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;
    use std::time::UNIX_EPOCH;

    use super::*;

    #[track_caller]
    fn check(seconds: u64, date: &str, time: &str) {
        let found = stamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!((found.date(), found.time()), (date, time));
    }

    #[test]
    fn seconds_are_a_date_and_a_minute() {
        check(0, "19700101", "0000");
        check(951_782_399, "20000228", "2359");
        check(951_782_400, "20000229", "0000");
        check(1_795_165_260, "20261120", "0901");
        check(4_107_542_399, "21000228", "2359");
        check(4_107_542_400, "21000301", "0000");
    }
}
