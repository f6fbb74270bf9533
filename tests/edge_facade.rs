//! The FHIR façade over real sockets: which request becomes which interaction, and what is refused with what.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod edge_support;

use std::time::Duration;
use std::time::SystemTime;

use cartage::edge::settings::Speaks;
use cartage::edge::settings::Terms;
use cartage::fhir::json;
use cartage::flow::door::Interaction;
use cartage::flow::door::Prefer;
use cartage::flow::door::Reply;
use edge_support::Script;
use edge_support::ask;
use edge_support::good;
use edge_support::open;
use edge_support::terms;

const JSON: &str = "Content-Type: application/fhir+json\r\n";

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn check(line: &str, fields: &str, body: &str, expected: Interaction) {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let heard = ask(&door, line, fields, body).await;
    assert_eq!(heard.status, 200, "{line}: {heard:?}");
    let took = script.took();
    assert_eq!(took.len(), 1);
    assert_eq!(took[0].what, Some(expected));
    if !matches!(took[0].what, Some(Interaction::SearchTasks { .. })) {
        assert_eq!(took[0].body, body.as_bytes());
    }
}

#[tokio::test]
async fn each_request_is_its_interaction() {
    let id = || "a-1".to_owned();
    check(
        "POST /fhir/$submit-attachment",
        JSON,
        "{}",
        Interaction::SubmitAttachment,
    )
    .await;
    check(
        "POST /fhir/%24submit-attachment",
        JSON,
        "{}",
        Interaction::SubmitAttachment,
    )
    .await;
    check(
        "POST /fhir/Claim/$submit-attachment",
        JSON,
        "{}",
        Interaction::SubmitAttachment,
    )
    .await;
    check(
        "POST /fhir/Task",
        JSON,
        "{}",
        Interaction::CreateTask { unless: None },
    )
    .await;
    let unless = Some(pairs(&[("identifier", "urn:a|1")]));
    let condition = format!("{JSON}If-None-Exist: identifier=urn:a%7C1\r\n");
    check(
        "POST /fhir/Task",
        &condition,
        "{}",
        Interaction::CreateTask { unless },
    )
    .await;
    let version = Some(3);
    let condition = format!("{JSON}If-Match: W/\"3\"\r\n");
    check(
        "PUT /fhir/Task/a-1",
        &condition,
        "{}",
        Interaction::UpdateTask { id: id(), version },
    )
    .await;
    check("GET /fhir/Task/a-1", "", "", Interaction::ReadTask { id: id() }).await;
    check(
        "GET /fhir/Task/a-1/_history/2",
        "",
        "",
        Interaction::ReadVersion { id: id(), version: 2 },
    )
    .await;
    let query = pairs(&[("_count", "5")]);
    check(
        "GET /fhir/Task/a-1/_history?_count=5&_format=json",
        "",
        "",
        Interaction::History { id: id(), query },
    )
    .await;
    let query = pairs(&[("identifier", "urn:a|1"), ("status", "requested")]);
    check(
        "GET /fhir/Task?identifier=urn:a|1&status=requested",
        "",
        "",
        Interaction::SearchTasks { query: query.clone() },
    )
    .await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    check(
        "POST /fhir/Task/_search?identifier=urn:a%7C1",
        form,
        "status=requested",
        Interaction::SearchTasks { query },
    )
    .await;
}

#[tokio::test]
async fn a_body_in_chunks_is_the_same_body() {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let chunked = "2\r\n{\"\r\n5;x=y\r\na\":1}\r\n0\r\n\r\n";
    let request = format!(
        "POST /fhir/Task HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n{chunked}"
    );
    edge_support::send(&door, request.as_bytes()).await;
    assert_eq!(script.took()[0].body, b"{\"a\":1}");
}

#[track_caller]
fn refused(heard: &edge_support::Heard, status: u16, issue: &str) {
    assert_eq!(
        (heard.status, heard.issue().as_str()),
        (status, issue),
        "{heard:?}"
    );
}

/// Refusals come before the body is read and before anything behind the door hears of the request.
#[tokio::test]
async fn what_cannot_be_served_is_refused_with_an_outcome() {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    refused(&ask(&door, "GET /fhir/Patient/1", "", "").await, 404, "not-found");
    refused(&ask(&door, "GET /nothing", "", "").await, 404, "not-found");
    refused(
        &ask(
            &door,
            "POST /fhir/Task",
            "Content-Type: application/fhir+xml\r\n",
            "<a/>",
        )
        .await,
        415,
        "not-supported",
    );
    refused(
        &ask(&door, "POST /fhir/Task", "", "{}").await,
        415,
        "not-supported",
    );
    let packed = format!("{JSON}Content-Encoding: gzip\r\n");
    refused(
        &ask(&door, "POST /fhir/Task", &packed, "{}").await,
        415,
        "not-supported",
    );
    refused(
        &ask(&door, "GET /fhir/Task", "Accept: application/fhir+xml\r\n", "").await,
        406,
        "not-supported",
    );
    refused(
        &ask(&door, "GET /fhir/metadata?_format=xml", "", "").await,
        406,
        "not-supported",
    );
    let wrong = format!("{JSON}If-Match: 3\r\n");
    refused(&ask(&door, "PUT /fhir/Task/a", &wrong, "{}").await, 400, "value");
    assert_eq!(script.took(), []);
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let heard = ask(&door, &format!("{method} /fhir/$submit-attachment"), "", "").await;
        refused(&heard, 405, "not-supported");
        assert_eq!(heard.field("allow"), Some("post"));
    }
    let heard = ask(&door, "DELETE /fhir/Task/a", "", "").await;
    assert_eq!(
        (heard.status, heard.field("allow")),
        (405, Some("get, head, put"))
    );
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_by_its_length_alone() {
    let script = Script::answering(good());
    let door = open(Speaks::Fhir, Terms { body: 10, ..terms() }, script.clone()).await;
    // The body never comes, and nobody is asked to send it.
    let request = format!(
        "POST /fhir/$submit-attachment HTTP/1.1\r\nHost: x\r\n{JSON}Content-Length: 11\r\nExpect: 100-continue\r\n\r\n"
    );
    let text = edge_support::send(&door, request.as_bytes()).await;
    assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
    refused(&edge_support::Heard::of(&text), 413, "too-long");
    // In chunks, it shows only as it comes.
    let request = format!(
        "POST /fhir/$submit-attachment HTTP/1.1\r\nHost: x\r\n{JSON}Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n"
    );
    let heard = edge_support::Heard::of(&edge_support::send(&door, request.as_bytes()).await);
    refused(&heard, 413, "too-long");
    assert_eq!(script.took(), []);
}

#[tokio::test]
async fn who_asks_first_is_told_to_go_on() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    let request = format!(
        "POST /fhir/Task HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{JSON}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{{}}"
    );
    let text = edge_support::send(&door, request.as_bytes()).await;
    assert!(
        text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"),
        "{text}"
    );
}

#[tokio::test]
async fn a_body_that_is_cut_is_the_fault_of_the_request() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    let request = format!("POST /fhir/Task HTTP/1.1\r\nHost: x\r\n{JSON}Content-Length: 10\r\n\r\n{{}}");
    let mut stream = tokio::net::TcpStream::connect(door.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::shutdown(&mut stream).await.unwrap();
    let heard = edge_support::Heard::of(&edge_support::hear(&mut stream).await);
    refused(&heard, 400, "structure");
}

#[tokio::test]
async fn who_it_is_must_be_shown() {
    let script = Script::answering(good());
    let door = open(
        Speaks::Fhir,
        Terms {
            from: None,
            ..terms()
        },
        script.clone(),
    )
    .await;
    let heard = ask(&door, "GET /fhir/Task/a", "", "").await;
    refused(&heard, 401, "login");
    assert_eq!(heard.field("www-authenticate"), Some("bearer realm=\"cartage\""));
    let heard = ask(&door, "GET /fhir/Task/a", "Authorization: Bearer nobodys\r\n", "").await;
    refused(&heard, 401, "login");
    assert!(
        heard
            .field("www-authenticate")
            .unwrap()
            .ends_with("error=\"invalid_token\"")
    );
    assert_eq!(script.took(), []);
    assert_eq!(
        ask(
            &door,
            "GET /fhir/Task/a",
            "Authorization: Bearer acme-token\r\n",
            ""
        )
        .await
        .status,
        200
    );
    assert_eq!(script.took()[0].caller.partner, "acme");
    // What everybody may know needs no token.
    assert_eq!(ask(&door, "GET /fhir/metadata", "", "").await.status, 200);
    assert_eq!(
        ask(&door, "GET /.well-known/davinci-configuration", "", "")
            .await
            .status,
        200
    );
    let mercys = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    refused(
        &ask(
            &mercys,
            "GET /fhir/Task/a",
            "Authorization: Bearer acme-token\r\n",
            "",
        )
        .await,
        403,
        "forbidden",
    );
}

#[tokio::test]
async fn the_capabilities_are_those_of_the_configuration() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    let heard = ask(&door, "GET /fhir/metadata", "", "").await;
    assert_eq!(
        heard.field("content-type"),
        Some("application/fhir+json; charset=utf-8")
    );
    let statement = json::read(heard.body.as_bytes()).unwrap();
    assert_eq!(statement["resourceType"], "CapabilityStatement");
    let operation = &statement["rest"][0]["operation"][0];
    assert_eq!(operation["name"], "submit-attachment");
    assert!(
        operation["documentation"]
            .as_str()
            .unwrap()
            .contains("1048576 bytes")
    );
    let silent = terms();
    let facade = cartage::edge::settings::Facade {
        keeps_tasks: false,
        ..silent.facade.clone()
    };
    door.tell(Terms { facade, ..silent });
    let heard = ask(&door, "GET /fhir/metadata", "", "").await;
    let statement = json::read(heard.body.as_bytes()).unwrap();
    assert!(statement["rest"][0].get("resource").is_none());
}

#[tokio::test]
async fn a_reply_has_its_place_and_version() {
    let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let created = Reply {
        status: 201,
        version: Some(1),
        changed: Some(changed),
        location: Some("Task/a/_history/1".to_owned()),
        ..good()
    };
    let script = Script::answering(created);
    let door = open(Speaks::Fhir, terms(), script.clone()).await;
    let heard = ask(
        &door,
        "POST /fhir/Task",
        &format!("{JSON}Prefer: return=minimal\r\n"),
        "{}",
    )
    .await;
    assert_eq!((heard.status, heard.field("etag")), (201, Some("w/\"1\"")));
    assert_eq!(
        heard.field("location"),
        Some("https://cartage.example/fhir/task/a/_history/1")
    );
    assert_eq!(
        heard.field("last-modified"),
        Some("sun, 06 nov 1994 08:49:37 gmt")
    );
    assert_eq!(script.took()[0].prefer, Prefer::Minimal);
    script.reply.lock().unwrap().status = 200;
    let heard = ask(&door, "GET /fhir/Task/a", "If-None-Match: W/\"1\"\r\n", "").await;
    assert_eq!((heard.status, heard.body.as_str()), (304, ""));
}

#[tokio::test]
async fn a_refusal_without_words_gets_some() {
    let busy = Reply {
        status: 503,
        retry_after: Some(Duration::from_secs(5)),
        ..Reply::default()
    };
    let door = open(Speaks::Fhir, terms(), Script::answering(busy)).await;
    let heard = ask(&door, "GET /fhir/Task/a", "", "").await;
    refused(&heard, 503, "transient");
    assert_eq!(heard.field("retry-after"), Some("5"));
}

#[tokio::test]
async fn a_request_that_fails_inside_concerns_nobody_else() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    refused(
        &ask(&door, "POST /fhir/Task", JSON, "panic").await,
        500,
        "exception",
    );
    assert_eq!(ask(&door, "POST /fhir/Task", JSON, "{}").await.status, 200);
}

#[tokio::test]
async fn a_request_keeps_its_name() {
    let door = open(Speaks::Fhir, terms(), Script::answering(good())).await;
    let named = ask(&door, "GET /fhir/Task/a", "X-Request-Id: run.7_a-b\r\n", "").await;
    assert_eq!(named.field("x-request-id"), Some("run.7_a-b"));
    let unfit = ask(&door, "GET /fhir/Task/a", "X-Request-Id: a b\r\n", "").await;
    assert_eq!(unfit.field("x-request-id"), Some("7-0"));
    assert_eq!(unfit.field("x-content-type-options"), Some("nosniff"));
    assert_eq!(unfit.field("cache-control"), Some("no-store"));
}
