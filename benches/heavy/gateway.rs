//! The gateway that is measured: `cartage serve` in a process of its own.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A gateway that runs, until it is dropped.
pub struct Gateway {
    child: Child,
    pub fhir: SocketAddr,
    pub x12: SocketAddr,
    /// Where its files are.
    pub site: PathBuf,
}

impl Gateway {
    /// Starts one whose payers are both at this address, and that waits so long for a client of the façade.
    pub fn start(site: &Path, payers: SocketAddr, patience: &str) -> Self {
        let config = site.join("gateway.toml");
        let text = CONFIG.replace("PAYERS", &payers.to_string());
        let text = text.replace("PATIENCE", patience);
        fs::write(&config, text).expect("the configuration can be written");
        fs::create_dir_all(site.join("drop")).expect("the folder can be made");
        let mut child = Command::new(env!("CARGO_BIN_EXE_cartage"))
            .args(["serve", "--json", "-c"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the gateway can be started");
        let said = child.stdout.take().expect("its output is a pipe");
        let (mut fhir, mut x12) = (None, None);
        for line in BufReader::new(said).lines() {
            let line = line.expect("it says where its doors are");
            let event: Value = serde_json::from_str(&line).expect("each line is JSON");
            let said = |name: &str| event.get(name).and_then(Value::as_str);
            let address = said("address").and_then(|address| address.parse().ok());
            match said("name") {
                Some("north") => fhir = address,
                Some("south") => x12 = address,
                _ => {}
            }
            if said("event") == Some("ready") {
                break;
            }
        }
        Self {
            child,
            fhir: fhir.expect("it has a door for FHIR"),
            x12: x12.expect("it has a door for X12"),
            site: site.to_owned(),
        }
    }

    /// What it has in memory once that has not become less for a second, in MiB.
    pub fn settled(&self) -> u64 {
        let mut last = self.memory("VmRSS:");
        loop {
            thread::sleep(Duration::from_secs(1));
            let now = self.memory("VmRSS:");
            if now >= last {
                return now >> 10;
            }
            last = now;
        }
    }

    /// The most that it had in memory since this was [forgotten](Self::forget_peak), in MiB.
    pub fn peak(&self) -> u64 {
        self.memory("VmHWM:") >> 10
    }

    pub fn forget_peak(&self) {
        let file = format!("/proc/{}/clear_refs", self.child.id());
        fs::write(file, "5").expect("the kernel forgets the peak of a child");
    }

    fn memory(&self, what: &str) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(status).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.expect("the kernel says it").parse().expect("in kB")
    }

    /// The CPU time of all its threads, also of those that have ended.
    pub fn cpu_time(&self) -> Duration {
        let stat = format!("/proc/{}/stat", self.child.id());
        let stat = fs::read_to_string(stat).expect("it runs");
        let (_, rest) = stat.rsplit_once(')').expect("its name is in parentheses");
        let ticks = rest.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks
            .map(|field| field.parse::<u64>().expect("a count of ticks"))
            .sum();
        // The kernel counts a hundred a second for programs, whatever it counts by itself.
        Duration::from_millis(ticks * 10)
    }

    /// How many octets its payloads take on disk.
    pub fn stored(&self) -> u64 {
        let files = fs::read_dir(self.site.join("data/blobs")).expect("it keeps payloads there");
        let long = files.filter_map(Result::ok).filter(|file| {
            let name = file.file_name();
            name.to_string_lossy().starts_with("own-")
        });
        long.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
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
[listen.north]
kind    = "fhir"
address = "127.0.0.1:0"
from    = "north"
limits  = { clients = 1000, body = "2GiB", timeout = "PATIENCE" }
[listen.south]
kind    = "core"
address = "127.0.0.1:0"
from    = "south"
limits  = { clients = 1000, body = "2GiB" }
[listen.drop]
kind   = "folder"
path   = "drop"
settle = "50ms"
from   = "south"
[partner.north]
role   = "provider"
npi    = ["1234567893"]
speaks = "fhir"
fhir   = { hosted = true }
[partner.south]
role    = "provider"
npi     = ["1245319599"]
speaks  = "x12"
x12     = { isa = "ZZ:SOUTHCLINIC", gs = "SOUTHCLINIC", guides = ["006020X313", "006020X314"] }
deliver = { core = "http://PAYERS/" }
[partner.harbor]
role      = "payer"
payer-ids = ["60601"]
speaks    = "x12"
x12       = { isa = "ZZ:HARBORPLAN", gs = "HARBORPLAN", guides = ["006020X313", "006020X314"] }
deliver   = { core = "http://PAYERS/" }
[partner.summit]
role      = "payer"
payer-ids = ["70702"]
speaks    = "fhir"
fhir      = { url = "http://PAYERS/r4", attachments = "task" }
[observe]
log = "error"
"#;
