//! Bytes in, events and in the end a value out.

use std::fmt;

use serde_json::Value;

use super::build::Builder;
use super::cut::CutId;
use super::cut::Seal;
use super::refusal::Fault;
use super::refusal::Refusal;
use super::utf8::Utf8;

/// What a reader cuts out and how much it holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Marks the stand-ins for what was cut out.
    pub seal: Seal,
    /// Texts of more bytes than this are cut out.
    pub cut_over: usize,
    /// The members whose texts are cut out; none means all. A long text elsewhere counts towards `max_held`.
    ///
    /// Who reads the value may then rely on it that an identifier, a code or a name is never a stand-in.
    pub cut_only: &'static [&'static str],
    /// The most objects and arrays inside one another.
    pub max_depth: usize,
    /// The most bytes, about, that the value may hold without what was cut out.
    pub max_held: usize,
    /// The longest name of a member, in bytes.
    pub max_name: usize,
}

impl Settings {
    /// Cuts base64 of more than 16 KiB out of the members that FHIR has for it, and holds at most 16 MiB.
    pub const fn cutting(seal: Seal) -> Self {
        Self {
            seal,
            cut_over: 16 * 1024,
            cut_only: &["data", "valueBase64Binary"],
            max_depth: MAX_DEPTH,
            max_held: 16 * 1024 * 1024,
            max_name: MAX_NAME,
        }
    }

    /// Cuts nothing out; the caller has bounded the text already.
    pub const fn whole() -> Self {
        Self {
            seal: Seal::new([0; 16]),
            cut_over: usize::MAX,
            cut_only: &[],
            max_depth: MAX_DEPTH,
            max_held: usize::MAX,
            max_name: MAX_NAME,
        }
    }
}

/// Reads one JSON value from chunks cut anywhere.
///
/// ```
/// use cartage::fhir::json::{Event, Reader, Seal, Settings};
///
/// let seal = Seal::new([7; 16]);
/// let mut reader = Reader::new(Settings { cut_over: 8, ..Settings::cutting(seal) });
/// let mut cut = Vec::new();
/// for chunk in br#"{"data": "SGVsbG8sIHdvcmxkIQ==", "size": 13}"#.chunks(5) {
///     let mut events = reader.feed(chunk);
///     while let Some(event) = events.advance().unwrap() {
///         if let Event::Text { bytes, .. } = event {
///             cut.extend_from_slice(bytes);
///         }
///     }
/// }
/// let value = reader.finish().unwrap();
/// assert_eq!(cut, b"SGVsbG8sIHdvcmxkIQ==");
/// assert!(seal.opens(value["data"].as_str().unwrap()).is_some());
/// ```
pub struct Reader {
    pub(super) settings: Settings,
    pub(super) state: State,
    pub(super) builder: Builder,
    /// The token at hand, as far as it has come: the text of a name, string or number.
    pub(super) token: Vec<u8>,
    /// The next event gave `token` away; it is to be emptied before going on.
    pub(super) given: bool,
    pub(super) utf8: Utf8,
    pub(super) escape: Escape,
    /// The most bytes of the name or text at hand that are gathered, and whether more are cut out.
    pub(super) limit: usize,
    pub(super) cuttable: bool,
    /// What the cut-out text at hand is, if it is one.
    pub(super) cut: Option<Cut>,
    pub(super) next_cut: CutId,
    pub(super) pointer: String,
    /// What every stand-in starts with; empty if nothing is cut out.
    pub(super) mark: String,
    pub(super) held: usize,
    /// Offset of the next byte.
    pub(super) offset: u64,
    /// Offset of the first byte of the token at hand.
    pub(super) began: u64,
    pub(super) refusal: Option<Refusal>,
}

/// What is expected next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// The very first byte, which may not belong to a byte order mark.
    Start,
    /// A value.
    Value,
    /// A value or the end of an array that is still empty.
    FirstItem,
    /// A name or the end of an object that is still empty.
    FirstName,
    /// A name.
    Name,
    /// The colon after a name.
    Colon,
    /// What may follow a value.
    After,
    /// The rest of a name.
    InName,
    /// The rest of a string.
    InText,
    /// The rest of a number.
    InNumber,
    /// The rest of `true`, `false` or `null`.
    InWord { word: Word, read: usize },
}

impl State {
    /// Whether a token may start or end here.
    pub(super) const fn is_between(self) -> bool {
        match self {
            Self::Value | Self::FirstItem | Self::FirstName | Self::Name | Self::Colon | Self::After => true,
            Self::Start | Self::InName | Self::InText | Self::InNumber | Self::InWord { .. } => false,
        }
    }
}

/// The three words of JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    True,
    False,
    Null,
}

/// How far an escape has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Escape {
    pub(super) stage: Stage,
    /// The first half of a surrogate pair whose second half must follow.
    pub(super) high: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Stage {
    #[default]
    None,
    /// After the backslash.
    Begun,
    /// After `\u` and some of its digits.
    Hex { digits: u8, value: u32 },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Cut {
    pub(super) id: CutId,
    pub(super) length: u64,
    /// The start was told.
    pub(super) begun: bool,
}

/// What happens while a text passes by.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Event<'a> {
    /// A text that is cut out begins.
    Begins {
        /// Its number.
        id: CutId,
        /// Where it stands, as a JSON pointer; its names are the sender's.
        pointer: &'a str,
    },
    /// The next part of it, with escapes resolved. A character may be cut between two parts.
    Text {
        /// Its number.
        id: CutId,
        /// The bytes.
        bytes: &'a [u8],
        /// Whether they stand so in the chunk, directly before what is left of it.
        as_written: bool,
    },
    /// It ends.
    Ends {
        /// Its number.
        id: CutId,
        /// How many bytes its parts had together.
        length: u64,
    },
}

/// The events of one chunk. They must be asked for until there are none left.
pub struct Events<'r> {
    reader: &'r mut Reader,
    chunk: &'r [u8],
}

/// What to tell the caller, without borrowing anything yet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    Begins(CutId),
    /// So many bytes at the start of the chunk are text.
    Passed(CutId, usize),
    /// The token at hand is text.
    Token(CutId),
    Ends(CutId, u64),
}

impl Reader {
    /// A reader at the start of a text.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            state: State::Start,
            builder: Builder::default(),
            token: Vec::new(),
            given: false,
            utf8: Utf8::default(),
            escape: Escape::default(),
            limit: 0,
            cuttable: false,
            cut: None,
            next_cut: CutId::new(0),
            pointer: String::new(),
            mark: if settings.cut_over < usize::MAX {
                settings.seal.mark()
            } else {
                String::new()
            },
            held: 0,
            offset: 0,
            began: 0,
            refusal: None,
        }
    }

    /// Takes the next bytes of the text.
    pub const fn feed<'r>(&'r mut self, chunk: &'r [u8]) -> Events<'r> {
        Events { reader: self, chunk }
    }

    /// The value, now that the text has ended.
    ///
    /// # Errors
    /// Refuses a text that ends early, and repeats the refusal of a chunk.
    pub fn finish(mut self) -> Result<Value, Refusal> {
        if self.refusal.is_none() && self.state == State::InNumber {
            self.end_number();
        }
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let refusal = Refusal {
            fault: Fault::EndsEarly,
            offset: self.offset,
            expression: self.builder.expression(),
        };
        self.builder.finish().ok_or(refusal)
    }

    /// Whether `text` is written like a stand-in. It is cut out then, so that it cannot be taken for one.
    pub(super) fn is_forged(&self, text: &[u8]) -> bool {
        self.cuttable && !self.mark.is_empty() && text.starts_with(self.mark.as_bytes())
    }

    /// Remembers what is wrong with the next byte.
    pub(super) fn refuse(&mut self, fault: Fault) {
        self.refuse_at(fault, self.offset);
    }

    /// Remembers what is wrong, unless something was wrong before.
    pub(super) fn refuse_at(&mut self, fault: Fault, offset: u64) {
        if self.refusal.is_none() {
            let expression = self.builder.expression();
            self.refusal = Some(Refusal {
                fault,
                offset,
                expression,
            });
        }
    }
}

impl Events<'_> {
    /// How many bytes of the chunk have not been read yet.
    pub const fn left(&self) -> usize {
        self.chunk.len()
    }

    /// The next event of the chunk; `None` when all of it has been read.
    ///
    /// # Errors
    /// Refuses what [`Fault`] lists; from then on it says the same again.
    pub fn advance(&mut self) -> Result<Option<Event<'_>>, Refusal> {
        if self.reader.given {
            self.reader.token.clear();
            self.reader.given = false;
        }
        let told = loop {
            if let Some(refusal) = &self.reader.refusal {
                return Err(refusal.clone());
            }
            if self.chunk.is_empty() {
                return Ok(None);
            }
            let before = self.chunk;
            if let Some(told) = self.reader.step(&mut self.chunk) {
                break (told, before);
            }
        };
        Ok(Some(match told {
            (Told::Begins(id), _) => Event::Begins {
                id,
                pointer: &self.reader.pointer,
            },
            (Told::Passed(id, length), before) => Event::Text {
                id,
                bytes: before.get(..length).unwrap_or(before),
                as_written: true,
            },
            (Told::Token(id), _) => {
                self.reader.given = true;
                Event::Text {
                    id,
                    bytes: &self.reader.token,
                    as_written: false,
                }
            }
            (Told::Ends(id, length), _) => Event::Ends { id, length },
        }))
    }
}

impl Drop for Events<'_> {
    fn drop(&mut self) {
        if !self.chunk.is_empty() {
            self.reader.refuse(Fault::Abandoned);
        }
    }
}

// What is being read is private: none of these print it.

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("offset", &self.offset)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("left", &self.chunk.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begins { id, .. } => write!(f, "Begins({})", id.number()),
            Self::Text { id, bytes, .. } => write!(f, "Text({}, {} bytes)", id.number(), bytes.len()),
            Self::Ends { id, length } => write!(f, "Ends({}, {length} bytes)", id.number()),
        }
    }
}

/// The depth that SEC-021 of our security requirements asks for.
const MAX_DEPTH: usize = 128;

const MAX_NAME: usize = 1024;
