//! Inside a name or a string: plain runs, escapes, and what is cut out.

use serde_json::Value;

use super::reader::Cut;
use super::reader::Reader;
use super::reader::Stage;
use super::reader::State;
use super::reader::Told;
use super::refusal::Fault;
use super::scan::Run;
use super::scan::plain;

impl Reader {
    /// Reads on inside a name or a string.
    pub(super) fn text(&mut self, chunk: &mut &[u8]) -> Option<Told> {
        if self.escape.stage != Stage::None {
            self.escaped(chunk);
            return None;
        }
        if let Some(told) = self.tell_cut() {
            return Some(told);
        }
        let run = plain(chunk);
        if run.len > 0 {
            return self.plain(chunk, run);
        }
        match chunk.first() {
            Some(b'"') => self.end_text(chunk),
            Some(b'\\') => {
                self.escape.stage = Stage::Begun;
                self.take(chunk, 1);
                None
            }
            _ => {
                self.refuse(Fault::Control);
                None
            }
        }
    }

    /// What is due of the text that is being cut out, before any more of it is read.
    fn tell_cut(&mut self) -> Option<Told> {
        let cut = self.cut.as_mut()?;
        if !cut.begun {
            cut.begun = true;
            self.builder.point(&mut self.pointer);
            return Some(Told::Begins(cut.id));
        }
        // What was gathered around escapes goes out in parts of a fair size.
        (self.token.len() > self.settings.cut_over).then(|| {
            cut.length += self.token.len() as u64;
            Told::Token(cut.id)
        })
    }

    /// Takes `run`, which holds no quote, backslash or control character.
    fn plain(&mut self, chunk: &mut &[u8], run: Run) -> Option<Told> {
        if self.escape.high.is_some() {
            self.refuse(Fault::LoneSurrogate);
            return None;
        }
        let direct = run.len >= DIRECT;
        let too_long = run.len > self.limit.saturating_sub(self.token.len());
        match &mut self.cut {
            Some(cut) if direct && !self.token.is_empty() => {
                cut.length += self.token.len() as u64;
                return Some(Told::Token(cut.id));
            }
            None if too_long => {
                self.outgrow();
                return None;
            }
            Some(_) | None => {}
        }
        let text = chunk.get(..run.len).unwrap_or_default();
        if let Err(at) = self.utf8.accept(text, run.ascii) {
            self.refuse_at(Fault::NotUtf8, self.offset + at as u64);
            return None;
        }
        self.take(chunk, run.len);
        match &mut self.cut {
            Some(cut) if direct => {
                cut.length += run.len as u64;
                Some(Told::Passed(cut.id, run.len))
            }
            Some(_) | None => {
                self.token.extend_from_slice(text);
                None
            }
        }
    }

    /// The name or text at hand has become longer than what is gathered.
    fn outgrow(&mut self) {
        match self.state {
            State::InName => self.refuse_at(Fault::LongName, self.began),
            _ if self.cuttable => self.begin_cut(),
            _ => self.refuse_at(Fault::TooLarge, self.began),
        }
    }

    fn begin_cut(&mut self) {
        self.cut = Some(Cut {
            id: self.next_cut,
            length: 0,
            begun: false,
        });
        self.next_cut = self.next_cut.next();
    }

    /// The next byte is the quote that ends the text.
    fn end_text(&mut self, chunk: &mut &[u8]) -> Option<Told> {
        if self.escape.high.is_some() {
            self.refuse(Fault::LoneSurrogate);
            return None;
        }
        if !self.utf8.is_whole() {
            self.refuse(Fault::NotUtf8);
            return None;
        }
        let gathered = self.token.len() as u64;
        let forged = self.is_forged(&self.token);
        match &mut self.cut {
            Some(cut) if gathered > 0 => {
                cut.length += gathered;
                return Some(Told::Token(cut.id));
            }
            Some(cut) => {
                let told = Told::Ends(cut.id, cut.length);
                let stand_in = self.settings.seal.stand_in(cut.id);
                self.cut = None;
                self.token.extend_from_slice(stand_in.as_bytes());
                self.take(chunk, 1);
                self.end_token();
                return Some(told);
            }
            None if forged => self.begin_cut(),
            None => {
                self.take(chunk, 1);
                self.end_token();
            }
        }
        None
    }

    /// What was gathered is a whole name or text.
    fn end_token(&mut self) {
        match String::from_utf8(std::mem::take(&mut self.token)) {
            Ok(text) => self.whole(text),
            Err(_) => self.refuse_at(Fault::NotUtf8, self.began),
        }
    }

    /// Takes a whole name or text.
    pub(super) fn whole(&mut self, text: String) {
        self.hold(text.len());
        if self.state != State::InName {
            self.builder.value(Value::String(text));
            self.state = State::After;
            return;
        }
        match self.builder.name(text) {
            Ok(()) => self.state = State::Colon,
            Err(fault) => self.refuse_at(fault, self.began),
        }
    }

    /// Reads on inside an escape, of which the backslash was read.
    fn escaped(&mut self, chunk: &mut &[u8]) {
        let Some(byte) = chunk.first().copied() else {
            return;
        };
        match self.escape.stage {
            Stage::Hex { digits, value } => match char::from(byte).to_digit(16) {
                None => self.refuse(Fault::Escape),
                Some(digit) if digits == 3 => self.unicode(value << 4 | digit),
                Some(digit) => {
                    let value = value << 4 | digit;
                    self.escape.stage = Stage::Hex {
                        digits: digits + 1,
                        value,
                    };
                }
            },
            Stage::Begun if byte == b'u' => self.escape.stage = Stage::Hex { digits: 0, value: 0 },
            Stage::Begun | Stage::None => match simple_escape(byte) {
                Some(_) if self.escape.high.is_some() => self.refuse(Fault::LoneSurrogate),
                Some(letter) => self.letter(char::from(letter)),
                None => self.refuse(Fault::Escape),
            },
        }
        // A refusal names this byte, so it is taken only after it was judged.
        self.take(chunk, 1);
    }

    /// Takes the code unit of a `\u` escape.
    fn unicode(&mut self, unit: u32) {
        match (self.escape.high, unit) {
            (None, 0xd800..=0xdbff) => {
                self.escape.high = Some(unit);
                self.escape.stage = Stage::None;
            }
            (Some(high), 0xdc00..=0xdfff) => {
                let point = 0x1_0000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
                self.escape.high = None;
                self.scalar(point);
            }
            (None, _) => self.scalar(unit),
            (Some(_), _) => self.refuse(Fault::LoneSurrogate),
        }
    }

    fn scalar(&mut self, point: u32) {
        match char::from_u32(point) {
            Some(letter) => self.letter(letter),
            None => self.refuse(Fault::LoneSurrogate),
        }
    }

    /// Takes the character that an escape stood for.
    fn letter(&mut self, letter: char) {
        self.escape.stage = Stage::None;
        if !self.utf8.is_whole() {
            self.refuse(Fault::NotUtf8);
            return;
        }
        let mut bytes = [0; 4];
        self.token
            .extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
        if self.cut.is_none() && self.token.len() > self.limit {
            self.outgrow();
        }
    }
}

const fn simple_escape(byte: u8) -> Option<u8> {
    match byte {
        b'"' | b'\\' | b'/' => Some(byte),
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        _ => None,
    }
}

/// Runs of at least this many bytes are passed on as they stand in the chunk; shorter ones are gathered first.
const DIRECT: usize = 512;
