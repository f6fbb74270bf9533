//! Tasks at the façade: created once, moved by whom it may, versioned, found.

use cartage::flow::door::Interaction;
use cartage::flow::door::Prefer;
use serde_json::Value;
use serde_json::json;

use crate::bench::Bench;
use crate::bench::LAKE;
use crate::bench::SUMMIT;
use crate::messages::task;

const LAKE_NPI: &str = "1999999992";

fn created(bench: &Bench) -> (String, Value) {
    let (reply, task) = bench.create(SUMMIT, &task("ACN-1", "70702", LAKE_NPI).to_string());
    assert_eq!(reply.status, 201, "{task}");
    (task["id"].as_str().unwrap().to_owned(), task)
}

fn put(bench: &Bench, partner: &str, id: &str, version: Option<u64>, task: &Value) -> (u16, Value) {
    let what = Interaction::UpdateTask {
        id: id.to_owned(),
        version,
    };
    let (reply, body) = bench.ask(partner, what, &task.to_string());
    (reply.status, body)
}

#[test]
fn the_same_task_again_is_the_same_task() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    let (reply, again) = bench.create(SUMMIT, &task("ACN-1", "70702", LAKE_NPI).to_string());
    assert_eq!((reply.status, again["id"].as_str()), (201, Some(id.as_str())));
    let mut other = task("ACN-1", "70702", LAKE_NPI);
    other["restriction"]["period"]["end"] = json!("2027-01-01");
    let (reply, outcome) = bench.create(SUMMIT, &other.to_string());
    assert_eq!(reply.status, 409, "{outcome}");
    assert_eq!(bench.exchanges().len(), 1);
}

#[test]
fn a_conditional_create_finds_what_is_there() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    let mut other = task("ACN-2", "70702", LAKE_NPI);
    let unless = |query: &str| Interaction::CreateTask {
        unless: Some(vec![("identifier".to_owned(), query.to_owned())]),
    };
    let (reply, found) = bench.ask(SUMMIT, unless("urn:example:summit:acn|ACN-1"), &other.to_string());
    assert_eq!((reply.status, found["id"].as_str()), (200, Some(id.as_str())));
    let (reply, made) = bench.ask(SUMMIT, unless("ACN-2"), &other.to_string());
    assert_eq!(reply.status, 201, "{made}");
    other["identifier"][0]["value"] = json!("ACN-3");
    let (reply, _) = bench.ask(SUMMIT, unless("ACN-1,ACN-2"), &other.to_string());
    assert_eq!(reply.status, 412);
}

#[test]
fn prefer_decides_what_comes_back() {
    let bench = Bench::new();
    let what = || Interaction::CreateTask { unless: None };
    let (reply, body) = bench.ask_preferring(
        SUMMIT,
        what(),
        Prefer::Minimal,
        &task("A", "70702", LAKE_NPI).to_string(),
    );
    assert_eq!((reply.status, body), (201, Value::Null));
    assert!(reply.location.is_some());
    let (_, body) = bench.ask_preferring(
        SUMMIT,
        what(),
        Prefer::Outcome,
        &task("B", "70702", LAKE_NPI).to_string(),
    );
    assert_eq!(body["resourceType"], "OperationOutcome");
}

#[test]
fn t26_the_requester_moves_nothing() {
    let bench = Bench::new();
    let (id, mut task) = created(&bench);
    task["status"] = json!("in-progress");
    assert_eq!(put(&bench, SUMMIT, &id, None, &task).0, 403);
    task["status"] = json!("cancelled");
    let (status, outcome) = put(&bench, SUMMIT, &id, None, &task);
    assert_eq!(status, 422, "{outcome}");
    assert_eq!(bench.read(SUMMIT, &id).1["status"], "requested");
}

#[test]
fn the_source_moves_its_task_with_its_own_words() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    let (reply, mut task) = bench.read(LAKE, &id);
    task["status"] = json!("on-hold");
    task["businessStatus"] = json!({"text": "waiting on internal review"});
    let (status, held) = put(&bench, LAKE, &id, reply.version, &task);
    assert_eq!(status, 200, "{held}");
    assert_eq!(held["status"], "on-hold");
    // GW-33: each transition is a version.
    assert_eq!(held["meta"]["versionId"], "4");
    assert_eq!(put(&bench, LAKE, &id, reply.version, &task).0, 412);
    let mut failed = held;
    failed["status"] = json!("failed");
    failed["statusReason"] = json!({"text": "No matching results"});
    let (status, failed) = put(&bench, LAKE, &id, None, &failed);
    assert_eq!(status, 200, "{failed}");
    let (_, seen) = bench.read(SUMMIT, &id);
    assert_eq!(
        (&seen["status"], &seen["statusReason"]["text"]),
        (&json!("failed"), &json!("No matching results"))
    );
}

#[test]
fn the_source_changes_nothing_that_was_asked() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    let (_, mut task) = bench.read(LAKE, &id);
    task["restriction"]["period"]["end"] = json!("2030-01-01");
    assert_eq!(put(&bench, LAKE, &id, None, &task).0, 422);
    let (_, mut task) = bench.read(LAKE, &id);
    task["contained"][0]["birthDate"] = json!("1999-01-01");
    assert_eq!(put(&bench, LAKE, &id, None, &task).0, 422);
    // GW-34: a request for attachments is completed by what is handed in.
    let (_, mut task) = bench.read(LAKE, &id);
    task["status"] = json!("completed");
    assert_eq!(put(&bench, LAKE, &id, None, &task).0, 422);
}

#[test]
fn versions_and_history_are_kept() {
    let bench = Bench::new();
    let (id, first) = created(&bench);
    bench.read(LAKE, &id);
    let version = |version| Interaction::ReadVersion {
        id: id.clone(),
        version,
    };
    let (reply, found) = bench.ask(SUMMIT, version(1), "");
    assert_eq!((reply.status, found), (200, first));
    assert_eq!(bench.ask(SUMMIT, version(2), "").1["status"], "accepted");
    assert_eq!(bench.ask(SUMMIT, version(3), "").0.status, 404);
    let history = Interaction::History {
        id: id.clone(),
        query: vec![("_count".to_owned(), "1".to_owned())],
    };
    let (_, page) = bench.ask(SUMMIT, history, "");
    assert_eq!(page["entry"].as_array().unwrap().len(), 1);
    assert_eq!(page["link"][1]["relation"], "next");
}

#[test]
fn of_two_writes_to_one_version_one_is_refused() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    let (reply, task) = bench.read(LAKE, &id);
    let bodies = ["first", "second"].map(|word| {
        let mut task = task.clone();
        task["status"] = json!("on-hold");
        task["businessStatus"] = json!({"text": word});
        task.to_string()
    });
    let what = Interaction::UpdateTask {
        id: id.clone(),
        version: reply.version,
    };
    let replies = bench.at_once(LAKE, &what, &bodies);
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    let taken = statuses.iter().position(|status| *status == 200).unwrap();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(
        bench.read(LAKE, &id).1["businessStatus"]["text"],
        ["first", "second"][taken]
    );
}

#[test]
fn history_is_read_page_by_page() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    let (_, mut task) = bench.read(LAKE, &id);
    for number in 0..20 {
        task["status"] = json!("on-hold");
        task["businessStatus"] = json!({"text": format!("step {number}")});
        let (status, held) = put(&bench, LAKE, &id, None, &task);
        assert_eq!(status, 200, "{held}");
        task = held;
    }
    let newest: u64 = task["meta"]["versionId"].as_str().unwrap().parse().unwrap();
    assert!(newest > 20, "{newest}");
    let mut seen = Vec::new();
    let mut page = None;
    loop {
        let mut query = vec![("_count".to_owned(), "7".to_owned())];
        query.extend(page.map(|page: String| ("_page".to_owned(), page)));
        let what = Interaction::History {
            id: id.clone(),
            query,
        };
        let (_, bundle) = bench.ask(SUMMIT, what, "");
        assert_eq!(bundle["total"], newest);
        for entry in bundle["entry"].as_array().unwrap() {
            seen.push(
                entry["resource"]["meta"]["versionId"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        let next = bundle["link"][1]["url"].as_str();
        page = next.map(|url| url.rsplit_once("_page=").unwrap().1.to_owned());
        if page.is_none() {
            break;
        }
    }
    let all: Vec<String> = (1..=newest).rev().map(|number| number.to_string()).collect();
    assert_eq!(seen, all);
    for version in 0..=newest + 1 {
        let what = Interaction::ReadVersion {
            id: id.clone(),
            version,
        };
        let (reply, found) = bench.ask(SUMMIT, what, "");
        if (1..=newest).contains(&version) {
            assert_eq!(found["meta"]["versionId"], version.to_string());
        } else {
            assert_eq!(reply.status, 404);
        }
    }
}

#[test]
fn tasks_are_found_by_all_that_cdex_names() {
    let bench = Bench::new();
    let (id, _) = created(&bench);
    for (query, hits) in [
        (vec![("_id", id.as_str())], 1),
        (vec![("identifier", "ACN-1")], 1),
        (vec![("identifier", "urn:example:summit:acn|ACN-1")], 1),
        (vec![("identifier", "urn:other|ACN-1")], 0),
        (vec![("status", "requested,accepted")], 1),
        (vec![("status", "completed")], 0),
        (vec![("code", "attachment-request-code")], 1),
        (
            vec![("owner:identifier", "http://hl7.org/fhir/sid/us-npi|1999999992")],
            1,
        ),
        (
            vec![("requester:identifier", "70702"), ("status", "requested")],
            1,
        ),
        (vec![("patient:identifier", "SU-7001")], 1),
        (vec![("patient:identifier", "SU-7002")], 0),
        (
            vec![("_lastUpdated", "gt2026-11-01"), ("_lastUpdated", "lt2027")],
            1,
        ),
        (vec![("_lastUpdated", "lt2026-11-20")], 0),
    ] {
        assert_eq!(bench.search(SUMMIT, &query).len(), hits, "{query:?}");
    }
    for query in [
        ("focus", "x"),
        ("_count", "many"),
        ("_lastUpdated", "soon"),
        ("_page", "1"),
    ] {
        let what = Interaction::SearchTasks {
            query: vec![(query.0.to_owned(), query.1.to_owned())],
        };
        assert_eq!(bench.ask(SUMMIT, what, "").0.status, 400, "{query:?}");
    }
}

#[test]
fn a_search_has_pages() {
    let bench = Bench::new();
    for number in 0..5 {
        bench.create(
            SUMMIT,
            &task(&format!("ACN-{number}"), "70702", LAKE_NPI).to_string(),
        );
    }
    let mut query = vec![("_count".to_owned(), "2".to_owned())];
    let mut seen = Vec::new();
    loop {
        let what = Interaction::SearchTasks { query: query.clone() };
        let (_, bundle) = bench.ask(SUMMIT, what, "");
        let page = bundle["entry"].as_array().cloned().unwrap_or_default();
        seen.extend(
            page.iter()
                .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()),
        );
        let links = bundle["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else {
            break;
        };
        let page = next["url"]
            .as_str()
            .unwrap()
            .rsplit_once("_page=")
            .unwrap()
            .1
            .to_owned();
        query = vec![("_count".to_owned(), "2".to_owned()), ("_page".to_owned(), page)];
    }
    assert_eq!(seen.len(), 5);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

/// A Task that asks for documents by a query.
fn query() -> Value {
    let text = include_str!("../data/fhir/data-request-query.json");
    let mut task: Value = serde_json::from_str(text).unwrap();
    task["status"] = json!("requested");
    task["owner"] =
        json!({"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1999999992"}});
    task
}

#[test]
fn t22_a_request_for_data_is_completed_by_its_outputs() {
    let bench = Bench::new();
    let (reply, made) = bench.create(SUMMIT, &query().to_string());
    assert_eq!(reply.status, 201, "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    let (_, mut task) = bench.read(LAKE, &id);
    task["status"] = json!("completed");
    // tdr-3: a completed Task has outputs.
    assert_eq!(put(&bench, LAKE, &id, None, &task).0, 422);
    task["output"] = json!([{
        "type": {"coding": [{"system": "http://hl7.org/fhir/us/davinci-hrex/CodeSystem/hrex-temp", "code": "data-value"}]},
        "valueReference": {"reference": "https://lake.example/fhir/Condition?patient=1"},
    }]);
    let (status, done) = put(&bench, LAKE, &id, None, &task);
    assert_eq!((status, &done["status"]), (200, &json!("completed")), "{done}");
    let (_, seen) = bench.read(SUMMIT, &id);
    assert_eq!(seen["output"], task["output"]);
}

#[test]
fn a_request_for_data_has_no_form_in_x12() {
    let bench = Bench::new();
    let mut task = query();
    task["owner"]["identifier"]["value"] = json!("1245319599");
    let (reply, outcome) = bench.create(SUMMIT, &task.to_string());
    assert_eq!(reply.status, 422);
    assert_eq!(outcome["issue"][0]["code"], "not-supported", "{outcome}");
}

#[test]
fn t21_what_the_profile_refuses_is_refused() {
    let bench = Bench::new();
    for member in ["requester", "for", "status", "code", "input"] {
        let mut broken = task("ACN-1", "70702", LAKE_NPI);
        broken.as_object_mut().unwrap().remove(member);
        let (reply, outcome) = bench.create(SUMMIT, &broken.to_string());
        assert!(matches!(reply.status, 400 | 422), "{member}: {outcome}");
        assert_eq!(outcome["resourceType"], "OperationOutcome");
    }
    assert!(bench.search(SUMMIT, &[]).is_empty());
}
