//! The journeys of the demo: who begins, and what must be seen on the way.

use std::collections::VecDeque;
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
use crate::app::simulate::Event;
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
    /// What must be seen, in any order: who, and what.
    expected: &'static [(Part, What, &'static str)],
}

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
        expected: &[
            (ATLAS, What::Sent, "277"),
            (ELM, What::Received, "task"),
            (ELM, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
        ],
    },
    Journey {
        title: "a payer on FHIR asks a clinic on X12: Task becomes 277, the 275 becomes $submit-attachment",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        expected: &[
            (BEACON, What::Sent, "task"),
            (NORTH, What::Received, "277"),
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
        ],
    },
    Journey {
        title: "a hospital on FHIR sends documents unasked to a payer on X12 5010",
        payer: ATLAS,
        provider: LAKESIDE,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        expected: &[
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
        ],
    },
    Journey {
        title: "a hospital on FHIR sends documents unasked for a prior authorisation to a payer on X12",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Provider,
        purpose: Purpose::Preauthorization,
        expected: &[
            (LAKESIDE, What::Sent, "submit-attachment"),
            (HARBOR, What::Received, "275"),
        ],
    },
    Journey {
        title: "a clinic on X12 sends documents unasked to a payer on FHIR, whose answer comes back",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
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
        expected: &[
            (HARBOR, What::Sent, "277"),
            (NORTH, What::Received, "277"),
            (NORTH, What::Sent, "275"),
            (HARBOR, What::Received, "275"),
        ],
    },
    Journey {
        title: "FHIR to FHIR: a prior authorisation, the answer led through the gateway",
        payer: BEACON,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Preauthorization,
        expected: &[
            (BEACON, What::Sent, "task"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (BEACON, What::Received, "submit-attachment"),
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
        writeln!(
            out,
            "\n{}",
            out.style(Style::Strong, format!("{number}  {}", self.title))
        )?;
        drawing::heading(&self.payer.caption(), &self.provider.caption(), out)?;
        let mut left: VecDeque<_> = self.expected.iter().collect();
        let end = Instant::now() + PATIENCE;
        let begun = self.begin(stage).await;
        while begun && !left.is_empty() {
            if let Some(partner) = stage
                .partner(self.provider)
                .filter(|_| self.provider.name == ELM.name)
            {
                partner.collect().await;
            }
            let next = timeout_at(end.min(Instant::now() + LOOK), stage.events.recv()).await;
            match next {
                Ok(Some(event)) => {
                    self.draw(&event, out)?;
                    left.retain(|(part, what, message)| {
                        !(part.name == event.partner
                            && *what == event.what
                            && *message == event.message
                            && is_good(&event))
                    });
                }
                Ok(None) => break,
                Err(_) if Instant::now() >= end => break,
                Err(_) => {}
            }
        }
        // What came meanwhile belongs to this journey, too.
        while let Ok(event) = stage.events.try_recv() {
            self.draw(&event, out)?;
        }
        if begun && left.is_empty() {
            writeln!(out, "  {}", out.style(Style::Good, "arrived"))?;
            return Ok(true);
        }
        let missing: Vec<String> = left
            .iter()
            .map(|(part, what, message)| format!("{} {} {message}", part.name, what.as_str()))
            .collect();
        let why = format!("failed: not seen: {}", missing.join("; "));
        writeln!(out, "  {}", out.style(Style::Error, why))?;
        Ok(false)
    }

    async fn begin(&self, stage: &Stage) -> bool {
        let (Some(payer), Some(provider)) = (stage.partner(self.payer), stage.partner(self.provider)) else {
            return false;
        };
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
        true
    }

    fn draw(&self, event: &Event, out: &mut Terminal) -> io::Result<()> {
        let side = if event.partner == self.payer.name {
            Side::Left
        } else if event.partner == self.provider.name {
            Side::Right
        } else {
            return Ok(());
        };
        drawing::hop(side, event, out)
    }
}

/// Whether the answer to a message was a good one.
fn is_good(event: &Event) -> bool {
    event.outcome.starts_with('2') && !event.outcome.contains("999 R") || event.outcome.starts_with("found")
}
