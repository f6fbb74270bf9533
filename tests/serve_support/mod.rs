//! The program as a process: started, asked, told to stop.
#![allow(dead_code, reason = "each test program uses its own part of it")]

use std::env;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use cartage::fhir::json;
use serde_json::Value;

/// A folder of its own for a test, gone when the test is over.
pub(crate) struct Ground(pub(crate) PathBuf);

impl Ground {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = env::temp_dir().join(format!("cartage-serve-{}-{number}", process::id()));
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }

    /// Writes a file, and says where it is.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Runs a command on the configuration to its end: exit code and output.
    pub(crate) fn command(&self, arguments: &[&str]) -> (i32, String) {
        let output = cartage(&self.0, arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn cartage(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cartage"));
    command
        .args(arguments)
        .arg("--config")
        .arg(folder.join("gateway.toml"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

/// A gateway that runs. Killed when the test is over.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it announced.
    pub(crate) doors: Vec<Value>,
    pub(crate) generation: u64,
}

impl Running {
    /// Starts it, and waits until it says that it is ready.
    #[track_caller]
    pub(crate) fn start(ground: &Ground) -> Self {
        let mut child = cartage(&ground.0, &["serve", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut running = Self {
            out: BufReader::new(child.stdout.take().unwrap()),
            child,
            doors: Vec::new(),
            generation: 0,
        };
        loop {
            let mut line = String::new();
            running.out.read_line(&mut line).unwrap();
            let Ok(said) = json::read(line.trim().as_bytes()) else {
                let mut rest = String::new();
                let _ = running.out.read_to_string(&mut rest);
                let _ = running.child.stderr.take().unwrap().read_to_string(&mut rest);
                panic!("it does not start: {line}{rest}");
            };
            if said["event"] == "ready" {
                running.generation = said["generation"].as_u64().unwrap();
                return running;
            }
            running.doors.push(said);
        }
    }

    #[track_caller]
    pub(crate) fn address(&self, door: &str) -> SocketAddr {
        let found = self.doors.iter().find(|said| said["name"] == door);
        found.unwrap()["address"].as_str().unwrap().parse().unwrap()
    }

    /// Sends it a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end: the exit code, and what it wrote to the log.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        (self.child.wait().unwrap().code(), log)
    }

    /// Stops it as an operator does.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (code, log) = self.end();
        assert_eq!(code, Some(0), "{log}");
        log
    }

    /// The next line of its log that holds `word`.
    pub(crate) fn log_line(&mut self, word: &str) -> String {
        let log = self.child.stderr.as_mut().unwrap();
        let mut line = Vec::new();
        loop {
            let mut octet = [0];
            log.read_exact(&mut octet).unwrap();
            if octet[0] != b'\n' {
                line.push(octet[0]);
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
            if text.contains(word) {
                return text;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request on a connection of its own: status and body.
#[track_caller]
pub(crate) fn ask(address: SocketAddr, line: &str, fields: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{fields}\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}
