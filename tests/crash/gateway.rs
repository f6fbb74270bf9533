//! The gateway as a process of its own, and its data folder.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

/// A folder with a configuration, which goes when it is dropped.
pub(crate) struct Site {
    path: PathBuf,
}

impl Site {
    /// A provider that hands in by FHIR, and a payer that is sent X12 at `payer`.
    pub(crate) fn new(payer: SocketAddr) -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{}-{number}", process::id()));
        // Left behind by a process that was killed and had the same number.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let text = format!(
            r#"config-version = 1
[gateway]
name       = "Crash"
public-url = "http://127.0.0.1/fhir"
data-dir   = "data"
isa        = "ZZ:CARTAGE"
usage      = "T"
[listen.clinic]
kind    = "fhir"
address = "127.0.0.1:0"
from    = "clinic"
[partner.clinic]
role   = "provider"
npi    = ["1234567893"]
speaks = "fhir"
fhir   = {{ hosted = true }}
[partner.harbor]
role      = "payer"
payer-ids = ["60601"]
speaks    = "x12"
x12       = {{ isa = "ZZ:HARBORPLAN" }}
deliver   = {{ core = "http://{payer}/" }}
retry     = {{ first = "1s" }}
[observe]
log = "error"
"#
        );
        fs::write(path.join("gateway.toml"), text).unwrap();
        Self { path }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path.join("gateway.toml")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A gateway that runs.
pub(crate) struct Gateway {
    child: Child,
    /// Where it takes what the provider hands in.
    pub(crate) door: SocketAddr,
}

impl Gateway {
    /// Starts one and waits until it is ready; `None` if it dies before.
    ///
    /// `before` is the beginning of the command line: nothing, or a tool that runs it.
    pub(crate) fn start(site: &Site, before: &[&str]) -> Option<Self> {
        let program = env!("CARGO_BIN_EXE_cartage");
        let words: Vec<&str> = before
            .iter()
            .copied()
            .chain([program, "serve", "--json", "-c"])
            .collect();
        let (first, rest) = words.split_first().unwrap();
        let mut child = Command::new(first)
            .args(rest)
            .arg(site.config())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut door = None;
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while said.read_line(&mut line).is_ok_and(|read| read > 0) {
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = event["address"].as_str() {
                door = Some(address.parse().unwrap());
            }
            if event["event"] == "ready" {
                return door.map(|door| Self { child, door });
            }
            line.clear();
        }
        child.wait().unwrap();
        None
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// Lets it end what was begun.
    pub(crate) fn stop(mut self) {
        signal(self.pid(), "TERM");
        assert!(self.wait().success(), "a drained gateway ends well");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    // It may be gone already.
    let _ = sent.unwrap();
}
