//! `cartage x12` as a person and a script see it: what is printed, where, and the exit code.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "x12_command/run.rs"]
mod run;
#[path = "x12_command/streams.rs"]
mod streams;

use std::fs;

use run::DATA;
use run::Run;
use run::broken_copy;
use run::fresh_folder;
use run::of;
use serde_json::Value;

const REQUEST: &str = "tests/data/x12/demo-277-request.x12";
const ATTACHMENT: &str = "tests/data/x12/demo-275-attachment.x12";

/// Values of the samples that name a person or a claim.
const PRIVATE: [&str; 5] = ["MARLOWE", "ADA", "HP0042117", "NC-2026-0417", "CASE-88123"];

fn json_lines(run: &Run) -> Vec<Value> {
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn sound_files_are_accepted() {
    let run = of(&["check", REQUEST, ATTACHMENT]).code(0);
    assert!(run.err.is_empty(), "{run:?}");
    let heads: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        heads,
        [
            &format!("{REQUEST}: accepted, 1 interchange, 1 transaction"),
            &format!("{ATTACHMENT}: accepted, 1 interchange, 1 transaction"),
            "2 files: 2 accepted",
        ]
    );
}

#[test]
fn a_fault_is_shown_in_its_segment_and_underlined() {
    let path = broken_copy("underlined", ATTACHMENT, "SE*16*", "SE*99*");
    let run = of(&["check", &path]).code(1);
    let text = fs::read_to_string(&path).unwrap();
    let offset = text.find("SE*99").unwrap() + 3;
    let expected = format!(
        "{path}: rejected, 1 interchange, 1 transaction, 1 error
  275 0001 006020X314: rejected

  error[IK502-4]: the number of segments is not as declared: 99 declared, 16 found
   at byte {offset}, segment 18 (16 in its transaction), SE01, transaction 1, group 1, interchange 1
     | SE*99*0001~
     |    ^^

"
    );
    assert_eq!(run.out, expected);
}

#[test]
fn a_report_can_be_masked() {
    let path = broken_copy("masked", ATTACHMENT, "NM1*QC*1*MARLOWE", "*M1*QC*1*MARLOWE");
    let plain = of(&["check", &path]).code(1);
    assert!(plain.out.contains("MARLOWE"), "{plain:?}");
    let masked = of(&["check", "--mask", &path]).code(1);
    for value in PRIVATE {
        assert!(!masked.out.contains(value), "{masked:?}");
    }
    assert!(masked.out.contains('^'), "{masked:?}");
}

#[test]
fn json_is_one_object_a_line_without_any_value() {
    let path = broken_copy("json", ATTACHMENT, "NM1*QC*1*MARLOWE", "*M1*QC*1*MARLOWE");
    let run = of(&["check", "--json", REQUEST, &path]).code(1);
    for value in PRIVATE {
        assert!(!run.out.contains(value), "{run:?}");
    }
    let lines = json_lines(&run);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["file"], REQUEST);
    assert_eq!(lines[0]["accepted"], true);
    assert_eq!(lines[0]["interchanges"], 1);
    assert_eq!(lines[0]["transactions"][0]["set"], "277");
    assert_eq!(lines[0]["transactions"][0]["guide"], "006020X313");
    assert_eq!(lines[0]["transactions"][0]["control"], "0001");
    assert_eq!(lines[0]["transactions"][0]["status"], "accepted");
    assert_eq!(lines[0]["repaired"], false);
    assert_eq!(lines[1]["accepted"], false);
    assert_eq!(lines[1]["transactions"][0]["status"], "rejected");
    let finding = &lines[1]["findings"][0];
    assert_eq!(finding["code"], "IK304-1");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["segment"], "?");
    assert_eq!(finding["transaction"], 1);
    let offset = fs::read_to_string(&path).unwrap().find("*M1*QC").unwrap();
    assert_eq!(finding["offset"], offset);
}

#[test]
fn standard_input_is_a_dash() {
    let bytes = fs::read(ATTACHMENT).unwrap();
    let run = of(&["check", "-"]).input(&bytes).code(0);
    assert!(run.out.starts_with("standard input: accepted"), "{run:?}");
    let run = of(&["check", "--json", "-"]).input(b"").code(1);
    assert_eq!(json_lines(&run)[0]["file"], "-");
    assert_eq!(json_lines(&run)[0]["accepted"], false);
}

#[test]
fn folders_are_walked_without_what_is_hidden() {
    let folder = fresh_folder("walked");
    fs::create_dir(folder.join("inner")).unwrap();
    fs::copy(REQUEST, folder.join("b.x12")).unwrap();
    fs::copy(REQUEST, folder.join("inner/a.x12")).unwrap();
    fs::write(folder.join(".hidden"), "nothing").unwrap();
    let run = of(&["check", "--json", folder.to_str().unwrap()]).code(0);
    let files: Vec<String> = json_lines(&run)
        .iter()
        .map(|line| line["file"].as_str().unwrap().to_owned())
        .collect();
    let expected = [folder.join("b.x12"), folder.join("inner").join("a.x12")];
    assert_eq!(files, expected.map(|path| path.to_str().unwrap().to_owned()));
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_checked() {
    let run = of(&["check", "no-such-file.x12", REQUEST]).code(2);
    assert!(run.err.contains("no-such-file.x12"), "{run:?}");
    assert!(run.out.contains("demo-277-request.x12: accepted"), "{run:?}");
    assert!(
        run.out.ends_with("2 files: 1 accepted, 1 unreadable\n"),
        "{run:?}"
    );
    let run = of(&["check", "--json", "no-such-file.x12"]).code(2);
    let line = &json_lines(&run)[0];
    assert_eq!(line["accepted"], false);
    assert!(!line["error"].as_str().unwrap().is_empty(), "{line}");
}

#[test]
fn the_operator_chooses_what_a_finding_weighs() {
    let path = broken_copy("weighed", ATTACHMENT, "SE*16*", "SE*99*");
    let severity = |arguments: &[&str], code| {
        let run = of(&[&["check", "--json", &path], arguments].concat()).code(code);
        let line = json_lines(&run).remove(0);
        let status = line["transactions"][0]["status"].clone();
        (line["findings"][0]["severity"].clone(), status)
    };
    assert_eq!(severity(&[], 1), ("error".into(), "rejected".into()));
    assert_eq!(
        severity(&["--warn", "IK502-4"], 0),
        ("warning".into(), "accepted with errors".into())
    );
    assert_eq!(
        severity(&["--accept", "ik502-4,IK304-2"], 0),
        ("note".into(), "accepted".into())
    );
    assert_eq!(
        severity(&["--reject", "IK502-4"], 1),
        ("error".into(), "rejected".into())
    );
    let run = of(&["check", "--warn", "SE01", &path]).code(2);
    assert!(run.err.contains("IK502-4"), "{run:?}");
}

#[test]
fn a_wrong_length_is_repaired_only_on_request() {
    let text = fs::read_to_string(ATTACHMENT).unwrap();
    let (before, behind) = text.split_once("BDS*B64*").unwrap();
    let (length, payload) = behind.split_once('*').unwrap();
    let path = fresh_folder("repaired").join("short.x12");
    fs::write(&path, format!("{before}BDS*B64*16*{payload}")).unwrap();
    let path = path.to_str().unwrap();
    let run = of(&["check", "--json", path]).code(1);
    let line = &json_lines(&run)[0];
    assert_eq!(line["repaired"], false);
    assert_eq!(line["findings"][0]["segment"], "BDS");
    assert_eq!(line["findings"][0]["element"], 2);
    assert_eq!(line["findings"][0]["offset"], before.len() + 8);
    let run = of(&["check", "--json", "--repair", path]).code(0);
    let line = &json_lines(&run)[0];
    assert_eq!(line["repaired"], true);
    let message = line["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.ends_with(&format!("16 declared, {length} found")),
        "{message}"
    );
}

/// The elements of the first segment of this id in an answer.
fn segment<'a>(answer: &'a str, id: &str) -> Vec<&'a str> {
    let found = answer
        .split("~\n")
        .map(|segment| segment.split('*').collect::<Vec<_>>());
    found
        .into_iter()
        .find(|elements| elements[0] == id)
        .unwrap_or_default()
}

#[test]
fn answers_go_to_standard_output_and_the_report_aside() {
    let run = of(&["check", "--ack", ATTACHMENT]).code(0);
    assert!(run.err.contains("accepted"), "{run:?}");
    assert!(run.out.starts_with("ISA*") && run.out.ends_with("~\n"), "{run:?}");
    assert_eq!(
        segment(&run.out, "TA1")[4..],
        ["A", "000"],
        "the sample asks for a TA1"
    );
    assert_eq!(segment(&run.out, "AK2"), ["AK2", "275", "0001", "006020X314"]);
    assert_eq!(segment(&run.out, "IK5"), ["IK5", "A"]);
    let again = of(&["check", "-"]).input(run.out.as_bytes()).code(0);
    assert!(again.out.starts_with("standard input: accepted"), "{again:?}");
}

#[test]
fn an_answer_says_what_was_wrong_and_no_more() {
    let path = broken_copy("answered", ATTACHMENT, "SE*16*", "SE*99*");
    let run = of(&["check", "--ack", "--json", &path]).code(1);
    let line = json_lines(&run).remove(0);
    let answer = line["ack"].as_str().unwrap();
    assert_eq!(segment(answer, "IK5"), ["IK5", "R", "4"]);
    assert_eq!(segment(answer, "AK9"), ["AK9", "R", "1", "1", "0"]);
    for value in PRIVATE {
        assert!(!run.out.contains(value), "{run:?}");
    }
    let run = of(&["check", "--ack", "--warn", "IK502-4", &path]).code(0);
    assert_eq!(segment(&run.out, "IK5"), ["IK5", "E", "4"]);
}

#[test]
fn answers_to_many_files_are_files_that_nothing_replaces() {
    let folder = fresh_folder("answers");
    let option = format!("--ack={}", folder.join("out").display());
    fs::create_dir_all(folder.join("in/inner")).unwrap();
    fs::copy(REQUEST, folder.join("in/a.x12")).unwrap();
    fs::copy(ATTACHMENT, folder.join("in/inner/a.x12")).unwrap();
    let inputs = folder.join("in").display().to_string();
    of(&["check", &option, &inputs]).code(0);
    let first = folder.join("out/a.x12.ack.x12");
    let kept = fs::read_to_string(&first).unwrap();
    assert_eq!(segment(&kept, "AK2")[1], "277");
    let inner = fs::read_to_string(folder.join("out/inner/a.x12.ack.x12")).unwrap();
    assert_eq!(segment(&inner, "AK2")[1], "275");
    assert_ne!(segment(&kept, "ISA")[13], segment(&inner, "ISA")[13]);
    let run = of(&["check", &option, &inputs]).code(2);
    assert!(run.err.contains("a.x12.ack.x12"), "{run:?}");
    assert_eq!(fs::read_to_string(&first).unwrap(), kept);
    of(&["check", &option, "--force", &inputs]).code(0);
}

#[test]
fn an_acknowledgment_is_not_acknowledged() {
    let answer = of(&["check", "--ack", ATTACHMENT]).code(0).out;
    let run = of(&["check", "--ack", "-"]).input(answer.as_bytes()).code(0);
    assert_eq!(run.out, "", "{run:?}");
}

#[test]
fn no_more_findings_are_listed_than_asked_for() {
    let path = fresh_folder("limited").join("many.x12");
    let text = fs::read_to_string(ATTACHMENT).unwrap();
    fs::write(&path, text.replace("LX*1~", &"?*1~".repeat(50))).unwrap();
    let run = of(&["check", "--limit", "3", path.to_str().unwrap()]).code(1);
    assert_eq!(run.out.matches("error[").count(), 3, "{run:?}");
    assert!(run.out.contains("more that are not listed"), "{run:?}");
    let run = of(&["check", "--json", "--limit", "3", path.to_str().unwrap()]).code(1);
    let line = &json_lines(&run)[0];
    assert_eq!(line["findings"].as_array().unwrap().len(), 3);
    assert!(line["omitted"]["findings"].as_u64().unwrap() > 40, "{line}");
}

#[test]
fn guides_of_ones_own_replace_those_of_the_program() {
    let path = broken_copy("guided", REQUEST, "DTP*106*D8*20270104~\nSE*17", "SE*16");
    let run = of(&["check", "--json", &path]).code(1);
    let finding = &json_lines(&run)[0]["findings"][0];
    assert_eq!(finding["code"], "IK304-3");
    assert_eq!(finding["loop"], "2200D");
    let folder = fresh_folder("own-guides");
    let guide = fs::read_to_string("mappings/guides/006020X313.toml").unwrap();
    let (before, behind) = guide.split_once("use = \"DTP*106\"").unwrap();
    let relaxed = behind.replacen("usage = \"R\"", "usage = \"S\"", 1);
    let own = folder.join("006020X313.toml");
    fs::write(&own, format!("{before}use = \"DTP*106\"{relaxed}")).unwrap();
    let option = ["--guides", folder.to_str().unwrap()];
    of(&[&["check", &path], &option[..]].concat()).code(0);
    fs::write(&own, "guide = ").unwrap();
    for command in ["check", "show"] {
        let run = of(&[&[command, &path], &option[..]].concat()).code(2);
        assert!(run.err.contains("006020X313.toml"), "{run:?}");
        assert!(run.out.is_empty(), "{run:?}");
    }
}

#[test]
fn loops_segments_and_elements_have_names() {
    let run = of(&["show", REQUEST]).code(0);
    for line in [
        "ISA  interchange start",
        "            loop 2000D  patient level",
        "                  TRN02    number to be returned        CASE-88123",
        "IEA  interchange end",
    ] {
        assert!(run.out.lines().any(|shown| shown == line), "{line}: {run:?}");
    }
}

#[test]
fn payloads_are_summed_up_and_written_out() {
    let folder = fresh_folder("extracted");
    let into = folder.to_str().unwrap();
    let run = of(&["show", ATTACHMENT, "--extract", into]).code(0);
    let written = folder.join("000017.xml");
    assert!(run.out.contains("B64, "), "{run:?}");
    assert!(run.out.contains(": XML (CDA) -> "), "{run:?}");
    let document = fs::read_to_string(&written).unwrap();
    assert!(document.starts_with("<?xml") && document.ends_with("</ClinicalDocument>\n"));
    fs::write(&written, "mine").unwrap();
    let run = of(&["show", ATTACHMENT, "--extract", into]).code(2);
    assert!(run.err.contains("000017.xml"), "{run:?}");
    assert_eq!(fs::read_to_string(&written).unwrap(), "mine");
    of(&["show", ATTACHMENT, "--extract", into, "--force"]).code(0);
    assert_eq!(fs::read_to_string(&written).unwrap(), document);
}

#[test]
fn a_payload_that_cannot_be_trusted_has_a_name_that_says_so() {
    let path = broken_copy("untrusted", ATTACHMENT, "BDS*B64*", "BDS*B64*1");
    let folder = fresh_folder("untrusted-out");
    of(&["show", &path, "--extract", folder.to_str().unwrap()]).code(1);
    let names = || -> Vec<String> {
        fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names(), ["000017.xml.broken"]);
    let run = of(&["show", &path, "--extract", folder.to_str().unwrap()]).code(2);
    assert!(run.err.contains("000017.xml.broken"), "{run:?}");
    assert_eq!(names(), ["000017.xml.broken"], "nothing half written is left");
}

#[test]
fn the_samples_of_the_house_are_sound() {
    of(&["check", DATA]).code(0);
}
