//! The admin socket: a Unix socket in the data folder, for the gateway's own user only. One line of JSON in, one out.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Client;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixListener;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::fault::Fault;
use super::service::Service;
use crate::app::diff::recent;
use crate::app::exchanges::query;
use crate::app::exchanges::query::Query;

/// What can be asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
enum Asked {
    /// How the gateway is.
    Status,
    /// To take up the configuration, or go back to a generation.
    Reload {
        #[serde(default)]
        generation: Option<u32>,
        #[serde(default)]
        retire: BTreeSet<String>,
    },
    /// What was received last, or before this entry: a page.
    Recent {
        #[serde(default)]
        before: Option<u64>,
    },
    /// What there is about exchanges.
    Exchanges { query: Query },
}

/// Makes the socket. It is never there with wider permissions, because it is made in a folder of its own.
pub(super) fn listen(socket: &Path) -> io::Result<UnixListener> {
    let apart = socket.with_extension("new");
    match fs::remove_dir_all(&apart) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
        Ok(()) | Err(_) => {}
    }
    fs::DirBuilder::new().mode(0o700).create(&apart)?;
    let made = apart.join("s");
    let listener = UnixListener::bind(&made)?;
    fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
    // The lock on the data folder is ours, so a socket that is there was left by a process that is gone.
    fs::rename(&made, socket)?;
    fs::remove_dir(&apart)?;
    Ok(listener)
}

/// Answers whoever asks, until it is time to stop.
pub(super) async fn serve(listener: Arc<UnixListener>, service: Arc<Service>, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(MOST_AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let service = Arc::clone(&service);
                tokio::spawn(async move {
                    // Whoever does not wait for the answer does not need it.
                    let _ = answer(stream, &service).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn answer(mut stream: UnixStream, service: &Service) -> io::Result<()> {
    let line = timeout(PATIENCE, line(&mut stream)).await??;
    let said = match serde_json::from_slice(&line) {
        Ok(asked) => carry_out(asked, service).await,
        Err(_) => json!({"ok": false, "error": "that is no command in JSON"}),
    };
    timeout(PATIENCE, stream.write_all(format!("{said}\n").as_bytes())).await?
}

async fn line(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await?;
        let octets = piece.get(..read).unwrap_or_default();
        if let Some(end) = memchr::memchr(b'\n', octets) {
            line.extend_from_slice(octets.get(..end).unwrap_or_default());
            return Ok(line);
        }
        line.extend_from_slice(octets);
        if read == 0 {
            return Ok(line);
        }
        if line.len() > LONGEST_LINE {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

async fn carry_out(asked: Asked, service: &Service) -> Value {
    match asked {
        Asked::Status => status(service).await,
        Asked::Reload {
            generation: None,
            retire,
        } => changed(service.reload(retire).await),
        Asked::Reload {
            generation: Some(number),
            retire,
        } => changed(service.go_back(number, retire).await),
        Asked::Recent { before } => match recent::page(&*service.ledger().store(), before).await {
            Ok(page) => page,
            Err(fault) => json!({"ok": false, "error": fault.to_string()}),
        },
        Asked::Exchanges { query } => {
            let answer = query::answer(&*service.ledger().store(), &query).await;
            json!({"ok": true, "exchanges": answer})
        }
    }
}

fn changed(changed: Result<u32, Fault>) -> Value {
    match changed {
        Ok(generation) => json!({"ok": true, "generation": generation}),
        Err(fault) => json!({"ok": false, "error": fault.told()}),
    }
}

async fn status(service: &Service) -> Value {
    let doors: Vec<Value> = service
        .doors()
        .await
        .into_iter()
        .map(|door| {
            let (field, place) = door.place.told();
            json!({"name": door.name, "kind": door.kind, field: place})
        })
        .collect();
    let health = service.ledger().store().health();
    json!({
        "ok": true,
        "version": env!("CARGO_PKG_VERSION"),
        "generation": service.generation().number,
        "doors": doors,
        "ledger": format!("{health:?}"),
        "refused": service.refused(),
    })
}

/// Asks the gateway whose socket this is, from another process.
///
/// # Errors
/// Fails if nobody is there or the answer is none.
pub(in crate::app) fn ask(socket: &Path, question: &Value) -> io::Result<Value> {
    let mut stream = Client::connect(socket)?;
    stream.set_read_timeout(Some(LONGEST_WORK))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    writeln!(stream, "{question}")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    serde_json::from_str(&line).map_err(io::Error::other)
}

/// Whether an error says that no gateway runs.
pub(in crate::app) fn is_nobody(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    )
}

/// What the socket is called in the data folder.
pub(in crate::app) const SOCKET: &str = "admin.sock";

/// How long a line may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the work may take that was asked for.
const LONGEST_WORK: Duration = Duration::from_mins(2);

/// The longest line.
const LONGEST_LINE: usize = 64 * 1024;

/// So many are answered at a time.
const MOST_AT_ONCE: usize = 16;
