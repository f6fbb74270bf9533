//! What the functions of a mapping do with a value.

use super::books::Cell;
use super::dates;
use super::draft::Content;
use super::engine::Engine;
use super::given::Given;
use super::tree::Kind;
use super::tree::Tree;
use crate::base::ids::Npi;
use crate::mapping::Function;
use crate::mapping::program::Side;

/// The namespace of NPIs in FHIR.
const NPI_SYSTEM: &str = "http://hl7.org/fhir/sid/us-npi";

/// What a function made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Converted {
    pub(super) content: Content,
    /// Whether the source said more.
    pub(super) narrowed: bool,
    /// Whether the source had to be understood against its word.
    pub(super) repaired: bool,
    /// Another cell that is in the value too.
    pub(super) also: Option<Cell>,
}

impl From<Content> for Converted {
    fn from(content: Content) -> Self {
        Self {
            content,
            narrowed: false,
            repaired: false,
            also: None,
        }
    }
}

impl<T: Tree> Engine<'_, T> {
    /// Does a function to a value; nothing if the value is not of the kind that it seemed.
    pub(super) fn convert(&mut self, function: Function, given: &Given<'_>) -> Option<Converted> {
        let text = given.text();
        match function {
            Function::Copy => Some(self.copied(text)),
            Function::Date => {
                let day = dates::first_day(text)?;
                Some(self.narrowed(&day.value.fhir(), day.narrowed))
            }
            Function::DateTime { time } => self.date_time(text, time),
            Function::X12Date => {
                let day = dates::fhir_day(text)?;
                Some(self.narrowed(&day.value.digits(), day.narrowed))
            }
            Function::X12Time => {
                let time = dates::fhir_time(text, self.context.named("offset"))?;
                Some(self.narrowed(&time.value, time.narrowed))
            }
            Function::Lookup { table, by, give } => {
                let table = self.program.tables.get(usize::from(table))?;
                let value = std::str::from_utf8(text).ok()?;
                let found = table.find(usize::from(by), value, usize::from(give))?;
                Some(Content::Text(self.draft.say(found.as_bytes())).into())
            }
            Function::Integer => {
                let digits = text.trim_ascii();
                let number: u32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
                let said = self.draft.say(number.to_string().as_bytes());
                Some(Converted {
                    narrowed: number.to_string().as_bytes() != text,
                    ..Content::Bare(said).into()
                })
            }
            Function::Digits => {
                let whole = given.kind() == Kind::Bare && text.iter().all(u8::is_ascii_digit);
                whole.then(|| self.copied(text))
            }
            Function::Upper => Some(self.copied(&text.to_ascii_uppercase())),
            Function::Payload(part) => self.part(part, given),
            Function::Attach { media, title, code } => self.attached(given, media, title, code),
            Function::NpiSystem => {
                let text = std::str::from_utf8(text).ok()?;
                Npi::parse(text).ok()?;
                Some(Content::Text(self.draft.say(NPI_SYSTEM.as_bytes())).into())
            }
            Function::Constant
            | Function::Implied(_)
            | Function::Structure
            | Function::Count
            | Function::Carry
            | Function::Restore => None,
        }
    }

    /// A default as the function would have written it.
    pub(super) fn plain(&mut self, function: Function, text: &str) -> Content {
        let span = self.draft.say(text.as_bytes());
        match function {
            Function::Integer => Content::Bare(span),
            _ => Content::Text(span),
        }
    }

    fn narrowed(&mut self, text: &[u8], narrowed: bool) -> Converted {
        Converted {
            narrowed,
            ..Content::Text(self.draft.say(text)).into()
        }
    }

    /// Text as it is, as far as the other side can say it.
    fn copied(&mut self, text: &[u8]) -> Converted {
        match self.program.to {
            Side::Fhir(_) => {
                let sound = self.tree.is_ascii() || std::str::from_utf8(text).is_ok();
                let span = if sound {
                    self.draft.say(text)
                } else {
                    self.draft.say_text(text)
                };
                Converted {
                    repaired: !sound,
                    ..Content::Text(span).into()
                }
            }
            Side::X12(_) => {
                // X12 text has no line ends and other controls; they become blanks.
                let controls = text.iter().any(u8::is_ascii_control);
                let start = self.draft.text.len();
                self.draft.text.extend_from_slice(text);
                for byte in self.draft.text.iter_mut().skip(start).filter(|_| controls) {
                    if byte.is_ascii_control() {
                        *byte = b' ';
                    }
                }
                Converted {
                    narrowed: controls,
                    ..Content::Text(self.draft.said_since(start)).into()
                }
            }
        }
    }

    /// Date and time, or the date alone if the time's offset from UTC is not known.
    fn date_time(&mut self, date: &[u8], time: Option<u32>) -> Option<Converted> {
        let day = dates::first_day(date)?;
        let place = time.and_then(|time| self.program.places.get(time as usize));
        let time = place.and_then(|place| self.value(place));
        let offset = self
            .context
            .named("offset")
            .filter(|offset| dates::is_offset(offset));
        let start = self.draft.text.len();
        self.draft.text.extend_from_slice(&day.value.fhir());
        let mut narrowed = day.narrowed;
        let mut also = None;
        if let (Some(Given::Found(_, time)), Some(offset)) = (time, offset)
            && let Some(read) = dates::clock_time(time.text)
        {
            self.draft.text.push(b'T');
            self.draft.text.extend_from_slice(&read.value);
            self.draft.text.extend_from_slice(offset.as_bytes());
            narrowed |= read.narrowed;
            also = Some(time.cell);
        }
        Some(Converted {
            narrowed,
            also,
            ..Content::Text(self.draft.said_since(start)).into()
        })
    }
}
