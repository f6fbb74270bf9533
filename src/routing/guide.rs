//! The X12 guides that a partner can be said to speak, and what each is for.

use crate::routing::key::Message;

/// A guide by its id, and what it is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Guide {
    /// The id as it stands in ST03 and GS08.
    pub id: &'static str,
    /// The kind of message it describes.
    pub message: Message,
    /// What its messages support, where it says.
    pub attach_to: Option<&'static str>,
}

const CLAIM: Option<&str> = Some("claim");
const REVIEW: Option<&str> = Some("preauthorization");

const fn guide(id: &'static str, message: Message, attach_to: Option<&'static str>) -> Guide {
    Guide {
        id,
        message,
        attach_to,
    }
}

/// Every guide that is known, sorted by id.
pub const KNOWN: &[Guide] = &[
    guide("004050X150", Message::Request277, CLAIM),
    guide("004050X151", Message::Attachment275, CLAIM),
    guide("005010X186", Message::Ack, None),
    guide("005010X186A1", Message::Ack, None),
    guide("005010X210", Message::Attachment275, CLAIM),
    guide("005010X211", Message::Attachment275, REVIEW),
    guide("005010X212", Message::Request277, None),
    guide("005010X213", Message::Request277, CLAIM),
    guide("005010X214", Message::Request277, None),
    guide("005010X215", Message::Review278, REVIEW),
    guide("005010X216", Message::Review278, REVIEW),
    guide("005010X217", Message::Review278, REVIEW),
    guide("005010X231", Message::Ack, None),
    guide("005010X231A1", Message::Ack, None),
    guide("006020X257", Message::Ack, None),
    guide("006020X290", Message::Ack, None),
    guide("006020X313", Message::Request277, CLAIM),
    guide("006020X314", Message::Attachment275, CLAIM),
    guide("006020X315", Message::Review278, REVIEW),
    guide("006020X316", Message::Attachment275, REVIEW),
    guide("008020X340", Message::Request277, CLAIM),
];

/// What a partner that names no guide is taken to speak: what the claims attachment rule adopts.
pub const DEFAULT: [&str; 2] = ["006020X313", "006020X314"];

/// The guide of this id.
///
/// `06020X314` is how the rule itself misprints the id of the 275, so that is read as what is meant.
pub fn find(id: &str) -> Option<&'static Guide> {
    let id = if id == "06020X314" { "006020X314" } else { id };
    KNOWN
        .binary_search_by(|guide| guide.id.cmp(id))
        .ok()
        .and_then(|at| KNOWN.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(KNOWN.is_sorted_by(|one, next| one.id < next.id));
        assert!(KNOWN.iter().all(|guide| find(guide.id) == Some(guide)));
        assert!(DEFAULT.iter().all(|id| find(id).is_some()));
    }

    #[test]
    fn the_misprint_of_the_rule_is_understood() {
        assert_eq!(find("06020X314").map(|guide| guide.id), Some("006020X314"));
        assert_eq!(find("999999X999"), None);
    }
}
