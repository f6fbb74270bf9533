//! Puts a value together from the tokens of its text.

use std::fmt::Write;

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use serde_json::map::Entry;

use super::refusal::Fault;
use crate::fhir::node::element_name;
use crate::fhir::node::push_member;

/// The objects and arrays that are open, and the value once it is whole.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Frame>,
    whole: Option<Value>,
}

enum Frame {
    /// The value of the last member is `null` until it has come.
    Object(Map<String, Value>),
    Array(Vec<Value>),
}

/// What may come after a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Around {
    /// The value was the whole text.
    Nothing,
    /// It was a member of an object.
    Object,
    /// It was an item of an array.
    Array,
}

impl Builder {
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn around(&self) -> Around {
        match self.open.last() {
            None => Around::Nothing,
            Some(Frame::Object(_)) => Around::Object,
            Some(Frame::Array(_)) => Around::Array,
        }
    }

    pub(super) fn open_object(&mut self) {
        self.open.push(Frame::Object(Map::new()));
    }

    pub(super) fn open_array(&mut self) {
        self.open.push(Frame::Array(Vec::new()));
    }

    /// The name of the member at hand, if an object is innermost.
    pub(super) fn member(&self) -> Option<&str> {
        match self.open.last() {
            Some(Frame::Object(members)) => Some(last_name(members)),
            Some(Frame::Array(_)) | None => None,
        }
    }

    /// Takes the name of the next member of the innermost object.
    pub(super) fn name(&mut self, next: String) -> Result<(), Fault> {
        let Some(Frame::Object(members)) = self.open.last_mut() else {
            return Err(Fault::Unexpected);
        };
        match members.entry(next) {
            Entry::Vacant(free) => {
                free.insert(Value::Null);
                Ok(())
            }
            Entry::Occupied(_) => Err(Fault::DuplicateName),
        }
    }

    /// Takes a value that is whole.
    pub(super) fn value(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(Frame::Object(members)) => {
                if let Some(last) = members.values_mut().next_back() {
                    *last = value;
                }
            }
            Some(Frame::Array(items)) => items.push(value),
            None => self.whole = Some(value),
        }
    }

    /// Takes a number whose grammar was checked.
    pub(super) fn number(&mut self, text: &str) {
        // The parser of serde_json writes `1E5` as `1e+5`; this keeps the text as it came.
        self.value(Value::Number(Number::from_string_unchecked(text.to_owned())));
    }

    /// Closes the innermost object or array.
    pub(super) fn close(&mut self) {
        match self.open.pop() {
            Some(Frame::Object(members)) => self.value(Value::Object(members)),
            Some(Frame::Array(items)) => self.value(Value::Array(items)),
            None => {}
        }
    }

    pub(super) fn finish(self) -> Option<Value> {
        self.whole
    }

    /// Writes the JSON pointer of the value that comes next to `pointer`.
    pub(super) fn point(&self, pointer: &mut String) {
        pointer.clear();
        for frame in &self.open {
            pointer.push('/');
            match frame {
                Frame::Object(members) => {
                    let name = last_name(members);
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Frame::Array(items) => write!(pointer, "{}", items.len()).expect("a String takes every text"),
            }
        }
    }

    /// The FHIRPath of the element at hand.
    pub(super) fn expression(&self) -> Box<str> {
        let resource_type = match self.open.first() {
            Some(Frame::Object(members)) => members.get("resourceType").and_then(Value::as_str),
            Some(Frame::Array(_)) | None => None,
        };
        let mut path = resource_type.map_or("%resource", element_name).to_owned();
        for frame in &self.open {
            match frame {
                Frame::Object(members) => push_member(&mut path, last_name(members)),
                Frame::Array(items) => write!(path, "[{}]", items.len()).expect("a String takes every text"),
            }
        }
        path.into()
    }
}

/// The name of the member that came last, which is the one at hand.
fn last_name(members: &Map<String, Value>) -> &str {
    members.keys().next_back().map_or("", String::as_str)
}
