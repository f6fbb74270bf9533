//! Puts an interchange as a file into a partner's folder.
//!
//! The file is written under a hidden name that receivers pass over, made durable, and then renamed: whoever watches
//! the folder sees all of it or nothing.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::Trouble;
use crate::upstream::errand::Errand;
use crate::upstream::file_name::Label;
use crate::upstream::file_name::NameTemplate;
use crate::upstream::limits::Limits;
use crate::upstream::parcel::Parcel;

/// Puts files into folders.
#[derive(Debug)]
pub(crate) struct Folders {
    limits: Limits,
    naming: Mutex<HashMap<PathBuf, Naming>>,
    under_way: Arc<Mutex<HashSet<PathBuf>>>,
}

/// Held while a name in one folder is chosen and taken, so that two messages never choose the same.
type Naming = Arc<Mutex<()>>;

/// The right to work on one hidden file: an attempt that was given up may still be renaming it, on a share that hangs,
/// and the next must not write to what the receiver is about to see.
struct Turn {
    path: PathBuf,
    under_way: Arc<Mutex<HashSet<PathBuf>>>,
}

impl Turn {
    fn take(path: &Path, under_way: &Arc<Mutex<HashSet<PathBuf>>>) -> Option<Self> {
        let is_free = lock(under_way).insert(path.to_owned());
        is_free.then(|| Self {
            path: path.to_owned(),
            under_way: Arc::clone(under_way),
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.under_way).remove(&self.path);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is whole and durable, and still has its hidden name.
struct Hidden {
    folder: PathBuf,
    path: PathBuf,
    usual: String,
    apart: String,
}

impl Folders {
    /// For folders in which nothing is under way.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            naming: Mutex::default(),
            under_way: Arc::default(),
        }
    }

    /// Puts `parcel` into `folder`.
    ///
    /// Each attempt with the same message ends at the same file, as long as the receiver has not taken it away.
    /// Cancelling it leaves a hidden file at most, which the next attempt replaces, or one that is whole and being shown.
    pub(crate) async fn place(&self, folder: &Path, name: &NameTemplate, parcel: &Parcel) -> Attempt {
        let Errand::X12 { message, made } = &parcel.errand else {
            return Attempt::failed(Trouble::Unsuited);
        };
        let label = Label {
            message: message.clone(),
            control: parcel.control,
            partner: parcel.partner.clone(),
            made: *made,
            id: parcel.id.clone(),
        };
        let whole = self.limits.whole(parcel.content.length());
        match timeout(whole, self.put(folder, name, &label, parcel)).await {
            Ok(Ok(())) => Attempt::Placed,
            Ok(Err(trouble)) => Attempt::failed(trouble),
            Err(_) => Attempt::failed(Trouble::Folder),
        }
    }

    async fn put(
        &self,
        folder: &Path,
        name: &NameTemplate,
        label: &Label,
        parcel: &Parcel,
    ) -> Result<(), Trouble> {
        let apart = name.fill_apart(label);
        let hidden = Hidden {
            folder: folder.to_owned(),
            // The name apart holds the id, so no other message writes to this file.
            path: folder.join(format!(".{apart}.tmp")),
            usual: name.fill(label),
            apart,
        };
        let Some(turn) = Turn::take(&hidden.path, &self.under_way) else {
            return Err(Trouble::Folder);
        };
        if let Err(trouble) = write(&hidden.path, parcel).await {
            // Half a message is nobody's; if it cannot be removed now, the next attempt does it.
            let _ = tokio::fs::remove_file(&hidden.path).await;
            return Err(trouble);
        }
        let naming = self.naming_in(folder);
        let shown = spawn_blocking(move || {
            let _turn = turn;
            let _held = lock(&naming);
            hidden.show()
        });
        match shown.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Trouble::Folder),
        }
    }

    /// Each folder has its own, so that one that hangs does not hold up the others (ROB-015).
    fn naming_in(&self, folder: &Path) -> Naming {
        let mut naming = lock(&self.naming);
        // Folders that nobody names in now need no entry, and so there are never more than attempts under way.
        naming.retain(|_, held| Arc::strong_count(held) > 1);
        Arc::clone(naming.entry(folder.to_owned()).or_default())
    }
}

/// Writes the whole of `parcel` to a new file at `path` and waits until it is on disk.
async fn write(path: &Path, parcel: &Parcel) -> Result<(), Trouble> {
    // What an earlier attempt left is taken away first: `create_new` then follows no link that somebody put there.
    match tokio::fs::remove_file(path).await {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(Trouble::Folder),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // A message is for its partner and for no other user of the machine.
    #[cfg(unix)]
    options.mode(0o640);
    let mut file = options.open(path).await.map_err(|_| Trouble::Folder)?;
    let mut pieces = parcel.content.open();
    let mut left = parcel.content.length();
    while let Some(piece) = std::future::poll_fn(|context| pieces.poll_next(context)).await {
        let piece = piece.map_err(|_| Trouble::Unreadable)?;
        left = left.checked_sub(piece.len() as u64).ok_or(Trouble::Unreadable)?;
        file.write_all(&piece).await.map_err(|_| Trouble::Folder)?;
    }
    if left > 0 {
        return Err(Trouble::Unreadable);
    }
    file.flush().await.map_err(|_| Trouble::Folder)?;
    file.sync_all().await.map_err(|_| Trouble::Folder)
}

impl Hidden {
    /// Gives the file the name under which the receiver sees it, for good.
    fn show(&self) -> io::Result<()> {
        let apart = self.folder.join(&self.apart);
        let usual = self.folder.join(&self.usual);
        // A file at the name apart is from an earlier attempt with this message.
        let name = if exists(&apart)? {
            apart
        } else if !exists(&usual)? || is_same(&usual, &self.path)? {
            usual
        } else {
            apart
        };
        fs::rename(&self.path, name)?;
        sync_folder(&self.folder)
    }
}

fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Whether two files hold the same bytes.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    if !fs::symlink_metadata(one)?.is_file() {
        return Ok(false);
    }
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(CHUNK).read_to_end(&mut left)?;
        other.by_ref().take(CHUNK).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems cannot do that for folders; their servers see to it.
        Err(fault)
            if matches!(
                fault.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Bytes that are compared at a time.
const CHUNK: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hidden_file_has_one_writer() {
        let under_way = Arc::default();
        let path = Path::new("out/.277-000000042-x1a-0.edi.tmp");
        let first = Turn::take(path, &under_way);
        assert!(first.is_some());
        assert!(Turn::take(path, &under_way).is_none());
        assert!(Turn::take(Path::new("out/.other.tmp"), &under_way).is_some());
        drop(first);
        assert!(Turn::take(path, &under_way).is_some());
    }
}
