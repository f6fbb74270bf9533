//! A single value of a message together with where it came from.

use std::borrow::Cow;

use crate::base::phi::Phi;
use crate::base::place::Place;

/// One value of a message: private whatever it says, and never without its source.
///
/// Two leaves are equal if their values are; where they came from does not count.
#[derive(Clone, Debug)]
pub struct Leaf<T> {
    value: Phi<T>,
    /// Where the value came from.
    pub source: Source,
    /// A number of whoever fills a model, such as the rule of a mapping table; readers leave it 0.
    pub mark: u32,
}

/// Where a value came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// It was read there, in whatever format.
    Read(Place),
    /// A rule fixes it: no message said it. The name is the rule's.
    Fixed(&'static str),
}

/// A value that is text, codes and dates included: FHIR dates keep the precision and the zone they were written with.
pub type Text = Leaf<Cow<'static, str>>;

/// A value that is true or false.
pub type Flag = Leaf<bool>;

impl<T> Leaf<T> {
    /// A value that was read at `place`.
    pub fn read(value: impl Into<T>, place: Place) -> Self {
        Self {
            value: Phi::new(value.into()),
            source: Source::Read(place),
            mark: 0,
        }
    }

    /// A value that the rule called `rule` fixes.
    pub fn fixed(value: impl Into<T>, rule: &'static str) -> Self {
        Self {
            value: Phi::new(value.into()),
            source: Source::Fixed(rule),
            mark: 0,
        }
    }

    /// The same leaf with a mark.
    #[must_use]
    pub fn marked(mut self, mark: u32) -> Self {
        self.mark = mark;
        self
    }

    /// The value; a way out of [`Phi`], so `tests/layers.rs` lists who may call it.
    pub const fn disclose(&self) -> &T {
        self.value.disclose()
    }

    /// Another value from the same source.
    pub fn derive<U>(&self, value: impl Into<U>) -> Leaf<U> {
        Leaf {
            value: Phi::new(value.into()),
            source: self.source.clone(),
            mark: self.mark,
        }
    }
}

impl<T: PartialEq> PartialEq for Leaf<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Leaf<T> {}
