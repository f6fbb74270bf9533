//! There and back again: equal, but for what the loss report names.

use cartage::base::place::Place;
use cartage::fhir::TaskKind;
use cartage::fhir::check;
use cartage::mapping::Library;
use cartage::translate::Context;
use cartage::translate::Lineage;
use cartage::translate::LossPlace;
use cartage::translate::Resources;
use cartage::translate::Translation;
use cartage::translate::from_fhir;
use cartage::translate::from_x12;
use cartage::x12::Transaction;
use serde_json::Value;

use crate::corpus;

/// Goes from X12 to FHIR and back; gives the lines before and after.
fn there_and_back(
    library: &Library,
    (there, back): (&str, &str),
    before: &Transaction,
    context: &Context,
) -> (String, String) {
    let there = from_x12(library.program(there).unwrap(), before, context, Lineage::Kept);
    let documents: Vec<String> = there.documents().collect();
    let documents: Vec<&[u8]> = documents.iter().map(String::as_bytes).collect();
    let resources = Resources::read(&documents).unwrap();
    let context = context.clone().with("guide", before.guide());
    let back = from_fhir(
        library.program(back).unwrap(),
        &resources,
        &context,
        Lineage::Kept,
    );
    let after = back.transactions().map(Transaction::to_lines).collect();
    (before.to_lines(), after)
}

/// The lines that only one side has, without those whose control number or broken hierarchy may differ.
pub(crate) fn differences(before: &str, after: &str, pardoned: &[&str]) -> Vec<String> {
    let pardon = |line: &&str| !pardoned.iter().any(|start| line.starts_with(start));
    let (before, after): (Vec<&str>, Vec<&str>) = (
        before.lines().filter(pardon).collect(),
        after.lines().filter(pardon).collect(),
    );
    let lost = before.iter().filter(|line| !after.contains(line));
    let gained = after.iter().filter(|line| !before.contains(line));
    let mut found: Vec<String> = lost.map(|line| format!("- {line}")).collect();
    found.extend(gained.map(|line| format!("+ {line}")));
    if found.is_empty() && in_order(&before) != in_order(&after) {
        found.push("another order".to_owned());
    }
    found
}

/// The lines whose order means something: the loops of names in a 275 may stand in any order.
fn in_order<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    let of_names = |line: &&str| line.starts_with("NM1*") || line.starts_with("PER*");
    lines.iter().copied().filter(|line| !of_names(line)).collect()
}

/// ST02 and SE02 are numbers of the sender's own making.
pub(crate) const CONTROL: &[&str] = &["ST*", "SE*"];

#[test]
fn corpus_277_to_task_and_back_is_the_same_request() {
    let library = Library::built_in().unwrap();
    for version in ["1.1", "2.0", "2.1", "3.0"] {
        for (name, before) in corpus::transactions("277") {
            // A request of 1.1 is about whole claims: what lines are asked about is lost and reported.
            if version == "1.1" && name.contains("line_level") {
                continue;
            }
            let context = Context::new().with("offset", "-05:00").with("version", version);
            let (before, after) =
                there_and_back(&library, ("task-from-277", "277-from-task"), &before, &context);
            // The one broken hierarchy comes back whole.
            let repaired = name.contains("hl_parent_missing");
            let pardoned = if repaired {
                &["ST*", "SE*", "HL*4*"][..]
            } else {
                CONTROL
            };
            let found = differences(&before, &after, pardoned);
            assert!(found.is_empty(), "{name} as {version}\n{}\n", found.join("\n"));
        }
    }
}

#[test]
fn corpus_275_to_submission_and_back_is_the_same_attachment() {
    let library = Library::built_in().unwrap();
    for version in ["1.1", "2.0", "2.1", "3.0"] {
        for (name, before) in corpus::transactions("275") {
            // The end of this one's content is not known, so there is nothing to submit.
            if name.contains("numeric") {
                continue;
            }
            let context = Context::new().with("date", "20261120").with("version", version);
            let (before, after) = there_and_back(
                &library,
                ("submit-from-275", "275-from-submit"),
                &before,
                &context,
            );
            // The one 275 without a trace is known by the payer's number of the claim from then on.
            let repaired = name.starts_with("275_x211");
            let pardoned = if repaired {
                &["ST*", "SE*", "REF*IK", "TRN*2*1722634842", "LX*"][..]
            } else {
                CONTROL
            };
            let found = differences(&before, &after, pardoned);
            assert!(found.is_empty(), "{name} as {version}\n{}\n", found.join("\n"));
        }
    }
}

/// What stands at a path such as `Task.input[2].valueUrl` is taken out.
fn take(resource: &mut Value, path: &str) {
    let mut steps: Vec<String> = Vec::new();
    for part in path.split('.').skip(1) {
        let mut pieces = part.split('[');
        steps.push(pieces.next().unwrap().to_owned());
        steps.extend(pieces.map(|index| index.trim_end_matches(']').to_owned()));
    }
    let mut here = resource;
    for step in &steps {
        here = match here {
            Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
            other => other
                .get_mut(step)
                .unwrap_or_else(|| panic!("{path} is not there")),
        };
    }
    *here = Value::Null;
}

/// The value without nulls, empty objects and empty lists.
fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(pruned).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) => {
            let members = members.into_iter();
            let members: serde_json::Map<String, Value> = members
                .filter_map(|(name, value)| Some((name, pruned(value)?)))
                .collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        other => Some(other),
    }
}

/// The paths of the source that a translation lost.
fn lost(translation: &Translation<'_>) -> Vec<String> {
    let losses = translation.losses();
    losses
        .iter()
        .filter_map(|loss| match &loss.place {
            LossPlace::Source(Place::Fhir { expression }) => Some(expression.to_string()),
            _ => None,
        })
        .collect()
}

/// Goes from FHIR to X12 and back, and expects the example without exactly the lost paths, each of which starts as one
/// of `predicted`.
#[track_caller]
fn check_example(name: &str, (there, back): (&str, &str), context: &Context, predicted: &[&str]) {
    let Some(folder) = corpus::shared("spec/fhir/examples") else {
        return;
    };
    let text = std::fs::read(folder.join(name)).unwrap();
    let library = Library::built_in().unwrap();
    let documents = [text.as_slice()];
    let resources = Resources::read(&documents).unwrap();
    let there = from_fhir(
        library.program(there).unwrap(),
        &resources,
        context,
        Lineage::Kept,
    );
    assert_eq!(there.missing().count(), 0, "{name}");
    let mut before: Value = serde_json::from_slice(&text).unwrap();
    for path in lost(&there) {
        let known = predicted.iter().any(|start| path.starts_with(start));
        assert!(known, "{name}: {path} is lost, which nobody predicted");
        take(&mut before, &path);
    }
    let transaction = there.transactions().next().unwrap();
    let back = from_x12(
        library.program(back).unwrap(),
        transaction,
        context,
        Lineage::Kept,
    );
    let after: Vec<String> = back.documents().collect();
    let after: Value = serde_json::from_str(&after[0]).unwrap();
    assert_eq!(pruned(before), Some(after), "{name}");
}

fn partner() -> Context {
    Context::new()
        .with("offset", "Z")
        .with("date", "20261120")
        .with("time", "0900")
        .with("control-number", "0001")
}

/// What identifies a resource on its server, and what the authors of the guide say about an example.
const SERVER: [&str; 2] = ["Task.id", "Task.meta.extension"];

#[test]
fn corpus_a_task_for_a_claim_comes_back_but_for_what_a_277_cannot_say() {
    let context = partner()
        .with("tracking-system", "http://example.org/payer")
        .with("payer-system", "http://example.org/cdex/payer/payer-ids")
        .with("member-system", "http://example.org/cdex/payer/member-ids")
        .with("claim-system", "http://example.org/cdex/payer/claim-ids");
    // Row 16 of the table has no place for the birth date; the flags have no row at all.
    let predicted = [
        SERVER[0],
        SERVER[1],
        "Task.lastModified",
        "Task.contained[0].birthDate",
        "Task.input[1].",
        "Task.input[4].",
    ];
    for name in ["cdex-task-example19.json", "cdex-task-inline-example19.json"] {
        check_example(name, ("277-from-task", "task-from-277"), &context, &predicted);
    }
}

#[test]
fn corpus_a_task_for_a_prior_authorisation_is_refused_by_a_277() {
    let library = Library::built_in().unwrap();
    for (name, text) in corpus::files("spec/fhir/examples") {
        let numbers = ["22", "24", "28", "29"];
        if !numbers
            .iter()
            .any(|number| name.ends_with(&format!("task-example{number}.json")))
        {
            continue;
        }
        let documents = [text.as_slice()];
        let resources = Resources::read(&documents).unwrap();
        let program = library.program("277-from-task").unwrap();
        let translation = from_fhir(program, &resources, &partner(), Lineage::Kept);
        let refused: Vec<&str> = translation.missing().map(|rule| &*rule.name).collect();
        assert_eq!(refused, ["task.not-a-claim"], "{name}");
    }
}

/// Every Task and every submission of the guide is either carried there and back above, or refused for a reason.
#[test]
fn corpus_no_example_is_passed_over() {
    const CARRIED: [&str; 5] = [
        "cdex-task-example19.json",
        "cdex-task-inline-example19.json",
        "cdex-parameters-example1.json",
        "cdex-parameters-example3.json",
        "cdex-parameters-example5.json",
    ];
    let library = Library::built_in().unwrap();
    let mut seen = 0;
    for (name, text) in corpus::files("spec/fhir/examples") {
        let value: Value = serde_json::from_slice(&text).unwrap();
        let program = match value["resourceType"].as_str() {
            Some("Task") => "277-from-task",
            Some("Parameters") => "275-from-submit",
            _ => continue,
        };
        seen += 1;
        if CARRIED.contains(&name.as_str()) {
            continue;
        }
        // A request for data has no form in X12, as the command says before any mapping is asked.
        if check::kind_of_task(&value) == TaskKind::DataRequest {
            continue;
        }
        let documents = [text.as_slice()];
        let resources = Resources::read(&documents).unwrap();
        let translation = from_fhir(
            library.program(program).unwrap(),
            &resources,
            &partner(),
            Lineage::Kept,
        );
        let refused: Vec<&str> = translation.missing().map(|rule| &*rule.name).collect();
        assert_eq!(refused, ["task.not-a-claim"], "{name}");
    }
    assert!(
        seen > 20 || corpus::shared("spec/fhir/examples").is_none(),
        "{seen} examples"
    );
}

fn submission(tracking: &str) -> Context {
    partner()
        .with("tracking-system", tracking)
        .with("payer-system", "http://example.org/cdex/payer-ids")
        .with("member-system", "http://example.org/cdex/member-ids")
}

const SUBMIT: (&str, &str) = ("275-from-submit", "submit-from-275");
const RESOURCE: [&str; 2] = ["Parameters.id", "Parameters.meta.extension"];

#[test]
fn corpus_a_submission_carried_as_a_resource_comes_back_whole() {
    let unsolicited = submission("http://example.org/provider").with("packaging", "resource");
    check_example("cdex-parameters-example1.json", SUBMIT, &unsolicited, &RESOURCE);
    let solicited = submission("http://example.org/payer-acns")
        .with("packaging", "resource")
        .with("solicited", "true");
    check_example("cdex-parameters-example3.json", SUBMIT, &solicited, &RESOURCE);
    for guide in ["006020X316", "005010X211"] {
        let review = partner()
            .with("guide", guide)
            .with("version", "3.0")
            .with("solicited", "true")
            .with("tracking-system", "http://example.org/payer-acns")
            .with("payer-system", "http://example.org/cdex/payer/payer-ids")
            .with("member-system", "http://example.org/cdex/payer/member-ids");
        // The namespace of the administrative reference number has no place.
        let predicted = [
            RESOURCE[0],
            RESOURCE[1],
            "Parameters.parameter[1].valueIdentifier.system",
        ];
        check_example("cdex-parameters-example5.json", SUBMIT, &review, &predicted);
    }
}

#[test]
fn corpus_a_submission_carried_as_a_document_loses_what_describes_the_document() {
    let unsolicited = submission("http://example.org/provider");
    let content = "Parameters.parameter[7].part[4].resource.";
    let paths = [
        "type.coding[0].display",
        "type.text",
        "category[0].text",
        "date",
        "meta.profile",
    ];
    let mut predicted: Vec<String> = paths.iter().map(|path| format!("{content}{path}")).collect();
    predicted.push(format!("{content}content[0].attachment.title"));
    predicted.push(format!("{content}content[0].attachment.hash"));
    predicted.extend(RESOURCE.map(str::to_owned));
    let predicted: Vec<&str> = predicted.iter().map(String::as_str).collect();
    check_example("cdex-parameters-example1.json", SUBMIT, &unsolicited, &predicted);
    let solicited = submission("http://example.org/payer-acns").with("solicited", "true");
    let content = "Parameters.parameter[7].part[2].resource.";
    let predicted = [RESOURCE[0], RESOURCE[1], content];
    for guide in ["006020X314", "005010X210"] {
        let solicited = solicited.clone().with("guide", guide);
        check_example("cdex-parameters-example3.json", SUBMIT, &solicited, &predicted);
    }
}
