//! What a request and its answer are about: an invented patient, or what a message said.

use std::fmt;
use std::time::Duration;
use std::time::SystemTime;

use crate::app::x12::answers::stamp;

/// What an attachment is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Purpose {
    /// A claim.
    #[default]
    Claim,
    /// A prior authorisation.
    Preauthorization,
}

/// One claim or authorisation, whose it is, and what is asked for or sent about it.
///
/// Dates are eight digits, as X12 writes them.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Case {
    /// The number that ties the answer to the request.
    pub tracking: String,
    /// The number of the claim or authorisation.
    pub claim: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The patient's number as a member.
    pub member: String,
    /// The patient's family name.
    pub family: String,
    /// The patient's given name.
    pub given: String,
    /// The payer's id.
    pub payer_id: String,
    /// The provider's NPI.
    pub npi: String,
    /// The day of the service.
    pub service_date: String,
    /// The day on which the answer is due.
    pub due: String,
    /// The documents, as LOINC codes.
    pub documents: Vec<String>,
    /// Where a FHIR payer wants the answer.
    pub answer_to: Option<String>,
}

/// Shows nothing of the patient: a message may have come from elsewhere.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("tracking", &self.label())
            .field("purpose", &self.purpose)
            .field("documents", &self.documents)
            .finish_non_exhaustive()
    }
}

/// What our own tracking numbers begin with.
const OURS: &str = "SIM-";

/// People who do not exist.
const PEOPLE: [(&str, &str); 8] = [
    ("MARLOWE", "ADA"),
    ("THISTLE", "BRAM"),
    ("OAKENFELL", "CORA"),
    ("WINDERMERE", "DORIAN"),
    ("QUILLFEATHER", "ESME"),
    ("LARKSPUR", "FINN"),
    ("HOLLOWAY", "GRETA"),
    ("BRIARWOOD", "HUGO"),
];

/// An operative note and a discharge summary.
const DOCUMENTS: [&str; 2] = ["11504-8", "18842-5"];

const DAY: Duration = Duration::from_hours(24);

impl Case {
    /// Invents a case: the same number always gives the same one.
    pub fn invented(number: u32, purpose: Purpose, payer_id: &str, npi: &str, now: SystemTime) -> Self {
        let (family, given) = PEOPLE
            .into_iter()
            .cycle()
            .nth(number as usize % PEOPLE.len())
            .unwrap_or_default();
        Self {
            tracking: format!("{OURS}{number:09}"),
            claim: format!("CLM{number:09}"),
            purpose,
            member: format!("MBR{number:09}"),
            family: family.to_owned(),
            given: given.to_owned(),
            payer_id: payer_id.to_owned(),
            npi: npi.to_owned(),
            service_date: stamp(now - 17 * DAY).date().to_owned(),
            due: stamp(now + 30 * DAY).date().to_owned(),
            documents: DOCUMENTS.map(str::to_owned).to_vec(),
            answer_to: None,
        }
    }

    /// The same, due on the day before `now`.
    #[must_use]
    pub fn overdue(mut self, now: SystemTime) -> Self {
        stamp(now - DAY).date().clone_into(&mut self.due);
        self
    }

    /// What may be shown of it: the tracking number, if it is one of those that are invented here, or that it has none.
    pub fn label(&self) -> &str {
        match self.tracking.strip_prefix(OURS) {
            None if self.tracking.is_empty() => "",
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => &self.tracking,
            _ => "a case of others",
        }
    }

    /// The document of one kind: a small CDA document that says what it is and of whom.
    pub fn document(&self, code: &str) -> String {
        let (tracking, member, day) = (
            escaped(&self.tracking),
            escaped(&self.member),
            escaped(&self.service_date),
        );
        let (given, family, code) = (escaped(&self.given), escaped(&self.family), escaped(code));
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <id root="2.999.7.1" extension="{tracking}-{code}"/>
  <code code="{code}" codeSystem="2.16.840.1.113883.6.1"/>
  <title>Invented document</title>
  <effectiveTime value="{day}"/>
  <recordTarget><patientRole><id root="2.999.7.2" extension="{member}"/>
    <patient><name><given>{given}</given><family>{family}</family></name></patient></patientRole></recordTarget>
</ClinicalDocument>
"#
        )
    }
}

/// Text as it may stand in XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// `20261103` as `2026-11-03`; anything else stays as it is.
pub(super) fn dashed(day: &str) -> String {
    match (day.get(..4), day.get(4..6), day.get(6..8)) {
        (Some(year), Some(month), Some(date)) if day.len() == 8 => format!("{year}-{month}-{date}"),
        _ => day.to_owned(),
    }
}

/// `2026-11-03` as `20261103`.
pub(super) fn plain(day: &str) -> String {
    let digits: String = day.chars().filter(char::is_ascii_digit).take(8).collect();
    digits
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn the_same_number_is_the_same_case() {
        let invent = |number| {
            Case::invented(
                number,
                Purpose::Claim,
                "60601",
                "1234567893",
                UNIX_EPOCH + 1_000 * DAY,
            )
        };
        assert!(invent(7) == invent(7));
        assert!(invent(7) != invent(8));
    }

    #[test]
    fn nothing_of_a_case_of_others_is_shown() {
        let case = Case {
            tracking: "ACN-CANARY".to_owned(),
            member: "CANARY".to_owned(),
            ..Case::default()
        };
        let shown = format!("{case:?}");
        assert!(
            shown.contains("a case of others") && !shown.contains("CANARY"),
            "{shown}"
        );
    }

    #[test]
    fn days_are_written_both_ways() {
        assert_eq!(dashed("20261103"), "2026-11-03");
        assert_eq!(plain("2026-11-03"), "20261103");
        assert_eq!(plain("2026-11-03T10:00:00Z"), "20261103");
    }
}
