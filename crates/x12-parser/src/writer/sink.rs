//! Where written bytes go.

/// Takes bytes in order. Implemented for `Vec<u8>` and for closures, so that a caller can stream to wherever it likes.
///
/// A sink cannot refuse. One that writes to something that can fail keeps the failure for its owner to ask for; one that
/// must wait between writes is a `Vec<u8>` that its owner empties through [`Writer::sink_mut`](crate::Writer::sink_mut).
pub trait Sink {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl<F: FnMut(&[u8])> Sink for F {
    fn put(&mut self, bytes: &[u8]) {
        self(bytes);
    }
}
