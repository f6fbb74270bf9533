//! Every file of the corpus gets the verdict that its row in the index states, by the program itself.
//!
//! Where a row says what is broken, the code and the byte are asserted; the byte is looked for here, by other means.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::folder::Sample;
use crate::folder::folder;
use crate::folder::samples;

/// What the program must say of a file.
enum Expected {
    /// Accepted, whatever is noted or warned of.
    Accepted,
    /// Rejected, for these errors and no others, in order.
    Rejected(&'static [(&'static str, Spot)]),
    /// Rejected for this error, among others that its guide has against it.
    RejectedAlsoFor(&'static str, Spot),
}

/// A byte of a file.
#[derive(Clone, Copy)]
enum Spot {
    /// The first byte of the text where it stands for the nth time, counted from zero.
    At(&'static str, usize),
    /// The byte behind it.
    Behind(&'static str, usize),
    /// Behind the last byte of the file.
    End,
}

use Expected::Accepted;
use Expected::Rejected;
use Expected::RejectedAlsoFor;
use Spot::At;
use Spot::Behind;
use Spot::End;

/// `SE01` of the first transaction is wrong.
const COUNT: Expected = Rejected(&[("IK502-4", Behind("SE*", 0))]);

const EXPECTED: &[(&str, Expected)] = &[
    (
        "000_nonnumeric_bin01.edi",
        Rejected(&[("IK403-6", Behind("BIN*", 0))]),
    ),
    ("270_hl_cycle.edi", Accepted),
    ("275_cho_wrong_guide_x215_hl_style.edi", COUNT),
    ("275_x211_hl7_valid_bin01.edi", Accepted),
    ("277_claim_level_status.277", Accepted),
    ("277_golden.edi", Accepted),
    ("277_x212.txt", Rejected(&[("TA105-001", Behind("IEA*1*", 0))])),
    ("277ca_accepted.txt", Accepted),
    ("277ca_golden.edi", Accepted),
    ("278_edge.edi", RejectedAlsoFor("AK905-4", Behind("GE*1*", 0))),
    ("278_request.edi", Accepted),
    ("278_response.edi", Accepted),
    ("835_medicare_part_a.835", Accepted),
    ("835_with_plb.edi", COUNT),
    (
        "837_bad_first_line.txt",
        // A blank is missing in ISA02, so the separator behind it stands one byte early.
        Rejected(&[
            ("TA105-022", Behind("ISA*00*         *", 0)),
            ("IK502-4", Behind("SE*", 0)),
        ]),
    ),
    (
        "837_bad_segment_identifier.txt",
        Rejected(&[
            ("IK304-1", At("*IC*DAVID", 0)),
            ("IK304-1", At("Nd4", 0)),
            ("IK304-1", At("NM31", 0)),
            ("IK502-4", Behind("\nSE*", 0)),
        ]),
    ),
    (
        "837_different_separators.txt",
        Rejected(&[("IK502-4", Behind("\nSE~", 0))]),
    ),
    ("837_hl_nested.edi", Accepted),
    (
        "837_many_claims_330k.txt",
        Rejected(&[("IK502-4", Behind("\nSE*", 0))]),
    ),
    (
        "837_multiple_gs.txt",
        Rejected(&[
            ("IK502-4", Behind("\nSE*", 0)),
            ("AK905-19", Behind("*19991231*0802*", 1)),
            ("IK502-4", Behind("\nSE*", 1)),
            ("AK905-19", Behind("*19991231*0802*", 2)),
            ("IK502-4", Behind("\nSE*", 2)),
            ("TA105-021", Behind("IEA*", 0)),
        ]),
    ),
    (
        "837_multiple_isa.txt",
        Rejected(&[("IK502-4", Behind("\nSE*", 0)), ("IK502-4", Behind("\nSE*", 1))]),
    ),
    ("837i_canonical.edi", Accepted),
    ("837i_cc.txt", Accepted),
    ("837p_example1.837", Accepted),
    ("837p_hl_orphan.edi", Rejected(&[("IK502-4", Behind("\nSE*", 0))])),
    ("997_extra_delimiter.edi", Accepted),
    ("999_accept.edi", Accepted),
    ("999_accept_with_errors.edi", COUNT),
    (
        "999_accepted.txt",
        Rejected(&[("TA105-001", Behind("IEA*1*", 0))]),
    ),
    ("999_simple.edi", Accepted),
    ("envelope_availity_repetition.edi", Accepted),
    ("envelope_no_trailing_crlf.edi", Accepted),
    ("syn_275_three_transactions_one_group.edi", Accepted),
    ("syn_275_two_interchanges_two_versions.edi", Accepted),
    ("syn_275_x210_bin_mime_cda.edi", Accepted),
    ("syn_275_x314_asc_raw_cda_with_delimiters.edi", Accepted),
    (
        "syn_275_x314_b64_invalid_alphabet.edi",
        // The first character of the payload that base 64 does not have: sound syntax, so it is for the 824.
        Rejected(&[("TED01-848", Behind("BDS*B64*9*QUJ", 0))]),
    ),
    (
        "syn_275_x314_bds02_counts_before_filter.edi",
        Rejected(&[("IK403-7", Behind("BDS*B64*", 0))]),
    ),
    (
        "syn_275_x314_bds02_not_numeric.edi",
        Rejected(&[("IK403-6", Behind("BDS*B64*", 0))]),
    ),
    (
        "syn_275_x314_bds02_too_long.edi",
        Rejected(&[
            ("IK403-7", Behind("BDS*B64*", 0)),
            ("IK502-2", End),
            ("AK905-3", End),
            ("TA105-023", End),
        ]),
    ),
    (
        "syn_275_x314_bds02_too_short.edi",
        Rejected(&[("IK403-7", Behind("BDS*B64*", 0))]),
    ),
    (
        "syn_275_x314_missing_iea.edi",
        Rejected(&[("AK905-3", End), ("TA105-023", End)]),
    ),
    ("syn_275_x314_nof_all_256_octets.edi", Accepted),
    ("syn_275_x314_odd_delimiters_newline_terminator.edi", Accepted),
    ("syn_275_x314_solicited_two_lx_mime.edi", Accepted),
    (
        "syn_275_x314_truncated_inside_bds.edi",
        Rejected(&[
            ("IK403-7", Behind("BDS*B64*", 0)),
            ("IK502-2", End),
            ("AK905-3", End),
            ("TA105-023", End),
        ]),
    ),
    ("syn_275_x314_unsolicited_b64_cda.edi", Accepted),
    ("syn_275_x314_zero_length.edi", Accepted),
    ("syn_275_x316_prior_auth.edi", Accepted),
    ("syn_277_x213_rfai_5010.edi", Accepted),
    (
        "syn_277_x313_hl_parent_missing.edi",
        Rejected(&[("IK403-7", Behind("HL*4*", 0))]),
    ),
    (
        "syn_277_x313_no_due_date.edi",
        // It is missed where the loop of the claim ends.
        Rejected(&[("IK304-3", At("SE*19", 0))]),
    ),
    ("syn_277_x313_rfai_claim_level.edi", Accepted),
    ("syn_277_x313_rfai_two_claims_line_level.edi", Accepted),
    ("syn_278_x217_response_pended_loinc.edi", Accepted),
    ("syn_824_x257_reject_275.edi", Accepted),
    ("syn_999_x231_reject_275.edi", Accepted),
    ("syn_ta1_reject_bad_isa13.edi", Accepted),
    ("ta1_accept.edi", Accepted),
    ("ta1_accept_with_errors.edi", Accepted),
];

impl Spot {
    fn in_file(self, sample: &Sample) -> usize {
        let (text, nth, skip) = match self {
            At(text, nth) => (text, nth, 0),
            Behind(text, nth) => (text, nth, text.len()),
            End => return sample.bytes.len(),
        };
        let mut found = sample
            .bytes
            .windows(text.len())
            .enumerate()
            .filter(|(_, window)| *window == text.as_bytes());
        let at = found.nth(nth).map(|(at, _)| at + skip);
        at.unwrap_or_else(|| panic!("{}: {text} does not stand {} times", sample.name, nth + 1))
    }
}

/// The lines of `cartage x12 check --json` over the whole folder, by file name.
fn verdicts(folder: &Path) -> BTreeMap<String, Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_cartage"))
        .args(["x12", "check", "--json"])
        .arg(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| {
            let path = Path::new(line["file"].as_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            (name.to_owned(), line)
        })
        .collect()
}

/// Code and byte of each error in a line.
fn errors(line: &Value) -> Vec<(&str, usize)> {
    line["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| {
            let offset = finding["offset"].as_u64().unwrap();
            (
                finding["code"].as_str().unwrap(),
                usize::try_from(offset).unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_file_gets_the_verdict_of_its_row() {
    let Some(folder) = folder() else { return };
    let verdicts = verdicts(&folder);
    let mut wrong = Vec::new();
    for sample in samples() {
        let row = EXPECTED.iter().find(|(name, _)| *name == sample.name);
        let Some((_, expected)) = row else {
            wrong.push(format!("{}: there is no expectation for it", sample.name));
            continue;
        };
        let line = &verdicts[&sample.name];
        let errors = errors(line);
        let spot = |(code, spot): &(&'static str, Spot)| (*code, spot.in_file(&sample));
        let (accepted, as_told) = match expected {
            Accepted => (true, errors.is_empty()),
            Rejected(codes) => (false, errors == codes.iter().map(spot).collect::<Vec<_>>()),
            RejectedAlsoFor(code, place) => (false, errors.contains(&spot(&(code, *place)))),
        };
        if line["accepted"] != accepted || !as_told {
            wrong.push(format!(
                "{}: accepted is {}, errors are {errors:?}",
                sample.name, line["accepted"]
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
