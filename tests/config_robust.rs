//! A slip of the hand in a configuration: whatever line goes missing or stands twice, the check ends, and says where.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use cartage::config::check::Checked;
use cartage::config::check::check;
use cartage::config::show::Extent;
use cartage::config::show::toml;
use cartage::config::source::InMemory;
use config_support::EXAMPLES;
use config_support::TODAY;
use config_support::example;

/// Every complaint stands at a line that its file has.
#[track_caller]
fn points_at_lines(found: &Checked, what: &str) {
    for complaint in found.report.complaints() {
        assert!(!complaint.places.is_empty(), "{what}: {complaint:?}");
        for origin in &complaint.places {
            let place = found.document.files.place(*origin);
            let file = found
                .document
                .files
                .all()
                .iter()
                .find(|file| file.shown == place.file)
                .unwrap();
            let lines = file.text.lines().count().max(1);
            assert!(
                (1..=lines).contains(&(place.line as usize)),
                "{what}: {complaint:?} in line {} of {lines}",
                place.line
            );
        }
        let rendered = complaint.render(&found.document.files);
        assert!(rendered.contains("  --> "), "{what}: {rendered}");
    }
}

/// Changes each line of each text of each example, and checks what comes of it.
fn with_each_line(change: impl Fn(&[&str], usize) -> String) -> (usize, usize) {
    let (mut tried, mut faulty) = (0, 0);
    for name in EXAMPLES {
        let whole = example(name);
        for (file, bytes) in whole.files().filter(|(file, _)| !file.starts_with("samples/")) {
            let text = std::str::from_utf8(bytes).unwrap();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for at in 0..lines.len() {
                let changed = whole.clone().with(file, change(&lines, at));
                let found = check(&changed, "gateway.toml", TODAY);
                points_at_lines(&found, &format!("{name}/{file}, line {}", at + 1));
                tried += 1;
                faulty += usize::from(!found.report.complaints().is_empty());
            }
        }
    }
    (tried, faulty)
}

#[test]
fn a_line_that_is_missing_never_stops_the_check() {
    let (tried, faulty) = with_each_line(|lines, at| [&lines[..at], &lines[at + 1..]].concat().concat());
    assert!(tried > 250 && faulty > tried / 3, "{faulty} of {tried}");
}

#[test]
fn a_line_that_stands_twice_never_stops_the_check() {
    let (tried, faulty) = with_each_line(|lines, at| [&lines[..=at], &lines[at..]].concat().concat());
    assert!(tried > 250 && faulty > tried / 2, "{faulty} of {tried}");
}

#[test]
fn a_line_that_is_cut_short_never_stops_the_check() {
    let (tried, faulty) = with_each_line(|lines, at| {
        let line = lines[at];
        let half = line
            .char_indices()
            .nth(line.chars().count() / 2)
            .map_or(0, |(at, _)| at);
        let (before, after) = (lines[..at].concat(), lines[at + 1..].concat());
        format!("{before}{}\n{after}", line.get(..half).unwrap())
    });
    assert!(tried > 250 && faulty > tried / 2, "{faulty} of {tried}");
}

#[test]
fn what_is_shown_is_a_configuration_that_shows_the_same() {
    for name in EXAMPLES {
        let first = check(&example(name), "gateway.toml", TODAY);
        for (extent, plain) in
            [(true, false), (false, false), (true, true), (false, true)].map(|(defaults, plain)| {
                (
                    Extent {
                        defaults,
                        origins: !plain,
                    },
                    plain,
                )
            })
        {
            let shown = toml(&first.document, extent);
            // Files that are named, and not put into the one that is shown, stay where they are.
            let mut again = InMemory::default().with("gateway.toml", shown.clone());
            for (file, bytes) in example(name)
                .files()
                .filter(|(file, _)| !file.starts_with("gateway"))
            {
                again = again.with(file, bytes);
            }
            let second = check(&again, "gateway.toml", TODAY);
            assert!(
                second.report.complaints().is_empty(),
                "{}",
                second.report.render(&second.document.files)
            );
            let without_places = Extent {
                origins: false,
                ..extent
            };
            assert_eq!(
                toml(&second.document, without_places),
                toml(&first.document, without_places)
            );
            if plain {
                assert_eq!(toml(&second.document, extent), shown);
            }
            assert_eq!(second.tests, first.tests);
        }
    }
}

#[test]
fn nothing_at_all_is_told_as_well() {
    for text in [
        "",
        "\n",
        "#",
        "[",
        "=",
        "\u{feff}",
        "\0",
        "a",
        "[[route]]",
        "[partner]",
        "partner = 1",
        "route = [1, {}]",
    ] {
        let found = check(
            &InMemory::default().with("gateway.toml", text),
            "gateway.toml",
            TODAY,
        );
        assert!(found.report.errors() > 0, "{text:?}");
        points_at_lines(&found, text);
    }
    let found = check(&InMemory::default(), "gateway.toml", TODAY);
    assert_eq!(found.report.errors(), 1);
}
