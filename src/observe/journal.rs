//! Where events are told, and the thread that writes them down.

use std::fs::OpenOptions;
use std::io;
use std::io::IsTerminal as _;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::thread::JoinHandle;
use std::time::SystemTime;

use crate::base::clock::Clock;
use crate::observe::event::Event;
use crate::observe::event::Kind;
use crate::observe::event::Weight;
use crate::observe::line;
use crate::observe::tally::Tally;

/// Takes events. Clones tell into the same journal.
#[derive(Clone, Debug)]
pub struct Journal {
    clock: Arc<dyn Clock>,
    tally: Arc<Tally>,
    queue: Option<SyncSender<(SystemTime, Event)>>,
}

/// Where events are written.
pub struct Outputs {
    /// The log.
    pub log: Box<dyn Write + Send>,
    /// How lines of the log look.
    pub form: Form,
    /// Events of less weight stay out of the log.
    pub least: Weight,
    /// The audit file, as JSON lines.
    pub audit: Option<Box<dyn Write + Send>>,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A JSON object each.
    Json,
    /// Words.
    Words,
}

/// The thread that writes; whoever holds it can wait for its end.
#[derive(Debug)]
pub struct Writer(JoinHandle<()>);

impl Outputs {
    /// The log to standard error, in words if that is a terminal.
    pub fn stderr(least: Weight) -> Self {
        let stderr = io::stderr();
        let form = if stderr.is_terminal() {
            Form::Words
        } else {
            Form::Json
        };
        Self {
            log: Box::new(stderr),
            form,
            least,
            audit: None,
        }
    }

    /// With an audit file, to which lines are added.
    ///
    /// # Errors
    /// Fails if the file cannot be opened.
    pub fn with_audit(mut self, path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
        self.audit = Some(Box::new(options.open(path)?));
        Ok(self)
    }
}

impl Journal {
    /// Begins to write; at most `most` events wait to be written.
    ///
    /// # Errors
    /// Fails if the system gives no thread.
    pub fn open(outputs: Outputs, most: usize, clock: Arc<dyn Clock>) -> io::Result<(Self, Writer)> {
        let (queue, waiting) = sync_channel(most);
        let tally = Arc::new(Tally::default());
        let counted = Arc::clone(&tally);
        let writer = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(outputs, &waiting, &counted))?;
        let journal = Self {
            clock,
            tally,
            queue: Some(queue),
        };
        Ok((journal, Writer(writer)))
    }

    /// A journal that counts and writes nothing.
    pub fn silent(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            tally: Arc::default(),
            queue: None,
        }
    }

    /// Tells an event. It never waits: if too many wait to be written, the event is counted and not written.
    pub fn tell(&self, event: Event) {
        self.tally.count(event.kind());
        if let Some(queue) = &self.queue
            && queue.try_send((self.clock.now(), event)).is_err()
        {
            self.tally.count_dropped();
        }
    }

    /// How often each kind of event was told.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Writer {
    /// Waits until all that was told is written; every clone of the journal must be gone by then.
    pub fn finish(self) {
        // A thread that panicked has nothing more to write.
        let _ = self.0.join();
    }
}

fn write(mut outputs: Outputs, waiting: &Receiver<(SystemTime, Event)>, tally: &Tally) {
    let mut told = 0;
    while let Ok((at, event)) = waiting.recv() {
        outputs.write(&event, at);
        let dropped = tally.dropped();
        if dropped > told {
            let count = dropped - told;
            outputs.write(&Event::EventsDropped { count }, at);
            told = dropped;
        }
    }
    let _ = outputs.log.flush();
}

impl Outputs {
    fn write(&mut self, event: &Event, at: SystemTime) {
        let kind: Kind = event.kind();
        if kind.is_audited()
            && let Some(audit) = &mut self.audit
            && audit.write_all(line::json(event, at).as_bytes()).is_err()
        {
            self.log(
                &Event::Fault {
                    code: "audit file unwritable",
                },
                at,
            );
        }
        self.log(event, at);
    }

    fn log(&mut self, event: &Event, at: SystemTime) {
        if event.kind().weight() < self.least {
            return;
        }
        let line = match self.form {
            Form::Json => line::json(event, at),
            Form::Words => line::words(event, at),
        };
        // A log that cannot be written has nobody to be told to.
        let _ = self.log.write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::Sender;
    use std::sync::mpsc::sync_channel;

    use crate::base::clock::ManualClock;

    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A log that stands still until it is released, like a pipe that nobody reads.
    struct Stuck {
        entered: SyncSender<()>,
        released: Receiver<()>,
        paper: Paper,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.entered.try_send(());
            let _ = self.released.recv();
            self.paper.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn clock() -> Arc<dyn Clock> {
        Arc::new(ManualClock::at(SystemTime::UNIX_EPOCH))
    }

    fn outputs(log: impl Write + Send + 'static, audit: &Paper) -> Outputs {
        Outputs {
            log: Box::new(log),
            form: Form::Json,
            least: Weight::Warn,
            audit: Some(Box::new(audit.clone())),
        }
    }

    #[test]
    fn each_event_goes_where_it_belongs() {
        let (log, audit) = (Paper::default(), Paper::default());
        let (journal, writer) = Journal::open(outputs(log.clone(), &audit), 16, clock()).unwrap();
        journal.tell(Event::Draining {});
        journal.tell(Event::Fault { code: "test" });
        journal.tell(Event::Reloaded { generation: 7 });
        assert_eq!(journal.tally().of(Kind::Draining), 1);
        assert_eq!(journal.tally().of(Kind::Parked), 0);
        drop(journal);
        writer.finish();
        assert_eq!(
            log.text(),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"error\",\"event\":\"fault\",\"code\":\"test\"}\n"
        );
        assert_eq!(audit.text().lines().count(), 2);
        assert!(audit.text().contains("\"generation\":7"));
    }

    /// A disk that is full.
    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_audit_file_that_cannot_be_written_is_told_in_the_log() {
        let log = Paper::default();
        let outputs = Outputs {
            audit: Some(Box::new(Broken)),
            ..outputs(log.clone(), &Paper::default())
        };
        let (journal, writer) = Journal::open(outputs, 16, clock()).unwrap();
        journal.tell(Event::ReloadRefused { faults: 3 });
        drop(journal);
        writer.finish();
        assert_eq!(log.text().matches("audit file unwritable").count(), 1);
        assert_eq!(log.text().matches("reload refused").count(), 1);
    }

    #[test]
    fn a_log_that_stands_still_stops_nobody_and_the_gap_is_told() {
        let (log, audit) = (Paper::default(), Paper::default());
        let (entered, writing) = sync_channel(1);
        #[expect(clippy::disallowed_methods, reason = "the test sends one message through it")]
        let (release, released): (Sender<()>, _) = std::sync::mpsc::channel();
        let stuck = Stuck {
            entered,
            released,
            paper: log.clone(),
        };
        let (journal, writer) = Journal::open(outputs(stuck, &audit), 4, clock()).unwrap();
        journal.tell(Event::Fault { code: "first" });
        writing.recv().unwrap();
        for _ in 0..10 {
            journal.tell(Event::Fault { code: "more" });
        }
        assert_eq!(journal.tally().dropped(), 6);
        assert_eq!(journal.tally().of(Kind::Fault), 11);
        drop((release, journal));
        writer.finish();
        let text = log.text();
        assert_eq!(text.matches("\"event\":\"fault\"").count(), 5);
        assert_eq!(
            text.matches("\"event\":\"events dropped\",\"count\":6").count(),
            1
        );
    }
}
