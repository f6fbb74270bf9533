//! Places as reports name them: short for people, in parts for programs. Never a value.

use std::fmt;

use serde::Serialize;

use crate::base::place::Place;

/// A place in the parts that a program asks for.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Spot {
    /// The short form: `2200D/DTP03`, or a path of names and indices.
    pub(crate) at: String,
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    loop_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ordinal: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

impl Spot {
    /// The parts of a place.
    pub(crate) fn of(place: &Place) -> Self {
        let at = place.short();
        match place {
            Place::X12(place) => Self {
                at,
                loop_id: place.loop_id.as_deref().map(str::to_owned),
                segment: place.segment.map(|segment| segment.as_str().to_owned()),
                element: place.element,
                component: place.component,
                ordinal: place.ordinal,
                offset: Some(place.offset),
            },
            Place::Nowhere | Place::Fhir { .. } | Place::Xml { .. } | Place::Config { .. } => Self {
                at,
                ..Self::default()
            },
        }
    }
}

impl Spot {
    /// A place that has a name only.
    pub(crate) fn named(at: &str) -> Self {
        Self {
            at: at.to_owned(),
            ..Self::default()
        }
    }

    /// Bytes from the start of the input, where a place has them.
    pub(crate) const fn offset(&self) -> Option<u64> {
        self.offset
    }
}

/// Adds formatted text to a text.
pub(crate) fn append(text: &mut String, more: fmt::Arguments<'_>) {
    fmt::Write::write_fmt(text, more).expect("a String takes every text");
}
