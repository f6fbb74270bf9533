//! Whether a configuration means what it says: names lead somewhere, routes are reached, tests hold.

use crate::config::document::Document;
use crate::config::lower::Lowered;
use crate::config::quantity::Day;
use crate::config::report::Report;
use crate::config::source::Sources;
use crate::routing::table::Table as RoutingTable;

pub mod certificate;
pub mod doors;
pub mod examples;
mod names;
mod partners;
mod routes;
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
    let samples = examples::samples(&document.tree, &table, sources, &mut report);
    routes::check(&document, &lowered, &table, today, &samples, &mut report);
    let tests = if examples::are_worth_running(&document.tree, &report) {
        examples::run(&document.tree, &table, &samples, &mut report)
    } else {
        Tally {
            waiting: document.tree.several("test").count(),
            ..Tally::default()
        }
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

impl Checked {
    /// Whether it can be used.
    pub fn is_sound(&self) -> bool {
        self.report.errors() == 0
    }
}
