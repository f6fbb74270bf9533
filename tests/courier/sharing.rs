//! Many destinations, some of them sick (ROB-015, ROB-017).

use std::time::Duration;

use tokio::time::Instant;

use cartage::flow::courier::Settings;
use cartage::ledger::found::Standing;
use cartage::observe::event::Kind;
use cartage::upstream::attempt::Trouble;

use crate::scene::Manner;
use crate::scene::Scene;

const LANES: [&str; 10] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];

/// Messages for each of ten destinations, of which the first is sick; the others have theirs as if it were well.
async fn nine_are_not_held_up_by(sick: Manner) {
    let settings = Settings {
        lane: 4,
        // So few that the sick one could take them all.
        all: 4,
        ..Settings::default()
    };
    let mut scene = Scene::new(&LANES);
    let each = Duration::from_millis(100);
    for lane in LANES {
        scene.world.set(lane, Manner::Takes(each));
    }
    scene.world.set(LANES[0], sick.clone());
    let running = scene.run(settings);
    let (mut of_sick, mut of_others) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        of_sick.push(scene.put(LANES[0]).await);
    }
    for _ in 0..20 {
        for lane in &LANES[1..] {
            of_others.push(scene.put(lane).await);
        }
    }
    let before = Instant::now();
    for id in &of_others {
        scene.until(*id, Standing::Delivered).await;
    }
    // Each of nine always has one under way: twenty rounds, and nothing is waited for in between.
    assert!(before.elapsed() <= each * 21, "{sick:?}: {:?}", before.elapsed());
    // The destination heals: its backlog is delivered in full, each message once.
    scene.world.set(LANES[0], Manner::Takes(each));
    for id in &of_sick {
        scene.until(*id, Standing::Delivered).await;
    }
    running.stop().await;
}

/// ROB-015
#[tokio::test(start_paused = true)]
async fn one_that_is_down_holds_up_nobody() {
    nine_are_not_held_up_by(Manner::Fails(Trouble::NoConnection)).await;
}

/// ROB-015
#[tokio::test(start_paused = true)]
async fn one_that_never_comes_back_holds_up_nobody() {
    nine_are_not_held_up_by(Manner::Hangs).await;
}

/// ROB-015
#[tokio::test(start_paused = true)]
async fn one_that_is_slow_holds_up_nobody() {
    nine_are_not_held_up_by(Manner::Takes(Duration::from_mins(50))).await;
}

/// ROB-015
#[tokio::test(start_paused = true)]
async fn one_that_answers_garbage_holds_up_nobody() {
    nine_are_not_held_up_by(Manner::Fails(Trouble::Garbled)).await;
}

/// ROB-015, ROB-022
#[tokio::test(start_paused = true)]
async fn an_attempt_that_panics_touches_no_other() {
    let mut scene = Scene::new(&LANES[..2]);
    scene.world.set(LANES[0], Manner::Panics);
    let running = scene.run(Settings::default());
    let lost = scene.put(LANES[0]).await;
    let other = scene.put(LANES[1]).await;
    scene.until(other, Standing::Delivered).await;
    // Its lease runs out, and then it is sent again.
    scene.world.set(LANES[0], Manner::Takes(Duration::ZERO));
    scene.until(lost, Standing::Delivered).await;
    assert_eq!(scene.world.seen_by(LANES[0]).len(), 2);
    running.stop().await;
}

/// ROB-017
#[tokio::test(start_paused = true)]
async fn no_more_is_under_way_than_is_allowed() {
    let settings = Settings {
        lane: 3,
        all: 8,
        ..Settings::default()
    };
    let mut scene = Scene::new(&LANES);
    for lane in LANES {
        scene.world.set(lane, Manner::Takes(Duration::from_secs(1)));
    }
    let mut all = Vec::new();
    for _ in 0..30 {
        for lane in LANES {
            all.push(scene.put(lane).await);
        }
    }
    let running = scene.run(settings);
    for id in all {
        scene.until(id, Standing::Delivered).await;
    }
    let (of_lane, in_all) = scene.world.most();
    assert!(of_lane <= 3, "{of_lane}");
    // Each destination may have one beyond the common bound.
    assert!(in_all <= 8 + LANES.len(), "{in_all}");
    assert_eq!(scene.world.seen().len(), 300);
    running.stop().await;
}

/// ROB-015
#[tokio::test(start_paused = true)]
async fn a_sick_destination_is_asked_by_one_message_at_a_time() {
    let mut scene = Scene::new(&LANES[..1]);
    scene.world.set(LANES[0], Manner::Fails(Trouble::NoConnection));
    let mut all = Vec::new();
    for _ in 0..100 {
        all.push(scene.put(LANES[0]).await);
    }
    let settings = Settings::default();
    let running = scene.run(settings);
    tokio::time::sleep(Duration::from_hours(1)).await;
    let seen = scene.world.seen().len();
    // The first round, and then a probe after each rest: far from an attempt for each message and wait.
    assert!(seen <= settings.lane * 2 + 12, "{seen}");
    assert_eq!(scene.journal.tally().of(Kind::LaneRests), 1);
    scene.world.set(LANES[0], Manner::Takes(Duration::ZERO));
    for id in all {
        scene.until(id, Standing::Delivered).await;
    }
    assert_eq!(scene.journal.tally().of(Kind::LaneHealed), 1);
    running.stop().await;
}
