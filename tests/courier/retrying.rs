//! One message until it is delivered or given up (ROB-011, ROB-014, ROB-016).

use std::time::Duration;

use tokio::time::Instant;

use cartage::flow::courier::Settings;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Standing;
use cartage::observe::event::Kind;
use cartage::upstream::attempt::Trouble;

use crate::scene::Manner;
use crate::scene::RULE;
use crate::scene::Scene;

#[tokio::test(start_paused = true)]
async fn what_is_put_out_is_sent_at_once() {
    let mut scene = Scene::new(&["payer"]);
    let running = scene.run(Settings::default());
    // Once the courier sleeps, so that it must be woken.
    tokio::time::sleep(Duration::from_hours(5)).await;
    let before = Instant::now();
    let id = scene.put("payer").await;
    scene.until(id, Standing::Delivered).await;
    assert_eq!(before.elapsed(), Duration::ZERO, "only the bell woke it");
    assert_eq!(scene.world.seen().len(), 1);
    assert_eq!(scene.journal.tally().of(Kind::Delivered), 1);
    running.stop().await;
}

/// ROB-011, ROB-014
#[tokio::test(start_paused = true)]
async fn each_attempt_has_the_same_identity_and_waits_longer() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Fails(Trouble::Cut));
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    scene.until_seen(4).await;
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    scene.until(id, Standing::Delivered).await;
    let seen = scene.world.seen();
    assert_eq!(seen.len(), 5);
    assert!(seen.iter().all(|seen| seen.id == id.to_string()));
    let waits: Vec<_> = seen
        .windows(2)
        .map(|two| two[1].at.saturating_sub(two[0].at))
        .collect();
    for (wait, longest) in waits.iter().zip([10, 20, 40, 80].map(Duration::from_secs)) {
        assert!(
            (longest / 2..=longest + Duration::from_secs(1)).contains(wait),
            "{waits:?}"
        );
    }
    assert_eq!(scene.message(id).await.attempts, 5);
    assert_eq!(scene.journal.tally().of(Kind::Faltered), 4);
    running.stop().await;
}

/// ROB-014
#[tokio::test(start_paused = true)]
async fn a_pause_that_is_asked_for_is_kept() {
    let mut scene = Scene::new(&["payer"]);
    let pause = Duration::from_mins(20);
    scene.world.set("payer", Manner::Says(503, Some(pause)));
    let running = scene.run(Settings::default());
    let first = scene.put("payer").await;
    scene.until_seen(1).await;
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    // Another message for the same destination leaves it alone as well.
    let second = scene.put("payer").await;
    scene.until(first, Standing::Delivered).await;
    scene.until(second, Standing::Delivered).await;
    assert!(
        scene.world.seen()[1..].iter().all(|seen| seen.at >= pause),
        "{:?}",
        scene.world.seen()
    );
    running.stop().await;
}

/// ROB-014, ROB-016
#[tokio::test(start_paused = true)]
async fn what_cannot_heal_goes_to_the_dead_letters_at_once() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Says(422, None));
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    scene.until(id, Standing::Dead).await;
    assert_eq!(scene.world.seen().len(), 1);
    assert_eq!(scene.message(id).await.trouble.unwrap().as_str(), "status-422");
    running.stop().await;
}

/// ROB-014, ROB-016
#[tokio::test(start_paused = true)]
async fn a_message_whose_life_is_spent_is_a_dead_letter() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Fails(Trouble::NoConnection));
    let running = scene.run(Settings::default());
    let before = Instant::now();
    let id = scene.put("payer").await;
    scene.until(id, Standing::Dead).await;
    assert!(before.elapsed() >= RULE.life);
    assert!(before.elapsed() <= RULE.life + Duration::from_mins(15));
    let message = scene.message(id).await;
    assert_eq!(message.trouble.unwrap().as_str(), "no-connection");
    assert_eq!(message.attempts as usize, scene.world.seen().len());
    assert_eq!(scene.journal.tally().of(Kind::DeadLetter), 1);
    running.stop().await;
}

/// ROB-014, ROB-015
#[tokio::test(start_paused = true)]
async fn a_long_backlog_of_a_dead_destination_dies_when_its_time_has_come() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Fails(Trouble::NoConnection));
    let running = scene.run(Settings::default());
    let mut old = Vec::new();
    for _ in 0..600 {
        old.push(scene.put("payer").await);
    }
    tokio::time::sleep(RULE.life / 2).await;
    let mut young = Vec::new();
    for _ in 0..20 {
        young.push(scene.put("payer").await);
    }
    tokio::time::sleep(RULE.life / 2 + Duration::from_mins(30)).await;
    for id in old {
        assert_eq!(scene.standing(id).await, Standing::Dead);
    }
    assert_eq!(scene.journal.tally().of(Kind::DeadLetter), 600);
    for id in &young {
        assert_eq!(scene.standing(*id).await, Standing::Waiting);
    }
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    for id in young {
        scene.until(id, Standing::Delivered).await;
    }
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_nobody_knows_how_to_send_stays_and_holds_up_no_other() {
    let mut scene = Scene::new(&["payer"]);
    let running = scene.run(Settings::default());
    let mut odd = Vec::new();
    for _ in 0..20 {
        odd.push(scene.put_out("payer", b"teleport".to_vec()).await);
    }
    let good = scene.put("payer").await;
    scene.until(good, Standing::Delivered).await;
    assert_eq!(scene.world.seen().len(), 1);
    assert_eq!(scene.journal.tally().of(Kind::LaneRests), 0);
    let odd = scene.message(odd[0]).await;
    assert_eq!(odd.standing, Standing::Waiting);
    assert_eq!(odd.trouble.unwrap().as_str(), "unsuited");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_partner_without_an_address_is_reached_when_it_has_one() {
    let mut scene = Scene::new(&["payer"]);
    let address = scene.clerk.addresses.lock().unwrap().remove("payer").unwrap();
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    tokio::time::sleep(Duration::from_mins(30)).await;
    assert!(scene.world.seen().is_empty());
    assert_eq!(scene.message(id).await.trouble.unwrap().as_str(), "no-address");
    scene
        .clerk
        .addresses
        .lock()
        .unwrap()
        .insert("payer".to_owned(), address);
    scene.until(id, Standing::Delivered).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_became_of_a_message_is_noted_when_the_ledger_has_time() {
    let mut scene = Scene::new(&["payer"]);
    *scene.clerk.refusals.lock().unwrap() = vec![LedgerError::Busy; 5];
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    scene.until(id, Standing::Delivered).await;
    assert_eq!(scene.world.seen().len(), 1, "it is not sent again for that");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_noted_at_first_is_noted_later_and_not_sent_again() {
    let mut scene = Scene::new(&["payer"]);
    *scene.clerk.refusals.lock().unwrap() = vec![LedgerError::Malformed("as the test wants it")];
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    scene.until(id, Standing::Delivered).await;
    assert_eq!(scene.world.seen().len(), 1);
    assert_eq!(scene.journal.tally().of(Kind::Unsettled), 0);
    running.stop().await;
}

/// ROB-014
#[tokio::test(start_paused = true)]
async fn what_was_taken_and_can_never_be_noted_waits_for_a_person() {
    let mut scene = Scene::new(&["payer"]);
    let refusals = (0..100).map(|_| LedgerError::Malformed("as the test wants it"));
    *scene.clerk.refusals.lock().unwrap() = refusals.collect();
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    // The end is noted past the clerk, who would tell; the clock runs ahead where nobody works.
    while scene.standing(id).await != Standing::Dead {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(scene.world.seen().len(), 1, "it is not sent again");
    assert_eq!(scene.journal.tally().of(Kind::Unsettled), 1);
    assert_eq!(scene.journal.tally().of(Kind::DeadLetter), 1);
    running.stop().await;
}

/// ROB-014
#[tokio::test(start_paused = true)]
async fn what_was_not_taken_and_cannot_be_noted_is_sent_again() {
    let mut scene = Scene::new(&["payer"]);
    scene.world.set("payer", Manner::Fails(Trouble::NoConnection));
    *scene.clerk.refusals.lock().unwrap() = vec![LedgerError::Malformed("as the test wants it")];
    let running = scene.run(Settings::default());
    let id = scene.put("payer").await;
    scene.until_seen(1).await;
    scene.world.set("payer", Manner::Takes(Duration::ZERO));
    scene.until(id, Standing::Delivered).await;
    let seen = scene.world.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].id, seen[1].id);
    assert!(seen[1].at >= Settings::default().unsettled);
    assert_eq!(scene.journal.tally().of(Kind::Unsettled), 1);
    running.stop().await;
}

/// ROB-021
#[tokio::test(start_paused = true)]
async fn a_step_of_the_wall_clock_neither_hurries_nor_delays() {
    const TEN_YEARS: Duration = Duration::from_hours(24 * 3653);
    for ahead in [true, false] {
        let mut scene = Scene::new(&["payer"]);
        scene.world.set("payer", Manner::Fails(Trouble::NoConnection));
        let running = scene.run(Settings::default());
        let mut all = Vec::new();
        for _ in 0..8 {
            all.push(scene.put("payer").await);
        }
        scene.until_seen(8).await;
        scene.step(TEN_YEARS, ahead);
        all.push(scene.put("payer").await);
        tokio::time::sleep(Duration::from_hours(1)).await;
        let seen = scene.world.seen().len();
        assert!((9..=30).contains(&seen), "{seen}");
        for id in &all {
            assert_eq!(
                scene.standing(*id).await,
                Standing::Waiting,
                "nothing expires early"
            );
        }
        scene.world.set("payer", Manner::Takes(Duration::ZERO));
        let before = Instant::now();
        for id in all {
            scene.until(id, Standing::Delivered).await;
        }
        assert!(before.elapsed() <= Duration::from_hours(2));
        running.stop().await;
    }
}
