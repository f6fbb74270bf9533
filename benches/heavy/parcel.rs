//! A long attachment on its way in: made while it is sent, so that nobody holds it.

use std::fs;
use std::fs::File;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use aws_lc_rs::digest::Context;
use aws_lc_rs::digest::SHA256;

use super::gateway::Gateway;
use super::messages;

/// From where to where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    FhirToX12,
    X12ToFhir,
    FhirToFhir,
    X12ToX12,
    FolderToFhir,
}

impl Way {
    pub const fn name(self) -> &'static str {
        match self {
            Self::FhirToX12 => "fhir-to-x12",
            Self::X12ToFhir => "x12-to-fhir",
            Self::FhirToFhir => "fhir-to-fhir",
            Self::X12ToX12 => "x12-to-x12",
            Self::FolderToFhir => "folder-to-fhir",
        }
    }

    const fn comes_as_fhir(self) -> bool {
        matches!(self, Self::FhirToX12 | Self::FhirToFhir)
    }

    const fn payer(self) -> &'static str {
        match self {
            Self::FhirToX12 | Self::X12ToX12 => "60601",
            Self::X12ToFhir | Self::FhirToFhir | Self::FolderToFhir => "70702",
        }
    }
}

/// How somebody behaves who does not send all that he announced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Manner {
    /// He sends an octet a second.
    Drips,
    /// He sends two MiB, and nothing more.
    Stops,
}

/// An attachment of so many MiB of base 64, in its message.
pub struct Parcel {
    way: Way,
    number: u32,
    mebibytes: u64,
    head: String,
    tail: String,
}

impl Parcel {
    pub fn new(way: Way, number: u32, mebibytes: u64) -> Self {
        let tracking = format!("HEAVY-{number}");
        let length = mebibytes << 20;
        let text = if way.comes_as_fhir() {
            messages::submission(&tracking, way.payer(), "1234567893", HERE).to_string()
        } else {
            let text = messages::attachment(number, "02", &tracking, way.payer(), HERE);
            text.replace(&format!("BDS*B64*{}*", HERE.len()), &format!("BDS*B64*{length}*"))
        };
        let (head, tail) = text.split_once(HERE).expect("the payload is in the message");
        Self {
            way,
            number,
            mebibytes,
            head: head.to_owned(),
            tail: tail.to_owned(),
        }
    }

    /// Sends it and waits until it is taken; gives the SHA-256 of the payload.
    pub fn send(&self, gateway: &Gateway) -> [u8; 32] {
        if self.way == Way::FolderToFhir {
            return self.drop_in(gateway);
        }
        let mut stream = self.open(gateway);
        let digest = self.write(&mut stream);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the gateway answers");
        let taken =
            answer.starts_with("HTTP/1.1 200 ") && (self.way.comes_as_fhir() || answer.contains("~IK5*A~"));
        assert!(taken, "the gateway takes it: {answer}");
        digest
    }

    /// Sends the beginning and stays; gives the status with which it is sent away.
    pub fn begin(&self, gateway: &Gateway, manner: Manner) -> Option<u16> {
        let mut stream = self.open(gateway);
        let mut drops = self.head.bytes().chain(block());
        if manner == Manner::Stops {
            let begun: Vec<u8> = self.head.bytes().chain(block()).chain(block()).collect();
            stream.write_all(&begun).ok()?;
        }
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        let mut answer = Vec::new();
        let mut piece = [0; 1024];
        loop {
            match stream.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => answer.extend_from_slice(piece.get(..count)?),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if manner == Manner::Drips {
                        // If it is refused by now, the answer is there to be read.
                        let _ = stream.write_all(&[drops.next()?]);
                    }
                }
                Err(_) => break,
            }
        }
        let answer = String::from_utf8_lossy(&answer);
        answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// A connection on which the head of the request was sent.
    fn open(&self, gateway: &Gateway) -> TcpStream {
        let (door, line, media) = if self.way.comes_as_fhir() {
            (gateway.fhir, "/fhir/$submit-attachment", "application/fhir+json")
        } else {
            (gateway.x12, "/", "application/edi-x12")
        };
        let mut stream = TcpStream::connect(door).expect("the door is open");
        let length = self.head.len() + self.tail.len();
        let request = format!(
            "POST {line} HTTP/1.1\r\nHost: {door}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            length as u64 + (self.mebibytes << 20)
        );
        stream
            .write_all(request.as_bytes())
            .expect("the gateway takes the head");
        stream
    }

    /// Writes it beside the folder that is watched and moves it there.
    fn drop_in(&self, gateway: &Gateway) -> [u8; 32] {
        let path = gateway.site.join(format!("{}.part", self.number));
        let mut file = File::create(&path).expect("the file can be made");
        let digest = self.write(&mut file);
        let there = gateway.site.join(format!("drop/{}.edi", self.number));
        fs::rename(path, there).expect("the file can be moved");
        digest
    }

    fn write(&self, to: &mut dyn Write) -> [u8; 32] {
        let mut block = block();
        let mut digest = Context::new(&SHA256);
        to.write_all(self.head.as_bytes()).expect("the head is taken");
        for at in 0..self.mebibytes {
            // No two blocks are the same, so that none can be lost, doubled or moved unseen.
            let name = format!("{:08}{at:08}", self.number);
            let place = block.first_chunk_mut().expect("a block is longer than its name");
            *place = <[u8; 16]>::try_from(name.as_bytes()).expect("two numbers of eight digits");
            digest.update(&block);
            to.write_all(&block).expect("the payload is taken");
        }
        to.write_all(self.tail.as_bytes()).expect("the tail is taken");
        sum(digest)
    }
}

/// A finished SHA-256.
pub fn sum(digest: Context) -> [u8; 32] {
    let digest = digest.finish();
    digest.as_ref().try_into().expect("a SHA-256 has 32 octets")
}

/// A mebibyte of base 64 that does not repeat.
fn block() -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 7_u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let place = (state >> 26) as usize;
        LETTERS.get(place).copied().unwrap_or(b'A')
    };
    (0..1 << 20).map(letter).collect()
}

/// Stands for the payload while the message around it is made.
const HERE: &str = "SEVMRA==";
