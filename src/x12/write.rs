//! Says a transaction in bytes.

use x12_parser::Delimiters;
use x12_parser::Sink;
use x12_parser::WriteError;
use x12_parser::Writer;

use super::Filter;
use super::Payload;
use super::SegmentIndex;
use super::Transaction;

impl Transaction {
    /// Separators of which none occurs in any text of these transactions: the usual ones as far as possible.
    ///
    /// X12 has no escape, and an address on the web holds the usual separator of components.
    pub fn separators(transactions: &[Self]) -> Delimiters {
        let mut used = [false; 256];
        for transaction in transactions {
            // What joins components inside is no part of the text, and is never chosen.
            for byte in &transaction.text {
                if let Some(used) = used.get_mut(usize::from(*byte)) {
                    *used = true;
                }
            }
        }
        let free = |candidates: &[u8]| {
            let mut candidates = candidates.iter().copied();
            candidates.find(|byte| !used.get(usize::from(*byte)).copied().unwrap_or(true))
        };
        let element = free(b"*|\x1d").unwrap_or(b'*');
        let component = free(b":><+\x19").unwrap_or(b':');
        let repetition = free(b"^!\\\x1a");
        let segment = free(b"~'\x1c").unwrap_or(b'~');
        Delimiters::new(element, repetition, component, segment).unwrap_or(Delimiters::USUAL)
    }

    /// About how many bytes [`Transaction::write`] writes.
    pub fn size(&self) -> usize {
        let payloads = self.payloads.iter().map(|payload| payload.octets.len());
        self.text.len() + self.elements.len() + self.segments.len() * 4 + payloads.sum::<usize>()
    }

    /// Writes `ST` to `SE`; the envelopes around it are the caller's.
    ///
    /// # Errors
    /// Refuses what the writer refuses: a text that holds one of the separators of the interchange, or a control.
    pub fn write<S: Sink>(&self, writer: &mut Writer<S>) -> Result<(), WriteError> {
        self.write_with(writer, |payload, writer| {
            writer.binary(payload.wire_filter(), payload.octets.len() as u64)?;
            writer.octets(&payload.octets)
        })
    }

    /// As [`Transaction::write`], with attachments that `put` writes: their filter and length, then their octets.
    ///
    /// # Errors
    /// Refuses what the writer refuses, and passes on what `put` fails with.
    pub fn write_with<S, E, P>(&self, writer: &mut Writer<S>, mut put: P) -> Result<(), E>
    where
        S: Sink,
        E: From<WriteError>,
        P: FnMut(&Payload, &mut Writer<S>) -> Result<(), E>,
    {
        for segment in self.all_segments() {
            let id = self.id(segment);
            match id.letters() {
                b"ISA" | b"GS " => {}
                b"ST " => {
                    let [set, control, guide] = [1, 2, 3].map(|number| self.shown(segment, number));
                    let guide = (!guide.is_empty()).then_some(guide.as_str());
                    writer.transaction(&set, &control, guide)?;
                }
                b"SE " => writer.end_transaction()?,
                b"BIN" | b"BDS" => {
                    if let Some(payload) = self.payload(segment) {
                        put(payload, writer)?;
                    }
                }
                _ => self.write_segment(writer, id.as_str(), segment)?,
            }
        }
        Ok(())
    }

    /// The segments from `ST` to `SE` with the usual separators, a line each: for people and for tests.
    ///
    /// Texts that hold a separator are shown as they are, so this is not always X12.
    pub fn to_lines(&self) -> String {
        let mut lines = String::new();
        for segment in self.all_segments() {
            if matches!(self.id(segment).as_str(), "ISA" | "GS") {
                continue;
            }
            lines.push_str(self.id(segment).as_str());
            let last = self.elements(segment).last();
            for (number, element) in (1..).zip(self.elements(segment)) {
                lines.push('*');
                if let (Some(payload), true) = (self.payload(segment), last == Some(element)) {
                    lines.push_str(&text(&payload.octets));
                } else if self.is_composite(segment, number) {
                    let parts: Vec<_> = self.components(element).map(text).collect();
                    lines.push_str(&parts.join(":"));
                } else {
                    lines.push_str(&text(self.text(element)));
                }
            }
            lines.push_str("~\n");
        }
        lines
    }

    fn write_segment<S: Sink>(
        &self,
        writer: &mut Writer<S>,
        id: &str,
        segment: SegmentIndex,
    ) -> Result<(), WriteError> {
        let mut out = writer.segment(id);
        let composites = self.composites(segment);
        for (number, element) in (1..).zip(self.elements(segment)) {
            let may_be_composite = composites >> 31.min(number) & 1 == 1;
            if !may_be_composite || !self.is_composed(element) {
                out = out.element(&text(self.text(element)));
                continue;
            }
            let mut components = self.components(element);
            out = out.element(&text(components.next().unwrap_or_default()));
            for component in components {
                out = out.component(&text(component));
            }
        }
        out.end()
    }

    fn shown(&self, segment: SegmentIndex, number: u32) -> String {
        let element = self.element(segment, number).map(|element| self.text(element));
        text(element.unwrap_or_default()).into_owned()
    }
}

/// X12 text as characters; what is no UTF-8 is Latin-1.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
            .into(),
    }
}

impl Payload {
    /// Its filter as a writer names it.
    pub const fn wire_filter(&self) -> x12_parser::Filter {
        match self.filter {
            Filter::Absent | Filter::Unfiltered => x12_parser::Filter::None,
            Filter::Ascii => x12_parser::Filter::Ascii,
            Filter::Base64 => x12_parser::Filter::Base64,
            Filter::Hexadecimal => x12_parser::Filter::Hexadecimal,
            Filter::Other => x12_parser::Filter::Agreed,
        }
    }
}
