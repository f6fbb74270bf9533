//! TLS at our doors: who we are to whoever comes, and whose certificates they must have (SEC-001, SEC-002).
//!
//! TLS 1.2 and 1.3 only, with suites that keep past messages secret.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ParsedCertificate;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::trust::tls::Identity;
use crate::trust::tls::LONGEST_KEY;
use crate::trust::tls::TlsFault;
use crate::trust::tls::certificates;

/// Whose certificates clients must have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientIssuers {
    /// The issuers, as PEM.
    pub ca: PathBuf,
    /// Which of their certificates were taken back; without it, none.
    pub revoked: Option<Revoked>,
}

/// Certificates that were taken back (SEC-002).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revoked {
    /// The lists of their issuers, as PEM.
    pub lists: PathBuf,
    /// Whether clients are let in whose issuer has no list there, or one that is out of date.
    pub unlisted: bool,
}

/// How TLS is spoken at a door.
#[derive(Clone)]
pub struct DoorTls(Arc<ServerConfig>);

/// A connection over TLS.
pub type DoorStream = TlsStream<TcpStream>;

impl DoorTls {
    /// Reads our certificate and its key, and the issuers of the certificates that clients must have, if they must.
    ///
    /// # Errors
    /// Says what cannot be read or does not fit.
    pub fn build(identity: &Identity, clients: Option<&ClientIssuers>) -> Result<Self, TlsFault> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsFault::Unfit)?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => builder.with_client_cert_verifier(verifier(clients, provider)?),
        };
        let text = identity.key.text(LONGEST_KEY)?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| TlsFault::Key)?;
        let mut config = builder
            .with_single_cert(certificates(&identity.cert)?, key)
            .map_err(TlsFault::Unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Agrees with a client on how to speak.
    ///
    /// Cancelling it closes the connection.
    ///
    /// # Errors
    /// Fails if the client speaks no TLS that we do, or does not show a certificate that it must.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<DoorStream> {
        TlsAcceptor::from(Arc::clone(&self.0)).accept(stream).await
    }
}

/// What clients' certificates are held against. A list counts for whom its issuer issued, so it does not matter which
/// of the issuers of a chain it is of.
fn verifier(
    clients: &ClientIssuers,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&clients.ca)? {
        roots.add(certificate).map_err(TlsFault::Unfit)?;
    }
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let mut named = &clients.ca;
    if let Some(revoked) = &clients.revoked {
        named = &revoked.lists;
        builder = builder.with_crls(lists(&revoked.lists)?);
        builder = if revoked.unlisted {
            builder.allow_unknown_revocation_status()
        } else {
            builder.enforce_revocation_expiration()
        };
    }
    builder.build().map_err(|_| TlsFault::Certificates(named.clone()))
}

fn lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsFault> {
    let unreadable = || TlsFault::Lists(path.to_owned());
    let read = CertificateRevocationListDer::pem_file_iter(path).map_err(|_| unreadable())?;
    let found: Vec<_> = read.collect::<Result<_, _>>().map_err(|_| unreadable())?;
    if found.is_empty() {
        Err(unreadable())
    } else {
        Ok(found)
    }
}

/// Partners by the names in their client certificates.
#[derive(Clone, Debug, Default)]
pub struct CertificateNames(Vec<(ServerName<'static>, String)>);

/// A text that no certificate can have as a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a certificate names hosts and addresses, and this is neither")]
pub struct NoName;

impl CertificateNames {
    /// Adds a partner and the name in its certificate.
    ///
    /// # Errors
    /// Refuses what no certificate can have as a name.
    pub fn with(mut self, name: &str, partner: &str) -> Result<Self, NoName> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| NoName)?;
        self.0.push((name, partner.to_owned()));
        Ok(self)
    }

    /// The partner whose name is in the certificate that the client showed, and that was found to be good.
    pub fn holder(&self, stream: &DoorStream) -> Option<&str> {
        let (_, connection) = stream.get_ref();
        let shown = connection.peer_certificates()?.first()?;
        let shown = ParsedCertificate::try_from(shown).ok()?;
        let is_named = |(name, _): &&(ServerName<'static>, String)| verify_server_name(&shown, name).is_ok();
        self.0.iter().find(is_named).map(|(_, partner)| partner.as_str())
    }
}

impl fmt::Debug for DoorTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorTls")
    }
}
