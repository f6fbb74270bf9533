//! `cartage exchanges` asked of a gateway that runs, and of what it left behind (ROB-026, SEC-030).
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "tests may stop, and use a part of what they share"
)]

#[path = "crash/gateway.rs"]
mod gateway;
#[path = "crash/load.rs"]
mod load;
#[path = "crash/receiver.rs"]
mod receiver;

use std::process::Command;
use std::process::Output;
use std::sync::Arc;

use cartage::base::clock::Clock;
use cartage::base::clock::SystemClock;
use cartage::ledger::digest::Digest;
use cartage::ledger::local::Ledger;
use cartage::ledger::local::Settings;
use serde_json::Value;

use gateway::Gateway;
use gateway::Site;
use receiver::Receiver;

fn ask(site: &Site, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cartage"))
        .arg("exchanges")
        .args(words)
        .arg("-c")
        .arg(site.config())
        .output()
        .unwrap()
}

#[track_caller]
fn answer(site: &Site, words: &[&str]) -> Value {
    let output = ask(site, words);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Waits until the one exchange was sent on, and that is noted.
fn settled(site: &Site, id: &str) -> Value {
    loop {
        let told = answer(site, &["show", id, "--json"]);
        if told["exchange"]["sent"][0]["standing"] == "delivered" {
            return told;
        }
    }
}

#[test]
fn every_hop_is_told_and_nobody_is_named() {
    let receiver = Receiver::start();
    let site = Site::new(receiver.address);
    let gateway = Gateway::start(&site, &[]).unwrap();
    let (status, _) = load::post(gateway.door, 1).unwrap();
    assert_eq!(status, 200);
    receiver.wait_for(&[1].into());
    let listed = answer(&site, &["list", "--json"]);
    let exchange = &listed["list"]["exchanges"][0];
    assert_eq!(
        (exchange["asks"].as_str(), exchange["answers"].as_str()),
        (Some("harbor"), Some("clinic"))
    );
    let id = exchange["id"].as_str().unwrap();
    let told = settled(&site, id);
    let hops = told["exchange"]["hops"].as_array().unwrap();
    let whats: Vec<&str> = hops.iter().map(|hop| hop["what"].as_str().unwrap()).collect();
    for what in ["received", "decided", "queued", "answered", "sent"] {
        assert!(whats.contains(&what), "{what} is missing in {whats:?}");
    }
    // ROB-026: what was received can be proven.
    let received = told
        .to_string()
        .contains(&Digest::of(&load::submission(1)).to_hex());
    assert!(received, "the digest of what came is told");
    let table = String::from_utf8(ask(&site, &["list"]).stdout).unwrap();
    assert!(table.starts_with("EXCHANGE") && table.contains(id), "{table}");
    let shown = String::from_utf8(ask(&site, &["show", id]).stdout).unwrap();
    for canary in [
        load::tracking(1).as_str(),
        "HP0042117",
        "2026-11-03",
        "000000010000000100000001",
    ] {
        for text in [&shown, &table, &told.to_string(), &listed.to_string()] {
            assert!(!text.contains(canary), "{canary} is shown in {text}");
        }
    }
    let listed = answer(&site, &["list", "--json"]);
    gateway.stop();
    // What it left behind says the same.
    assert_eq!(answer(&site, &["list", "--json"]), listed);
    assert_eq!(answer(&site, &["show", id, "--json"]), told);
}

#[test]
fn lists_are_cut_into_pages_and_filtered() {
    let receiver = Receiver::start();
    let site = Site::new(receiver.address);
    let gateway = Gateway::start(&site, &[]).unwrap();
    for key in 4..9 {
        assert_eq!(load::post(gateway.door, key).unwrap().0, 200);
    }
    receiver.wait_for(&(4..9).collect());
    gateway.stop();
    let ids = |words: &[&str]| -> (Vec<String>, Option<String>) {
        let listed = answer(&site, words);
        let lines = listed["list"]["exchanges"].as_array().unwrap();
        let ids = lines.iter().map(|line| line["id"].as_str().unwrap().to_owned());
        (ids.collect(), listed["list"]["older"].as_str().map(str::to_owned))
    };
    let (all, none) = ids(&["list", "--json"]);
    assert_eq!((all.len(), none), (5, None));
    assert!(all.is_sorted_by(|newer, older| newer > older), "{all:?}");
    let (first, older) = ids(&["list", "--json", "--most", "3"]);
    let (second, _) = ids(&["list", "--json", "--before", &older.unwrap()]);
    assert_eq!([first, second].concat(), all);
    assert_eq!(
        ids(&["list", "--json", "--partner", "clinic", "--state", "open"]).0,
        all
    );
    assert!(ids(&["list", "--json", "--partner", "nobody"]).0.is_empty());
    assert!(ids(&["list", "--json", "--state", "completed"]).0.is_empty());
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let receiver = Receiver::start();
    let site = Site::new(receiver.address);
    let check = |words: &[&str], code: i32, says: &str| {
        let output = ask(&site, words);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.code() == Some(code) && text.contains(says),
            "{words:?}: {text}"
        );
    };
    check(&["list"], 2, "there is no ledger");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let (ledger, _) = Ledger::open(&Settings::of(site.data()), &clock).unwrap();
    check(&["list"], 2, "a gateway works on");
    drop(ledger);
    check(&["list"], 0, "no exchanges");
    check(&["show", "x1"], 1, "there is nothing of this name");
    check(&["show", "nonsense"], 1, "there is nothing of this name");
    check(&["list", "--partner", "no name"], 2, "no name of a partner");
}
