//! What a partner asks beyond the guides holds for what it is sent and for what it sends, in a running gateway.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

mod journey_support;

use journey_support::HARBOR_ID;
use journey_support::LAKE_NPI;
use journey_support::NORTH_NPI;
use journey_support::Stage;
use journey_support::messages::attachment;
use journey_support::messages::element;
use journey_support::messages::request;
use journey_support::messages::submission;

/// A stage on which the payer has these rules.
fn stage(rules: &str) -> Stage {
    let stage = Stage::new();
    stage.ground.file("harbor-rules.toml", rules);
    let text = std::fs::read_to_string(stage.ground.path("gateway.toml")).unwrap();
    let isa = "isa = \"ZZ:HARBORPLAN\"";
    let text = text.replace(isa, &format!("{isa}, rules = \"harbor-rules.toml\""));
    stage.ground.file("gateway.toml", &text);
    let told = stage.admin(r#"{"command":"reload"}"#);
    assert_eq!(told["generation"], 2, "{told}");
    stage
}

/// Rules of the payer for the 275 that it is sent.
const FOR_ATTACHMENTS: &str = r#"
[[rule]]
guide      = "006020X314"
loop       = "2000A"
at         = "TRN02"
max-length = 8
"#;

#[test]
fn a_payer_is_not_sent_what_it_would_refuse() {
    let stage = stage(FOR_ATTACHMENTS);
    let submit = |tracking: &str| {
        let body = submission(tracking, HARBOR_ID, NORTH_NPI, "QUJD");
        stage.post("north", "$submit-attachment", &body)
    };
    let (status, said) = submit("MUCH-TOO-LONG");
    assert_eq!(status, 422, "{said}");
    assert!(said.to_string().contains("IK403-5 at TRN"), "{said}");
    let (status, said) = submit("SHORT");
    assert_eq!(status, 200, "{said}");
    assert_eq!(element(&stage.harbor.next().body, "TRN", 2), "SHORT");
    assert!(!stage.harbor.has_more());
}

#[test]
fn what_passes_unchanged_is_held_to_the_rules_of_its_receiver() {
    let stage = stage(FOR_ATTACHMENTS);
    let send = |control, tracking: &str| {
        let text = attachment(control, "02", tracking, HARBOR_ID, "QUJD");
        stage.x12("south", &text)
    };
    let said = send(1, "MUCH-TOO-LONG");
    assert!(said.contains("ST*824*"), "{said}");
    let said = send(2, "SHORT");
    assert!(said.contains("AK9*A*") && !said.contains("ST*824*"), "{said}");
    assert_eq!(element(&stage.harbor.next().body, "TRN", 2), "SHORT");
    assert!(!stage.harbor.has_more());
}

#[test]
fn a_payer_is_held_to_its_own_rules() {
    let stage = stage("[[rule]]\nguide = \"006020X313\"\nat = \"TRN02\"\nmax-length = 8\n");
    let said = stage.x12("harbor", &request(1, "MUCH-TOO-LONG", LAKE_NPI));
    assert!(
        said.contains("AK9*R*") && said.contains("IK403*") || said.contains("IK4*"),
        "{said}"
    );
    let said = stage.x12("harbor", &request(2, "SHORT", LAKE_NPI));
    assert!(said.contains("AK9*A*"), "{said}");
    assert_eq!(stage.search("lake", "identifier=SHORT").len(), 1);
}

/// What cannot be applied is told before it is in force, and the rules before it stay.
#[test]
fn rules_that_do_not_fit_are_refused() {
    let stage = stage(FOR_ATTACHMENTS);
    stage.ground.file(
        "harbor-rules.toml",
        "[[rule]]\nguide = \"006020X314\"\nat = \"ZZ9\"\nusage = \"required\"\n",
    );
    let told = stage.admin(r#"{"command":"reload"}"#);
    let why = told["error"].as_str().unwrap();
    assert!(
        why.contains("G0314") && why.contains("the guide has no such place"),
        "{why}"
    );
    assert_eq!(stage.admin(r#"{"command":"status"}"#)["generation"], 2);
}
