//! `cartage mappings test`: runs the tests that stand beside the mappings and counts the rules that they use.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use crate::app::Ending;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;
use crate::mapping::Library;
use crate::mapping::Program;
use crate::translate::trial;

/// Run the tests beside the mappings; tell which rules no test uses
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of mappings; those of the program if absent
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Print JSON for a program, one object a line
    #[arg(long)]
    json: bool,
    /// End with 1 if the tests of any mapping use fewer of its rules, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    coverage: u8,
}

/// A line about a test that failed.
#[derive(Serialize)]
struct Failed<'t> {
    mapping: &'t str,
    test: &'t str,
    file: &'t str,
    line: usize,
    wrong: Vec<String>,
}

/// A line about a mapping.
#[derive(Serialize)]
struct Tested<'p> {
    mapping: &'p str,
    tests: usize,
    failed: usize,
    rules: usize,
    unused: Vec<&'p str>,
    percent: usize,
}

/// Runs them.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let library = match super::library(args.folder.as_deref()) {
        Ok(library) => library,
        Err(unusable) => return Ok(super::complain(&unusable)),
    };
    let mut ending = Ending::Good;
    for trial in library.trials() {
        if library.program(&trial.mapping).is_none() {
            ending = Ending::Finding;
            let (file, line, mapping) = (&trial.file, trial.line, &trial.mapping);
            writeln!(out, "{file}:{line}: there is no mapping {mapping}")?;
        }
    }
    for program in library.programs() {
        let tested = test(program, &library, args.json, out)?;
        if tested.failed > 0 || tested.percent < usize::from(args.coverage) {
            ending = Ending::Finding;
        }
        tell(&tested, args.json, out)?;
    }
    Ok(ending)
}

fn test<'p>(
    program: &'p Program,
    library: &Library,
    json: bool,
    out: &mut Terminal,
) -> io::Result<Tested<'p>> {
    let mut fired = BTreeSet::new();
    let (mut tests, mut failed) = (0, 0);
    for trial in library
        .trials()
        .iter()
        .filter(|trial| *trial.mapping == *program.id)
    {
        tests += 1;
        let outcome = trial::run(library, trial);
        fired.extend(outcome.fired);
        if outcome.complaints.is_empty() {
            continue;
        }
        failed += 1;
        let line = Failed {
            mapping: &program.id,
            test: &trial.name,
            file: &trial.file,
            line: trial.line,
            wrong: outcome.complaints,
        };
        if json {
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        } else {
            let word = out.style(Style::Error, "failed");
            writeln!(out, "{word} {}:{}: {}", line.file, line.line, line.test)?;
            for wrong in line.wrong {
                writeln!(out, "    {wrong}")?;
            }
        }
    }
    let rules = trial::rules(program).count();
    let unused = trial::unused(program, &fired);
    Ok(Tested {
        mapping: &program.id,
        tests,
        failed,
        rules,
        percent: (rules - unused.len()) * 100 / rules.max(1),
        unused,
    })
}

fn tell(tested: &Tested<'_>, json: bool, out: &mut Terminal) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, tested)?;
        return writeln!(out);
    }
    let Tested {
        mapping,
        tests,
        failed,
        rules,
        unused,
        percent,
    } = tested;
    let name = out.style(Style::Strong, format!("{mapping:<18}"));
    let used = rules - unused.len();
    writeln!(
        out,
        "{name} {tests} tests, {failed} failed; {used} of {rules} rules used, {percent} %"
    )?;
    for rule in unused {
        writeln!(out, "    not used: {rule}")?;
    }
    Ok(())
}
