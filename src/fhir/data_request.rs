//! A request for data as CDex and HRex say it.

use serde_json::Value;

use crate::fhir::Places;
use crate::fhir::attachment_request::enumerated;
use crate::fhir::detect::TaskKind;
use crate::fhir::detect::task_kind;
use crate::fhir::element::Choice;
use crate::fhir::element::Coding;
use crate::fhir::element::Concept;
use crate::fhir::element::Identifier;
use crate::fhir::element::Meta;
use crate::fhir::element::Reference;
use crate::fhir::element::Valued;
use crate::fhir::kept::Resource;
use crate::fhir::leaf::Flag;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;
use crate::fhir::resource::task::Contained;
use crate::fhir::resource::task::Detail;
use crate::fhir::resource::task::Task;
use crate::fhir::term::Spot;
use crate::fhir::term::Term;
use crate::fhir::term::canonical;
use crate::fhir::version::CdexVersion;
use crate::fhir::version::Wire;

/// What a data consumer asks a data source for; the form is the same in every version of CDex that has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DataRequest {
    /// The id that a server gave it.
    pub id: Option<Text>,
    /// Hints for the source's work queues, among other tags.
    pub tags: Vec<Coding>,
    /// The requester's own identifiers.
    pub identifiers: Vec<Identifier>,
    /// What authorizes the request.
    pub based_on: Vec<Reference>,
    /// How far it has come.
    pub status: Option<Text>,
    /// Why it has come no further.
    pub status_reason: Option<Concept>,
    /// How far it has come, in the words of the business.
    pub business_status: Option<Concept>,
    /// Whom it is about.
    pub subject: Option<Reference>,
    /// When it was written.
    pub authored_on: Option<Text>,
    /// When it was changed last.
    pub last_modified: Option<Text>,
    /// Who asks.
    pub requester: Option<Reference>,
    /// Who is asked.
    pub owner: Option<Reference>,
    /// Why.
    pub reason: Option<Concept>,
    /// What the request is about: a claim, a coverage, an authorization.
    pub about: Option<Reference>,
    /// What is asked for.
    pub wish: Option<DataWish>,
    /// Whether a signature is wanted.
    pub signature: Option<Flag>,
    /// The purpose of use.
    pub purpose_of_use: Option<Concept>,
    /// What came of it: data first, answered questionnaires as they come.
    pub outputs: Vec<DataOutput>,
    /// The outputs that the Task contains.
    pub contained: Vec<Resource>,
}

/// What a request for data asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DataWish {
    /// The result of a FHIR query, such as `Condition?patient=1`.
    Query(Text),
    /// Data or documents of a kind, by code or in words.
    Code(Concept),
    /// Answers to a questionnaire.
    Questionnaire {
        /// Which questionnaire.
        canonical: Text,
        /// What people call it.
        display: Option<Text>,
    },
}

/// Something that came of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataOutput {
    /// Whether it answers a questionnaire.
    pub answers: bool,
    /// Where it is; `#id` points at one of the contained resources.
    pub reference: Reference,
}

impl DataRequest {
    /// Reads a Task; `None` if `resource` is no Task that asks for data.
    ///
    /// Takes what it can and judges nothing: that is for [`check`](crate::fhir::check::task).
    pub fn read(resource: &Value, places: Places) -> Option<Self> {
        let kind = task_kind(&Node::resource(resource, places));
        let task = Task::from_json(resource, places)?;
        (kind == TaskKind::DataRequest).then(|| Self::of(task))
    }

    /// The request that `task` makes.
    pub fn of(task: Task) -> Self {
        let mut request = Self {
            id: task.id,
            tags: task.meta.map(|meta| meta.tags).unwrap_or_default(),
            identifiers: task.identifiers,
            based_on: task.based_on,
            status: task.status,
            status_reason: task.status_reason,
            business_status: task.business_status,
            subject: task.subject,
            authored_on: task.authored_on,
            last_modified: task.last_modified,
            requester: task.requester,
            owner: task.owner,
            reason: task.reason_code,
            about: task.reason_reference,
            outputs: task.outputs.into_iter().filter_map(output).collect(),
            contained: task.contained.into_iter().filter_map(contained).collect(),
            ..Self::default()
        };
        for input in task.inputs {
            request.take(input);
        }
        request
    }

    /// Takes an input for what it means; only the first of those of which there may be one.
    fn take(&mut self, input: Detail) {
        let Some(term) = input.kind.as_ref().and_then(|kind| Term::of(kind, Spot::Data)) else {
            return;
        };
        let display = input.value.display().cloned();
        let wish = match (term, input.value.value) {
            (Term::DataQuery, Some(value)) => value.into_text().map(DataWish::Query),
            (Term::DataCode, Some(Choice::CodeableConcept(kind))) => Some(DataWish::Code(kind)),
            (Term::Questionnaire, Some(value)) => value
                .into_text()
                .map(|canonical| DataWish::Questionnaire { canonical, display }),
            (Term::Questionnaire, None) => {
                let canonical = input.kept.text("questionnaire");
                canonical.map(|canonical| DataWish::Questionnaire { canonical, display })
            }
            (Term::SignatureFlag, Some(Choice::Boolean(flag))) => {
                self.signature.get_or_insert(flag);
                None
            }
            (Term::PurposeOfUse, Some(Choice::CodeableConcept(purpose))) => {
                self.purpose_of_use.get_or_insert(enumerated(purpose));
                None
            }
            _ => None,
        };
        self.wish = self.wish.take().or(wish);
    }

    /// The request as a Task of CDex.
    pub fn task(self) -> Task {
        let profiles = vec![Leaf::fixed(canonical::DATA_REQUEST, "cdex.task-profile")];
        let code = self
            .wish
            .as_ref()
            .and_then(|wish| concept(wish.code(), Spot::Code));
        let wish = self.wish.map(|wish| (wish.input(), wish.value()));
        let purpose = self
            .purpose_of_use
            .map(|purpose| (Term::PurposeOfUse, Choice::CodeableConcept(purpose)));
        let flag = self
            .signature
            .map(|flag| (Term::SignatureFlag, Choice::Boolean(flag)));
        let others = purpose
            .into_iter()
            .chain(flag)
            .map(|(term, value)| (term, Valued::of(value)));
        let details = wish.into_iter().chain(others);
        let input = |(term, value)| Detail {
            kind: concept(term, Spot::Data),
            value,
            ..Detail::default()
        };
        Task {
            id: self.id,
            meta: Some(Meta {
                profiles,
                tags: self.tags,
                ..Meta::default()
            }),
            contained: self.contained.into_iter().map(Contained::Other).collect(),
            identifiers: self.identifiers,
            based_on: self.based_on,
            status: self.status,
            status_reason: self.status_reason,
            business_status: self.business_status,
            intent: Some(Leaf::fixed("order", "cdex.task-intent")),
            code,
            subject: self.subject,
            authored_on: self.authored_on,
            last_modified: self.last_modified,
            requester: self.requester,
            owner: self.owner,
            reason_code: self.reason,
            reason_reference: self.about,
            inputs: details.map(input).collect(),
            outputs: self.outputs.into_iter().map(DataOutput::detail).collect(),
            ..Task::default()
        }
    }
}

impl DataWish {
    const fn code(&self) -> Term {
        match self {
            Self::Query(_) => Term::DataRequestQuery,
            Self::Code(_) => Term::DataRequestCode,
            Self::Questionnaire { .. } => Term::DataRequestQuestionnaire,
        }
    }

    const fn input(&self) -> Term {
        match self {
            Self::Query(_) => Term::DataQuery,
            Self::Code(_) => Term::DataCode,
            Self::Questionnaire { .. } => Term::Questionnaire,
        }
    }

    fn value(self) -> Valued {
        match self {
            Self::Query(query) => Valued::of(Choice::String(query)),
            Self::Code(kind) => Valued::of(Choice::CodeableConcept(kind)),
            Self::Questionnaire { canonical, display } => {
                Valued::of(Choice::Canonical(canonical)).shown_as(display)
            }
        }
    }
}

impl DataOutput {
    fn detail(self) -> Detail {
        let term = if self.answers {
            Term::QuestionnaireResponse
        } else {
            Term::DataValue
        };
        let value = Valued::of(Choice::Reference(Box::new(self.reference)));
        Detail {
            kind: concept(term, Spot::Data),
            value,
            ..Detail::default()
        }
    }
}

fn output(detail: Detail) -> Option<DataOutput> {
    let answers = match Term::of(detail.kind.as_ref()?, Spot::Data)? {
        Term::QuestionnaireResponse => true,
        Term::DataValue => false,
        _ => return None,
    };
    match detail.value.value {
        Some(Choice::Reference(reference)) => Some(DataOutput {
            answers,
            reference: *reference,
        }),
        _ => None,
    }
}

fn contained(contained: Contained) -> Option<Resource> {
    match contained {
        Contained::Other(resource) => Some(resource),
        Contained::Patient(_) | Contained::PractitionerRole(_) => None,
    }
}

fn concept(term: Term, spot: Spot) -> Option<Concept> {
    term.concept(spot, Wire::Cdex(CdexVersion::default()), "cdex.data-request")
}
