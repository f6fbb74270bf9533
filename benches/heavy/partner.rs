//! Whoever is sent attachments: takes them without keeping them, and tells the SHA-256 of each payload.

use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use aws_lc_rs::digest::Context;
use aws_lc_rs::digest::SHA256;

use super::parcel::sum;

/// A partner on the network that takes X12 and FHIR.
pub struct Partner {
    pub address: SocketAddr,
    took: Receiver<[u8; 32]>,
}

impl Partner {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (tell, took) = sync_channel(1000);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let tell = tell.clone();
                thread::spawn(move || while serve(&stream, &tell).is_some() {});
            }
        });
        Self { address, took }
    }

    /// The SHA-256 of the next payload that arrives.
    pub fn next(&self) -> [u8; 32] {
        let waited = self.took.recv_timeout(Duration::from_mins(30));
        waited.expect("something arrives")
    }
}

/// Takes one request; nothing at the end of the connection.
fn serve(mut stream: &TcpStream, tell: &SyncSender<[u8; 32]>) -> Option<()> {
    let mut held = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    let mut read = |held: &mut Vec<u8>| -> Option<usize> {
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        held.extend_from_slice(piece.get(..count)?);
        Some(count)
    };
    let head = loop {
        if let Some(end) = find(&held, b"\r\n\r\n") {
            break end + 4;
        }
        read(&mut held)?;
    };
    let rest = held.split_off(head);
    let head = String::from_utf8_lossy(&held).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length?.trim().parse().ok()?;
    held = rest;
    let mut came = held.len();
    // The beginning is held until the payload begins in it.
    let (start, end) = loop {
        if let Some(found) = payload(&held) {
            break found;
        }
        came += read(&mut held)?;
    };
    let mut left = end.unwrap_or(usize::MAX);
    let mut digest = Context::new(&SHA256);
    held.drain(..start);
    loop {
        let inside = left.min(held.iter().position(|byte| *byte == b'"').unwrap_or(held.len()));
        digest.update(held.get(..inside)?);
        left = if inside < held.len() { 0 } else { left - inside };
        held.clear();
        if came >= length {
            break;
        }
        came += read(&mut held)?;
    }
    let (media, body) = if head.contains("edi-x12") {
        ("application/edi-x12", "")
    } else {
        ("application/fhir+json", FINE)
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    tell.send(sum(digest)).ok()
}

/// Where a payload begins, and how long it is, if its message says so.
fn payload(held: &[u8]) -> Option<(usize, Option<usize>)> {
    if let Some(at) = find(held, BDS) {
        let rest = held.get(at + BDS.len()..)?;
        let end = rest.iter().position(|byte| *byte == b'*')?;
        let length = std::str::from_utf8(rest.get(..end)?).ok()?;
        return Some((at + BDS.len() + end + 1, Some(length.parse().ok()?)));
    }
    let at = find(held, DATA)?;
    Some((at + DATA.len(), None))
}

fn find(held: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(held, what)
}

const BDS: &[u8] = b"BDS*B64*";
const DATA: &[u8] = b"\"data\":\"";
const FINE: &str =
    r#"{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}"#;
