//! Any text as a configuration: the check ends, every complaint has a line, and what is shown shows itself again.

#![no_main]

use cartage::config::check::check;
use cartage::config::explain::explain;
use cartage::config::quantity::Day;
use cartage::config::show::Extent;
use cartage::config::show::toml;
use cartage::config::source::InMemory;
use cartage::routing::facts::Facts;
use cartage::routing::facts::Source;
use cartage::routing::key::Key;
use libfuzzer_sys::fuzz_target;

const TODAY: Day = Day { year: 2026, month: 11, day: 20 };

const PLAIN: Extent = Extent { defaults: false, origins: false };

fuzz_target!(|text: &str| {
    // The first part is the main file; what follows a mark is a file that it may name.
    let mut parts = text.split("\n# file: ");
    let mut sources = InMemory::default().with("gateway.toml", parts.next().unwrap_or_default());
    for part in parts {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        sources = sources.with(name, text);
    }
    let checked = check(&sources, "gateway.toml", TODAY);
    for complaint in checked.report.complaints() {
        assert!(!complaint.places.is_empty(), "every complaint has a place");
        assert!(complaint.places.iter().all(|origin| checked.document.files.place(*origin).line >= 1));
    }
    let _ = checked.report.render(&checked.document.files);
    let mut facts = Facts::default();
    facts.read(Key::Message, "275", Source::Given("275".into()));
    facts.read(Key::PayerId, "60054", Source::Given("60054".into()));
    let _ = explain(&checked, &facts, true).render();
    assert_eq!(checked.table.decide(&facts), checked.table.explain(&facts).decision, "fast and slow agree");
    if checked.is_sound() {
        let shown = toml(&checked.document, PLAIN);
        // Files that are named, and not put into the one that is shown, stay where they are.
        let again = check(&sources.with("gateway.toml", shown.clone()), "gateway.toml", TODAY);
        assert_eq!(toml(&again.document, PLAIN), shown, "what is shown shows itself");
    }
});
