//! Whoever does without lineage gets the same target.

use cartage::mapping::Library;
use cartage::translate::Context;
use cartage::translate::Lineage;
use cartage::translate::Resources;
use cartage::translate::Translation;
use cartage::translate::from_fhir;
use cartage::translate::from_x12;
use cartage::x12::Transaction;

use crate::corpus;

const VERSIONS: [&str; 4] = ["1.1", "2.0", "2.1", "3.0"];

/// All that a translation made, as bytes.
fn made(translation: &Translation<'_>) -> Vec<u8> {
    let mut made = Vec::new();
    translation.write_documents(&mut made);
    for transaction in translation.transactions() {
        made.extend_from_slice(transaction.to_lines().as_bytes());
    }
    for rule in translation.missing() {
        made.extend_from_slice(rule.name.as_bytes());
    }
    made
}

/// Translates with and without lineage; gives what both made.
#[track_caller]
fn check<'r>(name: &str, translate: impl Fn(Lineage) -> Translation<'r>) -> Vec<u8> {
    let (kept, skipped) = (translate(Lineage::Kept), translate(Lineage::Skipped));
    assert!(
        made(&kept) == made(&skipped),
        "{name}: another target without lineage"
    );
    assert!(skipped.losses().is_empty(), "{name}");
    made(&skipped)
}

#[test]
fn corpus_x12_becomes_the_same_without_lineage() {
    let library = Library::built_in().unwrap();
    let ways = [
        ("277", "task-from-277", "277-from-task"),
        ("275", "submit-from-275", "275-from-submit"),
    ];
    for (frame, there, back) in ways {
        let (there, back) = (library.program(there).unwrap(), library.program(back).unwrap());
        for (name, transaction) in corpus::transactions(frame) {
            for (carry, version) in ["true", "false"]
                .into_iter()
                .flat_map(|carry| VERSIONS.map(|version| (carry, version)))
            {
                let context = Context::new()
                    .with("carry", carry)
                    .with("version", version)
                    .with("date", "20261120");
                let documents = check(&name, |lineage| from_x12(there, &transaction, &context, lineage));
                let documents: Vec<&[u8]> = documents
                    .split(|byte| *byte == b'\n')
                    .filter(|document| document.starts_with(b"{"))
                    .collect();
                let resources = Resources::read(&documents).unwrap();
                let context = context.with("guide", transaction.guide());
                check(&name, |lineage| from_fhir(back, &resources, &context, lineage));
            }
        }
    }
}

#[test]
fn corpus_examples_become_the_same_without_lineage() {
    let library = Library::built_in().unwrap();
    for (name, text) in corpus::files("spec/fhir/examples") {
        let documents = [text.as_slice()];
        let Ok(resources) = Resources::read(&documents) else {
            continue;
        };
        for (mapping, guide) in [
            ("277-from-task", "006020X313"),
            ("275-from-submit", "006020X314"),
            ("275-from-submit", "005010X210"),
        ] {
            let program = library.program(mapping).unwrap();
            let context = Context::new().with("guide", guide);
            check(&name, |lineage| from_fhir(program, &resources, &context, lineage));
        }
    }
}

#[test]
fn what_no_row_takes_is_carried_with_and_without_lineage() {
    let library = Library::built_in().unwrap();
    let program = library.program("task-from-277").unwrap();
    let input = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0900*^*00602*000000001*0*T*:~\
GS*HN*SENDER*RECEIVER*20261120*0900*1*X*006020X313~ST*277*0001*006020X313~BHT*0085*48*R1*20261120*0900*RQ~\
HL*1**20*1~NM1*PR*2*INVENTED PLAN*****PI*P1~HL*2*1*21*1~NM1*41*2*INVENTED SERVICE*****46*S1~\
HL*3*2*19*1~NM1*1P*2*INVENTED CLINIC*****XX*1234567893~HL*4*3*PT~NM1*QC*1*EXAMPLE*ANN****MI*M1~\
TRN*1*C1~STC*R4:18842-5::LOI*20261120**77~REF*EJ*A1~SE*15*0001~GE*1*1~IEA*1*000000001~";
    let transactions: Vec<Transaction> = cartage::x12::read_plainly(input);
    let context = Context::new();
    let made = check("ours", |lineage| {
        from_x12(program, &transactions[0], &context, lineage)
    });
    let made = String::from_utf8(made).unwrap();
    // The charge of the claim has no place in a Task; what other rows took is not carried with it.
    assert!(made.contains(r#""url":"04","valueString":"77""#), "{made}");
    assert!(!made.contains(r#""url":"01-2""#), "{made}");
}
