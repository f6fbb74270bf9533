//! Whether a configuration means what it says: names lead somewhere, routes are reached, tests hold.

use std::time::Duration;

use crate::config::code;
use crate::config::document::Document;
use crate::config::lower::Lowered;
use crate::config::quantity::Day;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::source::Sources;
use crate::config::tree::Table;
use crate::routing::table::Table as RoutingTable;

pub mod certificate;
pub mod doors;
pub mod examples;
mod names;
mod partners;
mod routes;
pub mod servers;
pub mod world;

use self::examples::Tally;

/// A configuration that was read and checked, sound or not.
#[derive(Debug)]
pub struct Checked {
    /// The texts and the tree.
    pub document: Document,
    /// The settings, as far as they could be made.
    pub lowered: Lowered,
    /// The routes and partners, compiled.
    pub table: RoutingTable,
    /// Everything that is wrong.
    pub report: Report,
    /// What became of the tests.
    pub tests: Tally,
}

/// Reads the configuration whose main file is `main` and checks what can be checked without looking around: texts,
/// shape, meaning and tests. `today` is for routes that were meant to be removed.
pub fn check(sources: &dyn Sources, main: &str, today: Day) -> Checked {
    let mut report = Report::default();
    let document = Document::read(sources, main, &mut report);
    let lowered = Lowered::of(&document, &mut report);
    let table = RoutingTable::new(lowered.routing.clone());
    names::check(&document.tree, &mut report);
    partners::check(&document, &lowered, &mut report);
    doors::check(&document.tree, &lowered, &mut report);
    complain_of_short_memory(&document.tree, &lowered, &mut report);
    let samples = examples::samples(&document.tree, &table, sources, &mut report);
    routes::check(&document, &lowered, &table, today, &samples, &mut report);
    let tests = if broken(&report) {
        Tally {
            waiting: document.tree.several("test").count(),
            ..Tally::default()
        }
    } else {
        examples::run(&document.tree, &table, &samples, &mut report)
    };
    report.settle(&document.files);
    Checked {
        document,
        lowered,
        table,
        report,
        tests,
    }
}

/// Complains of a ledger that forgets too soon: partners send again what they sent weeks ago, and must be answered as
/// they were then (ROB-010).
fn complain_of_short_memory(tree: &Table, lowered: &Lowered, report: &mut Report) {
    const LEAST: Duration = Duration::from_hours(30 * 24);
    let Some(node) = tree
        .find_path("ledger.keep")
        .filter(|_| lowered.ledger.keep < LEAST)
    else {
        return;
    };
    let text = format!("`{}` is too short", node.text().unwrap_or_default());
    report.add(Complaint::new(&code::shape::FORM, node.origin, text).spot("at least 30d"));
}

/// Whether so much could not be read that a test would tell nothing.
fn broken(report: &Report) -> bool {
    let unread = [code::shape::SYNTAX.number, code::shape::UNREADABLE.number];
    report
        .complaints()
        .iter()
        .any(|complaint| unread.contains(&complaint.code.number))
}

impl Checked {
    /// Whether it can be used.
    pub fn is_sound(&self) -> bool {
        self.report.errors() == 0
    }
}
