//! `cartage demo`: a gateway and seven partners that do not exist, in one process, and the journeys between them.

use std::fs;
use std::io;
use std::io::Write;
use std::path::PathBuf;

use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

use super::Ending;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;

mod cast;
mod drawing;
mod journey;
mod office;
mod programme;

use self::cast::HARBOR;
use self::cast::LAKESIDE;
use self::cast::Stage;
use self::programme::JOURNEYS;

/// Run a gateway with simulated partners, and show each journey hop by hop.
///
/// Everything is real but the partners: the gateway listens on free ports of this machine, and keeps its data in a
/// folder that is removed at the end. Without --once it stays up and says what to try.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show all journeys and stop: exit code 0 if all arrived, 1 if not
    #[arg(long)]
    once: bool,
}

/// Sets the stage, plays the journeys, and stays or goes.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let folder = Folder::make()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let ending = runtime.block_on(play(args, &folder, out));
    runtime.shutdown_background();
    ending
}

async fn play(args: &Args, folder: &Folder, out: &mut Terminal) -> io::Result<Ending> {
    let mut stage = Stage::set(&folder.path).await?;
    let title = out.style(Style::Strong, "Cartage");
    writeln!(
        out,
        "{title} {}: a gateway, three payers, four providers; all of them invented.",
        env!("CARGO_PKG_VERSION")
    )?;
    let mut failed = Vec::new();
    for (number, journey) in (1..).zip(JOURNEYS) {
        if !journey.play(number, &mut stage, out).await? {
            failed.push(number);
        }
    }
    let arrived = JOURNEYS.len() - failed.len();
    if failed.is_empty() {
        let line = format!("{arrived} journeys, all arrived");
        writeln!(out, "\n{}", out.style(Style::Good, line))?;
    } else {
        let numbers: Vec<String> = failed.iter().map(usize::to_string).collect();
        let line = format!(
            "{arrived} of {} arrived; failed: {}",
            JOURNEYS.len(),
            numbers.join(", ")
        );
        writeln!(out, "\n{}", out.style(Style::Error, line))?;
    }
    let is_exact = office::counts(&stage, out).await?;
    out.flush()?;
    if !args.once {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        invite(&stage, out).await?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    let whole = stage.close().await;
    Ok(if failed.is_empty() && is_exact && whole {
        Ending::Good
    } else {
        Ending::Finding
    })
}

/// Says what to try while it stays up.
async fn invite(stage: &Stage, out: &mut Terminal) -> io::Result<()> {
    let folder = stage.folder.display();
    let facade = &stage.facade;
    let door = stage.door(HARBOR.name).await?;
    for (part, name) in [(HARBOR, "request.x12"), (LAKESIDE, "submit.json")] {
        if let Some(partner) = stage.partner(part) {
            fs::write(stage.folder.join(name), partner.sample(HARBOR.id, LAKESIDE.id))?;
        }
    }
    let (payer, hospital) = (HARBOR.token(), LAKESIDE.token());
    writeln!(
        out,
        "\nIt stays up until Ctrl-C. Try, from another terminal:\n\n  \
         curl -s {facade}/metadata\n  \
         curl -s -H 'Authorization: Bearer {hospital}' '{facade}/Task?status=requested'\n  \
         curl -s -H 'Authorization: Bearer {payer}' -H 'Content-Type: application/edi-x12' \\\n       \
         --data-binary @{folder}/request.x12 http://{door}/\n  \
         curl -s -H 'Authorization: Bearer {hospital}' -H 'Content-Type: application/fhir+json' \\\n       \
         --data-binary @{folder}/submit.json '{facade}/$submit-attachment'\n\n\
         The same bytes again get the same answer again. Its configuration and its log are there, too:\n\n  \
         cartage exchanges list -c {folder}\n  \
         cartage exchanges list --parked -c {folder}\n  \
         cartage explain -c {folder} {folder}/request.x12\n  \
         less {folder}/gateway.log"
    )?;
    out.flush()
}

/// A folder for the configuration and the data, gone when the demo is.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn make() -> io::Result<Self> {
        let clock = SystemClock::start();
        let since = clock
            .now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let name = format!("cartage-demo-{}-{}", std::process::id(), since.as_nanos());
        let path = std::env::temp_dir().join(name);
        // Made and not taken over: somebody else's folder of this name is refused.
        fs::create_dir(&path)?;
        keep_private(&path)?;
        Ok(Self { path })
    }
}

#[cfg(unix)]
fn keep_private(path: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn keep_private(_path: &std::path::Path) -> io::Result<()> {
    Ok(())
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which clears its folder for such things.
        let _ = fs::remove_dir_all(&self.path);
    }
}
