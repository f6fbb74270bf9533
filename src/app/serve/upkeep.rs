//! What a running gateway does by itself, now and then.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use tokio_util::sync::CancellationToken;

use super::service::Service;
use crate::base::clock::Clock;
use crate::config::settings;
use crate::flow::courier::Courier;
use crate::flow::gateway::Gateway;
use crate::ledger::found::Retention;
use crate::ledger::local::Ledger;
use crate::ledger::retain::Calendar;
use crate::ledger::retain::retain_once;
use crate::observe::event::Event;
use crate::observe::journal::Journal;

/// Wakes the exchanges whose times have come.
pub(super) async fn timers(gateway: Arc<Gateway>, journal: Journal, stop: CancellationToken) {
    let alarm = gateway.alarm();
    loop {
        let next = if let Ok(next) = gateway.tick().await {
            next.unwrap_or(LONGEST_SLEEP)
        } else {
            journal.tell(Event::LedgerTrouble { code: "timers" });
            LONGEST_SLEEP
        };
        // So many looks are enough, however often it rings.
        if !sleeps(BETWEEN_WAKES, &stop).await {
            return;
        }
        let woken = tokio::select! {
            goes_on = sleeps(next.min(LONGEST_SLEEP), &stop) => goes_on,
            // Something was kept that may have an earlier time than all that were known.
            () = alarm.notified() => true,
        };
        if !woken {
            return;
        }
    }
}

/// Empties the outbox until it is time to stop.
pub(super) async fn deliver(courier: Courier, journal: Journal, stop: CancellationToken) {
    match courier.run(stop).await {
        Ok(ended) => journal.tell(Event::Ended {
            broken_off: ended.broken_off,
        }),
        // The doors answer 503 from now on; only a new start opens the ledger again (ROB-003).
        Err(_) => journal.tell(Event::LedgerTrouble { code: "outbox" }),
    }
}

/// Lets go of what is old enough.
pub(super) async fn order(
    ledger: Ledger,
    retention: Retention,
    clock: Arc<dyn Clock>,
    journal: Journal,
    stop: CancellationToken,
) {
    let calendar = Calendar::begin(&*clock);
    let mut fails = false;
    loop {
        let now = calendar.now(&*clock);
        let pruned = retain_once(&*ledger.store(), &*ledger.blobs(), retention, now).await;
        // A round that fails is made again: what was done stays done. It is told once, not each minute.
        if pruned.is_err() && !fails {
            journal.tell(Event::LedgerTrouble { code: "retention" });
        }
        fails = pruned.is_err();
        let pause = if pruned.is_ok_and(|pruned| pruned.more) {
            SHORTEST_SLEEP
        } else {
            BETWEEN_ROUNDS
        };
        if !sleeps(pause, &stop).await {
            return;
        }
    }
}

/// How long what is kept.
pub(super) fn retention(told: settings::Ledger) -> Retention {
    let usual = Retention::default();
    Retention {
        contents: told.keep,
        keys: told.keep,
        most_bytes: told.max_size,
        ..usual
    }
}

/// What shows that files have changed, or that there are others in their folders: length and time of each.
type Looks = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// Takes up files that have changed and are quiet again.
pub(super) async fn watch(service: Arc<Service>, stop: CancellationToken) {
    let mut before = looks(service.files()).await;
    // What changed between the reading at the start and this look would not be seen to change.
    let mut taken = if service.is_as_written() {
        before.clone()
    } else {
        Looks::new()
    };
    while sleeps(BETWEEN_LOOKS, &stop).await {
        let now = looks(service.files()).await;
        let is_quiet = now == before;
        before.clone_from(&now);
        if is_quiet && now != taken {
            // What is refused is told where refusals are; the files are looked at again when they change again.
            let _ = service.reload(std::collections::BTreeSet::new()).await;
            before = looks(service.files()).await;
            // What changed while it was read is seen against the look from before; a file that was read for the first
            // time was not looked at before.
            taken.clone_from(&before);
            for (path, look) in now {
                taken.entry(path).and_modify(|known| *known = look);
            }
        }
    }
}

/// How files and their folders look now.
async fn looks(files: Vec<PathBuf>) -> Looks {
    let folders: Vec<PathBuf> = files.iter().map(|path| folder_of(path)).collect();
    let mut looks = Looks::new();
    for path in files.into_iter().chain(folders) {
        let known = tokio::fs::metadata(&path).await.ok();
        let length = known
            .as_ref()
            .map_or(0, |known| if known.is_file() { known.len() } else { 0 });
        looks.insert(path, (length, known.and_then(|known| known.modified().ok())));
    }
    looks
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Sleeps; false if it is time to stop.
async fn sleeps(pause: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}

const SHORTEST_SLEEP: Duration = Duration::from_millis(10);

/// The least between two looks at what waits for a time.
const BETWEEN_WAKES: Duration = Duration::from_millis(250);

/// The time of day may jump, and then another look is due than was thought.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
const BETWEEN_ROUNDS: Duration = Duration::from_mins(1);

/// Two looks that see the same are a quiet of this length (the configuration's own rule).
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
