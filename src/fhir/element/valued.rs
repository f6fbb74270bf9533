//! A `value[x]` together with the extensions that stand beside it.

use std::borrow::Cow;

use super::Choice;
use super::Extension;
use crate::fhir::draft::Draft;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;

/// A value and what is said about it; in JSON the members `valueX` and `_valueX`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Valued {
    /// The value.
    pub value: Option<Choice>,
    /// Extensions of a primitive value.
    pub extensions: Vec<Extension>,
    /// The member they came in; a value may be missing beside them.
    beside: Option<Box<str>>,
}

impl Valued {
    /// A value about which nothing else is said.
    pub const fn of(value: Choice) -> Self {
        Self {
            value: Some(value),
            extensions: Vec::new(),
            beside: None,
        }
    }

    /// The words in which the sender shows the value, by the extension that FHIR has for that.
    pub fn display(&self) -> Option<&Text> {
        let shown = self.extensions.iter().find(|extension| extension.is(DISPLAY));
        shown
            .and_then(|extension| extension.value.as_ref())
            .and_then(Choice::text)
    }

    /// Says in which words the value is to be shown.
    #[must_use]
    pub fn shown_as(mut self, display: Option<Text>) -> Self {
        self.extensions
            .extend(display.map(|text| Extension::of(DISPLAY, Choice::String(text), "fhir.display")));
        self
    }

    /// Takes the member called `name`, if it is a value or what stands beside one.
    pub(crate) fn take(&mut self, name: &str, node: &Node<'_>) -> bool {
        if name.starts_with("_value") && self.extensions.is_empty() {
            // Only extensions are read; with an id beside them the member is kept whole.
            let alone = node.value().as_object().is_some_and(|members| members.len() == 1);
            let read: Option<Vec<Extension>> = node
                .each("extension")
                .map(|item| Extension::read(&item))
                .collect();
            self.extensions = read.filter(|_| alone).unwrap_or_default();
            self.beside = Some(name.into());
            return !self.extensions.is_empty();
        }
        if self.value.is_some() {
            return false;
        }
        self.value = Choice::read(name, node);
        self.value.is_some()
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        if let Some(value) = &self.value {
            value.write(draft);
        }
        if let Some(beside) = self.beside() {
            draft.object(&beside, |draft| {
                draft.objects("extension", &self.extensions, |draft, extension| {
                    extension.write(draft);
                });
            });
        }
    }

    /// Whether the member that JSON calls `name` is written already.
    pub(crate) fn is_written(&self, name: &str) -> bool {
        let value = self.value.as_ref().is_some_and(|value| value.name() == name);
        value || self.beside().is_some_and(|beside| *beside == *name)
    }

    /// The name of the member for the extensions, if there are any.
    fn beside(&self) -> Option<Cow<'_, str>> {
        let own = self
            .value
            .as_ref()
            .map(|value| Cow::Owned(format!("_{}", value.name())));
        let name = own.or_else(|| self.beside.as_deref().map(Cow::Borrowed));
        name.filter(|_| !self.extensions.is_empty())
    }
}

/// The extension that says how to show a value.
const DISPLAY: &str = "http://hl7.org/fhir/StructureDefinition/display";
