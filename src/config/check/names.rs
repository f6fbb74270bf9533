//! Whether every name that is mentioned is somebody's.

use std::collections::HashSet;

use crate::config::code;
use crate::config::code::Code;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::similar::did_you_mean;
use crate::config::tree::Node;
use crate::config::tree::Table;

/// The names that there are.
struct Names<'a> {
    known: HashSet<&'a str>,
    /// How a complaint calls one of them.
    what: &'static str,
    /// How many more guesses are made: among thousands of names each takes its time.
    guesses: usize,
}

impl<'a> Names<'a> {
    fn of(tree: &'a Table, group: &str, what: &'static str) -> Self {
        Self {
            known: tree.named(group).map(|(entry, _)| entry.name.as_str()).collect(),
            what,
            guesses: 50,
        }
    }

    /// All names, where these are few.
    fn listed(&self) -> Option<String> {
        let mut names: Vec<&str> = self.known.iter().copied().collect();
        names.sort_unstable();
        let all = names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        (1..=10)
            .contains(&names.len())
            .then(|| format!("there are {all}"))
    }

    /// Complains if the text is nobody's name; a text with a star must be the start of somebody's.
    fn expect(&mut self, node: &Node, code: &'static Code, report: &mut Report) {
        let Some(text) = node.text() else { return };
        let known = match text.strip_suffix('*') {
            Some(start) => self.known.iter().any(|name| name.starts_with(start)),
            None => self.known.contains(text),
        };
        if known {
            return;
        }
        let complaint =
            Complaint::new(code, node.origin, format!("there is no {} `{text}`", self.what)).spot("");
        let guess = if self.guesses > 0 {
            did_you_mean(text, self.known.iter().copied())
        } else {
            None
        };
        self.guesses = self.guesses.saturating_sub(1);
        let guess = guess.or_else(|| self.listed());
        report.add(match guess {
            Some(guess) => complaint.help(guess),
            None => complaint,
        });
    }
}

/// Checks every mention of a partner or door.
pub(super) fn check(tree: &Table, report: &mut Report) {
    let mut partners = Names::of(tree, "partner", "partner");
    let mut doors = Names::of(tree, "listen", "door");
    for (_, door) in tree.named("listen") {
        each(door, "from", |node| {
            partners.expect(node, &code::route::NO_SUCH_NAME, report);
        });
    }
    for route in tree.several("route") {
        each(route, "to", |node| {
            partners.expect(node, &code::route::NO_SUCH_PARTNER, report);
        });
        for terms in ["when", "unless"]
            .into_iter()
            .filter_map(|name| route.table(name))
        {
            each(terms, "from", |node| {
                partners.expect(node, &code::route::NO_SUCH_NAME, report);
            });
            each(terms, "listener", |node| {
                doors.expect(node, &code::route::NO_SUCH_NAME, report);
            });
        }
    }
    for test in tree.several("test") {
        if let Some(given) = test.table("given") {
            each(given, "from", |node| {
                partners.expect(node, &code::route::NO_SUCH_NAME, report);
            });
            each(given, "listener", |node| {
                doors.expect(node, &code::route::NO_SUCH_NAME, report);
            });
        }
        if let Some(expect) = test.table("expect") {
            each(expect, "to", |node| {
                partners.expect(node, &code::test::IMPOSSIBLE, report);
            });
        }
    }
}

fn each(table: &Table, name: &str, look: impl FnMut(&Node)) {
    table.each(name).iter().for_each(look);
}
