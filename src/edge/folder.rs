//! A folder that is watched: a file that has come to rest is taken, answered and put away.
//!
//! What has become of a file is in the folder that it is in, so a restart goes on where the last run stopped. Its name
//! is its dropper's and says nothing:
//!
//! | Where | What holds |
//! |---|---|
//! | `claims.edi` | it was dropped; whoever drops it may still be writing |
//! | `.processing/claims.edi` | it is ours; whether the gateway keeps it already, the gateway knows |
//! | `.answered/claims.edi` | the gateway keeps it, and the answer is written; it may not be published yet |
//! | in the archive, or among the errors | done |
//!
//! The gateway answers a message that it keeps already with the bytes that it answered before, so taking a file again
//! after a crash takes nothing twice. The answer is published by one renaming, which is seen to have happened.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use bytes::BytesMut;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::behind::Behind;
use super::settings::Folder;
use crate::base::clock::Clock;
use crate::base::clock::Tick;
use crate::flow::door::Broken;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Media;
use crate::flow::door::Reply;
use crate::observe::event::Event;
use crate::observe::journal::Journal;
use crate::observe::name::ConfiguredName;

mod desk;
mod name;

use self::desk::Desk;
use self::desk::Found;
use self::desk::Stage;
use self::name::Pattern;

/// A folder and what has been seen in it.
pub struct Watch {
    desk: Arc<Desk>,
    pattern: Pattern,
    settings: Folder,
    behind: Arc<dyn Behind>,
    clock: Arc<dyn Clock>,
    /// Files that may still be written to, and since when they look as they do.
    resting: HashMap<String, (Look, Tick)>,
    /// Files that the gateway could not keep, and when to ask again.
    waiting: HashMap<String, Tick>,
}

/// What changes when somebody writes to a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Look {
    length: u64,
    modified: Option<SystemTime>,
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Round {
    /// Files that the gateway keeps now.
    pub taken: usize,
    /// Files that it refused.
    pub refused: usize,
    /// Files that wait for the gateway, or could not be read or moved.
    pub waiting: usize,
    /// Those of them with which something went wrong.
    pub failed: usize,
}

impl Watch {
    /// Prepares to watch; makes the folders that are not there.
    ///
    /// # Errors
    /// As the file system says.
    pub fn open(settings: Folder, behind: Arc<dyn Behind>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let desk = Desk::at(&settings)?;
        Ok(Self {
            desk: Arc::new(desk),
            pattern: Pattern::new(&settings.pattern),
            settings,
            behind,
            clock,
            resting: HashMap::new(),
            waiting: HashMap::new(),
        })
    }

    /// What it was told.
    pub const fn settings(&self) -> &Folder {
        &self.settings
    }

    /// Watches until `closing` is cancelled; a file that has been begun is finished. Trouble is told when it begins.
    pub async fn run(&mut self, closing: &CancellationToken, journal: &Journal) {
        let pause = (self.settings.settle / 4).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        let mut is_told = false;
        while !closing.is_cancelled() {
            // What could not be read or moved is tried again: the next round finds it as it is.
            let trouble = match self.round(closing).await {
                Ok(round) if round.failed == 0 => {
                    // What failed before and waits has not succeeded yet.
                    is_told &= round.waiting > 0;
                    None
                }
                Ok(_) => Some("a file cannot be worked on"),
                Err(fault) => Some(why(&fault)),
            };
            if let Some(trouble) = trouble {
                if !is_told {
                    journal.tell(Event::DoorFailed {
                        door: ConfiguredName::configured(&self.settings.name),
                        trouble,
                    });
                }
                is_told = true;
            }
            tokio::select! {
                () = closing.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks once, goes on with what was begun and takes what has come to rest.
    ///
    /// # Errors
    /// Fails if the folder cannot be read; what was done stays done.
    pub async fn round(&mut self, closing: &CancellationToken) -> io::Result<Round> {
        let desk = Arc::clone(&self.desk);
        let mut found = spawn_blocking(move || desk.look())
            .await
            .map_err(io::Error::other)??;
        // What was begun first, so that a newer file of the same name finds the name free.
        found.sort_by(|one, other| (one.stage, &one.name).cmp(&(other.stage, &other.name)));
        self.forget_all_but(&found);
        let mut round = Round::default();
        for file in found {
            if closing.is_cancelled() {
                break;
            }
            match file.stage {
                Stage::Dropped if !self.has_come_to_rest(&file) => continue,
                Stage::Processing if self.must_wait(&file) => {
                    round.waiting += 1;
                    continue;
                }
                Stage::Answered | Stage::Processing | Stage::Dropped => {}
            }
            match self.work_on(&file).await {
                Ok(Done::Taken) => round.taken += 1,
                Ok(Done::Refused) => round.refused += 1,
                Ok(Done::Later) => round.waiting += 1,
                Err(_) => {
                    round.waiting += 1;
                    round.failed += 1;
                }
            }
        }
        Ok(round)
    }

    fn forget_all_but(&mut self, found: &[Found]) {
        let is_there =
            |name: &String, stage| found.iter().any(|file| file.name == *name && file.stage == stage);
        self.resting.retain(|name, _| is_there(name, Stage::Dropped));
        self.waiting.retain(|name, _| is_there(name, Stage::Processing));
    }

    fn has_come_to_rest(&mut self, file: &Found) -> bool {
        if !self.pattern.matches(&file.name) {
            return false;
        }
        let now = self.clock.tick();
        let look = Look {
            length: file.length,
            modified: file.modified,
        };
        match self.resting.get(&file.name) {
            Some((before, since)) if *before == look => now.since(*since) >= self.settings.settle,
            _ if self.settings.settle.is_zero() => true,
            // A folder of more files than this is looked at in parts.
            _ if self.resting.len() >= MOST_RESTING => false,
            _ => {
                self.resting.insert(file.name.clone(), (look, now));
                false
            }
        }
    }

    fn must_wait(&self, file: &Found) -> bool {
        let until = self.waiting.get(&file.name);
        until.is_some_and(|until| self.clock.tick() < *until)
    }

    /// Brings one file to its end, from wherever it stands.
    async fn work_on(&mut self, file: &Found) -> io::Result<Done> {
        let name = file.name.clone();
        let now = self.clock.now();
        match file.stage {
            Stage::Answered => self.at_desk(move |desk| desk.finish(&name, now)).await,
            Stage::Dropped => {
                let moved = name.clone();
                if self.at_desk(move |desk| desk.take(&moved)).await? {
                    self.hand_in(&name, file.length).await
                } else {
                    Ok(Done::Later)
                }
            }
            Stage::Processing => self.hand_in(&name, file.length).await,
        }
    }

    async fn hand_in(&mut self, name: &str, length: u64) -> io::Result<Done> {
        let now = self.clock.now();
        let name = name.to_owned();
        if length > self.settings.body {
            let reason = "the file is longer than this door takes";
            return self
                .at_desk(move |desk| desk.refuse(&name, 413, reason, now))
                .await;
        }
        let caller = Caller {
            door: self.settings.name.clone(),
            partner: self.settings.from.clone(),
        };
        let file = File::open(self.desk.processing(&name)).await?;
        let mut body = Filed { file, broken: false };
        let behind = Arc::clone(&self.behind);
        // A task of its own, so that a file that nobody can work on holds up no other.
        let handed = tokio::spawn(async move {
            let reply = behind.x12(&caller, &mut body).await;
            (reply, body.broken)
        });
        let (reply, is_broken) = match handed.await {
            Ok(handed) => handed,
            Err(panic) => {
                self.wait(name, USUAL_WAIT);
                return Err(io::Error::other(panic));
            }
        };
        let is_passing = matches!(reply.status, 408 | 429 | 500..);
        if is_broken || is_passing {
            let wait = reply.retry_after.unwrap_or(USUAL_WAIT);
            self.wait(name, wait.clamp(Duration::ZERO, LONGEST_WAIT));
            return Ok(Done::Later);
        }
        self.waiting.remove(&name);
        let Reply {
            status, body, media, ..
        } = reply;
        let answer = (media == Media::X12 && !body.is_empty()).then_some(body);
        self.at_desk(move |desk| {
            let is_taken = status < 300;
            match answer {
                // A refusal in the words of X12 is the sender's to read, so it goes where answers go as well.
                Some(answer) => desk.answer(&name, &answer, is_taken)?,
                None if is_taken => desk.answer(&name, &[], true)?,
                None => {}
            }
            if is_taken {
                desk.finish(&name, now)
            } else {
                desk.refuse(&name, status, "the gateway refused the file", now)
            }
        })
        .await
    }

    fn wait(&mut self, name: String, wait: Duration) {
        if self.waiting.len() < MOST_RESTING {
            self.waiting.insert(name, self.clock.tick().after(wait));
        }
    }

    async fn at_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let desk = Arc::clone(&self.desk);
        spawn_blocking(move || work(&desk))
            .await
            .map_err(io::Error::other)?
    }
}

/// Why a folder cannot be looked at, in one of few words.
fn why(fault: &io::Error) -> &'static str {
    match fault.kind() {
        io::ErrorKind::NotFound => "there is no such folder",
        io::ErrorKind::PermissionDenied => "the folder may not be read",
        _ => "the folder cannot be read",
    }
}

/// What became of a file in this round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Done {
    Taken,
    Refused,
    Later,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A file as it is read.
#[derive(Debug)]
struct Filed {
    file: File,
    broken: bool,
}

impl Filed {
    async fn next_octets(&mut self) -> Result<Option<Bytes>, Broken> {
        let mut octets = BytesMut::with_capacity(READS);
        match self.file.read_buf(&mut octets).await {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(octets.freeze())),
            Err(_) => {
                self.broken = true;
                Err(Broken::Cut)
            }
        }
    }
}

impl Incoming for Filed {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, Broken>> + Send + '_>> {
        Box::pin(self.next_octets())
    }
}

/// So much is read at a time.
const READS: usize = 64 * 1024;

/// How often a folder is looked at.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long a file waits that the gateway could not keep, if the gateway does not say.
const USUAL_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// So many files are remembered at a time.
const MOST_RESTING: usize = 100_000;
