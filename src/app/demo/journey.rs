//! The journeys of the demo: who begins, and what must be seen on the way.

use std::io;
use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout_at;

use super::cast::ATLAS;
use super::cast::BEACON;
use super::cast::ELM;
use super::cast::HARBOR;
use super::cast::LAKESIDE;
use super::cast::NORTH;
use super::cast::Part;
use super::cast::Stage;
use super::drawing;
use super::drawing::Side;
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
    payer: Part,
    provider: Part,
    begins: Begins,
    purpose: Purpose,
    /// How somebody misbehaves meanwhile.
    fault: Option<(Part, Fault)>,
    /// What must be seen, in any order: who, and what.
    expected: &'static [Seen],
}

/// Something to be seen: who, and what.
type Seen = (Part, What, &'static str);

/// Who begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Begins {
    /// The payer asks.
    Payer,
    /// The provider sends unasked.
    Provider,
}

/// All journeys.
pub(super) const JOURNEYS: &[Journey] = &[
    Journey {
        title: "a payer on X12 asks a hospital on FHIR: 277 becomes Task, $submit-attachment becomes 275",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (HARBOR, What::Sent, "277"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a payer on X12 5010 asks a practice without a server, which finds its Task with the gateway",
        payer: ATLAS,
        provider: ELM,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (ATLAS, What::Sent, "277"),
            (ELM, What::Received, "task"),
            (ELM, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
            (ATLAS, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a payer on FHIR asks a clinic on X12: Task becomes 277, the 275 becomes $submit-attachment",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (BEACON, What::Sent, "task"),
            (NORTH, What::Received, "277"),
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (BEACON, What::Sent, SEARCH),
        ],
    },
    Journey {
        title: "a hospital on FHIR sends documents unasked to a payer on X12 5010",
        payer: ATLAS,
        provider: LAKESIDE,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
            (ATLAS, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a hospital on FHIR sends documents unasked for a prior authorisation to a payer on X12",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Provider,
        purpose: Purpose::Preauthorization,
        fault: None,
        expected: &[
            (LAKESIDE, What::Sent, "submit-attachment"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a clinic on X12 sends documents unasked to a payer on FHIR, whose answer comes back",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (NORTH, What::Received, "824"),
        ],
    },
    Journey {
        title: "X12 to X12: what needs no translation passes unchanged",
        payer: HARBOR,
        provider: NORTH,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (HARBOR, What::Sent, "277"),
            (NORTH, What::Received, "277"),
            (NORTH, What::Sent, "275"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "FHIR to FHIR: a prior authorisation, the answer led through the gateway",
        payer: BEACON,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Preauthorization,
        fault: None,
        expected: &[
            (BEACON, What::Sent, "task"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (BEACON, What::Received, "submit-attachment"),
        ],
    },
    Journey {
        title: "a hospital that is busy now and then: it is tried again until it takes the Task",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: Some((LAKESIDE, Fault::Unavailable)),
        expected: &[
            (HARBOR, What::Sent, "277"),
            (LAKESIDE, What::Misbehaved, ""),
            (LAKESIDE, What::Received, "task"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a hospital that sends its documents one by one",
        payer: ATLAS,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: Some((LAKESIDE, Fault::Partial)),
        expected: &[
            (ATLAS, What::Sent, "277"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
        ],
    },
    Journey {
        title: "a clinic that sends everything twice: the payer gets it once",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        fault: Some((NORTH, Fault::Duplicate)),
        expected: &[
            (NORTH, What::Sent, "275"),
            (NORTH, What::Misbehaved, "275"),
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (NORTH, What::Received, "824"),
        ],
    },
];

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

    /// Looks for what nobody brings: Tasks that a practice finds with the gateway, and the end of a Task.
    async fn look(&self, case: &Case, left: &[Seen], stage: &Stage) {
        if self.provider.name == ELM.name
            && let Some(practice) = stage.partner(self.provider)
        {
            practice.collect().await;
        }
        if let [(part, What::Sent, SEARCH)] = left
            && let Some(payer) = stage.partner(*part)
        {
            payer.follow(case).await;
        }
    }

    async fn begin(&self, stage: &Stage) -> Option<Case> {
        let (payer, provider) = (stage.partner(self.payer)?, stage.partner(self.provider)?);
        let beginner = match self.begins {
            Begins::Payer => payer,
            Begins::Provider => provider,
        };
        let mut case = beginner.invent(self.purpose);
        self.payer.id.clone_into(&mut case.payer_id);
        self.provider.id.clone_into(&mut case.npi);
        match self.begins {
            Begins::Payer => payer.ask(&case).await,
            Begins::Provider => provider.submit(&case).await,
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
const SEARCH: &str = "search";

/// Whether it went well, as far as it can.
fn is_good(event: &Event) -> bool {
    match event.what {
        What::Sent | What::Received => {
            let is_taken = event.outcome.starts_with('2') && !event.outcome.contains("999 R");
            is_taken || event.outcome.starts_with("found") || event.outcome.starts_with("placed")
        }
        What::Misbehaved | What::Listens => true,
        What::Failed => false,
    }
}
