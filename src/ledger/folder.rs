//! The folder of a ledger: made once, locked by one process, marked with the number of its format.

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::ledger::disk::Disk;
use crate::ledger::disk::private;
use crate::ledger::error::LedgerError;

/// The number of the format that this release writes; it reads all from [`OLDEST`].
pub const FORMAT: u32 = 1;

/// The number of the oldest format that this release reads.
pub const OLDEST: u32 = 1;

/// A folder that this process has to itself, or into which it only looks.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Locked as long as it is open, if it was taken; the system unlocks it when the process ends, however it ends.
    _lock: File,
}

impl Folder {
    /// Takes the folder, and makes it if it is not there.
    ///
    /// Nothing is written into a folder that is locked, foreign or of another format (ROB-020, ROB-024).
    pub(crate) fn take(path: &Path, disk: &dyn Disk) -> Result<Self, LedgerError> {
        make(path).map_err(|error| LedgerError::unusable(path, error))?;
        let found = read_format(path)?;
        if found.is_none() && !is_bare(path)? {
            return Err(LedgerError::Foreign(path.to_owned()));
        }
        check_format(path, found)?;
        let lock = lock(path)?;
        // Between the first look and the lock another process may have made the ledger.
        let found = read_format(path)?;
        check_format(path, found)?;
        if found.is_none() {
            write_format(path, disk).map_err(|error| LedgerError::unusable(path, error))?;
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Takes a look at a folder in which nobody works; it is not locked, so that a gateway may start meanwhile.
    pub(crate) fn visit(path: &Path) -> Result<Self, LedgerError> {
        let found = read_format(path)?;
        check_format(path, found)?;
        let name = path.join(LOCK);
        if found.is_none() {
            return Err(LedgerError::Foreign(path.to_owned()));
        }
        let unusable = |error| LedgerError::unusable(&name, error);
        let lock = File::open(&name).map_err(unusable)?;
        match lock.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        lock.unlock().map_err(unusable)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Whether there is nothing in the folder but perhaps a lock of ours.
fn is_bare(path: &Path) -> Result<bool, LedgerError> {
    let unusable = |error| LedgerError::unusable(path, error);
    for found in fs::read_dir(path).map_err(unusable)? {
        let name = found.map_err(unusable)?.file_name();
        if name != LOCK && name != UNFINISHED {
            return Ok(false);
        }
    }
    Ok(true)
}

fn check_format(path: &Path, found: Option<u32>) -> Result<(), LedgerError> {
    match found {
        None | Some(OLDEST..=FORMAT) => Ok(()),
        Some(found) => Err(LedgerError::Format {
            folder: path.to_owned(),
            found,
            known: FORMAT,
        }),
    }
}

/// The number in the mark of the format; 0 for a mark that says something else, `None` without one.
fn read_format(path: &Path) -> Result<Option<u32>, LedgerError> {
    match fs::read_to_string(path.join(MARK)) {
        Ok(text) => {
            let number = text.trim_end().strip_prefix(WORDS).map(str::parse);
            Ok(Some(number.and_then(Result::ok).unwrap_or(0)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::unusable(path.join(MARK), error)),
    }
}

/// Writes the mark under another name first, so that it is never there in part.
fn write_format(path: &Path, disk: &dyn Disk) -> io::Result<()> {
    let unfinished = path.join(UNFINISHED);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = disk.create(&unfinished)?;
    file.write_at(0, format!("{WORDS}{FORMAT}\n").as_bytes())?;
    file.sync()?;
    fs::rename(&unfinished, path.join(MARK))?;
    disk.sync_folder(path)
}

fn lock(path: &Path) -> Result<File, LedgerError> {
    let name = path.join(LOCK);
    let unusable = |error| LedgerError::unusable(&name, error);
    let file = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&name)
        .map_err(unusable)?;
    // Whoever only looks into the folder holds the lock for a moment, and must not keep a gateway from starting.
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::park_timeout(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
    }
    Err(LedgerError::Locked(path.to_owned()))
}

const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

const LOCK: &str = "lock";
const MARK: &str = "FORMAT";
const UNFINISHED: &str = "FORMAT.new";
const WORDS: &str = "cartage ledger ";
