//! How much of a document is read before it is refused.

/// The limits of one reading; each has a refusal of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The most octets a document may have.
    pub document: usize,
    /// The most octets of one text or attribute value.
    pub text: usize,
    /// The most elements that may be open at once; real documents stay below 20.
    pub depth: usize,
    /// The most elements and texts of a document.
    pub nodes: usize,
    /// The most attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// The most different names that are no names of CDA.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 100 << 20,
            text: 64 << 20,
            depth: 100,
            nodes: 250_000,
            attributes: 64,
            names: 1_000,
        }
    }
}
