//! `Parameters`.

use crate::fhir::draft::Draft;
use crate::fhir::element::Choice;
use crate::fhir::element::Meta;
use crate::fhir::element::Valued;
use crate::fhir::element::define::element;
use crate::fhir::kept::Kept;
use crate::fhir::kept::Resource;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;

element! {
    /// What an operation is called with.
    pub struct Parameters as "Parameters" {
        /// The id.
        id: "id" => text,
        /// What it says about itself.
        meta: "meta" => one Meta,
        /// The parameters.
        parameters: "parameter" => many Parameter,
    }
}

/// A parameter: a value, a resource or parts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parameter {
    /// The name.
    pub name: Option<Text>,
    /// The value, if it has one.
    pub value: Valued,
    /// The resource, if it is one.
    pub resource: Option<Resource>,
    /// The parts, if it has any.
    pub parts: Vec<Self>,
    /// Anything else.
    pub kept: Kept,
}

impl Parameter {
    /// A parameter that the rule called `rule` gives its name.
    pub fn named(name: &'static str, rule: &'static str) -> Self {
        Self {
            name: Some(Leaf::fixed(name, rule)),
            ..Self::default()
        }
    }

    /// The same with a value.
    #[must_use]
    pub fn with(mut self, value: Choice) -> Self {
        self.value = Valued::of(value);
        self
    }

    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        node.value().as_object()?;
        let mut it = Self::default();
        for (name, member) in node.members() {
            match name {
                "name" => it.kept.fill(&mut it.name, member.leaf(), name, &member),
                "resource" => it
                    .kept
                    .fill(&mut it.resource, Resource::read(&member), name, &member),
                "part" => it.kept.fill_all(&mut it.parts, name, &member, Self::read),
                _ if it.value.take(name, &member) => {}
                _ => it.kept.keep(name, &member),
            }
        }
        Some(it)
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        draft.leaf("name", self.name.as_ref());
        self.value.write(draft);
        if let Some(resource) = &self.resource {
            draft.object("resource", |draft| resource.write(draft));
        }
        draft.objects("part", &self.parts, |draft, part| part.write(draft));
        self.kept.write(draft, |name| match name {
            "name" => self.name.is_some(),
            "resource" => self.resource.is_some(),
            "part" => !self.parts.is_empty(),
            _ => self.value.is_written(name),
        });
    }
}
