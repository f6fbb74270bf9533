//! `cartage check`: whether a configuration can be used, with everything that is wrong at once.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use serde_json::Value as Json;
use serde_json::json;

use self::partners::Asked;
use super::Ending;
use super::configuration::ConfigFile;
use super::configuration::Found;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::config::check::world::look_around;
use crate::config::code::Weight;
use crate::config::report::Complaint;
use crate::config::report::NoteKind;
use crate::config::report::View;
use crate::config::source::Files;

mod partners;
mod statement;

/// Check a configuration: its text, its meaning, its tests, and the world around it.
///
/// Tells every fault at once, each with a code that `cartage help CODE` explains.
/// Exit code: 0 good, 1 errors (with --strict: or warnings), 2 wrong use of this command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The same as --config
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
    /// Look at the configuration only, not at certificates, secrets, folders and addresses, and ask no partner
    #[arg(long)]
    offline: bool,
    /// Refuse warnings too
    #[arg(long)]
    strict: bool,
    /// One JSON object for programs
    #[arg(long)]
    json: bool,
}

/// Checks and reports.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let config = args
        .file
        .clone()
        .map_or_else(|| args.config.clone(), ConfigFile::named);
    let mut found = config.find();
    // Where the shape is wrong, what is around it cannot be known.
    let looked = (!args.offline && !found.checked.document.tree.entries.is_empty())
        .then(|| {
            look_around(&mut found.checked, &found.disk, found.now);
            partners::ask(&mut found)
        })
        .transpose()?;
    let report = &found.checked.report;
    let refused = report.errors() > 0 || (args.strict && report.warnings() > 0);
    if args.json {
        writeln!(out, "{}", as_json(&found, refused, looked))?;
    } else {
        write!(out, "{}", found.complaints(out.palette()))?;
        if !report.complaints().is_empty() {
            writeln!(out)?;
        }
        summarise(&found, looked, refused, out)?;
    }
    Ok(if refused { Ending::Finding } else { Ending::Good })
}

fn summarise(found: &Found, looked: Option<Asked>, refused: bool, out: &mut Terminal) -> io::Result<()> {
    let (checked, report) = (&found.checked, &found.checked.report);
    if refused {
        let verdict = out.style(Style::Error, "refused");
        writeln!(
            out,
            "{}: {verdict}: {}, {}",
            found.name(),
            count(report.errors(), "error"),
            count(report.warnings(), "warning")
        )?;
        if checked.tests.waiting > 0 {
            writeln!(
                out,
                "{} will run when the configuration can be read",
                count(checked.tests.waiting, "test")
            )?;
        }
        let complaints = report.complaints();
        let grave = complaints
            .iter()
            .find(|complaint| complaint.code.weight == Weight::Error);
        if let Some(first) = grave.or(complaints.first()) {
            writeln!(out, "`cartage help {}` explains more", first.code)?;
        }
        return Ok(());
    }
    let tree = &checked.document.tree;
    let verdict = out.style(Style::Good, "good");
    let warnings = if report.warnings() > 0 {
        format!(", {}", count(report.warnings(), "warning"))
    } else {
        String::new()
    };
    writeln!(
        out,
        "{}: {verdict}{warnings}: {}, {}, {}, {}",
        found.name(),
        count(tree.named("listen").count(), "door"),
        count(tree.named("partner").count(), "partner"),
        count(checked.table.routes().len(), "route"),
        match checked.tests.passed {
            1 => "1 test holds".to_owned(),
            several => format!("{several} tests hold"),
        }
    )?;
    tell_what_was_looked_at(looked, out)
}

fn tell_what_was_looked_at(looked: Option<Asked>, out: &mut Terminal) -> io::Result<()> {
    let Some(asked) = looked else {
        return writeln!(
            out,
            "not looked at: certificates, secrets, folders, addresses and partners (--offline)"
        );
    };
    let partners = count(asked.partners, "partner");
    write!(
        out,
        "looked at: certificates, secrets, folders and addresses; {partners} asked"
    )?;
    if asked.left > 0 {
        write!(out, ", {} not for want of time", asked.left)?;
    }
    if asked.examples > 0 {
        write!(
            out,
            ", {} not: an address of an example leads nowhere",
            asked.examples
        )?;
    }
    writeln!(out)
}

/// `1 error`, `2 errors`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn as_json(found: &Found, refused: bool, looked: Option<Asked>) -> Json {
    let (checked, report) = (&found.checked, &found.checked.report);
    let files = &checked.document.files;
    let findings: Vec<Json> = report
        .complaints()
        .iter()
        .map(|complaint| complaint_as_json(complaint, files))
        .collect();
    json!({
        "file": found.name(),
        "accepted": !refused,
        "errors": report.errors(),
        "warnings": report.warnings(),
        "findings": findings,
        "tests": {
            "passed": checked.tests.passed,
            "failed": checked.tests.failed,
            "waiting": checked.tests.waiting,
        },
        "partners": looked.map(|asked| json!({
            "asked": asked.partners,
            "left": asked.left,
            "examples": asked.examples,
        })),
    })
}

fn complaint_as_json(complaint: &Complaint, files: &Files) -> Json {
    let places: Vec<Json> = complaint
        .places
        .iter()
        .map(|origin| {
            let place = files.place(*origin);
            json!({ "file": place.file, "line": place.line, "column": place.column, "heading": place.heading })
        })
        .collect();
    let notes = |kind: NoteKind| {
        let texts = complaint
            .notes
            .iter()
            .filter(|note| note.kind == kind)
            .map(|note| note.text.as_str());
        texts.collect::<Vec<&str>>()
    };
    let first = places.first();
    let of_first = |name: &str| {
        first
            .and_then(|place| place.get(name))
            .cloned()
            .unwrap_or_default()
    };
    let mut object = json!({
        "code": complaint.code.to_string(),
        "severity": complaint.code.weight.as_str(),
        "message": complaint.text,
        "file": of_first("file"),
        "line": of_first("line"),
        "column": of_first("column"),
        "places": places,
    });
    if let (View::Spot(label), Some(object)) = (&complaint.view, object.as_object_mut())
        && !label.is_empty()
    {
        object.insert("label".to_owned(), json!(label));
    }
    if let Some(object) = object.as_object_mut() {
        for kind in [
            NoteKind::Why,
            NoteKind::Help,
            NoteKind::Example,
            NoteKind::Expected,
            NoteKind::Got,
        ] {
            let texts = notes(kind);
            if !texts.is_empty() {
                object.insert(kind.as_str().to_owned(), json!(texts.join("\n")));
            }
        }
    }
    object
}
