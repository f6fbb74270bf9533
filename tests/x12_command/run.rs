//! Runs the program and keeps what it said.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

/// The samples of this repository.
pub(crate) const DATA: &str = "tests/data/x12";

/// A run of `cartage x12`, before or after it took place.
#[derive(Debug)]
pub(crate) struct Run {
    arguments: Vec<String>,
    input: Vec<u8>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A run with these arguments and nothing on standard input.
pub(crate) fn of(arguments: &[&str]) -> Run {
    Run {
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        input: Vec::new(),
        out: String::new(),
        err: String::new(),
    }
}

impl Run {
    /// Puts `bytes` on standard input.
    pub(crate) fn input(mut self, bytes: &[u8]) -> Self {
        self.input = bytes.to_vec();
        self
    }

    /// Runs it; it must end with `code`.
    #[track_caller]
    pub(crate) fn code(mut self, code: i32) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cartage"))
            .arg("x12")
            .args(&self.arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input closes it, which is no fault of the test.
        let _ = child.stdin.take().unwrap().write_all(&self.input);
        let output = child.wait_with_output().unwrap();
        self.out = String::from_utf8(output.stdout).unwrap();
        self.err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{self:?}");
        self
    }
}

/// An empty folder of this name.
pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("x12_command")
        .join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A copy of `sample` in which `from`, which stands in it once, is `to`.
#[track_caller]
pub(crate) fn broken_copy(name: &str, sample: &str, from: &str, to: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(sample)).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from} stands in {sample} once");
    let path = fresh_folder(name).join("broken.x12");
    fs::write(&path, text.replace(from, to)).unwrap();
    path.to_str().unwrap().to_owned()
}
