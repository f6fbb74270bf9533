//! How partners are dialled: in the clear, or over TLS under the certificates that the system trusts.

use std::sync::OnceLock;

use super::fault::Fault;
use crate::trust::tls::ClientTls;
use crate::trust::tls::Identity;
use crate::trust::tls::Roots;
use crate::trust::tls::Terms;
use crate::upstream::web::WebAddress;

/// How partners are dialled under one state of the configuration.
#[derive(Debug)]
pub(in crate::app) struct Dialing {
    roots: Roots,
    /// For partners to whom we show no certificate; read when the first of them is met, because that takes a while.
    usual: OnceLock<ClientTls>,
}

impl Default for Dialing {
    fn default() -> Self {
        Self::under(Roots::System)
    }
}

impl Dialing {
    /// Trusting these.
    pub(super) const fn under(roots: Roots) -> Self {
        Self {
            roots,
            usual: OnceLock::new(),
        }
    }

    /// The address of a partner, with the certificate that we show it, if we do.
    pub(in crate::app) fn address(
        &self,
        partner: &str,
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
        let tls = self.tls(identity).map_err(|cause| Fault::Tls {
            partner: partner.to_owned(),
            cause,
        })?;
        WebAddress::over(text, &tls).map_err(|fault| wrong(fault.to_string()))
    }

    fn tls(&self, identity: Option<Identity>) -> Result<ClientTls, crate::trust::tls::TlsFault> {
        let is_usual = identity.is_none();
        if is_usual && let Some(tls) = self.usual.get() {
            return Ok(tls.clone());
        }
        let tls = ClientTls::build(&Terms {
            roots: self.roots.clone(),
            identity,
        })?;
        if is_usual {
            // Who was faster has read the same.
            let _ = self.usual.set(tls.clone());
        }
        Ok(tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

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
            .address("acme", None, "http://127.0.0.1:8080/r4")
            .unwrap();
        assert_eq!(address.to_string(), "http://127.0.0.1:8080/r4");
    }

    #[test]
    fn what_stands_in_the_way_of_tls_is_told_with_the_name_of_the_partner() {
        let told = |identity, text: &str| nowhere().address("acme", identity, text).unwrap_err().told();
        assert_eq!(
            told(None, "https://cdex.acme.example/r4"),
            "partner acme cannot be dialled over TLS: no/such/roots.pem cannot be read as certificates in PEM"
        );
        assert_eq!(
            told(Some(ours()), "http://127.0.0.1:8080"),
            "partner acme: a client certificate is shown over https only"
        );
    }
}
