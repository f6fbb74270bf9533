//! Attachments that are too large to be held: they wait in a store while the message around them is translated.
//!
//! 1. While an attachment passes by on its way into the store, an [`Intake`] sees all of it: it counts, checks base 64,
//!    and keeps the beginning. What it gives in the end is the attachment as [`Away`].
//! 2. A stand-in takes its place in the message: its beginning, by which it is recognised, and a mark under a
//!    [`Seal`], which no sender can forge. In X12 that is [`x12::Transaction::put_away`], in JSON what
//!    [`json::splice`] is given.
//! 3. The message is translated as any other.
//! 4. [`pieces`] finds the stand-ins in what was made, and a [`Carrier`] turns the attachment, chunk by chunk, into what
//!    belongs there: octets, base 64, or base 64 in lines.
//!
//! What is held is the message without its attachments, and for each of these at most [`SAMPLE`] octets and a chunk.
//! The result is that of the whole message in memory, but that a document is recognised by its beginning only.
//! An attachment that has to be understood whole is refused by [`Intake::finish`]: a FHIR resource, a MIME entity, base 64
//! in lines. It can be [passed on](Away::unseen) as it is, but a translation would have to look into it.
//!
//! [`x12::Transaction::put_away`]: crate::x12::Transaction::put_away
//! [`json::splice`]: crate::fhir::json::splice

use std::cmp::Reverse;
use std::fmt;

use base64_simd::STANDARD;

use super::base64;
use super::base64::Lines;
use super::mime;
use crate::fhir::json::CutId;
use crate::fhir::json::Seal;

/// How many octets of an attachment are kept to recognise it by.
pub const SAMPLE: usize = 48 * 1024;

/// How the store holds an attachment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Held {
    /// As it is.
    Octets,
    /// In base 64, in one line.
    Base64,
}

/// How an attachment stands in a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dress {
    /// As it is.
    Octets,
    /// In base 64, in one line.
    Base64,
    /// In base 64, in the lines that MIME has.
    Lines,
}

/// Why an attachment cannot be away while its message is translated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotCarried {
    /// It is no base 64 in one line.
    #[error("the attachment is not base64 in one line")]
    NotBase64,
    /// There is nothing.
    #[error("the attachment is empty")]
    Empty,
    /// It may be a FHIR resource, which is read as a whole.
    #[error("the attachment may be a FHIR resource")]
    Resource,
    /// It is a MIME entity, whose parts are taken out.
    #[error("the attachment is a MIME entity")]
    Wrapped,
    /// It is not found in what was made.
    #[error("the attachment is not found in the translation")]
    Hidden,
}

/// An attachment on its way into the store.
#[derive(Clone)]
pub struct Intake {
    held: Held,
    /// The most octets that are kept of the beginning.
    sample: usize,
    head: Vec<u8>,
    /// Bytes as the store holds them.
    bytes: u64,
    /// The beginning of a group of four characters.
    group: Vec<u8>,
    /// Characters of padding, behind which nothing may come.
    padding: u64,
}

/// An attachment in the store.
#[derive(Clone, Eq, PartialEq)]
pub struct Away {
    id: CutId,
    held: Held,
    /// Octets of the document itself.
    octets: u64,
    stand_in: Vec<u8>,
    /// Why it was not recognised by its beginning, if it was not.
    unseen: Option<NotCarried>,
}

/// A part of what was made.
#[derive(Clone, Copy)]
pub enum Piece<'m> {
    /// Bytes as they are.
    Bytes(&'m [u8]),
    /// Here goes an attachment, dressed so.
    Attachment(&'m Away, Dress),
}

/// Turns an attachment from what the store holds into what belongs into a message.
#[derive(Clone)]
pub struct Carrier {
    held: Held,
    dress: Dress,
    /// What is too short to be turned before more has come.
    rest: Vec<u8>,
    /// Room for what is not in lines yet.
    room: Vec<u8>,
    column: usize,
}

impl Intake {
    /// An attachment of which nothing has come yet.
    pub const fn new(held: Held) -> Self {
        Self::sampling(held, SAMPLE)
    }

    /// The same, keeping at most so many octets of the beginning; a CDA document says within a kilobyte what it is.
    pub const fn sampling(held: Held, sample: usize) -> Self {
        Self {
            held,
            sample,
            head: Vec::new(),
            bytes: 0,
            group: Vec::new(),
            padding: 0,
        }
    }

    /// Looks at the next chunk, as the store gets it.
    ///
    /// # Errors
    /// Refuses what is no base 64, where that is what the store holds.
    pub fn take(&mut self, chunk: &[u8]) -> Result<(), NotCarried> {
        let most = match self.held {
            Held::Octets => self.sample,
            Held::Base64 => self.sample / 3 * 4,
        };
        let missing = most.saturating_sub(self.head.len()).min(chunk.len());
        self.head
            .extend_from_slice(chunk.get(..missing).unwrap_or_default());
        self.bytes += chunk.len() as u64;
        match self.held {
            Held::Octets => Ok(()),
            Held::Base64 => in_groups(&mut self.group, chunk, 4, &mut |groups| {
                let sound = self.padding == 0 && STANDARD.check(groups).is_ok();
                self.padding = groups.iter().rev().take_while(|byte| **byte == b'=').count() as u64;
                sound.then_some(()).ok_or(NotCarried::NotBase64)
            }),
        }
    }

    /// The attachment, now that all of it is in the store. `seal` must be random where messages come from strangers, and
    /// `id` another one for each attachment of a message.
    ///
    /// # Errors
    /// Refuses what has to be understood whole, and base 64 that ends too early.
    pub fn finish(self, seal: &Seal, id: CutId) -> Result<Away, NotCarried> {
        if self.bytes == 0 {
            return Err(NotCarried::Empty);
        }
        let (octets, mut head) = match self.held {
            Held::Octets => (self.bytes, self.head),
            Held::Base64 if !self.group.is_empty() => return Err(NotCarried::NotBase64),
            Held::Base64 => {
                let head = STANDARD.decode_to_vec(&self.head);
                let octets = self.bytes / 4 * 3 - self.padding;
                (octets, head.map_err(|_| NotCarried::NotBase64)?)
            }
        };
        // Half a character at the end of the beginning is no fault of the text.
        if let Err(fault) = std::str::from_utf8(&head)
            && fault.error_len().is_none()
            && octets > head.len() as u64
        {
            head.truncate(fault.valid_up_to());
        }
        if head.trim_ascii_start().starts_with(b"{") && !head.starts_with(b"{\\rtf") {
            return Err(NotCarried::Resource);
        }
        if mime::is_entity(&head) {
            return Err(NotCarried::Wrapped);
        }
        head.extend_from_slice(seal.stand_in(id).as_bytes());
        Ok(Away {
            id,
            held: self.held,
            octets,
            stand_in: head,
            unseen: None,
        })
    }
}

impl Held {
    /// How an attachment stands in a message that it goes into as the store holds it.
    pub const fn dress(self) -> Dress {
        match self {
            Self::Octets => Dress::Octets,
            Self::Base64 => Dress::Base64,
        }
    }
}

impl Away {
    /// An attachment that was refused by [`Intake::finish`]: it can be passed on, and another dress does it no harm if it is
    /// base 64 as was said; a message in which it should have been understood is not sound.
    pub fn unseen(held: Held, why: NotCarried, seal: &Seal, id: CutId) -> Self {
        Self {
            id,
            held,
            octets: 0,
            stand_in: seal.stand_in(id).into_bytes(),
            unseen: Some(why),
        }
    }

    /// Whether what it is was recognised by its beginning.
    pub const fn is_seen(&self) -> bool {
        self.unseen.is_none()
    }

    /// How the store holds it.
    pub const fn held(&self) -> Held {
        self.held
    }

    /// Its number.
    pub const fn id(&self) -> CutId {
        self.id
    }

    /// What takes its place in a message that has it in this dress.
    pub fn stand_in(&self, dress: Dress) -> Vec<u8> {
        let mut out = Vec::new();
        match dress {
            Dress::Octets => out.extend_from_slice(&self.stand_in),
            Dress::Base64 => base64::encode(&self.stand_in, &mut out),
            Dress::Lines => base64::encode_lines(&self.stand_in, Lines::MIME, &mut out),
        }
        out
    }
}

/// Shows size only: the beginning of an attachment is a medical record.
impl fmt::Debug for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Away")
            .field("id", &self.id)
            .field("held", &self.held)
            .field("octets", &self.octets)
            .finish_non_exhaustive()
    }
}

/// What was made, a JSON text or the octets of a payload, with the attachments in place of their stand-ins.
pub fn pieces<'m>(made: &'m [u8], away: impl IntoIterator<Item = &'m Away>) -> Vec<Piece<'m>> {
    let mut found = Vec::new();
    for attachment in away {
        let own = attachment.held.dress();
        for dress in [Dress::Octets, Dress::Base64, Dress::Lines] {
            if attachment.unseen == Some(NotCarried::NotBase64) && dress != own {
                continue;
            }
            let stand_in = attachment.stand_in(dress);
            let places = memchr::memmem::find_iter(made, &stand_in);
            found.extend(places.map(|start| (start, Reverse(stand_in.len()), attachment, dress)));
        }
    }
    // A stand-in in one line is also the beginning of one in lines.
    found.sort_by_key(|(start, length, ..)| (*start, *length));
    let mut pieces = Vec::new();
    let mut done = 0;
    for (start, Reverse(length), attachment, dress) in found {
        let Some(before) = made.get(done..start) else {
            continue;
        };
        pieces.extend([Piece::Bytes(before), Piece::Attachment(attachment, dress)]);
        done = start + length;
    }
    pieces.extend(made.get(done..).map(Piece::Bytes));
    pieces
}

/// Whether every attachment is in one of the pieces.
///
/// # Errors
/// Refuses a translation that an attachment is missing from, because a document in it was wrapped twice: its message is
/// translated in memory.
pub fn all_found<'m>(
    pieces: impl IntoIterator<Item = &'m Piece<'m>>,
    away: impl IntoIterator<Item = &'m Away>,
) -> Result<(), NotCarried> {
    let found: Vec<&Away> = pieces
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Bytes(_) => None,
            Piece::Attachment(away, _) => Some(*away),
        })
        .collect();
    let all = away.into_iter().all(|away| found.contains(&away));
    all.then_some(()).ok_or(NotCarried::Hidden)
}

impl Carrier {
    /// A carrier for an attachment that belongs into a message in this dress.
    pub const fn new(away: &Away, dress: Dress) -> Self {
        Self {
            held: away.held,
            dress,
            rest: Vec::new(),
            room: Vec::new(),
            column: 0,
        }
    }

    /// Takes the next chunk from the store and appends what becomes of it to `out`.
    ///
    /// # Errors
    /// Refuses what is no base 64, which an [`Intake`] would have told.
    pub fn carry(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), NotCarried> {
        match (self.held, self.dress) {
            (Held::Octets, Dress::Octets) | (Held::Base64, Dress::Base64) => out.extend_from_slice(chunk),
            (Held::Base64, Dress::Octets) => in_groups(&mut self.rest, chunk, 4, &mut |groups| {
                let decoded = STANDARD.decode_append(groups, out);
                decoded.map_err(|_| NotCarried::NotBase64)
            })?,
            (Held::Octets, Dress::Base64) => in_groups(&mut self.rest, chunk, 3, &mut |groups| {
                base64::encode(groups, out);
                Ok(())
            })?,
            (Held::Base64, Dress::Lines) => break_lines(&mut self.column, chunk, out),
            (Held::Octets, Dress::Lines) => {
                let (room, column) = (&mut self.room, &mut self.column);
                in_groups(&mut self.rest, chunk, 3, &mut |groups| {
                    room.clear();
                    base64::encode(groups, room);
                    break_lines(column, room, out);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    /// Appends what is still to come when the store has given everything.
    ///
    /// # Errors
    /// Refuses base 64 that ends too early, which an [`Intake`] would have told.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), NotCarried> {
        let mut column = self.column;
        match (self.held, self.dress) {
            (Held::Base64, Dress::Octets) if !self.rest.is_empty() => return Err(NotCarried::NotBase64),
            (Held::Octets, Dress::Base64) => base64::encode(&self.rest, out),
            (Held::Octets, Dress::Lines) => {
                let mut last = Vec::new();
                base64::encode(&self.rest, &mut last);
                break_lines(&mut column, &last, out);
            }
            (Held::Base64 | Held::Octets, Dress::Octets) | (Held::Base64, Dress::Base64 | Dress::Lines) => {}
        }
        if column > 0 {
            out.extend_from_slice(b"\r\n");
        }
        Ok(())
    }
}

/// Hands bytes over in groups of a size: those that were left before, then all that are whole; the rest is kept.
fn in_groups(
    kept: &mut Vec<u8>,
    mut chunk: &[u8],
    size: usize,
    see: &mut dyn FnMut(&[u8]) -> Result<(), NotCarried>,
) -> Result<(), NotCarried> {
    if !kept.is_empty() {
        let missing = size.saturating_sub(kept.len()).min(chunk.len());
        let (first, rest) = chunk.split_at_checked(missing).unwrap_or((chunk, &[]));
        kept.extend_from_slice(first);
        chunk = rest;
        if kept.len() < size {
            return Ok(());
        }
        see(kept)?;
        kept.clear();
    }
    let whole = chunk.len() - chunk.len() % size;
    let (whole, rest) = chunk.split_at_checked(whole).unwrap_or((chunk, &[]));
    if !whole.is_empty() {
        see(whole)?;
    }
    kept.extend_from_slice(rest);
    Ok(())
}

/// Appends base 64 in lines, each of them ended; `column` is where the line at hand is.
fn break_lines(column: &mut usize, mut text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + (text.len() / LINE + 1) * 2);
    while !text.is_empty() {
        let (line, rest) = text.split_at_checked(LINE - *column).unwrap_or((text, &[]));
        out.extend_from_slice(line);
        *column += line.len();
        if *column == LINE {
            out.extend_from_slice(b"\r\n");
            *column = 0;
        }
        text = rest;
    }
}

/// Characters in a line of base 64 in MIME.
const LINE: usize = 76;
