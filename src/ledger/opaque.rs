//! Bytes that the ledger keeps without knowing what they say.

use std::fmt;

/// Bytes that belong to a message or to somebody's state: kept, compared, given back, never printed.
///
/// They may identify a person, so `Debug` shows only how many there are (SEC-030).
#[derive(Clone, Default, Eq, Hash, PartialEq)]
pub struct Opaque(Vec<u8>);

impl Opaque {
    /// Takes bytes into custody.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for whoever knows their form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Hands the bytes over.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Overwrites the bytes from `offset` on with `with`; false, and nothing done, if they do not fit.
    pub(crate) fn overwrite(&mut self, offset: usize, with: &[u8]) -> bool {
        let end = offset.checked_add(with.len());
        match end.and_then(|end| self.0.get_mut(offset..end)) {
            Some(place) => {
                place.copy_from_slice(with);
                true
            }
            None => false,
        }
    }
}

impl From<Vec<u8>> for Opaque {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Opaque {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_holds_is_not_shown() {
        let opaque = Opaque::from(&b"canary"[..]);
        assert_eq!(format!("{opaque:?}"), "[6 bytes]");
        assert_eq!(opaque.as_bytes(), b"canary");
    }

    #[test]
    fn it_is_overwritten_within_its_bounds_only() {
        let mut opaque = Opaque::from(&b"ISA*000000000~"[..]);
        assert!(opaque.overwrite(4, b"000000017"));
        assert_eq!(opaque.as_bytes(), b"ISA*000000017~");
        assert!(!opaque.overwrite(6, b"000000017"));
        assert!(!opaque.overwrite(usize::MAX, b"1"));
        assert_eq!(opaque.as_bytes(), b"ISA*000000017~");
    }
}
