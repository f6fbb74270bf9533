//! The doors through which messages come.

use super::Kind;
use super::Section;
use super::optional;
use super::required;
use super::with_default;

/// A door.
pub static LISTEN: Section = Section {
    name: "[listen.NAME]",
    about: "A door: a FHIR façade, X12 over HTTPS, or a folder.",
    stranger: "not a key of a door",
    keys: &[
        required(
            "kind",
            Kind::Word(&["fhir", "core", "folder"]),
            "what comes through it",
        ),
        optional("address", Kind::Address, "fhir, core: where it listens"),
        optional(
            "tls",
            Kind::Table(&TLS),
            "fhir, core: its certificate; needed off loopback",
        ),
        optional(
            "plain",
            Kind::Word(&["i-accept"]),
            "fhir, core: accepts that others may read along, off loopback and without tls",
        ),
        optional("limits", Kind::Table(&LIMITS), "fhir, core: how much it takes"),
        optional("path", Kind::Path, "folder: where files are picked up"),
        optional(
            "pattern",
            Kind::Text,
            "folder: which files, with stars; without it, all",
        ),
        optional(
            "settle",
            Kind::Duration,
            "folder: how long a file must not change before it is taken; without it, 2s",
        ),
        optional("archive", Kind::Path, "folder: where files go that were taken"),
        optional(
            "errors",
            Kind::Path,
            "folder: where files go that could not be, with the reason beside them",
        ),
        optional(
            "from",
            Kind::Name,
            "the partner that everything through this door is from",
        ),
    ],
    choices: &[],
    always: false,
};

/// A certificate and its key.
pub static TLS: Section = Section {
    name: "tls",
    about: "The certificate of a door.",
    stranger: "not a key of tls",
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
        optional("client-ca", Kind::Path, "whose certificates clients must have"),
        optional(
            "crl",
            Kind::Path,
            "lists of certificates of clients that were taken back, in PEM; without it, none was",
        ),
        optional(
            "unlisted",
            Kind::Word(&["refuse", "accept"]),
            "crl: clients whose issuer has no list there, or one that is out of date; without it, refuse",
        ),
    ],
    choices: &[],
    always: false,
};

/// How much a door takes.
pub static LIMITS: Section = Section {
    name: "limits",
    about: "How much a door takes.",
    stranger: "not a key of limits",
    keys: &[
        with_default("body", Kind::Size, "64MiB", "the largest message"),
        with_default(
            "clients",
            Kind::Count {
                least: 1,
                most: 100_000,
            },
            "500",
            "the most clients at a time",
        ),
        optional(
            "per-address",
            Kind::Count {
                least: 1,
                most: 100_000,
            },
            "the most clients at a time from one address; without it, half of `clients`",
        ),
        with_default(
            "timeout",
            Kind::Duration,
            "30s",
            "how long a client may keep us waiting",
        ),
    ],
    choices: &[],
    always: true,
};
