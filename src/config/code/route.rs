//! G02: whether the routes do what they say.

use super::Code;
use super::Weight::Error;
use super::Weight::Warning;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[
    &NO_SUCH_PARTNER,
    &NO_SUCH_NAME,
    &PATTERN,
    &SHADOWED,
    &CONTRADICTION,
    &EXPIRED,
    &CANNOT_SEND,
    &SAME_NAME,
    &EMPTY_UNLESS,
    &OVERLAP,
    &NEVER_SAID,
];

/// A route to nobody.
pub static NO_SUCH_PARTNER: Code = Code {
    number: 201,
    weight: Error,
    title: "this route leads to a partner that does not exist",
    meaning: "`to` is the name of a partner: of a `[partner.NAME]`, or of a row in a directory.",
    bad: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldston"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// A condition on a partner or door that does not exist.
pub static NO_SUCH_NAME: Code = Code {
    number: 202,
    weight: Error,
    title: "no partner or door has this name",
    meaning: "`from` is the name of a partner and `listener` the name of a door, in a condition as in a `[listen.NAME]`. \
              No message would ever come from a name that does not exist.",
    bad: r#"
[[route]]
name = "from acme"
when = { message = "275", from = "acmee" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "from acme"
when = { message = "275", from = "acme" }
to   = "oldstone"
"#,
};

/// A star where none can be.
pub static PATTERN: Code = Code {
    number: 203,
    weight: Error,
    title: "a star stands at the end of a value or not at all",
    meaning: "A value is compared whole, or by its start if it ends in a star; there are no other patterns. Where a key \
              has a few values only, they are listed; a tax id is private and compared whole.",
    bad: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "*W" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// A route below others that take all its messages.
pub static SHADOWED: Code = Code {
    number: 204,
    weight: Error,
    title: "this route can never be reached",
    meaning: "The first route whose terms hold takes a message, and routes above this one take every message that it \
              matches. That is proven, not guessed: there is no message that would reach it. Move it up, or except it above.",
    bad: r#"
[[route]]
name = "the west's payers"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"

[[route]]
name = "west payer W0042 over FHIR"
when = { message = "275", payer-id = "W0042" }
to   = "acme"
"#,
    good: r#"
[[route]]
name = "west payer W0042 over FHIR"
when = { message = "275", payer-id = "W0042" }
to   = "acme"

[[route]]
name = "the west's payers"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// Terms that nothing can meet.
pub static CONTRADICTION: Code = Code {
    number: 205,
    weight: Error,
    title: "no message can match this route",
    meaning: "Its own terms contradict each other: `unless` excepts all that `when` asks for, or `loinc` and `all-loinc` \
              have nothing in common.",
    bad: r#"
[[route]]
name   = "documents"
when   = { message = "275", payer-id = "W0042" }
unless = { payer-id = "W*" }
to     = "oldstone"
"#,
    good: r#"
[[route]]
name   = "documents"
when   = { message = "275", payer-id = "W*" }
unless = { payer-id = "W0042" }
to     = "oldstone"
"#,
};

/// A route past its day.
pub static EXPIRED: Code = Code {
    number: 206,
    weight: Warning,
    title: "this route has outlived its `until`",
    meaning: "`until` is the last day on which the route was meant to be needed. Nothing switches itself off: the route \
              still holds, and this warning stays until it is removed or its day is moved.",
    bad: r#"
[[route]]
name  = "moving house"
when  = { message = "275", isa-sender = "ZZ:OLDSITE" }
to    = "oldstone"
until = 2020-12-31
"#,
    good: r#"
[[route]]
name  = "moving house"
when  = { message = "275", isa-sender = "ZZ:OLDSITE" }
to    = "oldstone"
until = 9999-12-31
"#,
};

/// A route to a partner that cannot be sent such messages.
pub static CANNOT_SEND: Code = Code {
    number: 207,
    weight: Error,
    title: "this partner cannot be sent what the route sends it",
    meaning: "What leaves follows from what the partner speaks: a request reaches a FHIR partner as a Task, which it must \
              take; a query needs a partner that answers queries; an X12 partner needs a guide for the message.",
    bad: r#"
[[route]]
name = "requests"
when = { message = "277" }
to   = "acme"
"#,
    good: r#"
[[route]]
name = "requests"
when = { message = "277" }
to   = "clinic"
"#,
};

/// Two routes with one name.
pub static SAME_NAME: Code = Code {
    number: 208,
    weight: Error,
    title: "two routes have the same name",
    meaning: "Decisions, tests and the console name a route, so a name belongs to one route.",
    bad: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"

[[route]]
name = "the west"
when = { message = "275", payer-id = "X*" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = ["W*", "X*"] }
to   = "oldstone"
"#,
};

/// An exception without terms.
pub static EMPTY_UNLESS: Code = Code {
    number: 209,
    weight: Error,
    title: "`unless` without any condition",
    meaning: "Terms without a condition hold for every message, so this would except all of them. Leave `unless` out, or \
              say what is excepted.",
    bad: r#"
[[route]]
name   = "the west"
when   = { message = "275", payer-id = "W*" }
unless = {}
to     = "oldstone"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// Two routes that cross.
pub static OVERLAP: Code = Code {
    number: 210,
    weight: Warning,
    title: "two routes overlap; order decides",
    meaning: "Some messages match both routes, each also matches some that the other does not, and they lead to different \
              partners. Whoever changes the order changes where those messages go. A [[test]] with such a message says which \
              is meant and ends the warning, for this pair and for others that look at the same keys.",
    bad: r#"
[[route]]
name = "discharge summaries"
when = { message = "275", loinc = "18842-5" }
to   = "acme"

[[route]]
name = "one tax id"
when = { message = "275", tin = "987654321" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "discharge summaries"
when = { message = "275", loinc = "18842-5" }
to   = "acme"

[[route]]
name = "one tax id"
when = { message = "275", tin = "987654321" }
to   = "oldstone"

[[test]]
name   = "a discharge summary stays one, whoever sent it"
given  = { message = "275", loinc = "18842-5", tin = "987654321" }
expect = { to = "acme" }
"#,
};

/// A condition on something that such messages never say.
pub static NEVER_SAID: Code = Code {
    number: 211,
    weight: Warning,
    title: "messages of this kind never say that",
    meaning: "A FHIR message has no interchange sender, a query no payer, a request is not solicited: the condition never \
              holds for the kinds of message in the same terms. The table of keys in docs/CONFIG.md has who says what.",
    bad: r#"
[[route]]
name = "old site"
when = { message = "submit-attachment", isa-sender = "ZZ:OLDSITE" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "old site"
when = { message = "275", isa-sender = "ZZ:OLDSITE" }
to   = "oldstone"
"#,
};
