//! In which order the gateway syncs and answers, as strace saw it.

use std::collections::BTreeMap;

/// What happened, as far as it matters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    /// A request began to arrive.
    Request,
    /// A sync of this file or folder returned and was good.
    Synced(String),
    /// A good answer left.
    Answer,
}

/// Reads the log of `strace -f -y -s 64`.
pub(crate) fn read(log: &str) -> Vec<Seen> {
    // What each thread is in the middle of.
    let mut begun: BTreeMap<&str, String> = BTreeMap::new();
    let mut seen = Vec::new();
    for line in log.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        if call.contains("POST /fhir/$submit-attachment") {
            seen.push(Seen::Request);
        }
        let is_sent = ["sendto(", "write(", "writev("]
            .iter()
            .any(|name| call.starts_with(name));
        if is_sent && call.contains("HTTP/1.1 200 OK") {
            // An answer counts from where its call begins, a sync from where it returns.
            seen.push(Seen::Answer);
        }
        if call.starts_with("fsync(") || call.starts_with("fdatasync(") {
            let path = call.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            if call.contains("unfinished") {
                begun.insert(thread, path);
            } else if call.ends_with("= 0") {
                seen.push(Seen::Synced(path));
            }
        }
        if call.contains("sync resumed>") && call.ends_with("= 0") {
            seen.extend(begun.remove(thread).map(Seen::Synced));
        }
    }
    seen
}
