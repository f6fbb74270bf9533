//! The part of FHIRPath that our rules are written in.
//!
//! Navigation by names, `where(…)`, `ofType(…)` and `$this`; at the end of a path `exists()`, `empty()`, `count()`,
//! `length()`, `startsWith('…')` and four tests of our own; `=`, `!=`, `<=`, `and`, `or`, `implies`, `not()`, brackets,
//! texts and numbers. As in FHIRPath, `a = b` is true only if either side is a single value.
//!
//! Our own tests are true if one of the items passes:
//! `means('payer-url')` for a code that the message's version of the guide has for that term,
//! `memberOf('loinc-attachments')` for a code of one of our lists,
//! `looksLike('date')` for a text of the shape that FHIR gives a primitive type,
//! `pointsAt('Practitioner Organization')` for a reference that says none or one of these types.

mod eval;
mod parse;
mod shape;

pub(crate) use self::eval::Setting;
pub(crate) use self::eval::each;
pub(crate) use self::eval::holds;
pub(crate) use self::parse::parse;
pub(crate) use self::parse::parse_steps;
pub(crate) use self::shape::DAY;
pub(crate) use self::shape::Shape;

use super::term::Spot;
use super::term::Term;

/// A condition or a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Expression {
    Path(Path),
    Text(Box<str>),
    Number(usize),
    Equal(Box<Self>, Box<Self>),
    Differs(Box<Self>, Box<Self>),
    AtMost(Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Implies(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

/// A way to items, and what is asked of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Path {
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
}

/// A step on the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Member(Box<str>),
    /// `value[x]`, whatever its type.
    Value,
    Where(Expression),
    /// Only values whose JSON name says this type.
    OfType(Box<str>),
}

/// What is asked of the items at the end of the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// The items themselves.
    Items,
    Exists,
    Empty,
    Count,
    Length,
    StartsWith(Box<str>),
    Means(Term, Spot),
    MemberOf(Box<str>),
    LooksLike(Shape),
    PointsAt(Box<str>),
}
