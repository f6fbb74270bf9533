//! Documents as nobody would send them: parts gone, doubled, moved and filled with nonsense, by chance with a seed.

use cartage::translate::ccda::Converter;
use cartage::translate::ccda::Narrative;
use cartage::translate::ccda::Options;

use super::ccda_support;
use super::shape;

/// How often one document is changed.
const CHANGES: u64 = 12;

/// What stands in attributes that should not.
const NONSENSE: &[&str] = &[
    "",
    " ",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    "20230231",
    "2023022999",
    "javascript:alert(1)",
    "urn:oid:",
    "#",
    "#nowhere",
    "UNK",
    "\u{FFFD}\u{1F600}",
    "a b",
    "true",
    "2.16.840.1.113883.6.1",
];

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// `text` with one thing changed; what comes out is well-formed.
fn changed(text: &str, dice: &mut Dice) -> String {
    let document = roxmltree::Document::parse(text).unwrap();
    let elements: Vec<_> = document
        .root_element()
        .descendants()
        .filter(|node| node.is_element() && *node != document.root_element())
        .collect();
    if elements.is_empty() {
        return text.to_owned();
    }
    let one = elements[dice.below(elements.len())];
    let range = one.range();
    let mut changed = text.to_owned();
    match dice.below(5) {
        0 => changed.replace_range(range, ""),
        1 => changed.insert_str(range.end, &text[range]),
        2 => {
            // Into another place, with the declarations that it needs being at the root in all samples.
            let other = elements[dice.below(elements.len())].range().end;
            changed.insert_str(other, &text[range]);
        }
        _ => {
            let attributes: Vec<_> = one.attributes().collect();
            if !attributes.is_empty() {
                let range = attributes[dice.below(attributes.len())].range_value();
                changed.replace_range(range, NONSENSE[dice.below(NONSENSE.len())]);
            }
        }
    }
    changed
}

#[test]
fn whatever_is_changed_the_bundle_is_sound() {
    let options = Options {
        narrative: Narrative::Full,
        lineage: true,
        ..Options::default()
    };
    let mut dice = Dice(0x5EED_CCDA_2026_1120);
    let mut samples = vec![("summary".to_owned(), super::SUMMARY.to_owned())];
    for sample in ccda_support::samples("ccda/hl7-examples") {
        let text = String::from_utf8(sample.bytes).ok();
        if let Some(document) = text.and_then(|text| shape::as_document(&text)) {
            samples.push((sample.name, document));
        }
    }
    for (name, text) in samples {
        let mut document = text;
        for _ in 0..CHANGES {
            // A change may double an attribute's namespace away; then the round is over.
            if roxmltree::Document::parse(&document).is_err() {
                break;
            }
            document = changed(&document, &mut dice);
            let Ok(outcome) = Converter::embedded().convert(document.as_bytes(), &options) else {
                continue;
            };
            shape::assert_sound(&name, &outcome.bundle);
        }
    }
}
