//! TLS at the doors: who is believed, who is let in, and a certificate that changes while the door stays open.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod serve_support;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use cartage::trust::secret::SecretPlace;
use cartage::trust::tls::ClientTls;
use cartage::trust::tls::Identity;
use cartage::trust::tls::Roots;
use cartage::trust::tls::Terms;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertificateRevocationListParams;
use rcgen::CertifiedIssuer;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyIdMethod;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::RevokedCertParams;
use rcgen::SerialNumber;
use rcgen::date_time_ymd;
use serve_support::Ground;
use serve_support::Running;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Writes a certificate that `issuer` gives to `localhost`, and its key.
fn issue(ground: &Ground, issuer: &Issuer, name: &str) -> (PathBuf, PathBuf) {
    issue_to(ground, issuer, name, "localhost")
}

fn issue_to(ground: &Ground, issuer: &Issuer, name: &str, host: &str) -> (PathBuf, PathBuf) {
    issue_numbered(ground, issuer, name, host, 1)
}

fn issue_numbered(
    ground: &Ground,
    issuer: &Issuer,
    name: &str,
    host: &str,
    serial: u64,
) -> (PathBuf, PathBuf) {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.serial_number = Some(SerialNumber::from(serial));
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let cert = ground.file(&format!("{name}.pem"), &certificate.pem());
    let key = ground.file(&format!("{name}.key"), &key.serialize_pem());
    (cert, key)
}

/// A list of certificates that were taken back, in force until the end of a year.
fn taken_back(issuer: &Issuer, serials: &[u64], until: i32) -> String {
    let revoked = serials.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2024, 1, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2024, 1, 1),
        next_update: date_time_ymd(until, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(issuer).unwrap().pem().unwrap()
}

/// A gateway with one door, whose certificate is `door.pem`; `tls` says more of it.
fn ground(issuer: &Issuer, tls: &str) -> Ground {
    let ground = Ground::new();
    issue(&ground, issuer, "door");
    ground.file("ca.pem", &issuer.pem());
    ground.file(
        "gateway.toml",
        &format!(
            r#"
config-version = 1
[gateway]
name = "Cartage"
public-url = "https://localhost/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
[listen.front]
kind = "fhir"
address = "127.0.0.1:0"
from = "lake"
tls = {{ cert = "door.pem", key = {{ file = "door.key" }}{tls} }}
[partner.lake]
role = "provider"
npi = ["1999999992"]
speaks = "fhir"
fhir = {{ hosted = true }}
"#
        ),
    );
    ground
}

/// The first line of the answer to a request over TLS; nothing if there is no agreement.
fn ask(address: SocketAddr, trusts: PathBuf, identity: Option<Identity>) -> Option<String> {
    ask_for("/fhir/metadata", address, trusts, identity)
}

fn ask_for(path: &str, address: SocketAddr, trusts: PathBuf, identity: Option<Identity>) -> Option<String> {
    let roots = Roots::File(trusts);
    let tls = ClientTls::build(&Terms { roots, identity }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(address).await.unwrap();
        let mut stream = tls.connect("localhost", stream).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let text = String::from_utf8(answer).unwrap();
        text.lines().next().map(str::to_owned)
    })
}

const GOOD: Option<&str> = Some("HTTP/1.1 200 OK");

#[test]
fn a_door_speaks_tls_to_whoever_trusts_its_issuer() {
    let issuer = issuer();
    let ground = ground(&issuer, "");
    let running = Running::start(&ground);
    let address = running.address("front");
    assert_eq!(ask(address, ground.path("ca.pem"), None).as_deref(), GOOD);
    let stranger = ground.file("stranger.pem", &self::issuer().pem());
    assert_eq!(ask(address, stranger, None), None);
    // Whoever speaks in the clear is not understood, and learns nothing.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let heard = runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        heard
    });
    assert!(!heard.starts_with(b"HTTP/"), "{heard:?}");
    running.stop();
}

#[test]
fn a_door_that_asks_for_certificates_lets_in_only_who_has_one() {
    let issuer = issuer();
    let ground = ground(&issuer, ", client-ca = \"ca.pem\"");
    let running = Running::start(&ground);
    let address = running.address("front");
    let trusts = ground.path("ca.pem");
    let of = |issuer: &Issuer, name: &str| {
        let (cert, key) = issue(&ground, issuer, name);
        Some(Identity {
            cert,
            key: SecretPlace::File(key),
        })
    };
    assert_eq!(
        ask(address, trusts.clone(), of(&issuer, "client")).as_deref(),
        GOOD
    );
    assert_eq!(ask(address, trusts.clone(), None), None);
    assert_eq!(ask(address, trusts, of(&self::issuer(), "stranger")), None);
    running.stop();
}

/// SEC-002: the name in a certificate is bound to a partner.
#[test]
fn a_partner_is_known_by_the_name_in_its_certificate() {
    let issuer = issuer();
    let ground = ground(&issuer, ", client-ca = \"ca.pem\"");
    let text = std::fs::read_to_string(ground.path("gateway.toml")).unwrap();
    let known = "fhir = { hosted = true }\nknown-by = { tls-name = \"lake.example\" }";
    let text = text
        .replace("from = \"lake\"\n", "")
        .replace("fhir = { hosted = true }", known);
    ground.file("gateway.toml", &text);
    let running = Running::start(&ground);
    let answer = |host: &str| {
        let (cert, key) = issue_to(&ground, &issuer, "client", host);
        let identity = Some(Identity {
            cert,
            key: SecretPlace::File(key),
        });
        ask_for(
            "/fhir/Task",
            running.address("front"),
            ground.path("ca.pem"),
            identity,
        )
    };
    assert_eq!(answer("lake.example").as_deref(), GOOD);
    assert_eq!(
        answer("pond.example").as_deref(),
        Some("HTTP/1.1 401 Unauthorized")
    );
    running.stop();
}

/// SEC-002: who was let in once is not let in for ever, and a reload that does not concern it ends no connection.
#[test]
fn a_connection_ends_when_its_certificate_is_nobodys_any_more() {
    let issuer = issuer();
    let ground = ground(&issuer, ", client-ca = \"ca.pem\"");
    let text = std::fs::read_to_string(ground.path("gateway.toml")).unwrap();
    let known = "fhir = { hosted = true }\nknown-by = { tls-name = \"lake.example\" }";
    let text = text
        .replace("from = \"lake\"\n", "")
        .replace("fhir = { hosted = true }", known);
    ground.file("gateway.toml", &text);
    let running = Running::start(&ground);
    let (cert, key) = issue_to(&ground, &issuer, "client", "lake.example");
    let identity = Some(Identity {
        cert,
        key: SecretPlace::File(key),
    });
    let roots = Roots::File(ground.path("ca.pem"));
    let tls = ClientTls::build(&Terms { roots, identity }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(running.address("front")).await.unwrap();
        let mut stream = tls.connect("localhost", stream).await.unwrap();
        for text in [text.clone(), text.replace("\"Cartage\"", "\"Renamed\"")] {
            ground.file("gateway.toml", &text);
            let (code, said) = ground.command(&["reload"]);
            assert_eq!(code, 0, "{said}");
            let request = b"GET /fhir/Task HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"}") {
                assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 "), "{answer:?}");
        }
        ground.file("gateway.toml", &text.replace("lake.example", "other.example"));
        let (code, said) = ground.command(&["reload"]);
        assert_eq!(code, 0, "{said}");
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "long before anybody idle is let go");
        assert!(rest.is_empty());
    });
    running.stop();
}

/// SEC-002: a certificate that was taken back lets nobody in, and neither does a list that says nothing of its issuer.
#[test]
fn a_certificate_that_was_taken_back_is_refused() {
    let issuer = issuer();
    let ground = ground(&issuer, ", client-ca = \"ca.pem\", crl = \"crl.pem\"");
    let of = |issuer: &Issuer, name: &str, serial: u64| {
        let (cert, key) = issue_numbered(&ground, issuer, name, "localhost", serial);
        let key = SecretPlace::File(key);
        Some(Identity { cert, key })
    };
    let (good, bad) = (of(&issuer, "good", 7), of(&issuer, "bad", 8));
    let address = |running: &Running| running.address("front");
    let trusts = ground.path("ca.pem");
    ground.file("crl.pem", &taken_back(&issuer, &[8], 2048));
    let running = Running::start(&ground);
    assert_eq!(
        ask(address(&running), trusts.clone(), good.clone()).as_deref(),
        GOOD
    );
    assert_eq!(ask(address(&running), trusts.clone(), bad.clone()), None);
    // Lists change with a reload as certificates do.
    ground.file("crl.pem", &taken_back(&issuer, &[7], 2048));
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(ask(address(&running), trusts.clone(), good.clone()), None);
    assert_eq!(
        ask(address(&running), trusts.clone(), bad.clone()).as_deref(),
        GOOD
    );
    // Without a list that is in force, it is not known who was taken back: that is hard.
    for list in [
        taken_back(&self::issuer(), &[], 2048),
        taken_back(&issuer, &[], 2025),
    ] {
        ground.file("crl.pem", &list);
        let (code, text) = ground.command(&["reload"]);
        assert_eq!(code, 0, "{text}");
        assert_eq!(ask(address(&running), trusts.clone(), good.clone()), None);
    }
    // Or it is soft, if the configuration says so.
    let text = std::fs::read_to_string(ground.path("gateway.toml")).unwrap();
    let soft = text.replace("crl = \"crl.pem\"", "crl = \"crl.pem\", unlisted = \"accept\"");
    ground.file("gateway.toml", &soft);
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(ask(address(&running), trusts, good).as_deref(), GOOD);
    ground.file("crl.pem", "no list\n");
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 1);
    assert!(
        text.contains("crl.pem cannot be read as lists of revoked certificates"),
        "{text}"
    );
    running.stop();
}

/// ROB-019: certificates swap with a reload, and the door stays open.
#[test]
fn a_certificate_changes_with_a_reload() {
    let old = issuer();
    let ground = ground(&old, "");
    let running = Running::start(&ground);
    let address = running.address("front");
    let new = issuer();
    issue(&ground, &new, "door");
    let new_ca = ground.file("new-ca.pem", &new.pem());
    assert_eq!(ask(address, new_ca.clone(), None), None, "not before it is told");
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(ask(address, new_ca, None).as_deref(), GOOD);
    assert_eq!(ask(address, ground.path("ca.pem"), None), None);
    running.stop();
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_at_the_start() {
    let issuer = issuer();
    let ground = ground(&issuer, "");
    issue(&ground, &issuer, "other");
    std::fs::copy(ground.path("other.key"), ground.path("door.key")).unwrap();
    let (code, text) = ground.command(&["serve"]);
    assert_eq!(code, 1);
    assert!(text.contains("door front cannot speak TLS"), "{text}");
    std::fs::remove_file(ground.path("door.pem")).unwrap();
    let (code, text) = ground.command(&["serve"]);
    assert_eq!(code, 1);
    assert!(text.contains("door.pem cannot be read as certificates"), "{text}");
}
