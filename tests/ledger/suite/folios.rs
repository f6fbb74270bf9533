//! Folios: their versions, who sees them, and what they are found by.

use cartage::ledger::entry::FolioChange;
use cartage::ledger::entry::Handle;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Folio;
use cartage::ledger::found::Search;
use cartage::ledger::ids::FolioId;
use cartage::ledger::ids::Viewer;

use crate::world::World;
use crate::world::bare;
use crate::world::change;
use crate::world::folio;
use crate::world::minutes;
use crate::world::noon;
use crate::world::tenant;
use crate::world::version;
use crate::world::viewer;

/// Commits one change.
#[track_caller]
fn write(world: &World, change: FolioChange) {
    let mut entry = bare();
    entry.folios.push(change);
    world.commit(entry);
}

fn refuse(world: &World, tenant_name: &str, change: FolioChange) -> LedgerError {
    let mut entry = bare();
    entry.tenant = tenant(tenant_name);
    entry.folios.push(change);
    world.store.commit(entry).wait().unwrap_err()
}

fn handle(kind: &str, value: &str) -> Handle {
    Handle::of(&tenant("mercy"), kind, value.as_bytes())
}

fn find(world: &World, search: Search) -> Vec<u64> {
    let found = world.store.find(&viewer("mercy"), search).wait().unwrap();
    found.iter().map(|folio| folio.id.number()).collect()
}

pub(crate) fn a_folio_is_new_and_then_changed(world: &World) {
    write(world, change(folio(7), None, "asked"));
    let mut second = bare();
    second.at = noon() + minutes(1);
    second.folios.push(FolioChange {
        kind: 2,
        peer: None,
        wake: Some(noon() + minutes(9)),
        open: false,
        ..change(folio(7), Some(version(1)), "answered")
    });
    world.commit(second);
    let expected = Folio {
        id: folio(7),
        version: version(2),
        kind: 2,
        owner: tenant("mercy"),
        peer: None,
        content: b"answered"[..].into(),
        at: noon() + minutes(1),
        wake: Some(noon() + minutes(9)),
        open: false,
    };
    let found = world.store.folio(&viewer("mercy"), folio(7)).wait().unwrap();
    assert_eq!(found, Some(expected));
}

pub(crate) fn a_change_from_another_version_is_stale(world: &World) {
    write(world, change(folio(7), None, "a"));
    write(world, change(folio(7), Some(version(1)), "b"));
    let stale = refuse(world, "mercy", change(folio(7), Some(version(1)), "c"));
    assert!(matches!(stale, LedgerError::Stale { found: Some(found), .. } if found == version(2)));
    let absent = refuse(world, "mercy", change(folio(8), Some(version(1)), "c"));
    assert!(matches!(absent, LedgerError::Stale { found: None, .. }));
    let twice = refuse(world, "mercy", change(folio(7), None, "c"));
    assert!(matches!(twice, LedgerError::Exists { folio: id } if id == folio(7)));
}

/// SEC-005: for others it is as if there were none.
pub(crate) fn a_folio_of_others_does_not_exist(world: &World) {
    write(
        world,
        FolioChange {
            handles: Some(vec![handle("id", "1")]),
            keep_past: true,
            ..change(folio(7), None, "a")
        },
    );
    let stranger = viewer("stranger");
    assert_eq!(world.store.folio(&stranger, folio(7)).wait().unwrap(), None);
    let versions = world.store.versions(&stranger, folio(7), None, 10);
    assert!(versions.wait().unwrap().is_empty());
    let search = Search {
        all_of: vec![vec![handle("id", "1")]],
        ..Search::default()
    };
    assert!(world.store.find(&stranger, search).wait().unwrap().is_empty());
    let everything = world.store.find(&stranger, Search::default());
    assert!(everything.wait().unwrap().is_empty());
    let stolen = refuse(world, "stranger", change(folio(7), Some(version(1)), "mine"));
    assert!(matches!(stolen, LedgerError::Stale { found: None, .. }));
    // The peer sees it, and may move it on.
    assert!(
        world
            .store
            .folio(&viewer("payer"), folio(7))
            .wait()
            .unwrap()
            .is_some()
    );
    let mut by_peer = bare();
    by_peer.tenant = tenant("payer");
    by_peer.folios.push(change(folio(7), Some(version(1)), "b"));
    world.commit(by_peer);
}

pub(crate) fn the_past_is_kept_where_it_is_asked_for(world: &World) {
    write(world, change(folio(7), None, "one"));
    for (from, content, keep_past) in [(1, "two", true), (2, "three", false), (3, "four", true)] {
        write(
            world,
            FolioChange {
                keep_past,
                ..change(folio(7), Some(version(from)), content)
            },
        );
    }
    let versions = |below: Option<u32>, most| {
        let found = world
            .store
            .versions(&viewer("mercy"), folio(7), below.map(version), most);
        let found = found.wait().unwrap().into_iter();
        let shown = found.map(|folio| (folio.version.number(), folio.content.into_bytes()));
        shown.collect::<Vec<_>>()
    };
    let (one, three, four) = (
        (1, b"one".to_vec()),
        (3, b"three".to_vec()),
        (4, b"four".to_vec()),
    );
    assert_eq!(versions(None, 10), [four.clone(), three.clone(), one.clone()]);
    assert_eq!(versions(Some(4), 1), std::slice::from_ref(&three));
    assert_eq!(versions(Some(3), 10), [one]);
    assert_eq!(versions(None, 2), [four, three]);
}

pub(crate) fn folios_are_found_by_all_of_some_handles(world: &World) {
    for (id, status, code) in [
        (1, "requested", "11506-3"),
        (2, "accepted", "11506-3"),
        (3, "requested", "18842-5"),
    ] {
        write(
            world,
            FolioChange {
                handles: Some(vec![handle("status", status), handle("code", code)]),
                ..change(folio(id), None, "task")
            },
        );
    }
    let by = |all_of: Vec<Vec<Handle>>| {
        find(
            world,
            Search {
                all_of,
                ..Search::default()
            },
        )
    };
    let status = |value| handle("status", value);
    assert_eq!(by(vec![vec![status("requested")]]), [3, 1]);
    assert_eq!(by(vec![vec![status("requested"), status("accepted")]]), [3, 2, 1]);
    assert_eq!(
        by(vec![vec![status("requested")], vec![handle("code", "11506-3")]]),
        [1]
    );
    assert!(by(vec![vec![handle("code", "requested")]]).is_empty());
    assert!(by(vec![Vec::new()]).is_empty());
    assert_eq!(by(Vec::new()), [3, 2, 1]);
}

pub(crate) fn handles_are_replaced_as_a_whole(world: &World) {
    let with = |from: Option<u32>, handles: Option<Vec<Handle>>| FolioChange {
        handles,
        ..change(folio(1), from.map(version), "task")
    };
    let has = |kind: &str, value: &str| {
        let search = Search {
            all_of: vec![vec![handle(kind, value)]],
            ..Search::default()
        };
        !find(world, search).is_empty()
    };
    write(
        world,
        with(None, Some(vec![handle("id", "1"), handle("status", "requested")])),
    );
    write(
        world,
        with(
            Some(1),
            Some(vec![handle("status", "accepted"), handle("id", "1")]),
        ),
    );
    assert!(has("id", "1") && has("status", "accepted") && !has("status", "requested"));
    write(world, with(Some(2), None));
    assert!(has("id", "1") && has("status", "accepted"));
    write(world, with(Some(3), Some(Vec::new())));
    assert!(!has("id", "1") && !has("status", "accepted"));
}

pub(crate) fn folios_are_found_by_time_and_kind_and_in_pages(world: &World) {
    for id in 1..=6 {
        let mut entry = bare();
        entry.at = noon() + minutes(id);
        entry.folios.push(FolioChange {
            kind: u8::try_from(id % 2).unwrap(),
            ..change(folio(id), None, "x")
        });
        world.commit(entry);
    }
    let page = |below: Option<FolioId>| Search {
        below,
        most: 4,
        ..Search::default()
    };
    assert_eq!(find(world, page(None)), [6, 5, 4, 3]);
    assert_eq!(find(world, page(Some(folio(3)))), [2, 1]);
    let odd = Search {
        kind: Some(1),
        ..Search::default()
    };
    assert_eq!(find(world, odd), [5, 3, 1]);
    let open = |most| Search {
        open: true,
        most,
        ..Search::default()
    };
    write(
        world,
        FolioChange {
            kind: 0,
            open: false,
            ..change(folio(6), Some(version(1)), "x")
        },
    );
    assert_eq!(
        find(world, open(2)),
        [5, 4],
        "what has ended takes nobody's place"
    );
    let between = Search {
        since: Some(noon() + minutes(2)),
        until: Some(noon() + minutes(5)),
        ..Search::default()
    };
    assert_eq!(find(world, between), [4, 3, 2]);
}

/// What conditional create stands on, and what keeps two first messages from opening two conversations.
pub(crate) fn a_handle_that_was_to_be_unused_is_refused(world: &World) {
    let open = |id| {
        let mut entry = bare();
        entry.unused.push(handle("tracking-id", "T-1"));
        entry.folios.push(FolioChange {
            handles: Some(vec![handle("tracking-id", "T-1")]),
            ..change(folio(id), None, "x")
        });
        entry
    };
    world.commit(open(1));
    let refusal = world.store.commit(open(2)).wait().unwrap_err();
    assert!(matches!(refusal, LedgerError::Exists { folio: id } if id == folio(1)));
    assert_eq!(
        world.store.folio(&Viewer::Operator, folio(2)).wait().unwrap(),
        None
    );
}

pub(crate) fn folios_wake_the_most_overdue_first(world: &World) {
    for (id, wake) in [
        (1, Some(30)),
        (2, Some(10)),
        (3, None),
        (4, Some(20)),
        (5, Some(99)),
    ] {
        write(
            world,
            FolioChange {
                wake: wake.map(|wake| noon() + minutes(wake)),
                ..change(folio(id), None, "x")
            },
        );
    }
    let woken = |at, most| {
        let woken = world.store.woken(noon() + minutes(at), most).wait().unwrap();
        assert!(woken.iter().all(|woken| woken.owner == tenant("mercy")));
        woken.iter().map(|woken| woken.folio.number()).collect::<Vec<_>>()
    };
    assert!(woken(9, 10).is_empty());
    assert_eq!(woken(10, 10), [2]);
    assert_eq!(woken(30, 10), [2, 4, 1]);
    assert_eq!(woken(30, 2), [2, 4]);
    write(world, change(folio(2), Some(version(1)), "done"));
    assert_eq!(woken(30, 10), [4, 1]);
}
