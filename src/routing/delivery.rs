//! How a message reaches a partner: nobody writes this down, it follows from what the partner speaks.

use crate::routing::key::Message;
use crate::routing::partner::FhirAbilities;
use crate::routing::partner::Speaks;

/// What a partner is sent in place of the message that came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// What came.
    pub came: Message,
    /// What goes out.
    pub sends: Message,
    /// Whether it waits with us until the partner fetches it.
    pub held: bool,
}

/// Why a partner cannot be sent a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CannotSend {
    /// An X12 partner names no guide for what would go out.
    NoGuide(Message),
    /// An X12 partner answers no FHIR query.
    NotFhir,
    /// A FHIR partner takes no Tasks that ask for attachments.
    NoTasks,
    /// A FHIR partner answers no queries.
    NoQueries,
    /// A FHIR partner without a server can only be asked; nothing can be submitted to it.
    NoServer,
}

impl CannotSend {
    /// The missing ability in terms of the configuration.
    pub const fn lacks(self) -> &'static str {
        match self {
            Self::NoGuide(Message::Request277) => "its `x12.guides` has none for a 277",
            Self::NoGuide(Message::Attachment275) => "its `x12.guides` has none for a 275",
            Self::NoGuide(Message::Review278) => "its `x12.guides` has none for a 278",
            Self::NoGuide(_) => "its `x12.guides` has none for that",
            Self::NotFhir => "it speaks X12",
            Self::NoTasks => "it has neither `fhir.attachments = \"task\"` nor `fhir.hosted = true`",
            Self::NoQueries => "it has no `fhir.query = true`",
            Self::NoServer => "it has no `fhir.url`",
        }
    }
}

/// What a partner that speaks like this is sent when `came` is for it.
///
/// # Errors
/// Says which ability the partner lacks.
pub fn delivery(came: Message, speaks: &Speaks) -> Result<Delivery, CannotSend> {
    match speaks {
        Speaks::X12 { messages } => {
            let sends = match came {
                Message::Request277 | Message::Task => Message::Request277,
                Message::Attachment275 | Message::SubmitAttachment => Message::Attachment275,
                Message::Review278 => Message::Review278,
                Message::Ack => Message::Ack,
                Message::FhirRead | Message::FhirSearch => return Err(CannotSend::NotFhir),
            };
            if sends == Message::Ack || messages.contains(&sends) {
                Ok(Delivery {
                    came,
                    sends,
                    held: false,
                })
            } else {
                Err(CannotSend::NoGuide(sends))
            }
        }
        Speaks::Fhir(can) => fhir_delivery(came, *can),
    }
}

fn fhir_delivery(came: Message, can: FhirAbilities) -> Result<Delivery, CannotSend> {
    let (sends, able, lack) = match came {
        Message::Request277 | Message::Review278 | Message::Task => (
            Message::Task,
            can.hosted || (can.tasks && can.server),
            CannotSend::NoTasks,
        ),
        Message::Attachment275 | Message::SubmitAttachment => {
            (Message::SubmitAttachment, can.server, CannotSend::NoServer)
        }
        Message::FhirRead | Message::FhirSearch => (came, can.query && can.server, CannotSend::NoQueries),
        Message::Ack => (Message::Ack, true, CannotSend::NoServer),
    };
    if able {
        Ok(Delivery {
            came,
            sends,
            held: can.hosted && sends == Message::Task,
        })
    } else {
        Err(lack)
    }
}

impl Delivery {
    /// The table under `mappings/` that translates; `None` where nothing is translated.
    pub const fn mapping(self) -> Option<&'static str> {
        match (self.came, self.sends) {
            (Message::Request277, Message::Task) => Some("cdex/task-from-277"),
            (Message::Review278, Message::Task) => Some("cdex/task-from-278"),
            (Message::Task, Message::Request277) => Some("cdex/277-from-task"),
            (Message::SubmitAttachment, Message::Attachment275) => Some("cdex/275-from-submit"),
            (Message::Attachment275, Message::SubmitAttachment) => Some("cdex/submit-from-275"),
            _ => None,
        }
    }

    /// What the message must hold for the translation to succeed, and where.
    pub const fn needs(self) -> &'static [(&'static str, &'static str)] {
        match (self.came, self.sends) {
            (Message::Request277, Message::Task) => &[
                ("TrackingId", "2200D TRN02"),
                ("PayerId", "2100A NM109"),
                ("MemberId", "2100D NM109"),
                ("ServiceDate", "2200D DTP*472"),
            ],
            (Message::Review278, Message::Task) => {
                &[("TrackingId", "2000E TRN02"), ("MemberId", "2010C NM109")]
            }
            (Message::Task, Message::Request277) => &[
                ("TRN02", "Task.identifier"),
                ("NM109 of the payer", "Task.requester"),
                ("NM109 of the patient", "contained Patient.identifier"),
            ],
            (Message::SubmitAttachment, Message::Attachment275) => &[
                ("NM109 of the patient", "MemberId"),
                ("TRN02", "TrackingId"),
                ("NM109 of the payer", "PayerId"),
            ],
            (Message::Attachment275, Message::SubmitAttachment) => {
                &[("MemberId", "1000D NM109"), ("TrackingId", "2000A TRN02")]
            }
            _ => &[],
        }
    }

    /// What the sender is answered, and when.
    pub const fn reply(self) -> &'static str {
        match self.came {
            Message::Request277 | Message::Attachment275 | Message::Review278 => "999 after commit",
            Message::Task => "201 after commit",
            Message::SubmitAttachment => "200 after commit",
            Message::FhirRead | Message::FhirSearch => "what the partner answers",
            Message::Ack => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEGACY: &[Message] = &[Message::Request277, Message::Attachment275];

    #[track_caller]
    fn check(came: Message, speaks: &Speaks, expected: Result<(Message, bool), CannotSend>) {
        assert_eq!(
            delivery(came, speaks).map(|delivery| (delivery.sends, delivery.held)),
            expected
        );
    }

    #[test]
    fn a_message_is_told_in_the_language_of_the_partner() {
        let x12 = Speaks::X12 {
            messages: LEGACY.to_vec(),
        };
        check(Message::Task, &x12, Ok((Message::Request277, false)));
        check(
            Message::SubmitAttachment,
            &x12,
            Ok((Message::Attachment275, false)),
        );
        check(Message::Attachment275, &x12, Ok((Message::Attachment275, false)));
        check(
            Message::Review278,
            &x12,
            Err(CannotSend::NoGuide(Message::Review278)),
        );
        check(Message::FhirSearch, &x12, Err(CannotSend::NotFhir));
    }

    #[test]
    fn a_fhir_partner_is_asked_for_what_it_can_do_only() {
        let can = FhirAbilities {
            server: true,
            tasks: true,
            ..FhirAbilities::default()
        };
        check(
            Message::Request277,
            &Speaks::Fhir(can),
            Ok((Message::Task, false)),
        );
        check(Message::FhirRead, &Speaks::Fhir(can), Err(CannotSend::NoQueries));
        let bare = FhirAbilities {
            server: true,
            ..FhirAbilities::default()
        };
        check(Message::Request277, &Speaks::Fhir(bare), Err(CannotSend::NoTasks));
        check(
            Message::Attachment275,
            &Speaks::Fhir(bare),
            Ok((Message::SubmitAttachment, false)),
        );
    }

    #[test]
    fn for_a_hosted_partner_we_hold_what_is_asked() {
        let hosted = Speaks::Fhir(FhirAbilities {
            hosted: true,
            ..FhirAbilities::default()
        });
        check(Message::Request277, &hosted, Ok((Message::Task, true)));
        check(Message::Attachment275, &hosted, Err(CannotSend::NoServer));
    }
}
