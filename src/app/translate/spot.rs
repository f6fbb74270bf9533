//! Places as reports name them: short for people, in parts for programs. Never a value.

use std::fmt;

use serde::Serialize;

use crate::base::place::Place;
use crate::base::place::X12Place;

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
        let at = short(place);
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

/// A place in one word: `2200D/STC01-2` in X12, an expression in FHIR.
pub(crate) fn short(place: &Place) -> String {
    match place {
        Place::X12(place) => short_x12(place),
        Place::Fhir { expression } => expression.to_string(),
        Place::Nowhere | Place::Xml { .. } | Place::Config { .. } => place.to_string(),
    }
}

fn short_x12(place: &X12Place) -> String {
    let mut text = String::new();
    if let Some(loop_id) = &place.loop_id {
        text.push_str(loop_id);
        text.push('/');
    }
    if let Some(segment) = &place.segment {
        text.push_str(segment.as_str());
    }
    if let Some(element) = place.element {
        append(&mut text, format_args!("{element:02}"));
    }
    if let Some(component) = place.component {
        append(&mut text, format_args!("-{component}"));
    }
    text
}

/// A leaf of a composed transaction, read out of the words in which a lineage names it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct ComposedLeaf<'t> {
    loop_id: &'t str,
    segment: &'t str,
    /// Which segment of the transaction, from one.
    pub(crate) ordinal: usize,
    /// Which element, from one.
    pub(crate) element: u32,
    /// Which component, from one; zero for the whole element.
    pub(crate) component: u32,
}

impl<'t> ComposedLeaf<'t> {
    /// Reads it; nothing if the words are those of a path in FHIR.
    pub(crate) fn parse(target: &'t str) -> Option<Self> {
        let mut parts = target.split(", ");
        parts.next()?.strip_prefix("byte ")?;
        let mut leaf = Self::default();
        for part in parts {
            let (kind, rest) = part.split_once(' ')?;
            match kind {
                "loop" => leaf.loop_id = rest,
                "segment" => {
                    let (ordinal, name) = rest.split_once(' ').unwrap_or((rest, ""));
                    leaf.ordinal = ordinal.parse().ok()?;
                    leaf.segment = name.trim_matches(['(', ')']);
                }
                "element" => leaf.element = rest.parse().ok()?,
                "component" => leaf.component = rest.parse().ok()?,
                _ => {}
            }
        }
        Some(leaf)
    }

    /// It in one word, as [`short`] would name it.
    pub(crate) fn short(&self) -> String {
        let mut text = String::new();
        if !self.loop_id.is_empty() {
            text.push_str(self.loop_id);
            text.push('/');
        }
        text.push_str(self.segment);
        if self.element > 0 {
            append(&mut text, format_args!("{:02}", self.element));
        }
        if self.component > 0 {
            append(&mut text, format_args!("-{}", self.component));
        }
        text
    }
}

/// What a lineage calls a leaf of its target, in one word.
pub(crate) fn short_target(target: &str) -> String {
    ComposedLeaf::parse(target).map_or_else(|| target.to_owned(), |leaf| leaf.short())
}

/// Adds formatted text to a text.
pub(crate) fn append(text: &mut String, more: fmt::Arguments<'_>) {
    fmt::Write::write_fmt(text, more).expect("a String takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::place::SegmentId;

    #[test]
    fn a_place_is_one_word_and_its_own_description_is_read_back() {
        let place: Place = X12Place {
            ordinal: Some(15),
            segment: SegmentId::parse(b"STC"),
            loop_id: Some("2200D".into()),
            element: Some(1),
            component: Some(2),
            ..X12Place::default()
        }
        .into();
        assert_eq!(short(&place), "2200D/STC01-2");
        assert_eq!(short_target(&place.to_string()), "2200D/STC01-2");
        let described = place.to_string();
        let leaf = ComposedLeaf::parse(&described).unwrap();
        assert_eq!((leaf.ordinal, leaf.element, leaf.component), (15, 1, 2));
    }

    #[test]
    fn a_path_stays_as_it_is() {
        assert_eq!(
            short_target("Task(2).input[0].valueUrl"),
            "Task(2).input[0].valueUrl"
        );
        let place = Place::Fhir {
            expression: "Task.for".into(),
        };
        assert_eq!(short(&place), "Task.for");
    }
}
