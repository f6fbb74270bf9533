//! The trading partners, one by one or in sheets.

use super::Key;
use super::Kind;
use super::Need;
use super::Section;
use super::optional;
use super::required;
use super::with_default;

/// A trading partner.
pub static PARTNER: Section = Section {
    name: "[partner.NAME]",
    about: "A trading partner: what it owns, what it speaks, how it is reached.",
    stranger: "not a key of a partner",
    keys: &[
        required(
            "role",
            Kind::Word(&["payer", "provider", "hub"]),
            "what it is to us",
        ),
        optional(
            "payer-ids",
            Kind::List(&Kind::PayerId),
            "payer ids that it answers for",
        ),
        optional("npi", Kind::List(&Kind::Npi), "providers that it answers for"),
        optional("tin", Kind::List(&Kind::Tin), "tax ids that it answers for"),
        required("speaks", Kind::Word(&["x12", "fhir"]), "what it is sent"),
        optional("x12", Kind::Table(&X12), "how it does X12"),
        optional("fhir", Kind::Table(&FHIR), "how it does FHIR"),
        optional(
            "fetch",
            Kind::Table(&FETCH),
            "contents that it names by address: from where and how much of them is fetched",
        ),
        optional("deliver", Kind::Table(&DELIVER), "x12: how messages reach it"),
        optional(
            "tls",
            Kind::Table(&TLS),
            "how its servers prove to us who they are",
        ),
        optional("auth", Kind::Table(&AUTH), "how we prove to it who we are"),
        optional(
            "known-by",
            Kind::Table(&KNOWN_BY),
            "how it proves to us who it is, besides its interchange id",
        ),
        optional("retry", Kind::Table(&RETRY), "how a delivery is tried again"),
        optional("deadlines", Kind::Table(&DEADLINES), "how long answers may take"),
    ],
    choices: &[],
    always: false,
};

const MEDIA_TYPES: Key = Key {
    name: "media-types",
    kind: Kind::List(&Kind::Text),
    need: Need::Optional,
    about: "media types of attachments that it takes; without it, all",
};

const MAX_ATTACHMENT: Key = optional(
    "max-attachment",
    Kind::Size,
    "the largest attachment that it takes",
);

const MAX_ATTACHMENTS: Key = optional(
    "max-attachments",
    Kind::Count {
        least: 1,
        most: 10_000,
    },
    "the most attachments that it takes in one message",
);

/// See [`PARTNER`].
pub static X12: Section = Section {
    name: "x12",
    about: "How a partner does X12.",
    stranger: "not a key of x12",
    keys: &[
        required("isa", Kind::Isa, "how it signs interchanges"),
        optional(
            "gs",
            Kind::ApplicationId,
            "how it signs functional groups; without it, the id of `isa`",
        ),
        with_default(
            "guides",
            Kind::List(&Kind::Guide),
            "[\"006020X313\", \"006020X314\"]",
            "guides that it speaks; the first of a kind is what it is sent",
        ),
        MAX_ATTACHMENT,
        MAX_ATTACHMENTS,
        MEDIA_TYPES,
        with_default(
            "repair",
            Kind::Flag,
            "false",
            "whether wrong lengths of binary data are repaired where that is safe",
        ),
        optional(
            "severity",
            Kind::Table(&SEVERITY),
            "findings that weigh more or less than usual",
        ),
        optional("rules", Kind::Path, "a file of what it asks beyond the guides"),
    ],
    choices: &[],
    always: false,
};

static SEVERITY: Section = Section {
    name: "severity",
    about: "Findings that weigh more or less than usual, by codes such as IK502-4 or TA105-025.",
    stranger: "not a weight",
    keys: &[
        optional(
            "reject",
            Kind::List(&Kind::FindingCode),
            "these refuse the message",
        ),
        optional(
            "accept-with-errors",
            Kind::List(&Kind::FindingCode),
            "these are told to the sender, and the message is taken",
        ),
        optional(
            "accept",
            Kind::List(&Kind::FindingCode),
            "these are told to nobody but us",
        ),
    ],
    choices: &[],
    always: false,
};

/// See [`PARTNER`].
pub static FHIR: Section = Section {
    name: "fhir",
    about: "How a partner does FHIR.",
    stranger: "not a key of fhir",
    keys: &[
        optional("url", Kind::Url, "the base address of its server"),
        with_default(
            "attachments",
            Kind::Word(&["none", "task"]),
            "none",
            "whether it takes Tasks that ask for attachments",
        ),
        with_default(
            "query",
            Kind::Flag,
            "false",
            "whether it answers reads and searches",
        ),
        with_default(
            "hosted",
            Kind::Flag,
            "false",
            "it has no server and reads its Tasks with us",
        ),
        with_default(
            "cdex",
            Kind::Word(&["1.1.0", "2.0.0", "2.1.0", "3.0.0-ballot"]),
            "2.1.0",
            "version of CDex that it is sent",
        ),
        with_default(
            "us-core",
            Kind::Word(&["3.1.1", "6.1.0", "7.0.0"]),
            "6.1.0",
            "version of US Core that it is sent",
        ),
        MAX_ATTACHMENT,
        MAX_ATTACHMENTS,
        MEDIA_TYPES,
    ],
    choices: &[],
    always: false,
};

/// See [`PARTNER`].
pub static FETCH: Section = Section {
    name: "fetch",
    about: "Contents that a partner names by address only, fetched for a payer who is sent X12 while the submission waits. \
            Its own server (`fhir.url`) is always one that they may be on.",
    stranger: "not a key of fetch",
    keys: &[
        optional(
            "from",
            Kind::List(&Kind::Url),
            "other servers that they may be on; all of the server counts, whatever the path",
        ),
        with_default(
            "max-size",
            Kind::Size,
            "64MiB",
            "the most that is fetched for one submission",
        ),
        with_default(
            "within",
            Kind::Duration,
            "30s",
            "how long fetching for one submission may take, 10m at most",
        ),
    ],
    choices: &[],
    always: true,
};

/// See [`PARTNER`].
pub static DELIVER: Section = Section {
    name: "deliver",
    about: "How X12 reaches a partner.",
    stranger: "not a key of deliver",
    keys: &[
        optional("core", Kind::Url, "an address that takes X12 over HTTPS"),
        optional(
            "mode",
            Kind::Word(&["batch", "realtime"]),
            "core: whether it answers at once; without it, batch",
        ),
        optional("folder", Kind::Path, "a folder"),
        optional(
            "name",
            Kind::Text,
            "folder: how files are named, from {message}, {control}, {partner}, {time}; without it, \"{message}-{control}.edi\"",
        ),
    ],
    choices: &[&["core", "folder"]],
    always: false,
};

static TLS: Section = Section {
    name: "tls of a partner",
    about: "How the servers of a partner prove to us who they are.",
    stranger: "not a key of tls",
    keys: &[required(
        "ca",
        Kind::Path,
        "the issuers of their certificates, in PEM; nobody else is trusted then, not even whom the system trusts",
    )],
    choices: &[],
    always: false,
};

static AUTH: Section = Section {
    name: "auth",
    about: "How we prove to a partner who we are.",
    stranger: "not a way to prove who we are",
    keys: &[
        optional(
            "smart-backend",
            Kind::Table(&SMART_BACKEND),
            "SMART Backend Services",
        ),
        optional("mtls", Kind::Table(&MTLS), "a client certificate"),
        optional("bearer", Kind::Secret { suffix: "token" }, "a bearer token"),
    ],
    choices: &[&["smart-backend", "mtls", "bearer"]],
    always: false,
};

static SMART_BACKEND: Section = Section {
    name: "smart-backend",
    about: "SMART Backend Services.",
    stranger: "not a key of smart-backend",
    keys: &[
        required("client-id", Kind::Text, "our client id there"),
        required("key", Kind::Secret { suffix: "jwk" }, "our key, as a JWK"),
        optional("scopes", Kind::List(&Kind::Text), "scopes that we ask for"),
        optional(
            "token-url",
            Kind::Url,
            "where tokens come from; without it, the server's own configuration says",
        ),
    ],
    choices: &[],
    always: false,
};

static MTLS: Section = Section {
    name: "mtls",
    about: "A client certificate.",
    stranger: "not a key of mtls",
    keys: &[
        required(
            "cert",
            Kind::Path,
            "our certificate, then those of its issuers, in PEM",
        ),
        required(
            "key",
            Kind::Secret { suffix: "key" },
            "the key of the certificate",
        ),
    ],
    choices: &[],
    always: false,
};

static KNOWN_BY: Section = Section {
    name: "known-by",
    about: "How a partner proves to us who it is.",
    stranger: "not a way to prove who it is",
    keys: &[
        optional("token", Kind::Secret { suffix: "token" }, "by a bearer token"),
        optional("tls-name", Kind::Text, "by the name in its client certificate"),
    ],
    choices: &[],
    always: false,
};

/// See [`PARTNER`].
pub static RETRY: Section = Section {
    name: "retry",
    about: "How a delivery is tried again.",
    stranger: "not a key of retry",
    keys: &[
        with_default(
            "first",
            Kind::Duration,
            "30s",
            "the wait before the second try; it doubles with each",
        ),
        with_default("up-to", Kind::Duration, "15m", "the longest wait between two"),
        with_default(
            "for",
            Kind::Duration,
            "72h",
            "how long in all, before a person is asked",
        ),
    ],
    choices: &[],
    always: true,
};

/// See [`PARTNER`].
pub static DEADLINES: Section = Section {
    name: "deadlines",
    about: "How long answers may take.",
    stranger: "not a key of deadlines",
    keys: &[
        with_default(
            "ack",
            Kind::Duration,
            "24h",
            "how long its TA1 or 999 may take before we raise an alarm",
        ),
        with_default(
            "answer",
            Kind::Duration,
            "45d",
            "how long a request stays open that names no due date",
        ),
    ],
    choices: &[],
    always: true,
};

/// A sheet of trading partners.
pub static DIRECTORY: Section = Section {
    name: "[directory.NAME]",
    about: "A sheet of trading partners: each row is a partner, a column's heading is the key that it sets, `name` its name.",
    stranger: "not a key of a directory",
    keys: &[
        required(
            "file",
            Kind::Path,
            "the sheet, as CSV; several values in one cell are set apart by semicolons",
        ),
        optional("defaults", Kind::Part(&PARTNER), "what a row does not say itself"),
        optional(
            "check",
            Kind::Table(&DIRECTORY_CHECK),
            "what is to be true of the whole sheet",
        ),
    ],
    choices: &[],
    always: false,
};

static DIRECTORY_CHECK: Section = Section {
    name: "check",
    about: "What is to be true of a whole sheet.",
    stranger: "not something to be checked",
    keys: &[
        optional(
            "unique",
            Kind::List(&Kind::Text),
            "columns in which no value stands twice; names and identifiers never may",
        ),
        with_default(
            "short-ids",
            Kind::Flag,
            "false",
            "payer ids shorter than all others are meant so",
        ),
    ],
    choices: &[],
    always: false,
};

/// The file of what a partner asks beyond the guides.
pub static COMPANION: Section = Section {
    name: "a file of companion-guide rules",
    about: "What a partner asks beyond the guides; `x12.rules` names the file.",
    stranger: "not a key of such a file",
    keys: &[required("rule", Kind::Several(&RULE), "the rules")],
    choices: &[],
    always: false,
};

static RULE: Section = Section {
    name: "[[rule]]",
    about: "One thing that a partner asks beyond the guide.",
    stranger: "not a key of a rule",
    keys: &[
        required(
            "guide",
            Kind::Guide,
            "the guide that it changes; the partner must speak it",
        ),
        optional(
            "loop",
            Kind::Text,
            "the loop, if the segment has different rules in others",
        ),
        required(
            "at",
            Kind::Text,
            "the segment and element: CAT02, or the segment alone: NX1, or one by its qualifier: REF*EJ",
        ),
        optional(
            "usage",
            Kind::Word(&["required", "not-used"]),
            "whether it must be there",
        ),
        optional(
            "values",
            Kind::List(&Kind::Text),
            "the only values that are taken",
        ),
        optional(
            "max-length",
            Kind::Count {
                least: 1,
                most: 1_000_000,
            },
            "the most characters",
        ),
        optional("note", Kind::Text, "where the partner says so"),
    ],
    choices: &[],
    always: false,
};
