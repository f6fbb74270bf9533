//! G0613 to G0617: whether the servers of partners answer, and say of themselves what the configuration says of them.

use super::Code;
use super::Weight::Warning;

/// A partner that cannot be reached.
pub static NO_ANSWER: Code = Code {
    number: 613,
    weight: Warning,
    title: "a partner cannot be reached just now",
    meaning: "A FHIR partner is asked for its `metadata`, at the address of an X12 partner a connection is \
              made and closed again; nobody answered within a few seconds. Where an outage or a firewall \
              is the cause, deliveries are tried again as `retry` says; where the address is wrong, they \
              never arrive. `--offline` asks nobody.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdx.acme.example/r4" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdex.acme.example/r4" }
"#,
};

/// An address where no FHIR server answers.
pub static NO_STATEMENT: Code = Code {
    number: 614,
    weight: Warning,
    title: "what answers at a partner's address is no FHIR server",
    meaning: "A FHIR server answers a read of `metadata` below its base with a CapabilityStatement. What \
              came was something else: usually the path of the address is wrong, a sign-in stands before \
              it, or it redirects, which we never follow.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdex.acme.example" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdex.acme.example/r4" }
"#,
};

/// A server of another version of FHIR.
pub static FHIR_VERSION: Code = Code {
    number: 615,
    weight: Warning,
    title: "a partner's server speaks another version of FHIR",
    meaning: "CDex is built on FHIR R4, so `fhirVersion` of the CapabilityStatement begins with 4.0. Many \
              servers have one base for each version of FHIR.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdex.acme.example/r5" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdex.acme.example/r4" }
"#,
};

/// A server that takes no Tasks.
pub static NO_TASKS: Code = Code {
    number: 616,
    weight: Warning,
    title: "a partner's server does not say that it takes Tasks",
    meaning: "With `attachments = \"task\"` requests are created as a Task on the partner's server, and \
              its CapabilityStatement does not list `create` for Task. Ask the partner; one that has no \
              such server finds its Tasks with us if it is `hosted`.",
    bad: r#"
[partner.clinic]
role   = "provider"
npi    = ["1234567893"]
speaks = "fhir"
fhir   = { url = "https://clinic.example/r4", attachments = "task" }
"#,
    good: r#"
[partner.clinic]
role   = "provider"
npi    = ["1234567893"]
speaks = "fhir"
fhir   = { hosted = true }
"#,
};

/// A server that takes no submissions.
pub static NO_SUBMISSIONS: Code = Code {
    number: 617,
    weight: Warning,
    title: "a partner's server does not say that it takes attachments",
    meaning: "Documents go to a payer as `$submit-attachment`, and its CapabilityStatement does not list \
              that operation. Ask the partner: the operation may be at another base, or be there and not \
              be listed.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://cdex.acme.example/r4" }
"#,
};
