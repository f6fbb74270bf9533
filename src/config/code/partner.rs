//! G03: whether the partners are who they seem.

use super::Code;
use super::Weight::Error;
use super::Weight::Warning;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[
    &OWNED_TWICE,
    &NPI,
    &LEADING_ZERO,
    &SAME_NAME,
    &TIN,
    &LOINC,
    &ISA,
    &GUIDE,
    &IDENTIFIER,
    &UNREACHABLE,
    &IDLE,
    &SAME_SENDER,
    &NOT_UNIQUE,
    &RULES,
    &OURSELVES,
];

/// An identifier with two owners.
pub static OWNED_TWICE: Code = Code {
    number: 301,
    weight: Error,
    title: "an identifier is owned twice",
    meaning: "A message is for the partner that owns the payer id, NPI or tax id in it. With two owners nobody could say \
              for whom it is.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }

[partner.acme-west]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://west.acme.example/r4" }
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }

[partner.acme-west]
role      = "payer"
payer-ids = ["60055"]
speaks    = "fhir"
fhir      = { url = "https://west.acme.example/r4" }
"#,
};

/// Not an NPI.
pub static NPI: Code = Code {
    number: 302,
    weight: Error,
    title: "not an NPI",
    meaning: "A National Provider Identifier has ten digits, and the last one follows from the others. If it does not, a \
              digit was mistyped somewhere, not necessarily the last.",
    bad: r#"
[partner.clinic]
role    = "provider"
npi     = ["1234567890"]
speaks  = "fhir"
fhir    = { hosted = true }
"#,
    good: r#"
[partner.clinic]
role    = "provider"
npi     = ["1234567893"]
speaks  = "fhir"
fhir    = { hosted = true }
"#,
};

/// A payer id that a spreadsheet has shortened.
pub static LEADING_ZERO: Code = Code {
    number: 303,
    weight: Error,
    title: "a payer id seems to have lost its leading zeros",
    meaning: "A spreadsheet takes 00520 for the number 520. The id is digits only and shorter than all others, so that has \
              probably happened. Format the column as text and enter the id again; if the id is really that short, say \
              `check = { short-ids = true }` in the directory.",
    bad: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir", fhir = { url = "https://payers.example/r4" } }

# file: directory/payers.csv
name,payer-ids
acme,60054
harbor,00521
oldstone,520
"#,
    good: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir", fhir = { url = "https://payers.example/r4" } }

# file: directory/payers.csv
name,payer-ids
acme,60054
harbor,00521
oldstone,00520
"#,
};

/// Two partners with one name.
pub static SAME_NAME: Code = Code {
    number: 304,
    weight: Error,
    title: "two of them have the same name",
    meaning: "Routes, tests and the console name a partner or door, so a name belongs to one of them, wherever it is \
              written: in the main file, an included file or a row of a directory.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }

[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme,60055,https://west.acme.example/r4
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }

[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme-west,60055,https://west.acme.example/r4
"#,
};

/// Not a tax id.
pub static TIN: Code = Code {
    number: 305,
    weight: Error,
    title: "not a tax id",
    meaning: "A taxpayer identification number has nine digits, with or without the hyphen of an employer's number. Eight \
              digits in a sheet are usually nine whose leading zero was lost.",
    bad: r#"
[partner.clinic]
role    = "provider"
tin     = ["12345678"]
speaks  = "fhir"
fhir    = { hosted = true }
"#,
    good: r#"
[partner.clinic]
role    = "provider"
tin     = ["012345678"]
speaks  = "fhir"
fhir    = { hosted = true }
"#,
};

/// Not a LOINC code.
pub static LOINC: Code = Code {
    number: 306,
    weight: Error,
    title: "not a LOINC code",
    meaning: "A LOINC code is a number, a hyphen and a check digit that follows from the number.",
    bad: r#"
[[route]]
name = "discharge summaries"
when = { message = "275", loinc = "18842-4" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "discharge summaries"
when = { message = "275", loinc = "18842-5" }
to   = "oldstone"
"#,
};

/// Not an interchange id.
pub static ISA: Code = Code {
    number: 307,
    weight: Error,
    title: "not an interchange id",
    meaning: "An interchange id is a qualifier of two characters, a colon and an id of at most 15: ZZ:ACME. The qualifiers \
              in use are 01, 14, 20, 27, 28, 29, 30, 33 and ZZ.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "OLDSTONE" }
deliver   = { folder = "out" }
"#,
    good: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out" }
"#,
};

/// A guide that is not known.
pub static GUIDE: Code = Code {
    number: 308,
    weight: Error,
    title: "a guide that is not known",
    meaning: "A guide is named by its id as it stands in ST03 and GS08, for instance 006020X314. The message lists the \
              nearest one; docs/CONFIG.md has all.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE", guides = ["06020X313", "006020X314"] }
deliver   = { folder = "out" }
"#,
    good: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE", guides = ["006020X313", "006020X314"] }
deliver   = { folder = "out" }
"#,
};

/// A payer id or application id that none can be.
pub static IDENTIFIER: Code = Code {
    number: 309,
    weight: Error,
    title: "not a payer id or application id",
    meaning: "A payer id is 2 to 80 printable characters without blanks; an application id (GS02, GS03) is 2 to 15 \
              printable characters.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520 00521"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out" }
"#,
    good: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520", "00521"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out" }
"#,
};

/// A partner that nothing can be delivered to.
pub static UNREACHABLE: Code = Code {
    number: 310,
    weight: Error,
    title: "nothing says how this partner is reached",
    meaning: "A partner that speaks x12 needs `x12.isa` and a `deliver`; one that speaks fhir needs `fhir.url`, or \
              `fhir.hosted = true` if it reads its Tasks with us.",
    bad: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
"#,
    good: r#"
[partner.acme]
role      = "payer"
payer-ids = ["60054"]
speaks    = "fhir"
fhir      = { url = "https://acme.example/r4" }
"#,
};

/// A partner that plays no part.
pub static IDLE: Code = Code {
    number: 311,
    weight: Warning,
    title: "nothing ever goes to this partner",
    meaning: "It owns no payer id, NPI or tax id, no route leads to it, and no door and no condition names it. It does no \
              harm, and it does nothing.",
    bad: r#"
[partner.spare]
role   = "hub"
speaks = "fhir"
fhir   = { url = "https://spare.example/r4" }
"#,
    good: r#"
[partner.spare]
role   = "hub"
speaks = "fhir"
fhir   = { url = "https://spare.example/r4" }

[[route]]
name = "reviews"
when = { message = "275", attach-to = "preauthorization" }
to   = "spare"
"#,
};

/// Two partners that sign alike.
pub static SAME_SENDER: Code = Code {
    number: 312,
    weight: Error,
    title: "two partners sign their interchanges alike",
    meaning: "The sender of an X12 message is known by its interchange id; partners who share one are told apart by their \
              application id, so theirs must differ.",
    bad: r#"
[partner.north]
role    = "provider"
npi     = ["1234567893"]
speaks  = "x12"
x12     = { isa = "ZZ:SHARED" }
deliver = { folder = "north" }

[partner.south]
role    = "provider"
npi     = ["1999999992"]
speaks  = "x12"
x12     = { isa = "ZZ:SHARED" }
deliver = { folder = "south" }
"#,
    good: r#"
[partner.north]
role    = "provider"
npi     = ["1234567893"]
speaks  = "x12"
x12     = { isa = "ZZ:SHARED", gs = "NORTH" }
deliver = { folder = "north" }

[partner.south]
role    = "provider"
npi     = ["1999999992"]
speaks  = "x12"
x12     = { isa = "ZZ:SHARED", gs = "SOUTH" }
deliver = { folder = "south" }
"#,
};

/// A column whose values were to differ.
pub static NOT_UNIQUE: Code = Code {
    number: 313,
    weight: Error,
    title: "a value stands twice in a column that is to be unique",
    meaning: "The directory asks for it: `check = { unique = [...] }` names columns in which no value stands twice.",
    bad: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }
check    = { unique = ["fhir.url"] }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme,60054,https://acme.example/r4
acme-west,60055,https://acme.example/r4
"#,
    good: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }
check    = { unique = ["fhir.url"] }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme,60054,https://acme.example/r4
acme-west,60055,https://west.acme.example/r4
"#,
};

/// A companion rule that does not fit its partner.
pub static RULES: Code = Code {
    number: 314,
    weight: Error,
    title: "a companion-guide rule that cannot be applied",
    meaning: "`x12.rules` names a small file of what a partner asks beyond the guide. Each [[rule]] names a guide that the \
              partner speaks, and a place in it: a segment, or a segment and an element.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE", rules = "oldstone-rules.toml" }
deliver   = { folder = "out" }

# file: oldstone-rules.toml
[[rule]]
guide  = "006020X314"
at     = "CAT two"
values = ["HL"]
"#,
    good: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE", rules = "oldstone-rules.toml" }
deliver   = { folder = "out" }

# file: oldstone-rules.toml
[[rule]]
guide  = "006020X314"
at     = "CAT02"
values = ["HL"]
"#,
};

/// A partner that signs as we do.
pub static OURSELVES: Code = Code {
    number: 315,
    weight: Error,
    title: "a partner signs its interchanges as we do",
    meaning: "`gateway.isa` is how our own envelopes are signed. A partner with the same id would be taken for us, and we \
              for it.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:EXAMPLE" }
deliver   = { folder = "out" }
"#,
    good: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out" }
"#,
};
