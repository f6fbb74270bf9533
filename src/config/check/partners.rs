//! Whether the partners are told apart, are reached, and are who they seem.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::config::code;
use crate::config::document::Document;
use crate::config::lower::Lowered;
use crate::config::quantity::Url;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::report::View;
use crate::config::source::Origin;
use crate::config::source::Spot;
use crate::config::tree::Entry;
use crate::config::tree::Node;
use crate::config::tree::Table;

/// Checks all partners.
pub(super) fn check(document: &Document, lowered: &Lowered, report: &mut Report) {
    let tree = &document.tree;
    complain_of_owners(tree, report);
    complain_of_senders(tree, lowered, report);
    complain_of_lost_zeros(document, report);
    let busy = mentioned(tree);
    // A route that leads to a misspelt name may be meant for any of them.
    let lost = tree
        .several("route")
        .flat_map(|route| route.each("to"))
        .any(|to| {
            to.text()
                .is_some_and(|name| !tree.named("partner").any(|(entry, _)| entry.name == name))
        });
    for (entry, partner) in tree.named("partner") {
        complain_of_reach(entry, partner, report);
        complain_of_plain_addresses(partner, report);
        complain_of_idle_issuers(partner, report);
        let owns = ["payer-ids", "npi", "tin", "known-by"]
            .iter()
            .any(|name| partner.find(name).is_some());
        let sends = partner.find_path("x12.isa").is_some();
        if !owns && !sends && !busy.contains(entry.name.as_str()) && partner.whole && !lost {
            let text = format!("nothing ever goes to `{}`", entry.name);
            let why = "it owns no identifier, and no route, door or condition names it";
            report.add(
                Complaint::new(&code::partner::IDLE, entry.origin, text)
                    .view(View::Text)
                    .why(why),
            );
        }
    }
}

/// The partners that routes, doors and conditions mention.
fn mentioned(tree: &Table) -> HashSet<&str> {
    let doors = tree.named("listen").flat_map(|(_, door)| door.each("from"));
    let routes = tree.several("route").flat_map(|route| {
        let terms = ["when", "unless"]
            .into_iter()
            .filter_map(|name| route.table(name));
        route
            .each("to")
            .iter()
            .chain(terms.flat_map(|terms| terms.each("from")))
    });
    doors.chain(routes).filter_map(Node::text).collect()
}

/// Complains of identifiers with two owners.
fn complain_of_owners(tree: &Table, report: &mut Report) {
    for (name, what) in [("payer-ids", "payer id"), ("npi", "NPI"), ("tin", "tax id")] {
        let mut owners: HashMap<String, (&str, Origin)> = HashMap::new();
        for (entry, partner) in tree.named("partner") {
            for node in partner.each(name) {
                let Some(text) = node.text() else { continue };
                let plain = if name == "tin" {
                    text.replace('-', "")
                } else {
                    text.to_owned()
                };
                match owners.get(&plain) {
                    Some((owner, _)) if *owner == entry.name => {
                        let text = format!("{what} `{text}` stands twice in `{owner}`");
                        report.add(spotted(Complaint::new(
                            &code::partner::OWNED_TWICE,
                            node.origin,
                            text,
                        )));
                    }
                    Some((owner, first)) => {
                        let text = format!("{what} `{text}` is owned by `{owner}` and by `{}`", entry.name);
                        report
                            .add(Complaint::new(&code::partner::OWNED_TWICE, node.origin, text).and(*first));
                    }
                    None => {
                        owners.insert(plain, (&entry.name, node.origin));
                    }
                }
            }
        }
    }
}

/// Complains of partners whose interchanges cannot be told apart, from each other's or from ours.
fn complain_of_senders(tree: &Table, lowered: &Lowered, report: &mut Report) {
    let mut signatures: HashMap<(&str, &str), (&str, Origin)> = HashMap::new();
    for (agreement, (entry, table)) in lowered.partners.iter().zip(tree.named("partner")) {
        let Some(x12) = &agreement.x12 else { continue };
        let origin = table
            .find_path("x12.isa")
            .map_or(entry.origin, |node| node.origin);
        let ours = lowered
            .gateway
            .as_ref()
            .is_some_and(|gateway| gateway.isa == x12.isa && gateway.gs == x12.gs);
        if ours {
            let text = format!("`{}` signs its interchanges as we do", entry.name);
            report.add(spotted(Complaint::new(&code::partner::OURSELVES, origin, text)));
        }
        match signatures.get(&(x12.isa.as_str(), x12.gs.as_str())) {
            Some((other, first)) => {
                let text = format!("`{other}` and `{}` sign their interchanges alike", entry.name);
                let help = "give each an `x12.gs` of its own";
                report.add(
                    Complaint::new(&code::partner::SAME_SENDER, origin, text)
                        .and(*first)
                        .help(help),
                );
            }
            None => {
                signatures.insert((x12.isa.as_str(), x12.gs.as_str()), (&entry.name, origin));
            }
        }
    }
}

/// Complains of a partner that nothing can be delivered to.
fn complain_of_reach(entry: &Entry, partner: &Table, report: &mut Report) {
    // What was refused may have been what is missing here.
    if !partner.whole {
        return;
    }
    let is_there = |path: &str| partner.find_path(path).is_some();
    let hosted = partner.table("fhir").and_then(|fhir| fhir.flag("hosted")) == Some(true);
    let missing = match partner.text("speaks") {
        Some("x12") if !is_there("x12.isa") => "it speaks x12 and has no `x12.isa`",
        Some("x12") if !is_there("deliver") => "it speaks x12 and has no `deliver`",
        Some("fhir") if hosted && is_there("fhir.url") => "it has a `fhir.url` and is `fhir.hosted` as well",
        Some("fhir") if !hosted && !is_there("fhir.url") => {
            "it speaks fhir and has neither `fhir.url` nor `fhir.hosted = true`"
        }
        _ => return,
    };
    let text = format!("nothing says how `{}` is reached", entry.name);
    report.add(
        Complaint::new(&code::partner::UNREACHABLE, entry.origin, text)
            .view(View::Text)
            .why(missing),
    );
}

/// Complains of addresses that are spoken to without TLS.
fn complain_of_plain_addresses(partner: &Table, report: &mut Report) {
    let lone = ["fhir.url", "deliver.core", "auth.smart-backend.token-url"];
    let lone = lone.iter().filter_map(|path| partner.find_path(path));
    let listed = partner.table("fetch").map(|fetch| fetch.each("from"));
    for node in lone.chain(listed.into_iter().flatten()) {
        let Some(url) = node.text().and_then(|text| Url::parse(text).ok()) else {
            continue;
        };
        if !url.is_secure() && !url.is_local() {
            let text = "medical records would travel in the clear";
            let complaint = Complaint::new(&code::security::PLAIN_PARTNER, node.origin, text);
            report
                .add(spotted_with(complaint, "http:// is for this very machine only").help("write https://"));
        }
    }
}

/// Complains of issuers of certificates that no server of the partner shows.
fn complain_of_idle_issuers(partner: &Table, report: &mut Report) {
    let Some(node) = partner.find_path("tls.ca") else {
        return;
    };
    let is_secure = |path: &&str| {
        let url = partner.find_path(path).and_then(Node::text);
        url.is_some_and(|text| text.starts_with("https://"))
    };
    if partner.whole && !["fhir.url", "deliver.core"].iter().any(is_secure) {
        let text = "`tls.ca` says nothing about a partner without an address in https://";
        report.add(spotted(Complaint::new(&code::shape::NOT_HERE, node.origin, text)));
    }
}

/// Complains of payer ids in sheets that are digits only and shorter than all others.
fn complain_of_lost_zeros(document: &Document, report: &mut Report) {
    let mut ids: Vec<(&str, &str, Origin)> = Vec::new();
    for (entry, partner) in document.tree.named("partner") {
        let numbers = partner
            .each("payer-ids")
            .iter()
            .filter_map(|node| Some((node.text()?, node.origin)));
        let digits = numbers.filter(|(text, _)| text.bytes().all(|byte| byte.is_ascii_digit()));
        ids.extend(digits.map(|(text, origin)| (text, entry.name.as_str(), origin)));
    }
    let in_sheet = |origin: Origin| matches!(origin.spot, Spot::Cell { .. });
    let Some(usual) = usual_length(ids.iter().map(|(text, ..)| text.len())) else {
        return;
    };
    // A short id that somebody has put in quotes is meant so, and then others may be as short.
    let typed_shortest = ids
        .iter()
        .filter(|(.., origin)| !in_sheet(*origin))
        .map(|(text, ..)| text.len())
        .min();
    let owners: HashMap<&str, (&str, Origin)> = ids
        .iter()
        .map(|(text, name, origin)| (*text, (*name, *origin)))
        .collect();
    for (text, _, origin) in &ids {
        let meant = typed_shortest.is_some_and(|shortest| text.len() >= shortest);
        if !in_sheet(*origin) || text.len() >= usual || meant || allows_short(document, *origin) {
            continue;
        }
        let padded = format!("{text:0>usual$}");
        let help = match owners.get(padded.as_str()) {
            None => format!("`{padded}` belongs to no one else; format the column as text"),
            Some((owner, place)) => {
                format!(
                    "`{padded}` belongs to `{owner}` ({}); format the column as text",
                    document.files.reference(*place)
                )
            }
        };
        let text =
            format!("`{text}` is shorter than any payer id seen here; the sheet may have lost leading zeros");
        report.add(Complaint::new(&code::partner::LEADING_ZERO, *origin, text).help(help));
    }
}

/// The length that most have, if it is that of two in three and of two at least.
fn usual_length(lengths: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for length in lengths {
        *counts.entry(length).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let (length, count) = counts
        .into_iter()
        .max_by_key(|(length, count)| (*count, *length))?;
    (count >= 2 && count * 3 >= all * 2).then_some(length)
}

/// Whether the directory of the sheet says that short ids are meant.
fn allows_short(document: &Document, origin: Origin) -> bool {
    let name = document.files.file(origin.file).map(|file| file.name.as_str());
    let mut directories = document.tree.named("directory").map(|(_, directory)| directory);
    let of_sheet = directories.find(|directory| directory.text("file") == name);
    of_sheet.and_then(|directory| directory.table("check")?.flag("short-ids")) == Some(true)
}

/// Shows the spot in a text; a sheet has none.
fn spotted(complaint: Complaint) -> Complaint {
    spotted_with(complaint, "")
}

fn spotted_with(complaint: Complaint, label: &str) -> Complaint {
    let in_sheet = complaint
        .places
        .first()
        .is_some_and(|origin| matches!(origin.spot, Spot::Cell { .. }));
    if in_sheet {
        complaint
    } else {
        complaint.spot(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_length_is_that_of_most() {
        assert_eq!(usual_length([5, 5, 3].into_iter()), Some(5));
        assert_eq!(usual_length([5, 5, 4, 4].into_iter()), None);
        assert_eq!(usual_length([5].into_iter()), None);
        assert_eq!(usual_length(std::iter::empty()), None);
    }
}
