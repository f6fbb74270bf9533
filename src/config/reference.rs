//! The reference part of `docs/CONFIG.md`, written from the same tables that the program reads by.

use std::fmt::Write;

use crate::config::code;
use crate::config::shape::Key;
use crate::config::shape::Kind;
use crate::config::shape::Need;
use crate::config::shape::SECRET;
use crate::config::shape::Section;
use crate::config::shape::gateway::ROOT;
use crate::config::shape::partner::COMPANION;
use crate::routing::guide;
use crate::routing::key::Key as MatchKey;

/// The parts of the page that are generated, by name.
pub fn parts() -> [(&'static str, String); 4] {
    [
        ("match-keys", match_keys()),
        ("keys", keys()),
        ("guides", guides()),
        ("codes", codes()),
    ]
}

/// Each table, in the order in which they are met.
fn sections() -> Vec<&'static Section> {
    let mut met: Vec<&'static Section> = Vec::new();
    let mut open: Vec<&'static Section> = vec![&ROOT, &COMPANION];
    while !open.is_empty() {
        let section = open.remove(0);
        if met.iter().any(|known| std::ptr::eq(*known, section)) {
            continue;
        }
        met.push(section);
        // What a table holds is explained right after it.
        open.splice(0..0, inside(section));
    }
    met
}

/// The tables that stand in a table.
fn inside(section: &'static Section) -> Vec<&'static Section> {
    let of_key = |key: &'static Key| match key.kind {
        Kind::Table(section) | Kind::Part(section) | Kind::Named(section) | Kind::Several(section) => {
            Some(section)
        }
        Kind::Secret { .. } => Some(&SECRET),
        _ => None,
    };
    section.keys.iter().filter_map(of_key).collect()
}

/// The keys of the tables of this name (`route`, `partner`, `when`), for a terminal; none if there is no such table.
pub fn table(name: &str) -> Option<String> {
    let is_called = |section: &&Section| {
        let mut words = section
            .name
            .split(|letter: char| !letter.is_ascii_lowercase() && letter != '-');
        words.any(|word| !word.is_empty() && word == name)
    };
    let texts: Vec<String> = sections().into_iter().filter(is_called).map(plain).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// A table and its keys, in columns.
fn plain(section: &'static Section) -> String {
    let mut out = format!("{}: {}\n", section.name, section.about);
    for choice in section.choices {
        let _ = writeln!(out, "exactly one of {} is wanted", listed(choice));
    }
    let rows: Vec<(&str, String, &str)> = section
        .keys
        .iter()
        .map(|key| {
            let value = value(key).replace(['`', '*'], "");
            let value = match key.need {
                Need::Required => format!("{value}, required"),
                Need::Optional => value,
                Need::Default(default) => format!("{value}, default {default}"),
            };
            (key.name, value, key.about)
        })
        .collect();
    let names = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    for (name, value, about) in rows {
        let _ = writeln!(out, "  {name:names$}  {about}\n  {:names$}  ({value})", "");
    }
    out
}

/// What a route can look at.
fn match_keys() -> String {
    let mut out = "| Key | Meaning | From X12 | From FHIR |\n|---|---|---|---|\n".to_owned();
    for key in MatchKey::ALL {
        let meaning = match key.words() {
            Some(words) => format!("{}: {}", key.meaning(), listed(words)),
            None => key.meaning().to_owned(),
        };
        let _ = writeln!(
            out,
            "| `{key}` | {meaning} | {} | {} |",
            key.in_x12(),
            key.in_fhir()
        );
    }
    out
}

/// Every key of every table, tables in the order in which they are met.
fn keys() -> String {
    let mut out = String::new();
    for section in sections() {
        write_section(section, &mut out);
    }
    out
}

fn write_section(section: &'static Section, out: &mut String) {
    let _ = writeln!(out, "**{}**: {}", section.name, section.about);
    for choice in section.choices {
        let _ = writeln!(out, "Exactly one of {} is wanted.", listed(choice));
    }
    if section.always {
        let _ = writeln!(out, "Its defaults hold even where it is left out.");
    }
    let _ = writeln!(out, "\n| Key | Value | | Says |\n|---|---|---|---|");
    for key in section.keys {
        let need = match key.need {
            Need::Required => "required".to_owned(),
            Need::Optional => String::new(),
            Need::Default(default) => format!("default `{default}`"),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {need} | {} |",
            key.name,
            value(key),
            key.about.replace('|', "\\|")
        );
    }
    out.push('\n');
}

/// What the value of a key is, in a table cell.
fn value(key: &Key) -> String {
    match &key.kind {
        Kind::Word(words) => listed(words),
        Kind::Count { least, most } if least == most => least.to_string(),
        Kind::Count { least, most } => format!("{least} to {most}"),
        Kind::List(Kind::Word(words)) => format!("list of {}", listed(words)),
        Kind::List(inner) => format!("list: {}", inner.spoken()),
        Kind::Patterns(_) => "a pattern or a list of them".to_owned(),
        Kind::Values(_) => "a value or a list of them".to_owned(),
        Kind::Table(section) | Kind::Part(section) => format!("table *{}*", section.name),
        Kind::Named(section) | Kind::Several(section) => format!("*{}*", section.name),
        Kind::Secret { .. } => "a *secret*".to_owned(),
        kind => kind.spoken().to_owned(),
    }
}

/// The guides that a partner can be said to speak.
fn guides() -> String {
    let mut out = "| Guide | Message | Supports |\n|---|---|---|\n".to_owned();
    for guide in guide::KNOWN {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |",
            guide.id,
            guide.message,
            guide.attach_to.unwrap_or("–")
        );
    }
    out
}

/// All codes.
fn codes() -> String {
    let mut out = "| Code | | What it is |\n|---|---|---|\n".to_owned();
    for code in code::all() {
        let _ = writeln!(out, "| `{code}` | {} | {} |", code.weight.as_str(), code.title);
    }
    out
}

fn listed(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
