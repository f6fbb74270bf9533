//! Any bytes as a C-CDA document, by themselves and as a section of one: refused, or a Bundle that is JSON.
#![no_main]

use cartage::translate::ccda::Converter;
use cartage::translate::ccda::Narrative;
use cartage::translate::ccda::Options;
use libfuzzer_sys::fuzz_target;

const BEFORE: &[u8] = br#"<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><effectiveTime value="20260101000000+0000"/><component><structuredBody><component><section>"#;
const AFTER: &[u8] = b"</section></component></structuredBody></component></ClinicalDocument>";

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    check(&[BEFORE, bytes, AFTER].concat());
});

fn check(document: &[u8]) {
    let options = Options {
        narrative: Narrative::Full,
        lineage: true,
        ..Options::default()
    };
    let Ok(outcome) = Converter::embedded().convert(document, &options) else { return };
    let bundle: serde_json::Value = serde_json::from_str(&outcome.bundle).expect("a Bundle is JSON");
    assert_eq!(bundle["resourceType"], "Bundle");
    let again = Converter::embedded().bundle(document, &Options { lineage: false, ..options });
    assert_eq!(again.as_deref(), Ok(&*outcome.bundle), "the same document gives the same bytes");
}
