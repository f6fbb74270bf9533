//! TLS at our doors: who we are to whoever comes, and whose certificates they must have (SEC-001, SEC-002).
//!
//! TLS 1.2 and 1.3 only, with suites that keep past messages secret.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest;
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

/// How TLS is spoken at a door. Two are equal that were made of the same certificates, key and lists.
#[derive(Clone)]
pub struct DoorTls {
    config: Arc<ServerConfig>,
    /// The SHA-256 of all that it was made of.
    made_of: [u8; 32],
}

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
        let mut made_of = digest::Context::new(&digest::SHA256);
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => builder.with_client_cert_verifier(verifier(clients, provider, &mut made_of)?),
        };
        let text = identity.key.text(LONGEST_KEY)?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| TlsFault::Key)?;
        let shown = certificates(&identity.cert)?;
        note(&mut made_of, shown.iter());
        note(&mut made_of, [key.secret_der()]);
        let mut config = builder.with_single_cert(shown, key).map_err(TlsFault::Unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            made_of: made_of
                .finish()
                .as_ref()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        })
    }

    /// Agrees with a client on how to speak.
    ///
    /// Cancelling it closes the connection.
    ///
    /// # Errors
    /// Fails if the client speaks no TLS that we do, or does not show a certificate that it must.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<DoorStream> {
        TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await
    }
}

impl PartialEq for DoorTls {
    fn eq(&self, other: &Self) -> bool {
        self.made_of == other.made_of
    }
}

impl Eq for DoorTls {}

/// Notes what a door is made of, piece by piece.
fn note<T: AsRef<[u8]>>(made_of: &mut digest::Context, pieces: impl IntoIterator<Item = T>) {
    for piece in pieces {
        made_of.update(&piece.as_ref().len().to_le_bytes());
        made_of.update(piece.as_ref());
    }
    made_of.update(&usize::MAX.to_le_bytes());
}

/// What clients' certificates are held against. A list counts for whom its issuer issued, so it does not matter which
/// of the issuers of a chain it is of.
fn verifier(
    clients: &ClientIssuers,
    provider: Arc<CryptoProvider>,
    made_of: &mut digest::Context,
) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let mut roots = RootCertStore::empty();
    let issuers = certificates(&clients.ca)?;
    note(made_of, issuers.iter());
    for certificate in issuers {
        roots.add(certificate).map_err(TlsFault::Unfit)?;
    }
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let mut named = &clients.ca;
    if let Some(revoked) = &clients.revoked {
        named = &revoked.lists;
        let lists = lists(&revoked.lists)?;
        note(made_of, lists.iter());
        note(made_of, [[u8::from(revoked.unlisted)]]);
        builder = builder.with_crls(lists);
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
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CertificateNames(Vec<Holder>);

/// A partner, and the name in its client certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holder {
    name: ServerName<'static>,
    partner: String,
}

impl Holder {
    /// The partner.
    pub fn partner(&self) -> &str {
        &self.partner
    }
}

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
        self.0.push(Holder {
            name,
            partner: partner.to_owned(),
        });
        Ok(self)
    }

    /// The partner whose name is in the certificate that the client showed, and that was found to be good.
    pub fn holder(&self, stream: &DoorStream) -> Option<&Holder> {
        let (_, connection) = stream.get_ref();
        let shown = connection.peer_certificates()?.first()?;
        let shown = ParsedCertificate::try_from(shown).ok()?;
        let is_named = |holder: &&Holder| verify_server_name(&shown, &holder.name).is_ok();
        self.0.iter().find(is_named)
    }

    /// Whether this name is still this partner's.
    pub fn has(&self, holder: &Holder) -> bool {
        self.0.contains(holder)
    }
}

impl fmt::Debug for DoorTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorTls")
    }
}
