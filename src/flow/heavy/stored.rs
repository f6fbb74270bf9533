//! A message out of the ledger, read as it came in once.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use crate::flow::door::Broken;
use crate::flow::door::Incoming;
use crate::ledger::blobs::BlobReader;
use crate::ledger::blobs::BlobStore;
use crate::ledger::body::Body;
use crate::ledger::body::Part;

/// A message out of the ledger, as it came in once.
#[derive(Debug)]
pub(crate) struct Stored<'s> {
    blobs: &'s dyn BlobStore,
    parts: std::vec::IntoIter<Part>,
    open: Option<Box<dyn BlobReader>>,
}

impl<'s> Stored<'s> {
    pub(crate) fn new(blobs: &'s dyn BlobStore, body: Body) -> Self {
        Self {
            blobs,
            parts: body.parts.into_iter(),
            open: None,
        }
    }

    async fn advance(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if let Some(reader) = &mut self.open {
                match reader.next().await {
                    Ok(Some(bytes)) => return Ok(Some(Bytes::from(bytes))),
                    Ok(None) => self.open = None,
                    // What is damaged ends early for whoever reads it.
                    Err(_) => return Err(Broken::Cut),
                }
            }
            match self.parts.next() {
                None => return Ok(None),
                Some(Part::Inline(bytes)) => return Ok(Some(Bytes::from(bytes.into_bytes()))),
                Some(Part::Blob(blob)) => self.open = Some(self.blobs.open(&blob.owner, &blob)),
            }
        }
    }
}

impl Incoming for Stored<'_> {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, Broken>> + Send + '_>> {
        Box::pin(self.advance())
    }
}
