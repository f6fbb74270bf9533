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

/// A 275 of South Clinic; `kind` is 11 for one that answers a request, 02 for one that nobody asked for.
pub(crate) fn attachment(control: u32, kind: &str, tracking: &str, payer: &str, content: &str) -> String {
    let maker = if kind == "11" { "2" } else { "1" };
    let status = if kind == "11" {
        "STC*R4:11504-8::LOI*20261120~"
    } else {
        ""
    };
    let kind_of_document = if kind == "11" {
        ""
    } else {
        "STC*R4:11504-8::LOI*20261120~"
    };
    let length = content.len();
    let count = 16;
    format!(
        "ISA*00*          *00*          *ZZ*SOUTHCLINIC    *ZZ*CARTAGE        *261120*0900*^*00602*{control:09}*0*T*:~\
         GS*PI*SOUTHCLINIC*CARTAGE*20261120*0900*{control}*X*006020X314~\
         ST*275*0001*006020X314~BGN*{kind}*SC-ATT-{control}*20261120*0931~\
         NM1*PR*2*SOME PLAN*****PI*{payer}~NM1*41*2*SOUTH CLINIC*****46*SC001~\
         NM1*1P*2*SOUTH CLINIC*****XX*1245319599~NM1*QC*1*MARLOWE*ADA****MI*HP0042117~\
         REF*X1*SC-2026-0417~DTP*472*D8*20261103~LX*1~TRN*{maker}*{tracking}~\
         {status}{kind_of_document}DTP*368*D8*20261120~CAT*AE*TX~OOI*1*47*ATTACHMENT~\
         BDS*B64*{length}*{content}~SE*{count}*0001~GE*1*{control}~IEA*1*{control:09}~"
    )
}

/// A Task in which a payer asks the provider with this NPI for one document.
pub(crate) fn task(tracking: &str, payer: &str, npi: &str) -> Value {
    let cdex = "http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp";
    let pas = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes";
    let input = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    json!({
        "resourceType": "Task",
        "meta": {"profile": ["http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request"]},
        "contained": [
            {"resourceType": "Patient", "id": "patient",
             "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MB"}]},
                 "system": "urn:example:members", "value": "SU-7001"}],
             "name": [{"family": "Quill", "given": ["Ira"]}], "birthDate": "1970-05-05"},
            {"resourceType": "PractitionerRole", "id": "practitionerrole",
             "practitioner": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}},
             "organization": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}, "display": "Some Clinic"}},
        ],
        "identifier": [{"type": {"coding": [{"system": cdex, "code": "tracking-id"}]},
            "system": "urn:example:summit:acn", "value": tracking}],
        "status": "requested", "intent": "order",
        "code": {"coding": [{"system": pas, "code": "attachment-request-code"}]},
        "for": {"reference": "#patient"},
        "authoredOn": "2026-11-20T09:00:00Z", "lastModified": "2026-11-20T09:00:00Z",
        "requester": {"identifier": {"system": "urn:example:payers", "value": payer}, "display": "Summit Plan"},
        "owner": {"reference": "#practitionerrole"},
        "reasonCode": {"coding": [{"system": "http://hl7.org/fhir/claim-use", "code": "claim"}], "text": "claim"},
        "reasonReference": {"identifier": {"system": "urn:example:claims", "value": "CLM-41"}},
        "restriction": {"period": {"end": "2026-12-20"}},
        "input": [
            {"type": input(pas, "attachments-needed"),
             "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "11504-8"}]}},
            {"type": input(pas, "payer-url"), "valueUrl": "https://summit.example/fhir/$submit-attachment"},
            {"type": input(cdex, "service-date"), "valueDate": "2026-11-03"},
        ],
    })
}
