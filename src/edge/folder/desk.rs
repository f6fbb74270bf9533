//! Files on disk as they are taken, answered and put away. Nothing here waits for a partner; every step lasts.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;

use serde_json::json;

use super::Done;
use super::name::is_unfinished;
use super::name::numbered;
use crate::base::calendar::DAY;
use crate::base::calendar::date;
use crate::edge::settings::Folder;

/// The folders of one door.
#[derive(Debug)]
pub(super) struct Desk {
    door: String,
    path: PathBuf,
    archive: PathBuf,
    errors: PathBuf,
    answers: PathBuf,
}

/// A file that is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Found {
    /// Its name when it was dropped.
    pub(super) name: String,
    pub(super) stage: Stage,
    pub(super) length: u64,
    pub(super) modified: Option<SystemTime>,
}

/// How far a file has come, the farthest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Stage {
    Answered,
    Processing,
    Dropped,
}

impl Desk {
    pub(super) fn at(settings: &Folder) -> io::Result<Self> {
        let desk = Self {
            door: settings.name.clone(),
            path: settings.path.clone(),
            archive: settings.archive.clone(),
            errors: settings.errors.clone(),
            answers: settings.answers.clone(),
        };
        for folder in [&desk.path, &desk.archive, &desk.errors, &desk.answers] {
            fs::create_dir_all(folder)?;
        }
        desk.make_stages()?;
        desk.publish_orphans()?;
        Ok(desk)
    }

    fn make_stages(&self) -> io::Result<()> {
        for stage in [PROCESSING, ANSWERED] {
            fs::create_dir_all(self.path.join(stage))?;
        }
        Ok(())
    }

    /// Publishes answers to files that were put among the errors by a run that ended right then.
    fn publish_orphans(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.answers)? {
            let Ok(name) = entry?.file_name().into_string() else {
                continue;
            };
            let of = name
                .strip_prefix(&self.unpublished_start())
                .and_then(|name| name.strip_suffix(".tmp"));
            if let Some(of) = of
                && !self.processing(of).exists()
                && !self.answered(of).exists()
            {
                self.publish(of)?;
            }
        }
        Ok(())
    }

    /// The files that are there, but for those that somebody still writes. Links and folders are not files.
    pub(super) fn look(&self) -> io::Result<Vec<Found>> {
        let mut all = Vec::new();
        for (folder, stage) in [
            (self.path.clone(), Stage::Dropped),
            (self.path.join(PROCESSING), Stage::Processing),
            (self.path.join(ANSWERED), Stage::Answered),
        ] {
            let entries = match fs::read_dir(folder) {
                // Somebody tidied up: nothing is at that stage.
                Err(fault) if stage != Stage::Dropped && fault.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                // A name that is no text cannot be told of to anybody, so it stays where it is.
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                let Ok(known) = entry.metadata() else { continue };
                if !known.is_file() || is_unfinished(&name) {
                    continue;
                }
                all.push(Found {
                    name,
                    stage,
                    length: known.len(),
                    modified: known.modified().ok(),
                });
            }
        }
        Ok(all)
    }

    /// Where a file is while it is ours.
    pub(super) fn processing(&self, name: &str) -> PathBuf {
        self.path.join(PROCESSING).join(name)
    }

    fn answered(&self, name: &str) -> PathBuf {
        self.path.join(ANSWERED).join(name)
    }

    /// How the names of answers begin that wait to be published. Other doors may have the same folder for them, and no
    /// door's name has such a sign in it.
    fn unpublished_start(&self) -> String {
        format!(".ack-{}@", self.door)
    }

    /// Where an answer waits to be published.
    fn unpublished(&self, name: &str) -> PathBuf {
        self.answers
            .join(format!("{}{name}.tmp", self.unpublished_start()))
    }

    /// Makes a dropped file ours; false if an older one of its name is not done yet.
    pub(super) fn take(&self, name: &str) -> io::Result<bool> {
        let ours = self.processing(name);
        if ours.try_exists()? || self.answered(name).try_exists()? {
            return Ok(false);
        }
        self.make_stages()?;
        fs::rename(self.path.join(name), ours)?;
        self.sync(PROCESSING)?;
        sync(&self.path)?;
        Ok(true)
    }

    /// Makes the names of a stage last.
    fn sync(&self, stage: &str) -> io::Result<()> {
        sync(&self.path.join(stage))
    }

    /// Writes the answer to a file; one that was taken is then marked as answered.
    pub(super) fn answer(&self, name: &str, answer: &[u8], is_taken: bool) -> io::Result<()> {
        if !answer.is_empty() {
            let unpublished = self.unpublished(name);
            write_whole(&unpublished, answer)?;
            sync(&self.answers)?;
        }
        if is_taken {
            fs::rename(self.processing(name), self.answered(name))?;
            self.sync(ANSWERED)?;
            self.sync(PROCESSING)?;
        }
        Ok(())
    }

    /// Publishes the answer, if it is not yet, and archives the file.
    pub(super) fn finish(&self, name: &str, now: SystemTime) -> io::Result<Done> {
        self.publish(name)?;
        let folder = self.archive.join(day(now));
        self.put_away(&self.answered(name), &folder, name)?;
        self.sync(ANSWERED)?;
        Ok(Done::Taken)
    }

    /// Puts a file among the errors, with the reason beside it, and publishes the answer if there is one.
    pub(super) fn refuse(&self, name: &str, status: u16, reason: &str, now: SystemTime) -> io::Result<Done> {
        let seconds = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs();
        let placed = self.put_away(&self.processing(name), &self.errors, name)?;
        self.sync(PROCESSING)?;
        let why = json!({"status": status, "reason": reason, "refused-at": seconds});
        write_whole(
            &self.errors.join(format!("{placed}.reason.json")),
            why.to_string().as_bytes(),
        )?;
        sync(&self.errors)?;
        self.publish(name)?;
        Ok(Done::Refused)
    }

    fn publish(&self, name: &str) -> io::Result<()> {
        let unpublished = self.unpublished(name);
        if !unpublished.exists() {
            return Ok(());
        }
        move_to_free(&unpublished, &self.answers, &format!("ack-{name}"))?;
        sync(&self.answers)
    }

    /// Moves a file into a folder under its name, or the next that is free, and says which.
    fn put_away(&self, file: &Path, folder: &Path, name: &str) -> io::Result<String> {
        fs::create_dir_all(folder)?;
        let placed = match move_to_free(file, folder, name) {
            Err(fault) if fault.kind() == io::ErrorKind::CrossesDevices => {
                let unfinished = folder.join(format!(".{}@{name}.tmp", self.door));
                fs::copy(file, &unfinished)?;
                File::open(&unfinished)?.sync_all()?;
                let placed = move_to_free(&unfinished, folder, name)?;
                sync(folder)?;
                fs::remove_file(file)?;
                placed
            }
            moved => moved?,
        };
        sync(folder)?;
        if let Some(parent) = folder.parent() {
            sync(parent)?;
        }
        Ok(placed)
    }
}

/// Moves a file to the first name in a folder that is free, and says which that was.
fn move_to_free(file: &Path, folder: &Path, name: &str) -> io::Result<String> {
    let _alone = NAMING.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, to) = free_name(folder, name)?;
    fs::rename(file, to)?;
    Ok(name)
}

fn free_name(folder: &Path, name: &str) -> io::Result<(String, PathBuf)> {
    for number in 1..=MOST_OF_A_NAME {
        let name = numbered(name, number);
        let path = folder.join(&name);
        if !path.try_exists()? {
            return Ok((name, path));
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes a file under a hidden name and renames it, so that it is never there in part.
fn write_whole(path: &Path, octets: &[u8]) -> io::Result<()> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let unfinished = path.with_file_name(format!(".{name}.new.tmp"));
    let mut file = File::create(&unfinished)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

/// Makes the names in a folder last.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// The folder of a day in the archive.
fn day(now: SystemTime) -> String {
    let seconds = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let (year, month, day) = date(seconds / DAY);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Held while a name is looked for and taken: doors may put files into the same folder, and a renaming replaces.
static NAMING: Mutex<()> = Mutex::new(());

/// Where files are that are ours.
const PROCESSING: &str = ".processing";

/// Where files are whose answers are written.
const ANSWERED: &str = ".answered";

/// So many files of one name are kept beside each other.
const MOST_OF_A_NAME: u32 = 100_000;
