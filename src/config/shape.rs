//! Which keys there are, said once: reading, the canonical form, the JSON Schema and the documentation follow this.

use crate::routing::key::Key as MatchKey;

pub mod door;
pub mod gateway;
pub mod partner;
pub mod route;

/// A table of the configuration and the keys that it may have.
#[derive(Debug)]
pub struct Section {
    /// What it is called in the documentation.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What is said of a key that it does not have.
    pub stranger: &'static str,
    /// Its keys, in the order in which they are documented and shown.
    pub keys: &'static [Key],
    /// Sets of keys of which there must be exactly one.
    pub choices: &'static [&'static [&'static str]],
    /// Whether its defaults are in force even where the table is left out.
    pub always: bool,
}

/// A key of a section.
#[derive(Debug)]
pub struct Key {
    /// What it is called.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether it must be there.
    pub need: Need,
    /// What it says.
    pub about: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// It must.
    Required,
    /// It may be left out, and then says nothing.
    Optional,
    /// It may be left out, and then says this.
    Default(&'static str),
}

/// What a value is.
#[derive(Debug)]
pub enum Kind {
    /// Any text that is not empty.
    Text,
    /// The name of a partner or door, or a start of it in terms.
    Name,
    /// One of these words.
    Word(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A whole number within bounds.
    Count {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A number of bytes with its unit.
    Size,
    /// A time with its unit.
    Duration,
    /// A day.
    Day,
    /// A web address.
    Url,
    /// An IP address and a port.
    Address,
    /// The name of a file or folder.
    Path,
    /// A secret kept elsewhere.
    Secret {
        /// How the file of such a secret usually ends.
        suffix: &'static str,
    },
    /// An interchange id.
    Isa,
    /// An application id.
    ApplicationId,
    /// The id of a guide.
    Guide,
    /// A payer id.
    PayerId,
    /// A National Provider Identifier.
    Npi,
    /// A tax id.
    Tin,
    /// What a condition compares with: one pattern or several.
    Patterns(MatchKey),
    /// What a made-up message says: one value or several.
    Values(MatchKey),
    /// The codes of findings.
    FindingCode,
    /// A list of such values.
    List(&'static Self),
    /// A table.
    Table(&'static Section),
    /// A table of which nothing is required, because it completes others.
    Part(&'static Section),
    /// Tables by name.
    Named(&'static Section),
    /// A list of tables.
    Several(&'static Section),
}

impl Section {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The key at the end of a dotted path, such as `fhir.url`.
    pub fn leaf(&self, path: &str) -> Option<&'static Key> {
        match path.split_once('.') {
            None => self.key(path).filter(|key| !key.kind.is_table()),
            Some((first, rest)) => match self.key(first)?.kind {
                Kind::Table(section) | Kind::Part(section) => section.leaf(rest),
                Kind::Secret { .. } => SECRET.leaf(rest),
                _ => None,
            },
        }
    }

    /// The dotted paths of all values in it.
    pub fn leaves(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for key in self.keys {
            let inner = match key.kind {
                Kind::Table(section) | Kind::Part(section) => section.leaves(),
                Kind::Secret { .. } => SECRET.leaves(),
                _ => {
                    paths.push(key.name.to_owned());
                    continue;
                }
            };
            paths.extend(inner.into_iter().map(|path| format!("{}.{path}", key.name)));
        }
        paths
    }
}

impl Kind {
    /// Whether a value of it is a table, or holds tables.
    pub const fn is_table(&self) -> bool {
        matches!(
            self,
            Self::Table(_) | Self::Part(_) | Self::Named(_) | Self::Several(_) | Self::Secret { .. }
        )
    }

    /// What a person calls it, after "an" or "a" where it needs one.
    pub const fn spoken(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Name => "a name",
            Self::Word(_) => "a word",
            Self::Count { .. } => "a whole number",
            Self::Size => "a size such as \"25MiB\"",
            Self::Duration => "a time such as \"30s\"",
            Self::Day => "a day such as 2026-12-31, without quotes",
            Self::Url => "a web address",
            Self::Address => "an address and port such as \"127.0.0.1:8443\"",
            Self::Path => "a file or folder",
            Self::Secret { .. } => "{ file = \"…\" } or { env = \"…\" }",
            Self::Isa => "an interchange id such as \"ZZ:ACME\"",
            Self::ApplicationId => "an application id",
            Self::Guide => "the id of a guide",
            Self::PayerId => "a payer id in quotes",
            Self::Npi => "an NPI in quotes",
            Self::Tin => "a tax id in quotes",
            Self::Flag | Self::Patterns(MatchKey::Solicited) | Self::Values(MatchKey::Solicited) => {
                "true or false"
            }
            Self::Patterns(_) | Self::Values(_) => "a text or a list of texts",
            Self::FindingCode => "the code of a finding",
            Self::List(_) => "a list",
            Self::Table(_) | Self::Part(_) => "a table",
            Self::Named(_) => "tables by name",
            Self::Several(_) => "a list of tables",
        }
    }
}

/// Where a secret is kept.
pub static SECRET: Section = Section {
    name: "secret",
    about: "Where a secret is kept; it is never written in the file.",
    stranger: "not where a secret can be kept",
    keys: &[
        optional(
            "file",
            Kind::Path,
            "the file that holds it; nobody but the gateway's user may read it",
        ),
        optional("env", Kind::Text, "the variable of the environment that holds it"),
    ],
    choices: &[&["file", "env"]],
    always: false,
};

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        name,
        kind,
        need: Need::Required,
        about,
    }
}

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        name,
        kind,
        need: Need::Optional,
        about,
    }
}

const fn with_default(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Key {
    Key {
        name,
        kind,
        need: Need::Default(default),
        about,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_path_leads_to_a_value() {
        let section = &partner::PARTNER;
        assert!(section.leaf("fhir.url").is_some() && section.leaf("payer-ids").is_some());
        assert!(section.leaf("auth.bearer.file").is_some());
        assert!(section.leaf("fhir").is_none() && section.leaf("fhir.nothing").is_none());
        assert!(section.leaves().iter().all(|path| section.leaf(path).is_some()));
    }

    fn every_section(section: &'static Section, visit: &mut dyn FnMut(&'static Section)) {
        visit(section);
        for key in section.keys {
            if let Kind::Table(inner) | Kind::Part(inner) | Kind::Named(inner) | Kind::Several(inner) =
                key.kind
            {
                every_section(inner, visit);
            }
        }
    }

    #[test]
    fn names_are_in_kebab_case_and_choices_are_keys() {
        every_section(&gateway::ROOT, &mut |section| {
            for key in section.keys {
                let kebab = key
                    .name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
                assert!(
                    kebab && !key.about.ends_with('.') && !key.about.is_empty(),
                    "{}",
                    key.name
                );
            }
            for key in section.keys {
                if let Need::Default(default) = key.need {
                    assert!(
                        crate::config::lower::default_is_sound(&key.kind, default),
                        "{}",
                        key.name
                    );
                }
            }
            let choices = section.choices.iter().copied().flatten();
            assert!(
                choices.into_iter().all(|name| section.key(name).is_some()),
                "{}",
                section.name
            );
        });
    }
}
