//! How partners are dialled: in the clear, or over TLS under the certificates that the system trusts, or their own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::fault::Fault;
use crate::trust::tls::ClientTls;
use crate::trust::tls::Identity;
use crate::trust::tls::Roots;
use crate::trust::tls::Terms;
use crate::trust::tls::TlsFault;
use crate::upstream::web::WebAddress;

/// How partners are dialled under one state of the configuration.
#[derive(Debug)]
pub(in crate::app) struct Dialing {
    roots: Roots,
    /// For partners to whom we show no certificate, by the file of their issuers; read when the first of them is met,
    /// because that takes a while.
    known: Mutex<HashMap<Option<PathBuf>, ClientTls>>,
}

impl Default for Dialing {
    fn default() -> Self {
        Self::under(Roots::System)
    }
}

impl Dialing {
    /// Trusting these.
    pub(super) fn under(roots: Roots) -> Self {
        Self {
            roots,
            known: Mutex::default(),
        }
    }

    /// The address of a partner: with the issuers of its certificates, if it has its own, and with the certificate that
    /// we show it, if we do.
    pub(in crate::app) fn address(
        &self,
        partner: &str,
        ca: Option<PathBuf>,
        identity: Option<Identity>,
        text: &str,
    ) -> Result<WebAddress, Fault> {
        let wrong = |what: String| Fault::Partner {
            partner: partner.to_owned(),
            what,
        };
        if !text.starts_with("https://") {
            return match identity {
                None => WebAddress::parse(text).map_err(|fault| wrong(fault.to_string())),
                Some(_) => Err(wrong("a client certificate is shown over https only".to_owned())),
            };
        }
        let tls = self.tls(ca, identity).map_err(|cause| Fault::Tls {
            partner: partner.to_owned(),
            cause,
        })?;
        WebAddress::over(text, &tls).map_err(|fault| wrong(fault.to_string()))
    }

    fn tls(&self, ca: Option<PathBuf>, identity: Option<Identity>) -> Result<ClientTls, TlsFault> {
        let roots = |ca: Option<PathBuf>| ca.map_or_else(|| self.roots.clone(), Roots::File);
        if identity.is_some() {
            let roots = roots(ca);
            return ClientTls::build(&Terms { roots, identity });
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tls) = known.get(&ca) {
            return Ok(tls.clone());
        }
        let tls = ClientTls::build(&Terms {
            roots: roots(ca.clone()),
            identity,
        })?;
        known.insert(ca, tls.clone());
        Ok(tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::trust::secret::SecretPlace;

    fn nowhere() -> Dialing {
        Dialing::under(Roots::File(PathBuf::from("no/such/roots.pem")))
    }

    fn ours() -> Identity {
        Identity {
            cert: PathBuf::from("no/such/cert.pem"),
            key: SecretPlace::File(PathBuf::from("no/such/key.pem")),
        }
    }

    #[test]
    fn an_address_in_the_clear_needs_no_certificates() {
        let address = nowhere()
            .address("acme", None, None, "http://127.0.0.1:8080/r4")
            .unwrap();
        assert_eq!(address.to_string(), "http://127.0.0.1:8080/r4");
    }

    #[test]
    fn what_stands_in_the_way_of_tls_is_told_with_the_name_of_the_partner() {
        let told = |identity, text: &str| {
            let refused = nowhere().address("acme", None, identity, text);
            refused.unwrap_err().told()
        };
        assert_eq!(
            told(None, "https://cdex.acme.example/r4"),
            "partner acme cannot be dialled over TLS: no/such/roots.pem cannot be read as certificates in PEM"
        );
        assert_eq!(
            told(Some(ours()), "http://127.0.0.1:8080"),
            "partner acme: a client certificate is shown over https only"
        );
        let own = Some(PathBuf::from("no/such/ca.pem"));
        let refused = nowhere().address("acme", own, None, "https://cdex.acme.example/r4");
        assert_eq!(
            refused.unwrap_err().told(),
            "partner acme cannot be dialled over TLS: no/such/ca.pem cannot be read as certificates in PEM"
        );
    }
}
