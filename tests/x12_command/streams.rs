//! Long inputs and outputs that nobody reads.

use std::io;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use crate::ATTACHMENT;
use crate::run::of;

fn cartage(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cartage"));
    command
        .arg("x12")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[test]
fn a_reader_that_goes_away_is_not_a_fault() {
    for arguments in [
        &["check", ATTACHMENT][..],
        &["check", "--json", ATTACHMENT],
        &["check", "--ack", ATTACHMENT],
        &["show", ATTACHMENT],
    ] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = cartage(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(!complaint.contains("cartage:"), "{arguments:?}: {complaint}");
    }
}

#[test]
fn nothing_but_text_is_printed_where_no_terminal_is() {
    for arguments in [&["check", ATTACHMENT, "no-such-file"][..], &["show", ATTACHMENT]] {
        let output = cartage(arguments).output().unwrap();
        for bytes in [output.stdout, output.stderr] {
            assert!(!bytes.contains(&0x1b), "{arguments:?}");
        }
    }
}

/// A 275 whose payload has this many octets, without the payload: what stands before it, and what behind.
fn around_payload(octets: usize) -> (String, String) {
    let text = std::fs::read_to_string(ATTACHMENT).unwrap();
    let (before, rest) = text.split_once("BDS*B64*").unwrap();
    let (_, behind) = rest.split_once('~').unwrap();
    (format!("{before}BDS*NOF*{octets}*"), format!("~{behind}"))
}

/// The most memory that the process `id` has had so far, in bytes.
#[cfg(target_os = "linux")]
fn peak(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap();
    kilobytes * 1024
}

#[cfg(target_os = "linux")]
const MIB: usize = 1024 * 1024;

/// The most memory that the command took while so many MiB of payload passed.
#[cfg(target_os = "linux")]
fn peak_while_passing(arguments: &[&str], payload: usize) -> u64 {
    let mut child = cartage(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (before, behind) = around_payload(payload * MIB);
    let mut input = child.stdin.take().unwrap();
    input.write_all(before.as_bytes()).unwrap();
    let chunk = vec![0xa5; MIB];
    for _ in 0..payload {
        input.write_all(&chunk).unwrap();
    }
    let peak = peak(child.id());
    input.write_all(behind.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_payload_needs_no_more_memory_than_a_short_one() {
    for arguments in [&["check", "-"][..], &["show", "-"]] {
        let short = peak_while_passing(arguments, 2);
        let long = peak_while_passing(arguments, 64);
        assert!(
            long < short + 4 * MIB as u64,
            "{arguments:?} took {long} bytes of memory for 64 MiB of payload, {short} for 2 MiB"
        );
    }
}

#[test]
fn many_transactions_are_counted_beyond_those_that_are_listed() {
    let text = std::fs::read_to_string(ATTACHMENT).unwrap();
    let (before, rest) = text.split_once("ST*").unwrap();
    let (body, _) = rest.split_once("GE*").unwrap();
    let mut input = before.as_bytes().to_vec();
    let many = 10_050;
    for number in 1..=many {
        let (start, rest) = body.split_once("*0001*").unwrap();
        let (middle, end) = rest.rsplit_once("*0001~").unwrap();
        let transaction = format!("ST*{start}*{number:05}*{middle}*{number:05}~{end}");
        input.extend_from_slice(transaction.as_bytes());
    }
    input.extend_from_slice(format!("GE*{many}*91~IEA*1*000000091~").as_bytes());
    let run = of(&["check", "--json", "-"]).input(&input).code(0);
    let line: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(line["transactions"].as_array().unwrap().len(), 10_000);
    assert_eq!(line["omitted"]["transactions"], 50);
}
