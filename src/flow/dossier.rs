//! What the flow keeps of an exchange beside its state: where its messages are and what a later translation needs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::exchange::state::Exchange;
use crate::ledger::error::LedgerError;
use crate::ledger::opaque::Opaque;

/// The kind of a folio that holds an exchange.
pub const EXCHANGE: u8 = 1;
/// The kind of a folio that holds a Task of our façade.
pub const TASK: u8 = 2;
/// The kind of the folio that holds what time it is.
pub const CLOCK: u8 = 3;

/// What is kept of an exchange beside its state. It names people, so it is never shown.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Dossier {
    /// The partner who asks, or is sent something unasked.
    pub requester: String,
    /// The partner who answers.
    pub source: String,
    /// The configuration under which it began.
    pub generation: u64,
    /// How it was decided where it goes: `conversation`, `route NAME` or `addressee`.
    pub decided: String,
    /// The mappings that were used, with their hashes.
    #[serde(default)]
    pub mappings: BTreeMap<String, String>,
    /// What it goes by.
    pub names: StoredNames,
    /// What translations are told that the message at hand does not say, by the names of variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The folio of its Task in our façade.
    #[serde(default)]
    pub task: Option<u64>,
    /// The Task on the source's server, as that server named it.
    #[serde(default)]
    pub remote: Option<String>,
    /// Where the requester wants its answer.
    #[serde(default)]
    pub payer_url: Option<String>,
    /// Where the request came from.
    #[serde(default)]
    pub request: Option<Origin>,
    /// Where each part of the answer came from, by its number.
    #[serde(default)]
    pub parts: Vec<Origin>,
    /// How many reports were sent.
    #[serde(default)]
    pub reports: u32,
}

/// Names of an exchange as they are stored; numbers that may be a person's are keyed fingerprints, in hexadecimal digits.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct StoredNames {
    /// The payer.
    pub payer: Option<String>,
    /// Tracking numbers, each with who made it: `R`, `S` or `?`.
    pub tracking: Vec<(String, char)>,
    /// The payer's number of the review.
    pub admin_reference: Option<String>,
    /// The payer's number of the claim.
    pub payer_claim: Option<String>,
    /// The provider's number of the claim.
    pub provider_claim: Option<String>,
    /// The member id.
    pub member: Option<String>,
    /// The first day of service.
    pub service_day: Option<String>,
}

/// Where a message came from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Origin {
    /// What it was: `277`, `275`, `278`, `task` or `submit-attachment`.
    pub message: String,
    /// Which transaction of the interchange, from zero.
    #[serde(default)]
    pub transaction: usize,
    /// Which of the messages that the transaction was translated to, from zero.
    #[serde(default)]
    pub document: usize,
    /// The envelopes around it, if it was X12.
    #[serde(default)]
    pub envelope: Option<EnvelopeNames>,
}

/// What an acknowledgement says to name an X12 transaction.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct EnvelopeNames {
    /// GS01.
    pub gs01: String,
    /// GS04.
    pub gs04: String,
    /// GS05.
    pub gs05: String,
    /// GS06.
    pub gs06: String,
    /// GS08.
    pub gs08: String,
    /// ST01.
    pub st01: String,
    /// ST02.
    pub st02: String,
    /// BGN02 or BHT03.
    pub reference: String,
}

impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dossier")
            .field("requester", &self.requester)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StoredNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[names]")
    }
}

/// The content of a folio of an exchange.
///
/// # Errors
/// Never for what the flow makes, which is far below the bound of four thousand million bytes.
pub fn encode(exchange: &Exchange, dossier: &Dossier) -> Result<Opaque, LedgerError> {
    let state = exchange.encode();
    let dossier = serde_json::to_vec(dossier).map_err(|_| UNREADABLE)?;
    let length = u32::try_from(state.len()).map_err(|_| UNREADABLE)?;
    let mut bytes = Vec::with_capacity(state.len() + dossier.len() + 5);
    bytes.push(FORMAT);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&state);
    bytes.extend_from_slice(&dossier);
    Ok(Opaque::new(bytes))
}

/// Reads what [`encode`] of this or an earlier release wrote.
///
/// # Errors
/// Refuses what is no such content.
pub fn decode(content: &Opaque) -> Result<(Exchange, Dossier), LedgerError> {
    let (format, rest) = content.as_bytes().split_first().ok_or(UNREADABLE)?;
    if *format != FORMAT {
        return Err(UNREADABLE);
    }
    let (length, rest) = rest.split_first_chunk().ok_or(UNREADABLE)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| UNREADABLE)?;
    let (state, dossier) = rest.split_at_checked(length).ok_or(UNREADABLE)?;
    let exchange = Exchange::decode(state).map_err(|_| UNREADABLE)?;
    let dossier = serde_json::from_slice(dossier).map_err(|_| UNREADABLE)?;
    Ok((exchange, dossier))
}

const FORMAT: u8 = 1;
const UNREADABLE: LedgerError = LedgerError::Unreadable("the content of an exchange");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::terms::Terms;

    #[test]
    fn it_comes_back_as_it_was_and_shows_nobody() {
        let exchange = Exchange::open(Terms::default());
        let dossier = Dossier {
            requester: "payer".to_owned(),
            variables: [("patient-last".to_owned(), "CANARY".to_owned())].into(),
            names: StoredNames {
                tracking: vec![("T-1".to_owned(), 'R')],
                ..StoredNames::default()
            },
            ..Dossier::default()
        };
        let stored = encode(&exchange, &dossier).unwrap();
        assert_eq!(decode(&stored).unwrap(), (exchange, dossier.clone()));
        assert!(!format!("{dossier:?}").contains("CANARY"));
        for cut in 0..stored.len() {
            assert!(
                decode(&Opaque::from(&stored.as_bytes()[..cut])).is_err(),
                "cut at {cut}"
            );
        }
    }
}
