//! The courier over a ledger on disk: the same promises with the engine that production has.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cartage::base::clock::Clock;
use cartage::flow::courier::Settings;
use cartage::ledger::forgetful::Forgetful;
use cartage::ledger::found::Standing;
use cartage::ledger::local;
use cartage::ledger::local::Ledger;

use crate::scene::Manner;
use crate::scene::RuntimeClock;
use crate::scene::Scene;

/// A folder that goes with the test.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn scratch(name: &str) -> Scratch {
    let path = std::env::temp_dir().join(format!("cartage-courier-{}-{name}", std::process::id()));
    // What a run that was broken off left behind.
    let _ = fs::remove_dir_all(&path);
    Scratch(path)
}

fn scene(folder: &Scratch, lanes: &[&str]) -> (Scene, Ledger) {
    let wall = Arc::new(RuntimeClock::start());
    let clock = Arc::clone(&wall) as Arc<dyn Clock>;
    let (ledger, _) = Ledger::open(&local::Settings::of(&folder.0), &clock).unwrap();
    let memory = Forgetful::new(clock);
    (Scene::on(lanes, ledger.store(), memory, wall), ledger)
}

/// ROB-004, ROB-011
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_delivered_once_and_what_was_under_way_is_sent_again_after_a_start() {
    let folder = scratch("once");
    let lanes = ["payer", "clinic", "hub"];
    let mut all = Vec::new();
    let (mut first, ledger) = scene(&folder, &lanes);
    first.world.set("hub", Manner::Hangs);
    let running = first.run(Settings::default());
    for _ in 0..100 {
        for lane in lanes {
            all.push((lane, first.put(lane).await));
        }
    }
    for (lane, id) in &all {
        if *lane != "hub" {
            first.until(*id, Standing::Delivered).await;
        }
    }
    running.kill().await;
    let seen = first.world.seen();
    assert_eq!(
        seen.iter().filter(|seen| seen.lane != "hub").count(),
        200,
        "each once"
    );
    assert_eq!(
        seen.len(),
        200 + Settings::default().lane,
        "the rest of the hub's waits"
    );
    drop((first, ledger));

    let (second, _ledger) = scene(&folder, &lanes);
    let running = second.run(Settings::default());
    for (_, id) in &all {
        second.until(*id, Standing::Delivered).await;
    }
    let mut again: Vec<_> = second.world.seen().into_iter().map(|seen| seen.id).collect();
    again.sort();
    again.dedup();
    assert_eq!(again.len(), second.world.seen().len(), "each once");
    assert_eq!(again.len(), 100, "those of the hub and no others");
    running.stop().await;
}

/// ROB-018
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_given_back_can_be_claimed_at_once() {
    let folder = scratch("back");
    let (mut scene, _ledger) = scene(&folder, &["payer"]);
    scene.world.set("payer", Manner::Hangs);
    let settings = Settings {
        drain: Duration::ZERO,
        ..Settings::default()
    };
    let running = scene.run(settings);
    let id = scene.put("payer").await;
    scene.until_seen(1).await;
    assert_eq!(running.stop().await.broken_off, 1);
    assert_eq!(scene.message(id).await.trouble.unwrap().as_str(), "broken-off");
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    let running = scene.run(settings);
    scene.until(id, Standing::Delivered).await;
    assert_eq!(scene.world.seen().len(), 2);
    running.stop().await;
}
