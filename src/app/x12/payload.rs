//! One binary payload as it streams by: undone, sniffed, and written to a file where that is asked for.

use std::fmt;

use x12_parser::BinaryHead;
use x12_parser::Framing;

use super::base64;
use super::base64::Misfit;
use super::extract::Draft;
use super::extract::Folder;
use super::inputs::Inaccessible;
use super::sniff;
use super::sniff::Kind;

/// A payload under way.
pub(crate) struct Payload<'f> {
    filter: Filter,
    folder: Option<&'f Folder>,
    ordinal: u64,
    /// Octets after the filter was undone, until they are written.
    octets: Vec<u8>,
    kind: Option<Kind>,
    draft: Option<Draft>,
    encoded: u64,
    decoded: u64,
    misfit: Option<Misfit>,
}

/// How the octets were changed before they were sent.
#[derive(Debug)]
enum Filter {
    /// As they are: no filter, or one that changes nothing.
    Plain(String),
    /// Base 64.
    Base64(base64::Decoder),
    /// A filter that is not undone here.
    Other(String),
}

/// What is known of a payload at its end.
pub(crate) struct Summary {
    filter: String,
    encoded: u64,
    decoded: u64,
    kind: Kind,
    framing: Framing,
    misfit: Option<Misfit>,
    /// The name of the file it went to.
    written: Option<String>,
}

impl<'f> Payload<'f> {
    /// The payload behind `head`, to be written to `folder` if there is one.
    pub(crate) fn new(head: &BinaryHead<'_>, folder: Option<&'f Folder>) -> Self {
        Self {
            filter: Filter::of(head.filter()),
            folder,
            ordinal: head.segment.place().ordinal,
            octets: Vec::new(),
            kind: None,
            draft: None,
            encoded: 0,
            decoded: 0,
            misfit: None,
        }
    }

    /// Takes some of its octets as they stand on the wire.
    ///
    /// # Errors
    /// The failure to write the file.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Inaccessible> {
        self.encoded += bytes.len() as u64;
        match &mut self.filter {
            Filter::Plain(_) | Filter::Other(_) => self.octets.extend_from_slice(bytes),
            Filter::Base64(decoder) if self.misfit.is_none() => {
                self.misfit = decoder.feed(bytes, &mut self.octets).err();
            }
            Filter::Base64(_) => {}
        }
        self.pass_on(false)
    }

    /// Ends it.
    ///
    /// # Errors
    /// The failure to write the file, or to give it its last name.
    pub(crate) fn end(mut self, framing: Framing) -> Result<Summary, Inaccessible> {
        if let (Filter::Base64(decoder), None) = (&self.filter, self.misfit) {
            self.misfit = decoder.finish(&mut self.octets).err();
        }
        self.pass_on(true)?;
        let trusted = framing != Framing::Broken && self.misfit.is_none();
        let written = self.draft.map(|draft| draft.finish(trusted)).transpose()?;
        Ok(Summary {
            filter: self.filter.to_string(),
            encoded: self.encoded,
            decoded: self.decoded,
            kind: self.kind.unwrap_or(Kind::Empty),
            framing,
            misfit: self.misfit,
            written,
        })
    }

    /// Passes on what is undone so far, once it is known what it is and so what the file is called.
    fn pass_on(&mut self, last: bool) -> Result<(), Inaccessible> {
        if self.kind.is_none() {
            if self.octets.len() < sniff::PREFIX && !last {
                return Ok(());
            }
            let kind = match self.octets.get(..sniff::PREFIX) {
                Some(prefix) => Kind::of(prefix, false),
                None => Kind::of(&self.octets, true),
            };
            self.draft = match self.folder {
                Some(folder) => Some(folder.draft(self.ordinal, kind.extension())?),
                None => None,
            };
            self.kind = Some(kind);
        }
        self.decoded += self.octets.len() as u64;
        if let Some(draft) = &mut self.draft {
            draft.write(&self.octets)?;
        }
        self.octets.clear();
        Ok(())
    }
}

impl Filter {
    /// The filter named by a `BDS`; a `BIN` names none.
    fn of(code: Option<&[u8]>) -> Self {
        let Some(code) = code else {
            return Self::Plain("no filter".to_owned());
        };
        let name = super::excerpt::shown(code);
        match code {
            b"B64" => Self::Base64(base64::Decoder::default()),
            b"ASC" | b"NOF" => Self::Plain(name),
            _ => Self::Other(name),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(name) => f.write_str(name),
            Self::Base64(_) => f.write_str("B64"),
            Self::Other(name) => write!(f, "{name} (left as it is)"),
        }
    }
}

impl Summary {
    /// Whether the octets are those that were sent.
    pub(crate) fn is_sound(&self) -> bool {
        self.framing != Framing::Broken && self.misfit.is_none()
    }
}

/// One line: filter, lengths, kind, and what became of it.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} octets", self.filter, self.encoded)?;
        if self.decoded != self.encoded {
            write!(f, ", {} decoded", self.decoded)?;
        }
        write!(f, ": {}", self.kind)?;
        match self.framing {
            Framing::Declared => {}
            Framing::Repaired => f.write_str("; its length was wrong and was repaired")?,
            Framing::Broken => f.write_str("; its end is not known")?,
        }
        if let Some(misfit) = self.misfit {
            write!(f, "; not base 64 from octet {} on", misfit.at + 1)?;
        }
        if let Some(written) = &self.written {
            write!(f, " -> {written}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use x12_parser::Delimiters;
    use x12_parser::Place;
    use x12_parser::Segment;

    use super::*;

    #[track_caller]
    fn check(head: &str, octets: &[u8], size: usize, framing: Framing, expected: &str) {
        let segment = Segment::new(head.as_bytes(), Delimiters::USUAL, Place::default());
        let head = BinaryHead {
            segment,
            declared: octets.len() as u64,
        };
        let mut payload = Payload::new(&head, None);
        for chunk in octets.chunks(size) {
            payload.take(chunk).unwrap();
        }
        let summary = payload.end(framing).unwrap();
        assert_eq!(summary.to_string(), expected);
    }

    #[test]
    fn a_payload_is_summed_up_however_it_is_cut() {
        for size in [1, 3, 100] {
            check(
                "BDS*B64*20",
                b"PENsaW5pY2FsRG9jdW1lbnQvPg==",
                size,
                Framing::Declared,
                "B64, 28 octets, 19 decoded: XML (CDA)",
            );
            check(
                "BIN*8",
                b"%PDF-1.7",
                size,
                Framing::Declared,
                "no filter, 8 octets: PDF",
            );
        }
    }

    #[test]
    fn the_kind_of_a_long_payload_is_told_by_its_start() {
        let text = b"All is well. ".repeat(1000);
        for size in [1, 4095, 4096, 4097, 20_000] {
            check(
                "BDS*ASC*13000",
                &text,
                size,
                Framing::Declared,
                "ASC, 13000 octets: text",
            );
        }
    }

    #[test]
    fn what_cannot_be_trusted_says_so() {
        check(
            "BDS*B64*9",
            b"PDF!%PDF-",
            4,
            Framing::Declared,
            "B64, 9 octets, 0 decoded: nothing; not base 64 from octet 4 on",
        );
        check(
            "BDS*UUE*3",
            b"abc",
            4,
            Framing::Broken,
            "UUE (left as it is), 3 octets: text; its end is not known",
        );
        check(
            "BIN*3",
            b"abc",
            4,
            Framing::Repaired,
            "no filter, 3 octets: text; its length was wrong and was repaired",
        );
    }
}
