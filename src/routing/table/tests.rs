use super::*;
use crate::base::ids::Npi;
use crate::base::ids::PayerId;
use crate::base::ids::Tin;
use crate::routing::facts::Source;
use crate::routing::partner::FhirAbilities;
use crate::routing::partner::Speaks;
use crate::routing::partner::tests::partner;
use crate::routing::route::Condition;
use crate::routing::route::Quantifier;
use crate::routing::route::Terms;
use crate::routing::value::Pattern;

fn terms(conditions: &[(&str, &[&str])]) -> Terms {
    let read = |(name, written): &(&str, &[&str])| {
        let key = Key::parse(name.trim_start_matches("all-")).unwrap();
        let quantifier = if name.starts_with("all-") {
            Quantifier::All
        } else {
            Quantifier::Any
        };
        let patterns = written
            .iter()
            .map(|text| Pattern::read(key, text).unwrap())
            .collect();
        Condition {
            key,
            quantifier,
            patterns,
        }
    };
    Terms::new(conditions.iter().map(read).collect())
}

fn facts(said: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (name, text) in said {
        facts.read(Key::parse(name).unwrap(), text, Source::Given((*text).into()));
    }
    assert!(facts.remarks().is_empty());
    facts
}

fn route(name: &str, to: usize, when: &[(&str, &[&str])], unless: &[(&str, &[&str])]) -> Route {
    Route {
        name: name.into(),
        when: terms(when),
        unless: terms(unless),
        to: PartnerId::at(to),
    }
}

/// A payer, a clinic without a server, a hub.
fn table(routes: Vec<Route>) -> Table {
    let mut payer = partner("payer");
    payer.payer_ids = vec![PayerId::parse("60054").unwrap()];
    let mut clinic = partner("clinic");
    clinic.npis = vec![Npi::parse("1234567893").unwrap()];
    clinic.tins = vec![Tin::parse("012345678").unwrap()];
    clinic.speaks = Speaks::Fhir(FhirAbilities {
        hosted: true,
        ..FhirAbilities::default()
    });
    let hub = partner("hub");
    Table::new(Settings {
        partners: vec![payer, clinic, hub],
        routes,
        park: Park::Hold,
    })
}

#[track_caller]
fn check(table: &Table, facts: &Facts, expected: &str) {
    let decision = table.decide(facts);
    assert_eq!(table.explain(facts).decision, decision, "the slow reading agrees");
    let to = decision
        .to
        .and_then(|(id, _)| table.partners().partner(id))
        .map_or("nowhere", |to| &*to.name);
    let by = match decision.by {
        By::Conversation => "conversation".to_owned(),
        By::Route(route) => format!("route {}", route.index() + 1),
        By::Addressee(Addressed::Owned(owner)) => format!("{}", owner.key),
        By::Addressee(Addressed::Named(_)) => "name".to_owned(),
        By::Park(why) => format!("{why:?}"),
    };
    assert_eq!(format!("{to} by {by}"), expected);
}

#[test]
fn the_first_route_whose_terms_hold_wins() {
    let table = table(vec![
        route("exception", 0, &[("payer-id", &["W0042"])], &[]),
        route(
            "the west",
            2,
            &[("message", &["275"]), ("payer-id", &["W*"])],
            &[("loinc", &["18842-5"])],
        ),
    ]);
    check(
        &table,
        &facts(&[("message", "275"), ("payer-id", "W0042")]),
        "payer by route 1",
    );
    check(
        &table,
        &facts(&[("message", "275"), ("payer-id", "W1")]),
        "hub by route 2",
    );
    let excepted = facts(&[("message", "275"), ("payer-id", "W1"), ("loinc", "18842-5")]);
    check(&table, &excepted, "nowhere by NoOwner(PayerId)");
}

#[test]
fn one_loinc_is_enough_unless_all_are_asked_for() {
    let imaging: &[&str] = &["18748-4", "11502-2"];
    let any = table(vec![route("any", 2, &[("loinc", imaging)], &[])]);
    let all = table(vec![route("all", 2, &[("all-loinc", imaging)], &[])]);
    let two = facts(&[
        ("message", "275"),
        ("loinc", "18748-4"),
        ("loinc", "18842-5"),
        ("payer-id", "60054"),
    ]);
    check(&any, &two, "hub by route 1");
    check(&all, &two, "payer by payer-id");
    check(
        &all,
        &facts(&[("message", "275"), ("loinc", "18748-4")]),
        "hub by route 1",
    );
    check(&all, &facts(&[("message", "275")]), "nowhere by NoAddressee");
}

#[test]
fn documents_go_to_the_payer_and_requests_to_the_provider() {
    let table = table(Vec::new());
    check(
        &table,
        &facts(&[("message", "275"), ("payer-id", "60054")]),
        "payer by payer-id",
    );
    let request = [
        ("message", "277"),
        ("payer-id", "60054"),
        ("provider-npi", "1234567893"),
    ];
    check(&table, &facts(&request), "clinic by provider-npi");
    check(
        &table,
        &facts(&[("message", "task"), ("tin", "012345678")]),
        "clinic by tin",
    );
    let by_organization = [("message", "task"), ("organization", "1234567893")];
    check(&table, &facts(&by_organization), "clinic by organization");
    check(
        &table,
        &facts(&[("message", "277"), ("provider-npi", "1999999992")]),
        "nowhere by NoOwner(ProviderNpi)",
    );
    check(
        &table,
        &facts(&[("message", "ack")]),
        "nowhere by NothingToAnswer",
    );
    check(
        &table,
        &facts(&[("payer-id", "60054")]),
        "nowhere by UnknownMessage",
    );
}

#[test]
fn a_review_goes_to_the_payer_unless_the_payer_sent_it() {
    let mut settings = Settings {
        partners: table(Vec::new()).partners().all().to_vec(),
        ..Settings::default()
    };
    settings.partners[0].speaks = Speaks::X12 {
        messages: vec![Message::Review278],
    };
    let table = Table::new(settings);
    let asks = [
        ("message", "278"),
        ("payer-id", "60054"),
        ("provider-npi", "1234567893"),
    ];
    check(&table, &facts(&asks), "payer by payer-id");
    let mut answers = asks.to_vec();
    answers.push(("from", "payer"));
    check(&table, &facts(&answers), "clinic by provider-npi");
}

#[test]
fn an_answer_goes_home_whatever_the_routes_say() {
    let table = table(vec![route("all", 2, &[], &[])]);
    let mut answer = facts(&[("message", "275")]);
    check(&table, &answer, "hub by route 1");
    answer.in_conversation(Conversation::Open(Some("payer".into())));
    check(&table, &answer, "payer by conversation");
    answer.in_conversation(Conversation::Open(None));
    check(&table, &answer, "nowhere by conversation");
}

#[test]
fn what_a_partner_cannot_be_sent_is_parked() {
    let table = table(vec![route("wrong", 1, &[("message", &["275"])], &[])]);
    let documents = facts(&[("message", "275"), ("payer-id", "60054")]);
    check(
        &table,
        &documents,
        "nowhere by CannotSend(PartnerId(1), NoServer)",
    );
}

#[test]
fn a_read_is_for_the_partner_that_its_path_names() {
    let mut settings = Settings {
        partners: vec![partner("ehr")],
        ..Settings::default()
    };
    let can = FhirAbilities {
        server: true,
        query: true,
        ..FhirAbilities::default()
    };
    settings.partners[0].speaks = Speaks::Fhir(can);
    let table = Table::new(settings);
    let mut read = facts(&[("message", "fhir-read"), ("resource", "Condition")]);
    check(&table, &read, "nowhere by NoAddressee");
    read.for_partner("ehr");
    check(&table, &read, "ehr by name");
    read.for_partner("nobody");
    check(&table, &read, "nowhere by NoSuchPartner");
}
