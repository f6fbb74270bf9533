//! A disk that fails when it is told to, and that can be held up.

#![allow(
    dead_code,
    reason = "each program that shares this file uses its own part of it"
)]

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;

use cartage::ledger::disk::Disk;
use cartage::ledger::disk::DiskFile;
use cartage::ledger::disk::RealDisk;

/// What is done to a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Doing {
    Create,
    Write,
    Sync,
    SyncFolder,
    Commit,
}

/// A real disk between which and the ledger faults are put.
#[derive(Clone)]
pub(crate) struct BadDisk {
    plan: Arc<(Mutex<Plan>, Condvar)>,
}

#[derive(Default)]
struct Plan {
    faults: Vec<Fault>,
    /// What is yet to pass before it fails.
    passes: Vec<Doing>,
    /// What was done, in order.
    log: Vec<(Doing, String)>,
    /// Whether commits are held up.
    gate: bool,
    /// How many commits are held up now.
    held: usize,
}

/// What fails from now on, where, how, and how often.
struct Fault {
    doing: Doing,
    name: String,
    how: io::ErrorKind,
    left: usize,
}

impl BadDisk {
    pub(crate) fn new() -> Self {
        Self { plan: Arc::default() }
    }

    /// From now on this fails on files whose name has `name` in it.
    pub(crate) fn fail(&self, doing: Doing, name: &str, how: io::ErrorKind) {
        self.fail_times(usize::MAX, doing, name, how);
    }

    /// So often this fails on files whose name has `name` in it.
    pub(crate) fn fail_times(&self, left: usize, doing: Doing, name: &str, how: io::ErrorKind) {
        let name = name.to_owned();
        self.plan.0.lock().unwrap().faults.push(Fault {
            doing,
            name,
            how,
            left,
        });
    }

    /// So often this does not fail yet, whatever is said of it later.
    pub(crate) fn pass_times(&self, left: usize, doing: Doing) {
        let mut plan = self.plan.0.lock().unwrap();
        plan.passes.extend(std::iter::repeat_n(doing, left));
    }

    /// From now on nothing fails.
    pub(crate) fn heal(&self) {
        self.plan.0.lock().unwrap().faults.clear();
    }

    /// How often this was done on files whose name has `name` in it.
    pub(crate) fn count(&self, doing: Doing, name: &str) -> usize {
        let plan = self.plan.0.lock().unwrap();
        let done = plan
            .log
            .iter()
            .filter(|(done, on)| *done == doing && on.contains(name));
        done.count()
    }

    /// Holds up commits.
    pub(crate) fn shut(&self) {
        self.plan.0.lock().unwrap().gate = true;
    }

    /// Waits until a commit is held up.
    pub(crate) fn wait_for_held(&self) {
        let plan = self.plan.0.lock().unwrap();
        drop(self.plan.1.wait_while(plan, |plan| plan.held == 0).unwrap());
    }

    /// Lets commits go on.
    pub(crate) fn unshut(&self) {
        self.plan.0.lock().unwrap().gate = false;
        self.plan.1.notify_all();
    }

    fn pass(&self, doing: Doing, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_str().unwrap().to_owned();
        let mut plan = self.plan.0.lock().unwrap();
        if let Some(place) = plan.passes.iter().position(|passes| *passes == doing) {
            plan.passes.remove(place);
            plan.log.push((doing, name));
            return Ok(());
        }
        let mut faults = plan.faults.iter_mut();
        let fault = faults.find(|fault| fault.doing == doing && name.contains(&fault.name) && fault.left > 0);
        let fault = fault.map(|fault| {
            fault.left -= 1;
            fault.how
        });
        plan.log.push((doing, name));
        match fault {
            Some(how) => Err(io::Error::new(how, "injected")),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BadDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadDisk")
    }
}

impl Disk for BadDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.pass(Doing::Create, path)?;
        Ok(Box::new(BadFile {
            disk: self.clone(),
            path: path.to_owned(),
            file: RealDisk.create(path)?,
        }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(BadFile {
            disk: self.clone(),
            path: path.to_owned(),
            file: RealDisk.open(path)?,
        }))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        RealDisk.list(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.pass(Doing::SyncFolder, folder)?;
        RealDisk.sync_folder(folder)
    }

    fn before_commit(&self) -> io::Result<()> {
        let mut plan = self.plan.0.lock().unwrap();
        plan.held += 1;
        self.plan.1.notify_all();
        plan = self.plan.1.wait_while(plan, |plan| plan.gate).unwrap();
        plan.held -= 1;
        drop(plan);
        self.pass(Doing::Commit, Path::new("commit"))
    }
}

#[derive(Debug)]
struct BadFile {
    disk: BadDisk,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl DiskFile for BadFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.disk.pass(Doing::Write, &self.path) {
            // A torn write: the first half may well be there.
            let _ = self.file.write_at(offset, &bytes[..bytes.len() / 2]);
            return Err(error);
        }
        self.file.write_at(offset, bytes)
    }

    fn read_at(&mut self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.pass(Doing::Sync, &self.path)?;
        self.file.sync()
    }

    fn len(&mut self) -> io::Result<u64> {
        self.file.len()
    }
}
