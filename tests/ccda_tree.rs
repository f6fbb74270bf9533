//! The tree of a C-CDA document: the same as another reader's, and safe from what strangers send.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "ccda_support/mod.rs"]
mod ccda_support;
#[path = "ccda_tree/hostile.rs"]
mod hostile;
#[path = "ccda_tree/oracle.rs"]
mod oracle;

use cartage::ccda::Limits;
use cartage::ccda::Tree;

use ccda_support::samples;

#[test]
fn the_tree_is_the_one_that_roxmltree_reads() {
    let mut compared = 0;
    for sample in samples("ccda").iter().chain(&samples("ccda-on-fhir")) {
        // Where roxmltree does not read (encodings, undeclared prefixes), there is nothing to compare.
        let Ok(text) = std::str::from_utf8(&sample.bytes) else {
            continue;
        };
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let Ok(mut expected) = oracle::tell(text) else {
            continue;
        };
        let tree = Tree::read(&sample.bytes, &Limits::default());
        let tree = tree.unwrap_or_else(|refusal| panic!("{}: {refusal}", sample.name));
        let told = oracle::tell_ours(tree.root());
        oracle::forget_unknown_names(&told, &mut expected);
        for (line, (ours, theirs)) in told.iter().zip(&expected).enumerate() {
            assert_eq!(ours, theirs, "{}, node {line}", sample.name);
        }
        assert_eq!(told.len(), expected.len(), "{}", sample.name);
        compared += 1;
    }
    assert!(compared == 0 || compared > 700, "only {compared} were compared");
}

#[test]
fn every_document_of_a_vendor_is_read() {
    for sample in ccda_support::vendor_documents() {
        let read = Tree::read_clinical_document(&sample.bytes, &Limits::default());
        assert_eq!(read.err(), None, "{}", sample.name);
    }
}

#[test]
fn no_truncation_and_no_changed_byte_makes_it_panic() {
    let sample =
        br#"<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:s="urn:hl7-org:sdtc">
        <!-- c --><templateId root="2.16.840.1.113883.10.20.22.1.2"/><text>a&amp;<![CDATA[<b>]]> &#x41;</text>
        <s:deceasedInd value='true &lt;'/></ClinicalDocument>"#;
    assert!(Tree::read_clinical_document(sample, &Limits::default()).is_ok());
    for length in 0..sample.len() {
        assert!(
            Tree::read(&sample[..length], &Limits::default()).is_err(),
            "{length}"
        );
    }
    let mut changed = sample.to_vec();
    for at in 0..sample.len() {
        for byte in [
            0, b'<', b'>', b'&', b'"', b'\'', b'/', b';', b' ', b':', b'=', 0xC3,
        ] {
            changed[at] = byte;
            if let Ok(tree) = Tree::read(&changed, &Limits::default()) {
                let _ = oracle::tell_ours(tree.root());
            }
        }
        changed[at] = sample[at];
    }
}
