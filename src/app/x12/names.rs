//! What segments and elements are called, in our own words.

use x12_parser::Matched;
use x12_parser::SegmentId;

/// What a guide or the standard calls a segment and its elements.
pub(crate) trait Names {
    /// What a segment is called where it stands.
    fn segment(&self) -> Option<&str>;
    /// What one of its elements is called; component zero is the element as a whole.
    fn element(&self, element: usize, component: usize) -> Option<&str>;
}

impl Names for Matched<'_> {
    fn segment(&self) -> Option<&str> {
        Some(self.segment_name()).filter(|name| !name.is_empty())
    }

    fn element(&self, element: usize, component: usize) -> Option<&str> {
        match component {
            0 => self.element_name(element),
            _ => self.component_name(element, component),
        }
    }
}

/// The names of the segments that make the envelopes, for where no guide names them.
pub(crate) struct EnvelopeNames(&'static str, &'static [&'static str]);

impl EnvelopeNames {
    /// The names for a segment; none where it is no envelope's.
    pub(crate) fn of(segment: SegmentId) -> Self {
        match segment.as_str() {
            "ISA" => Self("interchange start", &ISA),
            "GS" => Self("group start", &GS),
            "ST" => Self(
                "transaction start",
                &["transaction set", "transaction control number", "guide"],
            ),
            "SE" => Self("transaction end", &["segments", "transaction control number"]),
            "GE" => Self("group end", &["transactions", "group control number"]),
            "IEA" => Self("interchange end", &["groups", "interchange control number"]),
            _ => Self("", &[]),
        }
    }
}

impl Names for EnvelopeNames {
    fn segment(&self) -> Option<&str> {
        Some(self.0).filter(|name| !name.is_empty())
    }

    fn element(&self, element: usize, _component: usize) -> Option<&str> {
        self.1.get(element.checked_sub(1)?).copied()
    }
}

const ISA: [&str; 16] = [
    "authorisation qualifier",
    "authorisation",
    "security qualifier",
    "password",
    "sender qualifier",
    "sender",
    "receiver qualifier",
    "receiver",
    "date",
    "time",
    "repetition separator",
    "version",
    "interchange control number",
    "TA1 wanted",
    "production or test",
    "component separator",
];

const GS: [&str; 8] = [
    "kind of transactions",
    "sending application",
    "receiving application",
    "date",
    "time",
    "group control number",
    "standard",
    "version or guide",
];
