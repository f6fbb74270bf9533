//! Messages of invented people.

use serde_json::Value;
use serde_json::json;

/// A 277 of Harbor Plan that asks the provider with this NPI for one document.
pub(crate) fn request(control: u32, tracking: &str, npi: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*HARBORPLAN     *ZZ*CARTAGE        *261120*0900*^*00602*{control:09}*1*T*:~\
         GS*HN*HARBORPLAN*CARTAGE*20261120*0900*{control}*X*006020X313~\
         ST*277*0001*006020X313~BHT*0085*48*RFAI-{control}*20261120*0900*RQ~\
         HL*1**20*1~NM1*PR*2*HARBOR PLAN*****PI*60601~PER*IC*REVIEW DESK*TE*8005550142~\
         HL*2*1*21*1~NM1*41*2*SOME CLINIC*****46*SC001~\
         HL*3*2*19*1~NM1*1P*2*SOME CLINIC*****XX*{npi}~\
         HL*4*3*PT~NM1*QC*1*MARLOWE*ADA****MI*HP0042117~\
         TRN*1*{tracking}~STC*R4:11504-8::LOI*20261120**1840~REF*X1*SC-2026-0417~\
         DTP*472*D8*20261103~DTP*106*D8*20270104~SE*17*0001~\
         GE*1*{control}~IEA*1*{control:09}~"
    )
}

/// What a provider hands in for a claim; `payer` is a payer id.
pub(crate) fn submission(tracking: &str, payer: &str, npi: &str, text: &str) -> Value {
    json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "TrackingId", "valueIdentifier": {"value": tracking}},
            {"name": "AttachTo", "valueCode": "claim"},
            {"name": "PayerId", "valueIdentifier": {"value": payer}},
            {"name": "OrganizationId", "valueIdentifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}},
            {"name": "ProviderId", "valueIdentifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}},
            {"name": "MemberId", "valueIdentifier": {"value": "HP0042117"}},
            {"name": "ServiceDate", "valueDateTime": "2026-11-03"},
            {"name": "Attachment", "part": [
                {"name": "Code", "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "11504-8"}]}},
                {"name": "Content", "resource": {
                    "resourceType": "DocumentReference", "status": "current",
                    "type": {"coding": [{"system": "http://loinc.org", "code": "11504-8"}]},
                    "subject": {"identifier": {"value": "HP0042117"}},
                    "date": "2026-11-03T10:00:00-05:00",
                    "content": [{"attachment": {"contentType": "text/plain", "data": text}}],
                }},
            ]},
            {"name": "Final", "valueBoolean": true},
        ],
    })
}

/// The number of the interchange in a text.
pub(crate) fn interchange_number(text: &str) -> &str {
    &text[90..99]
}

/// An element of the first segment of a name.
pub(crate) fn element<'t>(text: &'t str, segment: &str, number: usize) -> &'t str {
    let found = text
        .split('~')
        .find(|one| one.trim_start().starts_with(&format!("{segment}*")));
    found
        .and_then(|found| found.split('*').nth(number))
        .unwrap_or_default()
}

/// A TA1 of Harbor Plan about an interchange of ours.
pub(crate) fn ta1(control: u32, about: &str, verdict: &str, note: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*HARBORPLAN     *ZZ*CARTAGE        *261120*0900*^*00501*{control:09}*0*T*:~\
         TA1*{about}*261120*0900*{verdict}*{note}~IEA*0*{control:09}~"
    )
}

/// A 999 of a partner about a group of ours.
pub(crate) fn ack(control: u32, from: &str, group: &str, set: &str, verdict: &str) -> String {
    let guide = if set == "275" { "006020X314" } else { "006020X313" };
    let functional = if set == "275" { "PI" } else { "HN" };
    let accepted = u8::from(verdict != "R");
    format!(
        "ISA*00*          *00*          *ZZ*{from:<15}*ZZ*CARTAGE        *261120*0900*^*00501*{control:09}*0*T*:~\
         GS*FA*{from}*CARTAGE*20261120*0900*{control}*X*005010X231A1~ST*999*0001*005010X231A1~\
         AK1*{functional}*{group}*{guide}~AK2*{set}*0001*{guide}~IK5*{verdict}~AK9*{verdict}*1*1*{accepted}~SE*6*0001~\
         GE*1*{control}~IEA*1*{control:09}~"
    )
}

/// An 824 of Harbor Plan about a group of ours.
pub(crate) fn advice(control: u32, group: &str, verdict: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*HARBORPLAN     *ZZ*CARTAGE        *261120*0900*^*00602*{control:09}*0*T*:~\
         GS*AG*HARBORPLAN*CARTAGE*20261120*0900*{control}*X*006020X257~ST*824*0001*006020X257~\
         BGN*11*ADV{control}*20261120*0900~OTI*{verdict}*TN*NA*****{group}*0001*275~SE*4*0001~\
         GE*1*{control}~IEA*1*{control:09}~"
    )
}
