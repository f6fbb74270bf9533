//! `Extension`.

use super::Choice;
use crate::fhir::draft::Draft;
use crate::fhir::kept::Kept;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;

/// Something that a guide adds to an element.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extension {
    /// Which guide's which addition.
    pub url: Option<Text>,
    /// Its value, unless it has extensions of its own.
    pub value: Option<Choice>,
    /// Anything else.
    pub kept: Kept,
}

impl Extension {
    /// The extension called `url` with a value, as the rule called `rule` has it.
    pub fn of(url: &'static str, value: Choice, rule: &'static str) -> Self {
        Self {
            url: Some(Leaf::fixed(url, rule)),
            value: Some(value),
            kept: Kept::default(),
        }
    }

    /// Whether this is the extension called `url`.
    pub fn is(&self, url: &str) -> bool {
        self.url.as_ref().is_some_and(|leaf| leaf.disclose() == url)
    }

    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        node.value().as_object()?;
        let mut extension = Self::default();
        let kept = &mut extension.kept;
        for (name, member) in node.members() {
            match name {
                "url" => kept.fill(&mut extension.url, member.leaf(), name, &member),
                _ => match Choice::read(name, &member) {
                    Some(value) if extension.value.is_none() => extension.value = Some(value),
                    Some(_) | None => kept.keep(name, &member),
                },
            }
        }
        Some(extension)
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        draft.leaf("url", self.url.as_ref());
        if let Some(value) = &self.value {
            value.write(draft);
        }
        let value = self.value.as_ref().map(Choice::name);
        self.kept.write(draft, |name| {
            (name == "url" && self.url.is_some()) || value == Some(name)
        });
    }
}
