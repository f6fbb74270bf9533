//! What the tests of the doors share: a script behind the door, and a client that sends any octets.
#![allow(dead_code, reason = "each test program uses its own part of it")]

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use cartage::edge::Behind;
use cartage::edge::Coming;
use cartage::edge::network::Door;
use cartage::edge::settings::Endpoint;
use cartage::edge::settings::Facade;
use cartage::edge::settings::Speaks;
use cartage::edge::settings::Terms;
use cartage::flow::door::Caller;
use cartage::flow::door::Incoming;
use cartage::flow::door::Interaction;
use cartage::flow::door::Media;
use cartage::flow::door::Prefer;
use cartage::flow::door::Reply;
use cartage::trust::bearer::Tokens;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// What came through a door.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Came {
    pub(crate) caller: Caller,
    /// None for X12.
    pub(crate) what: Option<Interaction>,
    pub(crate) prefer: Prefer,
    pub(crate) body: Vec<u8>,
}

/// Stands behind a door, notes what comes and answers as it was told.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) came: Mutex<Vec<Came>>,
    pub(crate) reply: Mutex<Reply>,
    /// How many requests have reached it, as permits that a test can wait for.
    pub(crate) arrived: Semaphore,
    /// How many requests it may answer.
    pub(crate) may_answer: Semaphore,
}

impl Script {
    pub(crate) fn answering(reply: Reply) -> Arc<Self> {
        Arc::new(Self {
            came: Mutex::default(),
            reply: Mutex::new(reply),
            arrived: Semaphore::new(0),
            may_answer: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    /// Answers nothing until permits are added to `may_answer`.
    pub(crate) fn holding(reply: Reply) -> Arc<Self> {
        let mut script = Self::answering(reply);
        Arc::get_mut(&mut script).unwrap().may_answer = Semaphore::new(0);
        script
    }

    pub(crate) fn took(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    async fn serve(
        &self,
        caller: &Caller,
        what: Option<Interaction>,
        prefer: Prefer,
        body: &mut dyn Incoming,
    ) -> Reply {
        self.arrived.add_permits(1);
        self.may_answer.acquire().await.unwrap().forget();
        let mut whole = Vec::new();
        loop {
            match body.next().await {
                Ok(Some(octets)) => whole.extend_from_slice(&octets),
                Ok(None) => break,
                Err(_) => {
                    return Reply {
                        status: 400,
                        ..Reply::default()
                    };
                }
            }
        }
        assert_ne!(whole, b"panic", "a request that fails as nothing should");
        self.came.lock().unwrap().push(Came {
            caller: caller.clone(),
            what,
            prefer,
            body: whole,
        });
        self.reply.lock().unwrap().clone()
    }
}

impl Behind for Script {
    fn x12<'a>(&'a self, caller: &'a Caller, body: &'a mut dyn Incoming) -> Coming<'a> {
        Box::pin(self.serve(caller, None, Prefer::default(), body))
    }

    fn facade<'a>(
        &'a self,
        caller: &'a Caller,
        what: Interaction,
        prefer: Prefer,
        body: &'a mut dyn Incoming,
    ) -> Coming<'a> {
        Box::pin(self.serve(caller, Some(what), prefer, body))
    }
}

pub(crate) fn good() -> Reply {
    Reply {
        status: 200,
        body: "{\"resourceType\":\"Task\"}".into(),
        ..Reply::default()
    }
}

pub(crate) fn receipt() -> Reply {
    Reply {
        status: 200,
        body: "TA1*000000001*261120*1330*A*000~".into(),
        media: Media::X12,
        ..Reply::default()
    }
}

pub(crate) fn terms() -> Terms {
    Terms {
        from: Some("mercy".to_owned()),
        tokens: Arc::new(Tokens::default().with(b"acme-token", "acme")),
        body: 1 << 20,
        clients: 100,
        per_address: 100,
        timeout: Duration::from_secs(30),
        names: Arc::default(),
        tls: None,
        facade: Facade {
            base: "https://cartage.example/fhir".to_owned(),
            title: "A gateway".to_owned(),
            takes_attachments: true,
            keeps_tasks: true,
            payers: Vec::new(),
            since: 1_795_181_400,
        },
    }
}

pub(crate) async fn open(speaks: Speaks, terms: Terms, behind: Arc<Script>) -> Door {
    let endpoint = Endpoint {
        name: "front".to_owned(),
        speaks,
        address: "127.0.0.1:0".parse().unwrap(),
    };
    Door::open(endpoint, terms, behind, 7).await.unwrap()
}

/// What a client hears until the door ends the connection.
pub(crate) async fn send(door: &Door, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(door.address()).await.unwrap();
    stream.write_all(octets).await.unwrap();
    hear(&mut stream).await
}

pub(crate) async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    String::from_utf8_lossy(&heard).into_owned()
}

/// A request after which the door ends the connection, and the answer to it.
pub(crate) async fn ask(door: &Door, line: &str, fields: &str, body: &str) -> Heard {
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{length}{fields}\r\n{body}");
    Heard::of(&send(door, request.as_bytes()).await)
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Heard {
    #[track_caller]
    pub(crate) fn of(text: &str) -> Self {
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer in {text:?}"));
        Self {
            status: head[9..12].parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    /// The code of the one issue of an OperationOutcome.
    #[track_caller]
    pub(crate) fn issue(&self) -> String {
        let outcome = cartage::fhir::json::read(self.body.as_bytes()).unwrap();
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{}", self.body);
        outcome["issue"][0]["code"].as_str().unwrap().to_owned()
    }
}
