//! G04: secrets in the file, and doors that stand open.

use super::Code;
use super::Weight::Error;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[&PLAIN_SECRET, &PLAIN_DOOR, &OPEN_CONSOLE, &PLAIN_PARTNER];

/// A secret in the file.
pub static PLAIN_SECRET: Code = Code {
    number: 401,
    weight: Error,
    title: "a secret must not be written in the file",
    meaning: "Configurations are copied, compared and kept in version control. A secret stays in a file of its own or in \
              the environment, and the configuration says where. This one has been seen by whoever read the file: replace it.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = "abc123" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
auth      = { bearer = { file = "/run/secrets/acme.token" } }
"#,
};

/// A door without TLS that others can reach.
pub static PLAIN_DOOR: Code = Code {
    number: 402,
    weight: Error,
    title: "a door without TLS is open to others",
    meaning: "Without `tls`, everybody between a partner and this door reads along. A plain door may be on a loopback \
              address (127.0.0.1 or [::1]); elsewhere it needs `plain = \"i-accept\"`, for instance behind a proxy that does TLS.",
    bad: r#"
[listen.fhir]
kind    = "fhir"
address = "0.0.0.0:8444"
"#,
    good: r#"
[listen.fhir]
kind    = "fhir"
address = "127.0.0.1:8444"
"#,
};

/// A console that anybody may use.
pub static OPEN_CONSOLE: Code = Code {
    number: 403,
    weight: Error,
    title: "the console or the metrics are open to others",
    meaning: "The console shows and replays messages. Off loopback it needs `sign-in`. Metrics name partners, so they stay \
              on an address of the inside.",
    bad: r#"
[console]
address = "0.0.0.0:9090"
"#,
    good: r#"
[console]
address = "127.0.0.1:9090"
"#,
};

/// A partner spoken to in the clear.
pub static PLAIN_PARTNER: Code = Code {
    number: 404,
    weight: Error,
    title: "a partner is reached without TLS",
    meaning: "Medical records go to this address and everybody on the way would read along. Write https://. Plain http:// \
              is for a partner on this very machine: localhost, 127.0.0.1 or [::1].",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "http://acme.example/r4" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
"#,
};
