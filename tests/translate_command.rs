//! `cartage translate` as a user runs it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "translate_command/kinds.rs"]
mod kinds;
#[path = "translate_command/run.rs"]
mod run;

use std::env;
use std::fs;
use std::path::PathBuf;

use run::Said;
use run::cartage;
use serde_json::Value;

const REQUEST: &str = include_str!("data/translate/request.x12");
/// The same, without the address to answer to.
const NO_ADDRESS: &str = include_str!("data/x12/demo-277-request.x12");
const TASK: &str = include_str!("data/fhir/attachment-request.json");
/// A request about a prior authorisation, which a 277 is not for.
const PRIOR: &str = include_str!("data/fhir/attachment-request-questionnaire.json");
/// A request that the guide for prior authorisations makes, about one as well.
const PAS_TASK: &str = include_str!("data/fhir/pas-task-2.2.1.json");
const DATA_REQUEST: &str = include_str!("data/fhir/data-request-code.json");
/// Values of the samples that name a person, a claim or a plan's member.
const PRIVATE: [&str; 5] = ["MARLOWE", "HP0042117", "NC-2026-0417", "CASE-88123", "PD94bWwg"];

/// What the gateway would know of payer and provider of the sample Task.
const KNOWN: &str = "tests/data/translate/context.json";

fn translate(words: &[&str], input: &str) -> Said {
    let needs = input == TASK && !words.contains(&"--context");
    let known: &[&str] = if needs { &["--context", KNOWN] } else { &[] };
    let words: Vec<&str> = ["translate", "-"]
        .iter()
        .chain(words)
        .chain(known)
        .copied()
        .collect();
    cartage(&words, input.as_bytes())
}

/// A file of this test's own, below the target folder.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}

/// The segments of an interchange without its envelopes, dates and separators aside.
fn body(interchange: &str) -> Vec<String> {
    let component = interchange.chars().nth(104).unwrap();
    let segments = interchange.split('~').map(str::trim);
    let segments = segments.filter(|segment| {
        let id = segment.split('*').next().unwrap();
        !matches!(id, "" | "ISA" | "GS" | "GE" | "IEA")
    });
    segments.map(|segment| segment.replace(component, ":")).collect()
}

#[test]
fn a_request_becomes_one_task_a_line() {
    let said = translate(&[], REQUEST).ended(0);
    let tasks = said.lines();
    assert!(!tasks.is_empty() && said.err.is_empty(), "{said:?}");
    for task in &tasks {
        assert_eq!(task["resourceType"], "Task");
        assert_eq!(task["status"], "requested");
    }
}

#[test]
fn a_request_that_went_to_fhir_and_back_is_the_same_but_for_its_envelope() {
    let tasks = translate(&["--to", "fhir"], REQUEST).ended(0).out;
    let back = translate(&["--to", "006020X313"], &tasks).ended(0).out;
    let plain = |text: &str| -> Vec<String> {
        let body = body(text).into_iter();
        body.filter(|segment| !segment.starts_with("ST*") && !segment.starts_with("SE*"))
            .collect()
    };
    assert_eq!(plain(&back), plain(REQUEST));
}

#[test]
fn what_comes_out_as_x12_passes_the_check_of_its_guide() {
    for guide in ["006020X313", "005010X213"] {
        let said = translate(&["--to", guide], TASK);
        assert!(said.code < 2, "{said:?}");
        let checked = cartage(&["x12", "check", "-"], said.out.as_bytes());
        assert_eq!(checked.code, 0, "{guide}: {checked:?}\n{}", said.out);
    }
}

#[test]
fn the_version_of_cdex_is_chosen() {
    for (version, code) in [
        ("1.1", "attachment-request"),
        ("2.0", "attachment-request-code"),
        ("2.1", "attachment-request-code"),
        ("3.0", "attachment-request-code"),
    ] {
        let said = translate(&["--cdex", version], REQUEST);
        assert!(said.code < 2, "{version}: {said:?}");
        let codes = said.lines()[0]["code"]["coding"].clone();
        assert!(
            codes.to_string().contains(&format!("\"{code}\"")),
            "{version}: {codes}"
        );
    }
}

#[test]
fn an_account_balances_and_holds_no_value() {
    let said = translate(&["--report", "-"], REQUEST).ended(0);
    let [account] = said.lines().try_into().unwrap();
    assert_eq!(account["outcome"], "clean");
    assert_eq!(account["mapping"]["id"], "task-from-277");
    assert_eq!(account["mapping"]["hash"].as_str().unwrap().len(), 64);
    let lineage = account["lineage"].as_array().unwrap();
    let said_of = |place: &str| {
        lineage.iter().any(|line| line["source"]["place"]["at"] == place)
            || account["losses"]
                .as_array()
                .unwrap()
                .iter()
                .any(|loss| loss["source"]["at"] == place)
    };
    for place in ["2100A/NM109", "2200D/TRN02", "2200D/STC01-2", "2200D/DTP03"] {
        assert!(said_of(place), "{place} is in neither list");
    }
    assert!(
        lineage
            .iter()
            .all(|line| line["rule"].is_string() && line["function"].is_string())
    );
    for value in PRIVATE {
        assert!(!said.out.contains(value), "{value} is told");
    }
}

#[test]
fn losses_are_told_and_end_with_one() {
    let known = file("losses-context.json", r#"{"carry":false}"#);
    let said = translate(&["--context", known.to_str().unwrap()], REQUEST).ended(1);
    assert!(
        !said.out.is_empty() && said.err.contains("not as in the original"),
        "{said:?}"
    );
    let report = translate(&["--report", "-", "--context", known.to_str().unwrap()], REQUEST).ended(1);
    let losses = report.lines()[0]["losses"].as_array().unwrap().len();
    assert!(losses > 0);
    for value in PRIVATE {
        assert!(
            !said.err.contains(value) && !report.out.contains(value),
            "{value} is told"
        );
    }
}

#[test]
fn what_a_partner_is_known_by_is_used() {
    let known = file(
        "context.json",
        r#"{"payer-url":"https://gateway.example/fhir","member-system":"https://plan.example/members",
            "payer-name":"EXAMPLE PLAN","receiver-id":"ETIN9","provider-name":"EXAMPLE CLINIC",
            "envelope":{"sender":{"qualifier":"ZZ","id":"PLAN"},"receiver":{"id":"CLINIC"},"control":42,
            "production":true}}"#,
    );
    let known = known.to_str().unwrap();
    let tasks = translate(&["--context", known], REQUEST);
    assert!(tasks.out.contains("https://plan.example/members"), "{tasks:?}");
    let request = translate(&["--context", known], TASK);
    assert!(
        request.out.contains("*ZZ*PLAN           *ZZ*CLINIC "),
        "{request:?}"
    );
    assert!(request.out.contains("*000000042*0*P*"), "{request:?}");
}

#[test]
fn a_request_that_its_guide_refuses_is_translated_only_when_asked() {
    let broken = REQUEST.replace("SE*", "SE*9");
    let said = translate(&[], &broken).ended(2);
    assert!(said.out.is_empty() && said.err.contains("IK502-4"), "{said:?}");
    assert!(said.err.contains("--lenient"), "{said:?}");
    let lenient = translate(&["--lenient"], &broken).ended(1);
    assert_eq!(lenient.out, translate(&[], REQUEST).out);
    assert!(lenient.err.contains("in spite of error IK502-4"), "{lenient:?}");
}

#[test]
fn a_task_that_its_profile_refuses_is_translated_only_when_asked() {
    let mut task: Value = serde_json::from_str(TASK).unwrap();
    task["intent"] = "proposal".into();
    let said = translate(&[], &task.to_string()).ended(2);
    assert!(said.err.contains("Task.intent"), "{said:?}");
    assert!(translate(&["--lenient"], &task.to_string()).code < 2);
}

#[test]
fn what_the_message_does_not_say_is_asked_for() {
    let none = file("no-context.json", "{}");
    let none = none.to_str().unwrap();
    let said = translate(&["--context", none], NO_ADDRESS).ended(2);
    assert!(
        said.out.is_empty() && said.err.contains("--context can tell it as payer-url"),
        "{said:?}"
    );
    let codeless = TASK.replace("http://loinc.org", "urn:example:own-codes");
    let said = translate(&["--context", KNOWN], &codeless).ended(2);
    assert!(
        said.out.is_empty() && said.err.contains("In what would come out"),
        "{said:?}"
    );
    assert!(
        said.err.contains("IK403-1: a required element is missing"),
        "{said:?}"
    );
}

#[test]
fn one_refusal_does_not_hide_the_others() {
    let broken = REQUEST.replace("SE*", "SE*9");
    let sound = REQUEST.replace("000002201", "000002202");
    let said = translate(&[], &format!("{broken}{sound}")).ended(2);
    assert_eq!(said.out, translate(&[], REQUEST).out);
}

#[track_caller]
fn refused(input: &str, words: &[&str], told: &str) {
    let said = translate(words, input).ended(2);
    assert!(said.out.is_empty() && said.err.contains(told), "{said:?}");
}

#[test]
fn what_cannot_be_translated_is_told() {
    refused("", &[], "there is nothing in it");
    refused("hello", &[], "neither X12 nor FHIR JSON");
    refused(PRIOR, &[], "a prior authorisation is asked about in a 278");
    refused(PAS_TASK, &[], "a prior authorisation is asked about in a 278");
    refused(
        "<?xml version='1.0'?><html/>",
        &[],
        "XML, but no clinical document",
    );
    refused("<Task xmlns='http://hl7.org/fhir'/>", &[], "only FHIR in JSON");
    refused("{", &[], "ends before its value does");
    refused("{}", &[], "does not say what resource it is");
    refused(
        r#"{"resourceType":"Patient"}"#,
        &[],
        "no mapping makes 006020X313 of a Patient",
    );
    refused(DATA_REQUEST, &[], "a request for data has no form in X12");
    refused(REQUEST, &["--to", "006020X313"], "X12 already");
    refused(
        r#"{"resourceType":"Patient"}"#,
        &["--to", "fhir"],
        "no request and no submission",
    );
    refused("ISA*00*", &[], "no transaction");
    refused(&"[".repeat(100_000), &[], "");
}

#[test]
fn a_resource_that_came_with_line_breaks_goes_out_on_one_line() {
    let submission = include_str!("data/fhir/submit-1.1.json");
    assert!(submission.lines().count() > 10);
    let interchange = translate(&["--lenient"], submission).out;
    let back = translate(&["--lenient"], &interchange);
    assert_eq!(back.lines().len(), 1, "{back:?}");
    assert_eq!(back.lines()[0]["resourceType"], "Parameters");
}

#[test]
fn a_clinical_document_becomes_a_bundle() {
    let document = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/></ClinicalDocument>"#;
    let said = translate(&[], document);
    assert!(said.code < 2, "{said:?}");
    assert_eq!(said.lines()[0]["resourceType"], "Bundle");
    let report = translate(&["--report", "-"], document).lines();
    assert_eq!(report[0]["mapping"]["id"], "ccda");
    assert_eq!(report[0]["mapping"]["hash"].as_str().unwrap().len(), 64);
    assert!(!report[0]["lineage"].as_array().unwrap().is_empty());
    let collection = translate(&["--product", "collection"], document).lines();
    assert_eq!(collection[0]["type"], "collection");
    refused(document, &["--to", "006020X314"], "as an attachment");
    let path = file("server.xml", document);
    let served = cartage(&["translate", "--server"], path.to_str().unwrap().as_bytes()).ended(0);
    assert_eq!(served.lines()[0]["resourceType"], "Bundle");
}

#[test]
fn usage_faults_end_with_64() {
    let wrong = file("wrong-context.json", r#"{"payer_url":"x"}"#);
    let runs: [&[&str]; 8] = [
        &["translate"],
        &["translate", "no/such/file"],
        &["translate", "src"],
        &["translate", "-", "--to", "006020X999"],
        &["translate", "-", "--cdex", "4.0"],
        &["translate", "-", "--mapping", "nothing"],
        &["translate", "-", "--mappings-dir", "no/such/folder"],
        &["translate", "-", "--context", wrong.to_str().unwrap()],
    ];
    for words in runs {
        let said = cartage(words, b"").ended(64);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{words:?}: {said:?}");
    }
    cartage(&["translate", "--help"], b"").ended(0);
}

#[test]
fn both_sides_are_shown_line_to_line() {
    let said = translate(&["--explain"], REQUEST).ended(0);
    for told in ["TRN02", "→ Task", "[task.", "by task-from-277"] {
        assert!(said.out.contains(told), "{told} is not in\n{}", said.out);
    }
    let back = translate(&["--explain"], TASK);
    assert!(back.out.contains("Task.restriction.period.end"), "{back:?}");
    assert!(back.out.contains("2200D/DTP03"), "{back:?}");
}

#[test]
fn a_server_answers_each_path_with_one_line() {
    let sound = file("server-sound.x12", REQUEST);
    let broken = file("server-broken.x12", &REQUEST.replace("SE*", "SE*9"));
    let input = format!(
        "{}\n\n{}\nno/such/file\n{}",
        sound.display(),
        broken.display(),
        sound.display()
    );
    let said = cartage(&["translate", "--server"], input.as_bytes()).ended(0);
    let answers = said.lines();
    let outcomes: Vec<&str> = answers
        .iter()
        .map(|answer| answer["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["clean", "refused", "refused", "clean"]);
    assert_eq!(answers[0]["messages"], answers[3]["messages"]);
    assert_eq!(answers[0]["messages"][0]["resourceType"], "Task");
    assert!(
        answers[1]["error"]
            .as_str()
            .unwrap()
            .contains("its check refuses it")
    );
    assert!(answers[2]["error"].as_str().unwrap().contains("No such file"));
    assert_eq!(answers[0]["translations"][0]["mapping"]["id"], "task-from-277");
}

#[test]
fn a_line_without_end_is_answered_and_not_kept() {
    let input = format!("{}\n", "x".repeat(1_000_000));
    let said = cartage(&["translate", "--server"], input.as_bytes()).ended(0);
    assert_eq!(said.lines()[0]["error"], "the line is too long for a path");
    assert_eq!(said.lines().len(), 1);
}

#[test]
fn messages_and_account_go_to_files() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (messages, report) = (folder.join("messages.ndjson"), folder.join("report.ndjson"));
    let words = [
        "--out",
        messages.to_str().unwrap(),
        "--report",
        report.to_str().unwrap(),
    ];
    let said = translate(&words, REQUEST).ended(0);
    assert!(said.out.is_empty() && said.err.is_empty(), "{said:?}");
    assert_eq!(fs::read_to_string(messages).unwrap(), translate(&[], REQUEST).out);
    let report: Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["of"]["kind"], "277");
}

/// Attachments of the corpus go to FHIR and come back as the same segments, payloads included.
#[test]
fn submissions_and_attachments_go_both_ways() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/x12");
    if !folder.is_dir() {
        assert!(env::var_os("CI").is_none(), "the corpus is missing");
        eprintln!("skipped: ../shared/corpus/x12 is not there");
        return;
    }
    for (name, guide) in [
        ("syn_275_x314_unsolicited_b64_cda", "006020X314"),
        ("syn_275_x314_solicited_two_lx_mime", "006020X314"),
        ("syn_275_x316_prior_auth", "006020X316"),
    ] {
        let text = fs::read_to_string(folder.join(format!("{name}.edi"))).unwrap();
        let there = translate(&[], &text).ended(0).out;
        let back = translate(&["--to", guide], &there);
        assert!(back.code < 2, "{name}: {back:?}");
        assert_eq!(body(&back.out), body(&text), "{name}");
    }
}

/// Every request of the corpus that its guide accepts goes to FHIR without loss, and back to the same segments.
#[test]
fn corpus_requests_go_to_fhir_and_back() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/x12");
    if !folder.is_dir() {
        assert!(env::var_os("CI").is_none(), "the corpus is missing");
        eprintln!("skipped: ../shared/corpus/x12 is not there");
        return;
    }
    let names = [
        "syn_277_x313_rfai_claim_level",
        "syn_277_x313_rfai_two_claims_line_level",
        "syn_277_x213_rfai_5010",
    ];
    for name in names {
        let text = fs::read_to_string(folder.join(format!("{name}.edi"))).unwrap();
        let tasks = translate(&[], &text).ended(0).out;
        let guide = if name.contains("x213") {
            "005010X213"
        } else {
            "006020X313"
        };
        let back = translate(&["--to", guide], &tasks);
        assert!(back.code < 2, "{name}: {back:?}");
        assert_eq!(body(&back.out), body(&text), "{name}");
    }
}
