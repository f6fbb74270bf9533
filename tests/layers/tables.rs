//! The layers of the house: who may use whom. A change here is a change of the architecture.

use self::Reach::Everything;
use self::Reach::Only;
use self::World::Closed;
use self::World::Open;

/// A module of `src/`, the modules it may name with `crate::`, and whether it may touch the world.
pub(crate) struct Row {
    pub(crate) module: &'static str,
    pub(crate) may_use: Reach,
    pub(crate) world: World,
}

/// What of the house a row may name.
pub(crate) enum Reach {
    /// These and no others.
    Only(&'static [&'static str]),
    /// For a module: all below it. For a package: all modules above `base`, which names no package.
    Everything,
}

/// What a module may ask of the machine.
#[derive(PartialEq)]
pub(crate) enum World {
    /// Nothing: no files, sockets, threads, environment or clock.
    Closed,
    /// Anything that its work needs.
    Open,
}

const fn row(module: &'static str, world: World, may_use: Reach) -> Row {
    Row {
        module,
        may_use,
        world,
    }
}

/// Low to high: a module uses only those above it in this list, and of those only the ones it names.
pub(crate) const LAYERS: &[Row] = &[
    row("base", Closed, Only(&[])),
    row("x12", Closed, Only(&["base"])),
    row("ccda", Closed, Only(&["base"])),
    row("fhir", Closed, Only(&["base"])),
    row("mapping", Open, Only(&["base", "x12"])),
    row(
        "translate",
        Closed,
        Only(&["base", "x12", "ccda", "fhir", "mapping"]),
    ),
    row("exchange", Closed, Only(&["base"])),
    row("routing", Closed, Only(&["base"])),
    row("ledger", Open, Only(&["base", "exchange"])),
    row("cache", Open, Only(&["base"])),
    row("trust", Open, Only(&["base"])),
    row("upstream", Open, Only(&["base", "trust"])),
    row("observe", Open, Only(&["base"])),
    row("flow", Open, Everything),
    row("edge", Open, Only(&["base", "fhir", "trust", "observe", "flow"])),
    row(
        "console",
        Open,
        Only(&["base", "ledger", "routing", "observe", "flow"]),
    ),
    row("config", Open, Everything),
    row("app", Open, Everything),
];

/// Every direct package of the gateway and the modules that may name it; `base` names none.
pub(crate) const PACKAGES: &[(&str, Reach)] = &[
    ("base64-simd", Only(&["translate", "app"])),
    ("aws-lc-rs", Only(&["ledger", "trust"])),
    ("bytes", Only(&["upstream", "flow", "edge", "console", "app"])),
    ("clap", Only(&["app"])),
    ("csv", Only(&["mapping", "config"])),
    ("encoding_rs", Only(&["ccda"])),
    ("http", Only(&["upstream", "edge", "console", "app"])),
    ("http-body", Only(&["upstream", "edge", "console", "app"])),
    ("http-body-util", Only(&["upstream", "edge", "console", "app"])),
    ("hyper", Only(&["upstream", "edge", "console", "app"])),
    ("hyper-util", Only(&["upstream", "edge", "console", "app"])),
    ("indicatif", Only(&["app"])),
    ("memchr", Everything),
    ("mimalloc", Only(&["app"])),
    ("rusqlite", Only(&["ledger"])),
    ("rustls", Only(&["trust"])),
    ("rustls-native-certs", Only(&["trust"])),
    (
        "serde",
        Only(&[
            "fhir", "mapping", "ledger", "trust", "upstream", "observe", "flow", "edge", "console", "config",
            "app",
        ]),
    ),
    (
        "serde_json",
        Only(&[
            "fhir",
            "mapping",
            "translate",
            "ledger",
            "trust",
            "upstream",
            "observe",
            "flow",
            "edge",
            "console",
            "app",
        ]),
    ),
    ("thiserror", Everything),
    (
        "tokio",
        Only(&[
            "ledger", "trust", "upstream", "observe", "flow", "edge", "console", "app",
        ]),
    ),
    ("tokio-rustls", Only(&["trust"])),
    (
        "tokio-util",
        Only(&["upstream", "flow", "edge", "console", "app"]),
    ),
    ("toml", Only(&["mapping", "config"])),
    ("tower", Only(&["edge", "console", "app"])),
    ("tower-http", Only(&["edge", "console", "app"])),
    ("x12-parser", Only(&["x12", "mapping", "flow", "edge", "app"])),
];

/// Packages that may come with others but not be ours: std has what they give.
pub(crate) const SUPERSEDED: &[&str] = &["async-trait", "lazy_static", "once_cell"];

/// The modules that may look inside `Phi`: the ones that write or compare the message itself.
pub(crate) const DISCLOSERS: &[&str] = &["base", "x12", "ccda", "fhir", "translate", "ledger"];

/// Paths of `std` that reach into the world.
pub(crate) const WORLDLY: &[&str] = &["env", "fs", "net", "process", "thread"];
