//! Room that is kept for hard times: when the disk is full, it is given back, so that deliveries can still be stored.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::ledger::disk::Disk;
use crate::ledger::disk::fill;

/// A file of zeros.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    length: u64,
}

impl Ballast {
    /// Ballast of `length` bytes in `folder`; nothing is written yet.
    pub(crate) fn new(folder: &Path, length: u64) -> Self {
        Self {
            path: folder.join("ballast"),
            length,
        }
    }

    /// Takes the room, if it has not been taken: all of it or none.
    ///
    /// # Errors
    /// Fails if there is no room, or as the system says.
    pub(crate) fn take(&self, disk: &dyn Disk) -> io::Result<()> {
        if self.is_taken(disk) {
            return Ok(());
        }
        self.give(disk);
        let taken = disk
            .create(&self.path)
            .and_then(|mut file| fill(&mut *file, self.length));
        if taken.is_err() {
            self.give(disk);
        }
        taken
    }

    /// Gives the room back.
    pub(crate) fn give(&self, disk: &dyn Disk) {
        // If it is not there, there is nothing to give back; if it cannot be removed, no room is gained either way.
        let _ = disk.remove(&self.path);
    }

    fn is_taken(&self, disk: &dyn Disk) -> bool {
        let length = disk.open(&self.path).and_then(|mut file| file.len());
        length.is_ok_and(|length| length == self.length)
    }
}
