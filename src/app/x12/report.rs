//! What the check of one input came to, in memory that does not grow with the input.

use x12_parser::Finding;
use x12_parser::Severity;
use x12_parser::Verdict;

use super::excerpt::Underlined;

/// The most transactions that are listed one by one; the others are counted.
pub(crate) const LISTED: usize = 10_000;

/// The result of one input.
#[derive(Debug)]
pub(crate) struct Report {
    /// The input, as programs are told of it.
    pub(crate) name: String,
    /// How many interchanges it holds.
    pub(crate) interchanges: u64,
    /// The first transactions, in order.
    pub(crate) transactions: Vec<Transaction>,
    /// Transactions by verdict, all of them.
    pub(crate) totals: Totals,
    /// What was found.
    pub(crate) findings: Findings,
    /// Whether a payload length was repaired.
    pub(crate) repaired: bool,
    /// The gravest verdict over anything in it.
    pub(crate) verdict: Verdict,
}

/// A transaction in a report. What stands where an id belongs and is none is left empty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Transaction {
    /// `ST01`.
    pub(crate) set: String,
    /// `ST03`, or `GS08` where that is empty.
    pub(crate) guide: String,
    /// `ST02`.
    pub(crate) control: String,
    /// What becomes of it.
    pub(crate) verdict: Verdict,
}

/// How many there are of each verdict.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Totals {
    /// Accepted without a word.
    pub(crate) accepted: u64,
    /// Accepted, with errors told.
    pub(crate) with_errors: u64,
    /// Refused.
    pub(crate) rejected: u64,
}

impl Totals {
    /// Counts one more.
    pub(crate) const fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Accepted => self.accepted += 1,
            Verdict::AcceptedWithErrors => self.with_errors += 1,
            Verdict::Rejected => self.rejected += 1,
        }
    }

    /// All of them.
    pub(crate) const fn sum(&self) -> u64 {
        self.accepted + self.with_errors + self.rejected
    }
}

/// The findings of one input: all are counted, a bounded number is kept, and the grave ones are kept first.
#[derive(Debug)]
pub(crate) struct Findings {
    kept: Vec<Kept>,
    limit: usize,
    /// Notes, warnings and errors, kept or not.
    counts: [u64; 3],
}

/// A finding with the lines that show it.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The finding.
    pub(crate) finding: Finding,
    /// Its segment with the fault underlined, where a person is to see it.
    pub(crate) shown: Option<Underlined>,
}

impl Findings {
    /// None yet, and at most `limit` to be kept.
    pub(crate) const fn new(limit: usize) -> Self {
        Self {
            kept: Vec::new(),
            limit,
            counts: [0; 3],
        }
    }

    /// Takes a finding; `show` is asked for its excerpt only if it is kept. Says whether nothing is left to be shown.
    ///
    /// Where there is no room, a graver finding takes the place of the last of the mildest.
    pub(crate) fn add(&mut self, finding: &Finding, show: impl FnOnce() -> Option<Underlined>) -> bool {
        if let Some(count) = self.counts.get_mut(rank(finding.severity)) {
            *count += 1;
        }
        if self.kept.len() >= self.limit {
            let last_of_the_mildest = self
                .kept
                .iter()
                .enumerate()
                .min_by_key(|(at, kept)| (kept.finding.severity, std::cmp::Reverse(*at)))
                .map(|(at, kept)| (at, kept.finding.severity));
            match last_of_the_mildest {
                Some((at, severity)) if severity < finding.severity => drop(self.kept.remove(at)),
                _ => return true,
            }
        }
        let shown = show();
        let is_shown = shown.is_some();
        self.kept.push(Kept {
            finding: finding.clone(),
            shown,
        });
        is_shown
    }

    /// Shows findings that came before their segment, now that it has come: a reader tells of a fault first.
    pub(crate) fn show_late(&mut self, mut show: impl FnMut(&Finding) -> Option<Underlined>) {
        let unshown = self.kept.iter_mut().rev().take_while(|kept| kept.shown.is_none());
        for kept in unshown {
            kept.shown = show(&kept.finding);
        }
    }

    /// Puts them in the order of their places; what is missing at the end of a loop is found late.
    pub(crate) fn sort(&mut self) {
        self.kept.sort_by_key(|kept| kept.finding.offset);
    }

    /// The ones that were kept.
    pub(crate) fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// How many there are of a severity, kept or not.
    pub(crate) fn count(&self, severity: Severity) -> u64 {
        self.counts.get(rank(severity)).copied().unwrap_or_default()
    }

    /// How many were counted and not kept.
    pub(crate) fn omitted(&self) -> u64 {
        self.counts.iter().sum::<u64>() - self.kept.len() as u64
    }
}

const fn rank(severity: Severity) -> usize {
    match severity {
        Severity::Note => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    }
}

#[cfg(test)]
mod tests {
    use x12_parser::Code;
    use x12_parser::ElementError;
    use x12_parser::Place;
    use x12_parser::SegmentId;

    use super::*;

    fn finding(ordinal: u64, severity: Severity) -> Finding {
        let place = Place {
            ordinal,
            ..Place::default()
        };
        let code = Code::Element(ElementError::TooLong);
        Finding::at(code, place, SegmentId::of(b"NM1")).weighing(severity)
    }

    #[test]
    fn no_more_than_the_limit_is_kept_and_errors_come_first() {
        let mut findings = Findings::new(3);
        for ordinal in 1..=4 {
            findings.add(&finding(ordinal, Severity::Warning), || None);
        }
        findings.add(&finding(5, Severity::Note), || None);
        findings.add(&finding(6, Severity::Error), || None);
        let kept: Vec<_> = findings
            .kept()
            .iter()
            .map(|kept| kept.finding.place.ordinal)
            .collect();
        assert_eq!(kept, [1, 2, 6]);
        assert_eq!(findings.omitted(), 3);
        assert_eq!(findings.count(Severity::Warning), 4);
        assert_eq!(findings.count(Severity::Note), 1);
        assert_eq!(findings.count(Severity::Error), 1);
    }

    #[test]
    fn what_is_not_kept_is_not_shown() {
        let mut findings = Findings::new(0);
        findings.add(&finding(1, Severity::Error), || {
            panic!("an excerpt was made for nobody")
        });
        assert_eq!(findings.omitted(), 1);
    }

    #[test]
    fn totals_add_up() {
        let mut totals = Totals::default();
        totals.add(Verdict::Accepted);
        totals.add(Verdict::Rejected);
        totals.add(Verdict::AcceptedWithErrors);
        assert_eq!(totals.sum(), 3);
    }
}
