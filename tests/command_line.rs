//! The `cartage` program as a script sees it: exit codes, and what goes to which output.
#![allow(clippy::unwrap_used, reason = "tests may stop")]

use std::io;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

fn cartage(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cartage"));
    program.args(arguments).stdin(Stdio::null());
    program
}

#[track_caller]
fn check(arguments: &[&str], code: i32) -> Output {
    let output = cartage(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    output
}

#[test]
fn help_and_version_are_good_and_go_to_standard_output() {
    for arguments in [["--help"], ["--version"]] {
        let output = check(&arguments, 0);
        assert!(String::from_utf8(output.stdout).unwrap().contains("artage"));
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_fault_told_on_standard_error() {
    for arguments in [&["no-such-command"][..], &["demo", "--no-such-option"], &[]] {
        let output = check(arguments, 2);
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn what_is_not_read_on_a_terminal_has_no_colour() {
    let output = check(&["demo", "--once"], 0);
    assert!(!output.stdout.is_empty());
    assert!(!output.stdout.contains(&0x1b));
}

#[test]
fn a_reader_that_goes_away_is_not_a_fault() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = cartage(&["help", "codes"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = cartage(&["help", "codes"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("cartage: cannot write the answer")
    );
}
