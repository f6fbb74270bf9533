//! Documents made to hurt: each is answered with a code of its own.

use cartage::ccda::Limits;
use cartage::ccda::Tree;

const OPEN: &str = r#"<ClinicalDocument xmlns="urn:hl7-org:v3">"#;

#[track_caller]
fn check(document: impl AsRef<[u8]>, expected: &str) {
    let read = Tree::read_clinical_document(document.as_ref(), &Limits::default());
    let code = read.err().map_or("read", |refusal| refusal.code().as_str());
    assert_eq!(code, expected);
}

fn around(inside: &str) -> String {
    format!("{OPEN}{inside}</ClinicalDocument>")
}

/// The numbers below `count`, each between `before` and `after`.
fn counted(count: usize, before: &str, after: &str) -> String {
    let mut text = String::new();
    for number in 0..count {
        text.push_str(before);
        text.push_str(&number.to_string());
        text.push_str(after);
    }
    text
}

#[test]
fn entities_and_document_types_are_refused() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>"#;
    check(format!("{laughs}{}", around("&b;")), "ccda.document-type");
    let quadratic = format!("<!DOCTYPE d [<!ENTITY a \"{}\">]>", "x".repeat(100_000));
    check(
        format!("{quadratic}{}", around(&"&a;".repeat(10_000))),
        "ccda.document-type",
    );
    let external = r#"<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>"#;
    check(format!("{external}{}", around("&x;")), "ccda.document-type");
    check("<!DOCTYPE d [", "ccda.document-type");
    check(around("&nbsp;"), "ccda.unknown-entity");
    check(around("<id root='&x;'/>"), "ccda.unknown-entity");
}

#[test]
fn floods_are_refused() {
    check(format!("{OPEN}{}", "<a>".repeat(100_000)), "ccda.too-deep");
    check(around(&"<br/>".repeat(1_000_000)), "ccda.too-many-nodes");
    let attributes = counted(10_000, " a", "=''");
    check(around(&format!("<id{attributes}/>")), "ccda.too-many-attributes");
    let declared = counted(100, " xmlns:a", "='b'");
    check(around(&format!("<id{declared}/>")), "ccda.too-many-attributes");
    let names = counted(2_000, "<n", "/>");
    check(around(&names), "ccda.too-many-names");
}

#[test]
fn what_is_too_long_is_refused() {
    let limits = Limits {
        document: 200,
        text: 20,
        ..Limits::default()
    };
    let code = |document: &str| {
        let read = Tree::read(document.as_bytes(), &limits);
        read.err().map(|refusal| refusal.code().as_str())
    };
    assert_eq!(code(&around(&"x".repeat(20))), None);
    assert_eq!(code(&around(&"x".repeat(21))), Some("ccda.text-too-long"));
    assert_eq!(code(&around(&"&lt;".repeat(21))), Some("ccda.text-too-long"));
    assert_eq!(
        code(&around(&format!("<id root='{}'/>", "x".repeat(21)))),
        Some("ccda.text-too-long")
    );
    assert_eq!(code(&around(&"<br/>".repeat(40))), Some("ccda.document-too-long"));
}

#[test]
fn lies_about_letters_are_refused() {
    check(
        [OPEN.as_bytes(), b"\xE4</ClinicalDocument>"].concat(),
        "ccda.wrong-encoding",
    );
    check(b"\xFF\xFE<\0\x00\xD8>\0", "ccda.wrong-encoding");
    check(
        "<?xml version='1.0' encoding='x-user'?><a/>",
        "ccda.unknown-encoding",
    );
    check(around("&#xD800;"), "ccda.bad-character");
    check(around("<id root='&#0;'/>"), "ccda.bad-character");
    check(around("&#x110000;"), "ccda.bad-character");
}

#[test]
fn what_is_no_document_is_refused() {
    check("", "ccda.empty");
    check(" \n", "ccda.empty");
    check("hello", "ccda.not-well-formed");
    check("<a></b>", "ccda.not-well-formed");
    check("<a/><b/>", "ccda.not-well-formed");
    check("<a b/>", "ccda.not-well-formed");
    check(OPEN, "ccda.truncated");
    check(format!("{OPEN}<id root='"), "ccda.truncated");
    check(
        "<Bundle xmlns='http://hl7.org/fhir'/>",
        "ccda.not-clinical-document",
    );
    check(
        "<ClinicalDocument xmlns='urn:other'/>",
        "ccda.not-clinical-document",
    );
    check(around("<id root='a' root='b'/>"), "ccda.duplicate-attribute");
    check(around(""), "read");
}
