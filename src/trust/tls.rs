//! TLS towards partners: whom we trust, and who we say we are (SEC-001, SEC-002).
//!
//! TLS 1.2 and 1.3 only, with suites that keep past messages secret; the partner's name is always checked.

use std::error::Error;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest::Context;
use aws_lc_rs::digest::SHA256;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::trust::secret::SecretFault;
use crate::trust::secret::SecretPlace;

/// How TLS is spoken to a partner. Two are equal if they trust the same and show the same.
#[derive(Clone)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    /// The SHA-256 of all that it was made of.
    print: [u8; 32],
}

/// What a [`ClientTls`] is made of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Terms {
    /// Whom we trust.
    pub roots: Roots,
    /// Who we say we are; partners that do not ask are not told.
    pub identity: Option<Identity>,
}

/// Whom we trust.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Roots {
    /// Whom the system trusts.
    System,
    /// The issuers in a PEM file, and nobody else.
    File(PathBuf),
}

/// A certificate of ours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Our certificate and those of its issuers, as PEM.
    pub cert: PathBuf,
    /// The key of the certificate, as PEM.
    pub key: SecretPlace,
}

/// Why TLS cannot be spoken so. All of it is the operator's.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The system trusts nobody, as far as we can find.
    #[error("no certificates that the system trusts were found")]
    NoRoots,
    /// A file cannot be read as certificates.
    #[error("{} cannot be read as certificates in PEM", .0.display())]
    Certificates(PathBuf),
    /// A file cannot be read as lists of revoked certificates.
    #[error("{} cannot be read as lists of revoked certificates in PEM", .0.display())]
    Lists(PathBuf),
    /// The key cannot be read.
    #[error("the key of a certificate cannot be read")]
    Secret(#[from] SecretFault),
    /// What was read is no key.
    #[error("what should be the key of a certificate is none in PEM")]
    Key,
    /// The certificate and the key do not fit, or are of a kind that is not used.
    #[error("a certificate and its key cannot be used")]
    Unfit(#[source] rustls::Error),
}

impl ClientTls {
    /// Reads all that `terms` name.
    ///
    /// # Errors
    /// Says what cannot be read or does not fit.
    pub fn build(terms: &Terms) -> Result<Self, TlsFault> {
        let mut print = Context::new(&SHA256);
        let mut roots = RootCertStore::empty();
        let trusted = match &terms.roots {
            Roots::System => rustls_native_certs::load_native_certs().certs,
            Roots::File(path) => certificates(path)?,
        };
        for certificate in trusted {
            print.update(&certificate);
            // Systems carry certificates that no longer can be used; those are passed over.
            let _ = roots.add(certificate);
        }
        if roots.is_empty() {
            return Err(match &terms.roots {
                Roots::System => TlsFault::NoRoots,
                Roots::File(path) => TlsFault::Certificates(path.clone()),
            });
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsFault::Unfit)?
            .with_root_certificates(roots);
        let mut config = match &terms.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain = certificates(&identity.cert)?;
                print.update(b"identity");
                for certificate in &chain {
                    print.update(certificate);
                }
                let text = identity.key.text(LONGEST_KEY)?;
                let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| TlsFault::Key)?;
                print.update(key.secret_der());
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(TlsFault::Unfit)?
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(print.finish().as_ref()) {
            *to = *from;
        }
        Ok(Self {
            config: Arc::new(config),
            print: digest,
        })
    }

    /// Speaks TLS on `stream` to the partner of this name.
    ///
    /// Cancelling it closes the connection.
    ///
    /// # Errors
    /// Fails if the partner does not prove to be who it should be, or speaks no TLS that we do.
    pub async fn connect(&self, host: &str, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.config))
            .connect(name, stream)
            .await
    }
}

/// Whether an error has its cause in TLS rather than in the connection below it.
pub fn is_of_tls(fault: &(dyn Error + 'static)) -> bool {
    let mut next = Some(fault);
    while let Some(fault) = next {
        let inner = fault.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if fault.is::<rustls::Error>() || inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>) {
            return true;
        }
        next = fault.source();
    }
    false
}

pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let unreadable = || TlsFault::Certificates(path.to_owned());
    let read = CertificateDer::pem_file_iter(path).map_err(|_| unreadable())?;
    let found: Vec<_> = read.collect::<Result<_, _>>().map_err(|_| unreadable())?;
    if found.is_empty() {
        Err(unreadable())
    } else {
        Ok(found)
    }
}

impl PartialEq for ClientTls {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print
    }
}

impl Eq for ClientTls {}

impl Hash for ClientTls {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.print.hash(state);
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTls")
    }
}

/// The longest file with a key.
pub(super) const LONGEST_KEY: u64 = 64 * 1024;
