//! How a courier ends, and what the next one finds (ROB-003, ROB-004, ROB-018).

use std::time::Duration;

use tokio::time::Instant;

use cartage::flow::courier::Ended;
use cartage::flow::courier::Settings;
use cartage::ledger::found::Standing;
use cartage::ledger::store::Store as _;

use crate::scene::Manner;
use crate::scene::Scene;

/// ROB-018
#[tokio::test(start_paused = true)]
async fn what_is_under_way_may_end_and_nothing_new_begins() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Takes(Duration::from_secs(20)));
    let settings = Settings {
        lane: 1,
        ..Settings::default()
    };
    let running = scene.run(settings);
    let first = scene.put("payer").await;
    let second = scene.put("payer").await;
    scene.until_seen(1).await;
    assert_eq!(running.stop().await, Ended { broken_off: 0 });
    assert_eq!(scene.standing(first).await, Standing::Delivered);
    assert_eq!(scene.standing(second).await, Standing::Waiting);
    assert_eq!(scene.world.seen().len(), 1);
}

/// ROB-018
#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_given_back_and_sent_by_the_next() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Hangs);
    let settings = Settings::default();
    let running = scene.run(settings);
    let id = scene.put("payer").await;
    scene.until_seen(1).await;
    let before = Instant::now();
    assert_eq!(running.stop().await, Ended { broken_off: 1 });
    assert!(before.elapsed() <= Duration::from_secs(30));
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    let before = Instant::now();
    let running = scene.run(settings);
    scene.until(id, Standing::Delivered).await;
    assert_eq!(before.elapsed(), Duration::ZERO, "its lease was given back");
    let seen = scene.world.seen();
    assert_eq!(seen[0].id, seen[1].id);
    running.stop().await;
}

/// ROB-004, ROB-011
#[tokio::test(start_paused = true)]
async fn after_a_crash_all_is_sent_under_the_same_identity() {
    let mut scene = Scene::new(&["payer", "clinic"]);
    scene.world.set("payer", Manner::Hangs);
    let running = scene.run(Settings::default());
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(scene.put("payer").await);
        all.push(scene.put("clinic").await);
    }
    scene.until_seen(10).await;
    running.kill().await;
    scene.store.crash();
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    let running = scene.run(Settings::default());
    for id in &all {
        scene.until(*id, Standing::Delivered).await;
        assert!(scene.world.seen().iter().any(|seen| seen.id == id.to_string()));
    }
    running.stop().await;
}

/// ROB-003
#[tokio::test(start_paused = true)]
async fn a_ledger_that_stores_nothing_more_ends_it() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Takes(Duration::from_secs(5)));
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    scene.until_seen(1).await;
    scene.store.fail_sync();
    let fault = running.end().await.unwrap_err();
    assert!(fault.is_final(), "{fault}");
    scene.store.crash();
    assert_eq!(
        scene.standing(id).await,
        Standing::Waiting,
        "what was not noted is sent again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_is_busy_is_asked_again() {
    let mut scene = Scene::new(&["payer"]);
    let id = scene.put("payer").await;
    scene.store.hold();
    scene.store.set_queue(0);
    let running = scene.run(Settings::default());
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(scene.world.seen().is_empty());
    scene.store.release();
    scene.until(id, Standing::Delivered).await;
    assert!(scene.store.lanes().await.unwrap().is_empty());
    running.stop().await;
}
