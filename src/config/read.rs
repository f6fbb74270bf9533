//! Turns text into a tree: every key known, every value of its kind, every fault told at once.

pub mod complaints;

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use self::complaints::complain_of_missing;
use self::complaints::is_name;
use self::complaints::quoted_beside_secrets;
use self::complaints::takes_text;
use crate::config::code;
use crate::config::leaf;
use crate::config::quantity::Day;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::shape::Kind;
use crate::config::shape::SECRET;
use crate::config::shape::Section;
use crate::config::source::FileId;
use crate::config::source::Files;
use crate::config::source::Origin;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Table;
use crate::config::tree::Value;
use crate::routing::key::Key as MatchKey;

/// Reads a file that has been taken in as a section, telling `report` what is wrong.
pub fn read(id: FileId, section: &'static Section, files: &mut Files, report: &mut Report) -> Table {
    let text = files.file(id).map(|file| file.text.clone()).unwrap_or_default();
    let (document, errors) = DeTable::parse_recoverable(&text);
    let mut reading = Reading {
        file: id,
        report,
        owner: String::new(),
        secrets: Vec::new(),
    };
    for error in &errors {
        reading.complain_of_syntax(error, &text);
    }
    let table = reading.section(document.get_ref(), section, 0..0);
    let secrets = reading.secrets;
    if let Some(file) = files.file_mut(id) {
        if !errors.is_empty() {
            // What cannot be taken apart may hold a secret in any quotes.
            file.secrets.extend(quoted_beside_secrets(&text));
        }
        file.secrets.extend(secrets);
    }
    table
}

/// The reading of one file.
struct Reading<'a> {
    file: FileId,
    report: &'a mut Report,
    /// The innermost named table, after which the file of a secret would be called.
    owner: String,
    /// Where secrets stand that should not.
    secrets: Vec<Range<usize>>,
}

impl Reading<'_> {
    fn section(&mut self, table: &DeTable<'_>, section: &'static Section, head: Range<usize>) -> Table {
        let origin = self.origin(head);
        let before = self.report.complaints().len();
        let mut written: Vec<_> = table.iter().collect();
        written.sort_by_key(|(name, _)| name.span().start);
        let mut entries = Vec::with_capacity(written.len());
        for (name, value) in written {
            let Some(key) = section.key(name.get_ref()) else {
                self.complain_of_stranger(name.get_ref(), name.span(), section);
                continue;
            };
            if let Some(node) = self.value(&key.kind, key.name, value, name.span()) {
                entries.push(Entry {
                    name: key.name.to_owned(),
                    origin: self.origin(name.span()),
                    node,
                });
            }
        }
        let is_there = |name: &str| table.iter().any(|(written, _)| written.get_ref() == name);
        complain_of_missing(self.report, section, is_there, origin);
        let whole = self.report.complaints().len() == before;
        Table {
            origin,
            entries,
            whole,
        }
    }

    fn value(
        &mut self,
        kind: &'static Kind,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        of_name: Range<usize>,
    ) -> Option<Node> {
        let span = value.span();
        let found = match (kind, value.get_ref()) {
            (Kind::Table(section), DeValue::Table(table)) => self.section(table, section, of_name).into(),
            (Kind::Part(section), DeValue::Table(table)) => self.part(table, section, of_name).into(),
            (Kind::Named(section), DeValue::Table(table)) => self.named(table, section, of_name).into(),
            (Kind::Secret { .. }, DeValue::Table(table)) => self.section(table, &SECRET, of_name).into(),
            (Kind::Several(section), DeValue::Array(elements)) => Value::List(
                elements
                    .iter()
                    .filter_map(|element| self.element(element, section))
                    .collect(),
            ),
            (Kind::Secret { suffix }, DeValue::String(_)) => {
                self.complain_of_secret(span, suffix);
                return None;
            }
            (Kind::Patterns(_) | Kind::Values(_), DeValue::Array(elements)) => {
                self.list(kind, name, elements, &span)?
            }
            (Kind::List(inner), DeValue::Array(elements)) => self.list(inner, name, elements, &span)?,
            (kind, single) => self.single(kind, name, single, &span)?,
        };
        // A table begins where its name stands; a value where it stands itself.
        let origin = match &found {
            Value::Table(table) => table.origin,
            _ => self.origin(span),
        };
        Some(Node { value: found, origin })
    }

    /// A value that is neither a table nor a list.
    fn single(
        &mut self,
        kind: &'static Kind,
        name: &str,
        value: &DeValue<'_>,
        span: &Range<usize>,
    ) -> Option<Value> {
        match (kind, value) {
            (
                Kind::Patterns(MatchKey::Solicited) | Kind::Values(MatchKey::Solicited),
                DeValue::Boolean(flag),
            ) => Some(Value::Text(flag.to_string())),
            (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
            (Kind::Count { least, most }, DeValue::Integer(number)) => {
                let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
                let number = number.filter(|number| (*least..=*most).contains(number));
                if number.is_none() {
                    self.complain_of_count(name, *least, *most, span);
                }
                number.map(Value::Number)
            }
            (Kind::Day, DeValue::Datetime(moment)) if moment.time.is_none() => {
                let date = moment.date?;
                Some(Value::Day(Day {
                    year: date.year,
                    month: date.month,
                    day: date.day,
                }))
            }
            (kind, DeValue::String(text)) if takes_text(kind) => match leaf::judge(kind, text) {
                Ok(()) => Some(Value::Text(text.clone().into_owned())),
                Err(fault) => {
                    self.complain_of_value(fault, span.clone());
                    None
                }
            },
            (kind, other) => {
                self.complain_of_kind(kind, name, other, span);
                None
            }
        }
    }

    fn list(
        &mut self,
        kind: &'static Kind,
        name: &str,
        elements: &[Spanned<DeValue<'_>>],
        span: &Range<usize>,
    ) -> Option<Value> {
        if elements.is_empty() {
            let text = "an empty list says nothing";
            self.report.add(
                Complaint::new(&code::shape::FORM, self.origin(span.clone()), text)
                    .spot("leave the key out instead"),
            );
            return None;
        }
        let nodes = elements.iter().filter_map(|element| {
            let value = self.single(kind, name, element.get_ref(), &element.span())?;
            Some(Node {
                value,
                origin: self.origin(element.span()),
            })
        });
        Some(Value::List(nodes.collect()))
    }

    fn named(&mut self, table: &DeTable<'_>, section: &'static Section, head: Range<usize>) -> Table {
        let mut written: Vec<_> = table.iter().collect();
        written.sort_by_key(|(name, _)| name.span().start);
        let mut entries = Vec::with_capacity(written.len());
        for (name, value) in written {
            let origin = self.origin(name.span());
            if !is_name(name.get_ref()) {
                let text = format!("`{}` cannot be a name", name.get_ref().escape_debug());
                let label = "1 to 64 letters, digits, dots, hyphens and underscores";
                self.report
                    .add(Complaint::new(&code::shape::NAME, origin, text).spot(label));
            }
            let owner = std::mem::replace(&mut self.owner, name.get_ref().clone().into_owned());
            match value.get_ref() {
                DeValue::Table(inner) => {
                    let read = self.section(inner, section, name.span());
                    let node = Node {
                        value: Value::Table(read),
                        origin,
                    };
                    entries.push(Entry {
                        name: name.get_ref().clone().into_owned(),
                        origin,
                        node,
                    });
                }
                other => self.complain_of_kind(&Kind::Table(section), name.get_ref(), other, &value.span()),
            }
            self.owner = owner;
        }
        Table {
            origin: self.origin(head),
            entries,
            whole: true,
        }
    }

    /// A section of which nothing is required.
    fn part(&mut self, table: &DeTable<'_>, section: &'static Section, head: Range<usize>) -> Table {
        let before = self.report.complaints().len();
        let mut read = self.section(table, section, head);
        self.report.drop_since(before, &code::shape::MISSING_KEY);
        self.report.drop_since(before, &code::shape::CHOICE);
        read.whole = self.report.complaints().len() == before;
        read
    }

    fn element(&mut self, element: &Spanned<DeValue<'_>>, section: &'static Section) -> Option<Node> {
        match element.get_ref() {
            DeValue::Table(table) => {
                let read = self.section(table, section, element.span());
                Some(Node {
                    origin: read.origin,
                    value: Value::Table(read),
                })
            }
            other => {
                self.complain_of_kind(&Kind::Table(section), section.name, other, &element.span());
                None
            }
        }
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        Origin::text(self.file, span)
    }
}
