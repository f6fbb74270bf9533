//! The gateway under load: `cartage serve` in a process of its own.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

/// A gateway that runs, until it is dropped.
pub struct Gateway {
    child: Child,
    /// Where it takes attachments.
    pub door: SocketAddr,
}

impl Gateway {
    /// Starts one on the first core, if cores can be chosen; its payer is not there.
    pub fn start(folder: &Path) -> Self {
        let config = folder.join("gateway.toml");
        fs::write(&config, CONFIG).expect("the configuration can be written");
        let program = env!("CARGO_BIN_EXE_cartage");
        let pins = Command::new("taskset").args(["-c", "0", "true"]).output();
        let mut command = if pins.is_ok_and(|output| output.status.success()) {
            let mut command = Command::new("taskset");
            command.args(["-c", "0", program]);
            command
        } else {
            println!("cores cannot be chosen here: gateway and load share them");
            Command::new(program)
        };
        let mut child = command
            .args(["serve", "--json", "-c"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the gateway can be started");
        let said = child.stdout.take().expect("its output is a pipe");
        let mut door = None;
        for line in BufReader::new(said).lines() {
            let line = line.expect("it says where its doors are");
            let event: Value = serde_json::from_str(&line).expect("each line is JSON");
            let address = event.get("address").and_then(Value::as_str);
            door = address.and_then(|address| address.parse().ok()).or(door);
            if event.get("event").and_then(Value::as_str) == Some("ready") {
                break;
            }
        }
        Self {
            child,
            door: door.expect("it has a door"),
        }
    }

    /// The CPU time of all its threads.
    pub fn cpu_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it runs");
        let times = tasks.filter_map(|task| {
            let account = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            account.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(times.sum())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CONFIG: &str = r#"config-version = 1
[gateway]
name       = "Bench"
public-url = "http://127.0.0.1/fhir"
data-dir   = "data"
isa        = "ZZ:CARTAGE"
usage      = "T"
[listen.clinic]
kind    = "fhir"
address = "127.0.0.1:0"
from    = "clinic"
limits  = { clients = 1000 }
[partner.clinic]
role   = "provider"
npi    = ["1234567893"]
speaks = "fhir"
fhir   = { hosted = true }
[partner.harbor]
role      = "payer"
payer-ids = ["60601"]
speaks    = "x12"
x12       = { isa = "ZZ:HARBORPLAN" }
deliver   = { core = "http://127.0.0.1:9/" }
[observe]
log = "error"
"#;
