//! A key that a gateway makes for itself once and keeps beside what it protects.

use std::fs;
use std::fs::OpenOptions;
use std::io;
#[cfg(unix)]
use std::io::Read;
use std::io::Write;
use std::path::Path;

/// The key in a file; made and kept there if there is none yet. Nobody but the gateway's user may read it.
///
/// # Errors
/// As the file system says, and if the file holds something else.
pub fn key_in(file: &Path) -> io::Result<[u8; 32]> {
    match fs::read(file) {
        Ok(octets) => octets
            .as_slice()
            .try_into()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file holds no key of 32 bytes")),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => make(file),
        Err(fault) => Err(fault),
    }
}

/// Writes the key under another name first, so that it is never there in part.
fn make(file: &Path) -> io::Result<[u8; 32]> {
    let key = random()?;
    let unfinished = file.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&unfinished)?;
    written.write_all(&key)?;
    written.sync_all()?;
    fs::rename(&unfinished, file)?;
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(key)
}

/// Random octets, straight from the system: the library of TLS measures the jitter of the processor before its first one,
/// which takes as long as the rest of a start.
#[cfg(unix)]
fn random() -> io::Result<[u8; 32]> {
    let mut octets = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut octets)?;
    Ok(octets)
}

#[cfg(not(unix))]
fn random() -> io::Result<[u8; 32]> {
    let mut octets = [0; 32];
    aws_lc_rs::rand::fill(&mut octets).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(octets)
}
