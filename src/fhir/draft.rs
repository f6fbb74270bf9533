//! A resource while it is being written, and the account of where each of its values came from.

use serde_json::Map;
use serde_json::Value;

use super::kept::Kept;
use super::leaf::Leaf;
use super::leaf::Source;
use super::leaf::Text;
use super::node::push_index;
use super::node::push_member;

/// One value of a written resource and where it came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// The FHIRPath of the value.
    pub target: Box<str>,
    /// Where it came from.
    pub source: Source,
    /// The mark of the leaf it was; see [`Leaf::mark`].
    pub mark: u32,
}

/// A resource with the account of its values.
///
/// The account is empty if it was not asked for.
#[derive(Clone)]
pub struct Wrote {
    /// The resource.
    pub resource: Value,
    /// One line a value.
    pub lineage: Vec<Written>,
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

/// What a writer writes to: the path at hand and the account so far.
#[derive(Debug)]
pub(crate) struct Draft {
    path: String,
    lineage: Option<Vec<Written>>,
}

/// A value that JSON has a literal for.
pub(crate) trait Scalar {
    fn json(&self) -> Value;
}

impl Scalar for String {
    fn json(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Scalar for bool {
    fn json(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Scalar for u32 {
    fn json(&self) -> Value {
        Value::Number((*self).into())
    }
}

impl Draft {
    /// Writes a resource of `kind`, whose members `write` fills in.
    pub(crate) fn resource(
        kind: &str,
        lineage: Lineage,
        write: impl FnOnce(&mut Self) -> Map<String, Value>,
    ) -> Wrote {
        let lineage = (lineage == Lineage::Noted).then(Vec::new);
        let mut draft = Self {
            path: kind.to_owned(),
            lineage,
        };
        let members = write(&mut draft);
        Wrote {
            resource: Value::Object(members),
            lineage: draft.lineage.unwrap_or_default(),
        }
    }

    /// Writes the type of a resource, unless it was read and kept.
    pub(crate) fn kind(&mut self, to: &mut Map<String, Value>, kind: &str, kept: &Kept) {
        match kept.member(RESOURCE_TYPE) {
            Some(_) => kept.write_one(RESOURCE_TYPE, self, to),
            None => self.leaf(
                to,
                RESOURCE_TYPE,
                Some(&Leaf::fixed(kind.to_owned(), "fhir.resource-type")),
            ),
        }
    }

    /// Writes a leaf, if there is one.
    pub(crate) fn leaf<T: Scalar>(
        &mut self,
        to: &mut Map<String, Value>,
        name: &str,
        leaf: Option<&Leaf<T>>,
    ) {
        if let Some(leaf) = leaf {
            let length = self.path.len();
            push_member(&mut self.path, name);
            self.note(leaf);
            self.path.truncate(length);
            to.insert(name.to_owned(), leaf.disclose().json());
        }
    }

    /// Writes an array of texts, if there are any.
    pub(crate) fn leaves(&mut self, to: &mut Map<String, Value>, name: &str, leaves: &[Text]) {
        self.array(to, name, leaves, |draft, leaf| {
            draft.note(leaf);
            Some(leaf.disclose().json())
        });
    }

    /// Writes an object, if `write` puts anything into it.
    pub(crate) fn object(
        &mut self,
        to: &mut Map<String, Value>,
        name: &str,
        write: impl FnOnce(&mut Self) -> Map<String, Value>,
    ) {
        let length = self.path.len();
        push_member(&mut self.path, name);
        let members = write(self);
        self.path.truncate(length);
        if !members.is_empty() {
            to.insert(name.to_owned(), Value::Object(members));
        }
    }

    /// Writes an array of objects, if there are any.
    pub(crate) fn objects<T>(
        &mut self,
        to: &mut Map<String, Value>,
        name: &str,
        items: &[T],
        write: impl Fn(&mut Self, &T) -> Map<String, Value>,
    ) {
        self.array(to, name, items, |draft, item| {
            Some(Value::Object(write(draft, item)))
        });
    }

    fn array<T>(
        &mut self,
        to: &mut Map<String, Value>,
        name: &str,
        items: &[T],
        write: impl Fn(&mut Self, &T) -> Option<Value>,
    ) {
        if items.is_empty() {
            return;
        }
        let length = self.path.len();
        push_member(&mut self.path, name);
        let start = self.path.len();
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            push_index(&mut self.path, values.len());
            values.extend(write(self, item));
            self.path.truncate(start);
        }
        self.path.truncate(length);
        to.insert(name.to_owned(), Value::Array(values));
    }

    /// The path at hand and the account, for what is written as it came.
    pub(crate) fn account(&mut self) -> Option<(&mut String, &mut Vec<Written>)> {
        self.lineage.as_mut().map(|lineage| (&mut self.path, lineage))
    }

    fn note<T>(&mut self, leaf: &Leaf<T>) {
        if let Some(lineage) = &mut self.lineage {
            lineage.push(Written {
                target: self.path.as_str().into(),
                source: leaf.source.clone(),
                mark: leaf.mark,
            });
        }
    }
}

const RESOURCE_TYPE: &str = "resourceType";
