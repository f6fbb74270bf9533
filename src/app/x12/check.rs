//! `cartage x12 check`: is it sound, and if not, where and why.

use std::io;
use std::path::PathBuf;

use x12_parser::GuideSet;
use x12_parser::Keep;
use x12_parser::Settings;
use x12_parser::Terms;
use x12_parser::Verdict;

use super::answers::Answerer;
use super::answers::Answers;
use super::desk;
use super::desk::Desk;
use super::desk::Destination;
use super::extract::Folder;
use super::inputs;
use super::inputs::Inaccessible;
use super::inputs::Input;
use super::inspect::Excerpts;
use super::inspect::Inspection;
use super::inspect::Showing;
use super::library::Library;
use super::policy::Choices;
use super::progress::Progress;
use super::report::Report;
use crate::app::Ending;
use crate::app::terminal::Terminal;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;

/// Findings listed for a person, and for a program, where no limit is given.
const LIMITS: [usize; 2] = [100, 10_000];

/// Check X12 files: envelopes, binary payloads and what their guides say
///
/// Exit code 0: all accepted. 1: something rejected. 2: wrong usage, or something cannot be read or written.
#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub(crate) struct Args {
    /// Files, folders (all that is in them, hidden files aside), or - for standard input
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Print one JSON object a line for each file, without any value of the messages
    #[arg(long)]
    json: bool,
    /// Write the TA1 and 999 that would be answered: to standard output (the report then goes to standard
    /// error, or with --json the answer into the object), or to files in a folder
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-"
    )]
    ack: Option<PathBuf>,
    /// Replace answers that are in the folder already
    #[arg(long, requires = "ack")]
    force: bool,
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
    #[command(flatten)]
    library: Library,
}

impl Args {
    /// Where the answers go; a folder is made if it is not there.
    fn ack_to(&self) -> Result<Destination, Inaccessible> {
        Ok(match &self.ack {
            None => Destination::Nowhere,
            Some(path) if path.as_os_str() != "-" => Destination::Folder(Folder::new(path, self.force)?),
            Some(_) if self.json => Destination::Object,
            Some(_) => Destination::Output,
        })
    }
}

/// How the files of one run fared.
#[derive(Default)]
struct Tally {
    accepted: u64,
    rejected: u64,
    unreadable: u64,
    /// Whether an answer could not be written.
    unwritten: bool,
}

/// Checks all that `args` name.
pub(crate) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let guides = match args.library.load() {
        Ok(guides) => guides,
        Err(faults) => {
            desk::complain(&faults);
            return Ok(Ending::Usage);
        }
    };
    let answers = match args.ack_to() {
        Ok(answers) => answers,
        Err(inaccessible) => {
            desk::complain(&inaccessible);
            return Ok(Ending::Usage);
        }
    };
    let mut desk = Desk::new(args.json, answers, out);
    let (inputs, lost) = inputs::gather(&args.paths);
    let mut tally = Tally::default();
    for unreadable in lost {
        tally.unreadable += 1;
        let report = begin(unreadable.name.clone(), args, guides.set()).abandon();
        desk.lost(&report, &unreadable.name, &unreadable)?;
    }
    let mut answerer = args
        .ack
        .is_some()
        .then(|| Answerer::at(SystemClock::start().now()));
    let progress = Progress::over(&inputs);
    for input in &inputs {
        progress.begin(input);
        let (report, read) = inspect(
            input,
            begin(input.name(), args, guides.set()),
            answerer.as_mut(),
            &progress,
        );
        tally.count(&report, read.as_ref().err());
        let written = progress.aside(|| desk.close(&report, input, &read))?;
        tally.unwritten |= !written;
    }
    drop(progress);
    desk.sum_up([tally.accepted, tally.rejected, tally.unreadable])?;
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

    const fn ending(&self) -> Ending {
        if self.unreadable > 0 || self.unwritten {
            Ending::Usage
        } else if self.rejected > 0 {
            Ending::Finding
        } else {
            Ending::Good
        }
    }
}

/// A check of the input called `name`.
fn begin<'a>(name: String, args: &Args, guides: &'a GuideSet) -> Inspection<'a> {
    let mut terms = Terms::default();
    terms.settings = Settings::default().with_repair(args.repair);
    terms.policy = args.choices.policy();
    if args.ack.is_none() {
        // The report has its own list of findings; receipts that nobody answers need none.
        terms.keep = Keep::Faulty;
        terms.max_findings = 0;
    }
    let usual = if args.json { LIMITS[1] } else { LIMITS[0] };
    let excerpts = match (args.json, args.mask) {
        (true, _) => Excerpts::None,
        (false, true) => Excerpts::Masked,
        (false, false) => Excerpts::Plain,
    };
    let showing = Showing {
        limit: args.limit.unwrap_or(usual),
        excerpts,
    };
    Inspection::new(name, terms, guides, showing)
}

/// Reads `input` to its end, or as far as it goes.
fn inspect<'a>(
    input: &Input,
    mut inspection: Inspection<'a>,
    answerer: Option<&'a mut Answerer>,
    progress: &Progress,
) -> (Report, Result<Answers, Inaccessible>) {
    if let Some(answerer) = answerer {
        inspection = inspection.answered_by(answerer);
    }
    let mut feed = || {
        let mut chunks = input.open()?;
        while let Some(chunk) = chunks.advance()? {
            inspection.feed(chunk);
            progress.add(chunk.len());
        }
        Ok(())
    };
    match feed() {
        Ok(()) => {
            let (report, answers) = inspection.finish();
            (report, Ok(answers))
        }
        Err(unreadable) => (inspection.abandon(), Err(unreadable)),
    }
}
