//! Doors on the network: bound, announced, served, told anew, closed.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::Weak;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Version;
use http::header;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::arriving::Allowance;
use super::arriving::Arriving;
use super::behind::Behind;
use super::crowd::Crowd;
use super::crowd::Place;
use super::facade;
use super::facade::Visit;
use super::interchange;
use super::pace::Pace;
use super::refusal::Dialect;
use super::refusal::Refusal;
use super::reply;
use super::reply::Answer;
use super::settings::Endpoint;
use super::settings::Speaks;
use super::settings::Terms;
use crate::trust::door::Holder;

mod converse;

use self::converse::Client;
use self::converse::Spoken;
use self::converse::agree;
use self::converse::converse;
use self::converse::turn_away;

/// A door that is open.
#[derive(Debug)]
pub struct Door {
    endpoint: Endpoint,
    address: SocketAddr,
    /// Until it begins.
    waiting: Mutex<Option<Arc<TcpListener>>>,
    /// As long as it listens.
    listener: Weak<TcpListener>,
    room: Arc<Room>,
    /// Cancelled when nobody else is to come in.
    closing: CancellationToken,
    tasks: TaskTracker,
}

/// What all connections of a door share.
struct Room {
    endpoint: Endpoint,
    behind: Arc<dyn Behind>,
    in_force: RwLock<InForce>,
    /// Connections, and requests that are being worked on.
    clients: Arc<AtomicUsize>,
    works: Arc<AtomicUsize>,
    /// Where the clients are from.
    crowd: Arc<Crowd>,
    /// Clients that are being told that there is no room.
    turned_away: Arc<AtomicUsize>,
    requests: AtomicU64,
    /// Tells the request ids of this door and this start from others.
    mark: u64,
    closing: CancellationToken,
}

/// The terms of now.
#[derive(Clone)]
struct InForce {
    terms: Arc<Terms>,
    /// Cancelled when the door closes, and when whoever was let in under these must be looked at anew.
    closing: CancellationToken,
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Door {
    /// Binds a door and serves whoever comes; see [`bind`](Self::bind) and [`begin`](Self::begin).
    ///
    /// # Errors
    /// As the system says why nothing can listen there.
    pub async fn open(
        endpoint: Endpoint,
        terms: Terms,
        behind: Arc<dyn Behind>,
        mark: u64,
    ) -> io::Result<Self> {
        let door = Self::bind(endpoint, terms, behind, mark).await?;
        door.begin();
        Ok(door)
    }

    /// Binds a door. Whoever comes waits before it until it begins. `mark` tells its request ids from those of another
    /// start.
    ///
    /// # Errors
    /// As the system says why nothing can listen there.
    pub async fn bind(
        endpoint: Endpoint,
        terms: Terms,
        behind: Arc<dyn Behind>,
        mark: u64,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(endpoint.address).await?;
        let address = listener.local_addr()?;
        let room = Room::new(endpoint, terms, behind, mark);
        Ok(Self::at(Arc::new(listener), address, room))
    }

    /// A door with another name or for other things that listens where this one does, if this one still does. It is to
    /// begin before this one is closed; whoever comes then is its client.
    pub fn successor(
        &self,
        endpoint: Endpoint,
        terms: Terms,
        behind: Arc<dyn Behind>,
        mark: u64,
    ) -> Option<Self> {
        let listener = self.listener.upgrade()?;
        let room = Room::new(endpoint, terms, behind, mark);
        Some(Self::at(listener, self.address, room))
    }

    fn at(listener: Arc<TcpListener>, address: SocketAddr, room: Arc<Room>) -> Self {
        Self {
            endpoint: room.endpoint.clone(),
            address,
            listener: Arc::downgrade(&listener),
            waiting: Mutex::new(Some(listener)),
            closing: room.closing.clone(),
            room,
            tasks: TaskTracker::new(),
        }
    }

    /// Begins to serve.
    pub fn begin(&self) {
        let listener = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(listener) = listener {
            let tasks = self.tasks.clone();
            self.tasks.spawn(welcome(listener, Arc::clone(&self.room), tasks));
        }
    }

    /// What it was told when it was opened.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Where it listens in fact.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts other terms in force; requests that have begun end under those they began with. Connections end after them
    /// if their clients' certificates would have to be looked at anew.
    pub fn tell(&self, terms: Terms) {
        let room = &self.room;
        let mut in_force = room.in_force.write().unwrap_or_else(PoisonError::into_inner);
        if !in_force.terms.admits_as(&terms) {
            in_force.closing.cancel();
            in_force.closing = room.closing.child_token();
        }
        in_force.terms = Arc::new(terms);
    }

    /// Lets nobody in any more. Who has begun a request gets its answer, who has not is let go.
    pub fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
    }

    /// Waits until the last client of a closed door has gone. Cancelling it leaves them there.
    pub async fn closed(&self) {
        self.tasks.wait().await;
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.close();
    }
}

/// Lets clients in until the door is closed, and then those who stood before it already.
async fn welcome(listener: Arc<TcpListener>, room: Arc<Room>, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = room.closing.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => let_in(stream, from, &room, &tasks),
            // Out of descriptors, or the client has gone again: neither is mended by trying at once.
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
    if Arc::strong_count(&listener) > 1 {
        // Another door listens here now, and who stands before this one is its client.
        return;
    }
    // Whoever the system let in already would be reset if nobody took the connection.
    let end = Instant::now() + LAST_WELCOME;
    while Instant::now() < end
        && let Ok(Ok((stream, from))) = timeout(BREATH, listener.accept()).await
    {
        let_in(stream, from, &room, &tasks);
    }
}

fn let_in(stream: TcpStream, from: SocketAddr, room: &Arc<Room>, tasks: &TaskTracker) {
    // A small answer must not wait for a large one.
    let _ = stream.set_nodelay(true);
    let InForce { terms, closing } = room.in_force();
    let guest = room.crowd.enter(from.ip(), terms.per_address);
    let place = guest.and_then(|guest| Some((Place::take(&room.clients, terms.clients)?, guest)));
    if let Some((place, guest)) = place {
        let room = Arc::clone(room);
        tasks.spawn(async move {
            let agreed = agree(stream, &terms).await;
            let shown = agreed.as_ref().and_then(|spoken| match spoken {
                Spoken::Plain(_) => None,
                Spoken::Tls(stream) => terms.names.holder(stream).cloned(),
            });
            let client = Arc::new(Client {
                guest,
                shown,
                closing,
                pace: Pace::new(),
            });
            match agreed {
                Some(Spoken::Plain(stream)) => converse(stream, &room, client).await,
                Some(Spoken::Tls(stream)) => converse(*stream, &room, client).await,
                None => {}
            }
            drop(place);
        });
    } else if let Some(place) = Place::take(&room.turned_away, MOST_TURNED_AWAY) {
        let dialect = room.dialect();
        tasks.spawn(async move {
            match agree(stream, &terms).await {
                Some(Spoken::Plain(stream)) => turn_away(stream, dialect).await,
                Some(Spoken::Tls(stream)) => turn_away(*stream, dialect).await,
                None => {}
            }
            drop(place);
        });
    }
}

impl Room {
    fn new(endpoint: Endpoint, terms: Terms, behind: Arc<dyn Behind>, mark: u64) -> Arc<Self> {
        let closing = CancellationToken::new();
        Arc::new(Self {
            endpoint,
            behind,
            in_force: RwLock::new(InForce {
                terms: Arc::new(terms),
                closing: closing.child_token(),
            }),
            clients: Arc::default(),
            works: Arc::default(),
            crowd: Arc::default(),
            turned_away: Arc::default(),
            requests: AtomicU64::new(0),
            mark,
            closing,
        })
    }

    fn in_force(&self) -> InForce {
        self.in_force
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    const fn dialect(&self) -> Dialect {
        match self.endpoint.speaks {
            Speaks::Fhir => Dialect::Fhir,
            Speaks::X12 => Dialect::X12,
        }
    }

    async fn answer(&self, request: Request<hyper::body::Incoming>, client: &Client) -> Answer {
        let terms = self.in_force().terms;
        let (head, body) = request.into_parts();
        let id = self.request_id(head.headers.get(&REQUEST_ID));
        let mut body = Arriving::new(
            body,
            Allowance {
                octets: terms.body,
                wait: terms.timeout,
                rate: LEAST_RATE,
                grace: Duration::from_secs(10),
            },
        );
        let of_address = Place::take(client.guest.works(), terms.per_address);
        let places =
            of_address.and_then(|of_address| Some((of_address, Place::take(&self.works, terms.clients)?)));
        let mut answer = match places {
            None => reply::refuse(Refusal::Busy, self.dialect()),
            Some(_places) => {
                let visit = Visit {
                    door: &self.endpoint.name,
                    terms: &terms,
                    // Whose certificate it was, if it still is.
                    shown: client
                        .shown
                        .as_ref()
                        .filter(|holder| terms.names.has(holder))
                        .map(Holder::partner),
                    behind: &*self.behind,
                };
                match self.endpoint.speaks {
                    Speaks::Fhir => facade::serve(visit, &head, &mut body).await,
                    Speaks::X12 => interchange::serve(visit, &head, &mut body).await,
                }
            }
        };
        let ends = client.closing.is_cancelled() || !body.is_over();
        if ends && head.version < Version::HTTP_2 {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(header::CONNECTION, close);
        }
        if terms.tls.is_some() {
            let always = HeaderValue::from_static("max-age=31536000");
            answer
                .headers_mut()
                .insert(header::STRICT_TRANSPORT_SECURITY, always);
        }
        answer.headers_mut().insert(&REQUEST_ID, id);
        answer
    }

    /// The client's name for its request, if it is fit to be written into a log, or else one of ours.
    fn request_id(&self, theirs: Option<&HeaderValue>) -> HeaderValue {
        let is_fit = |id: &&HeaderValue| {
            let id = id.as_bytes();
            (1..=64).contains(&id.len())
                && id
                    .iter()
                    .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_'))
        };
        if let Some(id) = theirs.filter(is_fit) {
            return id.clone();
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        HeaderValue::try_from(format!("{:x}-{number:x}", self.mark)).unwrap_or(HeaderValue::from_static("-"))
    }
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A body comes at least so fast, in octets a second.
const LEAST_RATE: u64 = 1024;

/// So many clients are told at a time that there is no room; beyond them a connection is closed without a word.
const MOST_TURNED_AWAY: usize = 64;

/// How long a closed door takes who stands before it, however many still come.
const LAST_WELCOME: Duration = Duration::from_secs(1);

/// The pause after a connection that could not be taken, and how long a closed door listens for who stands before it.
const BREATH: Duration = Duration::from_millis(50);
