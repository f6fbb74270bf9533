//! `cartage x12 check`: is it sound, and if not, where and why.

use std::io;
use std::io::Write;
use std::path::PathBuf;

use x12_parser::Keep;
use x12_parser::Settings;
use x12_parser::Terms;
use x12_parser::Verdict;

use super::inputs;
use super::inputs::Inaccessible;
use super::inputs::Input;
use super::inspect::Excerpts;
use super::inspect::Inspection;
use super::json;
use super::json::Besides;
use super::policy::Choices;
use super::progress::Progress;
use super::render;
use super::report::Report;
use crate::app::Ending;
use crate::app::terminal::Terminal;

/// Findings listed for a person, and for a program, where no limit is given.
const LIMITS: [usize; 2] = [100, 10_000];

/// Check X12 files: envelopes, binary payloads and what their guides say
///
/// Exit code 0: all accepted. 1: something rejected. 2: wrong usage, or something cannot be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders (all that is in them, hidden files aside), or - for standard input
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Print one JSON object a line for each file, without any value of the messages
    #[arg(long)]
    json: bool,
    /// Find the end of payloads whose declared length is wrong; each repair is told
    #[arg(long)]
    repair: bool,
    /// Hide the values in the segments shown, so that a report can be passed on
    #[arg(long, conflicts_with = "json")]
    mask: bool,
    /// The most findings listed for each file, the gravest first to stay [default: 100, with --json 10000]
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    #[command(flatten)]
    choices: Choices,
}

/// How the files of one run fared.
#[derive(Default)]
struct Tally {
    accepted: u64,
    rejected: u64,
    unreadable: u64,
}

/// Checks all that `args` name.
pub(crate) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let (inputs, lost) = inputs::gather(&args.paths);
    let mut tally = Tally::default();
    for unreadable in lost {
        tally.unreadable += 1;
        let report = begin(unreadable.name.clone(), args).abandon();
        print(&report, &unreadable.name, Some(&unreadable), args, out)?;
    }
    let progress = Progress::over(&inputs);
    for input in &inputs {
        progress.begin(input);
        let (report, read) = inspect(input, args, &progress);
        tally.count(&report, read.as_ref());
        progress.aside(|| print(&report, &input.title(), read.as_ref(), args, out))?;
    }
    drop(progress);
    if tally.sum() > 1 && !args.json {
        let total = render::total(tally.accepted, tally.rejected, tally.unreadable, out.palette());
        write!(out, "{total}")?;
    }
    Ok(tally.ending())
}

impl Tally {
    const fn count(&mut self, report: &Report, unreadable: Option<&Inaccessible>) {
        match (unreadable, report.verdict) {
            (Some(_), _) => self.unreadable += 1,
            (None, Verdict::Rejected) => self.rejected += 1,
            (None, Verdict::Accepted | Verdict::AcceptedWithErrors) => self.accepted += 1,
        }
    }

    const fn sum(&self) -> u64 {
        self.accepted + self.rejected + self.unreadable
    }

    const fn ending(&self) -> Ending {
        if self.unreadable > 0 {
            Ending::Usage
        } else if self.rejected > 0 {
            Ending::Finding
        } else {
            Ending::Good
        }
    }
}

/// A check of the input called `name`.
fn begin(name: String, args: &Args) -> Inspection {
    let mut terms = Terms::default();
    terms.settings = Settings::default().with_repair(args.repair);
    terms.policy = args.choices.policy();
    // The report has its own list of findings; receipts that nobody answers need none.
    terms.keep = Keep::Faulty;
    terms.max_findings = 0;
    let usual = if args.json { LIMITS[1] } else { LIMITS[0] };
    let excerpts = match (args.json, args.mask) {
        (true, _) => Excerpts::None,
        (false, true) => Excerpts::Masked,
        (false, false) => Excerpts::Plain,
    };
    Inspection::new(name, terms, args.limit.unwrap_or(usual), excerpts)
}

/// Reads `input` to its end, or as far as it goes.
fn inspect(input: &Input, args: &Args, progress: &Progress) -> (Report, Option<Inaccessible>) {
    let mut inspection = begin(input.name(), args);
    let mut feed = || {
        let mut chunks = input.open()?;
        while let Some(chunk) = chunks.advance()? {
            inspection.feed(chunk);
            progress.add(chunk.len());
        }
        Ok(())
    };
    match feed() {
        Ok(()) => (inspection.finish(), None),
        Err(unreadable) => (inspection.abandon(), Some(unreadable)),
    }
}

fn print(
    report: &Report,
    title: &str,
    unreadable: Option<&Inaccessible>,
    args: &Args,
    out: &mut Terminal,
) -> io::Result<()> {
    if args.json {
        let error = unreadable.map(|unreadable| &unreadable.fault);
        json::write(report, Besides { ack: None, error }, out)?;
    } else if unreadable.is_none() {
        write!(out, "{}", render::report(report, title, out.palette()))?;
    }
    out.flush()?;
    if let Some(unreadable) = unreadable {
        // Should standard error be closed, the exit code still tells.
        let _ = writeln!(io::stderr(), "cartage: {unreadable}");
    }
    Ok(())
}
