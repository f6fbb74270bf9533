//! X12 as a simulated partner reads and answers it.

use x12_parser::Advice;
use x12_parser::AdviceGuide;
use x12_parser::AnswerHead;
use x12_parser::Checker;
use x12_parser::Correspondent;
use x12_parser::InterchangeHead;
use x12_parser::InterchangeReceipt;
use x12_parser::Limits;
use x12_parser::Ta1Wish;
use x12_parser::Terms;
use x12_parser::Verdict;
use x12_parser::Watch;
use x12_parser::WriteError;
use x12_parser::Writer;
use x12_parser::acknowledge;
use x12_parser::advise;

use super::case::Case;
use super::case::Purpose;
use super::interchange::Letterhead;
use super::interchange::version;
use crate::app::x12::answers::stamp;
use crate::mapping::guides::Guides;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// What a partner makes of an interchange that it is sent.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The transactions in it, of all interchanges.
    pub(super) transactions: Vec<Transaction>,
    /// What each 824 says of what: a code and a reference, as `TA ATT000000007`.
    pub(super) advised: Vec<String>,
    receipts: Vec<InterchangeReceipt>,
}

impl Watch for Read {
    fn interchange(&mut self, receipt: InterchangeReceipt) {
        self.receipts.push(receipt);
    }
}

impl Read {
    /// Checks and reads bytes by the guides.
    pub(super) fn of(bytes: &[u8], guides: &Guides) -> Self {
        let mut read = Self::default();
        let mut checker = Checker::new(Terms::default(), guides.set());
        checker.feed(bytes, &mut read);
        checker.finish(&mut read);
        read.transactions = crate::x12::read_plainly(bytes);
        read.advised = advised(bytes);
        read
    }

    /// Whether there is an interchange at all.
    pub(super) fn is_x12(&self) -> bool {
        !self.receipts.is_empty()
    }

    /// The worst that is to be said of it.
    pub(super) fn verdict(&self) -> Verdict {
        let of_group = |receipt: &InterchangeReceipt| {
            let transactions = receipt.groups.iter().flat_map(|group| &group.transactions);
            let each = transactions.map(|one| one.verdict().max(one.content_verdict()));
            each.fold(receipt.verdict(), Verdict::max)
        };
        self.receipts
            .iter()
            .map(of_group)
            .fold(Verdict::Accepted, Verdict::max)
    }

    /// Each transaction by its kind, with what it is about if it is one that is read.
    pub(super) fn messages(&self) -> Vec<(&'static str, Option<&Transaction>)> {
        let groups = self.receipts.iter().flat_map(|receipt| &receipt.groups);
        let sets = groups
            .flat_map(|group| &group.transactions)
            .map(|one| one.st01.as_str());
        let mut bodies = self.transactions.iter();
        sets.map(|set| match set {
            "277" => ("277", bodies.next()),
            "275" => ("275", bodies.next()),
            "278" => ("278", bodies.next()),
            "999" => ("999", None),
            "824" => ("824", None),
            _ => ("another set", None),
        })
        .collect()
    }

    /// The TA1s and 999s that are due.
    ///
    /// # Errors
    /// Refuses what the [`Writer`] refuses.
    pub(super) fn acknowledgement(&self, head: &Letterhead<'_>) -> Result<Vec<u8>, WriteError> {
        self.answered(head, |receipt, answer, writer| {
            acknowledge(receipt, answer, Ta1Wish::WhenDue, Limits::default(), writer).map(drop)
        })
    }

    /// The 824 about the content.
    ///
    /// # Errors
    /// Refuses what the [`Writer`] refuses.
    pub(super) fn advice(&self, head: &Letterhead<'_>) -> Result<Vec<u8>, WriteError> {
        let reference = format!("ADV{:09}", head.control);
        self.answered(head, |receipt, answer, writer| {
            let guide = receipt
                .groups
                .first()
                .map(|group| group.gs08.as_str())
                .unwrap_or_default();
            let advice = Advice {
                guide: AdviceGuide::answering(guide),
                reference: &reference,
                stamp: answer.interchange.stamp,
                submitter: Correspondent {
                    name: "",
                    id: &head.from.id,
                },
                receiver: Correspondent {
                    name: "",
                    id: &head.to.id,
                },
                business_codes: &[],
                limits: Limits::default(),
            };
            advise(receipt, answer, &advice, writer).map(drop)
        })
    }

    fn answered(
        &self,
        head: &Letterhead<'_>,
        write: impl Fn(&InterchangeReceipt, &AnswerHead<'_>, &mut Writer<Vec<u8>>) -> Result<(), WriteError>,
    ) -> Result<Vec<u8>, WriteError> {
        let mut bytes = Vec::new();
        for receipt in &self.receipts {
            let mut interchange = InterchangeHead::new(
                head.from.address(),
                head.to.address(),
                stamp(head.now),
                head.control,
            );
            interchange.version = version(head.release);
            let answer = AnswerHead {
                interchange,
                sender: &head.from.id,
                receiver: &head.to.id,
                group_control: head.control,
                first_transaction: 1,
            };
            let mut writer = Writer::new(Vec::new());
            write(receipt, &answer, &mut writer)?;
            bytes.extend(writer.finish()?);
        }
        Ok(bytes)
    }
}

/// What an answer acknowledges, such as `TA1 A, 999 A`; empty if there is nothing of X12 in it.
pub(super) fn told(answer: &[u8]) -> String {
    let (Some(&element), Some(&end)) = (answer.get(3), answer.get(105)) else {
        return String::new();
    };
    let mut words = Vec::new();
    for segment in answer.split(|byte| *byte == end) {
        let segment = String::from_utf8_lossy(segment.trim_ascii_start());
        let mut elements = segment.split(char::from(element));
        let (set, verdict) = match elements.next() {
            Some("TA1") => ("TA1", elements.nth(3)),
            Some("AK9") => ("999", elements.next()),
            Some("OTI") => ("824", elements.next()),
            _ => continue,
        };
        words.push(format!("{set} {}", code_of(verdict.unwrap_or_default())));
    }
    words.join(", ")
}

/// What each OTI says of what.
fn advised(bytes: &[u8]) -> Vec<String> {
    let (Some(&element), Some(&end)) = (bytes.get(3), bytes.get(105)) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for segment in bytes.split(|byte| *byte == end) {
        let Some(rest) = segment.trim_ascii_start().strip_prefix(b"OTI") else {
            continue;
        };
        let elements: Vec<&[u8]> = rest.split(|byte| *byte == element).collect();
        if let (Some(code), Some(reference)) = (elements.get(1), elements.get(3)) {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            all.push(format!("{} {}", code_of(&text(code)), text(reference)));
        }
    }
    all
}

/// A code of an answer, and nothing longer.
fn code_of(text: &str) -> &str {
    let is_code = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code { text } else { "?" }
}

/// What a 277 or a 275 is about.
pub(super) fn case_of(transaction: &Transaction) -> Case {
    let name = |entity: &[&str], number: u32| named(transaction, entity, number).unwrap_or_default();
    let documents = each(transaction, "STC").filter_map(|stc| {
        let concern = transaction.element(stc, 1)?;
        let is_loinc = transaction.component(concern, 4) == b"LOI";
        is_loinc.then(|| String::from_utf8_lossy(transaction.component(concern, 2)).into_owned())
    });
    let mut documents: Vec<String> = documents.chain(asked_in_review(transaction)).collect();
    documents.dedup();
    Case {
        // In a review, the number that the payer gave stands beside the provider's own.
        tracking: if is_review(transaction) {
            qualified(transaction, "TRN", &["1"], 2).unwrap_or_default()
        } else {
            element(transaction, "TRN", 2).unwrap_or_default()
        },
        claim: qualified(transaction, "REF", &["X1", "EJ", "1K"], 2).unwrap_or_default(),
        purpose: match transaction.guide() {
            "006020X316" | "005010X211" | "005010X217" => Purpose::Preauthorization,
            _ => Purpose::Claim,
        },
        member: name(&["QC", "IL"], 9),
        family: name(&["QC", "IL"], 3),
        given: name(&["QC", "IL"], 4),
        payer_id: name(&["PR", "X3"], 9),
        npi: name(&["1P"], 9),
        service_date: qualified(transaction, "DTP", &["472", "434"], 3)
            .map(|day| day.chars().take(8).collect())
            .unwrap_or_default(),
        due: qualified(transaction, "DTP", &["106"], 3).unwrap_or_default(),
        documents,
        answer_to: None,
    }
}

fn is_review(transaction: &Transaction) -> bool {
    transaction.guide() == "005010X217"
}

/// The documents that a review asks for.
fn asked_in_review(transaction: &Transaction) -> impl Iterator<Item = String> + '_ {
    let segments = each(transaction, "HI").filter(|_| is_review(transaction));
    let codes = segments.flat_map(|segment| transaction.elements(segment));
    codes.filter_map(|code| {
        let is_loinc = transaction.component(code, 1) == b"LOI";
        is_loinc.then(|| String::from_utf8_lossy(transaction.component(code, 2)).into_owned())
    })
}

/// So many documents, in words.
pub(super) fn documents(count: usize) -> String {
    match count {
        1 => "1 document".to_owned(),
        count => format!("{count} documents"),
    }
}

/// How many documents a 275 carries.
pub(super) fn documents_in(transaction: &Transaction) -> usize {
    transaction.payloads().len()
}

fn each<'t>(transaction: &'t Transaction, id: &'t str) -> impl Iterator<Item = SegmentIndex> + 't {
    let is_it = move |index: &SegmentIndex| transaction.id(*index).as_str() == id;
    transaction.all_segments().filter(is_it)
}

fn text(transaction: &Transaction, segment: SegmentIndex, number: u32) -> Option<String> {
    let element = transaction.element(segment, number)?;
    Some(
        String::from_utf8_lossy(transaction.text(element))
            .trim()
            .to_owned(),
    )
}

fn element(transaction: &Transaction, id: &str, number: u32) -> Option<String> {
    each(transaction, id).find_map(|segment| text(transaction, segment, number))
}

/// An element of the first segment whose own first element is one of these.
fn qualified(transaction: &Transaction, id: &str, qualifiers: &[&str], number: u32) -> Option<String> {
    let is_it = |segment: &SegmentIndex| {
        text(transaction, *segment, 1).is_some_and(|qualifier| qualifiers.contains(&qualifier.as_str()))
    };
    let found = each(transaction, id).find(is_it)?;
    text(transaction, found, number)
}

fn named(transaction: &Transaction, entity: &[&str], number: u32) -> Option<String> {
    qualified(transaction, "NM1", entity, number)
}
