//! `cartage exchanges`: what the gateway keeps of its conversations, from the one that runs or from what it left behind.

use std::io;
use std::io::Write;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use super::Ending;
use super::configuration::ConfigFile;
use super::serve::admin;
use super::terminal::Style;
use super::terminal::Terminal;
use crate::ledger::error::LedgerError;
use crate::ledger::local::Ledger;

mod halted;
pub(super) mod query;
mod render;
mod timeline;

use self::query::Answer;
use self::query::Query;
use self::query::Which;

/// Look at the conversations that the gateway keeps, and at what it parked or refused.
///
/// Asks the gateway that runs on the configuration's data folder; if none runs, reads what it left there.
/// What may identify a person is masked. Exit code: 0 shown, 1 there is none of that name, 2 it cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List exchanges, the newest first; or messages that went no further
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Messages that wait for a person, the one that waits longest first, and why
        #[arg(long, conflicts_with_all = ["refused", "state", "before"])]
        parked: bool,
        /// Messages that were refused, and why
        #[arg(long, conflicts_with = "state")]
        refused: bool,
        /// Only those that are open, ended, or in this state
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Only those of this partner
        #[arg(long, value_name = "PARTNER")]
        partner: Option<String>,
        /// Only those that are older than this one
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// At most so many
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        most: usize,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show all that happened in one exchange, or what one entry of the ledger says
    Show {
        /// Which exchange, or which entry, as the list calls it
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Asks, and shows the answer.
pub(super) fn run(args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let (config, json, question) = match &args.what {
        What::List {
            config,
            parked,
            refused,
            state,
            partner,
            before,
            most,
            json,
        } => {
            let (partner, before, most) = (partner.clone(), before.clone(), *most);
            let which = match (parked, refused) {
                (true, _) => Some(Which::Parked),
                (_, true) => Some(Which::Refused),
                _ => None,
            };
            let question = match which {
                Some(which) => Query::Halted {
                    which,
                    partner,
                    before,
                    most,
                },
                None => Query::List {
                    state: state.clone(),
                    partner,
                    before,
                    most,
                },
            };
            (config, *json, question)
        }
        What::Show { id, config, json } => (config, *json, Query::Show { id: id.clone() }),
    };
    let found = config.find();
    let Some(gateway) = &found.checked.lowered.gateway else {
        write!(out, "{}", found.complaints(out.palette()))?;
        writeln!(out, "\n{}: it does not say where the data is", found.name())?;
        return Ok(Ending::Usage);
    };
    let folder = found.disk.path(&gateway.data_dir.to_string_lossy());
    let answer = match ask(&folder, &question) {
        Ok(answer) => answer,
        Err(why) => Answer::Trouble(why),
    };
    tell(&question, &answer, json, out)
}

/// Asks whoever can answer: the gateway that runs, or else what is in its folder.
fn ask(folder: &Path, question: &Query) -> Result<Answer, String> {
    let line = json!({"command": "exchanges", "query": question});
    match admin::ask(&folder.join(admin::SOCKET), &line) {
        Ok(said) => understand(said),
        Err(fault) if admin::is_nobody(&fault) => look(folder, question),
        Err(fault) => Err(format!("the gateway that runs did not answer: {fault}")),
    }
}

fn understand(mut said: Value) -> Result<Answer, String> {
    let answer = said.get_mut("exchanges").map(Value::take);
    let answer = answer.and_then(|answer| serde_json::from_value(answer).ok());
    answer.ok_or_else(|| {
        let why = said.get("error").and_then(Value::as_str);
        why.unwrap_or("the gateway that runs is of another release")
            .to_owned()
    })
}

/// Reads what a gateway left behind that does not run.
fn look(folder: &Path, question: &Query) -> Result<Answer, String> {
    let store = Ledger::look_into(folder).map_err(|refusal| match refusal {
        LedgerError::Locked(_) => format!(
            "a gateway works on {} and its socket {} does not answer: ask again when it is ready",
            folder.display(),
            admin::SOCKET
        ),
        LedgerError::Foreign(_) => format!("there is no ledger in {}", folder.display()),
        refusal => refusal.to_string(),
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|fault| fault.to_string())?;
    Ok(runtime.block_on(query::answer(&*store, question)))
}

fn tell(question: &Query, answer: &Answer, json: bool, out: &mut Terminal) -> io::Result<Ending> {
    if json {
        serde_json::to_writer_pretty(&mut *out, answer).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    match answer {
        Answer::List(listing) if !json => render::list(listing, out)?,
        Answer::Exchange(told) if !json => render::show(told, out)?,
        Answer::Halted(halts) if !json => {
            let (which, most) = match question {
                Query::Halted { which, most, .. } => (*which, *most),
                Query::List { .. } | Query::Show { .. } => (Which::Refused, usize::MAX),
            };
            render::halted(halts, which, out)?;
            if which == Which::Parked && halts.messages.len() >= most {
                writeln!(out, "there may be more: --most NUMBER")?;
            }
        }
        Answer::Entry(hops) if !json => render::hops(hops, out)?,
        Answer::List(_) | Answer::Exchange(_) | Answer::Halted(_) | Answer::Entry(_) => {}
        Answer::Unknown => {
            if !json {
                writeln!(out, "there is nothing of this name")?;
            }
            return Ok(Ending::Finding);
        }
        Answer::Trouble(why) => {
            if !json {
                writeln!(out, "{} {why}", out.style(Style::Error, "cannot be read:"))?;
            }
            return Ok(Ending::Usage);
        }
    }
    Ok(Ending::Good)
}
