//! Writes invented X12, and measures other readers on it.
//!
//! ```text
//! peers generate 837 BYTES            claims, at least so many bytes, to standard output
//! peers generate 277 CLAIMS           requests for additional information
//! peers generate 275 CLAIMS [OCTETS]  attachments with payloads of so many octets (300)
//! peers PEER FILE [RUNS]              measures one reader, one line of JSON
//! peers cases FOLDER                  small interchanges with one stumbling stone each
//! peers list                          the readers that were compiled in
//! ```

mod cases;
#[path = "../../cpu_clock.rs"]
mod cpu_clock;
#[path = "../../invent/mod.rs"]
mod invent;
mod readers;

use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::readers::Peer;

fn main() -> ExitCode {
    let words = env::args().skip(1).collect::<Vec<_>>();
    let words = words.iter().map(String::as_str).collect::<Vec<_>>();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is the last resort: if it fails too, only the exit code is left.
            let _unheard = writeln!(io::stderr(), "peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    match *words {
        ["generate", "837", bytes] => out.write_all(&invent::interchange_837(bytes.parse()?))?,
        ["generate", "277", claims] => out.write_all(&invent::interchange_277(claims.parse()?))?,
        ["generate", "275", claims] => out.write_all(&invent::interchange_275(claims.parse()?, 300))?,
        ["generate", "275", claims, octets] => {
            out.write_all(&invent::interchange_275(claims.parse()?, octets.parse()?))?;
        }
        ["cases", folder] => {
            fs::create_dir_all(folder)?;
            for (name, bytes) in cases::all() {
                fs::write(Path::new(folder).join(name), bytes)?;
            }
        }
        ["list"] => {
            for peer in Peer::all() {
                writeln!(out, "{}", peer.name())?;
            }
        }
        [peer, file] => writeln!(out, "{}", measure(peer, file, 5)?)?,
        [peer, file, runs] => writeln!(out, "{}", measure(peer, file, runs.parse()?)?)?,
        _ => {
            return Err(
                "usage: generate 837|277|275 SIZE [OCTETS] | cases FOLDER | list | PEER FILE [RUNS]".into(),
            );
        }
    }
    Ok(())
}

/// Measures one reader on a file that is in memory before the clock starts.
fn measure(name: &str, file: &str, runs: usize) -> Result<String, Box<dyn Error>> {
    let peer = Peer::named(name).ok_or("no such reader was compiled in; `list` names them")?;
    let input = fs::read_to_string(file)?;
    let (cost, segments) = peer.read(&input, runs)?;
    let seconds = cost.median.as_secs_f64();
    Ok(format!(
        concat!(
            r#"{{"peer":"{}","version":"{}","bytes":{},"cpu_seconds":{:.6},"mb_per_cpu_second":{:.1},"#,
            r#""segments":{},"fastest_cpu_seconds":{:.6},"runs":{}}}"#
        ),
        peer.name(),
        locked_version(peer.package()).ok_or("the reader is not in Cargo.lock")?,
        input.len(),
        seconds,
        megabytes(input.len()) / seconds,
        segments,
        cost.fastest.as_secs_f64(),
        cost.runs,
    ))
}

/// A number of bytes in megabytes of a million.
#[allow(clippy::cast_precision_loss, reason = "no input comes near 2^52 bytes")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The version of `package` that was compiled in.
fn locked_version(package: &str) -> Option<&'static str> {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, after) = include_str!("../Cargo.lock").split_once(&entry)?;
    after.split('"').next()
}
