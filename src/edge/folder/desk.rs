//! Files on disk as they are taken, answered and put away. Nothing here waits for a partner; every step lasts.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;

use serde_json::json;

use super::Done;
use super::name::ANSWERED;
use super::name::PROCESSING;
use super::name::is_unfinished;
use super::name::numbered;
use crate::base::calendar::DAY;
use crate::base::calendar::date;
use crate::edge::settings::Folder;

/// The folders of one door.
#[derive(Debug)]
pub(super) struct Desk {
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
            path: settings.path.clone(),
            archive: settings.archive.clone(),
            errors: settings.errors.clone(),
            answers: settings.answers.clone(),
        };
        for folder in [&desk.path, &desk.archive, &desk.errors, &desk.answers] {
            fs::create_dir_all(folder)?;
        }
        desk.publish_orphans()?;
        Ok(desk)
    }

    /// Publishes answers to files that were put among the errors by a run that ended right then.
    fn publish_orphans(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.answers)? {
            let Ok(name) = entry?.file_name().into_string() else {
                continue;
            };
            let of = name
                .strip_prefix(".ack-")
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
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            // A name that is no text cannot be told of to anybody, so it stays where it is.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let Ok(known) = entry.metadata() else { continue };
            if !known.is_file() || is_unfinished(&name) {
                continue;
            }
            let (name, stage) = if let Some(name) = name.strip_suffix(PROCESSING) {
                (name.to_owned(), Stage::Processing)
            } else if let Some(name) = name.strip_suffix(ANSWERED) {
                (name.to_owned(), Stage::Answered)
            } else {
                (name, Stage::Dropped)
            };
            all.push(Found {
                name,
                stage,
                length: known.len(),
                modified: known.modified().ok(),
            });
        }
        Ok(all)
    }

    /// Where a file is while it is ours.
    pub(super) fn processing(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{PROCESSING}"))
    }

    fn answered(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{ANSWERED}"))
    }

    /// Where an answer waits to be published.
    fn unpublished(&self, name: &str) -> PathBuf {
        self.answers.join(format!(".ack-{name}.tmp"))
    }

    /// Makes a dropped file ours.
    pub(super) fn take(&self, name: &str) -> io::Result<()> {
        let ours = self.processing(name);
        if ours.exists() || self.answered(name).exists() {
            // An older file of this name is not done yet.
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(self.path.join(name), ours)?;
        sync(&self.path)
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
            sync(&self.path)?;
        }
        Ok(())
    }

    /// Publishes the answer, if it is not yet, and archives the file.
    pub(super) fn finish(&self, name: &str, now: SystemTime) -> io::Result<Done> {
        self.publish(name)?;
        let folder = self.archive.join(day(now));
        put_away(&self.answered(name), &folder, name)?;
        sync(&self.path)?;
        Ok(Done::Taken)
    }

    /// Puts a file among the errors, with the reason beside it, and publishes the answer if there is one.
    pub(super) fn refuse(&self, name: &str, status: u16, reason: &str, now: SystemTime) -> io::Result<Done> {
        let seconds = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs();
        let placed = put_away(&self.processing(name), &self.errors, name)?;
        sync(&self.path)?;
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
        let (_, free) = free_name(&self.answers, &format!("ack-{name}"))?;
        fs::rename(unpublished, free)?;
        sync(&self.answers)
    }
}

/// Moves a file into a folder under its name, or the next that is free, and says which.
fn put_away(file: &Path, folder: &Path, name: &str) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let (name, to) = free_name(folder, name)?;
    match fs::rename(file, &to) {
        Err(fault) if fault.kind() == io::ErrorKind::CrossesDevices => {
            let unfinished = folder.join(format!(".{name}.tmp"));
            fs::copy(file, &unfinished)?;
            File::open(&unfinished)?.sync_all()?;
            fs::rename(unfinished, &to)?;
            sync(folder)?;
            fs::remove_file(file)?;
        }
        moved => moved?,
    }
    sync(folder)?;
    if let Some(parent) = folder.parent() {
        sync(parent)?;
    }
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

/// So many files of one name are kept beside each other.
const MOST_OF_A_NAME: u32 = 100_000;
