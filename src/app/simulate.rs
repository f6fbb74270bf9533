//! `cartage simulate`: partners that do not exist, who speak real HTTP and X12 with a gateway, and misbehave on demand.
//!
//! [`Partner`] is the whole of it: tests and `cartage demo` run some in their own process, on free ports.

mod case;
mod counted;
mod event;
mod extract;
mod fault;
mod interchange;
mod partner;
mod payer;
mod provider;
mod receipt;
mod resource;
mod settings;
mod wire;

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use std::time::UNIX_EPOCH;

pub use self::case::Case;
pub use self::case::Purpose;
pub use self::counted::Counted;
pub use self::event::Event;
pub use self::event::What;
pub use self::fault::Fault;
pub use self::interchange::Release;
pub use self::interchange::Signature;
pub use self::partner::Partner;
pub use self::settings::Folders;
pub use self::settings::Role;
pub use self::settings::Settings;
pub use self::settings::Speaks;
use super::Ending;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::config::quantity;

/// Play a trading partner that does not exist, against a gateway to be tried.
///
/// The partner waits for connections, sends what it is told to send, and tells each event in one line. It stops with
/// Ctrl-C, or after `--for`. All people, plans and clinics that it speaks of are invented.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    role: RoleArgs,
}

#[derive(Debug, clap::Subcommand)]
enum RoleArgs {
    /// A payer: asks for documents (277, 278 or Task) and takes them (275 or $submit-attachment)
    Payer(PartnerArgs),
    /// A provider: takes requests (277 or Task) and answers them (275 or $submit-attachment)
    Provider(PartnerArgs),
}

#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
struct PartnerArgs {
    /// What it speaks
    #[arg(long, value_enum)]
    speaks: Speaks,
    /// Where its messages go: the address of an X12 door, or the base of a FHIR one
    #[arg(long, value_name = "URL", default_value = "")]
    to: String,
    /// Where it waits for connections
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The environment variable that holds the bearer token it shows to the gateway
    #[arg(long, value_name = "VARIABLE")]
    token_env: Option<String>,
    /// How many messages it sends of its own: a payer's requests, a provider's unsolicited documents
    #[arg(long, value_name = "N", default_value_t = 0)]
    send: u32,
    /// The wait between two of them, between two looks for files and Tasks, and of faults
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = time)]
    every: Duration,
    /// How long it goes on; without it, until Ctrl-C
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    lasts: Option<Duration>,
    /// Its messages are about a prior authorisation and not about a claim
    #[arg(long)]
    preauthorization: bool,
    /// A provider looks for Tasks that the gateway keeps for it
    #[arg(long)]
    collect: bool,
    /// A payer sends an 824 after its 999
    #[arg(long)]
    advise: bool,
    /// It exchanges files: the folder where the gateway leaves them for it
    #[arg(long, value_name = "DIR", requires = "outbox")]
    inbox: Option<PathBuf>,
    /// It exchanges files: the folder where the gateway picks them up
    #[arg(long, value_name = "DIR", requires = "inbox")]
    outbox: Option<PathBuf>,
    /// How it signs its envelopes
    #[arg(long, value_name = "ISA", value_parser = signature)]
    isa: Option<Signature>,
    /// How the gateway signs its own
    #[arg(long, value_name = "ISA", default_value = "ZZ:GATEWAY", value_parser = signature)]
    gateway_isa: Signature,
    /// The payer
    #[arg(long, value_name = "ID", default_value = "60601")]
    payer_id: String,
    /// The provider
    #[arg(long, value_name = "NPI", default_value = "1234567893")]
    npi: String,
    /// The release of X12 that it writes
    #[arg(long, value_enum, default_value = "6020")]
    release: Release,
    /// How it misbehaves
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

fn time(text: &str) -> Result<Duration, String> {
    quantity::duration(text).ok_or_else(|| "not a time such as 500ms, 2s or 5m".to_owned())
}

fn signature(text: &str) -> Result<Signature, String> {
    Signature::parse(text).ok_or_else(|| "not an interchange id such as ZZ:HARBORPLAN".to_owned())
}

/// Plays the partner.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let (role, args) = match &args.role {
        RoleArgs::Payer(args) => (Role::Payer, args),
        RoleArgs::Provider(args) => (Role::Provider, args),
    };
    let settings = match settings(role, args) {
        Ok(settings) => settings,
        Err(why) => {
            writeln!(io::stderr().lock(), "cartage simulate: {why}")?;
            return Ok(Ending::Usage);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(play(settings, args, out))
}

fn settings(role: Role, args: &PartnerArgs) -> Result<Settings, String> {
    let usual = Settings::new(role, args.speaks);
    let token = match &args.token_env {
        Some(name) => Some(std::env::var(name).map_err(|_| format!("{name} is not in the environment"))?),
        None => None,
    };
    let folders = args.inbox.clone().zip(args.outbox.clone());
    if args.send > 0 && args.to.is_empty() && folders.is_none() {
        return Err("--send needs --to, or folders".to_owned());
    }
    // Numbers that rise from run to run, so that a gateway does not take them for repeats.
    let seconds = SystemClock::start()
        .now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    Ok(Settings {
        listen: args.listen,
        gateway: args.to.clone(),
        token,
        own: args.isa.clone().unwrap_or_else(|| usual.own.clone()),
        other: args.gateway_isa.clone(),
        payer_id: args.payer_id.clone(),
        npi: args.npi.clone(),
        release: args.release,
        first: u32::try_from(seconds % 900_000_000).unwrap_or(0) + 1,
        fault: args.fault,
        pace: args.every,
        advises: args.advise,
        folders: folders.map(|(inbox, outbox)| Folders { inbox, outbox }),
        ..usual
    })
}

/// Runs the partner until its time is over, and prints what happens.
async fn play(settings: Settings, args: &PartnerArgs, out: &mut Terminal) -> io::Result<Ending> {
    let (partner, mut events) = match Partner::start(settings).await {
        Ok(started) => started,
        Err(fault) => {
            writeln!(io::stderr().lock(), "cartage simulate: {}: {fault}", args.listen)?;
            return Ok(Ending::Usage);
        }
    };
    let purpose = if args.preauthorization {
        Purpose::Preauthorization
    } else {
        Purpose::Claim
    };
    let mut over = std::pin::pin!(over(args.lasts));
    let mut work = std::pin::pin!(work(&partner, args, purpose));
    let mut ending = Ending::Good;
    let mut is_working = true;
    loop {
        tokio::select! {
            () = over.as_mut() => break,
            event = events.recv() => match event {
                Some(event) => {
                    if event.what == What::Failed {
                        ending = Ending::Finding;
                    }
                    print(&event, args.json, out)?;
                }
                None => break,
            },
            () = work.as_mut(), if is_working => is_working = false,
        }
    }
    Ok(ending)
}

/// Sends what is to be sent, and looks for what is to be fetched.
async fn work(partner: &Partner, args: &PartnerArgs, purpose: Purpose) {
    let fetches = args.collect || args.inbox.is_some();
    let mut left = args.send;
    while left > 0 || fetches {
        if left > 0 {
            left -= 1;
            let case = partner.invent(purpose);
            match partner.role() {
                Role::Payer => partner.ask(&case).await,
                Role::Provider => partner.submit(&case).await,
            };
        }
        if fetches {
            partner.collect().await;
        }
        tokio::time::sleep(args.every).await;
    }
}

/// Waits for Ctrl-C, or for the time that the partner is to last.
async fn over(lasts: Option<Duration>) {
    let timed = async {
        match lasts {
            Some(lasts) => tokio::time::sleep(lasts).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = timed => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn print(event: &Event, as_json: bool, out: &mut Terminal) -> io::Result<()> {
    if as_json {
        writeln!(out, "{}", event.json())?;
    } else {
        let style = match event.what {
            What::Failed => Style::Error,
            What::Misbehaved => Style::Warning,
            What::Sent | What::Received => Style::Note,
            What::Listens => Style::Faint,
        };
        writeln!(out, "{}", out.style(style, event))?;
    }
    // Whoever watches wants to see each event as it happens.
    out.flush()
}
