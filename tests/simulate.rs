//! Simulated partners among themselves: a payer and a provider that speak to each other with no gateway in between.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

use std::time::Duration;

use cartage::app::simulate::Counted;
use cartage::app::simulate::Event;
use cartage::app::simulate::Fault;
use cartage::app::simulate::Partner;
use cartage::app::simulate::Purpose;
use cartage::app::simulate::Release;
use cartage::app::simulate::Role;
use cartage::app::simulate::Settings;
use cartage::app::simulate::Speaks;
use cartage::app::simulate::What;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

/// A partner and what it tells.
struct Played {
    partner: Partner,
    events: Receiver<Event>,
    /// Events that nobody waited for yet.
    passed: Vec<Event>,
}

impl Played {
    async fn start(change: impl FnOnce(&mut Settings), role: Role, speaks: Speaks) -> Self {
        let mut settings = Settings::new(role, speaks);
        settings.pace = Duration::from_millis(20);
        change(&mut settings);
        let (partner, events) = Partner::start(settings).await.unwrap();
        Self {
            partner,
            events,
            passed: Vec::new(),
        }
    }

    fn url(&self) -> String {
        format!("http://{}/fhir", self.partner.address())
    }

    /// Waits for an event, in whatever order they come; each is found once.
    async fn until(&mut self, what: What, message: &'static str) -> Event {
        let is_it = |event: &Event| event.what == what && event.message == message;
        if let Some(at) = self.passed.iter().position(is_it) {
            return self.passed.remove(at);
        }
        let found = timeout(Duration::from_secs(30), async {
            while let Some(event) = self.events.recv().await {
                if is_it(&event) {
                    return Some(event);
                }
                self.passed.push(event);
            }
            None
        });
        match found.await {
            Ok(Some(event)) => event,
            _ => panic!("no {what:?} {message}; but {:#?}", self.passed),
        }
    }
}

/// A payer and a provider, each with its own way to misbehave, that reach each other.
async fn pair(speaks: Speaks, payer: Option<Fault>, provider: Option<Fault>) -> (Played, Played) {
    let payer = Played::start(|settings| settings.fault = payer, Role::Payer, speaks).await;
    let provider = Played::start(|settings| settings.fault = provider, Role::Provider, speaks).await;
    payer.partner.reach(&provider.url());
    provider.partner.reach(&payer.url());
    (payer, provider)
}

async fn stop(payer: Played, provider: Played) {
    payer.partner.stop().await;
    provider.partner.stop().await;
}

#[tokio::test]
async fn a_request_in_x12_is_answered_with_the_documents() {
    let (mut payer, mut provider) = pair(Speaks::X12, None, None).await;
    let case = payer.partner.invent(Purpose::Claim);
    assert!(payer.partner.ask(&case).await);
    assert_eq!(payer.until(What::Sent, "277").await.outcome, "200 TA1 A, 999 A");
    assert_eq!(provider.until(What::Received, "277").await.case, case.tracking);
    let got = payer.until(What::Received, "275").await;
    assert_eq!(
        (got.case, got.outcome.as_str()),
        (case.tracking, "200 TA1 A, 999 A, 2 documents")
    );
    assert_eq!(
        provider.until(What::Sent, "275").await.outcome,
        "200 TA1 A, 999 A"
    );
    stop(payer, provider).await;
}

#[tokio::test]
async fn a_payer_says_what_it_thinks_of_the_content() {
    let mut payer = Played::start(
        |settings| {
            settings.advises = true;
            settings.release = Release::V5010;
        },
        Role::Payer,
        Speaks::X12,
    )
    .await;
    let mut provider = Played::start(
        |settings| settings.release = Release::V5010,
        Role::Provider,
        Speaks::X12,
    )
    .await;
    payer.partner.reach(&provider.url());
    provider.partner.reach(&payer.url());
    let case = payer.partner.invent(Purpose::Claim);
    assert!(payer.partner.ask(&case).await);
    assert_eq!(provider.until(What::Received, "824").await.outcome, "200 999 A");
    assert_eq!(payer.until(What::Sent, "824").await.case, case.tracking);
    stop(payer, provider).await;
}

#[tokio::test]
async fn a_task_is_answered_with_the_documents() {
    for purpose in [Purpose::Claim, Purpose::Preauthorization] {
        let (mut payer, mut provider) = pair(Speaks::Fhir, None, None).await;
        let case = payer.partner.invent(purpose);
        assert!(payer.partner.ask(&case).await);
        assert_eq!(
            payer.until(What::Sent, "task").await.outcome,
            "201 Task requested"
        );
        assert_eq!(provider.until(What::Received, "task").await.case, case.tracking);
        let got = payer.until(What::Received, "submit-attachment").await;
        assert_eq!(
            got.outcome,
            "200 OperationOutcome information, 2 documents, the last"
        );
        stop(payer, provider).await;
    }
}

#[tokio::test]
async fn documents_that_nobody_asked_for_are_taken() {
    for (speaks, message) in [(Speaks::X12, "275"), (Speaks::Fhir, "submit-attachment")] {
        let (mut payer, provider) = pair(speaks, None, None).await;
        let case = provider.partner.invent(Purpose::Claim);
        assert!(provider.partner.submit(&case).await);
        assert_eq!(payer.until(What::Received, message).await.case, case.tracking);
        stop(payer, provider).await;
    }
}

#[tokio::test]
async fn a_busy_partner_is_tried_again() {
    let (mut payer, mut provider) = pair(Speaks::Fhir, None, Some(Fault::Unavailable)).await;
    let case = payer.partner.invent(Purpose::Claim);
    assert!(payer.partner.ask(&case).await);
    assert_eq!(
        provider.until(What::Misbehaved, "").await.outcome,
        "refused with 503"
    );
    assert!(payer.until(What::Sent, "task").await.outcome.starts_with("503"));
    assert_eq!(
        payer.until(What::Sent, "task").await.outcome,
        "201 Task requested"
    );
    stop(payer, provider).await;
}

#[tokio::test]
async fn an_answer_in_pieces_is_whole_in_the_end() {
    let (mut payer, provider) = pair(Speaks::X12, None, Some(Fault::Slow)).await;
    let case = payer.partner.invent(Purpose::Claim);
    assert!(payer.partner.ask(&case).await);
    assert_eq!(payer.until(What::Sent, "277").await.outcome, "200 TA1 A, 999 A");
    stop(payer, provider).await;
}

#[tokio::test]
async fn a_page_is_no_answer() {
    let (mut payer, provider) = pair(Speaks::X12, None, Some(Fault::Garbage)).await;
    let case = payer.partner.invent(Purpose::Claim);
    payer.partner.ask(&case).await;
    assert_eq!(
        payer.until(What::Sent, "277").await.outcome,
        "200 and nothing that can be read"
    );
    stop(payer, provider).await;
}

#[tokio::test]
async fn what_is_sent_twice_arrives_twice() {
    let (mut payer, mut provider) = pair(Speaks::X12, Some(Fault::Duplicate), None).await;
    let case = payer.partner.invent(Purpose::Claim);
    payer.partner.ask(&case).await;
    assert_eq!(provider.until(What::Received, "277").await.case, case.tracking);
    assert_eq!(provider.until(What::Received, "277").await.case, case.tracking);
    assert_eq!(
        payer.until(What::Misbehaved, "277").await.outcome,
        "sends it again"
    );
    // Nothing stands in between that would take it once, and it shows.
    let counted = provider.partner.counted();
    assert_eq!(
        counted,
        Counted {
            messages: 1,
            again: 1
        }
    );
    stop(payer, provider).await;
}

#[tokio::test]
async fn documents_come_one_by_one() {
    let (mut payer, provider) = pair(Speaks::Fhir, None, Some(Fault::Partial)).await;
    let case = payer.partner.invent(Purpose::Claim);
    payer.partner.ask(&case).await;
    let first = payer.until(What::Received, "submit-attachment").await;
    assert!(
        first.outcome.ends_with("1 document, more to come"),
        "{}",
        first.outcome
    );
    let second = payer.until(What::Received, "submit-attachment").await;
    assert!(
        second.outcome.ends_with("1 document, the last"),
        "{}",
        second.outcome
    );
    stop(payer, provider).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_tried_again() {
    let (mut payer, mut provider) = pair(Speaks::Fhir, Some(Fault::Partial), None).await;
    let case = provider.partner.invent(Purpose::Claim);
    assert!(provider.partner.submit(&case).await);
    assert_eq!(
        provider.until(What::Failed, "submit-attachment").await.outcome,
        "the connection broke"
    );
    payer.until(What::Received, "submit-attachment").await;
    payer.until(What::Received, "submit-attachment").await;
    stop(payer, provider).await;
}

#[tokio::test]
async fn documents_come_late() {
    let (mut payer, mut provider) = pair(Speaks::X12, None, Some(Fault::Late)).await;
    let case = payer.partner.invent(Purpose::Claim);
    payer.partner.ask(&case).await;
    assert_eq!(
        provider.until(What::Misbehaved, "").await.outcome,
        "waits before it sends"
    );
    assert_eq!(payer.until(What::Received, "275").await.case, case.tracking);
    stop(payer, provider).await;
}

#[tokio::test]
async fn files_in_folders_are_exchanged() {
    use cartage::app::simulate::Folders;

    let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulate-folders");
    let _ = std::fs::remove_dir_all(&place);
    let folder = |name: &str| {
        let path = place.join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let (to_payer, to_provider) = (folder("to-payer"), folder("to-provider"));
    let folders = |inbox: &std::path::Path, outbox: &std::path::Path| {
        Some(Folders {
            inbox: inbox.to_owned(),
            outbox: outbox.to_owned(),
        })
    };
    let mut payer = Played::start(
        |it| it.folders = folders(&to_payer, &to_provider),
        Role::Payer,
        Speaks::X12,
    )
    .await;
    let mut provider = Played::start(
        |it| it.folders = folders(&to_provider, &to_payer),
        Role::Provider,
        Speaks::X12,
    )
    .await;
    let case = payer.partner.invent(Purpose::Claim);
    assert!(payer.partner.ask(&case).await);
    provider.partner.collect().await;
    assert_eq!(provider.until(What::Received, "277").await.case, case.tracking);
    provider.until(What::Sent, "275").await;
    payer.partner.collect().await;
    assert_eq!(payer.until(What::Received, "275").await.case, case.tracking);
    stop(payer, provider).await;
}

/// A program that is ended in any case.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_command_tells_each_event_as_a_line_of_json() {
    use std::io::BufRead;

    let mut provider = Played::start(|_| {}, Role::Provider, Speaks::X12).await;
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_cartage"))
        .args([
            "simulate",
            "payer",
            "--speaks",
            "x12",
            "--json",
            "--send",
            "1",
            "--release",
            "5010",
        ])
        .args(["--to", &provider.url()])
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut program = Running(program.unwrap());
    let got = provider.until(What::Received, "277").await;
    let output = program.0.stdout.take().unwrap();
    let told = tokio::task::spawn_blocking(move || {
        let lines = std::io::BufReader::new(output).lines().map(|line| line.unwrap());
        let events = lines.map(|line| serde_json::from_str::<serde_json::Value>(&line).unwrap());
        events.take(2).collect::<Vec<_>>()
    });
    let told = timeout(Duration::from_secs(30), told).await.unwrap().unwrap();
    assert_eq!(told[0]["event"], "listens");
    assert_eq!(
        (&told[1]["event"], &told[1]["message"]),
        (&"sent".into(), &"277".into())
    );
    assert_eq!(told[1]["case"], got.case.as_str());
    assert_eq!(told[1]["outcome"], "200 TA1 A, 999 A");
    drop(program);
    provider.partner.stop().await;
}
