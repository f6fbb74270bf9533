//! Bearer tokens that partners were given, held as digests.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;

/// Which token belongs to whom. The tokens themselves are not kept.
#[derive(Clone, Default)]
pub struct Tokens {
    /// By the first octets of the digest. Whoever asks cannot choose those without knowing a token, so how long it
    /// takes to find nothing tells nothing.
    holders: HashMap<[u8; 8], Vec<Holder>>,
}

#[derive(Clone)]
struct Holder {
    digest: [u8; 32],
    name: String,
}

impl Tokens {
    /// Adds the token of a partner. A token that two partners share is the first one's.
    #[must_use]
    pub fn with(mut self, token: &[u8], name: &str) -> Self {
        let digest = sha256(token);
        self.holders.entry(start(&digest)).or_default().push(Holder {
            digest,
            name: name.to_owned(),
        });
        self
    }

    /// The partner whose token this is.
    pub fn holder(&self, token: &[u8]) -> Option<&str> {
        let digest = sha256(token);
        self.holders
            .get(&start(&digest))?
            .iter()
            .find(|holder| verify_slices_are_equal(&holder.digest, &digest).is_ok())
            .map(|holder| holder.name.as_str())
    }

    /// Whether this partner was given a token.
    pub fn has(&self, name: &str) -> bool {
        self.holders.values().flatten().any(|holder| holder.name == name)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.holders.len())
    }
}

fn sha256(octets: &[u8]) -> [u8; 32] {
    let computed = digest::digest(&digest::SHA256, octets);
    computed.as_ref().first_chunk().copied().unwrap_or_default()
}

fn start(digest: &[u8; 32]) -> [u8; 8] {
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_holders_and_nobody_elses() {
        let tokens = Tokens::default()
            .with(b"s3cret-of-acme", "acme")
            .with(b"other", "oldstone");
        assert_eq!(tokens.holder(b"s3cret-of-acme"), Some("acme"));
        assert_eq!(tokens.holder(b"other"), Some("oldstone"));
        assert_eq!(tokens.holder(b"s3cret-of-acmf"), None);
        assert_eq!(tokens.holder(b""), None);
        assert!(tokens.has("acme") && !tokens.has("nobody"));
        assert!(!format!("{tokens:?}").contains("s3cret"));
    }
}
