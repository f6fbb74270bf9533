//! Each 275 and 277 of the corpus, cut short at every byte and changed at every byte.

use std::sync::LazyLock;

use cartage::mapping::guides::Guides;
use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::Matched;
use x12_parser::Settings;
use x12_parser::Terms;
use x12_parser::Watch;

use crate::folder::Sample;
use crate::folder::samples;
use crate::splitter::split;

/// What a byte is changed to, three of them at each place, taking turns.
const BYTES: [u8; 15] = [
    b'~', b'*', b':', b'^', b'\n', b'\r', b' ', b'0', b'9', b'A', b'z', b'S', 0, 0x7f, 0xff,
];

/// All findings of a check.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Watch for Findings {
    fn event(&mut self, _event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        self.0.extend_from_slice(findings);
    }

    fn ending(&mut self, findings: &[Finding]) {
        self.0.extend_from_slice(findings);
    }
}

fn check(input: &[u8], repair: bool) -> Vec<Finding> {
    static GUIDES: LazyLock<Guides> = LazyLock::new(|| Guides::embedded().unwrap());
    let mut terms = Terms::default();
    terms.settings = Settings::default().with_repair(repair);
    let mut checker = Checker::new(terms, GUIDES.set());
    let mut findings = Findings::default();
    checker.feed(input, &mut findings);
    checker.finish(&mut findings);
    findings.0
}

fn attachments_and_requests() -> impl Iterator<Item = Sample> {
    let is_one =
        |name: &str| name.starts_with("275") || name.starts_with("277") || name.starts_with("syn_27");
    samples().into_iter().filter(move |sample| is_one(&sample.name))
}

/// The lengths at which what is left is a whole input all the same: behind an `IEA`.
fn whole_starts(input: &[u8]) -> Vec<usize> {
    let (pieces, _) = split(input);
    let ends = pieces.iter().filter(|piece| piece.raw.starts_with(b"IEA"));
    ends.map(|piece| piece.offset + piece.raw.len() + 1).collect()
}

#[test]
fn whatever_is_cut_off_is_missed() {
    for sample in attachments_and_requests() {
        let whole = whole_starts(&sample.bytes);
        let ends_in_padding = |end: usize| {
            whole
                .iter()
                .any(|start| *start <= end && sample.bytes[*start..end].iter().all(u8::is_ascii_whitespace))
        };
        for end in (1..sample.bytes.len()).filter(|end| !ends_in_padding(*end)) {
            for repair in [false, true] {
                let found = check(&sample.bytes[..end], repair);
                assert!(!found.is_empty(), "{} cut at {end}, repair {repair}", sample.name);
                let beyond = found.iter().find(|finding| finding.offset > end as u64);
                assert_eq!(
                    beyond, None,
                    "{} cut at {end}: a finding behind the end",
                    sample.name
                );
            }
        }
    }
}

#[test]
fn no_change_of_a_byte_is_fatal() {
    for sample in attachments_and_requests() {
        let mut changed = sample.bytes.clone();
        let mut turns = BYTES.iter().cycle();
        for (at, byte) in sample.bytes.iter().enumerate() {
            for to in turns.by_ref().take(3) {
                changed[at] = *to;
                for repair in [false, true] {
                    let found = check(&changed, repair);
                    let beyond = found.iter().find(|finding| finding.offset > changed.len() as u64);
                    assert_eq!(beyond, None, "{}: {to} at {at}", sample.name);
                }
            }
            changed[at] = *byte;
        }
    }
}
