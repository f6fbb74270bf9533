//! `cartage diff`: what changes from one configuration to another, before it is in force.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;
use serde_json::json;

use self::recent::Recent;
use super::Ending;
use super::configuration::ConfigFile;
use super::configuration::Found;
use super::serve::admin;
use super::terminal::Terminal;
use crate::config::check::Checked;
use crate::config::check::check;
use crate::config::diff::Change;
use crate::config::diff::Difference;
use crate::config::diff::diff;
use crate::config::quantity::Day;
use crate::config::reload::Store;
use crate::flow;
use crate::routing::facts::Facts;

pub(super) mod recent;

/// Show what changes: doors, partners, routes, and where messages would go.
///
/// Compares the configuration with the newest generation that a gateway has kept in its data directory, with the one
/// that is in force, or with another file. The messages compared are those in --messages, and with --live the last
/// 10,000 that the gateway received, as far as it keeps what decided about them.
/// Exit code: 0 nothing changes, 1 something does, 2 there is nothing to compare with.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Compare with this configuration instead of the newest kept generation
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Compare with the configuration of the running gateway
    #[arg(long, conflicts_with = "against")]
    live: bool,
    /// A file with messages, or a folder of such files, to be sent through both
    #[arg(long, value_name = "PATH")]
    messages: Option<PathBuf>,
    /// One JSON object for programs
    #[arg(long)]
    json: bool,
}

/// Compares and reports.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let new = args.config.find();
    if !is_sound(&new.checked, new.name(), out)? {
        return Ok(Ending::Finding);
    }
    let old = match &args.against {
        Some(path) => ConfigFile::named(path.clone()).find().checked,
        None => match kept(&new, args.live) {
            Ok(checked) => checked,
            Err(why) => return complain(&why),
        },
    };
    if !is_sound(&old, "what is compared with", out)? {
        return Ok(Ending::Finding);
    }
    let mut messages = match &args.messages {
        None => Vec::new(),
        Some(path) => match messages(path) {
            Ok(messages) => messages,
            Err(fault) => return complain(&format!("{}: {fault}", path.display())),
        },
    };
    let recent = if args.live {
        match recent::ask(&data(&new)) {
            Ok(recent) => recent,
            Err(why) => return complain(&why),
        }
    } else {
        Recent::default()
    };
    messages.extend(recent.messages);
    let difference = diff(&old, &new.checked, &messages);
    if args.json {
        writeln!(out, "{}", as_json(&difference, recent.answers, recent.partial))?;
    } else {
        write!(out, "{}", difference.render())?;
        if recent.answers > 0 {
            let answers = super::check::count(recent.answers, "message");
            writeln!(
                out,
                "{answers} more answered a request, and always go back to whoever asked"
            )?;
        }
        if recent.partial > 0 {
            let partial = super::check::count(recent.partial, "message");
            writeln!(
                out,
                "{partial} had a tax id, which is not kept: what looks at it was not compared"
            )?;
        }
    }
    Ok(if difference.is_empty() {
        Ending::Good
    } else {
        Ending::Finding
    })
}

fn is_sound(checked: &Checked, name: &str, out: &mut Terminal) -> io::Result<bool> {
    if !checked.is_sound() {
        let errors = super::check::count(checked.report.errors(), "error");
        writeln!(
            out,
            "{name}: {errors}; `cartage check` tells them, and nothing is compared before they are mended"
        )?;
    }
    Ok(checked.is_sound())
}

/// The data directory.
fn data(new: &Found) -> PathBuf {
    let gateway = new.checked.lowered.gateway.as_ref();
    let data = gateway
        .map(|gateway| gateway.data_dir.clone())
        .unwrap_or_default();
    new.disk.path(&data.display().to_string())
}

/// A generation in the data directory: the one in force, or the newest.
fn kept(new: &Found, in_force: bool) -> Result<Checked, String> {
    let data = data(new);
    let folder = data.join("generations");
    let store = Store::in_folder(folder.clone());
    // Every generation is kept before it is put in force.
    let number = if in_force {
        Ok(Some(number_in_force(&data)?))
    } else {
        store.newest()
    };
    let loaded = match number {
        Ok(Some(number)) => store.load(number).map(|loaded| (number, loaded)),
        Ok(None) => {
            return Err(format!(
                "no generation is kept in {}; name a file with --against FILE",
                folder.display()
            ));
        }
        Err(fault) => Err(fault),
    };
    match loaded {
        Ok((_, Some(kept))) => Ok(check(&kept.texts, &kept.main, Day::at(new.now))),
        Ok((number, None)) => Err(format!("generation {number} is not in {}", folder.display())),
        Err(fault) => Err(format!("{}: {fault}", folder.display())),
    }
}

/// The number of the generation in force, as the running gateway says it.
fn number_in_force(data: &Path) -> Result<u32, String> {
    let answer = match admin::ask(&data.join(admin::SOCKET), &json!({"command": "status"})) {
        Ok(answer) => answer,
        Err(fault) if admin::is_nobody(&fault) => {
            return Err(format!(
                "no gateway runs on {}; without --live, the newest kept generation is compared",
                data.display()
            ));
        }
        Err(fault) => return Err(format!("the gateway that runs did not answer: {fault}")),
    };
    answer
        .get("generation")
        .and_then(Json::as_u64)
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| "the gateway that runs is of another release".to_owned())
}

/// The messages of a file or of all files in a folder, with names for them.
fn messages(path: &Path) -> io::Result<Vec<(String, Facts)>> {
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let file = entry?.path();
            if file.is_file() {
                files.push(file);
            }
        }
        files.sort();
    } else {
        files.push(path.to_path_buf());
    }
    let mut messages = Vec::new();
    for file in files {
        let found = flow::facts::read(&fs::read(&file)?);
        let several = found.len() > 1;
        for (number, facts) in (1..).zip(found) {
            let name = file.display();
            messages.push((
                if several {
                    format!("{name}, message {number}")
                } else {
                    name.to_string()
                },
                facts,
            ));
        }
    }
    Ok(messages)
}

fn complain(why: &str) -> io::Result<Ending> {
    writeln!(io::stderr().lock(), "cartage diff: {why}")?;
    Ok(Ending::Usage)
}

fn as_json(difference: &Difference, answers: usize, partial: usize) -> Json {
    let tables: Vec<Json> = difference
        .tables
        .iter()
        .map(|changed| {
            let mut object = json!({ "table": changed.group, "name": changed.name });
            let (change, detail) = match &changed.change {
                Change::Added(at) => ("added", json!({ "at": at })),
                Change::Removed(at) => ("removed", json!({ "at": at })),
                Change::Moved(was, is) => ("moved", json!({ "was": was, "is": is })),
                Change::Values(values) => {
                    let one = |value: &crate::config::diff::ChangedValue| {
                        json!({ "key": value.path, "old": value.old, "new": value.new, "at": value.at })
                    };
                    ("changed", json!(values.iter().map(one).collect::<Vec<Json>>()))
                }
            };
            if let Some(object) = object.as_object_mut() {
                object.insert("change".to_owned(), json!(change));
                object.insert("detail".to_owned(), detail);
            }
            object
        })
        .collect();
    let moved: Vec<Json> = difference
        .moved
        .iter()
        .map(|moved| json!({ "message": moved.message, "old": moved.old, "new": moved.new }))
        .collect();
    json!({
        "tables": tables,
        "needs-restart": difference.needs_restart,
        "compared": difference.compared,
        "answers": answers,
        "without-tax-id": partial,
        "moved": moved,
    })
}
