//! A report as one line of JSON. No value of a message has a place in it: codes, ids and positions only.

use std::io;
use std::io::Write;

use serde::Serialize;
use x12_parser::Finding;
use x12_parser::Verdict;

use super::report::Report;
use super::report::Transaction;

/// The members of a line, in order. The names are a promise to scripts.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    accepted: bool,
    interchanges: u64,
    transactions: Vec<TransactionMember<'a>>,
    findings: Vec<FindingMember>,
    repaired: bool,
    /// Transactions and findings beyond the ones that are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted: Option<Omitted>,
    /// The interchanges that would be sent back, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    ack: Option<&'a str>,
    /// Why the input could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Omitted {
    transactions: u64,
    findings: u64,
}

#[derive(Serialize)]
struct TransactionMember<'a> {
    set: &'a str,
    guide: &'a str,
    control: &'a str,
    status: &'static str,
}

#[derive(Serialize)]
struct FindingMember {
    code: String,
    severity: String,
    message: String,
    segment: String,
    element: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repetition: Option<u8>,
    #[serde(rename = "loop")]
    loop_id: Option<String>,
    ordinal: u64,
    offset: u64,
    interchange: u32,
    group: u32,
    transaction: u32,
}

/// What belongs to the line besides the report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Besides<'a> {
    /// The interchanges that would be sent back.
    pub(crate) ack: Option<&'a str>,
    /// Why the input could not be read to its end.
    pub(crate) error: Option<&'a io::Error>,
}

/// Writes the line of `report`.
///
/// # Errors
/// The failure to write.
pub(crate) fn write(report: &Report, besides: Besides<'_>, out: &mut impl Write) -> io::Result<()> {
    let unlisted = report.totals.sum() - report.transactions.len() as u64;
    let omitted = Omitted {
        transactions: unlisted,
        findings: report.findings.omitted(),
    };
    let line = Line {
        file: &report.name,
        accepted: report.verdict != Verdict::Rejected && besides.error.is_none(),
        interchanges: report.interchanges,
        transactions: report.transactions.iter().map(transaction).collect(),
        findings: report
            .findings
            .kept()
            .iter()
            .map(|kept| finding(&kept.finding))
            .collect(),
        repaired: report.repaired,
        omitted: (omitted.transactions + omitted.findings > 0).then_some(omitted),
        ack: besides.ack,
        error: besides.error.map(io::Error::to_string),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

/// The word for a verdict, for people and programs.
pub(crate) const fn status(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::AcceptedWithErrors => "accepted with errors",
        Verdict::Rejected => "rejected",
    }
}

fn transaction(transaction: &Transaction) -> TransactionMember<'_> {
    TransactionMember {
        set: &transaction.set,
        guide: &transaction.guide,
        control: &transaction.control,
        status: status(transaction.verdict),
    }
}

fn finding(finding: &Finding) -> FindingMember {
    let element = finding.element.unwrap_or_default();
    let stated = |number: u8| (number > 0).then_some(number);
    FindingMember {
        code: finding.code.to_string(),
        severity: finding.severity.to_string(),
        message: finding.message(),
        segment: finding.segment.to_string(),
        element: stated(element.element),
        component: stated(element.component),
        repetition: stated(element.repetition),
        loop_id: finding.loop_id.as_deref().map(str::to_owned),
        ordinal: finding.place.ordinal,
        offset: finding.offset,
        interchange: finding.place.interchange,
        group: finding.place.group,
        transaction: finding.place.transaction,
    }
}

#[cfg(test)]
mod tests {
    use x12_parser::Code;
    use x12_parser::ElementError;
    use x12_parser::ElementPlace;
    use x12_parser::Place;
    use x12_parser::SegmentId;

    use super::*;
    use crate::app::x12::report::Findings;
    use crate::app::x12::report::Totals;

    fn report(limit: usize) -> Report {
        let place = Place {
            offset: 400,
            ordinal: 11,
            position: 9,
            interchange: 1,
            group: 1,
            transaction: 2,
        };
        let element = ElementPlace {
            element: 8,
            component: 2,
            ..ElementPlace::default()
        };
        let found = Finding::at(
            Code::Element(ElementError::InvalidCode),
            place,
            SegmentId::of(b"NM1"),
        )
        .on_element(element)
        .spanning(431, 2);
        let mut findings = Findings::new(limit);
        findings.add(&found, || None);
        let mut totals = Totals::default();
        totals.add(Verdict::Rejected);
        Report {
            name: "claim.edi".to_owned(),
            interchanges: 1,
            transactions: vec![Transaction {
                set: "275".to_owned(),
                guide: "006020X314".to_owned(),
                control: "0001".to_owned(),
                verdict: Verdict::Rejected,
            }],
            totals,
            findings,
            repaired: false,
            verdict: Verdict::Rejected,
        }
    }

    #[track_caller]
    fn check(report: &Report, besides: Besides<'_>, expected: &str) {
        let mut line = Vec::new();
        write(report, besides, &mut line).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), format!("{expected}\n"));
    }

    #[test]
    fn a_report_is_one_line() {
        check(
            &report(10),
            Besides::default(),
            concat!(
                r#"{"file":"claim.edi","accepted":false,"interchanges":1,"#,
                r#""transactions":[{"set":"275","guide":"006020X314","control":"0001","status":"rejected"}],"#,
                r#""findings":[{"code":"IK403-7","severity":"error","message":"the value is not in the code list","#,
                r#""segment":"NM1","element":8,"component":2,"loop":null,"ordinal":11,"offset":431,"#,
                r#""interchange":1,"group":1,"transaction":2}],"repaired":false}"#
            ),
        );
    }

    #[test]
    fn what_is_left_out_is_counted_and_a_failure_is_told() {
        let fault = io::Error::from(io::ErrorKind::PermissionDenied);
        let besides = Besides {
            ack: Some("ISA*…~"),
            error: Some(&fault),
        };
        check(
            &report(0),
            besides,
            concat!(
                r#"{"file":"claim.edi","accepted":false,"interchanges":1,"#,
                r#""transactions":[{"set":"275","guide":"006020X314","control":"0001","status":"rejected"}],"#,
                r#""findings":[],"repaired":false,"omitted":{"transactions":0,"findings":1},"ack":"ISA*…~","#,
                r#""error":"permission denied"}"#
            ),
        );
    }
}
