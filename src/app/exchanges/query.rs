//! What can be asked about exchanges, and what is answered: the same from a running gateway's socket and from a stopped
//! one's data folder.

use std::time::SystemTime;

use serde::Deserialize;
use serde::Serialize;

use super::halted;
use super::halted::Halted;
use super::halted::Halts;
pub(in crate::app) use super::halted::Which;
use super::timeline;
use crate::exchange::moment::Moment;
use crate::exchange::state::Ending;
use crate::exchange::state::Kind;
use crate::flow::calendar;
use crate::flow::dossier;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Folio;
use crate::ledger::found::Search;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Viewer;
use crate::ledger::store::Store;

/// A question about exchanges.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::app) enum Query {
    /// Which there are, the newest first.
    List {
        /// Only those that stand so: `open`, `ended`, or the name of a state.
        state: Option<String>,
        /// Only those of this partner.
        partner: Option<String>,
        /// Only those older than this one.
        before: Option<String>,
        /// At most so many.
        most: usize,
    },
    /// Messages that went no further.
    Halted {
        /// Which of them.
        which: Which,
        /// Only those of this partner.
        partner: Option<String>,
        /// Only those older than this one.
        before: Option<String>,
        /// At most so many.
        most: usize,
    },
    /// All that is known of one, or of one entry of the ledger.
    Show {
        /// Which.
        id: String,
    },
}

/// The answer to a [`Query`]. It holds nothing that identifies a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::app) enum Answer {
    /// Which there are.
    List(Listing),
    /// All that is known of one.
    Exchange(Box<Told>),
    /// Messages that went no further.
    Halted(Halts),
    /// What one entry says.
    Entry(Vec<Hop>),
    /// There is none of this name.
    Unknown,
    /// The question cannot be answered.
    Trouble(String),
}

/// Exchanges, the newest first.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Listing {
    pub(in crate::app) exchanges: Vec<Line>,
    /// The name to go on before, if there may be older ones.
    pub(in crate::app) older: Option<String>,
    /// Messages that wait for a person, the first of them.
    pub(in crate::app) parked: Vec<Halted>,
    /// Messages that were refused of late, the newest first.
    pub(in crate::app) refused: Vec<Halted>,
    /// How many messages wait for a person in all.
    pub(in crate::app) parked_in_all: u64,
    /// How many messages wait to be sent.
    pub(in crate::app) waiting: u64,
    /// How many dead letters there are.
    pub(in crate::app) dead: u64,
}

/// One exchange.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Line {
    pub(in crate::app) id: String,
    pub(in crate::app) state: String,
    /// Why it stands so, where that needs a word.
    pub(in crate::app) why: Option<String>,
    /// The partner who asks.
    pub(in crate::app) asks: String,
    /// The partner who answers.
    pub(in crate::app) answers: String,
    /// How many parts of the answer are here.
    pub(in crate::app) parts: usize,
    /// When it last changed.
    pub(in crate::app) changed: String,
    /// By when it must be answered.
    pub(in crate::app) due: Option<String>,
}

/// All that is told of one exchange.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Told {
    pub(in crate::app) exchange: Line,
    /// What it goes by, masked.
    pub(in crate::app) names: Vec<(String, String)>,
    /// How it was decided where it goes, and under which configuration and mappings.
    pub(in crate::app) pinned: Vec<(String, String)>,
    /// What happened, the oldest first.
    pub(in crate::app) hops: Vec<Hop>,
    /// Messages that went or go out.
    pub(in crate::app) sent: Vec<Sent>,
}

/// One thing that happened.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Hop {
    pub(in crate::app) at: String,
    pub(in crate::app) entry: String,
    /// `received`, `decided`, `answered`, `parked`, `queued`, `settled` or the name of an event of the audit.
    pub(in crate::app) what: String,
    pub(in crate::app) details: Vec<(String, String)>,
}

/// A message that went or goes out.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Sent {
    pub(in crate::app) id: String,
    pub(in crate::app) to: String,
    pub(in crate::app) what: String,
    pub(in crate::app) standing: String,
    pub(in crate::app) attempts: u32,
    pub(in crate::app) trouble: Option<String>,
    /// When it is tried next, while it waits.
    pub(in crate::app) due: Option<String>,
    /// Control numbers, by series.
    pub(in crate::app) numbers: Vec<(String, u64)>,
    /// SHA-256 of what is sent, part by part; none after retention has removed it.
    pub(in crate::app) digests: Vec<String>,
}

/// Answers a question.
///
/// It only reads, so it may be cancelled at any time.
pub(in crate::app) async fn answer(store: &dyn Store, query: &Query) -> Answer {
    let answered = match query {
        Query::List {
            state,
            partner,
            before,
            most,
        } => {
            let Ok(viewer) = viewer(partner.as_deref()) else {
                return Answer::Trouble("that is no name of a partner".to_owned());
            };
            let before = match before.as_deref().map(folio_named) {
                Some(None) => return Answer::Unknown,
                Some(Some(folio)) => Some(folio),
                None => None,
            };
            let most = (*most).clamp(1, MOST);
            list(store, &viewer, state.as_deref(), before, most)
                .await
                .map(Answer::List)
        }
        Query::Halted {
            which,
            partner,
            before,
            most,
        } => {
            let Ok(viewer) = viewer(partner.as_deref()) else {
                return Answer::Trouble("that is no name of a partner".to_owned());
            };
            let before = match before.as_deref().map(entry_named) {
                Some(None) => return Answer::Unknown,
                Some(Some(entry)) => Some(entry),
                None => None,
            };
            let most = (*most).clamp(1, MOST);
            match which {
                Which::Parked => halted::parked(store, &viewer, most).await,
                Which::Refused => halted::refused(store, &viewer, before, most, MOST_PAGES).await,
            }
            .map(Answer::Halted)
        }
        Query::Show { id } => match (folio_named(id), entry_named(id)) {
            (Some(folio), _) => timeline::show(store, folio)
                .await
                .map(|told| told.map_or(Answer::Unknown, |told| Answer::Exchange(Box::new(told)))),
            (None, Some(entry)) => timeline::entry(store, entry)
                .await
                .map(|hops| hops.map_or(Answer::Unknown, Answer::Entry)),
            (None, None) => Ok(Answer::Unknown),
        },
    };
    answered.unwrap_or_else(|trouble| Answer::Trouble(trouble.to_string()))
}

fn viewer(partner: Option<&str>) -> Result<Viewer, ()> {
    match partner {
        None => Ok(Viewer::Operator),
        Some(name) => TenantId::parse(name).map(Viewer::Tenant).map_err(|_| ()),
    }
}

/// The folio that a name of an exchange stands for.
fn folio_named(id: &str) -> Option<FolioId> {
    let number = u64::from_str_radix(id.strip_prefix('x')?, 16).ok()?;
    FolioId::new(number).filter(|folio| folio.to_string() == id)
}

/// The entry that a name stands for.
fn entry_named(id: &str) -> Option<EntryId> {
    let number = id.strip_prefix('e')?.parse().ok()?;
    Some(EntryId::new(number)).filter(|entry| entry.to_string() == id)
}

async fn list(
    store: &dyn Store,
    viewer: &Viewer,
    state: Option<&str>,
    mut below: Option<FolioId>,
    most: usize,
) -> Result<Listing, LedgerError> {
    let mut listing = Listing::default();
    if below.is_none() {
        listing.parked = halted::parked(store, viewer, MOST_NAMED).await?.messages;
        listing.refused = halted::refused(store, viewer, None, MOST_NAMED, 1)
            .await?
            .messages;
    }
    let tally = store.tally().await?;
    (listing.waiting, listing.dead) = (tally.waiting, tally.dead);
    listing.parked_in_all = tally.parked;
    // A filter may find nothing for long; then it is asked again from where it came to.
    for _ in 0..MOST_PAGES {
        let search = Search {
            kind: Some(dossier::EXCHANGE),
            below,
            most: PAGE,
            ..Search::default()
        };
        let found = store.find(viewer, search).await?;
        let ended = found.len() < PAGE;
        for folio in found {
            below = Some(folio.id);
            let line = line(&folio);
            if state.is_none_or(|state| stands(&folio, &line, state)) {
                listing.exchanges.push(line);
            }
            if listing.exchanges.len() == most {
                listing.older = Some(folio.id.to_string());
                return Ok(listing);
            }
        }
        if ended {
            return Ok(listing);
        }
    }
    listing.older = below.map(|folio| folio.to_string());
    Ok(listing)
}

fn stands(folio: &Folio, line: &Line, state: &str) -> bool {
    match state {
        "open" => folio.open,
        "ended" => !folio.open,
        state => line.state == state,
    }
}

/// An exchange in one line; what cannot be read is shown as such, because somebody must see it.
pub(super) fn line(folio: &Folio) -> Line {
    let mut line = Line {
        id: folio.id.to_string(),
        state: "unreadable".to_owned(),
        changed: time(folio.at),
        ..Line::default()
    };
    if let Ok((exchange, dossier)) = dossier::decode(&folio.content) {
        state_word(exchange.kind()).clone_into(&mut line.state);
        line.why = exchange.ending().map(|ending| ending_word(ending).to_owned());
        line.asks = dossier.requester;
        line.answers = dossier.source;
        line.parts = exchange.parts().len();
        line.due = exchange.deadline().map(calendar::instant);
    }
    line
}

/// A time as it is shown: in UTC, to the millisecond.
pub(super) fn time(at: SystemTime) -> String {
    calendar::instant(Moment::of(at))
}

const fn state_word(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new",
        Kind::Held => "held",
        Kind::Requested => "requested",
        Kind::Accepted => "accepted",
        Kind::Working => "working",
        Kind::Delivering => "delivering",
        Kind::OnHold => "on-hold",
        Kind::Completed => "completed",
        Kind::Rejected => "rejected",
        Kind::Failed => "failed",
        Kind::Withdrawn => "withdrawn",
    }
}

const fn ending_word(ending: Ending) -> &'static str {
    match ending {
        Ending::NotDeliverable => "the request could not be handed over",
        Ending::RefusedByReceiver { .. } => "the request was refused by its receiver's system",
        Ending::BySource => "its receiver declined it",
        Ending::Cancelled => "it was cancelled",
        Ending::DuePassed => "its deadline has passed",
        Ending::HoldExpired => "what it waited for did not come",
        Ending::SetExpired => "the set was not whole in time",
        Ending::Abandoned => "an operator ended it",
    }
}

/// So many are looked at in one step.
const PAGE: usize = 200;

/// So many steps are made for one answer.
const MOST_PAGES: usize = 50;

/// The most lines of one answer.
const MOST: usize = 1_000;

/// So many parked and so many refused messages are named below the exchanges.
const MOST_NAMED: usize = 5;
