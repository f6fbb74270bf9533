//! The routing table against a slow reading of its rules, on tables and messages made up at random.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the benches; only its numbers are needed here"
)]
#[path = "../benches/invent/dice.rs"]
mod dice;

use cartage::base::ids::PayerId;
use cartage::base::ids::Tin;
use cartage::routing::facts::Facts;
use cartage::routing::facts::Source;
use cartage::routing::key::Key;
use cartage::routing::key::Message;
use cartage::routing::partner::Partner;
use cartage::routing::partner::PartnerId;
use cartage::routing::partner::Speaks;
use cartage::routing::route::Condition;
use cartage::routing::route::Quantifier;
use cartage::routing::route::Route;
use cartage::routing::route::RouteId;
use cartage::routing::route::Terms;
use cartage::routing::shadow::Reach;
use cartage::routing::table::Addressed;
use cartage::routing::table::By;
use cartage::routing::table::Park;
use cartage::routing::table::Settings;
use cartage::routing::table::Table;
use cartage::routing::value::Pattern;
use dice::Dice;

/// What a route may ask for: the name of a condition, and the texts it may be compared with.
const ASKED: &[(&str, &[&str])] = &[
    ("message", &["275", "277"]),
    ("payer-id", &["W1", "W2", "W*", "W1*", "X1", "*"]),
    ("tin", &["012345678", "987654321"]),
    ("loinc", &["18842-5", "11506-3", "1*"]),
    ("all-loinc", &["18842-5", "11506-3", "1*"]),
    ("solicited", &["true", "false"]),
];

/// What a message may say: the key, its values, whether it may say several.
const SAID: &[(&str, &[&str], bool)] = &[
    ("message", &["275", "277"], false),
    ("payer-id", &["W1", "W12", "W2", "W3", "X1", "Y1"], false),
    ("tin", &["012345678", "987654321", "111111111"], true),
    ("loinc", &["18842-5", "11506-3", "18748-4", "34133-9"], true),
    ("solicited", &["true", "false"], false),
];

/// A route as it is written: conditions with their texts, and exceptions.
#[derive(Clone, Debug)]
struct Written {
    when: Vec<(&'static str, Vec<&'static str>)>,
    unless: Vec<(&'static str, Vec<&'static str>)>,
}

/// A message as it speaks: keys with their texts.
type Spoken = Vec<(&'static str, Vec<&'static str>)>;

/// A number below `bound`.
fn below(dice: &mut Dice, bound: usize) -> usize {
    usize::try_from(dice.below(bound as u64)).unwrap()
}

fn some_terms(dice: &mut Dice, most: usize) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut terms = Vec::new();
    for _ in 0..below(dice, most + 1) {
        let (name, texts) = ASKED[below(dice, ASKED.len())];
        if terms.iter().all(|(known, _)| *known != name) {
            let mut chosen: Vec<&str> = Vec::new();
            for _ in 0..=below(dice, 2) {
                let text = texts[below(dice, texts.len())];
                if !chosen.contains(&text) {
                    chosen.push(text);
                }
            }
            terms.push((name, chosen));
        }
    }
    terms
}

fn some_table(dice: &mut Dice, most: usize) -> Vec<Written> {
    (0..=below(dice, most))
        .map(|_| Written {
            when: some_terms(dice, 3),
            unless: if below(dice, 3) == 0 {
                some_terms(dice, 2)
            } else {
                Vec::new()
            },
        })
        .collect()
}

fn some_message(dice: &mut Dice) -> Spoken {
    let mut spoken = Spoken::new();
    for (key, texts, several) in SAID {
        let times = if *several {
            below(dice, 3)
        } else {
            usize::from(below(dice, 5) > 0)
        };
        let mut chosen: Vec<&str> = Vec::new();
        for _ in 0..times {
            let text = texts[below(dice, texts.len())];
            if !chosen.contains(&text) {
                chosen.push(text);
            }
        }
        if !chosen.is_empty() {
            spoken.push((key, chosen));
        }
    }
    spoken
}

fn compiled(written: &[Written]) -> Table {
    let terms = |terms: &[(&str, Vec<&str>)]| {
        let condition = |(name, texts): &(&str, Vec<&str>)| {
            let (quantifier, name) = match name.strip_prefix("all-") {
                Some(name) => (Quantifier::All, name),
                None => (Quantifier::Any, *name),
            };
            let key = Key::parse(name).unwrap();
            let patterns = texts
                .iter()
                .map(|text| Pattern::read(key, text).unwrap())
                .collect();
            Condition {
                key,
                quantifier,
                patterns,
            }
        };
        Terms::new(terms.iter().map(condition).collect())
    };
    let route = |(position, written): (usize, &Written)| Route {
        name: format!("route {position}").into(),
        when: terms(&written.when),
        unless: terms(&written.unless),
        to: PartnerId::at(position % 2),
    };
    let routes = written.iter().enumerate().map(route).collect();
    Table::new(Settings {
        partners: partners(),
        routes,
        park: Park::Hold,
    })
}

fn partners() -> Vec<Partner> {
    let speaks = Speaks::X12 {
        messages: vec![Message::Request277, Message::Attachment275],
    };
    let partner = |name: &str, payer: &str, tin: &str| Partner {
        name: name.into(),
        payer_ids: vec![PayerId::parse(payer).unwrap()],
        npis: Vec::new(),
        tins: vec![Tin::parse(tin).unwrap()],
        isa: None,
        gs: None,
        speaks: speaks.clone(),
    };
    vec![
        partner("one", "W1", "012345678"),
        partner("two", "X1", "987654321"),
    ]
}

fn facts(spoken: &Spoken) -> Facts {
    let mut facts = Facts::default();
    for (key, texts) in spoken {
        for text in texts {
            facts.read(Key::parse(key).unwrap(), text, Source::Given((*text).into()));
        }
    }
    assert!(facts.remarks().is_empty());
    facts
}

/// "All keys in a table must hold; one match is enough, `all-loinc` asks for all; absent in message = no match."
fn hold(terms: &[(&str, Vec<&str>)], spoken: &Spoken) -> bool {
    let is_like = |value: &str, text: &str| match text.strip_suffix('*') {
        Some(start) => value.starts_with(start),
        None => value == text,
    };
    terms.iter().all(|(name, texts)| {
        let key = name.trim_start_matches("all-");
        let said = spoken.iter().find(|(said, _)| *said == key);
        let values = said.map(|(_, values)| values.as_slice()).unwrap_or_default();
        let matched = |value: &&str| texts.iter().any(|text| is_like(value, text));
        if name.starts_with("all-") {
            !values.is_empty() && values.iter().all(matched)
        } else {
            values.iter().any(matched)
        }
    })
}

/// "The first whose `when` holds and whose `unless` does not, wins."
fn first(written: &[Written], spoken: &Spoken) -> Option<usize> {
    written.iter().position(|route| {
        hold(&route.when, spoken) && (route.unless.is_empty() || !hold(&route.unless, spoken))
    })
}

/// "The partner that owns the payer id (275) or the NPI or TIN (277) in the message."
fn addressee(spoken: &Spoken) -> Option<&'static str> {
    let values = |key: &str| {
        spoken
            .iter()
            .find(|(said, _)| *said == key)
            .map(|(_, values)| values.clone())
    };
    let owner = |value: &str| match value {
        "W1" | "012345678" => Some("one"),
        "X1" | "987654321" => Some("two"),
        _ => None,
    };
    let key = match values("message")?[0] {
        "275" => "payer-id",
        _ => "tin",
    };
    let mut owners: Vec<&str> = values(key)?.into_iter().filter_map(owner).collect();
    owners.dedup();
    match owners[..] {
        [only] => Some(only),
        _ => None,
    }
}

#[test]
fn the_fast_lookup_decides_as_a_slow_reading_does() {
    let mut dice = Dice::new(5);
    for _ in 0..4_000 {
        let written = some_table(&mut dice, 12);
        let table = compiled(&written);
        for _ in 0..10 {
            let spoken = some_message(&mut dice);
            let said = facts(&spoken);
            let expected = first(&written, &spoken);
            let found = table.first_route(&said).map(RouteId::index);
            assert_eq!(found, expected, "{written:#?}\n{spoken:?}");
            let decision = table.decide(&said);
            assert_eq!(
                decision,
                table.explain(&said).decision,
                "{written:#?}\n{spoken:?}"
            );
            if expected.is_none() {
                let to = match &decision.by {
                    By::Addressee(Addressed::Owned(owner)) => table
                        .partners()
                        .partner(owner.partner)
                        .map(|partner| partner.name.to_string()),
                    _ => None,
                };
                assert_eq!(to.as_deref(), addressee(&spoken), "{spoken:?}");
            }
        }
    }
}

/// Every message of the little world that says something about the keys that the table looks at; nothing if that are
/// many.
fn every_message(written: &[Written]) -> Option<Vec<Spoken>> {
    let looked_at = |key: &str| {
        let mut names = written
            .iter()
            .flat_map(|route| route.when.iter().chain(&route.unless));
        names.any(|(name, _)| name.trim_start_matches("all-") == key)
    };
    let ways = |several: bool, texts: usize| if several { 1_usize << texts } else { texts + 1 };
    let said = SAID.iter().filter(|(key, ..)| looked_at(key));
    if said
        .map(|(_, texts, several)| ways(*several, texts.len()))
        .product::<usize>()
        > 400
    {
        return None;
    }
    let mut messages = vec![Spoken::new()];
    for (key, texts, several) in SAID.iter().filter(|(key, ..)| looked_at(key)) {
        let sets = (0..1_usize << texts.len()).filter(|set| *several || set.count_ones() <= 1);
        let chosen: Vec<Vec<&str>> = sets
            .map(|set| {
                texts
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| set >> at & 1 == 1)
                    .map(|(_, text)| *text)
                    .collect()
            })
            .collect();
        let extended = messages.iter().flat_map(|message| {
            chosen.iter().map(move |values| {
                let mut message = message.clone();
                if !values.is_empty() {
                    message.push((key, values.clone()));
                }
                message
            })
        });
        messages = extended.collect();
    }
    Some(messages)
}

#[test]
fn a_route_is_called_shadowed_if_and_only_if_no_message_reaches_it() {
    let mut dice = Dice::new(204);
    let (mut tables, mut shadowed, mut contradictory) = (0, 0, 0);
    while tables < 10_000 {
        let written = some_table(&mut dice, 5);
        let Some(messages) = every_message(&written) else {
            continue;
        };
        tables += 1;
        let table = compiled(&written);
        let mut reached = vec![false; written.len()];
        for message in &messages {
            if let Some(route) = first(&written, message) {
                reached[route] = true;
            }
        }
        for (position, reached) in reached.iter().enumerate() {
            match table.reach(RouteId::at(position)) {
                Reach::Reached(facts) => {
                    assert!(reached, "route {position} is said to be reached: {written:#?}");
                    assert_eq!(table.first_route(&facts).map(RouteId::index), Some(position));
                }
                Reach::Shadowed(by) => {
                    shadowed += 1;
                    assert!(
                        !reached,
                        "route {position} is said to be shadowed by {by:?}: {written:#?}"
                    );
                    assert!(by.iter().all(|above| above.index() < position) && !by.is_empty());
                }
                Reach::Contradictory => {
                    contradictory += 1;
                    let own = [written[position].clone()];
                    assert!(
                        messages.iter().all(|message| first(&own, message).is_none()),
                        "{own:#?}"
                    );
                }
                Reach::Unknown => panic!("given up on route {position}: {written:#?}"),
            }
        }
    }
    assert!(
        shadowed > 1_000 && contradictory > 100,
        "{shadowed} shadowed, {contradictory} contradictory"
    );
}

#[test]
fn every_overlap_has_a_message_that_both_match_and_the_first_takes() {
    let mut dice = Dice::new(210);
    let mut overlaps = 0;
    for _ in 0..2_000 {
        let table = compiled(&some_table(&mut dice, 8));
        for overlap in table.overlaps([]) {
            overlaps += 1;
            let [first, second] = [overlap.first, overlap.second].map(|route| &table.routes()[route.index()]);
            assert!(first.takes(&overlap.example) && second.takes(&overlap.example));
            assert_eq!(table.first_route(&overlap.example), Some(overlap.first));
            assert_ne!(first.to, second.to);
        }
    }
    assert!(overlaps > 500, "{overlaps}");
}

#[test]
fn every_kind_of_crossing_is_found_in_a_small_table() {
    let mut dice = Dice::new(211);
    let (mut tables, mut crossings) = (0, 0);
    while tables < 500 {
        let written = some_table(&mut dice, 5);
        let Some(messages) = every_message(&written) else {
            continue;
        };
        tables += 1;
        let single: Vec<&Spoken> = messages
            .iter()
            .filter(|message| message.iter().all(|(_, values)| values.len() == 1))
            .collect();
        let table = compiled(&written);
        let keys = |route: usize| {
            let mut names: Vec<&str> = written[route]
                .when
                .iter()
                .map(|(name, _)| name.trim_start_matches("all-"))
                .collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let overlaps = table.overlaps([]);
        let told = |one: usize, other: usize| {
            overlaps.iter().any(|overlap| {
                (keys(overlap.first.index()), keys(overlap.second.index())) == (keys(one), keys(other))
            })
        };
        let takes = |route: usize, message: &Spoken| first(&written[route..=route], message).is_some();
        for other in 0..written.len() {
            for one in 0..other {
                // Two partners take turns, so that routes an even distance apart lead to the same one.
                let apart = (other - one) % 2 == 1;
                let meets = single.iter().any(|message| {
                    takes(one, message) && takes(other, message) && first(&written, message) == Some(one)
                });
                let inside = |inner: usize, outer: usize| {
                    messages.iter().all(|message| {
                        !hold(&written[inner].when, message) || hold(&written[outer].when, message)
                    })
                };
                if apart && meets && !inside(one, other) && !inside(other, one) {
                    crossings += 1;
                    assert!(told(one, other), "{one} and {other}: {written:#?}");
                }
            }
        }
    }
    assert!(crossings > 80, "{crossings}");
}
