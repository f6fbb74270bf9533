//! Why a gateway does not start, or does not take up a configuration.

use std::io;
use std::path::PathBuf;

use crate::config::reload::Refusal;
use crate::ledger::error::LedgerError;
use crate::trust::secret::SecretFault;
use crate::trust::tls::TlsFault;

/// Why a gateway does not start, or does not take up a configuration. All of these are the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The configuration is not put in force.
    #[error("{}", .0.render().trim_end())]
    Configuration(Box<Refusal>),
    /// The data folder cannot be used.
    #[error("the ledger cannot be opened")]
    Ledger(#[from] LedgerError),
    /// A file of the gateway's own in the data folder cannot be used.
    #[error("{} cannot be used", path.display())]
    Own {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The mappings or the guides cannot be read.
    #[error("the mappings cannot be used: {0}")]
    Mappings(String),
    /// A secret cannot be read.
    #[error("a secret of {whose} cannot be read")]
    Secret {
        /// Whose.
        whose: String,
        /// Why.
        #[source]
        cause: SecretFault,
    },
    /// Something that cannot be served as it is configured.
    #[error("{whose}: {what}")]
    Unfit {
        /// Which door or partner asks for it.
        whose: String,
        /// What.
        what: &'static str,
    },
    /// Something about a partner that can only be seen when it is used.
    #[error("partner {partner}: {what}")]
    Partner {
        /// Which.
        partner: String,
        /// What.
        what: String,
    },
    /// TLS cannot be spoken to a partner.
    #[error("partner {partner} cannot be dialled over TLS")]
    Tls {
        /// Which.
        partner: String,
        /// Why.
        #[source]
        cause: TlsFault,
    },
    /// TLS cannot be spoken at a door.
    #[error("door {door} cannot speak TLS")]
    DoorTls {
        /// Which.
        door: String,
        /// Why.
        #[source]
        cause: TlsFault,
    },
    /// A door cannot be opened.
    #[error("door {door} cannot be opened")]
    Door {
        /// Which.
        door: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The system gives no thread or no signal.
    #[error("the system refuses a part of the gateway")]
    System(#[from] io::Error),
}

impl Fault {
    /// The fault with all its causes, in one line each.
    pub fn told(&self) -> String {
        use std::error::Error;
        let mut told = self.to_string();
        let mut cause = self.source();
        while let Some(fault) = cause {
            told.push_str(": ");
            told.push_str(&fault.to_string());
            cause = fault.source();
        }
        told
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Configuration(Box::new(refusal))
    }
}
