//! Values that identify a person.

use std::fmt;

/// A value that identifies a person: it can be compared, stored and sent, but not printed.
///
/// There is no `Display`, no `Deref` and no `From` out of it.
/// Its `Debug` says `[phi]`, so a type that derives `Debug` around it stays safe to log.
///
/// ```
/// use cartage::base::phi::Phi;
///
/// let member = Phi::new(String::from("W12345"));
/// assert_eq!(format!("{member:?}"), "[phi]");
/// assert_eq!(member.disclose(), "W12345");
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Takes `value` into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lends the value; the one way to read it, named so that a reviewer can search for it.
    ///
    /// `tests/layers.rs` lists the modules that may call this.
    pub const fn disclose(&self) -> &T {
        &self.0
    }

    /// Derives another private value without letting either out.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Phi<U> {
        Phi(derive(self.0))
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The fixed text also keeps the length of the value from the reader.
        f.write_str("[phi]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    #[expect(dead_code, reason = "only its derived Debug is of interest")]
    struct Member {
        id: Phi<&'static str>,
        visits: Phi<Vec<u32>>,
    }

    #[test]
    fn a_derived_debug_around_it_stays_silent() {
        let member = Member {
            id: Phi::new("canary"),
            visits: Phi::new(vec![1, 2, 3]),
        };
        assert_eq!(format!("{member:?}"), "Member { id: [phi], visits: [phi] }");
        assert_eq!(
            format!("{member:#?}"),
            "Member {\n    id: [phi],\n    visits: [phi],\n}"
        );
    }

    #[test]
    fn it_compares_by_what_it_holds() {
        assert_eq!(Phi::new("a"), Phi::new("a"));
        assert_ne!(Phi::new("a"), Phi::new("b"));
    }

    #[test]
    fn a_derived_value_is_private_too() {
        let upper = Phi::new("canary").map(str::to_uppercase);
        assert_eq!(format!("{upper:?}"), "[phi]");
        assert_eq!(upper.disclose(), "CANARY");
    }
}
