//! Whether the doors are closed to whom they should be, and do not stand in each other's way.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::config::code;
use crate::config::lower::Lowered;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::report::View;
use crate::config::source::Origin;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Table;

/// Checks the doors, the console and the metrics.
pub(super) fn check(tree: &Table, lowered: &Lowered, report: &mut Report) {
    for (entry, door) in tree.named("listen") {
        complain_of_kind(entry, door, report);
        complain_of_plain_door(entry, door, report);
        complain_of_lists(door, report);
    }
    if let (Some(console), Some(table)) = (&lowered.console, tree.table("console"))
        && !console.address.ip().is_loopback()
        && console.sign_in.is_none()
        && table.whole
    {
        let text = "the console is open to others";
        let complaint = Complaint::new(&code::security::OPEN_CONSOLE, table.origin_of("address"), text);
        report.add(complaint.spot("off loopback it needs `sign-in`"));
    }
    if let (Some(metrics), Some(table)) = (lowered.observe.metrics, tree.table("observe"))
        && is_public(metrics)
    {
        let text = "the metrics are open to others";
        let complaint = Complaint::new(&code::security::OPEN_CONSOLE, table.origin_of("metrics"), text);
        report.add(complaint.spot("loopback or an address of the inside"));
    }
    complain_of_addresses(tree, report);
    complain_of_folders(tree, report);
}

/// An address that is neither of this machine nor of a private network.
fn is_public(address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(address) => {
            let ip = address.ip();
            !(ip.is_loopback() || ip.is_private() || ip.is_link_local())
        }
        SocketAddr::V6(address) => {
            let ip = address.ip();
            !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
    }
}

/// Complains of keys that a door of this kind needs or cannot have.
fn complain_of_kind(entry: &Entry, door: &Table, report: &mut Report) {
    const NETWORK: [&str; 4] = ["address", "tls", "plain", "limits"];
    const FOLDER: [&str; 5] = ["path", "pattern", "settle", "archive", "errors"];
    let Some(kind) = door.text("kind") else { return };
    let (needed, strangers): (&str, &[&str]) = if kind == "folder" {
        ("path", &NETWORK)
    } else {
        ("address", &FOLDER)
    };
    if door.find(needed).is_none() && door.whole {
        let text = format!("`{needed}` is missing in [listen.{}]", entry.name);
        let help = format!("a door of kind {kind} needs it");
        report.add(
            Complaint::new(&code::shape::MISSING_KEY, entry.origin, text)
                .view(View::Text)
                .help(help),
        );
    }
    for stranger in strangers.iter().filter(|stranger| door.find(stranger).is_some()) {
        let text = format!("`{stranger}` says nothing about a door of kind {kind}");
        report.add(Complaint::new(&code::shape::NOT_HERE, door.origin_of_key(stranger), text).spot(""));
    }
}

fn complain_of_plain_door(entry: &Entry, door: &Table, report: &mut Report) {
    let Some(address) = door
        .text("address")
        .and_then(|text| text.parse::<SocketAddr>().ok())
    else {
        return;
    };
    let closed = address.ip().is_loopback() || door.find("tls").is_some() || door.find("plain").is_some();
    if closed || !door.whole {
        return;
    }
    let text = format!("the door `{}` is open to others and has no TLS", entry.name);
    let complaint = Complaint::new(&code::security::PLAIN_DOOR, door.origin_of("address"), text);
    report.add(complaint.spot("not a loopback address").help(
        "add `tls = { cert = \"…\", key = { file = \"…\" } }`, listen at 127.0.0.1, or accept it: `plain = \"i-accept\"`",
    ));
}

/// Complains of lists of revoked certificates where none is asked for, and of what is said about no list.
fn complain_of_lists(door: &Table, report: &mut Report) {
    let Some(tls) = door.table("tls") else { return };
    for (name, needed) in [("crl", "client-ca"), ("unlisted", "crl")] {
        if tls.find(name).is_some() && tls.find(needed).is_none() && tls.whole {
            let text = format!("`{name}` says nothing without `{needed}`");
            report.add(Complaint::new(&code::shape::NOT_HERE, tls.origin_of_key(name), text).spot(""));
        }
    }
}

/// Every address that something listens at, where that is said, and what listens.
pub(super) fn addresses(tree: &Table) -> Vec<(SocketAddr, Origin, String)> {
    let doors = tree
        .named("listen")
        .map(|(entry, door)| (door.find("address"), format!("door `{}`", entry.name)));
    let console = tree.table("console").and_then(|table| table.find("address"));
    let metrics = tree.table("observe").and_then(|table| table.find("metrics"));
    let all = doors.chain([
        (console, "the console".to_owned()),
        (metrics, "the metrics".to_owned()),
    ]);
    let parsed = |(node, what): (Option<&Node>, String)| {
        let node = node?;
        Some((node.text()?.parse().ok()?, node.origin, what))
    };
    all.filter_map(parsed).collect()
}

fn complain_of_addresses(tree: &Table, report: &mut Report) {
    let mut seen: Vec<(SocketAddr, Origin, String)> = Vec::new();
    for (address, origin, what) in addresses(tree) {
        let meets = |other: SocketAddr| {
            // Port 0 is a different free port for each.
            address.port() != 0
                && address.port() == other.port()
                && (address.ip() == other.ip()
                    || address.ip().is_unspecified()
                    || other.ip().is_unspecified())
        };
        match seen.iter().find(|(other, ..)| meets(*other)) {
            Some((_, first, other)) => {
                let text = format!("{other} and {what} listen at one address");
                report.add(Complaint::new(&code::world::SAME_ADDRESS, origin, text).and(*first));
            }
            None => seen.push((address, origin, what)),
        }
    }
}

/// Complains of folders that are watched and delivered to, or watched twice.
fn complain_of_folders(tree: &Table, report: &mut Report) {
    let mut watched: HashMap<String, (Origin, &str)> = HashMap::new();
    for (entry, door) in tree.named("listen") {
        let Some((path, origin)) = door
            .find("path")
            .and_then(|node| Some((plain(node.text()?), node.origin)))
        else {
            continue;
        };
        if let Some((first, other)) = watched.get(&path) {
            let text = format!("doors `{other}` and `{}` watch one folder", entry.name);
            report.add(Complaint::new(&code::world::SAME_FOLDER, origin, text).and(*first));
        }
        for name in ["archive", "errors"] {
            if door.text(name).map(plain).as_deref() == Some(path.as_str()) {
                let text = format!("the folder that `{}` watches is its `{name}` as well", entry.name);
                report.add(Complaint::new(&code::world::SAME_FOLDER, door.origin_of(name), text).and(origin));
            }
        }
        watched.entry(path).or_insert((origin, &entry.name));
    }
    for (entry, partner) in tree.named("partner") {
        let Some(node) = partner.find_path("deliver.folder") else {
            continue;
        };
        if let Some((first, door)) = node.text().and_then(|text| watched.get(&plain(text))) {
            let text = format!(
                "what is delivered to `{}` comes back in through the door `{door}`",
                entry.name
            );
            report.add(Complaint::new(&code::world::SAME_FOLDER, node.origin, text).and(*first));
        }
    }
}

/// A path without what makes no difference: `a//b/./` is `a/b`.
fn plain(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_plain_form() {
        assert_eq!(plain("./exchange//in/"), "exchange/in");
        assert_eq!(plain("/srv/in/."), "/srv/in");
    }

    #[test]
    fn metrics_stay_inside() {
        for inside in ["127.0.0.1:1", "10.0.4.10:1", "[::1]:1", "[fd00::1]:1"] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["0.0.0.0:1", "192.0.2.1:1", "[::]:1"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }
}
