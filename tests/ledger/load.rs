//! What is accepted by the processes that are killed, and how it is looked at afterwards.

#![allow(
    dead_code,
    reason = "each program that shares this file uses its own part of it"
)]

use cartage::ledger::blobs::BlobStore;
use cartage::ledger::blobs::read_whole;
use cartage::ledger::body::Body;
use cartage::ledger::body::Part;
use cartage::ledger::digest::Digest;
use cartage::ledger::entry::AuditEvent;
use cartage::ledger::entry::Entry;
use cartage::ledger::entry::Once;
use cartage::ledger::entry::Received;
use cartage::ledger::error::LedgerError;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::EntryId;
use cartage::ledger::ids::Viewer;
use cartage::ledger::store::Store;

use crate::world;
use crate::world::bare;
use crate::world::change;
use crate::world::folio;
use crate::world::once;
use crate::world::outbound;
use crate::world::outbound_id;
use crate::world::tenant;

/// What a process was told of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Acknowledged {
    pub(crate) entry: u64,
    pub(crate) number: u64,
}

/// The payload of a key: short ones stay inline, some go to the log, few have a segment of their own.
pub(crate) fn payload(key: u64) -> Vec<u8> {
    let length = match key % 20 {
        0 => 300_000,
        1..=4 => 20_000,
        _ => 2_000,
    };
    let mut bytes = vec![key.to_le_bytes()[0]; length];
    bytes[..8].copy_from_slice(&key.to_le_bytes());
    bytes
}

/// The entry of a key: received, its folio, a message with a control number, an event of the audit.
pub(crate) fn entry(key: u64, blobs: &dyn BlobStore) -> Result<Entry, LedgerError> {
    let bytes = payload(key);
    let mut writer = blobs.create(&tenant("mercy"));
    for chunk in bytes.chunks(64 * 1024) {
        writer.write(chunk).wait()?;
    }
    let kept = writer.finish().wait()?;
    let mut entry = bare();
    entry.key = Some(Once {
        content: kept.digest,
        ..once(&key.to_string(), "")
    });
    entry.received = Some(Received {
        body: Body {
            parts: vec![kept.part],
        },
        facts: b"facts"[..].into(),
        decision: b"decision"[..].into(),
    });
    entry.folios.push(change(folio(key + 1), None, "open"));
    entry
        .outbound
        .push(outbound(outbound_id(key + 1, 1), &key.to_string()));
    entry.audit.push(AuditEvent {
        tenant: tenant("mercy"),
        content: key.to_le_bytes().to_vec().into(),
    });
    entry.answer = Some(Body::inline(format!("taken {key}").into_bytes()).into());
    Ok(entry)
}

/// Looks at all that a key must have brought about.
pub(crate) fn check_one(
    store: &dyn Store,
    blobs: &dyn BlobStore,
    key: u64,
    told: &Acknowledged,
    standing: Standing,
) {
    let stored = store
        .entry(&Viewer::Operator, EntryId::new(told.entry))
        .wait()
        .unwrap();
    let stored = stored.unwrap_or_else(|| panic!("key {key} is lost"));
    assert_eq!(
        stored.answer,
        Some(Body::inline(format!("taken {key}").into_bytes()))
    );
    let bytes = match &stored.received.unwrap().body.parts[..] {
        [Part::Inline(bytes)] => bytes.as_bytes().to_vec(),
        [Part::Blob(blob)] => read_whole(blobs, blob, 1 << 20).unwrap(),
        other => panic!("key {key} is {other:?}"),
    };
    assert!(bytes == payload(key), "key {key} is altered");
    assert_eq!(stored.content, Some(Digest::of(&bytes)));
    let message = store.outbound(&Viewer::Operator, outbound_id(key + 1, 1)).wait();
    let message = message
        .unwrap()
        .unwrap_or_else(|| panic!("the message of key {key} is lost"));
    let text = world::text(message.body.as_ref().unwrap());
    assert_eq!(text, format!("ISA*{:09}*{key}", told.number));
    assert_eq!(message.standing, standing);
}
