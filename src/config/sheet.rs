//! Sheets of partners: each row becomes a partner, a column's heading is the key that it sets.

use std::collections::HashMap;

use csv::ReaderBuilder;
use csv::StringRecord;
use csv::Trim;

use crate::config::code;
use crate::config::leaf;
use crate::config::read::complaints::advice;
use crate::config::read::complaints::complain_of_missing;
use crate::config::read::complaints::is_name;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::shape::Kind;
use crate::config::shape::Section;
use crate::config::shape::partner::PARTNER;
use crate::config::source::FileId;
use crate::config::source::Files;
use crate::config::source::Origin;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Table;
use crate::config::tree::Value;

/// Reads the partners of a sheet that has been taken in; `directory` is the table that names it.
pub fn read(id: FileId, directory: &Table, files: &mut Files, report: &mut Report) -> Vec<Entry> {
    let text = files.file(id).map(|file| file.text.clone()).unwrap_or_default();
    // Spreadsheets like to begin with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = reader.records().filter_map(Result::ok);
    let headings: Vec<String> = rows
        .next()
        .map(|row| row.iter().map(str::to_owned).collect())
        .unwrap_or_default();
    if let Some(file) = files.file_mut(id) {
        file.headings.clone_from(&headings);
    }
    let columns = columns(&headings, id, report);
    let Some(name_column) = headings.iter().position(|heading| heading == "name") else {
        let complaint = Complaint::new(
            &code::shape::MISSING_KEY,
            Origin::cell(id, 1, None),
            "the sheet has no column `name`",
        );
        let one_cell = matches!(headings.as_slice(), [only] if only.contains(';'));
        report.add(if one_cell {
            complaint.help("the columns are set apart by semicolons; save the sheet with commas")
        } else {
            complaint
                .help("the first row names the columns; the column `name` holds the names of the partners")
        });
        return Vec::new();
    };
    let mut sheet = Sheet {
        id,
        name_column,
        columns,
        defaults: directory.table("defaults"),
        report,
    };
    let partners: Vec<Entry> = rows.filter_map(|row| sheet.partner(&row)).collect();
    let unique = directory
        .table("check")
        .map(|check| check.each("unique"))
        .unwrap_or_default();
    for wanted in unique {
        complain_of_repeats(wanted, &headings, &partners, report);
    }
    partners
}

/// What the reading of a row needs.
struct Sheet<'a> {
    id: FileId,
    name_column: usize,
    columns: Vec<Option<(String, &'static Kind)>>,
    defaults: Option<&'a Table>,
    report: &'a mut Report,
}

/// The key that each column sets; nothing for the column `name` and for headings that are no keys.
fn columns(headings: &[String], id: FileId, report: &mut Report) -> Vec<Option<(String, &'static Kind)>> {
    let mut columns: Vec<Option<(String, &'static Kind)>> = Vec::new();
    for (position, heading) in (0_u16..).zip(headings) {
        let origin = Origin::cell(id, 1, Some(position));
        let earlier = headings.iter().take(usize::from(position));
        if earlier.into_iter().any(|earlier| earlier == heading) {
            report.add(Complaint::new(
                &code::shape::SHEET,
                origin,
                format!("two columns are headed `{heading}`"),
            ));
            columns.push(None);
            continue;
        }
        let key = PARTNER.leaf(heading);
        if key.is_none() && heading != "name" {
            let complaint = Complaint::new(
                &code::shape::UNKNOWN_KEY,
                origin,
                format!("unknown key `{heading}`"),
            );
            report.add(match advice_for_heading(heading) {
                Some(help) => complaint.help(help),
                None => complaint.help("a heading is a key of a partner, with a dot into a table: fhir.url"),
            });
        }
        columns.push(key.map(|key| (heading.clone(), &key.kind)));
    }
    columns
}

fn advice_for_heading(heading: &str) -> Option<String> {
    let leaves = PARTNER.leaves();
    let near = crate::config::similar::did_you_mean(heading, leaves.iter().map(String::as_str));
    near.or_else(|| advice(heading, &PARTNER))
}

impl Sheet<'_> {
    fn partner(&mut self, row: &StringRecord) -> Option<Entry> {
        let line = row
            .position()
            .map_or(1, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        let whole_row = Origin::cell(self.id, line, None);
        if row.iter().all(str::is_empty) {
            return None;
        }
        if row.len() != self.columns.len() {
            let cells = if row.len() == 1 {
                "1 cell".to_owned()
            } else {
                format!("{} cells", row.len())
            };
            let text = format!(
                "this row has {cells} and the sheet {} columns",
                self.columns.len()
            );
            let help =
                "a cell with a comma in it stands in quotes; several values are set apart by semicolons";
            self.report
                .add(Complaint::new(&code::shape::SHEET, whole_row, text).help(help));
            return None;
        }
        let of_name = Origin::cell(self.id, line, u16::try_from(self.name_column).ok());
        let name = self.name(row.get(self.name_column).unwrap_or_default(), of_name)?;
        let mut partner = self.defaults.cloned().unwrap_or(Table::at(whole_row));
        partner.origin = whole_row;
        let before = self.report.complaints().len();
        for (position, (cell, column)) in (0_u16..).zip(row.iter().zip(&self.columns)) {
            let origin = Origin::cell(self.id, line, Some(position));
            if let (false, Some((path, kind))) = (cell.is_empty(), column)
                && let Some(value) = judge(kind, cell, origin, self.report)
            {
                partner.set(path, Node { value, origin });
            }
        }
        if self.report.complaints().len() == before {
            complain_inside(&partner, &PARTNER, whole_row, self.report);
        }
        partner.whole &= self.report.complaints().len() == before;
        let node = Node {
            value: Value::Table(partner),
            origin: whole_row,
        };
        Some(Entry {
            name,
            origin: of_name,
            node,
        })
    }

    fn name(&mut self, name: &str, origin: Origin) -> Option<String> {
        if name.is_empty() {
            self.report.add(Complaint::new(
                &code::shape::MISSING_KEY,
                origin,
                "this partner has no name",
            ));
            return None;
        }
        if !is_name(name) {
            let text = format!("`{}` cannot be a name", name.escape_debug());
            let help = "1 to 64 letters, digits, dots, hyphens and underscores";
            self.report
                .add(Complaint::new(&code::shape::NAME, origin, text).help(help));
        }
        Some(name.to_owned())
    }
}

/// Reads a cell as a value of a kind.
fn judge(kind: &'static Kind, cell: &str, origin: Origin, report: &mut Report) -> Option<Value> {
    let mut one = |kind: &'static Kind, text: &str| match leaf::judge(kind, text) {
        Ok(()) => Some(Value::Text(text.to_owned())),
        Err(fault) => {
            let complaint = Complaint::new(fault.code, origin, fault.text);
            let help = fault
                .help
                .or_else(|| (!fault.label.is_empty()).then_some(fault.label));
            report.add(match help {
                Some(help) => complaint.help(help),
                None => complaint,
            });
            None
        }
    };
    match kind {
        Kind::List(inner) => {
            let texts = cell.split(';').map(str::trim).filter(|text| !text.is_empty());
            let nodes = texts.filter_map(|text| one(inner, text).map(|value| Node { value, origin }));
            Some(Value::List(nodes.collect()))
        }
        Kind::Flag => match cell {
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => {
                let text = format!("`{cell}` is neither true nor false");
                report.add(Complaint::new(&code::shape::WRONG_TYPE, origin, text));
                None
            }
        },
        Kind::Count { least, most } => {
            let number = cell
                .parse()
                .ok()
                .filter(|number| (*least..=*most).contains(number));
            if number.is_none() {
                let text = format!("`{cell}` is not a whole number from {least} to {most}");
                report.add(Complaint::new(&code::shape::FORM, origin, text));
            }
            number.map(Value::Number)
        }
        kind => one(kind, cell),
    }
}

/// Complains of what a row and its defaults leave out.
fn complain_inside(table: &Table, section: &'static Section, at: Origin, report: &mut Report) {
    complain_of_missing(report, section, |name| table.find(name).is_some(), at);
    for entry in &table.entries {
        let kind = section.key(&entry.name).map(|key| &key.kind);
        if let (Some(Kind::Table(inner)), Some(table)) = (kind, entry.node.table()) {
            complain_inside(table, inner, at, report);
        }
    }
}

/// Complains of values that stand twice in a column that is to be unique.
fn complain_of_repeats(wanted: &Node, headings: &[String], partners: &[Entry], report: &mut Report) {
    let Some(heading) = wanted.text() else { return };
    if !headings.iter().any(|known| known == heading) {
        let text = format!("the sheet has no column `{heading}`");
        report
            .add(Complaint::new(&code::shape::UNKNOWN_KEY, wanted.origin, text).spot("not a heading of it"));
        return;
    }
    // Names and identifiers may never stand twice, in whatever file; that is told elsewhere.
    if matches!(heading, "name" | "payer-ids" | "npi" | "tin") {
        return;
    }
    let mut seen: HashMap<&str, Origin> = HashMap::new();
    let nodes = partners
        .iter()
        .filter_map(|entry| entry.node.table()?.find_path(heading));
    for node in nodes.flat_map(Node::each) {
        let Some(text) = node.text() else { continue };
        if let Some(first) = seen.insert(text, node.origin)
            && first != node.origin
        {
            let complaint = Complaint::new(
                &code::partner::NOT_UNIQUE,
                node.origin,
                format!("`{text}` stands twice in a column that is to be unique"),
            );
            report.add(complaint.and(first));
        }
    }
}
