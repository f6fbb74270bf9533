//! The audit (SEC-032).

use cartage::ledger::entry::AuditEvent;
use cartage::ledger::ids::Viewer;

use crate::world::World;
use crate::world::bare;
use crate::world::noon;
use crate::world::tenant;
use crate::world::viewer;

fn event(name: &str, content: &str) -> AuditEvent {
    AuditEvent {
        tenant: tenant(name),
        content: content.as_bytes().into(),
    }
}

pub(crate) fn events_are_chained_and_proven(world: &World) {
    let mut entry = bare();
    entry.audit = vec![event("mercy", "one"), event("mercy", "two")];
    world.commit(entry);
    let mut entry = bare();
    entry.audit = vec![event("payer", "three")];
    world.commit(entry);
    let events = world.store.audit(&Viewer::Operator, None, 10).wait().unwrap();
    let contents: Vec<&[u8]> = events.iter().map(|event| event.content.as_bytes()).collect();
    assert_eq!(contents, [&b"one"[..], b"two", b"three"]);
    let numbers: Vec<u64> = events.iter().map(|event| event.id.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(events.iter().all(|event| event.at == noon()));
    let report = world.store.verify_audit().wait().unwrap();
    assert_eq!(report.events, 3);
    assert!(report.faults.is_empty());
    assert_eq!(report.heads, [(events[2].id, events[2].link)]);
    let rest = world.store.audit(&Viewer::Operator, Some(events[0].id), 1);
    assert_eq!(rest.wait().unwrap(), events[1..2]);
}

pub(crate) fn tenants_see_their_own_events(world: &World) {
    let mut entry = bare();
    entry.audit = vec![event("mercy", "one"), event("payer", "two")];
    world.commit(entry);
    let seen = world.store.audit(&viewer("payer"), None, 10).wait().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].content.as_bytes(), b"two");
    let none = world.store.audit(&viewer("stranger"), None, 10).wait().unwrap();
    assert!(none.is_empty());
}
