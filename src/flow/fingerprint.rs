//! Keyed digests of what identifies a person, so that it can be compared and found without being kept in the clear.

use std::fmt;

use crate::exchange::ids::Fingerprint;
use crate::ledger::digest::Hasher;

/// The secret under which fingerprints are made (HMAC-SHA-256).
#[derive(Clone)]
pub(crate) struct FingerprintKey {
    inner: [u8; BLOCK],
    outer: [u8; BLOCK],
}

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

impl FingerprintKey {
    /// The key of this secret.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block
                .iter_mut()
                .zip(secret)
                .for_each(|(byte, secret)| *byte ^= secret);
            block
        };
        Self {
            inner: padded(0x36),
            outer: padded(0x5c),
        }
    }

    /// The fingerprint of `value` as a thing of `kind`: the same text of two kinds has two fingerprints.
    pub(crate) fn of(&self, kind: &str, value: &str) -> Fingerprint {
        let mut inner = Hasher::default();
        inner.update(&self.inner);
        inner.field(kind.as_bytes());
        inner.update(value.as_bytes());
        let mut outer = Hasher::default();
        outer.update(&self.outer);
        outer.update(inner.finish().as_bytes());
        Fingerprint::new(*outer.finish().as_bytes())
    }
}

/// Shows no secret.
impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_depend_on_key_kind_and_value() {
        let [one, other] = [1, 2].map(|byte| FingerprintKey::new(&[byte; 32]));
        let base = one.of("member", "M-1");
        assert_eq!(base, one.of("member", "M-1"));
        assert_ne!(base, other.of("member", "M-1"));
        assert_ne!(base, one.of("claim", "M-1"));
        assert_ne!(base, one.of("member", "M-2"));
        assert_eq!(format!("{one:?}"), "[key]");
    }
}
