//! One message, or one thing that happened, being worked on: the exchanges it moves, and the one entry in which all of it
//! is kept.

use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use x12_parser::Finding;

use crate::exchange::correlation::Correlation;
use crate::exchange::correlation::Lookup;
use crate::exchange::correlation::MatchRule;
use crate::exchange::correlation::Names;
use crate::exchange::correlation::correlate;
use crate::exchange::effect::Effect;
use crate::exchange::effect::Reply;
use crate::exchange::event::Event;
use crate::exchange::event::What;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::ExchangeId;
use crate::exchange::ids::PartId;
use crate::exchange::ladder::Rung;
use crate::exchange::ladder::Verdict;
use crate::exchange::moment::Moment;
use crate::exchange::refusal::Refusal;
use crate::exchange::state::Exchange;
use crate::exchange::terms::Terms;
use crate::flow::dossier;
use crate::flow::dossier::Dossier;
use crate::flow::dossier::StoredNames;
use crate::flow::gateway::Gateway;
use crate::flow::hosted::HostedTask;
use crate::flow::mark::Trail;
use crate::flow::material::Material;
use crate::flow::material::Unfit;
use crate::flow::news;
use crate::flow::news::News;
use crate::flow::noted::Link;
use crate::flow::noted::Stepped;
use crate::flow::noted::written;
use crate::flow::timers;
use crate::flow::words::alert_word;
use crate::flow::words::dead_word;
use crate::flow::world::World;
use crate::flow::world::partner_name;
use crate::ledger::entry::AuditEvent;
use crate::ledger::entry::Destination;
use crate::ledger::entry::Entry;
use crate::ledger::entry::FolioChange;
use crate::ledger::entry::Handle;
use crate::ledger::entry::Move;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Outcome;
use crate::ledger::found::Search;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Trouble;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;

/// A piece of work, until it is committed.
pub(crate) struct Desk<'g> {
    pub(crate) gateway: &'g Gateway,
    pub(crate) world: Arc<World>,
    pub(crate) now: Moment,
    pub(crate) wall: SystemTime,
    pub(crate) entry: Entry,
    pub(super) files: Vec<File>,
    pub(super) tasks: Vec<HostedTask>,
    /// The message of the outbox that is being settled: what becomes of it is said there and not by a move.
    pub(crate) settling: Option<OutboundId>,
    /// What the message at hand holds for which exchange.
    pub(crate) links: Vec<Link>,
    /// What a partner just said against a message, in the words of an 824.
    pub(crate) objections: Vec<Finding>,
    /// Whether there is nobody to refuse: what cannot be put together then becomes a refused delivery for an operator.
    pub(crate) nobody_to_refuse: bool,
    /// What the log is told of the message at hand when it is committed.
    pub(crate) news: Option<News>,
    /// The way back to before the message at hand, where one of several can be left out.
    pub(super) trail: Trail,
}

/// An exchange that is being worked on.
#[derive(Clone)]
pub(super) struct File {
    pub(super) id: FolioId,
    from: Option<Version>,
    pub(super) exchange: Exchange,
    pub(super) dossier: Dossier,
    pub(super) changed: bool,
    /// Whether it goes by more names than before.
    pub(super) renamed: bool,
    /// Contents that came with the message at hand: the request's, or a part's.
    pub(super) fresh: Vec<(Option<PartId>, Arc<Material>)>,
}

/// Which of the exchanges on the desk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct FileId(pub(super) usize);

/// Why a message is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Declined {
    /// The exchange refuses it.
    #[error(transparent)]
    Exchange(#[from] Refusal),
    /// It cannot be told to whoever it is for.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Nothing says who it is for.
    #[error("nothing says who it is for")]
    Unrouted,
    /// The ledger is in trouble.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl<'g> Desk<'g> {
    /// The time by which the outbox goes: steady, so that no step of the wall clock holds a message up (ROB-021).
    pub(crate) fn outbox_time(&self) -> SystemTime {
        self.now.time_of_day().unwrap_or(self.wall)
    }

    /// A desk with nothing on it; what is done is `tenant`'s doing.
    pub(crate) fn open(gateway: &'g Gateway, tenant: TenantId) -> Self {
        let wall = gateway.parts().clock.now();
        let now = gateway.moment();
        Self {
            gateway,
            world: gateway.world(),
            now,
            wall,
            entry: Entry::new(tenant, wall),
            files: Vec::new(),
            tasks: Vec::new(),
            settling: None,
            links: Vec::new(),
            objections: Vec::new(),
            nobody_to_refuse: false,
            news: None,
            trail: Trail::default(),
        }
    }

    /// The partner who did it.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer::Tenant(self.entry.tenant.clone())
    }

    /// Which exchange a message that goes by `names` belongs to, as far as its sender may see.
    ///
    /// Only what shares a tracking number counts: anything less would have to be guessed at.
    ///
    /// # Errors
    /// Refuses more tracking numbers than are looked for at once; trouble of the ledger.
    pub(crate) async fn find(&self, source: &str, names: &StoredNames) -> Result<Correlation, Declined> {
        if names.tracking.len() > MOST_NUMBERS {
            return Err(Unfit::TooManyNumbers.into());
        }
        let Some(source) = partner_name(source) else {
            return Ok(Correlation::Unknown);
        };
        let shared = |others: &StoredNames| {
            let mut others = others.tracking.iter();
            others.any(|(other, _)| names.tracking.iter().any(|(number, _)| number == other))
        };
        let new: Vec<_> = self
            .files
            .iter()
            .filter(|file| file.from.is_none() && shared(&file.dossier.names))
            .collect();
        let names = names.names(source);
        let tenant = &self.entry.tenant;
        let handles: Vec<Handle> = trackings(&names)
            .map(|tracking| Handle::of(tenant, "exchange", &tracking))
            .collect();
        if handles.is_empty() {
            return Ok(Correlation::Unknown);
        }
        let search = Search {
            kind: Some(dossier::EXCHANGE),
            all_of: vec![handles],
            most: MOST_FOUND,
            ..Search::default()
        };
        let found = self.gateway.parts().store.find(&self.viewer(), search).await?;
        let mut known = Vec::new();
        for folio in &found {
            let (_, dossier) = dossier::decode(&folio.content)?;
            if let Some(source) = partner_name(&dossier.source) {
                known.push((ExchangeId::new(folio.id.number()), dossier.names.names(source)));
            }
        }
        // What this very message has begun is not in the ledger yet.
        for file in new {
            if let Some(source) = partner_name(&file.dossier.source) {
                known.push((
                    ExchangeId::new(file.id.number()),
                    file.dossier.names.names(source),
                ));
            }
        }
        let known = known.iter().map(|(id, names)| (*id, names));
        Ok(correlate(&names, known, MatchRule::default()))
    }

    /// Opens a new exchange.
    pub(crate) fn begin(&mut self, terms: Terms, dossier: Dossier) -> FileId {
        let id = self.new_folio();
        if let (Some((number, maker)), Some(source)) =
            (dossier.names.tracking.first(), tenant(&dossier.source))
        {
            // Two messages that begin the same exchange at the same time: the second finds that it is there.
            let value = format!("{}\n{maker}\n{number}", dossier.requester);
            self.entry
                .unused
                .push(Handle::of(&source, "exchange-of", value.as_bytes()));
        }
        self.files.push(File {
            id,
            from: None,
            exchange: Exchange::open(terms),
            dossier,
            changed: false,
            renamed: false,
            fresh: Vec::new(),
        });
        FileId(self.files.len() - 1)
    }

    /// Puts a known exchange on the desk; `None` if there is none that `viewer` may see.
    pub(crate) async fn fetch(
        &mut self,
        viewer: &Viewer,
        id: FolioId,
    ) -> Result<Option<FileId>, LedgerError> {
        if let Some(at) = self.files.iter().position(|file| file.id == id) {
            return Ok(Some(FileId(at)));
        }
        let folio = self.gateway.parts().store.folio(viewer, id).await?;
        let Some(folio) = folio.filter(|folio| folio.kind == dossier::EXCHANGE) else {
            return Ok(None);
        };
        let (exchange, dossier) = dossier::decode(&folio.content)?;
        self.files.push(File {
            id,
            from: Some(folio.version),
            exchange,
            dossier,
            changed: false,
            renamed: false,
            fresh: Vec::new(),
        });
        Ok(Some(FileId(self.files.len() - 1)))
    }

    pub(super) fn file(&self, id: FileId) -> &File {
        self.files
            .get(id.0)
            .expect("a number of a file is used with the desk that gave it")
    }

    /// The exchange, to be changed: it is written with the commit.
    pub(super) fn file_mut(&mut self, id: FileId) -> &mut File {
        self.remember_file(id.0);
        let file = self
            .files
            .get_mut(id.0)
            .expect("a number of a file is used with the desk that gave it");
        file.changed = true;
        file
    }

    /// Moves an exchange on by one event, and does what follows; says what its sender is told, if anything.
    ///
    /// # Errors
    /// The exchange's refusal; that what has to be sent cannot be told to its receiver; trouble of the ledger. The desk is
    /// then not to be committed before it [goes back](Self::go_back).
    pub(crate) async fn step(&mut self, id: FileId, what: What) -> Result<Option<Reply>, Declined> {
        let file = self.file(id);
        let before = file.exchange.kind();
        let kind = what.kind();
        let (after, effects) = file.exchange.step(&Event::new(self.now, what))?;
        let known: Vec<DeliveryId> = file.exchange.deliveries().iter().map(|one| one.id).collect();
        let folio = file.id;
        if after != file.exchange {
            self.file_mut(id).exchange = after;
        }
        let mut reply = None;
        let mut alerts = Vec::new();
        let mut unsent = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { delivery } => match self.send(id, delivery, known.contains(&delivery)).await {
                    Err(Declined::Unfit(_) | Declined::Unrouted) if self.nobody_to_refuse => {
                        unsent.push(delivery);
                    }
                    sent => sent?,
                },
                Effect::Stop { delivery } => {
                    self.take_out(id, delivery, Destination::Stopped, known.contains(&delivery))
                        .await?;
                }
                Effect::DeadLetter { delivery, why } => {
                    let trouble = Trouble::parse(dead_word(why)).map_err(|_| UNNAMED)?;
                    self.take_out(
                        id,
                        delivery,
                        Destination::Dead { trouble },
                        known.contains(&delivery),
                    )
                    .await?;
                }
                Effect::WriteTask(view) => self.write_task(id, &view).await?,
                Effect::Reply(told) => reply = Some(told),
                Effect::Report { to, outcome } => self.report(id, to, outcome).await?,
                Effect::Alert(alert) => alerts.push(alert_word(alert)),
            }
        }
        let after = self.file(id).exchange.kind();
        self.note(&Stepped {
            event: format!("{kind:?}"),
            exchange: folio.to_string(),
            from: format!("{before:?}"),
            to: format!("{after:?}"),
            alerts,
        });
        for delivery in unsent {
            let refused = What::Receipt {
                delivery,
                rung: Rung::Transport,
                verdict: Verdict::Rejected,
            };
            // Boxed, because it is this very function; a refusal sends nothing, so it ends here.
            Box::pin(self.step(id, refused)).await?;
        }
        Ok(reply)
    }

    /// Takes a message out of the outbox, wherever it is by now.
    async fn take_out(
        &mut self,
        id: FileId,
        delivery: DeliveryId,
        to: Destination,
        is_known: bool,
    ) -> Result<(), LedgerError> {
        let outbound = outbound_id(self.file(id).id, delivery);
        if self.settling == Some(outbound) {
            return Ok(());
        }
        if self.take_back(outbound) || !is_known {
            return Ok(());
        }
        // What was buried before it was ever put together lies in its entry only.
        let stored = self
            .gateway
            .parts()
            .store
            .outbound(&Viewer::Operator, outbound)
            .await?;
        if let Some(stored) = stored
            && crate::flow::settling::can_move(stored.standing, &to)
        {
            self.entry.moved.push(Move { outbound, to });
        }
        Ok(())
    }

    /// Notes something in the audit.
    pub(crate) fn note(&mut self, event: &impl Serialize) {
        self.entry.audit.push(AuditEvent {
            tenant: self.entry.tenant.clone(),
            content: written(event),
        });
    }

    /// Keeps all of it, or nothing.
    pub(crate) async fn commit(mut self) -> Result<Outcome, LedgerError> {
        for file in &self.files {
            if !file.changed {
                self.entry.about.push(file.id);
                continue;
            }
            self.entry.folios.push(file.change()?);
        }
        for task in &self.tasks {
            if let Some(change) = task.change(&self.world.key)? {
                self.entry.folios.push(change);
            }
        }
        self.entry.about.sort_unstable();
        self.entry.about.dedup();
        let rings = !self.entry.outbound.is_empty()
            || self
                .entry
                .moved
                .iter()
                .any(|moved| matches!(moved.to, Destination::Waiting { .. }));
        // What is due later is found by a look that comes by itself, even if one is on its way now.
        let soon = self.outbox_time() + timers::PAUSE * 2;
        let mut changes = self.entry.folios.iter();
        let wakes = changes.any(|folio| folio.wake.is_some_and(|wake| wake <= soon));
        let length = news::length(&self.entry);
        let outcome = self.gateway.parts().store.commit(self.entry).await?;
        self.gateway.ring(rings, wakes);
        if let Some(news) = self.news {
            news.tell(self.gateway, &outcome, length);
        }
        Ok(outcome)
    }
}

impl File {
    fn change(&self) -> Result<FolioChange, LedgerError> {
        let (owner, peer) = self.sides()?;
        let handles = (self.from.is_none() || self.renamed).then(|| self.handles(&owner, &peer));
        Ok(FolioChange {
            id: self.id,
            from: self.from,
            kind: dossier::EXCHANGE,
            owner,
            peer: Some(peer),
            content: dossier::encode(&self.exchange, &self.dossier)?,
            handles,
            wake: self.exchange.wakes().and_then(|(at, _)| at.time_of_day()),
            open: !self.exchange.kind().has_ended(),
            keep_past: false,
        })
    }

    /// Who asks and who answers.
    pub(super) fn sides(&self) -> Result<(TenantId, TenantId), LedgerError> {
        tenant(&self.dossier.requester)
            .zip(tenant(&self.dossier.source))
            .ok_or(UNNAMED)
    }

    fn handles(&self, owner: &TenantId, peer: &TenantId) -> Vec<Handle> {
        let mut handles = Vec::new();
        if let Some(source) = partner_name(&self.dossier.source) {
            for tracking in trackings(&self.dossier.names.names(source)) {
                for side in [owner, peer] {
                    handles.push(Handle::of(side, "exchange", &tracking));
                }
            }
        }
        for (number, maker) in &self.dossier.names.tracking {
            let value = format!("{}\n{maker}\n{number}", self.dossier.requester);
            handles.push(Handle::of(peer, "exchange-of", value.as_bytes()));
        }
        handles.sort_unstable();
        handles.dedup();
        handles
    }
}

/// The tracking numbers that an exchange is found by.
fn trackings(names: &Names) -> impl Iterator<Item = Vec<u8>> {
    let numbers = names.tracking.iter();
    numbers.map(|one| Lookup::Tracking(one.number.clone()).bytes())
}

/// A partner as the ledger names it; the configuration's names always are such names.
pub(crate) fn tenant(name: &str) -> Option<TenantId> {
    TenantId::parse(name).ok()
}

/// The message of the outbox that carries a delivery.
pub(crate) const fn outbound_id(folio: FolioId, delivery: DeliveryId) -> OutboundId {
    OutboundId {
        folio,
        number: delivery.number(),
    }
}

/// How many tracking numbers of one message are looked for; a search takes so many.
const MOST_NUMBERS: usize = 1_000;
/// How many exchanges that share a number are compared.
const MOST_FOUND: usize = 1_000;

const UNNAMED: LedgerError = LedgerError::Malformed("a partner has a name that the ledger does not take");
