//! A value inside a resource that knows its own FHIRPath.

use std::fmt::Write;

use serde_json::Map;
use serde_json::Value;

use super::leaf::Flag;
use super::leaf::Leaf;
use super::leaf::Text;
use crate::base::place::Place;

/// A JSON value and the way to it. Nodes stand on the stack, each pointing at the one above; the path becomes text
/// only when somebody asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Node<'n> {
    value: &'n Value,
    above: Option<&'n Node<'n>>,
    step: Step<'n>,
    /// Whether leaves are to know their places; costs one small text a leaf.
    placed: bool,
}

#[derive(Clone, Copy)]
enum Step<'n> {
    /// The start of the path, such as `Task`, or the path of a resource inside another.
    Root(&'n str),
    Member(&'n str),
    Item(&'n str, usize),
}

/// Whether a reader notes where each value stood.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Places {
    /// Every leaf knows its FHIRPath.
    #[default]
    Noted,
    /// Leaves have no place; a little faster.
    Skipped,
}

impl<'n> Node<'n> {
    /// The whole of `resource`, whose path starts with its type.
    pub(crate) fn resource(resource: &'n Value, places: Places) -> Self {
        let root = resource_type(resource).unwrap_or("%resource");
        Self::rooted(resource, root, places)
    }

    /// `value` with a path of its own.
    pub(crate) fn rooted(value: &'n Value, root: &'n str, places: Places) -> Self {
        let with_places = places == Places::Noted;
        Self {
            value,
            above: None,
            step: Step::Root(root),
            placed: with_places,
        }
    }

    pub(crate) const fn value(&self) -> &'n Value {
        self.value
    }

    /// The member called `name`, as JSON spells it; `null` counts as absent.
    pub(crate) fn member<'c>(&'c self, name: &'c str) -> Option<Node<'c>> {
        let value = member_of(self.value, name).filter(|value| !value.is_null())?;
        Some(self.below(value, Step::Member(name)))
    }

    /// Every member with its JSON name.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, Node<'_>)> {
        let members = self.value.as_object().into_iter().flat_map(Map::iter);
        members.map(|(name, value)| (name.as_str(), self.below(value, Step::Member(name))))
    }

    /// The items of this node, if it is an array; this node itself, if it is not.
    ///
    /// FHIR repeats elements in arrays only; a sender who forgets the brackets around a single one is understood.
    pub(crate) fn items(&self) -> impl Iterator<Item = Node<'_>> {
        let single = (!self.value.is_array()).then_some(*self);
        let (above, name) = match (self.above, self.step) {
            (Some(above), Step::Member(name)) => (above, name),
            _ => (self, ""),
        };
        let items = self.value.as_array().into_iter().flatten().enumerate();
        let items = items.map(move |(index, value)| above.below(value, Step::Item(name, index)));
        single.into_iter().chain(items)
    }

    /// The items of the member called `name`.
    pub(crate) fn each<'c>(&'c self, name: &'c str) -> impl Iterator<Item = Node<'c>> {
        let (single, items) = match member_of(self.value, name) {
            None | Some(Value::Null) => (None, None),
            Some(Value::Array(items)) => (None, Some(items)),
            Some(value) => (Some(self.below(value, Step::Member(name))), None),
        };
        let items = items.into_iter().flatten().enumerate();
        single
            .into_iter()
            .chain(items.map(move |(index, value)| self.below(value, Step::Item(name, index))))
    }

    /// The text of this node, if it is text.
    pub(crate) fn text(&self) -> Option<&'n str> {
        self.value.as_str()
    }

    /// The text of the member called `name`, if it is text.
    pub(crate) fn text_of(&self, name: &str) -> Option<&'n str> {
        member_of(self.value, name).and_then(Value::as_str)
    }

    /// The type that the JSON name of this value says it is of: `Url` for `valueUrl`.
    pub(crate) fn type_suffix(&self) -> Option<&'n str> {
        match self.step {
            Step::Member(name) => name.strip_prefix("value"),
            Step::Root(_) | Step::Item(..) => None,
        }
    }

    pub(crate) fn leaf(&self) -> Option<Text> {
        self.text().map(|text| Leaf::read(text.to_owned(), self.place()))
    }

    pub(crate) fn flag(&self) -> Option<Flag> {
        self.value.as_bool().map(|flag| Leaf::read(flag, self.place()))
    }

    /// A whole number above zero, written without sign, fraction or exponent.
    pub(crate) fn ordinal(&self) -> Option<Leaf<u32>> {
        let number = self.value.as_number()?.as_str();
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        Some(Leaf::read(number, self.place()))
    }

    pub(crate) fn place(&self) -> Place {
        if self.placed {
            Place::Fhir {
                expression: self.expression().into(),
            }
        } else {
            Place::Nowhere
        }
    }

    /// The FHIRPath of this node.
    pub(crate) fn expression(&self) -> String {
        let mut path = String::with_capacity(self.length());
        self.write(&mut path);
        path
    }

    fn write(&self, path: &mut String) {
        if let Some(above) = self.above {
            above.write(path);
        }
        match self.step {
            Step::Root(root) => path.push_str(root),
            Step::Member(name) => push_member(path, name),
            Step::Item(name, index) => {
                push_member(path, name);
                push_index(path, index);
            }
        }
    }

    /// How many bytes the path has, so that its text is allotted once.
    fn length(&self) -> usize {
        let above = self.above.map_or(0, Node::length);
        above
            + match self.step {
                Step::Root(root) => root.len(),
                Step::Member(name) => member_length(name),
                Step::Item(name, index) => member_length(name) + "[]".len() + digits(index),
            }
    }

    fn below<'c>(&'c self, value: &'c Value, step: Step<'c>) -> Node<'c> {
        Node {
            value,
            above: Some(self),
            step,
            placed: self.placed,
        }
    }
}

/// The member of an object called `name`.
///
/// Objects of FHIR are small: to compare a few names takes a fraction of what it takes to hash one.
pub(crate) fn member_of<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    if members.len() > FEW {
        return members.get(name);
    }
    members
        .iter()
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// So many names are compared one by one.
const FEW: usize = 12;

/// Appends the step to the member called `name` in JSON.
pub(crate) fn push_member(path: &mut String, name: &str) {
    if !name.is_empty() {
        path.push('.');
        path.push_str(element_name(name));
    }
}

fn member_length(name: &str) -> usize {
    if name.is_empty() {
        0
    } else {
        1 + element_name(name).len()
    }
}

/// Appends the step to an item.
pub(crate) fn push_index(path: &mut String, index: usize) {
    path.push('[');
    match u8::try_from(index) {
        Ok(digit @ 0..10) => path.push(char::from(b'0' + digit)),
        _ => write!(path, "{index}").expect("a String takes every text"),
    }
    path.push(']');
}

fn digits(index: usize) -> usize {
    index.checked_ilog10().map_or(1, |more| more as usize + 1)
}

/// The type that `resource` says it is of, if that looks like a type.
pub(crate) fn resource_type(resource: &Value) -> Option<&str> {
    let name = resource.get("resourceType")?.as_str()?;
    let sound = name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    sound.then_some(name)
}

/// What FHIRPath calls the member that JSON calls `name`: without the mark of a primitive's extensions and without
/// the type of a choice. A name that no element of FHIR can have becomes `?`, because it may be anything.
pub(crate) fn element_name(name: &str) -> &str {
    let name = name.strip_prefix('_').unwrap_or(name);
    if is_choice(name) {
        return "value";
    }
    match name {
        "contentString" | "contentReference" | "contentAttachment" => "content",
        _ if is_sound(name) => name,
        _ => "?",
    }
}

/// Whether `name` is that of a `value[x]`.
fn is_choice(name: &str) -> bool {
    match name.as_bytes() {
        [b'v', b'a', b'l', b'u', b'e', first, ..] => first.is_ascii_uppercase() && name != "valueSet",
        _ => false,
    }
}

fn is_sound(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The places of all leaves of `resource`: everything that is neither an object nor an array nor an empty text.
///
/// Whoever accounts for a whole message compares this with the sources of what was read.
pub fn leaves(resource: &Value) -> Vec<Box<str>> {
    let mut found = Vec::new();
    let mut path = resource_type(resource).unwrap_or("%resource").to_owned();
    each_leaf(resource, &mut path, &mut |path, _| found.push(path.into()));
    found
}

/// Calls `see` with the path and the value of every leaf below `value`, which stands at `path`.
pub(crate) fn each_leaf(value: &Value, path: &mut String, see: &mut dyn FnMut(&str, &Value)) {
    let length = path.len();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                push_member(path, name);
                each_leaf(member, path, see);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                push_index(path, index);
                each_leaf(item, path, see);
                path.truncate(length);
            }
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(_) | Value::Bool(_) | Value::Number(_) => see(path, value),
    }
}

/// Longer than the longest name of an element in FHIR R4.
const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    #[test]
    fn paths_are_fhirpath() {
        let task = json::read(br#"{"resourceType":"Task","input":[{},{"valueUrl":"u","_valueUrl":{"id":"a"}}],"code":{"text":"t"}}"#).unwrap();
        let task = Node::resource(&task, Places::Noted);
        assert_eq!(
            task.member("code").unwrap().member("text").unwrap().expression(),
            "Task.code.text"
        );
        let inputs = task.member("input").unwrap();
        let input = inputs.items().nth(1).unwrap();
        assert_eq!(input.expression(), "Task.input[1]");
        assert_eq!(
            input.member("valueUrl").unwrap().expression(),
            "Task.input[1].value"
        );
        assert_eq!(task.each("input").nth(1).unwrap().expression(), "Task.input[1]");
    }

    #[test]
    fn leaves_are_listed_with_their_places() {
        let task = json::read(
            br#"{"resourceType":"Task","a":[{"b":1,"c":""},true],"_a":null,"Mary Major":{"valueSet":"x"}}"#,
        )
        .unwrap();
        let expected = ["Task.resourceType", "Task.a[0].b", "Task.a[1]", "Task.?.valueSet"];
        assert_eq!(
            leaves(&task).iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
            expected
        );
    }

    #[test]
    fn a_single_element_without_brackets_is_understood() {
        let task = json::read(br#"{"resourceType":"Task","input":{"id":"a"}}"#).unwrap();
        let task = Node::resource(&task, Places::Skipped);
        assert_eq!(
            task.each("input")
                .map(|input| input.expression())
                .collect::<Vec<_>>(),
            ["Task.input"]
        );
        assert_eq!(task.place(), Place::Nowhere);
    }
}
