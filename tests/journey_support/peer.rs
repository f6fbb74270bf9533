//! A partner on the network: takes what it is sent, answers as it is told, and can be sick.

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

use cartage::fhir::json;
use serde_json::Value;

/// How a partner answers.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// With this status and body.
    Status(u16, String),
    /// With this document: its media type, and its text.
    Document(&'static str, String),
    /// With a page that is no answer.
    Garbage,
    /// Not at all: the connection ends when the request is there.
    HangUp,
}

/// What a partner was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The status that it was answered with; 0 for none.
    pub(crate) answered: u16,
}

/// A partner on the network.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    says: Arc<Mutex<Say>>,
    took: Receiver<Sent>,
}

impl Peer {
    /// Opens; answers everything so until told otherwise.
    pub(crate) fn saying(say: Say) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let says = Arc::new(Mutex::new(say));
        let (tell, took) = sync_channel(1000);
        let said = Arc::clone(&says);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (said, tell) = (Arc::clone(&said), tell.clone());
                thread::spawn(move || serve(stream, &said, &tell));
            }
        });
        Self { address, says, took }
    }

    pub(crate) fn say(&self, say: Say) {
        *self.says.lock().unwrap() = say;
    }

    /// The next that it is sent; waits for it.
    #[track_caller]
    pub(crate) fn next(&self) -> Sent {
        let waited = self.took.recv_timeout(Duration::from_mins(1));
        waited.unwrap_or_else(|_| panic!("nothing came"))
    }

    /// The next that was answered with this status; until then the same is sent again and again.
    #[track_caller]
    pub(crate) fn next_answered(&self, status: u16) -> Sent {
        let first = self.next();
        let mut last = first.clone();
        while last.answered != status {
            last = self.next();
            // ROB-011: whatever is sent again is sent as it was.
            assert_eq!((&last.path, &last.body), (&first.path, &first.body));
        }
        last
    }

    /// The next, which must be JSON.
    #[track_caller]
    pub(crate) fn next_json(&self) -> Value {
        json::read(self.next().body.as_bytes()).unwrap()
    }

    /// Whether something came that nobody looked at yet.
    pub(crate) fn has_more(&self) -> bool {
        self.took.try_recv().is_ok()
    }
}

fn serve(mut stream: TcpStream, says: &Mutex<Say>, tell: &SyncSender<Sent>) {
    let Some(mut sent) = read(&mut stream) else { return };
    let say = says.lock().unwrap().clone();
    sent.answered = match &say {
        Say::Status(status, _) => *status,
        Say::Document(..) | Say::Garbage => 200,
        Say::HangUp => 0,
    };
    // The test may be over, or be about something else: then nobody listens.
    let _ = tell.try_send(sent);
    let (status, media, body) = match say {
        Say::Status(status, body) if body.starts_with("ISA") => (status, "application/edi-x12", body),
        Say::Status(status, body) => (status, "application/fhir+json", body),
        Say::Document(media, text) => (200, media, text),
        Say::Garbage => (200, "text/html", "<html>Welcome to the proxy</html>".to_owned()),
        Say::HangUp => return,
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn read(stream: &mut TcpStream) -> Option<Sent> {
    let mut octets = Vec::new();
    let mut piece = [0; 8192];
    loop {
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        octets.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&octets);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
            let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
            let body = body.to_owned();
            let answered = 0;
            return Some(Sent {
                path,
                head,
                body,
                answered,
            });
        }
    }
}
