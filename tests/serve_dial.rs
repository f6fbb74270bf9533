//! A partner whose servers have certificates of its own issuer: it is dialled under that issuer, and under no other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[allow(dead_code, reason = "each test program uses its own part of it")]
#[path = "flow/messages.rs"]
mod messages;
mod serve_support;

use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;

use cartage::trust::door::DoorStream;
use cartage::trust::door::DoorTls;
use cartage::trust::secret::SecretPlace;
use cartage::trust::tls::Identity;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::IsCa;
use rcgen::KeyPair;
use serve_support::Ground;
use serve_support::Running;
use serve_support::ask;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// Makes an issuer, which writes `<name>-ca.pem`, and a certificate of it for `localhost`.
fn identity(ground: &Ground, name: &str) -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    ground.file(&format!("{name}-ca.pem"), &issuer.pem());
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    Identity {
        cert: ground.file(&format!("{name}.pem"), &certificate.pem()),
        key: SecretPlace::File(ground.file(&format!("{name}.key"), &key.serialize_pem())),
    }
}

/// A payer that takes X12 over TLS: what came on each connection; nothing where TLS was not agreed on.
fn payer(identity: &Identity) -> (SocketAddr, Receiver<Option<String>>) {
    let tls = DoorTls::build(identity, None).unwrap();
    let (tell, told) = mpsc::sync_channel(100);
    let (bound, address) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            bound.send(listener.local_addr().unwrap()).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let came = match tls.accept(stream).await {
                    Ok(stream) => Some(take(stream).await),
                    Err(_) => None,
                };
                if tell.send(came).is_err() {
                    return;
                }
            }
        });
    });
    (address.recv().unwrap(), told)
}

/// Takes one message and answers it.
async fn take(mut stream: DoorStream) -> String {
    let mut came = Vec::new();
    while !came.ends_with(b"~") {
        let read = stream.read_buf(&mut came).await.unwrap();
        assert!(read > 0, "it broke off");
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    stream.shutdown().await.unwrap();
    String::from_utf8(came).unwrap()
}

fn configuration(payer: SocketAddr, tls: &str) -> String {
    format!(
        r#"
config-version = 1
[gateway]
name = "Cartage"
public-url = "http://127.0.0.1/fhir"
data-dir = "data"
isa = "ZZ:CARTAGE"
usage = "T"
reload = "manual"
[listen.lake]
kind = "fhir"
address = "127.0.0.1:0"
from = "lake"
[partner.lake]
role = "provider"
npi = ["1999999992"]
speaks = "fhir"
fhir = {{ hosted = true }}
[partner.harbor]
role = "payer"
payer-ids = ["60601"]
speaks = "x12"
x12 = {{ isa = "ZZ:HARBORPLAN" }}
deliver = {{ core = "https://localhost:{}/x12" }}
{tls}
retry = {{ first = "20ms", up-to = "100ms", for = "1h" }}
"#,
        payer.port()
    )
}

fn submit(running: &Running, tracking: &str) {
    let body = messages::submission(tracking, "60601", "1999999992", "QUJD").to_string();
    let (status, said) = ask(
        running.address("lake"),
        "POST /fhir/$submit-attachment",
        "Content-Type: application/fhir+json\r\n",
        &body,
    );
    assert_eq!(status, 200, "{said}");
}

/// SEC-001: the issuer that a partner has is trusted for this partner, and nobody else is.
#[test]
fn a_partner_is_dialled_under_its_own_issuer() {
    let ground = Ground::new();
    let (address, came) = payer(&identity(&ground, "harbor"));
    identity(&ground, "stranger");
    ground.file(
        "gateway.toml",
        &configuration(address, "tls = { ca = \"stranger-ca.pem\" }"),
    );
    let running = Running::start(&ground);
    submit(&running, "CASE-1");
    assert_eq!(
        came.recv().unwrap(),
        None,
        "nothing is sent to whom we do not trust"
    );
    ground.file(
        "gateway.toml",
        &configuration(address, "tls = { ca = \"harbor-ca.pem\" }"),
    );
    let (code, text) = ground.command(&["reload"]);
    assert_eq!(code, 0, "{text}");
    // Attempts under the old issuer may have been on their way.
    let got = came.iter().flatten().next().unwrap();
    assert!(got.contains("TRN*1*CASE-1"), "{got}");
    running.stop();
}

/// `check` speaks to the servers of partners, and under the same issuers.
#[test]
fn a_file_without_issuers_is_told() {
    let ground = Ground::new();
    let (address, _came) = payer(&identity(&ground, "harbor"));
    ground.file("none.pem", "nothing\n");
    ground.file(
        "gateway.toml",
        &configuration(address, "tls = { ca = \"none.pem\" }"),
    );
    let (code, text) = ground.command(&["serve"]);
    assert_eq!(code, 1);
    assert!(
        text.contains("partner harbor cannot be dialled over TLS") && text.contains("none.pem"),
        "{text}"
    );
    let (_, text) = ground.command(&["check"]);
    assert!(text.contains("`none.pem` holds no certificate"), "{text}");
    ground.file(
        "gateway.toml",
        &configuration(address, "tls = { ca = \"harbor-ca.pem\" }"),
    );
    let (code, text) = ground.command(&["check"]);
    assert_eq!(code, 0, "{text}");
}
