//! One step of the reader: punctuation, words, numbers and texts that come whole.

use serde_json::Value;

use super::build::Around;
use super::number::is_number;
use super::reader::Reader;
use super::reader::State;
use super::reader::Told;
use super::reader::Word;
use super::refusal::Fault;
use super::scan::plain;

impl Word {
    const fn letters(self) -> &'static [u8] {
        match self {
            Self::True => b"true",
            Self::False => b"false",
            Self::Null => b"null",
        }
    }

    const fn value(self) -> Value {
        match self {
            Self::True => Value::Bool(true),
            Self::False => Value::Bool(false),
            Self::Null => Value::Null,
        }
    }
}

impl Reader {
    /// Reads on at the start of `chunk`, which is not empty, and takes off it what was read.
    ///
    /// A step that passes text on takes nothing else.
    pub(super) fn step(&mut self, chunk: &mut &[u8]) -> Option<Told> {
        match self.state {
            State::InName | State::InText => return self.text(chunk),
            State::InNumber => self.number(chunk),
            State::InWord { word, read } => self.word(word, read, chunk),
            State::Start => self.start(chunk),
            State::Value
            | State::FirstItem
            | State::FirstName
            | State::Name
            | State::Colon
            | State::After => self.between(chunk),
        }
        None
    }

    /// Notices a byte order mark by its first byte, which nothing else can start with.
    fn start(&mut self, chunk: &[u8]) {
        if chunk.first() == Some(&0xef) {
            self.refuse(Fault::ByteOrderMark);
        }
        self.state = State::Value;
    }

    /// Takes `count` bytes off `chunk`.
    pub(super) fn take(&mut self, chunk: &mut &[u8], count: usize) {
        *chunk = chunk.get(count..).unwrap_or_default();
        self.offset += count as u64;
    }

    /// Reads blanks, punctuation and texts that stand whole in the chunk, up to what needs a state of its own.
    fn between(&mut self, chunk: &mut &[u8]) {
        while self.refusal.is_none() && self.state.is_between() {
            let blanks = chunk
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
                .count();
            self.take(chunk, blanks);
            let Some(byte) = chunk.first().copied() else {
                return;
            };
            if byte == b'"' {
                self.quote(chunk);
            } else if self.punctuation(byte) {
                self.take(chunk, 1);
            }
        }
    }

    /// Takes the byte that starts or separates tokens; false if it is for the next state to read.
    fn punctuation(&mut self, byte: u8) -> bool {
        match (self.state, byte) {
            (State::Value | State::FirstItem, _) if byte != b']' => return self.begin_value(byte),
            (State::FirstItem, b']') | (State::FirstName, b'}') => self.close(),
            (State::Colon, b':') => self.state = State::Value,
            (State::After, _) => match (self.builder.around(), byte) {
                (Around::Object, b',') => self.state = State::Name,
                (Around::Array, b',') => self.state = State::Value,
                (Around::Object, b'}') | (Around::Array, b']') => self.close(),
                (Around::Nothing, _) => self.refuse(Fault::Trailing),
                (Around::Object | Around::Array, _) => self.refuse(Fault::Unexpected),
            },
            _ => self.refuse(Fault::Unexpected),
        }
        true
    }

    fn begin_value(&mut self, byte: u8) -> bool {
        self.hold(VALUE_COST);
        match byte {
            b'{' if self.opens() => {
                self.builder.open_object();
                self.state = State::FirstName;
            }
            b'[' if self.opens() => {
                self.builder.open_array();
                self.state = State::FirstItem;
            }
            b'{' | b'[' => {}
            b't' => {
                self.state = State::InWord {
                    word: Word::True,
                    read: 0,
                }
            }
            b'f' => {
                self.state = State::InWord {
                    word: Word::False,
                    read: 0,
                }
            }
            b'n' => {
                self.state = State::InWord {
                    word: Word::Null,
                    read: 0,
                }
            }
            b'-' | b'0'..=b'9' => {
                self.token.clear();
                self.began = self.offset;
                self.state = State::InNumber;
            }
            _ => self.refuse(Fault::Unexpected),
        }
        matches!(byte, b'{' | b'[')
    }

    /// Takes a quote and, where it can be had at once, the text behind it.
    fn quote(&mut self, chunk: &mut &[u8]) {
        let inside = match self.state {
            State::FirstName | State::Name => State::InName,
            State::Value | State::FirstItem => {
                self.hold(VALUE_COST);
                State::InText
            }
            State::After if self.builder.around() == Around::Nothing => return self.refuse(Fault::Trailing),
            _ => return self.refuse(Fault::Unexpected),
        };
        self.token.clear();
        self.began = self.offset;
        self.state = inside;
        self.bound();
        self.take(chunk, 1);
        let run = plain(chunk);
        let text = chunk.get(..run.len).unwrap_or_default();
        let forged = self.is_forged(text);
        let ends = chunk.get(run.len) == Some(&b'"');
        if run.ascii && ends && !forged && run.len <= self.limit.min(SHORT) {
            match std::str::from_utf8(text) {
                Ok(text) => {
                    let text = text.to_owned();
                    self.take(chunk, run.len + 1);
                    self.whole(text);
                }
                Err(_) => self.refuse(Fault::NotUtf8),
            }
        }
    }

    /// Sets how much is gathered of the name or text that begins.
    fn bound(&mut self) {
        let held = self.settings.max_held.saturating_sub(self.held);
        (self.limit, self.cuttable) = match self.state {
            State::InName => (self.settings.max_name, false),
            _ if self.is_cut_here() => (self.settings.cut_over, true),
            _ => (held, false),
        };
    }

    /// Whether long texts are cut out of the member at hand.
    fn is_cut_here(&self) -> bool {
        let only = self.settings.cut_only;
        only.is_empty() || self.builder.member().is_some_and(|name| only.contains(&name))
    }

    /// Whether one more object or array may be opened.
    fn opens(&mut self) -> bool {
        let room = self.builder.depth() < self.settings.max_depth;
        if !room {
            self.refuse(Fault::TooDeep);
        }
        room
    }

    fn close(&mut self) {
        self.builder.close();
        self.state = State::After;
    }

    fn word(&mut self, word: Word, read: usize, chunk: &mut &[u8]) {
        let expected = word.letters().get(read..).unwrap_or_default();
        let same = expected
            .iter()
            .zip(chunk.iter())
            .take_while(|(a, b)| a == b)
            .count();
        let broken = same < expected.len() && same < chunk.len();
        self.take(chunk, same);
        if broken {
            self.refuse(Fault::Unexpected);
        } else if same == expected.len() {
            self.builder.value(word.value());
            self.state = State::After;
        } else {
            self.state = State::InWord {
                word,
                read: read + same,
            };
        }
    }

    fn number(&mut self, chunk: &mut &[u8]) {
        let more = chunk
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .count();
        if self.token.len() + more > MAX_NUMBER {
            return self.refuse_at(Fault::LongNumber, self.began);
        }
        self.token
            .extend_from_slice(chunk.get(..more).unwrap_or_default());
        self.take(chunk, more);
        if !chunk.is_empty() {
            self.end_number();
        }
    }

    /// The number at hand has ended just before the next byte.
    pub(super) fn end_number(&mut self) {
        if is_number(&self.token) {
            self.hold(self.token.len());
            self.builder.number(&String::from_utf8_lossy(&self.token));
            self.state = State::After;
        } else {
            self.refuse_at(Fault::Number, self.began);
        }
    }

    /// Counts `bytes` towards the limit of what is held.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.held = self.held.saturating_add(bytes);
        if self.held > self.settings.max_held {
            self.refuse(Fault::TooLarge);
        }
    }
}

/// About what a value costs in memory besides its text.
const VALUE_COST: usize = 64;

/// The longest number; FHIR decimals have at most 18 digits and an exponent.
const MAX_NUMBER: usize = 256;

/// Texts of at most this many bytes are taken at once where they stand whole in the chunk.
const SHORT: usize = 4096;
