//! Runs the examples that must hold.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::config::code;
use crate::config::report::Complaint;
use crate::config::report::NoteKind;
use crate::config::report::Report;
use crate::config::source::Sources;
use crate::config::source::why_unreadable;
use crate::config::tree::Table;
use crate::flow;
use crate::routing::facts::Conversation;
use crate::routing::facts::Facts;
use crate::routing::facts::Source;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::table::By;
use crate::routing::table::Decision;
use crate::routing::table::Table as RoutingTable;

/// What became of the tests.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// How many hold.
    pub passed: usize,
    /// How many do not.
    pub failed: usize,
    /// How many were not run, because what they speak of could not be read.
    pub waiting: usize,
}

/// The messages of each test, in the order of the tests; none where there is no message.
pub type Samples = Vec<Vec<Facts>>;

/// Reads or makes up the messages of all tests.
pub fn samples(tree: &Table, table: &RoutingTable, sources: &dyn Sources, report: &mut Report) -> Samples {
    tree.several("test")
        .map(|test| sample(test, table, sources, report))
        .collect()
}

fn sample(test: &Table, table: &RoutingTable, sources: &dyn Sources, report: &mut Report) -> Vec<Facts> {
    let Some(given) = test.table("given") else {
        return Vec::new();
    };
    let mut messages = match given.find("file") {
        None => vec![Facts::default()],
        Some(node) => {
            let bytes = sources.read(node.text().unwrap_or_default());
            let why = match &bytes {
                Ok(_) => "neither X12 with a transaction, nor a FHIR Task or Parameters".to_owned(),
                Err(fault) => why_unreadable(fault),
            };
            let messages = bytes.map(|bytes| flow::facts::read(&bytes)).unwrap_or_default();
            if messages.is_empty() {
                let what = format!("`{}` holds no message", node.text().unwrap_or_default());
                report.add(Complaint::new(&code::test::NOT_A_MESSAGE, node.origin, what).spot(why));
            }
            messages
        }
    };
    for facts in &mut messages {
        say(facts, given);
        table.partners().recognise(facts);
    }
    messages
}

/// Adds what a test says of a message.
fn say(facts: &mut Facts, given: &Table) {
    for key in Key::ALL {
        for text in given.each(key.as_str()).iter().filter_map(|node| node.text()) {
            facts.read(key, text, Source::Given(text.into()));
        }
    }
    if given.text("conversation").is_some() {
        facts.in_conversation(Conversation::Open(None));
    }
    if let Some(partner) = given.text("partner") {
        facts.for_partner(partner);
    }
}

/// What could not be read, so that a test which fails over it would tell nothing new.
struct Damage<'a> {
    /// Routes that are left out, and where they lead.
    routes: HashSet<&'a str>,
    targets: HashSet<&'a str>,
    /// Whether a partner may own more than is known.
    partners: bool,
}

impl<'a> Damage<'a> {
    fn of(tree: &'a Table, table: &RoutingTable) -> Self {
        let known: HashSet<&str> = table.routes().iter().map(|route| &*route.name).collect();
        let left_out = || {
            let is_known = |route: &&Table| route.text("name").is_some_and(|name| known.contains(name));
            tree.several("route").filter(move |route| !is_known(route))
        };
        Self {
            routes: left_out().filter_map(|route| route.text("name")).collect(),
            targets: left_out().filter_map(|route| route.text("to")).collect(),
            partners: tree.named("partner").any(|(_, partner)| !partner.whole),
        }
    }

    /// Whether a failure may be a consequence of what could not be read.
    fn explains(&self, expect: &Table, decision: &Decision) -> bool {
        let route = expect
            .text("by")
            .and_then(|by| by.strip_prefix("route:"))
            .map(str::trim);
        route.is_some_and(|route| self.routes.contains(route))
            || expect.text("to").is_some_and(|to| self.targets.contains(to))
            || (self.partners && matches!(decision.by, By::Park(_)))
    }
}

/// Runs all tests.
pub fn run(tree: &Table, table: &RoutingTable, samples: &Samples, report: &mut Report) -> Tally {
    let mut tally = Tally::default();
    let names: Vec<&str> = tree
        .several("test")
        .filter_map(|test| test.text("name"))
        .collect();
    let mut seen: HashMap<&str, &Table> = HashMap::new();
    let damage = Damage::of(tree, table);
    let routes: HashSet<&str> = tree
        .several("route")
        .filter_map(|route| route.text("name"))
        .collect();
    for (test, messages) in tree.several("test").zip(samples) {
        let (Some(name), Some(expect)) = (test.text("name"), test.table("expect")) else {
            continue;
        };
        if let Some(first) = seen.insert(name, test) {
            let text = format!("two tests have the name {name:?}");
            let origin = test.origin_of_key("name");
            report.add(Complaint::new(&code::test::SAME_NAME, origin, text).and(first.origin_of_key("name")));
        }
        if !can_be_expected(expect, &routes, report) {
            continue;
        }
        if !test.whole {
            tally.waiting += 1;
            continue;
        }
        let wrong = messages.iter().enumerate().find_map(|(at, facts)| {
            let decision = table.decide(facts);
            (!holds(expect, &decision, table)).then_some((at, decision))
        });
        let Some((at, decision)) = wrong else {
            tally.passed += usize::from(!messages.is_empty());
            continue;
        };
        if damage.explains(expect, &decision) {
            tally.waiting += 1;
            continue;
        }
        tally.failed += 1;
        let at = (messages.len() > 1).then_some(at);
        let complaint = Complaint::new(
            &code::test::FAILED,
            test.origin_of_key("name"),
            format!("test failed: {name:?}"),
        )
        .note(NoteKind::Expected, expected(expect))
        .note(NoteKind::Got, got(expect, &decision, table, at))
        .help(format!(
            "`cartage explain --test {:?}` shows each step",
            shortest(name, &names)
        ));
        report.add(complaint);
    }
    tally
}

/// Complains of an expectation that cannot come true; that it names a partner is checked with the other names.
fn can_be_expected(expect: &Table, routes: &HashSet<&str>, report: &mut Report) -> bool {
    let Some(by) = expect.find("by") else { return true };
    let text = by.text().unwrap_or_default();
    let (known, help) = match text.strip_prefix("route:").map(str::trim) {
        Some(route) => {
            let guess = crate::config::similar::nearest(route, routes.iter().copied());
            (
                routes.contains(route),
                guess.map(|guess| format!("did you mean `route: {guess}`?")),
            )
        }
        None => (matches!(text, "conversation" | "addressee" | "park"), None),
    };
    if !known {
        let complaint = Complaint::new(
            &code::test::IMPOSSIBLE,
            by.origin,
            format!("nothing decides by {text:?}"),
        )
        .spot("conversation, addressee, park, or `route: ` and the name of a route");
        report.add(match help {
            Some(help) => complaint.help(help),
            None => complaint,
        });
    }
    known
}

fn holds(expect: &Table, decision: &Decision, table: &RoutingTable) -> bool {
    let to = decision
        .to
        .as_ref()
        .and_then(|(id, _)| table.partners().partner(*id))
        .map(|partner| &*partner.name);
    let delivery = decision.to.as_ref().map(|(_, delivery)| delivery);
    let by = expect
        .text("by")
        .is_none_or(|by| decider(by) == decider(&decided_by(decision, table)));
    let sends = expect
        .text("sends")
        .is_none_or(|word| delivery.map(|delivery| delivery.sends) == Message::parse(word));
    let held = expect
        .flag("held")
        .is_none_or(|held| delivery.is_some_and(|delivery| delivery.held == held));
    expect.text("to").is_none_or(|name| to == Some(name)) && by && sends && held
}

/// `route: a` and `route:a` are the same.
fn decider(by: &str) -> (&str, &str) {
    by.split_once(':')
        .map_or((by, ""), |(by, route)| (by, route.trim()))
}

/// What decided, in the words of an expectation.
pub fn decided_by(decision: &Decision, table: &RoutingTable) -> String {
    match &decision.by {
        By::Conversation => "conversation".to_owned(),
        By::Route(route) => {
            let name = table.routes().get(route.index()).map_or("", |route| &*route.name);
            format!("route: {name}")
        }
        By::Addressee(_) => "addressee".to_owned(),
        By::Park(_) => "park".to_owned(),
    }
}

fn expected(expect: &Table) -> String {
    let mut parts = Vec::new();
    parts.extend(expect.text("to").map(|to| format!("to {to}")));
    parts.extend(expect.text("by").map(|by| format!("by {}", spoken(by))));
    parts.extend(expect.text("sends").map(|sends| format!("sends {sends}")));
    parts.extend(expect.flag("held").map(|held| {
        if held {
            "held with us".to_owned()
        } else {
            "not held".to_owned()
        }
    }));
    parts.join(", ")
}

/// What came instead, of the message at a position if there are several.
fn got(expect: &Table, decision: &Decision, table: &RoutingTable, at: Option<usize>) -> String {
    let by = decided_by(decision, table);
    let mut parts = Vec::new();
    match &decision.to {
        None => parts.extend(["to nowhere".to_owned(), format!("by {}", spoken(&by))]),
        Some((id, delivery)) => {
            let to = table.partners().partner(*id).map_or("", |partner| &*partner.name);
            parts.extend([format!("to {to}"), format!("by {}", spoken(&by))]);
            parts.extend(expect.text("sends").map(|_| format!("sends {}", delivery.sends)));
            parts.extend(
                expect
                    .flag("held")
                    .map(|_| if delivery.held { "held with us" } else { "not held" }.to_owned()),
            );
        }
    }
    let of_several = at
        .map(|at| format!(" (transaction {})", at + 1))
        .unwrap_or_default();
    format!("{}{of_several}", parts.join(", "))
}

/// `route: a` as a sentence says it: `route "a"`.
fn spoken(by: &str) -> String {
    match by.split_once(':') {
        Some(("route", name)) => format!("route {:?}", name.trim()),
        _ => by.to_owned(),
    }
}

/// The first words of a name, three at least, that begin no other name.
fn shortest<'a>(name: &'a str, all: &[&str]) -> &'a str {
    let ends = name.match_indices(' ').map(|(at, _)| at).skip(2);
    let starts = ends.filter_map(|at| name.get(..at));
    let unique = |start: &&str| all.iter().filter(|other| other.starts_with(start)).count() <= 1;
    starts.into_iter().find(unique).unwrap_or(name)
}

/// The position of the test whose name is this, or begins so, or holds it.
pub fn find(tree: &Table, wanted: &str) -> Option<usize> {
    let names: Vec<&str> = tree
        .several("test")
        .map(|test| test.text("name").unwrap_or_default())
        .collect();
    let by = |fits: &dyn Fn(&str) -> bool| {
        let mut fitting = names
            .iter()
            .enumerate()
            .filter(|(_, name)| fits(name))
            .map(|(at, _)| at);
        let first = fitting.next();
        if fitting.next().is_some() { None } else { first }
    };
    by(&|name| name == wanted)
        .or_else(|| by(&|name| name.starts_with(wanted)))
        .or_else(|| by(&|name| name.contains(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_called_by_its_first_words() {
        let names = ["imaging for Acme is an exception", "imaging for all", "short"];
        assert_eq!(shortest(names[0], &names), "imaging for Acme");
        assert_eq!(shortest(names[1], &names), "imaging for all");
        assert_eq!(shortest(names[2], &names), "short");
        let alike = ["one two three four", "one two three five"];
        assert_eq!(shortest(alike[0], &alike), alike[0]);
    }

    #[test]
    fn a_route_is_named_with_or_without_a_blank() {
        assert_eq!(decider("route:a: b"), decider("route: a: b"));
        assert_eq!(spoken("route: a"), "route \"a\"");
        assert_eq!(spoken("addressee"), "addressee");
    }
}
