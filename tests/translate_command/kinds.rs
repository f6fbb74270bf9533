//! What is translated beside requests and submissions: reviews, answers of partners, and FHIR in other words.

use serde_json::Value;

use crate::KNOWN;
use crate::TASK;
use crate::refused;
use crate::run::Said;
use crate::translate;

#[test]
fn fhir_comes_out_in_the_words_of_the_version_that_is_asked_for() {
    let same = translate(&["--to", "fhir"], TASK).ended(0);
    assert_eq!(same.lines()[0], serde_json::from_str::<Value>(TASK).unwrap());
    let older = translate(&["--to", "fhir", "--cdex", "2.0"], TASK);
    let code = |said: &Said| {
        said.lines()[0]["code"]["coding"][0]["system"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        code(&older).ends_with("/cdex-temp") && code(&same).ends_with("/PASTempCodes"),
        "{older:?}"
    );
    translate(&["--to", "fhir", "--cdex", "1.0"], TASK).ended(2);
    let answer = include_str!("../data/fhir/pas/response-2.2.1.json");
    let known = ["--context", KNOWN];
    let tasks = translate(&known, answer);
    assert!(tasks.code < 2, "{tasks:?}");
    assert!(
        tasks.lines().iter().all(|task| task["resourceType"] == "Task"),
        "{tasks:?}"
    );
    let report = translate(&["--context", KNOWN, "--report", "-"], answer).lines();
    assert_eq!(report[0]["mapping"]["id"], "revision");
    assert!(!report[0]["lineage"].as_array().unwrap().is_empty());
    let explained = translate(&["--context", KNOWN, "--explain"], answer);
    assert!(
        explained.out.contains("Task.identifier[0].value"),
        "{explained:?}"
    );
}

#[test]
fn what_a_partner_answers_becomes_an_outcome() {
    let envelope = "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLINIC         *261120*0900*^*00501*000000009*0*T*:~";
    let rejected = format!(
        "{envelope}GS*FA*PLAN*CLINIC*20261120*0900*1*X*005010X231A1~ST*999*0001*005010X231A1~AK1*PI*17*006020X314~\
         AK2*275*0001*006020X314~IK3*NM1*6*1000D*8~IK4*9*67*7*MARLOWE~IK5*R*5~AK9*R*1*1*0~SE*8*0001~GE*1*1~\
         IEA*1*000000009~"
    );
    let said = translate(&[], &rejected).ended(1);
    let outcomes = said.lines();
    assert_eq!(outcomes[0]["issue"][0]["code"], "code-invalid");
    assert_eq!(outcomes[0]["issue"][0]["diagnostics"], "IK403-7");
    assert_eq!(outcomes[0]["issue"][0]["expression"][0], "1000D/NM109, segment 6");
    assert!(
        !said.out.contains("MARLOWE") && !said.err.contains("MARLOWE"),
        "{said:?}"
    );
    let report = translate(&["--report", "-"], &rejected).ended(1).lines();
    assert_eq!(report[0]["lineage"][0]["source"]["place"]["at"], "IK403");
    assert_eq!(report[0]["losses"][0]["source"]["at"], "IK404");
    let explained = translate(&["--explain"], &rejected).ended(1);
    assert!(
        explained.out.contains("IK404") && !explained.out.contains("MARLOWE"),
        "{explained:?}"
    );
    let accepted = format!("{envelope}TA1*000000004*261120*0900*A*000~IEA*0*000000009~");
    let said = translate(&[], &accepted).ended(0);
    assert_eq!(said.lines()[0]["issue"][0]["severity"], "information");
    refused(&rejected.replace("SE*8*", "SE*9*"), &[], "its check refuses it");
}

#[test]
fn a_review_pended_for_information_becomes_tasks_about_a_prior_authorisation() {
    let review = include_str!("../data/translate/review.x12");
    let tasks = translate(&[], review).ended(0).lines();
    let told: Vec<[&str; 3]> = tasks
        .iter()
        .map(|task| {
            [
                task["identifier"][0]["value"].as_str().unwrap(),
                task["reasonCode"]["coding"][0]["code"].as_str().unwrap(),
                task["input"][0]["valueCodeableConcept"]["coding"][0]["code"]
                    .as_str()
                    .unwrap(),
            ]
        })
        .collect();
    let expected = [
        ["NR-5501-6", "preauthorization", "18842-5"],
        ["NR-5501", "preauthorization", "34133-9"],
    ];
    assert_eq!(told, expected);
    // The two codes of the event and the report of one of its services, and where the answer goes.
    assert_eq!(tasks[1]["input"].as_array().unwrap().len(), 5, "{}", tasks[1]);
    refused(
        &review.replace("HCR*A4", "HCR*A1"),
        &[],
        "no review in it is pended",
    );
}

#[test]
fn a_review_pended_for_information_becomes_tasks_of_pas_when_they_are_asked_for() {
    let review = include_str!("../data/translate/review.x12");
    let tasks = translate(&["--to", "pas"], review).ended(1).lines();
    let told: Vec<(String, String, Option<i64>)> = tasks
        .iter()
        .flat_map(|task| {
            let profile = task["meta"]["profile"][0].as_str().unwrap_or_default();
            assert!(profile.ends_with("/davinci-pas/StructureDefinition/profile-task"));
            let inputs = task["input"].as_array().cloned().unwrap_or_default();
            let wishes = inputs.into_iter().filter(|input| input["valueUrl"].is_null());
            wishes.map(|input| {
                (
                    task["identifier"][0]["value"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    input["valueCodeableConcept"]["coding"][0]["code"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    input["extension"][0]["valuePositiveInt"].as_i64(),
                )
            })
        })
        .collect();
    assert!(told.iter().all(|(_, _, line)| line.is_some()), "{told:?}");
    let cdex = translate(&[], review).ended(0);
    // What CDex asks for the whole authorization has no line, without which a Task of PAS is not sound.
    let refused = translate(&["--to", "pas"], &cdex.out).ended(2);
    assert!(
        refused.err.contains("attachment-request.line-missing"),
        "{refused:?}"
    );
    let again = translate(&["--to", "pas", "--lenient"], &cdex.out).ended(1);
    let codes = |told: &[(String, String, Option<i64>)]| {
        let codes = told.iter().map(|(_, code, _)| code.clone());
        codes.collect::<std::collections::BTreeSet<String>>()
    };
    let by_way_of_cdex: Vec<(String, String, Option<i64>)> = again
        .lines()
        .iter()
        .flat_map(|task| task["input"].as_array().cloned().unwrap_or_default())
        .filter(|input| input["valueUrl"].is_null())
        .map(|input| {
            let code = input["valueCodeableConcept"]["coding"][0]["code"].as_str();
            (String::new(), code.unwrap_or_default().to_owned(), None)
        })
        .collect();
    assert_eq!(codes(&told), codes(&by_way_of_cdex));
}
