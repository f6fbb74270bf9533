//! A simulated partner: what all four kinds of it share.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use bytes::Bytes;
use http::Method;
use http::StatusCode;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::case::Case;
use super::case::Purpose;
use super::counted::Counted;
use super::counted::Counter;
use super::event::Event;
use super::event::What;
use super::extract;
use super::fault::Fault;
use super::interchange;
use super::interchange::Errand;
use super::interchange::Letterhead;
use super::receipt;
use super::resource;
use super::settings::Role;
use super::settings::Settings;
use super::settings::Speaks;
use super::wire;
use super::wire::Answer;
use super::wire::Answers;
use super::wire::Asked;
use super::wire::Manner;
use super::wire::Reply;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::mapping::guides::Guides;

/// A partner that is there: it waits for connections until it is stopped.
#[derive(Debug)]
pub struct Partner {
    desk: Arc<Desk>,
}

/// What a partner works with.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) guides: Guides,
    pub(super) address: SocketAddr,
    clock: SystemClock,
    gateway: Mutex<String>,
    numbers: AtomicU32,
    cases: AtomicU32,
    taken: AtomicU32,
    fault: Mutex<Option<Fault>>,
    events: mpsc::Sender<Event>,
    /// Tasks that a provider was given, by their ids.
    pub(super) tasks: Mutex<BTreeMap<String, Value>>,
    /// The cases that a payer asked for.
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) counter: Mutex<Counter>,
    /// Places for work that goes on after the answer.
    pub(super) places: Arc<Semaphore>,
    pub(super) tracker: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// The most events that wait to be read; those beyond are dropped, because nobody reads.
const EVENTS: usize = 4_096;

/// The most Tasks and cases that a partner remembers.
pub(super) const REMEMBERED: usize = 10_000;

/// The most answers to requests that are under way at once.
const PLACES: usize = 32;

/// How often a message is tried.
const TRIES: u32 = 3;

pub(super) const X12: &str = "application/edi-x12";
pub(super) const FHIR: &str = "application/fhir+json";

impl Partner {
    /// Starts a partner; its events come out of the receiver.
    ///
    /// # Errors
    /// If it cannot listen at its address.
    pub async fn start(settings: Settings) -> io::Result<(Self, mpsc::Receiver<Event>)> {
        let (listener, address) = wire::listen(settings.listen).await?;
        let (events, seen) = mpsc::channel(EVENTS);
        let desk = Arc::new(Desk {
            guides: Guides::embedded().map_err(io::Error::other)?,
            address,
            clock: SystemClock::start(),
            gateway: Mutex::new(settings.gateway.clone()),
            numbers: AtomicU32::new(settings.first),
            cases: AtomicU32::new(settings.first),
            taken: AtomicU32::new(0),
            fault: Mutex::new(settings.fault),
            events,
            tasks: Mutex::default(),
            asked: Mutex::default(),
            counter: Mutex::default(),
            places: Arc::new(Semaphore::new(PLACES)),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            settings,
        });
        let (host, tracker, stop) = (Arc::clone(&desk), desk.tracker.clone(), desk.stop.clone());
        desk.tracker.spawn(wire::serve(listener, host, tracker, stop));
        desk.tell(What::Listens, "", "", format!("at http://{address}"));
        Ok((Self { desk }, seen))
    }

    /// Which side it is on.
    pub fn role(&self) -> Role {
        self.desk.settings.role
    }

    /// Where it waits.
    pub fn address(&self) -> SocketAddr {
        self.desk.address
    }

    /// Says where its messages go from now on.
    pub fn reach(&self, gateway: &str) {
        gateway.clone_into(&mut locked(&self.desk.gateway));
    }

    /// Says how it misbehaves from now on.
    pub fn misbehave(&self, fault: Option<Fault>) {
        *locked(&self.desk.fault) = fault;
        self.desk.taken.store(0, Ordering::Relaxed);
    }

    /// A new case of an invented patient.
    pub fn invent(&self, purpose: Purpose) -> Case {
        let settings = &self.desk.settings;
        let number = self.desk.cases.fetch_add(1, Ordering::Relaxed);
        let now = self.desk.now();
        let case = Case::invented(number, purpose, &settings.payer_id, &settings.npi, now);
        match self.desk.fault() {
            Some(Fault::Late) if settings.role == Role::Payer => case.overdue(now),
            _ => case,
        }
    }

    /// A message as the partner would send it, for a file: a payer's request, a provider's unsolicited documents.
    ///
    /// Empty if it cannot be written.
    pub fn sample(&self, payer_id: &str, npi: &str) -> Vec<u8> {
        let mut case = self.invent(Purpose::Claim);
        payer_id.clone_into(&mut case.payer_id);
        npi.clone_into(&mut case.npi);
        self.desk.written(&case)
    }

    /// A payer asks for the documents of a case; whether the other side took the request.
    pub async fn ask(&self, case: &Case) -> bool {
        Arc::clone(&self.desk).ask(case).await
    }

    /// A provider sends the documents of a case unasked; whether the other side took them.
    pub async fn submit(&self, case: &Case) -> bool {
        Arc::clone(&self.desk).submit(case).await
    }

    /// Looks once for what waits to be fetched: Tasks that the gateway keeps for a provider, or files in the folder.
    pub async fn collect(&self) {
        Arc::clone(&self.desk).collect().await;
    }

    /// A payer on FHIR looks how far its request has come; whether it is over, one way or another.
    pub async fn follow(&self, case: &Case) -> bool {
        self.desk.follow(case).await
    }

    /// How many messages it took, and how many of them more than once.
    pub fn counted(&self) -> Counted {
        locked(&self.desk.counter).counted()
    }

    /// Stops, and waits for what is under way.
    pub async fn stop(self) {
        self.desk.stop.cancel();
        self.desk.tracker.close();
        self.desk.tracker.wait().await;
    }
}

impl Answers for Desk {
    async fn answer(self: Arc<Self>, asked: Asked) -> Answer {
        let is_message = asked.method == Method::POST;
        let nth = if is_message {
            self.taken.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        };
        let fault = self.fault();
        match fault {
            Some(Fault::Unavailable) if is_message && nth % 2 == 0 => {
                self.tell(What::Misbehaved, "", "", "refused with 503".to_owned());
                return Answer::new(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "busy");
            }
            Some(Fault::Garbage) if is_message => {
                self.tell(What::Misbehaved, "", "", "answered with a page".to_owned());
                return Answer::new(StatusCode::OK, "text/html", "<html><body>It works!</body></html>");
            }
            _ => {}
        }
        let (role, pace) = (self.settings.role, self.settings.pace);
        let mut answer = self.take(&asked);
        answer.manner = match fault {
            Some(Fault::Slow) => Manner::Slow(pace / 10),
            Some(Fault::Partial) if is_message && role == Role::Payer && nth % 2 == 0 => Manner::Cut,
            _ => Manner::Plain,
        };
        answer
    }
}

impl Desk {
    fn take(self: Arc<Self>, asked: &Asked) -> Answer {
        match (self.settings.speaks, &asked.method) {
            (Speaks::X12, &Method::POST) => self.take_interchange(&asked.body, By::Call),
            (Speaks::Fhir, &Method::POST) => self.take_resource(asked),
            (Speaks::Fhir, &Method::GET) => self.show(&asked.path),
            _ => Answer::new(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "not here"),
        }
    }

    /// Takes what came as X12, answers it, and goes on with what it asks for.
    fn take_interchange(self: Arc<Self>, bytes: &[u8], by: By) -> Answer {
        let read = receipt::Read::of(bytes, &self.guides);
        if !read.is_x12() {
            self.tell(What::Received, "", "", "400 this is no X12".to_owned());
            return Answer::new(StatusCode::BAD_REQUEST, "text/plain", "this is no X12");
        }
        let answered = read.acknowledgement(&self.letterhead());
        let Ok(answer) = answered else {
            self.tell(What::Failed, "999", "", "it could not be written".to_owned());
            return Answer::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain",
                "no answer could be written",
            );
        };
        let said = match (by, receipt::told(&answer)) {
            (By::File, _) => "fetched from the folder".to_owned(),
            (By::Call, said) if said.is_empty() => "200".to_owned(),
            (By::Call, said) => format!("200 {said}"),
        };
        let is_good = read.verdict() != x12_parser::Verdict::Rejected;
        let mut advised = read.advised.iter();
        for (message, body) in read.messages() {
            let case = body.map(receipt::case_of).unwrap_or_default();
            let documents = match body {
                Some(body) if message == "275" => {
                    format!(", {}", receipt::documents(receipt::documents_in(body)))
                }
                _ => String::new(),
            };
            let label = match (message == "824").then(|| advised.next()).flatten() {
                Some(said) => locked(&self.counter).advice(said),
                None => case.label().to_owned(),
            };
            let is_request = matches!(message, "277" | "278");
            match body {
                Some(body) if is_good && message == "275" => locked(&self.counter).attachment(&case, body),
                Some(_) if is_good && is_request => locked(&self.counter).request(message, &case),
                _ => {}
            }
            self.tell(What::Received, message, &label, format!("{said}{documents}"));
            if is_request && is_good && self.settings.role == Role::Provider {
                Arc::clone(&self).supply_soon(case);
            }
        }
        if self.settings.advises && self.settings.role == Role::Payer && is_good {
            Arc::clone(&self).advise_soon(&read);
        }
        Answer::new(StatusCode::OK, X12, answer)
    }

    /// Sends bytes to the gateway: as often as it takes, and once more if it is to be a duplicate.
    pub(super) async fn send(
        &self,
        message: &'static str,
        url: &str,
        media: &'static str,
        body: Vec<u8>,
        case: &Case,
    ) -> Option<Reply> {
        let body = Bytes::from(body);
        let token = self.settings.token.as_deref();
        let mut reply = None;
        let times = if self.fault() == Some(Fault::Duplicate) {
            2
        } else {
            1
        };
        for time in 0..times {
            if time > 0 {
                self.tell(
                    What::Misbehaved,
                    message,
                    case.label(),
                    "sends it again".to_owned(),
                );
            }
            for attempt in 1..=TRIES {
                let sent = wire::send(Method::POST, url, media, token, body.clone()).await;
                let again = match &sent {
                    Ok(reply) => {
                        reply.status.is_server_error() || reply.status == StatusCode::TOO_MANY_REQUESTS
                    }
                    Err(_) => true,
                };
                match sent {
                    Ok(answered) => {
                        let said = said(&answered, media);
                        self.tell(What::Sent, message, case.label(), said);
                        reply = Some(answered);
                    }
                    Err(trouble) => self.tell(What::Failed, message, case.label(), trouble.to_string()),
                }
                if !again || attempt == TRIES || self.paused().await {
                    break;
                }
            }
        }
        reply
    }

    /// Sends an interchange, by call or by file.
    pub(super) async fn send_x12(&self, message: &'static str, bytes: Vec<u8>, case: &Case) -> bool {
        let Some(folders) = &self.settings.folders else {
            let reply = self.send(message, &self.gateway(), X12, bytes, case).await;
            return reply.is_some_and(|reply| reply.status.is_success());
        };
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let name = format!("{message}-{number:09}.edi");
        let hidden = folders.outbox.join(format!(".{name}.part"));
        let placed = async {
            tokio::fs::write(&hidden, bytes).await?;
            tokio::fs::rename(&hidden, folders.outbox.join(&name)).await
        };
        match placed.await {
            Ok(()) => {
                self.tell(
                    What::Sent,
                    message,
                    case.label(),
                    "placed in the folder".to_owned(),
                );
                true
            }
            Err(fault) => {
                self.tell(What::Failed, message, case.label(), fault.kind().to_string());
                false
            }
        }
    }

    fn written(&self, case: &Case) -> Vec<u8> {
        let documents = &case.documents;
        match (self.settings.role, self.settings.speaks) {
            (Role::Payer, Speaks::X12) => interchange::request(&self.letterhead(), case).unwrap_or_default(),
            (Role::Provider, Speaks::X12) => {
                interchange::attachment(&self.letterhead(), case, documents, Errand::Unsolicited)
                    .unwrap_or_default()
            }
            (Role::Payer, Speaks::Fhir) => resource::task(case, &self.answer_to(), self.now())
                .to_string()
                .into_bytes(),
            (Role::Provider, Speaks::Fhir) => resource::submission(case, documents, true, self.now())
                .to_string()
                .into_bytes(),
        }
    }

    /// Where a payer over FHIR wants the documents.
    pub(super) fn answer_to(&self) -> String {
        format!("http://{}/fhir/$submit-attachment", self.address)
    }

    async fn collect(self: Arc<Self>) {
        match (&self.settings.folders, self.settings.speaks, self.settings.role) {
            (Some(folders), Speaks::X12, _) => {
                let inbox = folders.inbox.clone();
                self.collect_files(&inbox).await;
            }
            (None, Speaks::Fhir, Role::Provider) => self.collect_tasks().await,
            _ => {}
        }
    }

    async fn collect_files(self: Arc<Self>, inbox: &std::path::Path) {
        let Ok(mut entries) = tokio::fs::read_dir(inbox).await else {
            self.tell(What::Failed, "", "", "the folder cannot be read".to_owned());
            return;
        };
        while let Ok(Some(entry)) = entries.next_entry().await {
            // What begins with a dot is still being written.
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let Ok(bytes) = tokio::fs::read(entry.path()).await else {
                continue;
            };
            let answer = Arc::clone(&self).take_interchange(&bytes, By::File);
            // Whoever works with files brings the acknowledgement as a file, too.
            if answer.status.is_success() && !answer.body.is_empty() {
                self.send_x12("999", answer.body.to_vec(), &Case::default()).await;
            }
            let _ = tokio::fs::remove_file(entry.path()).await;
        }
    }

    /// Waits for the pace; whether the partner is stopped meanwhile.
    pub(super) async fn paused(&self) -> bool {
        tokio::select! {
            () = tokio::time::sleep(self.settings.pace) => false,
            () = self.stop.cancelled() => true,
        }
    }

    pub(super) fn letterhead(&self) -> Letterhead<'_> {
        Letterhead {
            from: &self.settings.own,
            to: &self.settings.other,
            now: self.now(),
            control: self.numbers.fetch_add(1, Ordering::Relaxed) % 1_000_000_000,
            release: self.settings.release,
        }
    }

    pub(super) fn gateway(&self) -> String {
        locked(&self.gateway).trim_end_matches('/').to_owned()
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        *locked(&self.fault)
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(super) fn tell(&self, what: What, message: &'static str, case: &str, outcome: String) {
        // Nobody has to read the events; what nobody reads is dropped.
        let _ = self.events.try_send(Event {
            partner: self.settings.name.clone(),
            what,
            message,
            case: case.to_owned(),
            outcome,
        });
    }
}

/// How a message comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum By {
    Call,
    File,
}

/// What an answer says, in a few words.
fn said(reply: &Reply, media: &str) -> String {
    let status = reply.status.as_u16();
    let told = if media == X12 {
        receipt::told(&reply.body)
    } else {
        serde_json::from_slice(&reply.body).map_or(String::new(), |answer| extract::told(&answer))
    };
    match (told.is_empty(), reply.body.is_empty()) {
        (false, _) => format!("{status} {told}"),
        (true, true) => status.to_string(),
        (true, false) => format!("{status} and nothing that can be read"),
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
