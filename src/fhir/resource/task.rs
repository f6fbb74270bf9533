//! `Task`.

use super::Patient;
use super::PractitionerRole;
use crate::fhir::draft::Draft;
use crate::fhir::element::Choice;
use crate::fhir::element::Concept;
use crate::fhir::element::Extension;
use crate::fhir::element::Identifier;
use crate::fhir::element::Meta;
use crate::fhir::element::Period;
use crate::fhir::element::Reference;
use crate::fhir::element::Valued;
use crate::fhir::element::define::element;
use crate::fhir::kept::Kept;
use crate::fhir::kept::Resource;
use crate::fhir::node::Node;

element! {
    /// Work that one party asks of another, in the form in which it stands on the wire.
    pub struct Task as "Task" {
        /// The id that the server gave it.
        id: "id" => text,
        /// What it says about itself.
        meta: "meta" => one Meta,
        /// Resources that exist only within this one.
        contained: "contained" => many Contained,
        /// Business identifiers.
        identifiers: "identifier" => many Identifier,
        /// What authorises the request.
        based_on: "basedOn" => many Reference,
        /// How far the work has come.
        status: "status" => text,
        /// Why it has come no further.
        status_reason: "statusReason" => one Concept,
        /// How far the work has come, in the words of the business.
        business_status: "businessStatus" => one Concept,
        /// What kind of request this is.
        intent: "intent" => text,
        /// What is to be done.
        code: "code" => one Concept,
        /// Whom it is about.
        subject: "for" => one Reference,
        /// When it was written.
        authored_on: "authoredOn" => text,
        /// When it was changed last.
        last_modified: "lastModified" => text,
        /// Who asks.
        requester: "requester" => one Reference,
        /// Who is asked.
        owner: "owner" => one Reference,
        /// Why.
        reason_code: "reasonCode" => one Concept,
        /// What it is about: a claim, an authorisation, a coverage.
        reason_reference: "reasonReference" => one Reference,
        /// Limits on the work.
        restriction: "restriction" => one Restriction,
        /// What is asked for, and how.
        inputs: "input" => many Detail,
        /// What came of it.
        outputs: "output" => many Detail,
    }
}

element! {
    /// Limits on the work.
    pub struct Restriction {
        /// When it is to be done; its end is the due date.
        period: "period" => one Period,
    }
}

/// A resource that is contained in a Task.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Contained {
    /// The person.
    Patient(Box<Patient>),
    /// The provider.
    PractitionerRole(Box<PractitionerRole>),
    /// Something else, such as an output.
    Other(Resource),
}

/// An input or an output of a Task.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Detail {
    /// What it means.
    pub kind: Option<Concept>,
    /// What is said about it, such as line numbers.
    pub extensions: Vec<Extension>,
    /// What it says.
    pub value: Valued,
    /// Anything else.
    pub kept: Kept,
}

impl Contained {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        match node.text_of("resourceType") {
            Some("Patient") => Patient::read(node).map(Box::new).map(Self::Patient),
            Some("PractitionerRole") => PractitionerRole::read(node)
                .map(Box::new)
                .map(Self::PractitionerRole),
            _ => Resource::read(node).map(Self::Other),
        }
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        match self {
            Self::Patient(patient) => patient.write(draft),
            Self::PractitionerRole(role) => role.write(draft),
            Self::Other(resource) => resource.write(draft),
        }
    }
}

impl Detail {
    /// A detail of this kind with this value.
    pub fn of(kind: Concept, value: Choice) -> Self {
        Self {
            kind: Some(kind),
            value: Valued::of(value),
            ..Self::default()
        }
    }

    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        node.value().as_object()?;
        let mut it = Self::default();
        for (name, member) in node.members() {
            match name {
                "type" => it.kept.fill(&mut it.kind, Concept::read(&member), name, &member),
                "extension" => it
                    .kept
                    .fill_all(&mut it.extensions, name, &member, Extension::read),
                _ if it.value.take(name, &member) => {}
                _ => it.kept.keep(name, &member),
            }
        }
        Some(it)
    }

    pub(crate) fn write<'m>(&'m self, draft: &mut Draft<'m>) {
        draft.objects("extension", &self.extensions, |draft, extension| {
            extension.write(draft);
        });
        if let Some(kind) = &self.kind {
            draft.object("type", |draft| kind.write(draft));
        }
        self.value.write(draft);
        self.kept.write(draft, |name| match name {
            "type" => self.kind.is_some(),
            "extension" => !self.extensions.is_empty(),
            _ => self.value.is_written(name),
        });
    }
}

impl Task {
    /// The first contained patient.
    pub fn patient(&self) -> Option<&Patient> {
        self.contained.iter().find_map(|contained| match contained {
            Contained::Patient(patient) => Some(&**patient),
            Contained::PractitionerRole(_) | Contained::Other(_) => None,
        })
    }

    /// The first contained role of a practitioner.
    pub fn practitioner_role(&self) -> Option<&PractitionerRole> {
        self.contained.iter().find_map(|contained| match contained {
            Contained::PractitionerRole(role) => Some(&**role),
            Contained::Patient(_) | Contained::Other(_) => None,
        })
    }
}
