//! The main file, and what there is once for the whole gateway.

use super::Key;
use super::Kind;
use super::Section;
use super::door::LISTEN;
use super::optional;
use super::partner::DIRECTORY;
use super::partner::PARTNER;
use super::required;
use super::route::ROUTE;
use super::route::TEST;
use super::with_default;

/// The main file.
pub static ROOT: Section = Section {
    name: "the main file",
    about: "What stands in the main file. An included file has `listen`, `partner`, `directory`, `route` and `test` only.",
    stranger: "not a key of the main file",
    keys: &[
        required(
            "config-version",
            Kind::Count { least: 1, most: 1 },
            "the version of this language: 1",
        ),
        optional(
            "include",
            Kind::List(&Kind::Text),
            "more files, by name or by a pattern with a star; in the order of their names",
        ),
        required("gateway", Kind::Table(&GATEWAY), "the gateway itself"),
        optional("listen", Kind::Named(&LISTEN), "the doors"),
        optional("partner", Kind::Named(&PARTNER), "the trading partners"),
        optional("directory", Kind::Named(&DIRECTORY), "sheets of trading partners"),
        optional(
            "route",
            Kind::Several(&ROUTE),
            "the exceptions, from top to bottom",
        ),
        optional("test", Kind::Several(&TEST), "the examples that must hold"),
        optional("cache", Kind::Table(&CACHE), "the cache of FHIR reads"),
        optional("ledger", Kind::Table(&LEDGER), "what is kept, and how long"),
        optional("console", Kind::Table(&CONSOLE), "the operators' console"),
        optional("observe", Kind::Table(&OBSERVE), "metrics, audit and log"),
    ],
    choices: &[],
    always: false,
};

/// The keys of the main file that an included file has too.
pub const SHARED: [&str; 5] = ["listen", "partner", "directory", "route", "test"];

/// The gateway itself.
pub static GATEWAY: Section = Section {
    name: "[gateway]",
    about: "The gateway itself.",
    stranger: "not a key of [gateway]",
    keys: &[
        required("name", Kind::Text, "what people call it"),
        required(
            "public-url",
            Kind::Url,
            "where FHIR partners reach us; goes into a Task as the payer's return address",
        ),
        required(
            "data-dir",
            Kind::Path,
            "where messages and generations are kept; changing it needs a restart",
        ),
        required(
            "isa",
            Kind::Isa,
            "how our own envelopes are signed; changing it needs a restart",
        ),
        optional(
            "gs",
            Kind::ApplicationId,
            "our application id; without it, the id of `isa`",
        ),
        required("usage", Kind::Word(&["T", "P"]), "ISA15: test or production"),
        with_default(
            "park",
            Kind::Word(&["hold", "reject"]),
            "hold",
            "what becomes of a message that cannot be routed: kept for a person, or refused",
        ),
        with_default(
            "reload",
            Kind::Word(&["manual", "watch"]),
            "manual",
            "whether a changed file is taken up by itself once files are quiet",
        ),
        optional(
            "mappings-dir",
            Kind::Path,
            "a folder of mappings that replaces those in the program",
        ),
    ],
    choices: &[],
    always: false,
};

/// The cache of FHIR reads.
pub static CACHE: Section = Section {
    name: "[cache]",
    about: "The cache of FHIR reads and searches.",
    stranger: "not a key of [cache]",
    keys: &[
        with_default("memory", Kind::Size, "64MiB", "the most that is kept"),
        with_default(
            "default-ttl",
            Kind::Duration,
            "60s",
            "how long an answer is good that does not say so itself",
        ),
        with_default(
            "never",
            Kind::List(&Kind::Text),
            "[\"Binary\", \"AuditEvent\"]",
            "FHIR types that are never kept",
        ),
    ],
    choices: &[],
    always: false,
};

/// What is kept.
pub static LEDGER: Section = Section {
    name: "[ledger]",
    about: "What is kept of messages; nothing unacknowledged is ever removed. Changing it needs a restart.",
    stranger: "not a key of [ledger]",
    keys: &[
        with_default(
            "keep",
            Kind::Duration,
            "400d",
            "how long finished exchanges are kept; at least 30d",
        ),
        optional(
            "max-size",
            Kind::Size,
            "the most that is kept; the oldest finished exchanges go first",
        ),
    ],
    choices: &[],
    always: true,
};

/// The operators' console.
pub static CONSOLE: Section = Section {
    name: "[console]",
    about: "The operators' console.",
    stranger: "not a key of [console]",
    keys: &[
        required("address", Kind::Address, "where it listens"),
        optional(
            "sign-in",
            Kind::Table(&SIGN_IN),
            "who may use it; needed off loopback",
        ),
    ],
    choices: &[],
    always: false,
};

static SIGN_IN: Section = Section {
    name: "sign-in",
    about: "Who may use the console.",
    stranger: "not a way to sign in",
    keys: &[
        optional("oidc", Kind::Table(&OIDC), "by OpenID Connect"),
        optional("token", Kind::Secret { suffix: "token" }, "by a bearer token"),
    ],
    choices: &[&["oidc", "token"]],
    always: false,
};

static OIDC: Section = Section {
    name: "oidc",
    about: "Sign-in by OpenID Connect.",
    stranger: "not a key of oidc",
    keys: &[
        required("issuer", Kind::Url, "the issuer"),
        required("client-id", Kind::Text, "our client id there"),
        optional(
            "groups",
            Kind::List(&Kind::Text),
            "groups whose members may sign in",
        ),
    ],
    choices: &[],
    always: false,
};

/// Metrics, audit and log.
pub static OBSERVE: Section = Section {
    name: "[observe]",
    about: "Metrics, audit and log.",
    stranger: "not a key of [observe]",
    keys: &[
        optional(
            "metrics",
            Kind::Address,
            "where metrics are served; loopback or an address of the inside",
        ),
        optional("audit", Kind::Table(&AUDIT), "the audit trail besides the ledger"),
        with_default(
            "log",
            Kind::Word(&["error", "warn", "info", "debug"]),
            "info",
            "how much is logged; never anything of a person",
        ),
    ],
    choices: &[],
    always: true,
};

static AUDIT: Section = Section {
    name: "audit",
    about: "The audit trail besides the ledger.",
    stranger: "not a key of audit",
    keys: &[required("file", Kind::Path, "the file that lines are added to")] as &[Key],
    choices: &[],
    always: false,
};
