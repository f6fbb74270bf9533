//! `cartage translate`: X12 becomes FHIR and FHIR becomes X12, with an account of every element.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

mod account;
pub(super) mod clinical;
mod documents;
mod envelope;
mod explain;
mod heard;
mod intake;
mod knowledge;
mod revise;
mod server;
mod sniff;
pub(super) mod spot;
mod told;
pub(super) mod values;
mod workshop;

use self::account::Account;
use self::clinical::Clinic;
use self::clinical::Shape;
use self::knowledge::Knowledge;
use self::told::Refusal;
use self::workshop::Aim;
use self::workshop::Delivery;
use self::workshop::Workshop;
use super::Ending;
use super::terminal::Terminal;
use super::x12::answers;
use super::x12::inputs::Inaccessible;
use super::x12::inputs::Input;
use super::x12::library::Library as GuideLibrary;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::fhir::version::CdexVersion;
use crate::mapping::Library;
use crate::x12::Frame;

/// Findings told to a person for each refusal.
const TOLD: usize = 20;

/// Translate between X12 and FHIR, and tell where everything went
///
/// A 277 request becomes Tasks, Tasks become a 277, and so on: `cartage mappings list` tells what there is.
/// FHIR with --to fhir comes out in the words of the version of CDex that is asked for; what an answer of PAS asks for
/// becomes Tasks of CDex, and with --to pas Tasks of PAS 2.2.1, one for each type of request, as does a 278; answers in X12 (TA1, 999, 824, 277CA) become outcomes.
/// What its guide or profile refuses, on the way in or out, is not translated unless --lenient is given.
/// FHIR comes out as one JSON document a line; several resources go in one behind the other, and Tasks that
/// follow one another make one request. A C-CDA document becomes a Bundle.
///
/// Exit code 0: clean. 1: translated, and something was lost, repaired, defaulted or not as it should be.
/// 2: something was refused. 64: wrong usage, or something cannot be read or written.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File to translate, or - for standard input
    #[arg(value_name = "FILE", required_unless_present = "server")]
    path: Option<PathBuf>,
    /// fhir, pas, or the guide of the X12 to write, such as 006020X313 [default: the usual one]
    #[arg(long, value_name = "fhir|pas|GUIDE", value_parser = aim, default_value = "other", hide_default_value = true)]
    to: Aim,
    /// Version of CDex to write: 1.0, 1.1, 2.0, 2.1 or 3.0 (each is read) [default: 2.1]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    cdex: Option<&'static str>,
    /// Write the messages here instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the account as JSON lines: lineage, losses, mapping and its hash, no values. With - it takes the
    /// place of the messages on standard output
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    report: Option<PathBuf>,
    /// Show both sides, line to line, instead of the messages. Shows values of people
    #[arg(long, conflicts_with = "server")]
    explain: bool,
    /// Read one path a line from standard input and answer each with one JSON line
    #[arg(long, conflicts_with_all = ["path", "out"])]
    server: bool,
    /// JSON file of what partner settings and open requests would tell: variables by name, and "envelope"
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// Translate in spite of what the guide or the profile refuses, on either side
    #[arg(long)]
    lenient: bool,
    /// Use this mapping and no other
    #[arg(long, value_name = "ID")]
    mapping: Option<String>,
    /// A folder of mappings (cdex, ccda, codes) that replace those of the program, or add to them
    #[arg(long, value_name = "DIR", env = "CARTAGE_MAPPINGS_DIR")]
    mappings_dir: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    guides: GuideLibrary,
}

/// Translates what `args` name.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let workshop = match open(args) {
        Ok(workshop) => workshop,
        Err(complaint) => return Ok(misused(&complaint)),
    };
    if args.server {
        return server::run(&workshop, out);
    }
    let path = args.path.as_deref().unwrap_or(Path::new("-"));
    let bytes = match read_whole(path) {
        Ok(bytes) => bytes,
        Err(inaccessible) => return Ok(misused(&inaccessible.to_string())),
    };
    let mut desk = match Desk::open(args, path, out) {
        Ok(desk) => desk,
        Err(complaint) => return Ok(misused(&complaint)),
    };
    let mut written = Ok(());
    workshop.translate(&bytes, &mut |result| {
        if written.is_ok() {
            written = match result {
                Ok(delivery) => desk.deliver(&delivery),
                Err(refusal) => desk.refuse(&refusal),
            };
        }
    });
    written.and_then(|()| desk.close())
}

/// Reads an input to its end.
fn read_whole(path: &Path) -> Result<Vec<u8>, Inaccessible> {
    let mut chunks = Input::single(path)?.open()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.advance()? {
        bytes.extend_from_slice(chunk);
    }
    Ok(bytes)
}

fn open(args: &Args) -> Result<Workshop, String> {
    let library = super::mappings::load(args.mappings_dir.as_deref())?;
    let guides = args.guides.load().map_err(|faults| faults.to_string())?;
    let mut knowledge = match &args.context {
        Some(path) => Knowledge::read(path).map_err(|wrong| format!("{}: {wrong}", path.display()))?,
        None => Knowledge::default(),
    };
    if let Some(version) = args.cdex {
        knowledge.context = knowledge.context.with("version", version);
    }
    if let Some(id) = args.mapping.as_deref().filter(|id| library.program(id).is_none()) {
        return Err(format!(
            "there is no mapping {}; there are {}",
            sniff::word(id),
            ids(&library)
        ));
    }
    Ok(Workshop {
        library,
        guides,
        clinic: Clinic::new(&args.shape, args.mappings_dir.as_deref())?,
        account: args.explain || args.report.is_some(),
        knowledge,
        aim: args.to.clone(),
        lenient: args.lenient,
        mapping: args.mapping.clone(),
        stamp: answers::stamp(SystemClock::start().now()),
        written: Cell::new(0),
    })
}

fn ids(library: &Library) -> String {
    let ids: Vec<&str> = library.programs().iter().map(|program| &*program.id).collect();
    ids.join(", ")
}

/// Where something is written.
enum Sink {
    /// Nobody wants it.
    Nowhere,
    /// Standard output.
    Output,
    /// A file.
    File(BufWriter<File>),
}

/// Where messages, account and words for people go.
struct Desk<'a> {
    name: String,
    title: String,
    messages: Sink,
    report: Sink,
    explain: bool,
    out: &'a mut Terminal,
    aside: Terminal,
    ending: Ending,
}

impl Sink {
    fn open(path: &Path) -> Result<Self, String> {
        if path.as_os_str() == "-" {
            return Ok(Self::Output);
        }
        let file = File::create(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
        Ok(Self::File(BufWriter::new(file)))
    }

    fn put(&mut self, out: &mut Terminal, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Output => out.write_all(bytes),
            Self::File(file) => file.write_all(bytes),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        match self {
            Self::Nowhere | Self::Output => Ok(()),
            Self::File(file) => file.flush(),
        }
    }
}

impl<'a> Desk<'a> {
    fn open(args: &Args, path: &Path, out: &'a mut Terminal) -> Result<Self, String> {
        let input = Input::single(path).map_err(|inaccessible| inaccessible.to_string())?;
        let report = args.report.as_deref().map_or(Ok(Sink::Nowhere), Sink::open)?;
        let reports_here = matches!(report, Sink::Output);
        if reports_here && args.explain {
            return Err("--report - and --explain both want standard output".to_owned());
        }
        let messages = match args.out.as_deref() {
            Some(path) => Sink::open(path)?,
            None if reports_here || args.explain => Sink::Nowhere,
            None => Sink::Output,
        };
        if matches!(messages, Sink::Output) && (reports_here || args.explain) {
            return Err("standard output cannot hold messages and something else".to_owned());
        }
        Ok(Self {
            name: input.name(),
            title: input.title(),
            messages,
            report,
            explain: args.explain,
            out,
            aside: Terminal::stderr(),
            ending: Ending::Good,
        })
    }

    fn deliver(&mut self, delivery: &Delivery<'_>) -> io::Result<()> {
        self.messages.put(self.out, &delivery.messages)?;
        if self.explain {
            explain::print(delivery, self.out)?;
        }
        let account = line(&self.report, || Account::of(&self.name, delivery))?;
        self.report.put(self.out, &account)?;
        if delivery.is_clean() {
            return Ok(());
        }
        self.ending = self.ending.worse(Ending::Finding);
        let (title, subject) = (&self.title, delivery.subject);
        let lost = delivery.loss_count();
        if lost > 0 {
            let how = match (self.explain, &self.report) {
                (false, Sink::Nowhere) => "; --explain or --report tell which",
                _ => "",
            };
            let places = if lost == 1 { "place is" } else { "places are" };
            writeln!(
                self.aside,
                "{title}: {subject}: {lost} {places} not as in the original{how}"
            )?;
        }
        let found = delivery.findings.iter().filter(|told| told.refuses());
        for told in found.take(TOLD) {
            writeln!(self.aside, "{title}: {subject}: in spite of {told}")?;
        }
        let produced = delivery.produced.iter().filter(|told| told.refuses());
        for told in produced.take(TOLD) {
            writeln!(self.aside, "{title}: {subject}: in what came out, {told}")?;
        }
        self.aside.flush()
    }

    fn refuse(&mut self, refusal: &Refusal) -> io::Result<()> {
        self.ending = self.ending.worse(Ending::Refused);
        let account = line(&self.report, || Account::refused(&self.name, refusal))?;
        self.report.put(self.out, &account)?;
        writeln!(self.aside, "cartage: {}: {refusal}", self.title)?;
        for told in refusal.findings.iter().take(TOLD) {
            writeln!(self.aside, "  {told}")?;
        }
        if refusal.findings.len() > TOLD {
            writeln!(self.aside, "  and {} more", refusal.findings.len() - TOLD)?;
        }
        self.aside.flush()
    }

    fn close(mut self) -> io::Result<Ending> {
        self.messages.close()?;
        self.report.close()?;
        Ok(self.ending)
    }
}

/// The line of an account, if anybody wants it.
fn line<'d>(report: &Sink, account: impl FnOnce() -> Account<'d>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    if !matches!(report, Sink::Nowhere) {
        account().write(&mut line)?;
    }
    Ok(line)
}

/// Says why nothing was done.
fn misused(complaint: &str) -> Ending {
    // Nothing can be done about a closed standard error; the exit code still tells.
    let _ = writeln!(Terminal::stderr(), "cartage: {complaint}");
    Ending::Misused
}

/// Reads `--to`.
fn aim(text: &str) -> Result<Aim, String> {
    let wanted = text.trim();
    if wanted.eq_ignore_ascii_case("fhir") {
        return Ok(Aim::Fhir);
    }
    if wanted.eq_ignore_ascii_case("pas") {
        return Ok(Aim::Pas);
    }
    if wanted == "other" {
        return Ok(Aim::Other);
    }
    let guides = || Frame::all().iter().flat_map(|frame| frame.guides);
    let found = guides().find(|guide| guide.eq_ignore_ascii_case(wanted));
    found.map(|guide| Aim::Guide(guide)).ok_or_else(|| {
        let known: Vec<&str> = guides().copied().collect();
        format!("there are fhir, pas, {}", known.join(", "))
    })
}

/// Reads `--cdex`.
fn version(text: &str) -> Result<&'static str, String> {
    let version = CdexVersion::parse(text.trim());
    version
        .map(|version| version.as_str().trim_end_matches("-ballot"))
        .ok_or_else(|| "there are 1.0, 1.1, 2.0, 2.1 and 3.0".to_owned())
}
