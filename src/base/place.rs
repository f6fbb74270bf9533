//! Where in a message or a setting something was found.

use std::fmt;
use std::path::Path;

/// A place, in the terms of the format it is in. Positions and names of rules only, never content.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Place {
    /// The finding is about the whole, or about nothing that has a place.
    #[default]
    Nowhere,
    /// In an X12 interchange; boxed because it is much larger than the others.
    X12(Box<X12Place>),
    /// In a FHIR resource.
    Fhir {
        /// A FHIRPath of names and indices, such as `Task.input[2].value`.
        expression: Box<str>,
    },
    /// In an XML document.
    Xml {
        /// An XPath of names and positions, such as `/ClinicalDocument/component[1]`.
        xpath: Box<str>,
        /// The line, counted from 1.
        line: u32,
    },
    /// In a text that an operator wrote.
    Config {
        /// The file, as it was named to us.
        file: Box<Path>,
        /// The line, counted from 1.
        line: u32,
        /// The column in characters, counted from 1.
        column: u32,
    },
}

/// A place in an X12 interchange; whatever is not known, or does not apply, is left out.
///
/// Indices are counted from 1, as X12 counts; only `offset` is counted from 0.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct X12Place {
    /// Bytes from the start of the input to the segment or element.
    pub offset: u64,
    /// Which interchange of the input.
    pub interchange: Option<u32>,
    /// Which functional group of the interchange.
    pub group: Option<u32>,
    /// Which transaction set of the group.
    pub transaction: Option<u32>,
    /// Which segment: within the transaction set with `ST` as 1, elsewhere within the interchange with `ISA` as 1.
    pub ordinal: Option<u64>,
    /// The segment's identifier.
    pub segment: Option<SegmentId>,
    /// The loop as the guide names it, such as `2000A`.
    pub loop_id: Option<Box<str>>,
    /// Which element of the segment.
    pub element: Option<u16>,
    /// Which repetition of the element.
    pub repetition: Option<u16>,
    /// Which component of the element.
    pub component: Option<u16>,
}

/// A segment identifier: two or three upper-case letters and digits, the first a letter.
///
/// It is a type so that stray bytes of a broken message cannot stand where a name is due.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SegmentId {
    letters: [u8; 3],
}

impl SegmentId {
    /// Reads an identifier; `None` if `bytes` is not one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let letters = match *bytes {
            [first, second] => [first, second, b' '],
            [first, second, third @ (b'A'..=b'Z' | b'0'..=b'9')] => [first, second, third],
            _ => return None,
        };
        let sound = matches!(letters, [b'A'..=b'Z', b'A'..=b'Z' | b'0'..=b'9', _]);
        sound.then_some(Self { letters })
    }

    /// The identifier as three bytes; one of two letters has a blank behind it.
    pub const fn letters(&self) -> &[u8; 3] {
        &self.letters
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.letters.trim_ascii_end())
            .expect("only ASCII letters, digits and a blank are stored")
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl X12Place {
    /// The place in one word, such as `2200D/STC01-2`.
    pub fn short(&self) -> String {
        let mut text = String::new();
        if let Some(loop_id) = &self.loop_id {
            text.extend([loop_id, "/"]);
        }
        if let Some(segment) = &self.segment {
            text.push_str(segment.as_str());
        }
        if let Some(element) = self.element {
            text.push_str(if element < 10 { "0" } else { "" });
            text.push_str(&element.to_string());
        }
        if let Some(component) = self.component {
            text.extend(["-", &component.to_string()]);
        }
        text
    }
}

impl Place {
    /// The place in one word: `2200D/STC01-2` in X12, an expression in FHIR; what the place says elsewhere.
    pub fn short(&self) -> String {
        match self {
            Self::X12(place) => place.short(),
            Self::Nowhere | Self::Fhir { .. } | Self::Xml { .. } | Self::Config { .. } => self.to_string(),
        }
    }
}

impl From<X12Place> for Place {
    fn from(place: X12Place) -> Self {
        Self::X12(Box::new(place))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("no particular place"),
            Self::X12(place) => place.fmt(f),
            Self::Fhir { expression } => f.write_str(expression),
            Self::Xml { xpath, line } => write!(f, "line {line}, {xpath}"),
            Self::Config { file, line, column } => write!(f, "{}:{line}:{column}", file.display()),
        }
    }
}

impl fmt::Display for X12Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.offset)?;
        let named = |f: &mut fmt::Formatter<'_>, name: &str, value: Option<u64>| match value {
            Some(value) => write!(f, ", {name} {value}"),
            None => Ok(()),
        };
        named(f, "interchange", self.interchange.map(u64::from))?;
        named(f, "group", self.group.map(u64::from))?;
        named(f, "transaction", self.transaction.map(u64::from))?;
        if let Some(loop_id) = &self.loop_id {
            write!(f, ", loop {loop_id}")?;
        }
        named(f, "segment", self.ordinal)?;
        if let Some(segment) = &self.segment {
            write!(f, " ({segment})")?;
        }
        named(f, "element", self.element.map(u64::from))?;
        named(f, "repetition", self.repetition.map(u64::from))?;
        named(f, "component", self.component.map(u64::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(place: impl Into<Place>, expected: &str) {
        assert_eq!(place.into().to_string(), expected);
    }

    #[test]
    fn an_x12_place_says_what_is_known() {
        check(
            X12Place {
                offset: 7,
                ..X12Place::default()
            },
            "byte 7",
        );
        let whole = X12Place {
            offset: 1234,
            interchange: Some(1),
            group: Some(2),
            transaction: Some(3),
            ordinal: Some(14),
            segment: SegmentId::parse(b"NM1"),
            loop_id: Some("1000A".into()),
            element: Some(9),
            repetition: Some(1),
            component: Some(2),
        };
        check(
            whole,
            "byte 1234, interchange 1, group 2, transaction 3, loop 1000A, segment 14 (NM1), element 9, \
             repetition 1, component 2",
        );
    }

    #[test]
    fn a_place_is_one_word_when_it_must_be_short() {
        let place = X12Place {
            segment: SegmentId::parse(b"STC"),
            loop_id: Some("2200D".into()),
            element: Some(1),
            component: Some(2),
            ..X12Place::default()
        };
        assert_eq!(Place::from(place.clone()).short(), "2200D/STC01-2");
        let outside = X12Place {
            loop_id: None,
            component: None,
            element: Some(10),
            ..place
        };
        assert_eq!(outside.short(), "STC10");
        let expression = "Task.for".into();
        assert_eq!(Place::Fhir { expression }.short(), "Task.for");
    }

    #[test]
    fn other_places_use_the_words_of_their_format() {
        check(Place::Nowhere, "no particular place");
        check(
            Place::Fhir {
                expression: "Task.input[2].value".into(),
            },
            "Task.input[2].value",
        );
        check(
            Place::Xml {
                xpath: "/ClinicalDocument/id[1]".into(),
                line: 9,
            },
            "line 9, /ClinicalDocument/id[1]",
        );
        let file = Path::new("routes.toml").into();
        check(
            Place::Config {
                file,
                line: 3,
                column: 12,
            },
            "routes.toml:3:12",
        );
    }

    #[test]
    fn a_segment_id_is_two_or_three_capitals_and_digits() {
        let read = |bytes: &[u8]| SegmentId::parse(bytes).map(|id| id.to_string());
        for id in ["ST", "N1", "NM1", "BDS", "TA1"] {
            assert_eq!(read(id.as_bytes()).as_deref(), Some(id));
        }
        for bytes in [
            &b""[..],
            b"S",
            b"st",
            b"1N",
            b"NM1X",
            b"N ",
            b"N 1",
            b"NM ",
            "NÄ".as_bytes(),
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }
}
