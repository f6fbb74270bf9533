//! `cartage init`: a commented configuration to start from, which passes `cartage check` as it is.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use super::Ending;
use super::terminal::Style;
use super::terminal::Terminal;

/// Write a commented configuration to start from.
///
/// It passes `cartage check` as it is, and listens on this machine only. Nothing that exists is overwritten.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the gateway will be
    #[arg(value_name = "KIND")]
    kind: Starter,
    /// The folder to write to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    into: PathBuf,
}

/// The configurations to start from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Starter {
    /// In front of a system that knows X12 only, towards payers of both kinds
    Clearinghouse,
    /// A payer whose claims system speaks X12 and whose providers speak FHIR
    Payer,
    /// Many partners in sheets, a few routes in files of their own
    Network,
}

impl Starter {
    /// The files and their texts.
    const fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Clearinghouse => &[("gateway.toml", include_str!("init/clearinghouse.toml"))],
            Self::Payer => &[("gateway.toml", include_str!("init/payer.toml"))],
            Self::Network => &[
                ("gateway.toml", include_str!("init/network.toml")),
                ("directory/payers.csv", include_str!("init/network-payers.csv")),
                (
                    "directory/providers.csv",
                    include_str!("init/network-providers.csv"),
                ),
                (
                    "routes/10-exceptions.toml",
                    include_str!("init/network-routes.toml"),
                ),
            ],
        }
    }

    /// The folders that the configuration speaks of.
    const fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Clearinghouse => &["from-legacy", "to-legacy"],
            Self::Payer => &["to-claims-system"],
            Self::Network => &["to-western-hub", "to-oldstone"],
        }
    }
}

/// Writes the files and says what to do next.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let files = args.kind.files();
    let existing: Vec<&str> = files
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| args.into.join(name).exists())
        .collect();
    if !existing.is_empty() {
        let mut error = io::stderr().lock();
        writeln!(
            error,
            "cartage init: nothing was written, because there is {} already",
            existing.join(", ")
        )?;
        return Ok(Ending::Finding);
    }
    if let Err((path, fault)) = write_all(args) {
        let mut error = io::stderr().lock();
        writeln!(error, "cartage init: {}: {fault}", path.display())?;
        return Ok(Ending::Finding);
    }
    for (name, _) in files {
        writeln!(out, "wrote {}", args.into.join(name).display())?;
    }
    for folder in args.kind.folders() {
        writeln!(out, "made  {}/", args.into.join(folder).display())?;
    }
    let here = if args.into == Path::new(".") {
        String::new()
    } else {
        format!(" -c {}", args.into.join("gateway.toml").display())
    };
    let next = out.style(Style::Strong, "next:");
    writeln!(out, "\n{next} cartage check{here}")?;
    writeln!(out, "      cartage explain{here} --message 275 --payer-id 60054")?;
    Ok(Ending::Good)
}

fn write_all(args: &Args) -> Result<(), (PathBuf, io::Error)> {
    for (name, text) in args.kind.files() {
        let path = args.into.join(name);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes())));
        written.map_err(|fault| (path, fault))?;
    }
    for folder in args.kind.folders() {
        let path = args.into.join(folder);
        fs::create_dir_all(&path).map_err(|fault| (path, fault))?;
    }
    Ok(())
}
