//! From the model to Tasks of PAS 2.2.1, by which a provider asks itself for what a review is pended for.

use super::AttachTo;
use super::AttachmentRequest;
use super::Output;
use super::Wanted;
use super::Wish;
use super::write::about;
use super::write::patient;
use super::write::restriction;
use crate::fhir::element::Choice;
use crate::fhir::element::Coding;
use crate::fhir::element::Concept;
use crate::fhir::element::Extension;
use crate::fhir::element::Identifier;
use crate::fhir::element::Meta;
use crate::fhir::element::Reference;
use crate::fhir::element::Valued;
use crate::fhir::leaf::Leaf;
use crate::fhir::made::Made;
use crate::fhir::made::Omission;
use crate::fhir::made::Unwritable;
use crate::fhir::made::omit;
use crate::fhir::resource::task::Contained;
use crate::fhir::resource::task::Detail;
use crate::fhir::resource::task::Task;
use crate::fhir::term::Spot;
use crate::fhir::term::Term;
use crate::fhir::term::canonical;
use crate::fhir::version::PasVersion;
use crate::fhir::version::Wire;

/// The form in which Tasks of PAS are written.
const PAS: Wire = Wire::Pas(PasVersion::V2_2_1);

/// The types of request that PAS keeps apart (ainfo-7), in the order in which their Tasks are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Type {
    /// Documents by LOINC code, or in words.
    Coded,
    /// Documents by report type of X12.
    Report,
    /// Answers to questionnaires.
    Answers,
}

impl AttachmentRequest {
    /// The request as Tasks of PAS 2.2.1: one for each type of request, each wish under one line.
    ///
    /// What PAS has no place for is left out and listed. A wish for no line in particular has none here either; that
    /// PAS wants one is for [`check`](crate::fhir::check::task).
    ///
    /// # Errors
    /// PAS asks for nothing about claims, and for no questionnaire by its address.
    pub fn pas_tasks(mut self) -> Result<Vec<Made<Task>>, Unwritable> {
        let is_claim = |purpose: &Leaf<AttachTo>| *purpose.disclose() == AttachTo::Claim;
        if self.attach_to.as_ref().is_some_and(is_claim) {
            return Err(Unwritable::NoReview);
        }
        let mut omitted = Vec::new();
        let mut wishes = Vec::new();
        for item in std::mem::take(&mut self.items) {
            match Type::of(&item.what) {
                Some(kind) => wishes.extend(inputs(item).map(|input| (kind, input))),
                None => leave(&mut omitted, &item.what),
            }
        }
        let mut tasks = Vec::new();
        for kind in [Type::Coded, Type::Report, Type::Answers] {
            let of_kind = wishes.iter().filter(|(own, _)| *own == kind);
            let inputs: Vec<Detail> = of_kind.map(|(_, input)| input.clone()).collect();
            if !inputs.is_empty() {
                let mut omitted = std::mem::take(&mut omitted);
                let it = task(self.clone(), kind, inputs, &mut omitted);
                tasks.push(Made { it, omitted });
            }
        }
        if tasks.is_empty() {
            return Err(Unwritable::NothingForPas);
        }
        Ok(tasks)
    }
}

impl Type {
    /// The type of a wish; none for one that PAS cannot have.
    fn of(what: &Wish) -> Option<Self> {
        match what {
            Wish::Document(kind) => {
                let is_report = kind.code_of(canonical::PWK01).is_some();
                let is_coded = kind.code_of(canonical::LOINC).is_some();
                Some(if is_report && !is_coded {
                    Self::Report
                } else {
                    Self::Coded
                })
            }
            Wish::Context(_) => Some(Self::Answers),
            Wish::Questionnaire { .. } => None,
        }
    }

    const fn term(self) -> Term {
        match self {
            Self::Coded | Self::Report => Term::AttachmentRequestCode,
            Self::Answers => Term::AttachmentRequestQuestionnaire,
        }
    }
}

/// Lists a wish that PAS cannot have.
fn leave(omitted: &mut Vec<Omission>, what: &Wish) {
    if let Wish::Questionnaire { canonical, display } = what {
        omit(omitted, "item.questionnaire", Some(canonical));
        omit(omitted, "item.questionnaire", display.as_ref());
    }
}

/// A wish as inputs: one for each of its lines, because PAS has exactly one line in each.
fn inputs(item: Wanted) -> impl Iterator<Item = Detail> {
    let (term, value) = match item.what {
        Wish::Document(kind) => (Term::AttachmentsNeeded, Choice::CodeableConcept(kind)),
        Wish::Context(context) => (Term::QuestionnaireContext, Choice::String(context)),
        Wish::Questionnaire { canonical, .. } => (Term::QuestionnaireContext, Choice::Canonical(canonical)),
    };
    let kind = term.concept(Spot::Input, PAS, "pas.input-type");
    let lines: Vec<Option<Leaf<u32>>> = if item.lines.is_empty() {
        vec![None]
    } else {
        item.lines.into_iter().map(Some).collect()
    };
    lines.into_iter().map(move |line| {
        let line = line.map(|line| {
            let value = Choice::PositiveInt(line);
            Extension::of(canonical::SERVICE_LINE_NUMBER, value, "pas.line-number")
        });
        let modifiers = item.modifiers.iter().map(|modifier| {
            let value = Choice::CodeableConcept(modifier.clone());
            Extension::of(canonical::CONTENT_MODIFIER, value, "pas.content-modifier")
        });
        Detail {
            kind: kind.clone(),
            extensions: line.into_iter().chain(modifiers).collect(),
            value: Valued::of(value.clone()),
            ..Detail::default()
        }
    })
}

/// A Task for wishes of one type.
fn task(
    mut request: AttachmentRequest,
    kind: Type,
    wishes: Vec<Detail>,
    omitted: &mut Vec<Omission>,
) -> Task {
    leave_out(&mut request, omitted);
    let provider = request.provider.take().or(request.organization.take());
    let party = provider.map(Reference::to_identifier);
    let url = request.payer_url.take().and_then(|url| {
        let kind = Term::PayerUrl.concept(Spot::Input, PAS, "pas.input-type")?;
        Some(Detail::of(kind, Choice::Url(url)))
    });
    let is_here = request.member_id.is_some() || request.patient_name.is_some();
    let (contained, subject) = if is_here || request.patient_reference.is_none() {
        omit(omitted, "patient-reference", request.patient_reference.as_ref());
        let patient = Contained::Patient(Box::new(patient(&mut request)));
        (vec![patient], Reference::fixed("#patient", "pas.task-for"))
    } else {
        let subject = Reference {
            reference: request.patient_reference.take(),
            ..Reference::default()
        };
        (Vec::new(), subject)
    };
    Task {
        meta: Some(Meta {
            profiles: vec![Leaf::fixed(canonical::PAS_TASK, "pas.task-profile")],
            ..Meta::default()
        }),
        contained,
        identifiers: identifiers(&mut request),
        status: request.status,
        status_reason: request.status_reason,
        business_status: request.business_status,
        intent: Some(Leaf::fixed("order", "pas.task-intent")),
        code: kind.term().concept(Spot::Code, PAS, "pas.task-code"),
        subject: Some(subject),
        authored_on: request.authored_on,
        last_modified: request.last_modified,
        requester: party.clone(),
        owner: party,
        reason_code: Some(Concept::of(reason(request.attach_to.as_ref()))),
        reason_reference: about(request.claim, request.claim_reference),
        restriction: request.due.map(restriction),
        inputs: wishes.into_iter().chain(url).collect(),
        outputs: request.outputs.into_iter().filter_map(output).collect(),
        ..Task::default()
    }
}

/// Lists what a Task of PAS has no place for: who the payer is, and what CDex lets a payer say about the answer.
fn leave_out(request: &mut AttachmentRequest, omitted: &mut Vec<Omission>) {
    let id = |party: &Option<Identifier>| party.as_ref().and_then(|party| party.value.clone());
    omit(omitted, "id", request.id.take().as_ref());
    omit(omitted, "payer", id(&request.payer).as_ref());
    omit(omitted, "payer-name", request.payer_name.as_ref());
    omit(omitted, "provider-name", request.provider_name.as_ref());
    omit(omitted, "organization-name", request.organization_name.as_ref());
    if request.provider.is_some() {
        omit(omitted, "organization", id(&request.organization).as_ref());
    }
    omit(omitted, "attach-to-text", request.attach_to_text.as_ref());
    omit(omitted, "service-date", request.service_date.as_ref());
    omit(omitted, "signature", request.signature.as_ref());
    omit(omitted, "multiple-submits", request.multiple_submits.as_ref());
    let purposes = request.purpose_of_use.iter().flat_map(|purpose| &purpose.codings);
    for coding in purposes {
        omit(omitted, "purpose-of-use", coding.code.as_ref());
    }
}

/// The payer's tracking identifier first, because PAS tells it from others by nothing else.
fn identifiers(request: &mut AttachmentRequest) -> Vec<Identifier> {
    let tracking = request.tracking_id.take();
    let admin = request.admin_reference.take();
    let others = std::mem::take(&mut request.other_identifiers);
    tracking.into_iter().chain(admin).chain(others).collect()
}

/// Why: a prior authorization, which is derived from what the original says it is for.
fn reason(purpose: Option<&Leaf<AttachTo>>) -> Coding {
    let fixed = Term::Preauthorization.code(Spot::Reason, PAS);
    let (system, code) = fixed.unwrap_or((canonical::PAS_TEMP, "priorAuthorization"));
    let mut coding = Coding::fixed(system, code, "pas.task-reason");
    if let Some(purpose) = purpose {
        coding.code = Some(purpose.derive(code));
    }
    coding
}

fn output(output: Output) -> Option<Detail> {
    let term = if output.answers {
        Term::QuestionnaireContext
    } else {
        Term::AttachmentsNeeded
    };
    let kind = term.concept(Spot::Output, PAS, "pas.output-type")?;
    Some(Detail::of(kind, Choice::Reference(Box::new(output.reference))))
}
