//! `cartage translate`: a C-CDA document in, a FHIR Bundle out.

use std::fs;
use std::io;
use std::io::BufRead;
use std::io::Write;
use std::path::PathBuf;

use super::Ending;
use super::terminal::Terminal;
use crate::mapping::ccda::Mapping;
use crate::translate::ccda::Converter;
use crate::translate::ccda::Narrative;
use crate::translate::ccda::Options;
use crate::translate::ccda::Outcome;
use crate::translate::ccda::Product;
use crate::translate::ccda::UsCore;

/// Convert C-CDA documents to FHIR R4
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The document; `-` or none is standard input
    path: Option<PathBuf>,
    /// The shape of the output
    #[arg(long, value_name = "SHAPE", default_value = "document", value_parser = ["document", "collection", "attachment"])]
    product: String,
    /// The US Core version whose profiles are claimed
    #[arg(long, value_name = "VERSION", default_value = "6.1.0", value_parser = ["3.1.1", "6.1.0", "7.0.0"])]
    us_core: String,
    /// How much narrative the output has
    #[arg(long, value_name = "HOW-MUCH", default_value = "section", value_parser = ["full", "section", "none"])]
    narrative: String,
    /// Print what was odd and what was left behind instead of the Bundle
    #[arg(long)]
    report: bool,
    /// Print where each value came from instead of the Bundle
    #[arg(long)]
    explain: bool,
    /// Read one path a line from standard input and answer each with one line of JSON
    #[arg(long, conflicts_with_all = ["path", "report", "explain"])]
    server: bool,
    /// A folder whose tables take the place of the built-in ones, laid out as mappings/
    #[arg(long, value_name = "FOLDER", env = "CARTAGE_MAPPINGS_DIR")]
    mappings_dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let own;
    let converter = match &args.mappings_dir {
        None => Converter::embedded(),
        Some(folder) => match load(folder) {
            Ok(converter) => {
                own = converter;
                &own
            }
            Err(fault) => {
                writeln!(io::stderr().lock(), "cartage translate: {fault}")?;
                return Ok(Ending::Usage);
            }
        },
    };
    let options = options(args);
    if args.server {
        return serve(converter, &options, out);
    }
    let bytes = match &args.path {
        Some(path) if path.as_os_str() != "-" => fs::read(path),
        _ => io::read_to_string(io::stdin()).map(String::into_bytes),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(fault) => {
            writeln!(
                io::stderr().lock(),
                "cartage translate: the document cannot be read: {fault}"
            )?;
            return Ok(Ending::Usage);
        }
    };
    let outcome = match converter.convert(&bytes, &options) {
        Ok(outcome) => outcome,
        Err(refusal) => {
            writeln!(
                io::stderr().lock(),
                "cartage translate: {refusal} ({})",
                refusal.code()
            )?;
            return Ok(Ending::Finding);
        }
    };
    if args.report {
        report(&outcome, out)?;
    } else if args.explain {
        explain(&outcome, out)?;
    } else {
        writeln!(out, "{}", outcome.bundle)?;
    }
    Ok(Ending::Good)
}

fn load(folder: &std::path::Path) -> Result<Converter, String> {
    let mapping = Mapping::from_folder(folder).map_err(|fault| with_causes(&fault))?;
    Converter::new(&mapping).map_err(|fault| fault.to_string())
}

fn with_causes(fault: &dyn std::error::Error) -> String {
    match fault.source() {
        None => fault.to_string(),
        Some(cause) => format!("{fault}: {}", with_causes(cause)),
    }
}

fn options(args: &Args) -> Options {
    Options {
        product: match &*args.product {
            "collection" => Product::Collection,
            "attachment" => Product::Attachment,
            _ => Product::Document,
        },
        us_core: match &*args.us_core {
            "3.1.1" => UsCore::V3_1_1,
            "7.0.0" => UsCore::V7_0_0,
            _ => UsCore::V6_1_0,
        },
        narrative: match &*args.narrative {
            "full" => Narrative::Full,
            "none" => Narrative::None,
            _ => Narrative::Section,
        },
        lineage: args.explain,
        ..Options::default()
    }
}

/// One path a line in, one line of JSON out; a refusal is an object with `error`.
fn serve(converter: &Converter, options: &Options, out: &mut Terminal) -> io::Result<Ending> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        match fs::read(&line) {
            Ok(bytes) => match converter.bundle(&bytes, options) {
                Ok(bundle) => out.write_all(bundle.as_bytes())?,
                Err(refusal) => write!(out, "{{\"error\":\"{}\"}}", refusal.code())?,
            },
            Err(_) => write!(out, "{{\"error\":\"unreadable\"}}")?,
        }
        writeln!(out)?;
        out.flush()?;
    }
    Ok(Ending::Good)
}

fn report(outcome: &Outcome, out: &mut Terminal) -> io::Result<()> {
    for note in &outcome.notes {
        writeln!(out, "{note}")?;
    }
    writeln!(out, "{} notes", outcome.notes.len())?;
    for left in &outcome.left_behind {
        writeln!(out, "left behind: {} ({})", left.place, left.reason.as_str())?;
    }
    writeln!(out, "{} left behind", outcome.left_behind.len())
}

fn explain(outcome: &Outcome, out: &mut Terminal) -> io::Result<()> {
    for leaf in &outcome.lineage {
        writeln!(
            out,
            "{}\t{}\t{}\t{}",
            leaf.resource, leaf.path, leaf.source, leaf.rule
        )?;
    }
    Ok(())
}
