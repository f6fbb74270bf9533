//! Contents by address over the wire (GW-16, SEC-024, T-64, T-114): a submission names its document, and the 275 has it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "journey_fetch/vault.rs"]
mod vault;

mod journey_support;

use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;

use journey_support::FINE;
use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::SUMMIT_ID;
use journey_support::Stage;
use journey_support::messages::ack;
use journey_support::messages::element;
use journey_support::messages::submission;
use journey_support::peer::Say;
use journey_support::serve_support::Ground;
use serde_json::Value;
use serde_json::json;
use vault::Give;
use vault::Vault;

/// The base 64 of `octets`.
fn base64(octets: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(octets)
}

/// A gateway that fetches for `lake` from `vault`.
fn stage(vault: &Vault, terms: &str) -> Stage {
    Stage::with(&format!(
        "[partner.lake.fetch]\nfrom = [\"http://{}\"]\n{terms}\n",
        vault.address
    ))
}

/// A submission whose document is named by address.
fn by_address(tracking: &str, payer: &str, npi: &str, attachment: &Value) -> Value {
    let mut body = submission(tracking, payer, npi, "");
    body["parameter"][7]["part"][1]["resource"]["content"][0]["attachment"] = attachment.clone();
    body
}

fn at(address: &str) -> Value {
    json!({"contentType": "text/plain", "url": address})
}

/// Lake hands in what `attachment` names, for Harbor Plan.
#[track_caller]
fn hand_in(stage: &Stage, tracking: &str, attachment: &Value) -> (u16, Value) {
    let body = by_address(tracking, HARBOR_ID, LAKE_NPI, attachment);
    stage.post("lake", "$submit-attachment", &body)
}

/// That a submission is refused with this status, and why, at its place; and that nothing goes to the payer.
#[track_caller]
fn check_refused(stage: &Stage, attachment: &Value, status: u16, code: &str, why: &str) {
    let (found, outcome) = hand_in(stage, "PROV-7", attachment);
    let issue = &outcome["issue"][0];
    assert_eq!((found, issue["code"].as_str()), (status, Some(code)), "{outcome}");
    assert_eq!(issue["diagnostics"], why, "{outcome}");
    let place = "Parameters.parameter[7].part[1].resource.content[0].attachment";
    assert_eq!(issue["expression"][0], place);
    // Neither the address nor anything behind it is told.
    let url = attachment["url"].as_str().unwrap();
    assert!(!outcome.to_string().contains(url), "{outcome}");
    assert!(!stage.harbor.has_more());
}

/// A server that nobody may speak to.
struct Canary(TcpListener);

impl Canary {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    #[track_caller]
    fn check_untouched(&self) {
        assert_eq!(self.0.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn a_document_named_by_address_goes_into_the_275() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    let text = b"A note of an invented person.".to_vec();
    vault.put("/docs/1?sig=a%2Fb", Give::octets("text/plain", &text));
    let (status, said) = hand_in(&stage, "PROV-7", &at(&vault.url("/docs/1?sig=a%2Fb")));
    assert_eq!(status, 200, "{said}");
    let sent = stage.harbor.next();
    let payload = base64(&text);
    assert_eq!(element(&sent.body, "TRN", 2), "PROV-7");
    assert_eq!(element(&sent.body, "BDS", 2), payload.len().to_string());
    assert!(sent.body.contains(&format!("*{payload}~")), "{}", sent.body);
    let asked = vault.next();
    assert!(asked.starts_with("GET /docs/1?sig=a%2Fb HTTP/1.1\r\n"), "{asked}");
    assert!(!asked.to_ascii_lowercase().contains("authorization"), "{asked}");
    assert!(asked.contains("text/plain, */*;q=0.1"), "{asked}");
    // ROB-010: the same again gets the first answer, and nobody is asked again.
    vault.put("/docs/1?sig=a%2Fb", Give::Status(404, ""));
    let again = hand_in(&stage, "PROV-7", &at(&vault.url("/docs/1?sig=a%2Fb")));
    assert_eq!(again, (status, said));
    assert!(!vault.was_asked() && !stage.harbor.has_more());
}

#[test]
fn a_long_document_is_never_held_and_arrives_octet_for_octet() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    let text: Vec<u8> = (0..3_000_001_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    vault.put("/scan", Give::octets("application/pdf", &text));
    let scan = json!({"contentType": "application/pdf", "url": vault.url("/scan"), "size": text.len()});
    let (status, said) = hand_in(&stage, "PROV-7", &scan);
    assert_eq!(status, 200, "{said}");
    let sent = stage.harbor.next();
    let payload = base64(&text);
    assert_eq!(element(&sent.body, "BDS", 2), payload.len().to_string());
    assert!(sent.body.contains(&format!("*{payload}~")));
    assert_eq!(element(&sent.body, "IEA", 2), element(&sent.body, "ISA", 13));
}

#[test]
fn size_and_hash_are_compared_where_they_are_said() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    vault.put("/abc", Give::octets("text/plain", b"abc"));
    let with = |members: Value| {
        let mut attachment = at(&vault.url("/abc"));
        attachment
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        attachment
    };
    let wrong_size = "it has not the size that the attachment says";
    check_refused(&stage, &with(json!({"size": 2})), 422, "value", wrong_size);
    check_refused(&stage, &with(json!({"size": 4})), 422, "value", wrong_size);
    let wrong_hash = "it has not the hash that the attachment says";
    for hash in ["AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAA", "no base 64"] {
        check_refused(&stage, &with(json!({"hash": hash})), 422, "value", wrong_hash);
    }
    // SHA-1, as FHIR says.
    let good = with(json!({"size": 3, "hash": "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="}));
    let (status, said) = hand_in(&stage, "PROV-7", &good);
    assert_eq!(status, 200, "{said}");
    assert!(stage.harbor.next().body.contains("*YWJj~"));
}

#[test]
fn our_token_goes_to_the_partners_own_base_only() {
    let vault = Vault::open();
    let drawer = Ground::new();
    let token = drawer.file("north.token", "word-of-ours");
    let stage = Stage::with(&format!(
        "[partner.north.auth]\nbearer = {{ file = {token:?} }}\n[partner.north.fetch]\nfrom = [\"http://{}\"]\n",
        vault.address
    ));
    let north = stage.north.address;
    stage.north.say(Say::Document("text/plain", "abc".to_owned()));
    let hand_in = |tracking: &str, url: &str| {
        let body = by_address(tracking, HARBOR_ID, NORTH_NPI, &at(url));
        let (status, said) = stage.post("north", "$submit-attachment", &body);
        assert_eq!(status, 200, "{said}");
        assert!(stage.harbor.next().body.contains("*YWJj~"));
    };
    for (tracking, url) in [
        ("P-1", format!("http://{north}/r4/Binary/1")),
        ("P-2", "Binary/1".to_owned()),
    ] {
        hand_in(tracking, &url);
        let asked = stage.north.next();
        assert_eq!(asked.path, "/r4/Binary/1");
        assert!(
            asked.head.contains("authorization: bearer word-of-ours"),
            "{}",
            asked.head
        );
    }
    hand_in("P-3", &format!("http://{north}/other/1"));
    let asked = stage.north.next();
    assert!(!asked.head.contains("authorization"), "{}", asked.head);
    vault.put("/1", Give::octets("text/plain", b"abc"));
    hand_in("P-4", &vault.url("/1"));
    assert!(!vault.next().to_ascii_lowercase().contains("authorization"));
}

/// A Content is a resource (CDEX-411): nothing in Parameters is resolved by reference, and whoever tries is told where.
#[test]
fn a_content_by_reference_is_refused_at_its_place() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    let mut body = submission("PROV-7", HARBOR_ID, LAKE_NPI, "");
    body["parameter"][7]["part"][1] =
        json!({"name": "Content", "valueReference": {"reference": vault.url("/DocumentReference/1")}});
    let (status, outcome) = stage.post("lake", "$submit-attachment", &body);
    assert_eq!(status, 422, "{outcome}");
    let text = outcome.to_string();
    assert!(
        text.contains("a Content has no resource") && text.contains("parameter[7].part[1]"),
        "{text}"
    );
    assert!(!vault.was_asked() && !stage.harbor.has_more());
}

#[test]
fn what_goes_on_as_fhir_keeps_its_address_and_nothing_is_fetched() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    let body = by_address("PROV-7", SUMMIT_ID, LAKE_NPI, &at(&vault.url("/1")));
    stage.summit.say(Say::Status(200, FINE.to_owned()));
    let (status, said) = stage.post("lake", "$submit-attachment", &body);
    assert_eq!(status, 200, "{said}");
    assert_eq!(stage.summit.next().body, body.to_string());
    assert!(!vault.was_asked());
}

#[test]
fn nobody_is_asked_who_is_not_agreed_upon() {
    let (vault, canary) = (Vault::open(), Canary::new());
    let stage = stage(&vault, "");
    let (port, own) = (canary.port(), vault.address.port());
    let elsewhere = "it is on no server that contents are fetched from";
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://localhost:{own}/"),
        format!("http://127.1:{own}/"),
        format!("http://2130706433:{own}/"),
        format!("http://[::ffff:127.0.0.1]:{own}/"),
        format!("https://127.0.0.1:{own}/"),
        format!("http://127.0.0.1:{own}@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "Binary/1".to_owned(),
    ] {
        check_refused(&stage, &at(&url), 422, "not-supported", elsewhere);
    }
    let unreadable = "it is no address from which a content can be fetched";
    for url in [
        format!("{}/../1", vault.url("/docs")),
        vault.url("/docs/%2e%2e/1"),
        "file:///etc/passwd".to_owned(),
        "urn:uuid:6f0b7c2e-0000-4000-8000-000000000000".to_owned(),
    ] {
        let (status, outcome) = hand_in(&stage, "PROV-7", &at(&url));
        assert_eq!(status, 422, "{url} {outcome}");
    }
    check_refused(&stage, &at("urn:oid:1.2.3"), 422, "not-supported", unreadable);
    assert!(!vault.was_asked());
    canary.check_untouched();
}

#[test]
fn a_redirect_is_followed_nowhere() {
    let (vault, canary) = (Vault::open(), Canary::new());
    let stage = stage(&vault, "");
    for (status, to) in [
        (301, format!("http://127.0.0.1:{}/", canary.port())),
        (302, format!("http://localhost:{}/", canary.port())),
        (307, "/other".to_owned()),
        (308, vault.url("/other")),
    ] {
        vault.put("/1", Give::Redirect(status, to));
        check_refused(
            &stage,
            &at(&vault.url("/1")),
            422,
            "not-supported",
            "the server redirects",
        );
        assert!(vault.next().starts_with("GET /1 "));
    }
    assert!(!vault.was_asked());
    canary.check_untouched();
}

#[test]
fn what_is_too_long_is_not_read() {
    let vault = Vault::open();
    let stage = stage(&vault, "max-size = \"1MiB\"");
    let too_long = "it is longer than is fetched for one submission";
    // By its length, before an octet of it comes.
    vault.put("/1", Give::Announced(1 << 40));
    check_refused(&stage, &at(&vault.url("/1")), 413, "too-long", too_long);
    // By its octets, which never end.
    vault.put("/1", Give::Endless);
    check_refused(&stage, &at(&vault.url("/1")), 413, "too-long", too_long);
    // Two that are short enough by themselves.
    vault.put("/1", Give::octets("text/plain", &vec![b'a'; 600_000]));
    vault.put("/2", Give::octets("text/plain", &vec![b'b'; 600_000]));
    let mut body = by_address("PROV-7", HARBOR_ID, LAKE_NPI, &at(&vault.url("/1")));
    let mut second = body["parameter"][7].clone();
    second["part"][1]["resource"]["content"][0]["attachment"] = at(&vault.url("/2"));
    body["parameter"].as_array_mut().unwrap().push(second);
    let (status, outcome) = stage.post("lake", "$submit-attachment", &body);
    assert_eq!(
        (status, &outcome["issue"][0]["diagnostics"]),
        (413, &json!(too_long)),
        "{outcome}"
    );
    assert!(!stage.harbor.has_more());
}

#[test]
fn what_is_too_slow_is_given_up() {
    let vault = Vault::open();
    let stage = stage(&vault, "within = \"300ms\"");
    for give in [Give::Silence, Give::Beginning] {
        vault.put("/1", give);
        let (status, outcome) = hand_in(&stage, "PROV-7", &at(&vault.url("/1")));
        assert_eq!(
            (status, outcome["issue"][0]["code"].as_str()),
            (504, Some("timeout")),
            "{outcome}"
        );
    }
    assert!(!stage.harbor.has_more());
}

#[test]
fn what_does_not_come_whole_is_not_sent_on() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    let url = vault.url("/1");
    let broken = |trouble: &str| format!("the server cannot be read from: {trouble}");
    for (give, trouble) in [
        (Give::Short, "cut"),
        (Give::CutChunks, "cut"),
        (Give::Unframed, "framing"),
        (Give::TwoLengths, "framing"),
        (Give::HangUp, "cut"),
    ] {
        vault.put("/1", give);
        check_refused(&stage, &at(&url), 502, "transient", &broken(trouble));
    }
    // Nothing of that was kept: what is sent when the server is well is a submission like any other.
    vault.put("/1", Give::octets("text/plain", b"abc"));
    let (status, said) = hand_in(&stage, "PROV-7", &at(&url));
    assert_eq!(status, 200, "{said}");
    assert!(stage.harbor.next().body.contains("*YWJj~"));
}

#[test]
fn what_is_not_the_document_is_not_sent_on() {
    let vault = Vault::open();
    let stage = stage(&vault, "");
    let url = vault.url("/1");
    vault.put("/1", Give::Status(503, "Retry-After: 1\r\n"));
    check_refused(
        &stage,
        &at(&url),
        502,
        "transient",
        "the server answers with status 503",
    );
    vault.put("/1", Give::Status(404, ""));
    check_refused(
        &stage,
        &at(&url),
        422,
        "not-found",
        "the server answers with status 404",
    );
    vault.put("/1", Give::Status(403, ""));
    check_refused(
        &stage,
        &at(&url),
        422,
        "forbidden",
        "the server answers with status 403",
    );
    vault.put("/1", Give::Status(206, ""));
    check_refused(
        &stage,
        &at(&url),
        422,
        "processing",
        "the server answers with status 206",
    );
    vault.put("/1", Give::octets("text/plain", b""));
    check_refused(
        &stage,
        &at(&url),
        422,
        "processing",
        "the server sent no octet of it",
    );
    vault.put("/1", Give::octets("text/html", b"<html>Please sign in</html>"));
    let page = "the server sent something else than the document";
    check_refused(&stage, &at(&url), 422, "processing", page);
    vault.put("/1", Give::Encoded);
    check_refused(
        &stage,
        &at(&url),
        422,
        "not-supported",
        "the content is encoded in transfer",
    );
}

#[test]
fn what_was_answered_needs_the_server_no_more() {
    let vault = Vault::open();
    let mut stage = stage(&vault, "");
    let text = vec![b'x'; 100_000];
    vault.put("/1", Give::octets("text/plain", &text));
    stage.harbor.say(Say::HangUp);
    let (status, said) = hand_in(&stage, "PROV-7", &at(&vault.url("/1")));
    assert_eq!(status, 200, "{said}");
    let first = stage.harbor.next();
    vault.next();
    vault.put("/1", Give::Status(410, ""));
    stage.crash();
    assert_eq!(stage.harbor.next().body, first.body);
    stage.harbor.say(Say::Status(200, String::new()));
    assert_eq!(stage.harbor.next_answered(200).body, first.body);
    assert!(first.body.contains(&format!("*{}~", base64(&text))));
    assert!(!vault.was_asked());
}

#[test]
fn a_crash_while_it_is_fetched_loses_nothing_that_was_answered_and_doubles_nothing() {
    let vault = Vault::open();
    let mut stage = stage(&vault, "");
    vault.put("/1", Give::Beginning);
    let body = by_address("PROV-7", HARBOR_ID, LAKE_NPI, &at(&vault.url("/1"))).to_string();
    let mut client = TcpStream::connect(stage.gateway().address("lake")).unwrap();
    write!(
        client,
        "POST /fhir/$submit-attachment HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    // It is being fetched now.
    vault.next();
    stage.crash();
    let mut heard = String::new();
    let _ = client.read_to_string(&mut heard);
    assert_eq!(heard, "", "nothing was answered");
    vault.put("/1", Give::octets("text/plain", b"abc"));
    let (status, said) = hand_in(&stage, "PROV-7", &at(&vault.url("/1")));
    assert_eq!(status, 200, "{said}");
    let sent = stage.harbor.next();
    assert!(sent.body.contains("*YWJj~"));
    let group = element(&sent.body, "GS", 6);
    stage.x12("harbor", &ack(9, "HARBORPLAN", group, "275", "A"));
    assert!(!stage.harbor.has_more());
}
