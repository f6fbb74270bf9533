//! G07: whether a running gateway can take the configuration up.

use super::Code;
use super::Weight::Error;

/// All codes of this hundred, by number.
pub const ALL: &[&Code] = &[&NEEDS_RESTART, &NO_GENERATION, &OPEN_EXCHANGES];

/// A change that a running gateway cannot make.
pub static NEEDS_RESTART: Code = Code {
    number: 701,
    weight: Error,
    title: "this change needs a restart",
    meaning: "`data-dir`, `isa`, `mappings-dir`, `reload` and the tables `ledger` and `observe` are what a running gateway \
              has built on: it cannot put them under itself. Stop it, and start it with the new configuration.",
    bad: r#"
[gateway]
data-dir = "/var/lib/elsewhere"   # and then: cartage reload
"#,
    good: r#"
[gateway]
data-dir = "/var/lib/elsewhere"   # and then: stop the gateway, move the folder, start it
"#,
};

/// A generation that is not kept.
pub static NO_GENERATION: Code = Code {
    number: 702,
    weight: Error,
    title: "no such generation is kept",
    meaning: "The last 20 generations are kept under `generations` in the data directory. An older one comes back from \
              version control.",
    bad: "cartage reload --generation 7      # of 41, long gone\n",
    good: "cartage reload --generation 40\n",
};

/// A partner that somebody still waits for.
pub static OPEN_EXCHANGES: Code = Code {
    number: 703,
    weight: Error,
    title: "a partner with open exchanges would be removed",
    meaning: "Somebody still waits for an answer to or from this partner, and the answer would be parked. Let it drain \
              with `--retire NAME`, which keeps the partner for what is open and gives it nothing new.",
    bad: "cartage reload                     # the new configuration has no partner acme any more\n",
    good: "cartage reload --retire acme\n",
};
