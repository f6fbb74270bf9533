//! A long blob has a segment of its own, so that any number of them can be written at once and each can be removed.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::blob_log::append::salt;
use crate::ledger::blob_log::parts::Parts;
use crate::ledger::blob_log::record::Head;
use crate::ledger::blob_log::record::Kind;
use crate::ledger::blob_log::record::NOTHING;
use crate::ledger::blob_log::segment;
use crate::ledger::blob_log::segment::OPENING;
use crate::ledger::blob_log::segment::Opening;
use crate::ledger::blob_log::segment::Place;
use crate::ledger::crc::crc32c;
use crate::ledger::digest::Digest;
use crate::ledger::disk::DiskFile;
use crate::ledger::disk::is_full;
use crate::ledger::error::LedgerError;

/// After so many bytes the disk is made to catch up, so that the last sync is short (PERF-005).
const SYNC_EACH: u64 = 8 << 20;

/// A long blob that is being written.
#[derive(Debug)]
pub(super) struct OwnFile {
    parts: Arc<Parts>,
    owner: u64,
    opening: Opening,
    path: PathBuf,
    /// `None` until the first piece is here.
    file: Option<Box<dyn DiskFile>>,
    end: u64,
    sequence: u64,
    synced: u64,
    broken: Option<LedgerError>,
}

impl OwnFile {
    /// A blob of the tenant with this mark; nothing is written yet.
    pub(super) fn new(parts: Arc<Parts>, owner: u64) -> Self {
        let segment = parts.next_number();
        Self {
            path: segment::path(&parts.folder, segment::Kind::Own, segment),
            parts,
            owner,
            opening: Opening {
                kind: segment::Kind::Own,
                segment,
                salt: salt(),
                first: 1,
            },
            file: None,
            end: OPENING as u64,
            sequence: 1,
            synced: 0,
            broken: None,
        }
    }

    /// Where the blob begins.
    pub(super) const fn place(&self) -> Place {
        Place {
            segment: self.opening.segment,
            offset: OPENING as u64,
        }
    }

    /// Adds pieces, each with its checksum.
    pub(super) fn add(&mut self, pieces: &[Vec<u8>]) -> Result<(), LedgerError> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let written = pieces.iter().try_for_each(|piece| self.write(piece));
        written.map_err(|error| self.broke(error, false))?;
        if self.end - self.synced >= SYNC_EACH {
            self.sync().map_err(|error| self.broke(error, true))?;
        }
        Ok(())
    }

    /// Ends the blob; it is on disk then, and so is its name.
    pub(super) fn end(&mut self, length: u64, digest: Digest) -> Result<(), LedgerError> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let head = self.head(Kind::End, length, digest, 0);
        self.put(&head, &[]).map_err(|error| self.broke(error, false))?;
        let synced = self
            .sync()
            .and_then(|()| self.parts.disk.sync_folder(&self.parts.folder));
        synced.map_err(|error| self.broke(error, true))?;
        self.parts.shelf.whole(self.opening.segment);
        self.file = None;
        Ok(())
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let head = self.head(Kind::Piece, piece.len() as u64, NOTHING, crc32c(piece));
        self.put(&head, piece)
    }

    fn head(&self, kind: Kind, length: u64, digest: Digest, sum: u32) -> Head {
        Head {
            kind,
            length,
            sequence: self.sequence,
            owner: self.owner,
            digest,
            sum,
        }
    }

    fn put(&mut self, head: &Head, payload: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            empty => {
                // Kept before anything is written: a file that finds no room for its first byte is removed too.
                let file = empty.insert(self.parts.disk.create(&self.path)?);
                file.write_at(0, &self.opening.encode())?;
                file
            }
        };
        let mut bytes = Vec::with_capacity(payload.len() + 80);
        bytes.extend_from_slice(&head.encode(&self.opening, self.end));
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        file.write_at(self.end, &bytes)?;
        self.end += bytes.len() as u64;
        self.sequence += 1;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.synced = self.end;
        self.file.as_mut().map_or(Ok(()), |file| file.sync())
    }

    /// Notes a failure. A full disk ends this blob only, as long as nothing was to be synced; all else ends the ledger.
    fn broke(&mut self, error: io::Error, syncing: bool) -> LedgerError {
        let broken = if is_full(&error) && !syncing {
            LedgerError::Full
        } else {
            let failure = LedgerError::failed("a write of a long blob", error);
            self.parts.state.fail(&failure);
            failure
        };
        self.abandon();
        self.broken = Some(broken.clone());
        broken
    }

    /// Removes what was written.
    fn abandon(&mut self) {
        if self.file.take().is_some() {
            // If that fails, the file is found and removed after the next start.
            let _ = self.parts.disk.remove(&self.path);
        }
    }
}

impl Drop for OwnFile {
    /// A blob that was not ended leaves nothing behind.
    fn drop(&mut self) {
        self.abandon();
    }
}
