//! A resource while it is being written, and the account of where each of its values came from.

use std::borrow::Cow;

use serde_json::Value;

use super::json;
use super::kept::Kept;
use super::kept::KeptMember;
use super::leaf::Leaf;
use super::leaf::Source;
use super::leaf::Text;
use super::node::each_leaf;
use super::node::push_index;
use super::node::push_member;
use crate::base::phi::Phi;
use crate::base::place::Place;

/// A resource as JSON text, with the account of its values if that was asked for.
#[derive(Clone)]
pub struct Wrote<'m> {
    /// The JSON text.
    pub text: Phi<String>,
    lines: Vec<Line<'m>>,
    paths: String,
}

/// One value of a written resource and where it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written<'w> {
    /// The FHIRPath of the value.
    pub target: &'w str,
    /// Where it came from.
    pub source: Cow<'w, Source>,
    /// The mark of the leaf it was; see [`Leaf::mark`].
    pub mark: u32,
}

/// Whether a writer accounts for each value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lineage {
    /// Every value has its line.
    #[default]
    Noted,
    /// There is no account; a little faster.
    Skipped,
}

/// What a writer writes to: the text, the path at hand and the account so far.
pub(crate) struct Draft<'m> {
    text: String,
    path: String,
    noting: bool,
    lines: Vec<Line<'m>>,
    /// The paths of all lines, one after the other.
    paths: String,
}

/// A line of the account, by the end of its path among all paths.
#[derive(Clone, Copy, Debug)]
struct Line<'m> {
    end: usize,
    origin: Origin<'m>,
    mark: u32,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'m> {
    Leaf(&'m Source),
    /// Within something that was kept: its place, and how much of the path is beyond it.
    Kept(&'m Place, usize),
}

/// A value that JSON has a literal for.
pub(crate) trait Scalar {
    fn write(&self, text: &mut String);
}

impl Scalar for Cow<'static, str> {
    fn write(&self, text: &mut String) {
        json::quote(self, text);
    }
}

impl Scalar for bool {
    fn write(&self, text: &mut String) {
        text.push_str(if *self { "true" } else { "false" });
    }
}

impl Scalar for u32 {
    fn write(&self, text: &mut String) {
        text.push_str(&self.to_string());
    }
}

impl Wrote<'_> {
    /// The account: a line for each value, in their order. Empty if it was not asked for.
    pub fn lineage(&self) -> impl Iterator<Item = Written<'_>> {
        let mut start = 0;
        self.lines.iter().map(move |line| {
            let target = self.paths.get(start..line.end).unwrap_or_default();
            start = line.end;
            Written {
                target,
                source: line.origin.source(target),
                mark: line.mark,
            }
        })
    }

    /// The resource as a value.
    pub fn value(&self) -> Value {
        json::read(self.text.disclose().as_bytes()).expect("what a draft writes is JSON")
    }
}

impl<'m> Origin<'m> {
    fn source(self, target: &str) -> Cow<'m, Source> {
        match self {
            Self::Leaf(source) => Cow::Borrowed(source),
            Self::Kept(Place::Fhir { expression }, beyond) => {
                let inside = target.get(target.len() - beyond..).unwrap_or_default();
                let expression = format!("{expression}{inside}").into();
                Cow::Owned(Source::Read(Place::Fhir { expression }))
            }
            Self::Kept(place, _) => Cow::Owned(Source::Read(place.clone())),
        }
    }
}

impl<'m> Draft<'m> {
    /// Writes a resource of `kind`, whose members `write` fills in.
    pub(crate) fn resource(kind: &str, lineage: Lineage, write: impl FnOnce(&mut Self)) -> Wrote<'m> {
        let noting = lineage == Lineage::Noted;
        let text = String::with_capacity(4096);
        let mut draft = Self {
            text,
            path: kind.to_owned(),
            noting,
            lines: Vec::new(),
            paths: String::new(),
        };
        draft.body(write);
        Wrote {
            text: Phi::new(draft.text),
            lines: draft.lines,
            paths: draft.paths,
        }
    }

    /// Writes the type of a resource, unless it was read and kept.
    pub(crate) fn kind(&mut self, kind: &'static str, kept: &Kept) {
        if kept.member(RESOURCE_TYPE).is_none() {
            self.name(RESOURCE_TYPE);
            json::quote(kind, &mut self.text);
            self.text.push(',');
            self.within(RESOURCE_TYPE, |draft| draft.line(Origin::Leaf(&BY_TYPE), 0));
        }
    }

    /// Writes a leaf, if there is one.
    pub(crate) fn leaf<T: Scalar>(&mut self, name: &str, leaf: Option<&'m Leaf<T>>) {
        if let Some(leaf) = leaf {
            self.name(name);
            leaf.disclose().write(&mut self.text);
            self.text.push(',');
            self.within(name, |draft| draft.line(Origin::Leaf(&leaf.source), leaf.mark));
        }
    }

    /// Writes an array of texts, if there are any.
    pub(crate) fn leaves(&mut self, name: &str, leaves: &'m [Text]) {
        self.array(name, leaves, |draft, leaf| {
            leaf.disclose().write(&mut draft.text);
            draft.line(Origin::Leaf(&leaf.source), leaf.mark);
        });
    }

    /// Writes an object, if `write` puts anything into it.
    pub(crate) fn object(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        self.name(name);
        let empty = self.text.len() + "{}".len();
        self.within(name, |draft| draft.body(write));
        if self.text.len() == empty {
            self.text.truncate(start);
        } else {
            self.text.push(',');
        }
    }

    /// Writes an array of objects, if there are any.
    pub(crate) fn objects<T>(&mut self, name: &str, items: &'m [T], write: impl Fn(&mut Self, &'m T)) {
        self.array(name, items, |draft, item| draft.body(|draft| write(draft, item)));
    }

    /// Writes something that was kept as it came.
    pub(crate) fn kept(&mut self, member: &'m KeptMember) {
        self.name(member.name());
        json::write(member.value(), &mut self.text);
        self.text.push(',');
        self.within(member.name(), |draft| draft.trace(member.value(), member.place()));
    }

    /// Writes the members of `value`, which came from `place`, as they are.
    pub(crate) fn members(&mut self, value: &'m Value, place: &'m Place) {
        for (name, member) in value.as_object().into_iter().flatten() {
            self.name(name);
            json::write(member, &mut self.text);
            self.text.push(',');
        }
        self.trace(value, place);
    }

    fn body(&mut self, write: impl FnOnce(&mut Self)) {
        self.text.push('{');
        write(self);
        self.close('}');
    }

    fn array<T>(&mut self, name: &str, items: &'m [T], write: impl Fn(&mut Self, &'m T)) {
        if items.is_empty() {
            return;
        }
        self.name(name);
        self.text.push('[');
        self.within(name, |draft| {
            let length = draft.path.len();
            for (index, item) in items.iter().enumerate() {
                if draft.noting {
                    push_index(&mut draft.path, index);
                }
                write(draft, item);
                draft.text.push(',');
                draft.path.truncate(length);
            }
        });
        self.close(']');
        self.text.push(',');
    }

    /// Closes what is open, in place of the comma behind its last member.
    fn close(&mut self, bracket: char) {
        if self.text.ends_with(',') {
            self.text.pop();
        }
        self.text.push(bracket);
    }

    fn name(&mut self, name: &str) {
        json::quote(name, &mut self.text);
        self.text.push(':');
    }

    /// Does `act` with the path of the member called `name`.
    fn within(&mut self, name: &str, act: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if self.noting {
            push_member(&mut self.path, name);
        }
        act(self);
        self.path.truncate(length);
    }

    fn line(&mut self, origin: Origin<'m>, mark: u32) {
        if self.noting {
            self.paths.push_str(&self.path);
            self.lines.push(Line {
                end: self.paths.len(),
                origin,
                mark,
            });
        }
    }

    /// Accounts for every leaf of `value`, which came from `place` and stands at the path at hand.
    fn trace(&mut self, value: &Value, place: &'m Place) {
        if !self.noting {
            return;
        }
        let start = self.path.len();
        let (lines, paths) = (&mut self.lines, &mut self.paths);
        each_leaf(value, &mut self.path, &mut |path, _| {
            paths.push_str(path);
            lines.push(Line {
                end: paths.len(),
                origin: Origin::Kept(place, path.len() - start),
                mark: 0,
            });
        });
    }
}

const RESOURCE_TYPE: &str = "resourceType";

static BY_TYPE: Source = Source::Fixed("fhir.resource-type");
