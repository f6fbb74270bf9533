//! A peer on a real socket that does as it is told, well or badly.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// What a peer does with one connection.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// Reads a request and writes these bytes, each time anew until the connection ends.
    Answers(&'static [u8]),
    /// Reads a request, writes these bytes and closes.
    AnswersAndCloses(&'static [u8]),
    /// Reads a request and writes these bytes, one in each while.
    Trickles(&'static [u8]),
    /// Reads a request and never answers.
    Silent,
    /// Takes the connection and reads nothing.
    Deaf,
    /// Closes before it has read anything.
    Closes,
}

/// A request as a peer read it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Read {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// A peer that listens.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    read: Arc<Mutex<Vec<Read>>>,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// A peer that treats each connection in the next of `manners`, and those that follow as the last.
    pub(crate) async fn of(manners: &[Manner]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let read = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let manners = manners.to_vec();
        let task = tokio::spawn({
            let (read, connections) = (Arc::clone(&read), Arc::clone(&connections));
            async move {
                // Connections live as long as the peer does.
                let mut open = tokio::task::JoinSet::new();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let number = {
                        let mut connections = connections.lock().unwrap();
                        *connections += 1;
                        *connections - 1
                    };
                    let manner = manners.get(number).or(manners.last()).unwrap().clone();
                    open.spawn(serve(stream, manner, Arc::clone(&read)));
                }
            }
        });
        Self {
            address,
            read,
            connections,
            task,
        }
    }

    /// The requests that it read.
    pub(crate) fn read(&self) -> Vec<Read> {
        self.read.lock().unwrap().clone()
    }

    /// How many connections it took.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, read: Arc<Mutex<Vec<Read>>>) {
    match manner {
        Manner::Closes => return,
        Manner::Deaf => return std::future::pending().await,
        _ => {}
    }
    while let Some(request) = request(&mut stream).await {
        read.lock().unwrap().push(request);
        match manner {
            Manner::Answers(reply) => {
                if stream.write_all(reply).await.is_err() {
                    return;
                }
            }
            Manner::AnswersAndCloses(reply) => {
                // The client may have gone away: that is what it is tested for.
                let _ = stream.write_all(reply).await;
                return;
            }
            Manner::Trickles(reply) => {
                let mut pace = tokio::time::interval(PACE);
                for byte in reply.chunks(1) {
                    pace.tick().await;
                    if stream.write_all(byte).await.is_err() {
                        return;
                    }
                }
            }
            Manner::Silent | Manner::Deaf | Manner::Closes => std::future::pending().await,
        }
    }
}

/// The next request; `None` when the client has closed.
async fn request(stream: &mut TcpStream) -> Option<Read> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut request = Read {
        head: String::from_utf8(bytes[..head].to_vec()).unwrap(),
        body: bytes[head..].to_vec(),
    };
    let length = request.header("content-length").map(str::parse);
    let length: usize = length.unwrap_or(Ok(0)).unwrap();
    while request.body.len() < length {
        if stream.read_buf(&mut request.body).await.ok()? == 0 {
            return None;
        }
    }
    assert_eq!(request.body.len(), length, "nothing follows a request");
    Some(request)
}

/// How long a peer that trickles takes for a byte.
const PACE: Duration = Duration::from_millis(30);
