//! TA1, 999, 824 and 277 status as they come in: which delivery each is about, and what it says.

use x12_parser::Event;
use x12_parser::Segment;

use crate::base::ids::TrackingId;
use crate::exchange::correlation::Lookup;
use crate::exchange::event::What;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ladder::Rung;
use crate::exchange::ladder::Verdict;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::dossier;
use crate::flow::envelope;
use crate::flow::reports::FIRST_REPORT;
use crate::ledger::entry::Handle;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Search;
use crate::ledger::ids::FolioId;

/// What one acknowledgement says about one thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Acknowledged {
    about: About,
    rung: Rung,
    verdict: Verdict,
}

/// What an acknowledgement is about.
#[derive(Clone, Debug, Eq, PartialEq)]
enum About {
    /// The interchange of this number.
    Interchange(u64),
    /// The group of this number.
    Group(u64),
    /// Whatever goes by this tracking number or reference.
    Number(String),
}

/// Acknowledgements on their way: shown every event of an input in order.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    found: Vec<Acknowledged>,
    group_guide: String,
    set: Set,
    /// AK102.
    group: Option<u64>,
    /// The last TRN02 of a status.
    trace: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Set {
    #[default]
    Other,
    Functional,
    Advice,
    Status,
}

impl Reading {
    pub(crate) fn see(&mut self, event: &Event<'_>) {
        match event {
            Event::GroupStart(segment) => self.group_guide = said(segment, 8).unwrap_or_default(),
            Event::TransactionStart(segment) => {
                let guide = said(segment, 3).unwrap_or_else(|| self.group_guide.clone());
                self.set = match segment.value(1) {
                    b"999" | b"997" => Set::Functional,
                    b"824" => Set::Advice,
                    b"277" if is_status(&guide) => Set::Status,
                    _ => Set::Other,
                };
                (self.group, self.trace) = (None, None);
            }
            Event::Segment(segment) if segment.id() == b"TA1" && !segment.place().in_transaction() => {
                self.interchange(segment);
            }
            Event::Segment(segment) => self.segment(segment),
            Event::TransactionEnd(_) | Event::InterchangeStart(_) => self.set = Set::Other,
            _ => {}
        }
    }

    pub(crate) fn finish(self) -> Vec<Acknowledged> {
        self.found
    }

    fn interchange(&mut self, segment: &Segment<'_>) {
        let verdict = match (segment.value(4), segment.value(5)) {
            (b"A", _) => Verdict::Accepted,
            (b"E", _) => Verdict::WithErrors,
            (_, b"025") => Verdict::AlreadyThere,
            _ => Verdict::Rejected,
        };
        if let Some(number) = number(segment, 1) {
            self.add(About::Interchange(number), Rung::Interchange, verdict);
        }
    }

    fn segment(&mut self, segment: &Segment<'_>) {
        match (self.set, segment.id()) {
            (Set::Functional, b"AK1") => self.group = number(segment, 2),
            (Set::Functional, b"IK5" | b"AK5" | b"AK9") => {
                let verdict = match segment.value(1) {
                    b"A" => Verdict::Accepted,
                    b"E" => Verdict::WithErrors,
                    // Part of a group was refused: what it says of each set tells which.
                    b"P" => return,
                    _ => Verdict::Rejected,
                };
                if let Some(group) = self.group {
                    self.add(About::Group(group), Rung::Functional, verdict);
                }
            }
            (Set::Advice, b"OTI") => {
                let verdict = match segment.value(1) {
                    b"TA" | b"IA" | b"BA" => Verdict::Accepted,
                    b"TE" | b"IE" | b"BE" => Verdict::WithErrors,
                    b"TR" | b"IR" | b"BR" => Verdict::Rejected,
                    _ => return,
                };
                let about = number(segment, 8).filter(|number| *number > 0).map(About::Group);
                if let Some(about) = about.or_else(|| said(segment, 3).map(About::Number)) {
                    self.add(about, Rung::Application, verdict);
                }
            }
            (Set::Status, b"TRN") => self.trace = said(segment, 2),
            (Set::Status, b"STC") => {
                let category = segment.element(1).map(|element| element.component(1));
                let verdict = match category.unwrap_or_default() {
                    b"A3" | b"A4" | b"A6" | b"A7" | b"A8" => Verdict::Rejected,
                    [b'A' | b'P' | b'F', ..] => Verdict::Accepted,
                    _ => return,
                };
                if let Some(trace) = self.trace.take() {
                    self.add(About::Number(trace), Rung::Status, verdict);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, about: About, rung: Rung, verdict: Verdict) {
        // A group and its sets, or several lines of one advice, speak of one delivery: it is taken if none refuses it.
        let known = self.found.iter_mut();
        let mut known = known.filter(|known| known.about == about && known.rung == rung);
        if let Some(known) = known.next() {
            if badness(verdict) > badness(known.verdict) {
                known.verdict = verdict;
            }
        } else if self.found.len() < MOST {
            self.found.push(Acknowledged { about, rung, verdict });
        }
    }
}

/// How bad a word is beside another one about the same.
const fn badness(verdict: Verdict) -> u8 {
    match verdict {
        // It says that a repeat came; what was said of the first sending says more.
        Verdict::AlreadyThere => 0,
        Verdict::Accepted => 1,
        Verdict::WithErrors => 2,
        Verdict::Rejected => 3,
    }
}

impl Desk<'_> {
    /// Takes an acknowledgement of a partner; says whether anything is known that it is about.
    ///
    /// One that comes twice, late or out of turn changes nothing.
    pub(crate) async fn acknowledge(&mut self, said: &Acknowledged) -> Result<bool, LedgerError> {
        let Some((folio, delivery)) = self.acknowledged(said).await? else {
            return Ok(false);
        };
        let viewer = self.viewer();
        let file = match self.fetch(&viewer, folio).await {
            // What else is acknowledged beside it counts; that this was not heard stands in the audit.
            Err(LedgerError::Unreadable(_)) => None,
            fetched => fetched?,
        };
        let Some(file) = file else {
            return Ok(false);
        };
        let Some(delivery) = delivery.or_else(|| self.last_sent(file)) else {
            return Ok(false);
        };
        let what = What::Receipt {
            delivery,
            rung: said.rung,
            verdict: said.verdict,
        };
        let before = std::mem::replace(&mut self.nobody_to_refuse, true);
        let stepped = self.step(file, what).await;
        self.nobody_to_refuse = before;
        match stepped {
            Ok(_) | Err(Declined::Exchange(_) | Declined::Unfit(_) | Declined::Unrouted) => Ok(true),
            Err(Declined::Ledger(trouble)) => Err(trouble),
        }
    }

    async fn acknowledged(
        &self,
        said: &Acknowledged,
    ) -> Result<Option<(FolioId, Option<DeliveryId>)>, LedgerError> {
        let store = &self.gateway.parts().store;
        let (series, number) = match &said.about {
            About::Interchange(number) => (envelope::ISA13, *number),
            About::Group(number) => (envelope::GS06, *number),
            About::Number(number) => return self.tracked(number).await,
        };
        let series = envelope::series(&self.entry.tenant, series);
        let found = store.numbered(&self.viewer(), &series, number).await?;
        let found = found.filter(|found| found.number < FIRST_REPORT);
        Ok(found.map(|found| (found.folio, Some(DeliveryId::new(found.number)))))
    }

    /// The one exchange in which this partner asks that goes by a number.
    async fn tracked(&self, number: &str) -> Result<Option<(FolioId, Option<DeliveryId>)>, LedgerError> {
        let Ok(tracking) = TrackingId::parse(number) else {
            return Ok(None);
        };
        let tenant = &self.entry.tenant;
        let handle = Handle::of(tenant, "exchange", &Lookup::Tracking(tracking).bytes());
        let search = Search {
            kind: Some(dossier::EXCHANGE),
            all_of: vec![vec![handle]],
            ..Search::default()
        };
        let found = self.gateway.parts().store.find(&self.viewer(), search).await?;
        let mut theirs = found.iter().filter(|folio| folio.owner == *tenant);
        Ok(match (theirs.next(), theirs.next()) {
            (Some(only), None) => Some((only.id, None)),
            _ => None,
        })
    }

    /// The delivery of parts that went out last.
    fn last_sent(&self, file: crate::flow::desk::FileId) -> Option<DeliveryId> {
        let deliveries = self.file(file).exchange.deliveries().iter().rev();
        let mut carrying = deliveries.filter(|delivery| delivery.carries_parts());
        carrying.next().map(|delivery| delivery.id)
    }
}

/// Whether a guide of a 277 is one of claim status, and not a request for information.
pub(crate) fn is_status(guide: &str) -> bool {
    matches!(guide.trim(), "005010X212" | "005010X214")
}

fn number(segment: &Segment<'_>, element: usize) -> Option<u64> {
    said(segment, element)?.parse().ok()
}

fn said(segment: &Segment<'_>, element: usize) -> Option<String> {
    let text = std::str::from_utf8(segment.value(element)).ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The most acknowledgements that are taken from one interchange.
const MOST: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CARTAGE        *261120*0900*^*00602*000000007*0*T*:~";

    #[track_caller]
    fn check(body: &str, expected: &[(About, Rung, Verdict)]) {
        let input = format!("{HEAD}{body}IEA*1*000000007~");
        let mut reader = x12_parser::Reader::default();
        let mut reading = Reading::default();
        let mut events = reader.feed(input.as_bytes());
        while let Some(event) = events.advance() {
            reading.see(&event);
        }
        let found: Vec<_> = reading
            .finish()
            .into_iter()
            .map(|said| (said.about, said.rung, said.verdict))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_interchange_is_acknowledged() {
        check(
            "TA1*000000042*261120*0900*R*025~",
            &[(About::Interchange(42), Rung::Interchange, Verdict::AlreadyThere)],
        );
        check(
            "TA1*000000042*261120*0900*R*006~",
            &[(About::Interchange(42), Rung::Interchange, Verdict::Rejected)],
        );
        check(
            "TA1*000000042*261120*0900*A*000~TA1*000000042*261120*0901*R*025~",
            &[(About::Interchange(42), Rung::Interchange, Verdict::Accepted)],
        );
    }

    #[test]
    fn a_group_is_acknowledged_once() {
        check(
            "GS*FA*P*C*20261120*0900*1*X*005010X231A1~ST*999*0001*005010X231A1~AK1*PI*100000001*006020X314~\
             AK2*275*0001*006020X314~IK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*1~",
            &[(About::Group(100_000_001), Rung::Functional, Verdict::Accepted)],
        );
    }

    #[test]
    fn the_worst_word_about_a_group_counts() {
        let functional = |body: &str, verdict| {
            let body = format!(
                "GS*FA*P*C*20261120*0900*1*X*005010X231A1~ST*999*0001*005010X231A1~\
                 AK1*PI*100000001*006020X314~{body}SE*6*0001~GE*1*1~"
            );
            check(&body, &[(About::Group(100_000_001), Rung::Functional, verdict)]);
        };
        let set = |number: u8, verdict: &str| format!("AK2*275*000{number}~IK5*{verdict}~");
        functional(&(set(1, "A") + "AK9*R*1*1*0~"), Verdict::Rejected);
        functional(
            &(set(1, "A") + &set(2, "R") + &set(3, "A") + "AK9*P*3*3*2~"),
            Verdict::Rejected,
        );
        functional(
            &(set(1, "E") + &set(2, "A") + "AK9*A*2*2*2~"),
            Verdict::WithErrors,
        );
        functional(&(set(1, "R") + "AK9*A*1*1*0~"), Verdict::Rejected);
        let advice = |one: &str, other: &str| {
            format!(
                "GS*AG*P*C*20261120*0900*1*X*006020X257~ST*824*0001*006020X257~BGN*11*A*20261120~\
                 OTI*{one}*TN*REF1*****100000002*0001*275~OTI*{other}*TN*REF2*****100000002*0002*275~\
                 SE*4*0001~GE*1*1~"
            )
        };
        for (one, other) in [("TA", "TR"), ("TR", "TA")] {
            check(
                &advice(one, other),
                &[(About::Group(100_000_002), Rung::Application, Verdict::Rejected)],
            );
        }
    }

    #[test]
    fn advice_and_status_are_heard() {
        check(
            "GS*AG*P*C*20261120*0900*1*X*006020X257~ST*824*0001*006020X257~BGN*11*A*20261120~\
             OTI*TR*TN*REF1*****100000002*0001*275~SE*4*0001~GE*1*1~",
            &[(About::Group(100_000_002), Rung::Application, Verdict::Rejected)],
        );
        check(
            "GS*HN*P*C*20261120*0900*1*X*005010X214~ST*277*0001*005010X214~TRN*2*T-9~STC*A1:19*20261120~SE*4*0001~GE*1*1~",
            &[(About::Number("T-9".to_owned()), Rung::Status, Verdict::Accepted)],
        );
    }
}
