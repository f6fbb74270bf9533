//! Puts findings where they belong: to the transaction, the group or the interchange they concern.

use super::Keep;
use super::Watch;
use crate::Code;
use crate::Event;
use crate::Finding;
use crate::GroupReceipt;
use crate::InterchangeReceipt;
use crate::Place;
use crate::Segment;
use crate::TransactionReceipt;
use crate::Verdict;

/// The receipts under way.
#[derive(Debug)]
pub(super) struct Tally {
    keep: Keep,
    most: usize,
    interchange: Option<InterchangeReceipt>,
    group: Option<GroupReceipt>,
    transaction: Option<(TransactionReceipt, Place)>,
}

impl Tally {
    pub(super) fn new(keep: Keep, most: usize) -> Self {
        Self {
            keep,
            most,
            interchange: None,
            group: None,
            transaction: None,
        }
    }

    /// Takes an event with what was found at it.
    #[inline]
    pub(super) fn take(&mut self, event: &Event<'_>, found: &[Finding], watch: &mut impl Watch) {
        match event {
            // The second segment of a transaction may name it, and outside of one stand TA1.
            Event::Segment(segment) if segment.place().position > 2 && found.is_empty() => {}
            Event::BinaryStart(_) | Event::BinaryChunk(_) | Event::BinaryEnd(_) if found.is_empty() => {}
            _ => self.take_telling(event, found, watch),
        }
    }

    fn take_telling(&mut self, event: &Event<'_>, found: &[Finding], watch: &mut impl Watch) {
        // What an event brings to light about earlier segments belongs to what was open until now.
        let here = event.place().ordinal;
        let opens = matches!(
            event,
            Event::TransactionStart(_) | Event::GroupStart(_) | Event::InterchangeStart(_)
        );
        let closes = matches!(
            event,
            Event::TransactionEnd(_) | Event::GroupEnd(_) | Event::InterchangeEnd(_)
        );
        let (earlier, current): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|finding| (opens || closes) && finding.place.ordinal < here);
        self.file(&earlier);
        match event {
            Event::InterchangeStart(segment) => {
                self.close_interchange(watch);
                self.interchange = Some(InterchangeReceipt::of(segment));
            }
            Event::GroupStart(segment) => {
                self.close_group(watch);
                self.group = Some(GroupReceipt::of(segment));
            }
            Event::TransactionStart(segment) => {
                self.close_transaction(watch);
                self.transaction = Some((TransactionReceipt::of(segment), segment.place()));
            }
            Event::GroupEnd(_) => self.close_transaction(watch),
            Event::InterchangeEnd(_) => self.close_group(watch),
            Event::Segment(segment) => self.note(segment),
            Event::TransactionEnd(_)
            | Event::BinaryStart(_)
            | Event::BinaryChunk(_)
            | Event::BinaryEnd(_)
            | Event::Fault(_) => {}
        }
        self.file(&current);
        match event {
            Event::TransactionEnd(_) => self.close_transaction(watch),
            Event::GroupEnd(segment) => {
                if let Some(group) = &mut self.group {
                    group.declared = std::str::from_utf8(segment.value(1))
                        .ok()
                        .and_then(|count| count.parse().ok());
                }
                self.close_group(watch);
            }
            Event::InterchangeEnd(_) => self.close_interchange(watch),
            _ => {}
        }
    }

    /// Closes everything at the end of the input.
    pub(super) fn end(&mut self, found: &[Finding], watch: &mut impl Watch) {
        self.file(&found.iter().collect::<Vec<_>>());
        self.close_interchange(watch);
    }

    /// Keeps what a segment says of its transaction or interchange.
    fn note(&mut self, segment: &Segment<'_>) {
        if let Some((transaction, _)) = &mut self.transaction {
            if segment.place().position == 2 {
                transaction.refer(segment);
            }
        } else if segment.id() == b"TA1"
            && let Some(interchange) = &mut self.interchange
        {
            interchange.acknowledgments = interchange.acknowledgments.saturating_add(1);
        }
    }

    /// Puts findings into the innermost open envelope that their code speaks of.
    fn file(&mut self, found: &[&Finding]) {
        for finding in found {
            let most = self.most;
            let keep = |findings: &mut Vec<Finding>, status: &mut Verdict| {
                if findings.len() < most {
                    findings.push((*finding).clone());
                }
                *status = (*status).max(Verdict::of(finding.severity));
            };
            let deep = !matches!(finding.code, Code::Interchange(_) | Code::Group(_));
            match (&mut self.transaction, &mut self.group, &mut self.interchange) {
                (Some((transaction, _)), _, _) if deep && matches!(finding.code, Code::Content(_)) => {
                    // Content is judged apart from syntax.
                    keep(&mut transaction.findings, &mut Verdict::default());
                }
                (Some((transaction, _)), _, _) if deep => {
                    keep(&mut transaction.findings, &mut transaction.status);
                }
                (_, Some(group), _) if !matches!(finding.code, Code::Interchange(_)) => {
                    keep(&mut group.findings, &mut group.status);
                }
                (_, _, Some(interchange)) => keep(&mut interchange.findings, &mut interchange.status),
                // Before the first interchange there is nobody to answer; the watcher has seen the finding.
                (_, _, None) => {}
            }
        }
    }

    fn close_transaction(&mut self, watch: &mut impl Watch) {
        let Some((receipt, place)) = self.transaction.take() else {
            return;
        };
        watch.transaction(&receipt, place);
        let Some(group) = &mut self.group else {
            // Outside a group, only the interchange is left to carry what was found.
            if let Some(interchange) = &mut self.interchange {
                interchange.status = interchange.status.max(receipt.verdict());
                let free = self.most.saturating_sub(interchange.findings.len());
                interchange
                    .findings
                    .extend(receipt.findings.into_iter().take(free));
            }
            return;
        };
        group.received += 1;
        let telling = receipt.verdict().max(receipt.content_verdict()) > Verdict::Accepted;
        if self.keep == Keep::All || telling {
            group.transactions.push(receipt);
        }
    }

    fn close_group(&mut self, watch: &mut impl Watch) {
        self.close_transaction(watch);
        if let (Some(group), Some(interchange)) = (self.group.take(), &mut self.interchange) {
            interchange.groups.push(group);
        }
    }

    fn close_interchange(&mut self, watch: &mut impl Watch) {
        self.close_group(watch);
        if let Some(receipt) = self.interchange.take() {
            watch.interchange(receipt);
        }
    }
}
