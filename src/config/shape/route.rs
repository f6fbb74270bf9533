//! The routes and the examples that must hold.

use super::Key;
use super::Kind;
use super::Need;
use super::Section;
use super::optional;
use super::required;
use crate::routing::key::Key as MatchKey;
use crate::routing::route::ALL_LOINC;

/// A route.
pub static ROUTE: Section = Section {
    name: "[[route]]",
    about: "An exception: when a message looks like this, it goes to that partner. The first route that holds wins.",
    stranger: "not a key of a route",
    keys: &[
        required(
            "name",
            Kind::Text,
            "what people call it; decisions and tests name it",
        ),
        required(
            "when",
            Kind::Table(&TERMS),
            "what a message must look like; all keys must hold, and no key means every message",
        ),
        optional(
            "unless",
            Kind::Table(&TERMS),
            "what it must not look like; all keys must hold for it to be excepted",
        ),
        required("to", Kind::Name, "the partner that it goes to"),
        optional(
            "until",
            Kind::Day,
            "the last day on which it is meant to be needed; after it, `check` says so",
        ),
    ],
    choices: &[],
    always: false,
};

/// What a route can look at.
pub static TERMS: Section = Section {
    name: "when, unless",
    about: "What a route can look at.",
    stranger: "not something a route can look at",
    keys: &[
        term(MatchKey::Message),
        term(MatchKey::Version),
        term(MatchKey::From),
        term(MatchKey::Listener),
        term(MatchKey::IsaSender),
        term(MatchKey::IsaReceiver),
        term(MatchKey::GsSender),
        term(MatchKey::GsReceiver),
        term(MatchKey::PayerId),
        term(MatchKey::Organization),
        term(MatchKey::ProviderNpi),
        term(MatchKey::Loinc),
        Key {
            name: ALL_LOINC,
            kind: Kind::Patterns(MatchKey::Loinc),
            need: Need::Optional,
            about: "like loinc, but every document of the message must match",
        },
        term(MatchKey::Tin),
        term(MatchKey::AttachTo),
        term(MatchKey::Solicited),
        term(MatchKey::Resource),
    ],
    choices: &[],
    always: false,
};

const fn term(key: MatchKey) -> Key {
    Key {
        name: key.as_str(),
        kind: Kind::Patterns(key),
        need: Need::Optional,
        about: key.meaning(),
    }
}

/// An example that must hold.
pub static TEST: Section = Section {
    name: "[[test]]",
    about: "An example that must hold; `check` runs it, and so does every reload.",
    stranger: "not a key of a test",
    keys: &[
        required("name", Kind::Text, "what it shows"),
        required("given", Kind::Table(&GIVEN), "a message, made up or in a file"),
        required("expect", Kind::Table(&EXPECT), "where it goes"),
    ],
    choices: &[],
    always: false,
};

static GIVEN: Section = Section {
    name: "given",
    about: "A message: what it says, or a file that holds it. What is said besides a file is added to it.",
    stranger: "not something a message can say",
    keys: &[
        optional(
            "file",
            Kind::Path,
            "a file with an X12 message, or a FHIR Task or Parameters as JSON",
        ),
        said(MatchKey::Message),
        said(MatchKey::Version),
        said(MatchKey::From),
        said(MatchKey::Listener),
        said(MatchKey::IsaSender),
        said(MatchKey::IsaReceiver),
        said(MatchKey::GsSender),
        said(MatchKey::GsReceiver),
        said(MatchKey::PayerId),
        said(MatchKey::Organization),
        said(MatchKey::ProviderNpi),
        said(MatchKey::Loinc),
        said(MatchKey::Tin),
        said(MatchKey::AttachTo),
        said(MatchKey::Solicited),
        said(MatchKey::Resource),
        optional(
            "conversation",
            Kind::Word(&["open"]),
            "it answers a request that we carried",
        ),
        optional(
            "partner",
            Kind::Name,
            "the partner that the path of a read or search names",
        ),
    ],
    choices: &[],
    always: false,
};

const fn said(key: MatchKey) -> Key {
    Key {
        name: key.as_str(),
        kind: Kind::Values(key),
        need: Need::Optional,
        about: key.meaning(),
    }
}

static EXPECT: Section = Section {
    name: "expect",
    about: "Where a message goes.",
    stranger: "not something to be expected",
    keys: &[
        optional("to", Kind::Name, "the partner that it reaches"),
        optional(
            "by",
            Kind::Text,
            "what decides: conversation, addressee, park, or `route: ` and the name of a route",
        ),
        optional(
            "sends",
            Kind::Word(&[
                "277",
                "275",
                "278",
                "task",
                "submit-attachment",
                "fhir-read",
                "fhir-search",
                "ack",
            ]),
            "what leaves",
        ),
        optional(
            "held",
            Kind::Flag,
            "whether it waits with us until the partner fetches it",
        ),
    ],
    choices: &[],
    always: false,
};
