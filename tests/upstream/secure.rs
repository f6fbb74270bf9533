//! TLS towards partners: who is believed, and who believes us (SEC-001, SEC-002).

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::WebPkiClientVerifier;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use cartage::base::clock::SystemClock;
use cartage::trust::secret::SecretPlace;
use cartage::trust::tls::ClientTls;
use cartage::trust::tls::Identity;
use cartage::trust::tls::Roots;
use cartage::trust::tls::Terms;
use cartage::trust::tls::TlsFault;
use cartage::upstream::address::Address;
use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::fetch::Fetcher;
use cartage::upstream::fetch::NotThere;
use cartage::upstream::target::Source;
use cartage::upstream::target::Target;
use cartage::upstream::web::WebAddress;

use crate::carrier;
use crate::folders::Scratch;
use crate::patient;
use crate::submission;

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate that `issuer` gives to `name`, and its key, both as PEM.
fn issued(issuer: &Issuer, name: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// A partner that answers each request over TLS.
async fn partner((cert, key): &(String, String), clients: Option<&Issuer>) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(issuer) => {
            let mut roots = RootCertStore::empty();
            roots.add(issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = rustls::pki_types::CertificateDer::pem_slice_iter(cert.as_bytes());
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not believe us goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut read = Vec::new();
                while !(read.ends_with(b"}") || read.starts_with(b"GET ") && read.ends_with(b"\r\n\r\n")) {
                    if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    .await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

fn written(scratch: &Scratch, name: &str, text: &str) -> PathBuf {
    let path = scratch.0.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn terms(scratch: &Scratch, trusted: &Issuer) -> Terms {
    Terms {
        roots: Roots::File(written(scratch, "roots.pem", &trusted.pem())),
        identity: None,
    }
}

async fn carried(address: SocketAddr, terms: &Terms) -> Attempt {
    let tls = ClientTls::build(terms).unwrap();
    let base = WebAddress::over(&format!("https://localhost:{}/r4", address.port()), &tls).unwrap();
    let address = Address::Fhir { base, bearer: None };
    carrier(patient()).carry(&address, &submission()).await
}

#[tokio::test]
async fn a_partner_that_proves_its_name_is_sent_the_message() {
    let (scratch, issuer) = (Scratch::new("tls-good"), issuer());
    let address = partner(&issued(&issuer, "localhost", |_| {}), None).await;
    let attempt = carried(address, &terms(&scratch, &issuer)).await;
    assert!(
        matches!(attempt, Attempt::Answered { status: 200, .. }),
        "{attempt:?}"
    );
}

/// SEC-002, GW-16
#[tokio::test]
async fn a_content_is_read_only_from_who_proves_its_name() {
    let (scratch, trusted, unknown) = (Scratch::new("tls-fetch"), issuer(), issuer());
    let tls = ClientTls::build(&terms(&scratch, &trusted)).unwrap();
    let fetcher = Fetcher::new(patient(), Arc::new(SystemClock::start()));
    for (issuer, is_read) in [(&trusted, true), (&unknown, false)] {
        let address = partner(&issued(issuer, "localhost", |_| {}), None).await;
        let base = format!("https://localhost:{}", address.port());
        let source = Source {
            base: WebAddress::over(&base, &tls).unwrap(),
            bearer: None,
            is_home: false,
        };
        let target = Target::find(&format!("{base}/1"), &[source]).unwrap();
        match fetcher.open(&target, None).await {
            Ok(mut download) => assert!(is_read && download.next().await.unwrap().is_none()),
            Err(trouble) => assert_eq!((trouble, is_read), (NotThere::Trouble(Trouble::Tls), false)),
        }
    }
}

/// SEC-002
#[tokio::test]
async fn a_partner_that_does_not_is_sent_nothing() {
    let (scratch, trusted, unknown) = (Scratch::new("tls-bad"), issuer(), issuer());
    let cases: [(&str, (String, String)); 5] = [
        ("another issuer", issued(&unknown, "localhost", |_| {})),
        ("another name", issued(&trusted, "elsewhere.example", |_| {})),
        (
            "expired",
            issued(&trusted, "localhost", |params| {
                params.not_before = rcgen::date_time_ymd(2001, 1, 1);
                params.not_after = rcgen::date_time_ymd(2002, 1, 1);
            }),
        ),
        (
            "not yet",
            issued(&trusted, "localhost", |params| {
                params.not_before = rcgen::date_time_ymd(3000, 1, 1);
            }),
        ),
        (
            "for clients only",
            issued(&trusted, "localhost", |params| {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }),
        ),
    ];
    for (case, certificate) in &cases {
        let address = partner(certificate, None).await;
        let attempt = carried(address, &terms(&scratch, &trusted)).await;
        assert_eq!(attempt, Attempt::failed(Trouble::Tls), "{case}");
    }
}

#[tokio::test]
async fn a_partner_that_speaks_in_the_clear_is_sent_nothing() {
    let (scratch, issuer) = (Scratch::new("tls-plain"), issuer());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        let mut heard = Vec::new();
        // The client may hang up with a reset; what it said before is what counts.
        let _ = stream.read_to_end(&mut heard).await;
        heard
    });
    let attempt = carried(address, &terms(&scratch, &issuer)).await;
    assert_eq!(attempt, Attempt::failed(Trouble::Tls));
    let heard = heard.await.unwrap();
    assert!(!heard.windows(4).any(|four| four == b"POST"));
}

/// SEC-002
#[tokio::test]
async fn a_partner_that_wants_our_certificate_is_shown_it() {
    let (scratch, issuer, unknown) = (Scratch::new("tls-mutual"), issuer(), issuer());
    let address = partner(&issued(&issuer, "localhost", |_| {}), Some(&issuer)).await;
    let mut terms = terms(&scratch, &issuer);
    assert_eq!(
        carried(address, &terms).await,
        Attempt::failed(Trouble::Tls),
        "none"
    );
    for (by, taken) in [(&issuer, true), (&unknown, false)] {
        let (cert, key) = issued(by, "cartage.example", |_| {});
        terms.identity = Some(Identity {
            cert: written(&scratch, "our.pem", &cert),
            key: SecretPlace::File(written(&scratch, "our.key", &key)),
        });
        let attempt = carried(address, &terms).await;
        if taken {
            assert!(
                matches!(attempt, Attempt::Answered { status: 200, .. }),
                "{attempt:?}"
            );
        } else {
            assert_eq!(attempt, Attempt::failed(Trouble::Tls));
        }
    }
}

#[test]
fn what_cannot_be_used_is_told_before_anything_is_sent() {
    let (scratch, issuer) = (Scratch::new("tls-terms"), issuer());
    let good = terms(&scratch, &issuer);
    let (cert, key) = issued(&issuer, "cartage.example", |_| {});
    let (_, other) = issued(&issuer, "cartage.example", |_| {});
    let with = |cert: &str, key: &str| {
        let mut terms = good.clone();
        terms.identity = Some(Identity {
            cert: written(&scratch, "cert", cert),
            key: SecretPlace::File(written(&scratch, "key", key)),
        });
        ClientTls::build(&terms)
    };
    assert!(with(&cert, &key).is_ok());
    assert!(
        matches!(with(&cert, &other), Err(TlsFault::Unfit(_))),
        "the key of another certificate"
    );
    assert!(matches!(with("", &key), Err(TlsFault::Certificates(_))));
    assert!(matches!(with(&cert, "canary"), Err(TlsFault::Key)));
    let mut nobody = good.clone();
    nobody.roots = Roots::File(written(&scratch, "empty", ""));
    assert!(matches!(
        ClientTls::build(&nobody),
        Err(TlsFault::Certificates(_))
    ));
    // What is made of the same is the same, and another identity is another.
    assert_eq!(ClientTls::build(&good).unwrap(), ClientTls::build(&good).unwrap());
    assert_ne!(with(&cert, &key).unwrap(), ClientTls::build(&good).unwrap());
}
