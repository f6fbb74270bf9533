//! Whose loop a segment is in.

use super::Set;

/// The parties that an attachment message names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Party {
    /// Nobody yet, or nobody that routing looks at.
    #[default]
    Nobody,
    /// Who pays: asks in a 277, receives a 275, decides on a 278.
    Payer,
    /// Who submits a 275 or receives a 277 for the provider.
    Submitter,
    /// Who asks for the review of a 278.
    Requester,
    /// Who treated or will treat.
    Provider,
    /// Who is treated. Nothing of a patient is a fact.
    Patient,
}

impl Party {
    /// The party of a level of a 277 (`HL03`), or of a 278 where the same codes mean other parties.
    pub(super) fn of_level(code: &[u8], review: bool) -> Self {
        match (code, review) {
            (b"20", _) => Self::Payer,
            (b"21", false) => Self::Submitter,
            (b"21", true) => Self::Requester,
            (b"19", _) | (b"EV" | b"SS", true) => Self::Provider,
            (b"PT" | b"22" | b"23", _) => Self::Patient,
            _ => Self::Nobody,
        }
    }

    /// The party that an entity code of a 275 names (`NM101`).
    pub(super) fn of_entity(code: &[u8]) -> Self {
        match code {
            b"PR" | b"X3" => Self::Payer,
            b"41" => Self::Submitter,
            b"1P" | b"85" | b"82" | b"FA" => Self::Provider,
            b"QC" | b"IL" => Self::Patient,
            _ => Self::Nobody,
        }
    }

    /// The loop in which a message of the set names the party.
    pub(super) const fn name_loop(self, set: Set) -> Option<&'static str> {
        match (set, self) {
            (Set::Attachment275, Self::Payer) => Some("1000A"),
            (Set::Attachment275, Self::Submitter) => Some("1000B"),
            (Set::Attachment275, Self::Provider) => Some("1000C"),
            (Set::Request277, Self::Payer) => Some("2100A"),
            (Set::Request277, Self::Submitter) => Some("2100B"),
            (Set::Request277, Self::Provider) => Some("2100C"),
            (Set::Review278, Self::Payer) => Some("2010A"),
            (Set::Review278, Self::Requester) => Some("2010B"),
            (Set::Review278, Self::Provider) => Some("2010EA"),
            _ => None,
        }
    }
}
