//! `cartage serve`: runs the gateway until it is told to stop.

use std::io;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use super::Ending;
use super::configuration::ConfigFile;
use super::configuration::Found;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::observe::event::Weight;
use crate::observe::journal::Journal;
use crate::observe::journal::Outputs;

pub(super) mod admin;
mod chance;
pub(super) mod dialing;
mod doors;
mod fault;
mod partner;
mod plan;
mod service;
mod supervise;
mod upkeep;

pub use self::doors::Announced;
pub use self::doors::Spot;
pub use self::fault::Fault;
pub use self::service::Service;
pub use self::service::Start;

/// Run the gateway.
///
/// Announces each door and then that it is ready; SIGTERM lets what was begun end and stops, SIGHUP takes up the
/// configuration. Exit code: 0 stopped, 1 refused to start or broke something off.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Announce doors as JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// Runs the gateway until it is told to stop.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let found = args.config.find();
    if !found.checked.is_sound() {
        write!(out, "{}", found.complaints(out.palette()))?;
        writeln!(out, "\n{}: the gateway does not start", found.name())?;
        return Ok(Ending::Finding);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let (journal, writer) = journal(&found, &clock)?;
    let start = Start {
        main: args.config.main(),
        clock,
        journal,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ending = runtime.block_on(live(start, args.json, out));
    // Whatever still runs was given its time.
    runtime.shutdown_background();
    writer.finish();
    ending
}

/// The journal that the configuration asks for.
fn journal(found: &Found, clock: &Arc<dyn Clock>) -> io::Result<(Journal, crate::observe::journal::Writer)> {
    let told = &found.checked.lowered.observe;
    let mut outputs = Outputs::stderr(Weight::parse(&told.log).unwrap_or(Weight::Info));
    if let Some(audit) = &told.audit {
        outputs = outputs.with_audit(&found.disk.path(&audit.to_string_lossy()))?;
    }
    Journal::open(outputs, MOST_EVENTS, Arc::clone(clock))
}

async fn live(start: Start, json: bool, out: &mut Terminal) -> io::Result<Ending> {
    let service = match Service::start(start).await {
        Ok(service) => service,
        Err(fault) => {
            writeln!(
                out,
                "{} {}",
                out.style(Style::Error, "the gateway does not start:"),
                fault.told()
            )?;
            return Ok(Ending::Finding);
        }
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    announce(&service, json, out).await?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => {
                if let Err(fault) = service.reload(std::collections::BTreeSet::new()).await {
                    // The journal holds no text of the configuration, so whoever asked reads here why.
                    let _ = writeln!(io::stderr(), "{}", fault.told());
                }
            }
        }
    }
    let whole = service.drain(DRAIN).await;
    Ok(if whole { Ending::Good } else { Ending::Finding })
}

/// Says where the doors are and that they are open.
async fn announce(service: &Service, json: bool, out: &mut Terminal) -> io::Result<()> {
    for door in service.doors().await {
        let (field, place) = door.place.told();
        if json {
            writeln!(
                out,
                "{}",
                json!({"event": "door", "name": door.name, "kind": door.kind, field: place})
            )?;
        } else {
            let name = format!("{:<16}", door.name);
            writeln!(out, "{} {:<7} {place}", out.style(Style::Strong, name), door.kind)?;
        }
    }
    let generation = service.generation().number;
    if json {
        writeln!(out, "{}", json!({"event": "ready", "generation": generation}))?;
    } else {
        writeln!(
            out,
            "{}, generation {generation}",
            out.style(Style::Good, "ready")
        )?;
    }
    out.flush()
}

/// How long what was begun has to end (ROB-018).
const DRAIN: Duration = Duration::from_secs(30);

/// So many events wait to be written; beyond them they are counted.
const MOST_EVENTS: usize = 8192;
