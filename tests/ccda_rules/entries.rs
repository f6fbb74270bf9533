//! Entries of sections.

use super::check;
use super::check_document;
use super::convert;
use super::document;
use super::first;
use cartage::translate::ccda::Reason;
use cartage::translate::ccda::UsCore;

const SCT: &str = r#"codeSystem="2.16.840.1.113883.6.96""#;
const LOINC: &str = r#"codeSystem="2.16.840.1.113883.6.1""#;

/// Something to be swallowed or injected.
fn product(code: &str) -> String {
    format!(
        "<consumable><manufacturedProduct><manufacturedMaterial>{code}</manufacturedMaterial></manufacturedProduct>\
         </consumable>"
    )
}

fn drug() -> String {
    product(r#"<code code="197361" codeSystem="2.16.840.1.113883.6.88"/>"#)
}

fn medication(inside: &str) -> String {
    format!(
        r#"<substanceAdministration classCode="SBADM" moodCode="INT"><T:16/><id root="1.2" extension="m"/>
        <statusCode code="completed"/>{inside}{}</substanceAdministration>"#,
        drug()
    )
}

fn problem(inside: &str) -> String {
    format!(
        r#"<act classCode="ACT" moodCode="EVN"><T:3/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/>
        <statusCode code="active"/><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><T:4/>
        <id root="1.2" extension="p"/><code code="ASSERTION"/>{inside}</observation></entryRelationship></act>"#
    )
}

#[test]
fn reactions_of_the_concern_belong_to_the_allergy() {
    let reaction = |code: &str| {
        format!(
            r#"<entryRelationship typeCode="MFST"><observation classCode="OBS" moodCode="EVN"><T:9/>
            <code code="ASSERTION"/><value xsi:type="CD" code="{code}" {SCT}/></observation></entryRelationship>"#
        )
    };
    let entry = format!(
        r#"<act classCode="ACT" moodCode="EVN"><T:30/><statusCode code="active"/><entryRelationship typeCode="SUBJ">
        <observation classCode="OBS" moodCode="EVN"><T:7/><value xsi:type="CD" code="416098002" {SCT}/>
        <participant typeCode="CSM"><participantRole><playingEntity>
        <code code="7980" codeSystem="2.16.840.1.113883.6.88"/></playingEntity></participantRole></participant>
        {}</observation></entryRelationship>{}</act>"#,
        reaction("247472004"),
        reaction("422587007")
    );
    let expected = [
        ("/reaction/0/manifestation/0/coding/0/code", "\"247472004\""),
        ("/reaction/1/manifestation/0/coding/0/code", "\"422587007\""),
        ("/type", "allergy"),
        ("/category/0", "medication"),
        ("/clinicalStatus/coding/0/code", "active"),
    ];
    check("48765-2", &entry, "AllergyIntolerance", &expected);
}

#[test]
fn nobody_is_allergic_by_negation() {
    for (value, code) in [
        ("416098002", "409137002"),
        ("414285001", "429625007"),
        ("419199007", "716186003"),
    ] {
        let entry = format!(
            r#"<observation classCode="OBS" moodCode="EVN" negationInd="true"><T:7/>
            <value xsi:type="CD" code="{value}" {SCT}/><participant typeCode="CSM"><participantRole><playingEntity>
            <code nullFlavor="NA"/></playingEntity></participantRole></participant></observation>"#
        );
        let code = format!("\"{code}\"");
        let expected = [
            ("/code/coding/0/code", &*code),
            ("/verificationStatus/coding/0/code", "confirmed"),
        ];
        check("48765-2", &entry, "AllergyIntolerance", &expected);
    }
}

#[test]
fn the_status_of_a_problem_follows_its_end() {
    let value = format!(r#"<value xsi:type="CD" code="44054006" {SCT}/>"#);
    for (time, status) in [
        (r#"<low value="2020"/>"#, "active"),
        (r#"<low value="2020"/><high value="2021"/>"#, "resolved"),
        (r#"<low value="2020"/><high nullFlavor="UNK"/>"#, "resolved"),
    ] {
        let entry = problem(&format!("<effectiveTime>{time}</effectiveTime>{value}"));
        let expected = [
            ("/clinicalStatus/coding/0/code", status),
            ("/onsetDateTime", "\"2020\""),
        ];
        check("11450-4", &entry, "Condition", &expected);
    }
    let told = format!(
        r#"<effectiveTime><low value="2020"/><high value="2021"/></effectiveTime>{value}<entryRelationship typeCode="REFR">
        <observation classCode="OBS" moodCode="EVN"><T:6/><code code="33999-4"/>
        <value xsi:type="CD" code="55561003" {SCT}/></observation></entryRelationship>"#
    );
    check(
        "11450-4",
        &problem(&told),
        "Condition",
        &[("/clinicalStatus/coding/0/code", "inactive")],
    );
}

#[test]
fn a_prognosis_and_a_priority_are_evidence() {
    for template in [113, 143] {
        let entry = problem(&format!(
            r#"<value xsi:type="CD" code="44054006" {SCT}/><entryRelationship typeCode="REFR">
            <observation classCode="OBS" moodCode="EVN"><T:{template}/><code code="75328-5" {LOINC}/>
            <value xsi:type="CD" code="170968001" {SCT}/></observation></entryRelationship>"#
        ));
        let expected = [("/valueCodeableConcept/coding/0/code", "\"170968001\"")];
        check("11450-4", &entry, "Observation", &expected);
        let outcome = convert(
            &document("", "11450-4", &format!("<entry>{entry}</entry>")),
            UsCore::default(),
        );
        let condition = first(&outcome, "Condition").unwrap();
        assert!(condition.pointer("/evidence/0/detail/0/reference").is_some());
        assert_eq!(outcome.left_behind, []);
    }
}

#[test]
fn a_concern_that_refers_to_a_problem_is_told_by_its_category() {
    let concern = r#"<entry><act classCode="ACT" moodCode="EVN"><T:132/><code code="75310-3"/><entryRelationship typeCode="REFR">
        <act classCode="ACT" moodCode="EVN"><T:122/><id root="1.2" extension="p"/><code nullFlavor="NP"/></act>
        </entryRelationship></act></entry>"#;
    let inside = format!(
        "<entry>{}</entry>{concern}",
        problem(&format!(r#"<value xsi:type="CD" code="44054006" {SCT}/>"#))
    );
    let document = document("", "11450-4", &inside);
    let expected = [
        ("/category/0/coding/0/code", "problem-list-item"),
        ("/category/1/coding/0/code", "health-concern"),
    ];
    check_document(&document, UsCore::default(), "Condition", &expected);
    assert_eq!(convert(&document, UsCore::default()).left_behind, []);
}

#[test]
fn an_order_that_still_runs_is_active() {
    for (end, status) in [("20270101", "active"), ("20250101", "completed")] {
        let time = format!(
            r#"<effectiveTime xsi:type="IVL_TS"><low value="2025"/><high value="{end}"/></effectiveTime>"#
        );
        check(
            "10160-0",
            &medication(&time),
            "MedicationRequest",
            &[("/status", status)],
        );
    }
}

#[test]
fn how_often_a_medication_is_taken() {
    let every = |period: &str, more: &str| {
        medication(&format!(
            r#"<effectiveTime xsi:type="PIVL_TS" operator="A"{more}>{period}</effectiveTime>"#
        ))
    };
    let repeat = "/dosageInstruction/0/timing/repeat";
    for (period, more, expected) in [
        (
            r#"<period value="8" unit="h"/>"#,
            "",
            [("frequency", "1"), ("period", "8"), ("periodUnit", "h")],
        ),
        (
            r#"<period value="12" unit="h"/>"#,
            r#" institutionSpecified="true""#,
            [("frequency", "2"), ("period", "1"), ("periodUnit", "d")],
        ),
        (
            r#"<period><low value="4" unit="h"/><high value="6" unit="h"/></period>"#,
            "",
            [("period", "4"), ("periodMax", "6"), ("periodUnit", "h")],
        ),
    ] {
        let expected = expected.map(|(key, value)| (format!("{repeat}/{key}"), value));
        let expected: Vec<(&str, &str)> = expected.iter().map(|(key, value)| (&**key, *value)).collect();
        check("10160-0", &every(period, more), "MedicationRequest", &expected);
    }
}

#[test]
fn every_instruction_and_a_reason_in_words_are_kept() {
    let instruction = |words: &str| {
        format!(
            r#"<entryRelationship typeCode="SUBJ" inversionInd="true"><act classCode="ACT" moodCode="INT"><T:20/>
            <code code="311401005" {SCT}/><text>{words}</text></act></entryRelationship>"#
        )
    };
    let entry = medication(&format!(
        r#"{}{}<entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN"><T:19/>
        <code code="404684003" {SCT}/><text>It hurts</text></observation></entryRelationship>"#,
        instruction("With water"),
        instruction("Not at night")
    ));
    let expected = [
        (
            "/dosageInstruction/0/patientInstruction",
            "\"With water\\nNot at night\"",
        ),
        (
            "/dosageInstruction/0/additionalInstruction/1/coding/0/code",
            "\"311401005\"",
        ),
        ("/reasonCode/0/text", "\"It hurts\""),
    ];
    check("10160-0", &entry, "MedicationRequest", &expected);
}

#[test]
fn no_medications_are_a_reason_to_be_empty() {
    for code in [
        format!(r#"<code code="410942007" {SCT}/>"#),
        r#"<code nullFlavor="NA"/>"#.to_owned(),
    ] {
        let entry = format!(
            r#"<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="true"><T:16/>{}
            </substanceAdministration></entry><text>None.</text>"#,
            product(&code)
        );
        let document = document("", "10160-0", &entry);
        let expected = [
            ("/section/0/emptyReason/coding/0/code", "nilknown"),
            ("/section/0/entry", "null"),
        ];
        check_document(&document, UsCore::default(), "Composition", &expected);
        let outcome = convert(&document, UsCore::default());
        assert_eq!(first(&outcome, "MedicationRequest"), None);
    }
    check(
        "10160-0",
        &medication("").replace("moodCode=\"INT\"", "moodCode=\"INT\" negationInd=\"true\""),
        "MedicationRequest",
        &[("/doNotPerform", "true")],
    );
}

#[test]
fn what_was_given_during_a_procedure_is_part_of_it() {
    let given = medication(r#"<effectiveTime value="20260228"/>"#).replace("\"INT\"", "\"EVN\"");
    let entry = format!(
        r#"<procedure classCode="PROC" moodCode="EVN"><T:14/><id root="1.2" extension="x"/>
        <code code="80146002" {SCT}/><statusCode code="completed"/><effectiveTime value="20260228"/>
        <entryRelationship typeCode="COMP">{given}</entryRelationship></procedure>"#
    );
    let expected = [("/status", "completed"), ("/effectiveDateTime", "\"2026-02-28\"")];
    check("47519-4", &entry, "MedicationAdministration", &expected);
    let outcome = convert(
        &document("", "47519-4", &format!("<entry>{entry}</entry>")),
        UsCore::default(),
    );
    let given = first(&outcome, "MedicationAdministration").unwrap();
    let procedure = first(&outcome, "Procedure").unwrap();
    let reference = format!("urn:uuid:{}", procedure["id"].as_str().unwrap());
    assert_eq!(given["partOf"][0]["reference"], reference);
}

#[test]
fn the_number_of_a_dose_stands_in_two_places() {
    let vaccine = product(r#"<code code="88" codeSystem="2.16.840.1.113883.12.292"/>"#);
    let shot = |inside: &str| {
        format!(
            r#"<substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="false"><T:52/>
            <statusCode code="completed"/><effectiveTime value="20251001"/>{vaccine}{inside}</substanceAdministration>"#
        )
    };
    let series = r#"<entryRelationship typeCode="COMP"><sequenceNumber value="3"/><act classCode="ACT" moodCode="EVN">
        <T:118/><code code="416118004"/></act></entryRelationship>"#;
    for (inside, number) in [(r#"<repeatNumber value="2"/>"#, "2"), (series, "3")] {
        let expected = [
            ("/protocolApplied/0/doseNumberPositiveInt", number),
            ("/vaccineCode/coding/0/system", "http://hl7.org/fhir/sid/cvx"),
        ];
        check("11369-6", &shot(inside), "Immunization", &expected);
    }
}

#[test]
fn encounters_know_who_when_and_why() {
    let entry = format!(
        r#"<encounter classCode="ENC" moodCode="EVN"><T:49/><code code="99213" codeSystem="2.16.840.1.113883.6.12"/>
        <effectiveTime value="20260110"/><performer><time value="20260110"/><assignedEntity><id root="1.2" extension="n"/>
        <assignedPerson><name><given>Odo</given><family>Winterbourne</family></name></assignedPerson></assignedEntity>
        </performer><entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN"><T:19/>
        <value xsi:type="CD" code="25064002" {SCT}/></observation></entryRelationship></encounter>"#
    );
    let expected = [
        ("/class/code", "AMB"),
        ("/status", "finished"),
        ("/participant/0/period/start", "\"2026-01-10\""),
        ("/reasonCode/0/coding/0/code", "\"25064002\""),
    ];
    check("46240-8", &entry, "Encounter", &expected);
}

#[test]
fn goals_say_what_they_address() {
    let entry = format!(
        r#"<observation classCode="OBS" moodCode="GOL"><T:121/><code code="59408-5" {LOINC}/><statusCode code="active"/>
        <effectiveTime><low value="20260101"/></effectiveTime><value xsi:type="PQ" value="92" unit="%"/>
        <entryRelationship typeCode="RSON"><act classCode="ACT" moodCode="EVN"><T:122/>
        <id root="1.2" extension="p"/></act></entryRelationship></observation>"#
    );
    let inside = format!(
        "<entry>{entry}</entry><entry>{}</entry>",
        problem(&format!(r#"<value xsi:type="CD" code="44054006" {SCT}/>"#))
    );
    let document = document("", "61146-7", &inside);
    let condition = first(&convert(&document, UsCore::default()), "Condition").unwrap();
    let reference = format!("\"urn:uuid:{}\"", condition["id"].as_str().unwrap());
    let expected = [
        ("/addresses/0/reference", &*reference),
        ("/startDate", "\"2026-01-01\""),
        ("/target/0/detailQuantity/value", "92"),
        ("/lifecycleStatus", "active"),
    ];
    check_document(&document, UsCore::default(), "Goal", &expected);
}

#[test]
fn a_relative_of_whom_nothing_is_known() {
    let entry = r#"<organizer classCode="CLUSTER" moodCode="EVN"><T:45/><statusCode code="completed"/><subject>
        <relatedSubject classCode="PRS"><code code="FTH" codeSystem="2.16.840.1.113883.5.111"/></relatedSubject></subject>
        </organizer>"#;
    let expected = [
        ("/status", "health-unknown"),
        ("/relationship/coding/0/code", "FTH"),
    ];
    check("10157-6", entry, "FamilyMemberHistory", &expected);
}

#[test]
fn an_industry_is_part_of_the_occupation() {
    let entry = format!(
        r#"<observation classCode="OBS" moodCode="EVN"><T:503/><code code="11341-5" {LOINC}/>
        <effectiveTime value="20200101"/><value xsi:type="CD" code="29-1000.00" codeSystem="2.16.840.1.114222.4.5.327"/>
        <entryRelationship typeCode="REFR"><observation classCode="OBS" moodCode="EVN"><T:504/><code code="86188-0" {LOINC}/>
        <value xsi:type="CD" code="62" codeSystem="2.16.840.1.114222.4.5.315"/></observation></entryRelationship>
        </observation>"#
    );
    let expected = [
        ("/valueCodeableConcept/coding/0/code", "\"29-1000.00\""),
        ("/component/0/code/coding/0/code", "86188-0"),
        ("/component/0/valueCodeableConcept/coding/0/code", "\"62\""),
    ];
    check("29762-2", &entry, "Observation", &expected);
}

#[test]
fn devices_say_what_is_safe() {
    let part = |template: u16, code: &str, value: &str| {
        format!(
            r#"<component><observation classCode="OBS" moodCode="EVN"><T:{template}/>
            <code code="{code}" codeSystem="2.16.840.1.113883.3.26.1.1"/>{value}</observation></component>"#
        )
    };
    let nci = r#"codeSystem="2.16.840.1.113883.3.26.1.1""#;
    let parts = [
        part(
            318,
            "C106044",
            &format!(r#"<value xsi:type="CD" code="C113844" {nci}/>"#),
        ),
        part(302, "C99286", r#"<value xsi:type="ED">1234</value>"#),
        part(319, "C101671", r#"<value xsi:type="ED">S-1</value>"#),
    ];
    let entry = format!(
        r#"<organizer classCode="CLUSTER" moodCode="EVN"><T:311/>
        <id root="2.16.840.1.113883.3.3719" extension="(01)00643169007222(21)S-1"/>
        <code code="74711-3" {LOINC}/>{}</organizer>"#,
        parts.concat()
    );
    let expected = [
        ("/safety/0/coding/0/code", "C113844"),
        ("/property/0/valueCode/0/text", "\"1234\""),
        ("/serialNumber", "S-1"),
    ];
    check("46264-8", &entry, "Device", &expected);
}

#[test]
fn an_empty_panel_says_that_it_has_no_value() {
    let entry = r#"<organizer classCode="CLUSTER" moodCode="EVN"><T:26/><statusCode code="completed"/>
        <effectiveTime value="20260101"/></organizer>"#;
    let expected = [
        ("/dataAbsentReason/coding/0/code", "unknown"),
        ("/hasMember", "null"),
    ];
    check("8716-3", entry, "Observation", &expected);
}

#[test]
fn a_picture_is_a_medium_and_the_paper_of_a_directive_is_named() {
    let picture = r#"<observationMedia classCode="OBS" moodCode="EVN"><id root="1.2" extension="i"/>
        <value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia>"#;
    check(
        "18748-4",
        picture,
        "Media",
        &[("/content/contentType", "image/png"), ("/content/size", "8")],
    );
    let directive = format!(
        r#"<observation classCode="OBS" moodCode="EVN"><T:48/><code code="78823-2" {LOINC}/><statusCode code="completed"/>
        <value xsi:type="CD" code="304253006" {SCT}/><reference typeCode="REFR"><externalDocument>
        <id root="1.2.9" extension="d"/></externalDocument></reference></observation>"#
    );
    check(
        "42348-3",
        &directive,
        "Observation",
        &[("/derivedFrom/0/identifier/value", "\"d\"")],
    );
}

#[test]
fn the_oldest_us_core_wants_more() {
    let entry = format!("<entry>{}</entry>", medication(""));
    let document = document("", "10160-0", &entry);
    let absent = "/_authoredOn/extension/0/valueCode";
    check_document(
        &document,
        UsCore::V3_1_1,
        "MedicationRequest",
        &[(absent, "unknown")],
    );
    check_document(
        &document,
        UsCore::V7_0_0,
        "MedicationRequest",
        &[(absent, "null")],
    );
}

#[test]
fn what_finds_no_room_is_told_and_why() {
    let reasons = |entry: &str| {
        let document = document("", "11450-4", &format!("<entry>{entry}</entry>"));
        let outcome = convert(&document, UsCore::default());
        outcome
            .left_behind
            .iter()
            .map(|left| left.reason)
            .collect::<Vec<_>>()
    };
    let age = r#"<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><T:31/>
        <code code="445518008"/><value xsi:type="PQ" value="57" unit="a"/></observation></entryRelationship>"#;
    let value = format!(r#"<value xsi:type="CD" code="44054006" {SCT}/>"#);
    assert_eq!(reasons(&problem(&format!("{value}{age}"))), []);
    let dated = problem(&format!(
        r#"<effectiveTime><low value="2020"/></effectiveTime>{value}{age}"#
    ));
    assert_eq!(reasons(&dated), [Reason::NoRoom]);
    let nothing = problem(&value).replace(
        "<observation classCode",
        "<observation nullFlavor=\"NI\" classCode",
    );
    assert_eq!(
        reasons(&nothing.replace("44054006", "ASSERTION")),
        [Reason::NoInformation; 2]
    );
}
