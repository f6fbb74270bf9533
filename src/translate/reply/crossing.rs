//! Which element of one side became which of the other.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::base::place::Place;
use crate::base::place::X12Place;
use crate::translate::EntrySource;
use crate::translate::Translation;

/// The pairs of places that a translation joined; empty where nobody knows.
#[derive(Clone, Debug, Default)]
pub struct Crossing {
    /// Paths of FHIR, and where each came from or went.
    paths: BTreeMap<Box<str>, X12Place>,
    /// Numbers of segments, and the elements in them with their paths, in the order of the FHIR side.
    segments: BTreeMap<u64, Vec<(X12Place, Box<str>)>>,
}

impl Crossing {
    /// The places that a translation joined, whichever way it went; its lineage must have been kept.
    pub fn of(translation: &Translation<'_>) -> Self {
        let mut crossing = Self::default();
        for entry in translation.lineage() {
            let EntrySource::Place(source) = entry.source else {
                continue;
            };
            match (source, entry.target) {
                (Place::X12(place), Place::Fhir { expression })
                | (Place::Fhir { expression }, Place::X12(place)) => crossing.join(expression, *place),
                _ => {}
            }
        }
        crossing
    }

    fn join(&mut self, path: Box<str>, place: X12Place) {
        if let Some(ordinal) = place.ordinal {
            let elements = self.segments.entry(ordinal).or_default();
            elements.push((place.clone(), path.clone()));
        }
        self.paths.entry(path).or_insert(place);
    }

    /// The paths of what stands at a place: of the component, else of the element, else of all of the segment.
    pub(super) fn to_fhir(&self, place: &X12Place) -> Vec<&str> {
        let elements = place.ordinal.and_then(|ordinal| self.segments.get(&ordinal));
        let elements = elements.map(Vec::as_slice).unwrap_or_default();
        let found = |fits: &dyn Fn(&X12Place) -> bool| -> Vec<&str> {
            let fitting = elements.iter().filter(|(place, _)| fits(place));
            fitting.map(|(_, path)| &**path).collect()
        };
        if place.element.is_none() {
            return found(&|_| true);
        }
        let exact = found(&|other| other.element == place.element && other.component == place.component);
        if exact.is_empty() {
            found(&|other| other.element == place.element)
        } else {
            exact
        }
    }

    /// The place of what stands at a path, or of the first thing below it; of a path that leads to nothing, that of what
    /// is around it.
    pub(super) fn to_x12(&self, path: &str) -> Option<X12Place> {
        if let Some(place) = self.paths.get(path) {
            return Some(place.clone());
        }
        let below = |prefix: &str| -> Option<&X12Place> {
            let inside = |other: &str| {
                other
                    .strip_prefix(prefix)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
            };
            let from = (Bound::Included(prefix), Bound::Unbounded);
            let mut after = self
                .paths
                .range::<str, _>(from)
                .take_while(|(other, _)| other.starts_with(prefix));
            after.find(|(other, _)| inside(other)).map(|(_, place)| place)
        };
        if let Some(place) = below(path) {
            return Some(X12Place {
                element: None,
                component: None,
                ..place.clone()
            });
        }
        // What is missing has no place of its own; its neighbours have one, unless they are the whole resource.
        let (around, _) = path.rsplit_once('.')?;
        let place = around.contains('.').then(|| below(around))??;
        Some(X12Place {
            element: None,
            component: None,
            ..place.clone()
        })
    }
}
