//! G05: whether the examples hold.

use super::Code;
use super::Weight::Error;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[&FAILED, &IMPOSSIBLE, &NOT_A_MESSAGE, &SAME_NAME];

/// An example that does not hold.
pub static FAILED: Code = Code {
    number: 501,
    weight: Error,
    title: "test failed",
    meaning: "A message like the one `given` goes elsewhere than the test expects. Either a change has moved it, or the \
              test is out of date; `cartage explain --test` shows each step.",
    bad: r#"
[[test]]
name   = "Acme's documents go to Oldstone"
given  = { message = "275", payer-id = "60054" }
expect = { to = "oldstone" }
"#,
    good: r#"
[[test]]
name   = "Acme's documents go to Acme"
given  = { message = "275", payer-id = "60054" }
expect = { to = "acme" }
"#,
};

/// An expectation that cannot come true.
pub static IMPOSSIBLE: Code = Code {
    number: 502,
    weight: Error,
    title: "a test expects something that does not exist",
    meaning: "`to` is the name of a partner, and `by` is conversation, addressee, park, or `route: ` and the name of a \
              route.",
    bad: r#"
[[test]]
name   = "the west"
given  = { message = "275", payer-id = "60054" }
expect = { by = "route: the west" }
"#,
    good: r#"
[[test]]
name   = "the west"
given  = { message = "275", payer-id = "60054" }
expect = { by = "addressee" }
"#,
};

/// A sample that is no message.
pub static NOT_A_MESSAGE: Code = Code {
    number: 503,
    weight: Error,
    title: "a test's file holds no message",
    meaning: "The file is neither X12 with a transaction in it nor a FHIR Task or Parameters in JSON, so there is nothing \
              to route.",
    bad: r#"
[[test]]
name   = "a sample"
given  = { file = "sample.edi" }
expect = { to = "acme" }

# file: sample.edi
Dear sir or madam
"#,
    good: r#"
[[test]]
name   = "a sample"
given  = { file = "sample.json" }
expect = { to = "acme" }

# file: sample.json
{"resourceType": "Parameters", "parameter": [{"name": "PayerId", "valueIdentifier": {"value": "60054"}}]}
"#,
};

/// Two tests with one name.
pub static SAME_NAME: Code = Code {
    number: 504,
    weight: Error,
    title: "two tests have the same name",
    meaning: "`cartage explain --test` finds a test by its name, so a name belongs to one test.",
    bad: r#"
[[test]]
name   = "a sample"
given  = { message = "275", payer-id = "60054" }
expect = { to = "acme" }

[[test]]
name   = "a sample"
given  = { message = "275", payer-id = "00520" }
expect = { to = "oldstone" }
"#,
    good: r#"
[[test]]
name   = "a sample for Acme"
given  = { message = "275", payer-id = "60054" }
expect = { to = "acme" }

[[test]]
name   = "a sample for Oldstone"
given  = { message = "275", payer-id = "00520" }
expect = { to = "oldstone" }
"#,
};
