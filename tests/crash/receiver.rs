//! The payer: it takes interchanges, and keeps a record of all that it got.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// What was got, by the tracking number: the interchanges that carried it, by their control numbers.
type Got = BTreeMap<String, BTreeMap<String, String>>;

/// What is done when something has come.
type Then = Box<dyn FnOnce() + Send>;

/// A payer that listens.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    got: Mutex<Got>,
    /// Told whenever something comes.
    came: Condvar,
    /// What is to be done when so many more have come.
    trap: Mutex<Option<(u32, Then)>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk::default());
        let behind = Arc::clone(&desk);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = Arc::clone(&behind);
                // A connection that breaks off has said all that it will.
                thread::spawn(move || while desk.take(&stream).is_some() {});
            }
        });
        Self { address, desk }
    }

    /// When so many more messages have come, `then` is done before the last of them is answered.
    pub(crate) fn trap(&self, count: u32, then: impl FnOnce() + Send + 'static) {
        *self.desk.trap.lock().unwrap() = Some((count, Box::new(then)));
    }

    pub(crate) fn disarm(&self) {
        *self.desk.trap.lock().unwrap() = None;
    }

    /// Whether all of these have come; waits a moment for it.
    pub(crate) fn has(&self, keys: &BTreeSet<u64>) -> bool {
        let missing = |got: &mut Got| {
            keys.iter()
                .any(|key| !got.contains_key(&super::load::tracking(*key)))
        };
        let got = self.desk.got.lock().unwrap();
        let (_got, late) = self
            .desk
            .came
            .wait_timeout_while(got, Duration::from_millis(50), missing)
            .unwrap();
        !late.timed_out()
    }

    /// Waits until all of these have come, and gives the record.
    pub(crate) fn wait_for(&self, keys: &BTreeSet<u64>) -> Got {
        let missing = |got: &mut Got| {
            keys.iter()
                .any(|key| !got.contains_key(&super::load::tracking(*key)))
        };
        let got = self.desk.got.lock().unwrap();
        let (got, late) = self
            .desk
            .came
            .wait_timeout_while(got, Duration::from_mins(2), missing)
            .unwrap();
        let count = keys
            .iter()
            .filter(|key| !got.contains_key(&super::load::tracking(**key)))
            .count();
        assert!(!late.timed_out(), "{count} of {} never came", keys.len());
        got.clone()
    }
}

impl Desk {
    /// Takes one message; `None` at the end of the connection.
    fn take(&self, mut stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        self.note(std::str::from_utf8(&body).unwrap());
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .ok()
    }

    fn note(&self, interchange: &str) {
        let element = |segment: &str, number: usize| {
            let found = interchange.split('~').find(|text| text.starts_with(segment));
            found.unwrap().split('*').nth(number).unwrap().to_owned()
        };
        let (tracking, control) = (element("TRN*", 2), element("ISA*", 13));
        let mut got = self.got.lock().unwrap();
        let earlier = got
            .entry(tracking)
            .or_default()
            .insert(control, interchange.to_owned());
        if let Some(earlier) = earlier {
            assert!(earlier == interchange, "a repeat is the same, octet for octet");
        }
        self.came.notify_all();
        drop(got);
        let mut trap = self.trap.lock().unwrap();
        if let Some((count, then)) = trap.take() {
            if count <= 1 {
                then();
            } else {
                *trap = Some((count - 1, then));
            }
        }
    }
}
