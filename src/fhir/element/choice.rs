//! `value[x]`: a value that says of which type it is.

use super::Coding;
use super::Concept;
use super::Identifier;
use super::Period;
use super::Reference;
use crate::fhir::draft::Draft;
use crate::fhir::leaf::Flag;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;

/// A value of one of the types that the resources we touch use; others are kept as they are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Choice {
    /// `valueBoolean`
    Boolean(Flag),
    /// `valueCanonical`
    Canonical(Text),
    /// `valueCode`
    Code(Text),
    /// `valueCodeableConcept`
    CodeableConcept(Concept),
    /// `valueCoding`
    Coding(Coding),
    /// `valueDate`
    Date(Text),
    /// `valueDateTime`
    DateTime(Text),
    /// `valueIdentifier`
    Identifier(Box<Identifier>),
    /// `valueInstant`
    Instant(Text),
    /// `valueInteger`, if it is above zero
    Integer(Leaf<u32>),
    /// `valuePeriod`
    Period(Period),
    /// `valuePositiveInt`
    PositiveInt(Leaf<u32>),
    /// `valueReference`
    Reference(Box<Reference>),
    /// `valueString`
    String(Text),
    /// `valueUri`
    Uri(Text),
    /// `valueUrl`
    Url(Text),
}

impl Choice {
    /// The text, whatever textual type it is of.
    pub const fn text(&self) -> Option<&Text> {
        match self {
            Self::Canonical(text)
            | Self::Code(text)
            | Self::Date(text)
            | Self::DateTime(text)
            | Self::Instant(text)
            | Self::String(text)
            | Self::Uri(text)
            | Self::Url(text) => Some(text),
            Self::Boolean(_)
            | Self::CodeableConcept(_)
            | Self::Coding(_)
            | Self::Identifier(_)
            | Self::Integer(_)
            | Self::Period(_)
            | Self::PositiveInt(_)
            | Self::Reference(_) => None,
        }
    }

    /// The text, whatever textual type it is of.
    pub fn into_text(self) -> Option<Text> {
        self.text().cloned()
    }

    /// The number, whatever numeric type it is of.
    pub const fn number(&self) -> Option<&Leaf<u32>> {
        match self {
            Self::Integer(number) | Self::PositiveInt(number) => Some(number),
            Self::Boolean(_)
            | Self::Canonical(_)
            | Self::Code(_)
            | Self::CodeableConcept(_)
            | Self::Coding(_)
            | Self::Date(_)
            | Self::DateTime(_)
            | Self::Identifier(_)
            | Self::Instant(_)
            | Self::Period(_)
            | Self::Reference(_)
            | Self::String(_)
            | Self::Uri(_)
            | Self::Url(_) => None,
        }
    }

    /// Reads the member called `name`, if that is a value of a type we know.
    pub(crate) fn read(name: &str, node: &Node<'_>) -> Option<Self> {
        match name.strip_prefix("value")? {
            "Boolean" => node.flag().map(Self::Boolean),
            "Canonical" => node.leaf().map(Self::Canonical),
            "Code" => node.leaf().map(Self::Code),
            "CodeableConcept" => Concept::read(node).map(Self::CodeableConcept),
            "Coding" => Coding::read(node).map(Self::Coding),
            "Date" => node.leaf().map(Self::Date),
            "DateTime" => node.leaf().map(Self::DateTime),
            "Identifier" => Identifier::read(node).map(Box::new).map(Self::Identifier),
            "Instant" => node.leaf().map(Self::Instant),
            "Integer" => node.ordinal().map(Self::Integer),
            "Period" => Period::read(node).map(Self::Period),
            "PositiveInt" => node.ordinal().map(Self::PositiveInt),
            "Reference" => Reference::read(node).map(Box::new).map(Self::Reference),
            "String" => node.leaf().map(Self::String),
            "Uri" => node.leaf().map(Self::Uri),
            "Url" => node.leaf().map(Self::Url),
            _ => None,
        }
    }

    /// The name of the member in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "valueBoolean",
            Self::Canonical(_) => "valueCanonical",
            Self::Code(_) => "valueCode",
            Self::CodeableConcept(_) => "valueCodeableConcept",
            Self::Coding(_) => "valueCoding",
            Self::Date(_) => "valueDate",
            Self::DateTime(_) => "valueDateTime",
            Self::Identifier(_) => "valueIdentifier",
            Self::Instant(_) => "valueInstant",
            Self::Integer(_) => "valueInteger",
            Self::Period(_) => "valuePeriod",
            Self::PositiveInt(_) => "valuePositiveInt",
            Self::Reference(_) => "valueReference",
            Self::String(_) => "valueString",
            Self::Uri(_) => "valueUri",
            Self::Url(_) => "valueUrl",
        }
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        let name = self.name();
        match self {
            Self::Boolean(flag) => draft.leaf(name, Some(flag)),
            Self::Canonical(text)
            | Self::Code(text)
            | Self::Date(text)
            | Self::DateTime(text)
            | Self::Instant(text)
            | Self::String(text)
            | Self::Uri(text)
            | Self::Url(text) => draft.leaf(name, Some(text)),
            Self::Integer(number) | Self::PositiveInt(number) => draft.leaf(name, Some(number)),
            Self::CodeableConcept(concept) => draft.object(name, |draft| concept.write(draft)),
            Self::Coding(coding) => draft.object(name, |draft| coding.write(draft)),
            Self::Identifier(identifier) => draft.object(name, |draft| identifier.write(draft)),
            Self::Period(period) => draft.object(name, |draft| period.write(draft)),
            Self::Reference(reference) => draft.object(name, |draft| reference.write(draft)),
        }
    }
}
