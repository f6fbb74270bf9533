//! The files under the ledger, as a trait: a test puts a disk in its place that fails, tears and forgets.

use std::fmt;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Where files are.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Makes a new, empty file that only its owner may read.
    ///
    /// # Errors
    /// Fails if there is such a file, or as the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file to read and to write.
    ///
    /// # Errors
    /// Fails as the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Removes a file.
    ///
    /// # Errors
    /// Fails as the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// The files of a folder.
    ///
    /// # Errors
    /// Fails as the system says.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Makes sure that new names of a folder outlast a loss of power.
    ///
    /// # Errors
    /// Fails as the system says.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Is called right before SQLite commits: SQLite has files of its own, and here a test makes them fail.
    ///
    /// # Errors
    /// Never, on a real disk.
    fn before_commit(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A file. It knows no position of its own.
pub trait DiskFile: fmt::Debug + Send {
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// Fails as the system says; part of the bytes may have been written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads up to the length of `bytes` from `offset`, less only at the end of the file.
    ///
    /// # Errors
    /// Fails as the system says.
    fn read_at(&mut self, offset: u64, bytes: &mut [u8]) -> io::Result<usize>;

    /// Returns when all that was written will outlast a loss of power.
    ///
    /// # Errors
    /// Fails as the system says; what was written before is then in doubt for good (ROB-003).
    fn sync(&mut self) -> io::Result<()>;

    /// How long the file is.
    ///
    /// # Errors
    /// Fails as the system says.
    fn len(&mut self) -> io::Result<u64>;

    /// Whether nothing is in it.
    ///
    /// # Errors
    /// Fails as the system says.
    fn is_empty(&mut self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// The disk of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = private().read(true).write(true).create_new(true).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = File::options().read(true).write(true).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for found in fs::read_dir(folder)? {
            paths.push(found?.path());
        }
        Ok(paths)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        sync_folder(folder)
    }
}

/// Makes sure that new names of a folder outlast a loss of power; Windows has no such call and needs none.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// How a file is made that only its owner may read.
pub(crate) fn private() -> fs::OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// A file of the machine.
#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.write_all(bytes)
    }

    fn read_at(&mut self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.seek(SeekFrom::Start(offset))?;
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(again) if again.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn len(&mut self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// Writes `length` zeros into a new file, so that its room is taken and later writes change no list of blocks.
pub(crate) fn fill(file: &mut dyn DiskFile, length: u64) -> io::Result<()> {
    let zeros = vec![0; ZEROS];
    let mut done = 0;
    while done < length {
        let left = usize::try_from(length - done).unwrap_or(ZEROS).min(ZEROS);
        file.write_at(done, zeros.get(..left).unwrap_or(&zeros))?;
        done += left as u64;
    }
    file.sync()
}

/// Whether an error says that there is no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

const ZEROS: usize = 256 * 1024;
