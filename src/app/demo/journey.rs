//! The journeys of the demo: who begins, and what must be seen on the way.

use std::io;
use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout_at;

use super::cast::Part;
use super::cast::Stage;
use super::drawing;
use super::drawing::Side;
use super::office;
use crate::app::simulate::Case;
use crate::app::simulate::Event;
use crate::app::simulate::Fault;
use crate::app::simulate::Purpose;
use crate::app::simulate::What;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;

/// A journey through the gateway.
#[derive(Debug)]
pub(super) struct Journey {
    /// What it shows.
    pub(super) title: &'static str,
    pub(super) payer: Part,
    pub(super) provider: Part,
    pub(super) begins: Begins,
    pub(super) purpose: Purpose,
    /// How somebody misbehaves meanwhile.
    pub(super) fault: Option<(Part, Fault)>,
    /// What must be seen, in any order: who, and what. All that anybody receives is among it.
    pub(super) expected: &'static [Seen],
}

/// Something to be seen: who, and what.
pub(super) type Seen = (Part, What, &'static str);

/// Who begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Begins {
    /// The payer asks.
    Payer,
    /// The provider sends unasked.
    Provider,
}

/// How long a journey may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The wait between two looks of a practice for its Tasks.
const LOOK: Duration = Duration::from_millis(200);

impl Journey {
    /// Plays the journey and draws each hop; true if all was seen that must be.
    ///
    /// # Errors
    /// The failure to print.
    pub(super) async fn play(
        &self,
        number: usize,
        stage: &mut Stage,
        out: &mut Terminal,
    ) -> io::Result<bool> {
        let title = format!("{number}  {}", self.title);
        writeln!(out, "\n{}", out.style(Style::Strong, title))?;
        drawing::heading(&self.payer.caption(), &self.provider.caption(), out)?;
        out.flush()?;
        self.misbehave(stage, self.fault.map(|(_, fault)| fault));
        let left = self.watch(stage, out).await?;
        self.misbehave(stage, None);
        if left.is_empty() && !self.provider.is_known() {
            return office::shows_parked(stage, self.payer, out).await;
        }
        if left.is_empty() {
            writeln!(out, "  {}", out.style(Style::Good, "arrived"))?;
            return Ok(true);
        }
        let missing: Vec<String> = left
            .iter()
            .map(|(part, what, message)| format!("{} {} {message}", part.name, what.as_str()))
            .collect();
        let why = format!("failed; not seen: {}", missing.join("; "));
        writeln!(out, "  {}", out.style(Style::Error, why))?;
        Ok(false)
    }

    /// Begins, and draws what happens until all was seen or patience is over; what was not seen.
    async fn watch(&self, stage: &mut Stage, out: &mut Terminal) -> io::Result<Vec<Seen>> {
        let mut left = self.expected.to_vec();
        let end = Instant::now() + PATIENCE;
        let Some(case) = self.begin(stage).await else {
            return Ok(left);
        };
        while !left.is_empty() && Instant::now() < end {
            self.look(&case, &left, stage).await;
            let until = end.min(Instant::now() + LOOK);
            while let Ok(Some(event)) = timeout_at(until, stage.events.recv()).await {
                self.note(&event, &case, &mut left, out)?;
                if left.is_empty() {
                    break;
                }
            }
        }
        Ok(left)
    }

    /// Looks for what nobody brings: Tasks and files that a provider fetches, and the end of a Task.
    async fn look(&self, case: &Case, left: &[Seen], stage: &Stage) {
        if self.provider.fetches()
            && let Some(provider) = stage.partner(self.provider)
        {
            provider.collect().await;
        }
        if let [(part, What::Sent, SEARCH)] = left
            && let Some(payer) = stage.partner(*part)
        {
            payer.follow(case).await;
        }
    }

    async fn begin(&self, stage: &Stage) -> Option<Case> {
        let beginner = stage.partner(match self.begins {
            Begins::Payer => self.payer,
            Begins::Provider => self.provider,
        })?;
        let mut case = beginner.invent(self.purpose);
        self.payer.id.clone_into(&mut case.payer_id);
        self.provider.id.clone_into(&mut case.npi);
        match self.begins {
            Begins::Payer => beginner.ask(&case).await,
            Begins::Provider => beginner.submit(&case).await,
        };
        Some(case)
    }

    fn misbehave(&self, stage: &Stage, fault: Option<Fault>) {
        if let Some((part, _)) = self.fault
            && let Some(partner) = stage.partner(part)
        {
            partner.misbehave(fault);
        }
    }

    /// Draws an event of this journey, and strikes it off what must be seen.
    fn note(&self, event: &Event, case: &Case, left: &mut Vec<Seen>, out: &mut Terminal) -> io::Result<()> {
        // What still comes of an earlier journey is not of this one.
        if !event.case.is_empty() && event.case != case.tracking {
            return Ok(());
        }
        let side = if event.partner == self.payer.name {
            Side::Left
        } else if event.partner == self.provider.name {
            Side::Right
        } else {
            return Ok(());
        };
        let is_it = |(part, what, message): &Seen| {
            part.name == event.partner && *what == event.what && *message == event.message
        };
        if is_good(event)
            && let Some(at) = left.iter().position(is_it)
        {
            left.remove(at);
        }
        drawing::hop(side, event, out)
    }
}

/// What a payer's look for the state of its Task is called in events.
pub(super) const SEARCH: &str = "search";

/// Whether it went well, as far as it can.
fn is_good(event: &Event) -> bool {
    match event.what {
        What::Sent | What::Received => {
            let is_taken = event.outcome.starts_with('2') && !event.outcome.contains("999 R");
            is_taken || drawing::is_unanswered(&event.outcome)
        }
        What::Misbehaved | What::Listens => true,
        What::Failed => false,
    }
}
