//! G01: whether the text is a configuration at all.

use super::Code;
use super::Weight::Error;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[
    &UNKNOWN_KEY,
    &SYNTAX,
    &MISSING_KEY,
    &WRONG_TYPE,
    &WORD,
    &TWICE,
    &QUANTITY,
    &FORM,
    &CONFIG_VERSION,
    &UNREADABLE,
    &MAIN_ONLY,
    &SHEET,
    &CHOICE,
    &NAME,
    &NOT_HERE,
];

/// A key that nothing reads.
pub static UNKNOWN_KEY: Code = Code {
    number: 101,
    weight: Error,
    title: "unknown key",
    meaning: "A key that nothing reads is a misspelt one, so it is never skipped. `cartage show` and docs/CONFIG.md have \
              all keys; in a sheet, a heading is a key and a dot leads into a table.",
    bad: r#"
[[route]]
name = "the west"
when = { message = "275", payer-ids = "W*" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// Text that is not TOML.
pub static SYNTAX: Code = Code {
    number: 102,
    weight: Error,
    title: "this is not TOML",
    meaning: "The text cannot be taken apart here: a quote, a bracket or an equals sign is missing or too many. What can \
              be read of the rest is checked all the same. Names of tables stand in [brackets], texts in \"quotes\".",
    bad: r#"
[[route]]
name = "the west
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// A key that must be there.
pub static MISSING_KEY: Code = Code {
    number: 103,
    weight: Error,
    title: "a key is missing",
    meaning: "The table cannot do without this key. The place is the head of the table, or the row of the sheet.",
    bad: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
"#,
};

/// A value of another kind.
pub static WRONG_TYPE: Code = Code {
    number: 104,
    weight: Error,
    title: "a value of the wrong kind",
    meaning: "The key wants a text and there is a number, or a table and there is a list. Identifiers are texts, because a \
              number loses its leading zeros.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = [520]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
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

/// A word that is none of the few that fit.
pub static WORD: Code = Code {
    number: 105,
    weight: Error,
    title: "not one of the words that fit here",
    meaning: "The key has a few values, and this is none of them. The message lists them.",
    bad: r#"
[[route]]
name = "documents"
when = { message = "276" }
to   = "oldstone"
"#,
    good: r#"
[[route]]
name = "documents"
when = { message = "275" }
to   = "oldstone"
"#,
};

/// A key that stands twice.
pub static TWICE: Code = Code {
    number: 106,
    weight: Error,
    title: "this stands twice",
    meaning: "A key or a table is given twice in one file, so one of the two would be lost. Two tables of one name become \
              one by moving their keys together.",
    bad: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "oldstone"
to   = "acme"
"#,
    good: r#"
[[route]]
name = "the west"
when = { message = "275", payer-id = "W*" }
to   = "acme"
"#,
};

/// A time or a size without its unit.
pub static QUANTITY: Code = Code {
    number: 107,
    weight: Error,
    title: "a time or size that cannot be read",
    meaning: "A time is a whole number and one of ms, s, m, h, d; a size is a whole number and one of B, KiB, MiB, GiB. \
              Units are written out because nobody remembers whether a bare 30 was seconds.",
    bad: r#"
[cache]
default-ttl = "60"
"#,
    good: r#"
[cache]
default-ttl = "60s"
"#,
};

/// A text that has not the form it needs.
pub static FORM: Code = Code {
    number: 108,
    weight: Error,
    title: "a text that has not the form it needs",
    meaning: "A web address starts with https:// or http:// and has a host; a network address is an IP address, a colon \
              and a port; a day is written 2026-12-31 without quotes; a number has its bounds; a list and a text are not empty.",
    bad: r#"
[observe]
metrics = "localhost"
"#,
    good: r#"
[observe]
metrics = "127.0.0.1:9464"
"#,
};

/// A configuration of another age.
pub static CONFIG_VERSION: Code = Code {
    number: 109,
    weight: Error,
    title: "a configuration version that is not known",
    meaning: "`config-version` rises when a key changes its meaning. This program reads version 1; a newer file needs a \
              newer program.",
    bad: r#"
config-version = 2

[gateway]
name       = "Example"
public-url = "https://gateway.example"
data-dir   = "data"
isa        = "ZZ:EXAMPLE"
usage      = "T"
"#,
    good: r#"
config-version = 1

[gateway]
name       = "Example"
public-url = "https://gateway.example"
data-dir   = "data"
isa        = "ZZ:EXAMPLE"
usage      = "T"
"#,
};

/// A file that cannot be read.
pub static UNREADABLE: Code = Code {
    number: 110,
    weight: Error,
    title: "a file cannot be read",
    meaning: "A file that the configuration names does not exist, may not be read, or is not text; or no file matches a \
              pattern of `include`. Names are relative to the folder of the main file.",
    bad: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer" }
"#,
    good: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme,60054,https://acme.example/r4
"#,
};

/// Something that only the main file may say.
pub static MAIN_ONLY: Code = Code {
    number: 111,
    weight: Error,
    title: "this belongs into the main file",
    meaning: "An included file holds doors, partners, directories, routes and tests. What there is once for the whole \
              gateway stands in the main file, so that one knows where to look.",
    bad: r#"
config-version = 1
include = ["more.toml"]

[gateway]
name       = "Example"
public-url = "https://gateway.example"
data-dir   = "data"
isa        = "ZZ:EXAMPLE"
usage      = "T"

# file: more.toml
[cache]
default-ttl = "60s"
"#,
    good: r#"
config-version = 1

[gateway]
name       = "Example"
public-url = "https://gateway.example"
data-dir   = "data"
isa        = "ZZ:EXAMPLE"
usage      = "T"

[cache]
default-ttl = "60s"
"#,
};

/// A row that does not fit its headings.
pub static SHEET: Code = Code {
    number: 112,
    weight: Error,
    title: "a row does not fit the headings of its sheet",
    meaning: "The first row of a sheet names the columns, and every other row has as many cells. A cell with a comma in it \
              stands in quotes; several values in one cell are set apart by semicolons.",
    bad: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme,60054,00520,https://acme.example/r4
"#,
    good: r#"
[directory.payers]
file     = "directory/payers.csv"
defaults = { role = "payer", speaks = "fhir" }

# file: directory/payers.csv
name,payer-ids,fhir.url
acme,60054;00520,https://acme.example/r4
"#,
};

/// Not exactly one of several keys.
pub static CHOICE: Code = Code {
    number: 113,
    weight: Error,
    title: "exactly one of several keys is wanted",
    meaning: "These keys say the same thing in different ways, so there must be one of them and no second one.",
    bad: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out", core = "https://oldstone.example/core" }
"#,
    good: r#"
[partner.oldstone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { core = "https://oldstone.example/core" }
"#,
};

/// A name with characters that names do not have.
pub static NAME: Code = Code {
    number: 114,
    weight: Error,
    title: "not a name for a partner, door or directory",
    meaning: "Such names appear in commands, addresses and metrics, so they are 1 to 64 letters, digits, dots, hyphens and \
              underscores.",
    bad: r#"
[partner."Old Stone"]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out" }
"#,
    good: r#"
[partner.old-stone]
role      = "payer"
payer-ids = ["00520"]
speaks    = "x12"
x12       = { isa = "ZZ:OLDSTONE" }
deliver   = { folder = "out" }
"#,
};

/// A key that is known and has no meaning in this place.
pub static NOT_HERE: Code = Code {
    number: 115,
    weight: Error,
    title: "a key that says nothing here",
    meaning: "The key is known, but next to the others it has no meaning: a folder has no address, a network door no \
              path. One of the two was meant otherwise.",
    bad: r#"
[listen.legacy]
kind    = "folder"
path    = "in"
address = "127.0.0.1:8443"
"#,
    good: r#"
[listen.legacy]
kind    = "folder"
path    = "in"
"#,
};
