//! A folder as a door: nothing half-written is taken, nothing is taken twice, whatever dies in between.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod edge_support;

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use cartage::base::clock::Clock;
use cartage::base::clock::ManualClock;
use cartage::edge::folder::Round;
use cartage::edge::folder::Watch;
use cartage::edge::settings::Folder;
use cartage::flow::door::Reply;
use cartage::observe::event::Kind;
use cartage::observe::journal::Journal;
use edge_support::Script;
use edge_support::receipt;
use tokio_util::sync::CancellationToken;

const SETTLE: Duration = Duration::from_secs(2);

/// A folder of its own for a test, gone when the test is over.
struct Ground {
    root: PathBuf,
    clock: Arc<ManualClock>,
    script: Arc<Script>,
}

impl Ground {
    fn new(reply: Reply) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = env::temp_dir().join(format!("cartage-folder-{}-{number}", process::id()));
        fs::create_dir_all(root.join("in")).unwrap();
        let day = SystemTime::UNIX_EPOCH + Duration::from_mins(29_919_690);
        Self {
            root,
            clock: Arc::new(ManualClock::at(day)),
            script: Script::answering(reply),
        }
    }

    fn watch(&self) -> Watch {
        self.watch_as("legacy", "in")
    }

    fn watch_for(&self, pattern: &str) -> Watch {
        self.open("legacy", "in", pattern)
    }

    /// A door of this name at this folder; all have the same answers.
    fn watch_as(&self, name: &str, folder: &str) -> Watch {
        self.open(name, folder, "*.edi")
    }

    fn open(&self, name: &str, folder: &str, pattern: &str) -> Watch {
        let settings = Folder {
            name: name.to_owned(),
            from: "mercy".to_owned(),
            path: self.root.join(folder),
            pattern: pattern.to_owned(),
            settle: SETTLE,
            archive: self.root.join("archive"),
            errors: self.root.join("errors"),
            answers: self.root.join("out"),
            body: 100,
        };
        Watch::open(
            settings,
            self.script.clone(),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
        )
        .unwrap()
    }

    fn drop_file(&self, name: &str, text: &str) {
        let path = self.root.join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn journal(&self) -> Journal {
        Journal::silent(Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    /// Everything in a folder, with its text.
    fn all(&self, folder: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        gather(&self.root.join(folder), "", &mut all);
        all.sort();
        all
    }

    fn bodies(&self) -> Vec<String> {
        let took = self.script.took();
        took.iter()
            .map(|came| String::from_utf8(came.body.clone()).unwrap())
            .collect()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn gather(folder: &Path, before: &str, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("{before}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            gather(&path, &format!("{name}/"), all);
        } else {
            all.push((name, fs::read_to_string(path).unwrap()));
        }
    }
}

async fn round(watch: &mut Watch) -> Round {
    watch.round(&CancellationToken::new()).await.unwrap()
}

fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

const ACK: &str = "TA1*000000001*261120*1330*A*000~";

#[tokio::test]
async fn a_file_that_has_come_to_rest_is_taken_answered_and_archived() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    ground.drop_file("claims.edi", "ISA~one");
    assert_eq!(
        round(&mut watch).await,
        Round::default(),
        "it may still be written to"
    );
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await.taken, 1);
    assert_eq!(ground.bodies(), ["ISA~one"]);
    assert_eq!(ground.script.took()[0].caller.partner, "mercy");
    assert_eq!(ground.all("in"), []);
    assert_eq!(
        ground.all("archive"),
        files(&[("2026-11-20/claims.edi", "ISA~one")])
    );
    assert_eq!(ground.all("out"), files(&[("ack-claims.edi", ACK)]));
    // The same name comes again: nothing that is there is overwritten.
    ground.drop_file("claims.edi", "ISA~two");
    round(&mut watch).await;
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await.taken, 1);
    let archived = files(&[
        ("2026-11-20/claims-2.edi", "ISA~two"),
        ("2026-11-20/claims.edi", "ISA~one"),
    ]);
    assert_eq!(ground.all("archive"), archived);
    assert_eq!(
        ground.all("out"),
        files(&[("ack-claims-2.edi", ACK), ("ack-claims.edi", ACK)])
    );
}

#[tokio::test]
async fn a_file_that_grows_is_waited_for() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    ground.drop_file("claims.edi", "ISA");
    round(&mut watch).await;
    ground.clock.advance(SETTLE);
    ground.drop_file("claims.edi", "ISA~whole");
    assert_eq!(round(&mut watch).await, Round::default());
    ground
        .clock
        .advance(SETTLE.saturating_sub(Duration::from_millis(1)));
    assert_eq!(round(&mut watch).await, Round::default());
    ground.clock.advance(Duration::from_millis(1));
    assert_eq!(round(&mut watch).await.taken, 1);
    assert_eq!(ground.bodies(), ["ISA~whole"]);
}

#[tokio::test]
async fn what_is_not_meant_stays_where_it_is() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    for name in [
        "claims.edi.tmp",
        "claims.edi.part",
        ".hidden.edi",
        "notes.txt",
        "claims.edi.filepart",
    ] {
        ground.drop_file(name, "x");
    }
    fs::create_dir(ground.root.join("in/folder.edi")).unwrap();
    round(&mut watch).await;
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await, Round::default());
    assert_eq!(ground.all("in").len(), 5);
}

#[tokio::test]
async fn what_the_gateway_refuses_goes_to_the_errors_with_the_reason() {
    let refusal = Reply {
        status: 422,
        ..receipt()
    };
    let ground = Ground::new(refusal);
    let mut watch = ground.watch();
    ground.drop_file("bad.edi", "ISA~bad");
    ground.drop_file("long.edi", &"x".repeat(101));
    round(&mut watch).await;
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await.refused, 2);
    assert_eq!(ground.bodies(), ["ISA~bad"], "what is too long is not even read");
    let errors = ground.all("errors");
    let names: Vec<&str> = errors.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "bad.edi",
            "bad.edi.reason.json",
            "long.edi",
            "long.edi.reason.json"
        ]
    );
    assert!(errors[1].1.contains("422") && errors[3].1.contains("413"));
    assert_eq!(ground.all("out"), files(&[("ack-bad.edi", ACK)]));
    assert_eq!((ground.all("in"), ground.all("archive")), (vec![], vec![]));
}

#[tokio::test]
async fn what_cannot_be_kept_now_is_handed_in_again() {
    let busy = Reply {
        status: 503,
        retry_after: Some(Duration::from_secs(7)),
        ..Reply::default()
    };
    let ground = Ground::new(busy);
    let mut watch = ground.watch();
    ground.drop_file("claims.edi", "ISA");
    round(&mut watch).await;
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await.waiting, 1);
    assert_eq!(ground.all("in"), files(&[(".processing/claims.edi", "ISA")]));
    ground.clock.advance(Duration::from_secs(6));
    round(&mut watch).await;
    assert_eq!(ground.bodies().len(), 1, "not before it was asked to");
    *ground.script.reply.lock().unwrap() = receipt();
    ground.clock.advance(Duration::from_secs(1));
    assert_eq!(round(&mut watch).await.taken, 1);
    assert_eq!(ground.all("archive").len(), 1);
}

/// Every state that a crash can leave is brought to its end, and the answer is published once.
#[tokio::test]
async fn a_restart_goes_on_where_the_last_run_stopped() {
    // Ours, and perhaps kept already: it is handed in again, and the gateway knows it.
    let ground = Ground::new(receipt());
    ground.drop_file(".processing/a.edi", "ISA~a");
    assert_eq!(round(&mut ground.watch()).await.taken, 1);
    assert_eq!(ground.bodies(), ["ISA~a"]);
    assert_eq!(ground.all("out"), files(&[("ack-a.edi", ACK)]));

    // Answered but not published: it is published, and not handed in.
    let ground = Ground::new(receipt());
    ground.drop_file(".answered/b.edi", "ISA~b");
    fs::create_dir_all(ground.root.join("out")).unwrap();
    fs::write(ground.root.join("out/.ack-legacy@b.edi.tmp"), ACK).unwrap();
    assert_eq!(round(&mut ground.watch()).await.taken, 1);
    assert_eq!(ground.bodies(), Vec::<String>::new());
    assert_eq!(ground.all("out"), files(&[("ack-b.edi", ACK)]));

    // Published, and the partner has fetched it: it is not published again.
    let ground = Ground::new(receipt());
    ground.drop_file(".answered/c.edi", "ISA~c");
    assert_eq!(round(&mut ground.watch()).await.taken, 1);
    assert_eq!(ground.all("out"), []);
    assert_eq!(ground.all("archive"), files(&[("2026-11-20/c.edi", "ISA~c")]));

    // Refused and put away, its answer not published yet.
    let ground = Ground::new(receipt());
    fs::create_dir_all(ground.root.join("out")).unwrap();
    fs::write(ground.root.join("out/.ack-legacy@e.edi.tmp"), ACK).unwrap();
    ground.watch();
    assert_eq!(ground.all("out"), files(&[("ack-e.edi", ACK)]));

    // An answer written by half is written anew.
    let ground = Ground::new(receipt());
    ground.drop_file(".processing/d.edi", "ISA~d");
    fs::create_dir_all(ground.root.join("out")).unwrap();
    fs::write(ground.root.join("out/.ack-legacy@d.edi.tmp"), "TA").unwrap();
    assert_eq!(round(&mut ground.watch()).await.taken, 1);
    assert_eq!(ground.all("out"), files(&[("ack-d.edi", ACK)]));
}

#[tokio::test]
async fn an_older_file_of_the_same_name_is_finished_first() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    ground.drop_file(".processing/a.edi", "ISA~old");
    ground.drop_file("a.edi", "ISA~new");
    assert_eq!(round(&mut watch).await.taken, 1);
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await.taken, 1);
    assert_eq!(ground.bodies(), ["ISA~old", "ISA~new"]);
}

/// Whoever drops a file names it, whatever the name means to us.
#[tokio::test]
async fn a_name_says_nothing_of_what_became_of_a_file() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch_for("*");
    for name in ["batch.answered", "batch.processing", "batch"] {
        ground.drop_file(name, "ISA");
    }
    assert_eq!(
        round(&mut watch).await,
        Round::default(),
        "they may still be written to"
    );
    ground.clock.advance(SETTLE);
    assert_eq!(round(&mut watch).await.taken, 3);
    assert_eq!(ground.bodies().len(), 3, "each is read");
}

#[tokio::test]
async fn doors_that_share_their_answers_do_not_mix_them_up() {
    let ground = Ground::new(receipt());
    fs::create_dir_all(ground.root.join("out")).unwrap();
    // Of another door that was stopped before it published, and of a door whose name begins like ours.
    fs::write(ground.root.join("out/.ack-other@a.edi.tmp"), "TA1*other~").unwrap();
    fs::write(ground.root.join("out/.ack-legacy-2@a.edi.tmp"), "TA1*second~").unwrap();
    let mut watch = ground.watch();
    let waiting = files(&[
        (".ack-legacy-2@a.edi.tmp", "TA1*second~"),
        (".ack-other@a.edi.tmp", "TA1*other~"),
    ]);
    assert_eq!(ground.all("out"), waiting);
    let mut second = ground.watch_as("legacy-2", "in-2");
    for folder in ["in", "in-2"] {
        ground.drop_file(&format!("../{folder}/a.edi"), "ISA~");
    }
    for _ in 0..2 {
        round(&mut watch).await;
        round(&mut second).await;
        ground.clock.advance(SETTLE);
    }
    let answers = ground.all("out");
    let published: Vec<&str> = answers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        published,
        [".ack-other@a.edi.tmp", "ack-a-2.edi", "ack-a-3.edi", "ack-a.edi"]
    );
}

#[tokio::test]
async fn a_file_that_nobody_can_work_on_holds_up_no_other() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    ground.drop_file("a.edi", "panic");
    ground.drop_file("b.edi", "ISA~b");
    round(&mut watch).await;
    ground.clock.advance(SETTLE);
    let seen = round(&mut watch).await;
    assert_eq!((seen.taken, seen.waiting, seen.failed), (1, 1, 1));
    assert_eq!(ground.bodies(), ["ISA~b"]);
    let seen = round(&mut watch).await;
    assert_eq!((seen.waiting, seen.failed), (1, 0), "it waits its time");
}

/// On paused time: a round fails each second, and it is told once.
#[tokio::test(start_paused = true)]
async fn trouble_with_the_folder_is_told_when_it_begins() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    let (journal, closing) = (ground.journal(), CancellationToken::new());
    let running = tokio::spawn({
        let (journal, closing) = (journal.clone(), closing.clone());
        async move { watch.run(&closing, &journal).await }
    });
    let failed = || journal.tally().of(Kind::DoorFailed);
    let rounds = Duration::from_mins(1);
    for expected in [1, 2] {
        fs::rename(ground.root.join("in"), ground.root.join("away")).unwrap();
        tokio::time::sleep(rounds).await;
        assert_eq!(failed(), expected, "once, however often it is looked");
        fs::rename(ground.root.join("away"), ground.root.join("in")).unwrap();
        tokio::time::sleep(rounds).await;
        assert_eq!(failed(), expected);
    }
    // Whoever tidies up does not stop the door.
    fs::remove_dir_all(ground.root.join("in")).unwrap();
    ground.drop_file("a.edi", "ISA~a");
    tokio::time::sleep(rounds).await;
    ground.clock.advance(SETTLE);
    tokio::time::sleep(rounds).await;
    assert_eq!(ground.bodies(), ["ISA~a"]);
    closing.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_watch_ends_when_the_door_closes() {
    let ground = Ground::new(receipt());
    let mut watch = ground.watch();
    let (journal, closing) = (ground.journal(), CancellationToken::new());
    let running = tokio::spawn({
        let closing = closing.clone();
        async move { watch.run(&closing, &journal).await }
    });
    closing.cancel();
    running.await.unwrap();
}
