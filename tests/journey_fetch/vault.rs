//! A server of documents that gives them as it is told, well or badly.

use std::collections::HashMap;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// How a document is given.
#[derive(Clone, Debug)]
pub(crate) enum Give {
    /// Whole.
    Octets(&'static str, Vec<u8>),
    /// Not; with this status and these fields.
    Status(u16, &'static str),
    /// By a redirect there.
    Redirect(u16, String),
    /// By its length, and nothing of it.
    Announced(u64),
    /// In chunks that never end.
    Endless,
    /// Not a word.
    Silence,
    /// Its beginning, and then not a word.
    Beginning,
    /// Fewer octets than were announced.
    Short,
    /// In chunks whose last is missing.
    CutChunks,
    /// Without saying where it ends.
    Unframed,
    /// With two lengths.
    TwoLengths,
    /// Compressed, as nobody asked.
    Encoded,
    /// By closing the connection.
    HangUp,
}

impl Give {
    pub(crate) fn octets(media: &'static str, octets: &[u8]) -> Self {
        Self::Octets(media, octets.to_vec())
    }
}

type Documents = Arc<Mutex<HashMap<String, Give>>>;

pub(crate) struct Vault {
    pub(crate) address: SocketAddr,
    documents: Documents,
    asked: Receiver<String>,
}

impl Vault {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let documents = Documents::default();
        let (tell, asked) = sync_channel(1000);
        let known = Arc::clone(&documents);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (known, tell) = (Arc::clone(&known), tell.clone());
                thread::spawn(move || serve(stream, &known, &tell));
            }
        });
        Self {
            address,
            documents,
            asked,
        }
    }

    pub(crate) fn put(&self, target: &str, give: Give) {
        self.documents.lock().unwrap().insert(target.to_owned(), give);
    }

    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// The head of the next request; waits for it.
    #[track_caller]
    pub(crate) fn next(&self) -> String {
        self.asked.recv_timeout(Duration::from_mins(1)).unwrap()
    }

    /// Whether somebody asked whom nobody looked at yet.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.try_recv().is_ok()
    }
}

fn serve(mut stream: TcpStream, documents: &Documents, tell: &SyncSender<String>) {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut octet).unwrap_or_default() == 0 {
            return;
        }
        head.push(octet[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap_or_default();
    let give = documents.lock().unwrap().get(target).cloned();
    let _ = tell.try_send(head);
    // Whoever asks may hang up at any time.
    let _ = answer(&mut stream, give.unwrap_or(Give::Status(404, "")));
}

fn answer(stream: &mut TcpStream, give: Give) -> std::io::Result<()> {
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    match give {
        Give::Octets(media, octets) => {
            let length = octets.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n"
            )?;
            stream.write_all(&octets)
        }
        Give::Status(status, fields) => {
            write!(stream, "HTTP/1.1 {status} X\r\n{fields}Content-Length: 0\r\n\r\n")
        }
        Give::Redirect(status, to) => write!(
            stream,
            "HTTP/1.1 {status} X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        ),
        Give::Announced(length) => {
            write!(stream, "{ok}Content-Length: {length}\r\n\r\n")?;
            wait_for_the_end(stream)
        }
        Give::Endless => {
            write!(stream, "{ok}Transfer-Encoding: chunked\r\n\r\n")?;
            loop {
                write!(stream, "2000\r\n{}\r\n", "x".repeat(0x2000))?;
            }
        }
        Give::Silence => wait_for_the_end(stream),
        Give::Beginning => {
            write!(stream, "{ok}Content-Length: 3\r\n\r\na")?;
            wait_for_the_end(stream)
        }
        Give::Short => write!(stream, "{ok}Content-Length: 10\r\n\r\nabc"),
        Give::CutChunks => write!(stream, "{ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        Give::Unframed => write!(stream, "{ok}\r\nabc"),
        Give::TwoLengths => write!(
            stream,
            "{ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        ),
        Give::Encoded => write!(
            stream,
            "{ok}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        ),
        Give::HangUp => Ok(()),
    }
}

/// Until whoever asked hangs up.
fn wait_for_the_end(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut octets = [0; 64];
    while stream.read(&mut octets)? > 0 {}
    Ok(())
}
