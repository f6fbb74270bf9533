//! Turns the tree into plain settings. Whatever was refused in reading is left out, so that the rest can be checked.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::document::Document;
use crate::config::quantity;
use crate::config::quantity::Url;
use crate::config::report::Report;
use crate::config::settings::Agreement;
use crate::config::settings::Cache;
use crate::config::settings::Console;
use crate::config::settings::Door;
use crate::config::settings::Gateway;
use crate::config::settings::Ledger;
use crate::config::settings::Observe;
use crate::config::settings::Secret;
use crate::config::settings::Settings;
use crate::config::settings::SignIn;
use crate::config::settings::Usage;
use crate::config::shape::Kind;
use crate::config::shape::Need;
use crate::config::shape::Section;
use crate::config::shape::gateway::CACHE;
use crate::config::shape::gateway::CONSOLE;
use crate::config::shape::gateway::GATEWAY;
use crate::config::shape::gateway::LEDGER;
use crate::config::shape::gateway::OBSERVE;
use crate::config::tree::Table;
use crate::routing::table::Park;
use crate::routing::table::Settings as RoutingSettings;
use crate::routing::value::IsaId;

mod companion;
mod door;
mod partner;
mod route;

/// What could be made of a configuration, whole or not.
#[derive(Debug)]
pub struct Lowered {
    /// The gateway itself, unless something of it is missing.
    pub gateway: Option<Gateway>,
    /// The doors that are whole.
    pub doors: Vec<Door>,
    /// All partners; what was refused of one is missing in it.
    pub partners: Vec<Agreement>,
    /// Partners and routes.
    pub routing: RoutingSettings,
    /// The places of the routes, at the same positions.
    pub routes: Vec<RoutePlace>,
    /// The cache.
    pub cache: Option<Cache>,
    /// What is kept.
    pub ledger: Ledger,
    /// The console.
    pub console: Option<Console>,
    /// Metrics, audit and log.
    pub observe: Observe,
}

pub use self::route::RoutePlace;

impl Lowered {
    /// Lowers the whole tree.
    pub fn of(document: &Document, report: &mut Report) -> Self {
        let tree = &document.tree;
        let (partners, of_routing) = partner::all(document, report);
        let (routes, places) = route::all(tree, &of_routing);
        let park = tree.table("gateway").and_then(|gateway| gateway.text("park"));
        let park = if park == Some("reject") {
            Park::Reject
        } else {
            Park::Hold
        };
        Self {
            gateway: tree.table("gateway").and_then(gateway),
            doors: tree
                .named("listen")
                .filter_map(|(entry, table)| door::one(&entry.name, table))
                .collect(),
            partners,
            routing: RoutingSettings {
                partners: of_routing,
                routes,
                park,
            },
            routes: places,
            cache: tree.table("cache").map(cache),
            ledger: ledger(tree.table("ledger")),
            console: tree.table("console").and_then(console),
            observe: observe(tree.table("observe")),
        }
    }

    /// The settings of a whole configuration; nothing if the gateway's own are missing.
    pub fn settings(&self) -> Option<Settings> {
        Some(Settings {
            gateway: self.gateway.clone()?,
            doors: self.doors.clone(),
            partners: self.partners.clone(),
            routing: self.routing.clone(),
            cache: self.cache.clone(),
            ledger: self.ledger,
            console: self.console.clone(),
            observe: self.observe.clone(),
        })
    }
}

fn gateway(table: &Table) -> Option<Gateway> {
    let look = Look::at(Some(table), &GATEWAY);
    let isa = IsaId::parse(look.text("isa")?).ok()?;
    Some(Gateway {
        name: look.string("name")?,
        public_url: look.url("public-url")?,
        data_dir: look.path("data-dir")?,
        gs: look.string("gs").unwrap_or_else(|| isa.id().to_owned()),
        isa,
        usage: if look.text("usage")? == "P" {
            Usage::Production
        } else {
            Usage::Test
        },
        watches_files: look.text("reload") == Some("watch"),
        mappings_dir: look.path("mappings-dir"),
    })
}

fn cache(table: &Table) -> Cache {
    let look = Look::at(Some(table), &CACHE);
    Cache {
        memory: look.size("memory").unwrap_or_default(),
        default_ttl: look.duration("default-ttl").unwrap_or_default(),
        never: look.strings("never"),
    }
}

fn ledger(table: Option<&Table>) -> Ledger {
    let look = Look::at(table, &LEDGER);
    Ledger {
        keep: look.duration("keep").unwrap_or_default(),
        max_size: look.size("max-size"),
    }
}

fn console(table: &Table) -> Option<Console> {
    let look = Look::at(Some(table), &CONSOLE);
    let sign_in = table.table("sign-in").and_then(|table| {
        if let Some(token) = table.table("token") {
            return secret(token).map(SignIn::Token);
        }
        let oidc = table.table("oidc")?;
        Some(SignIn::Oidc {
            issuer: Url::parse(oidc.text("issuer")?).ok()?,
            client_id: oidc.text("client-id")?.to_owned(),
            groups: texts(oidc, "groups"),
        })
    });
    Some(Console {
        address: look.address("address")?,
        sign_in,
    })
}

fn observe(table: Option<&Table>) -> Observe {
    let look = Look::at(table, &OBSERVE);
    Observe {
        metrics: look.address("metrics"),
        audit: table
            .and_then(|table| table.find_path("audit.file")?.text())
            .map(PathBuf::from),
        log: look.string("log").unwrap_or_default(),
    }
}

/// Where a secret is kept.
fn secret(table: &Table) -> Option<Secret> {
    match (table.text("file"), table.text("env")) {
        (Some(file), _) => Some(Secret::File(PathBuf::from(file))),
        (None, Some(name)) => Some(Secret::Variable(name.to_owned())),
        (None, None) => None,
    }
}

/// The texts in the list of a name.
fn texts(table: &Table, name: &str) -> Vec<String> {
    table
        .each(name)
        .iter()
        .filter_map(|node| node.text().map(str::to_owned))
        .collect()
}

/// A table seen through its section: what is not said there is what the section says by default.
#[derive(Clone, Copy)]
struct Look<'a> {
    table: Option<&'a Table>,
    section: &'static Section,
}

impl<'a> Look<'a> {
    const fn at(table: Option<&'a Table>, section: &'static Section) -> Self {
        Self { table, section }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.table
            .and_then(|table| table.text(name))
            .or_else(|| self.default(name))
    }

    fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    fn flag(&self, name: &str) -> bool {
        let said = self.table.and_then(|table| table.flag(name));
        said.unwrap_or_else(|| self.default(name) == Some("true"))
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.table
            .and_then(|table| table.number(name))
            .or_else(|| self.default(name)?.parse().ok())
    }

    fn duration(&self, name: &str) -> Option<Duration> {
        self.text(name).and_then(quantity::duration)
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.text(name).and_then(quantity::size)
    }

    fn url(&self, name: &str) -> Option<Url> {
        self.text(name).and_then(|text| Url::parse(text).ok())
    }

    fn address(&self, name: &str) -> Option<SocketAddr> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    fn strings(&self, name: &str) -> Vec<String> {
        match self.table {
            Some(table) if table.find(name).is_some() => texts(table, name),
            _ => default_list(self.default(name).unwrap_or_default()),
        }
    }

    fn default(&self, name: &str) -> Option<&'static str> {
        match self.section.key(name)?.need {
            Need::Default(text) => Some(text),
            Need::Required | Need::Optional => None,
        }
    }
}

/// The texts of a list as a section writes it: `["one", "two"]`.
fn default_list(written: &str) -> Vec<String> {
    written.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a section's defaults are what its keys can be; for the tests of the sections.
pub fn default_is_sound(kind: &Kind, default: &str) -> bool {
    match kind {
        Kind::Flag => matches!(default, "true" | "false"),
        Kind::Count { least, most } => default
            .parse()
            .is_ok_and(|number| (*least..=*most).contains(&number)),
        Kind::List(inner) => default_list(default)
            .iter()
            .all(|text| crate::config::leaf::judge(inner, text).is_ok()),
        kind => crate::config::leaf::judge(kind, default).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_the_sections_write_it() {
        assert_eq!(
            default_list("[\"Binary\", \"AuditEvent\"]"),
            ["Binary", "AuditEvent"]
        );
        assert!(default_list("[]").is_empty());
    }
}
