//! What strangers send: narrative with scripts, bodies that lie, things in the wrong place.

use super::convert;
use super::document;
use cartage::translate::ccda::Outcome;
use cartage::translate::ccda::UsCore;

fn converted(inside: &str) -> Outcome {
    convert(&document("", "34109-9", inside), UsCore::default())
}

#[track_caller]
fn assert_noted(outcome: &Outcome, code: &str) {
    let codes: Vec<&str> = outcome.notes.iter().map(|note| note.code.as_str()).collect();
    assert!(codes.contains(&code), "{codes:?}");
}

#[test]
fn scripts_become_words() {
    let outcome =
        converted("<text>before<script>alert(1)</script><content onclick='x()'>after</content></text>");
    assert_noted(&outcome, "ccda.narrative-element");
    assert!(!outcome.bundle.contains("<script") && !outcome.bundle.contains("onclick"));
    assert!(outcome.bundle.contains("beforealert(1)<span>after</span>"));
}

#[test]
fn links_lead_to_pages_mailboxes_and_places_in_the_text() {
    for href in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html;base64,AAAA",
        "file:///etc/x",
        "vbscript:x",
    ] {
        let outcome = converted(&format!("<text><linkHtml href=' {href}'>more</linkHtml></text>"));
        assert_noted(&outcome, "ccda.unsafe-link");
        assert!(!outcome.bundle.contains("href"), "{href}");
    }
    for href in ["https://example.org/a?b=1&amp;c=2", "mailto:a@example.org"] {
        let outcome = converted(&format!("<text><linkHtml href='{href}'>more</linkHtml></text>"));
        assert!(
            outcome.bundle.contains(&format!("href=\\\"{href}\\\"")),
            "{}",
            outcome.bundle
        );
    }
    let outcome =
        converted("<text><content ID='a'>here</content><linkHtml href='#a'>there</linkHtml></text>");
    let id = outcome
        .bundle
        .split("id=\\\"")
        .nth(1)
        .and_then(|rest| rest.split('\\').next());
    assert!(outcome.bundle.contains(&format!("href=\\\"#{}\\\"", id.unwrap())));
}

/// A note with `text` as its body.
fn note(attributes: &str, text: &str) -> Outcome {
    converted(&format!(
        "<entry><act classCode='ACT' moodCode='EVN'><T:202/><id root='1.2' extension='n'/><code code='34109-9' \
         codeSystem='2.16.840.1.113883.6.1'/><text {attributes}>{text}</text></act></entry>"
    ))
}

#[test]
fn bodies_that_are_no_base64_are_left_out_and_told() {
    for (body, code) in [
        ("QUJD*", "ccda.bad-base64"),
        ("QUJDR", "ccda.truncated-base64"),
        ("QQ==QUJD", "ccda.bad-base64"),
    ] {
        let outcome = note("mediaType='application/pdf' representation='B64'", body);
        assert_noted(&outcome, code);
        assert!(!outcome.bundle.contains(body));
    }
    let outcome = note("mediaType='text/plain' representation='B64'", "JVBERi0xLjQK");
    assert_noted(&outcome, "ccda.media-type");
    assert!(outcome.bundle.contains("\"contentType\":\"application/pdf\""));
}

#[test]
fn a_compressed_body_is_never_opened() {
    let bomb = "H4sIAAAAAAAA".repeat(1_000);
    for (compression, kind) in [("GZ", "application/gzip"), ("DF", "application/octet-stream")] {
        let attributes = format!("mediaType='text/plain' representation='B64' compression='{compression}'");
        let outcome = note(&attributes, &bomb);
        assert_noted(&outcome, "ccda.compressed");
        assert!(outcome.bundle.contains(&format!("\"contentType\":\"{kind}\"")));
        assert!(outcome.bundle.contains(&bomb));
    }
}

#[test]
fn a_link_as_a_body_is_data_and_no_script() {
    let outcome = note(
        "mediaType='text/html'",
        "<reference value='javascript:alert(1)'/>",
    );
    assert!(!outcome.bundle.contains("javascript"));
    let outcome = note(
        "mediaType='text/html'",
        "<reference value='https://example.org/note.html'/>",
    );
    assert!(
        outcome
            .bundle
            .contains("\"url\":\"https://example.org/note.html\"")
    );
}

#[test]
fn a_code_with_blanks_around_it_is_the_code() {
    let entry = "<entry><observation classCode='OBS' moodCode='EVN'><T:2/><code code=' 2345-7 &#10;' \
        codeSystem='2.16.840.1.113883.6.1'/></observation></entry>";
    let outcome = converted(entry);
    assert!(outcome.bundle.contains("\"code\":\"2345-7\""));
}
