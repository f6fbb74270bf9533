//! What a route can look at: a closed list, in which nothing identifies a person.

use std::fmt;

/// One thing that a message may say about itself and that a route may look at.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Key {
    /// The kind of message.
    Message,
    /// The guide or profile version it follows.
    Version,
    /// The partner that sent it.
    From,
    /// The door it came through.
    Listener,
    /// The interchange sender, qualifier and id.
    IsaSender,
    /// The interchange receiver, qualifier and id.
    IsaReceiver,
    /// The application sender.
    GsSender,
    /// The application receiver.
    GsReceiver,
    /// The payer.
    PayerId,
    /// The submitting organisation.
    Organization,
    /// The rendering provider.
    ProviderNpi,
    /// A document that is asked for or attached.
    Loinc,
    /// A provider's tax id.
    Tin,
    /// What the attachment supports.
    AttachTo,
    /// Whether the message says that it answers a request.
    Solicited,
    /// The FHIR type that a read or search is about.
    Resource,
}

impl Key {
    /// Every key, in the order in which they are documented and shown.
    pub const ALL: [Self; 16] = [
        Self::Message,
        Self::Version,
        Self::From,
        Self::Listener,
        Self::IsaSender,
        Self::IsaReceiver,
        Self::GsSender,
        Self::GsReceiver,
        Self::PayerId,
        Self::Organization,
        Self::ProviderNpi,
        Self::Loinc,
        Self::Tin,
        Self::AttachTo,
        Self::Solicited,
        Self::Resource,
    ];

    /// The key as it is written.
    pub const fn as_str(self) -> &'static str {
        self.told().name
    }

    /// The key of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == name)
    }

    /// What it means, in one clause.
    pub const fn meaning(self) -> &'static str {
        self.told().meaning
    }

    /// Where an X12 message says it.
    pub const fn in_x12(self) -> &'static str {
        self.told().in_x12
    }

    /// Where a FHIR message says it.
    pub const fn in_fhir(self) -> &'static str {
        self.told().in_fhir
    }

    /// The only values it can have, where these are few.
    pub const fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Message => Some(&Message::WORDS),
            Self::AttachTo => Some(&["claim", "preauthorization"]),
            Self::Solicited => Some(&["true", "false"]),
            _ => None,
        }
    }

    /// Whether a condition may give the start of a value only.
    ///
    /// Not where the values are few, and not for a tax id, which is private and therefore compared whole.
    pub const fn takes_prefix(self) -> bool {
        self.words().is_none() && !matches!(self, Self::Tin)
    }

    /// Whether one message may have several values.
    pub const fn repeats(self) -> bool {
        matches!(self, Self::ProviderNpi | Self::Tin | Self::Loinc)
    }

    /// Whether a message of this kind can say it at all.
    pub const fn is_said_by(self, message: Message) -> bool {
        let reads = matches!(message, Message::FhirRead | Message::FhirSearch);
        let fhir = reads || matches!(message, Message::Task | Message::SubmitAttachment);
        match self {
            Self::Message | Self::Version | Self::From | Self::Listener => true,
            Self::IsaSender | Self::IsaReceiver | Self::GsSender | Self::GsReceiver => !fhir,
            Self::PayerId
            | Self::Organization
            | Self::ProviderNpi
            | Self::Tin
            | Self::Loinc
            | Self::AttachTo => !reads && !matches!(message, Message::Ack),
            Self::Solicited => matches!(message, Message::Attachment275),
            Self::Resource => reads,
        }
    }

    /// Position in [`Key::ALL`].
    pub(super) const fn index(self) -> usize {
        self as usize
    }

    const fn told(self) -> Told {
        // `Key::ALL` and this table are in the order of the variants; a test holds it.
        let mut at = 0;
        let mut rest: &[Told] = &TOLD;
        while let [first, others @ ..] = rest {
            if at == self as usize {
                return *first;
            }
            at += 1;
            rest = others;
        }
        UNTOLD
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The kinds of message that the gateway tells apart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Message {
    /// X12 277: a payer asks for documents.
    Request277,
    /// X12 275: documents for a payer.
    Attachment275,
    /// X12 278: a prior authorisation, asked for or answered.
    Review278,
    /// FHIR `Task`: a payer asks for documents.
    Task,
    /// FHIR `$submit-attachment`: documents for a payer.
    SubmitAttachment,
    /// FHIR: one resource by its id.
    FhirRead,
    /// FHIR: resources by what is in them.
    FhirSearch,
    /// X12 TA1, 999 or 824: an answer to something we sent.
    Ack,
}

impl Message {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Request277,
        Self::Attachment275,
        Self::Review278,
        Self::Task,
        Self::SubmitAttachment,
        Self::FhirRead,
        Self::FhirSearch,
        Self::Ack,
    ];

    const WORDS: [&'static str; 8] = [
        "277",
        "275",
        "278",
        "task",
        "submit-attachment",
        "fhir-read",
        "fhir-search",
        "ack",
    ];

    /// The word for it in a condition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request277 => "277",
            Self::Attachment275 => "275",
            Self::Review278 => "278",
            Self::Task => "task",
            Self::SubmitAttachment => "submit-attachment",
            Self::FhirRead => "fhir-read",
            Self::FhirSearch => "fhir-search",
            Self::Ack => "ack",
        }
    }

    /// The kind of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.as_str() == word)
    }

    /// How a sentence calls it.
    pub const fn spoken(self) -> &'static str {
        match self {
            Self::SubmitAttachment => "$submit-attachment",
            Self::Task => "Task",
            Self::FhirRead => "FHIR read",
            Self::FhirSearch => "FHIR search",
            Self::Ack => "acknowledgement",
            Self::Request277 | Self::Attachment275 | Self::Review278 => self.as_str(),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is said about a key, in one place.
#[derive(Clone, Copy)]
struct Told {
    name: &'static str,
    meaning: &'static str,
    in_x12: &'static str,
    in_fhir: &'static str,
}

const fn told(
    name: &'static str,
    meaning: &'static str,
    in_x12: &'static str,
    in_fhir: &'static str,
) -> Told {
    Told {
        name,
        meaning,
        in_x12,
        in_fhir,
    }
}

/// The keys, in the order of [`Key::ALL`].
const TOLD: [Told; Key::ALL.len()] = [
    told(
        "message",
        "what kind of message it is",
        "ST01; TA1",
        "operation or interaction",
    ),
    told(
        "version",
        "the guide or profile version",
        "ST03, else GS08",
        "profile version",
    ),
    told(
        "from",
        "the partner that sent it",
        "ISA05/06, GS02, TLS identity",
        "token or TLS identity",
    ),
    told("listener", "the door it came through", "the door", "the door"),
    told(
        "isa-sender",
        "interchange sender, `\"ZZ:ABC\"`",
        "ISA05, ISA06",
        NONE,
    ),
    told(
        "isa-receiver",
        "interchange receiver, `\"ZZ:ABC\"`",
        "ISA07, ISA08",
        NONE,
    ),
    told("gs-sender", "application sender", "GS02", NONE),
    told("gs-receiver", "application receiver", "GS03", NONE),
    told(
        "payer-id",
        "the payer",
        "277 2100A NM109; 275 1000A NM109; 278 2010A NM109",
        "`PayerId`; `Task.requester`",
    ),
    told(
        "organization",
        "the submitting organisation",
        "277 2100B NM109; 275 1000B NM109; 278 2010B NM109",
        "`OrganizationId`; organisation of the `Task`'s role",
    ),
    told(
        "provider-npi",
        "the rendering provider",
        "277 2100C NM109; 275 1000C NM109; 278 2010EA NM109",
        "`ProviderId`; practitioner of the `Task`'s role",
    ),
    told(
        "loinc",
        "a document asked for or attached",
        "277 2200D and 2220D STC; 275 2000A STC; 278 HI",
        "`Task.input`; `Attachment.Code`",
    ),
    told(
        "tin",
        "a provider's tax id, compared whole",
        "NM109 with qualifier FI, REF*EI",
        "identifier in the tax-id system",
    ),
    told(
        "attach-to",
        "what it supports",
        "by guide",
        "`AttachTo`; `Task.reasonCode`",
    ),
    told(
        "solicited",
        "it says that it answers a request, even one we did not carry",
        "275 BGN01",
        NONE,
    ),
    told("resource", "FHIR type of a read or search", NONE, "path"),
];

const UNTOLD: Told = told(NONE, NONE, NONE, NONE);

/// Shown where a format does not say a thing.
const NONE: &str = "–";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_name_and_stands_where_its_index_says() {
        for (position, key) in Key::ALL.into_iter().enumerate() {
            assert_eq!(Key::parse(key.as_str()), Some(key));
            assert_eq!(key.index(), position);
        }
        assert_eq!(Key::parse("member-id"), None);
    }

    #[test]
    fn every_message_is_a_word_of_its_key() {
        let words = Key::Message.words().unwrap_or_default();
        assert_eq!(words, Message::ALL.map(Message::as_str));
        assert!(
            Message::ALL
                .into_iter()
                .all(|message| Message::parse(message.as_str()) == Some(message))
        );
    }

    #[test]
    fn a_key_that_no_message_says_would_be_useless() {
        for key in Key::ALL {
            assert!(
                Message::ALL.into_iter().any(|message| key.is_said_by(message)),
                "{key}"
            );
        }
    }

    #[test]
    fn few_values_and_private_ones_are_compared_whole() {
        let whole: Vec<Key> = Key::ALL.into_iter().filter(|key| !key.takes_prefix()).collect();
        assert_eq!(whole, [Key::Message, Key::Tin, Key::AttachTo, Key::Solicited]);
    }
}
