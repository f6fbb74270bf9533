//! X12 as a simulated partner writes it.

use std::time::SystemTime;

use x12_parser::Address;
use x12_parser::Filter;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::Stamp;
use x12_parser::Version;
use x12_parser::WriteError;
use x12_parser::Writer;

use super::case::Case;
use super::case::Purpose;
use crate::app::x12::answers::stamp;

/// The release that a partner writes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Release {
    /// Version 005010
    #[value(name = "5010")]
    V5010,
    /// Version 006020
    #[default]
    #[value(name = "6020")]
    V6020,
}

/// How an organisation signs its envelopes: ISA qualifier, ISA id and application id in one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signature {
    /// ISA05 or ISA07.
    pub qualifier: String,
    /// ISA06 or ISA08; the same stands in GS02 or GS03.
    pub id: String,
}

impl Signature {
    /// Reads `ZZ:NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        let (qualifier, id) = text.split_once(':')?;
        let fits = qualifier.len() == 2 && (2..=15).contains(&id.len()) && text.is_ascii();
        fits.then(|| Self {
            qualifier: qualifier.to_owned(),
            id: id.to_owned(),
        })
    }

    pub(super) fn address(&self) -> Address<'_> {
        Address {
            qualifier: &self.qualifier,
            id: &self.id,
        }
    }
}

/// Who writes to whom, when, and under which number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letterhead<'a> {
    pub(super) from: &'a Signature,
    pub(super) to: &'a Signature,
    pub(super) now: SystemTime,
    /// The control number of the interchange and of its only group.
    pub(super) control: u32,
    pub(super) release: Release,
}

/// What a 275 is: an answer to a request, or sent by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Errand {
    Answer,
    Unsolicited,
}

/// Writes a request for the documents of a case.
///
/// # Errors
/// Refuses what the [`Writer`] refuses, such as a separator in a text.
pub(super) fn request(head: &Letterhead<'_>, case: &Case) -> Result<Vec<u8>, WriteError> {
    let guide = match head.release {
        Release::V5010 => "005010X213",
        Release::V6020 => "006020X313",
    };
    let stamp = stamp(head.now);
    let mut writer = opened(head, "HN", guide, stamp)?;
    writer.transaction("277", "0001", Some(guide))?;
    let reference = format!("RFAI{:09}", head.control);
    let bht = ["0085", "48", reference.as_str(), stamp.date(), stamp.time(), "RQ"];
    segment(&mut writer, "BHT", &bht)?;
    segment(&mut writer, "HL", &["1", "", "20", "1"])?;
    segment(
        &mut writer,
        "NM1",
        &["PR", "2", PAYER_NAME, "", "", "", "", "PI", &case.payer_id],
    )?;
    segment(&mut writer, "PER", &["IC", "REVIEW DESK", "TE", "8005550142"])?;
    segment(&mut writer, "HL", &["2", "1", "21", "1"])?;
    segment(
        &mut writer,
        "NM1",
        &["41", "2", PROVIDER_NAME, "", "", "", "", "46", &case.npi],
    )?;
    segment(&mut writer, "HL", &["3", "2", "19", "1"])?;
    segment(
        &mut writer,
        "NM1",
        &["1P", "2", PROVIDER_NAME, "", "", "", "", "XX", &case.npi],
    )?;
    segment(&mut writer, "HL", &["4", "3", "PT"])?;
    patient(&mut writer, "QC", case)?;
    segment(&mut writer, "TRN", &["1", &case.tracking])?;
    for code in &case.documents {
        question(&mut writer, code, stamp)?;
    }
    segment(&mut writer, "REF", &[claim_qualifier(head.release), &case.claim])?;
    segment(&mut writer, "DTP", &["472", "D8", &case.service_date])?;
    segment(&mut writer, "DTP", &["106", "D8", &case.due])?;
    closed(writer)
}

/// Writes a response to a review that is pended until the documents of a case are there.
///
/// Payers of either release send it in 5010, the version in which reviews are asked for.
///
/// # Errors
/// Refuses what the [`Writer`] refuses, such as a separator in a text.
pub(super) fn review(head: &Letterhead<'_>, case: &Case) -> Result<Vec<u8>, WriteError> {
    let guide = "005010X217";
    let head = &Letterhead {
        release: Release::V5010,
        ..*head
    };
    let stamp = stamp(head.now);
    let mut writer = opened(head, "HI", guide, stamp)?;
    writer.transaction("278", "0001", Some(guide))?;
    let reference = format!("REV{:09}", head.control);
    let bht = ["0007", "11", reference.as_str(), stamp.date(), stamp.time(), "19"];
    segment(&mut writer, "BHT", &bht)?;
    segment(&mut writer, "HL", &["1", "", "20", "1"])?;
    let payer = ["X3", "2", PAYER_NAME, "", "", "", "", "PI", &case.payer_id];
    segment(&mut writer, "NM1", &payer)?;
    segment(&mut writer, "PER", &["IC", "REVIEW DESK", "TE", "8005550142"])?;
    segment(&mut writer, "HL", &["2", "1", "21", "1"])?;
    let provider = ["1P", "2", PROVIDER_NAME, "", "", "", "", "XX", &case.npi];
    segment(&mut writer, "NM1", &provider)?;
    segment(&mut writer, "HL", &["3", "2", "22", "1"])?;
    patient(&mut writer, "IL", case)?;
    segment(&mut writer, "HL", &["4", "3", "EV", "0"])?;
    segment(&mut writer, "TRN", &["2", &case.claim, TRACE_PROVIDER])?;
    segment(&mut writer, "TRN", &["1", &case.tracking, TRACE_PAYER])?;
    segment(&mut writer, "UM", &["HS", "I", "3"])?;
    // Pended, because more is wanted.
    segment(&mut writer, "HCR", &["A4", "", "0U"])?;
    segment(&mut writer, "REF", &["NT", &case.claim])?;
    segment(&mut writer, "DTP", &["AAH", "D8", &case.service_date])?;
    let questions = case.documents.iter();
    questions
        .fold(writer.segment("HI"), |segment, code| {
            segment.element("LOI").component(code)
        })
        .end()?;
    closed(writer)
}

/// What a 275 of this letter is called.
pub(super) fn reference(head: &Letterhead<'_>) -> String {
    format!("ATT{:09}", head.control)
}

/// Writes a 275 with the given documents of a case.
///
/// # Errors
/// Refuses what the [`Writer`] refuses, such as a separator in a text.
pub(super) fn attachment(
    head: &Letterhead<'_>,
    case: &Case,
    documents: &[String],
    errand: Errand,
) -> Result<Vec<u8>, WriteError> {
    let guide = match (head.release, case.purpose) {
        (Release::V5010, Purpose::Claim) => "005010X210",
        (Release::V5010, Purpose::Preauthorization) => "005010X211",
        (Release::V6020, Purpose::Claim) => "006020X314",
        (Release::V6020, Purpose::Preauthorization) => "006020X316",
    };
    let (kind, trace) = match errand {
        Errand::Answer => ("11", "2"),
        Errand::Unsolicited => ("02", "1"),
    };
    let stamp = stamp(head.now);
    let mut writer = opened(head, "PI", guide, stamp)?;
    writer.transaction("275", "0001", Some(guide))?;
    let reference = reference(head);
    segment(
        &mut writer,
        "BGN",
        &[kind, &reference, stamp.date(), stamp.time()],
    )?;
    segment(
        &mut writer,
        "NM1",
        &["PR", "2", PAYER_NAME, "", "", "", "", "PI", &case.payer_id],
    )?;
    segment(
        &mut writer,
        "NM1",
        &["41", "2", PROVIDER_NAME, "", "", "", "", "46", &case.npi],
    )?;
    segment(
        &mut writer,
        "NM1",
        &["1P", "2", PROVIDER_NAME, "", "", "", "", "XX", &case.npi],
    )?;
    patient(&mut writer, "QC", case)?;
    if case.purpose == Purpose::Claim {
        segment(&mut writer, "REF", &[claim_qualifier(head.release), &case.claim])?;
        segment(&mut writer, "DTP", &["472", "D8", &case.service_date])?;
    }
    for (at, code) in documents.iter().enumerate() {
        segment(&mut writer, "LX", &[&(at + 1).to_string()])?;
        segment(&mut writer, "TRN", &[trace, &case.tracking])?;
        if errand == Errand::Answer {
            question(&mut writer, code, stamp)?;
        }
        segment(&mut writer, "DTP", &["368", "D8", stamp.date()])?;
        enclose(&mut writer, head.release, case.document(code).as_bytes())?;
    }
    closed(writer)
}

/// The payload of one document with the segments that introduce it.
fn enclose(writer: &mut Writer<Vec<u8>>, release: Release, document: &[u8]) -> Result<(), WriteError> {
    segment(writer, "CAT", &["AE", "HL"])?;
    match release {
        Release::V5010 => {
            segment(writer, "EFI", &["05"])?;
            writer.binary(Filter::None, document.len() as u64)?;
            writer.octets(document)
        }
        Release::V6020 => {
            segment(writer, "OOI", &["1", "47", "ATTACHMENT"])?;
            let encoded = base64_simd::STANDARD.encode_to_string(document);
            writer.binary(Filter::Base64, encoded.len() as u64)?;
            writer.octets(encoded.as_bytes())
        }
    }
}

/// Who gave a number: `9` and a name.
const TRACE_PAYER: &str = "9HARBOR001";
const TRACE_PROVIDER: &str = "9NORTHC001";
const PAYER_NAME: &str = "HARBOR PLAN";
const PROVIDER_NAME: &str = "NORTH CLINIC";

/// The qualifier of the provider's claim number.
const fn claim_qualifier(release: Release) -> &'static str {
    match release {
        Release::V5010 => "EJ",
        Release::V6020 => "X1",
    }
}

pub(super) const fn version(release: Release) -> Version {
    match release {
        Release::V5010 => Version::V00501,
        Release::V6020 => Version::V00602,
    }
}

fn opened(
    head: &Letterhead<'_>,
    functional_id: &str,
    guide: &str,
    stamp: Stamp,
) -> Result<Writer<Vec<u8>>, WriteError> {
    let mut writer = Writer::new(Vec::new());
    let mut interchange = InterchangeHead::new(head.from.address(), head.to.address(), stamp, head.control);
    interchange.version = version(head.release);
    interchange.acknowledge = true;
    writer.interchange(&interchange)?;
    writer.group(&GroupHead {
        functional_id,
        sender: &head.from.id,
        receiver: &head.to.id,
        stamp,
        control: head.control,
        guide,
    })?;
    Ok(writer)
}

fn closed(mut writer: Writer<Vec<u8>>) -> Result<Vec<u8>, WriteError> {
    writer.end_transaction()?;
    writer.end_group()?;
    writer.end_interchange()?;
    writer.finish()
}

fn segment(writer: &mut Writer<Vec<u8>>, id: &str, elements: &[&str]) -> Result<(), WriteError> {
    let whole = elements
        .iter()
        .fold(writer.segment(id), |segment, value| segment.element(value));
    whole.end()
}

/// The patient, in the role that the transaction has for one.
fn patient(writer: &mut Writer<Vec<u8>>, role: &str, case: &Case) -> Result<(), WriteError> {
    let Case {
        family,
        given,
        member,
        ..
    } = case;
    segment(
        writer,
        "NM1",
        &[role, "1", family, given, "", "", "", "MI", member],
    )
}

/// A question for a document, or the same repeated in an answer.
fn question(writer: &mut Writer<Vec<u8>>, code: &str, stamp: Stamp) -> Result<(), WriteError> {
    let concern = writer
        .segment("STC")
        .element("R4")
        .component(code)
        .component("")
        .component("LOI");
    concern.element(stamp.date()).end()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;
    use std::time::UNIX_EPOCH;

    use x12_parser::Verdict;

    use super::*;
    use crate::app::simulate::receipt::Read;
    use crate::app::simulate::receipt::case_of;
    use crate::app::simulate::receipt::documents_in;
    use crate::app::simulate::receipt::told;
    use crate::mapping::guides::Guides;

    const NOW: Duration = Duration::from_secs(1_795_165_261);

    fn signature(id: &str) -> Signature {
        Signature::parse(&format!("ZZ:{id}")).unwrap()
    }

    /// Writes with `write`, checks by the guides, and gives back what was read and the bytes.
    #[track_caller]
    fn check(
        release: Release,
        write: impl Fn(&Letterhead<'_>) -> Result<Vec<u8>, WriteError>,
    ) -> (Read, Vec<u8>) {
        let (from, to) = (signature("HARBORPLAN"), signature("GATEWAY"));
        let head = Letterhead {
            from: &from,
            to: &to,
            now: UNIX_EPOCH + NOW,
            control: 41,
            release,
        };
        let bytes = write(&head).unwrap();
        let guides = Guides::embedded().unwrap();
        let read = Read::of(&bytes, &guides);
        let answer = String::from_utf8(read.acknowledgement(&head).unwrap()).unwrap();
        assert_eq!(
            read.verdict(),
            Verdict::Accepted,
            "{}{answer}",
            String::from_utf8_lossy(&bytes)
        );
        (read, bytes)
    }

    fn invented(purpose: Purpose) -> Case {
        Case::invented(7, purpose, "60601", "1234567893", UNIX_EPOCH + NOW)
    }

    #[test]
    fn a_request_fits_its_guide_and_reads_back() {
        for release in [Release::V5010, Release::V6020] {
            let case = invented(Purpose::Claim);
            let (read, _) = check(release, |head| request(head, &case));
            assert!(case_of(&read.transactions[0]) == case, "{release:?}");
        }
    }

    #[test]
    fn a_review_fits_its_guide_and_reads_back() {
        let case = invented(Purpose::Preauthorization);
        let (read, _) = check(Release::V6020, |head| review(head, &case));
        let found = case_of(&read.transactions[0]);
        assert_eq!(
            (&found.tracking, found.purpose),
            (&case.tracking, Purpose::Preauthorization)
        );
        assert_eq!(
            (&found.documents, &found.member, &found.npi),
            (&case.documents, &case.member, &case.npi)
        );
    }

    #[test]
    fn an_attachment_fits_its_guide_and_reads_back() {
        for release in [Release::V5010, Release::V6020] {
            for purpose in [Purpose::Claim, Purpose::Preauthorization] {
                for errand in [Errand::Answer, Errand::Unsolicited] {
                    let case = invented(purpose);
                    let write = |head: &Letterhead<'_>| attachment(head, &case, &case.documents, errand);
                    let (read, _) = check(release, write);
                    let found = case_of(&read.transactions[0]);
                    assert_eq!((&found.tracking, found.purpose), (&case.tracking, purpose));
                    assert_eq!(documents_in(&read.transactions[0]), 2);
                    if errand == Errand::Answer {
                        assert_eq!(found.documents, case.documents);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_said_of_an_attachment_fits_its_guide_too() {
        let case = invented(Purpose::Claim);
        let write = |head: &Letterhead<'_>| attachment(head, &case, &case.documents, Errand::Answer);
        let (read, _) = check(Release::V6020, write);
        let (_, acknowledged) = check(Release::V6020, |head| read.acknowledgement(head));
        assert_eq!(told(&acknowledged), "TA1 A, 999 A");
        let (_, advised) = check(Release::V6020, |head| read.advice(head));
        assert_eq!(told(&advised), "824 TA");
    }

    #[test]
    fn an_answer_is_told_in_codes_only() {
        assert_eq!(told(b"<html>"), "");
        assert_eq!(told(&[b'<'; 200]), "");
        let head = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*0900*^*00602*000000001*0*T*:~";
        let canary = format!("{head}TA1*000000001*261120*0900*CANARY*000~IEA*0*000000001~");
        assert_eq!(told(canary.as_bytes()), "TA1 ?");
    }
}
