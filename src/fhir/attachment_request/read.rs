//! From a Task of any version to the model.

use serde_json::Value;

use super::AttachTo;
use super::AttachmentRequest;
use super::Output;
use super::Wanted;
use super::Wish;
use crate::fhir::Places;
use crate::fhir::detect::task_wire;
use crate::fhir::element::Choice;
use crate::fhir::element::Concept;
use crate::fhir::element::Extension;
use crate::fhir::element::Identifier;
use crate::fhir::element::Reference;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;
use crate::fhir::resource::Patient;
use crate::fhir::resource::PractitionerRole;
use crate::fhir::resource::task::Contained;
use crate::fhir::resource::task::Detail;
use crate::fhir::resource::task::Task;
use crate::fhir::term::Spot;
use crate::fhir::term::Term;
use crate::fhir::term::canonical;
use crate::fhir::version::Wire;

impl AttachmentRequest {
    /// Reads a Task of CDex 1.1 to 3.0 or of PAS; `None` if `resource` is no Task.
    ///
    /// Takes what it can and judges nothing: that is for [`check`](crate::fhir::check::task).
    pub fn read(resource: &Value, places: Places) -> Option<Self> {
        let wire = task_wire(&Node::resource(resource, places));
        Task::from_json(resource, places).map(|task| Self::of(task, wire))
    }

    /// The request that `task` makes in the form `wire`.
    pub fn of(task: Task, wire: Wire) -> Self {
        let mut request = Self::new(wire);
        request.take_identifiers(task.identifiers);
        for contained in task.contained {
            match contained {
                Contained::Patient(patient) => request.take_patient(*patient),
                Contained::PractitionerRole(role) => request.take_role(*role),
                Contained::Other(_) => {}
            }
        }
        if let Some(owner) = task.owner
            && request.provider.is_none()
            && request.organization.is_none()
        {
            (request.provider, request.provider_name) = (owner.identifier, owner.display);
        }
        if let Some(payer) = task.requester {
            (request.payer, request.payer_name) = (payer.identifier, payer.display);
        }
        if let Some(about) = task.reason_reference {
            (request.claim, request.claim_reference) = (about.identifier, about.reference);
        }
        request.patient_reference = task.subject.and_then(outside);
        request.attach_to = task.reason_code.as_ref().and_then(attach_to);
        request.attach_to_text = task.reason_code.and_then(|reason| reason.text);
        request.due = task
            .restriction
            .and_then(|restriction| restriction.period)
            .and_then(|period| period.end);
        request.id = task.id;
        request.status = task.status;
        request.status_reason = task.status_reason;
        request.business_status = task.business_status;
        request.authored_on = task.authored_on;
        request.last_modified = task.last_modified;
        for input in task.inputs {
            request.take_input(input);
        }
        request.outputs = task.outputs.into_iter().filter_map(output).collect();
        request
    }

    fn take_identifiers(&mut self, identifiers: Vec<Identifier>) {
        for identifier in identifiers {
            match term_of(&identifier) {
                Some(Term::TrackingId) if self.tracking_id.is_none() => self.tracking_id = Some(identifier),
                Some(Term::AdminRefNumber) if self.admin_reference.is_none() => {
                    self.admin_reference = Some(identifier);
                }
                // PAS gives its one identifier no type.
                None if matches!(self.wire, Wire::Pas(_)) && self.tracking_id.is_none() => {
                    self.tracking_id = Some(identifier);
                }
                _ => self.other_identifiers.push(identifier),
            }
        }
    }

    pub(super) fn take_patient(&mut self, patient: Patient) {
        for identifier in patient.identifiers {
            match term_of(&identifier) {
                Some(Term::MemberNumber) if self.member_id.is_none() => self.member_id = Some(identifier),
                Some(Term::PatientAccount) if self.patient_account.is_none() => {
                    self.patient_account = Some(identifier);
                }
                _ => self.other_patient_identifiers.push(identifier),
            }
        }
        self.patient_name = patient.names.into_iter().next();
        self.birth_date = patient.birth_date;
    }

    fn take_role(&mut self, role: PractitionerRole) {
        if let Some(provider) = role.practitioner {
            (self.provider, self.provider_name) = (provider.identifier, provider.display);
        }
        if let Some(organization) = role.organization {
            (self.organization, self.organization_name) = (organization.identifier, organization.display);
        }
    }

    /// Takes an input for what it means; only the first of those of which there may be one.
    fn take_input(&mut self, input: Detail) {
        let Some(term) = input.kind.as_ref().and_then(|kind| Term::of(kind, Spot::Input)) else {
            return;
        };
        if term == Term::QuestionnaireContext {
            return self.take_questionnaire(input);
        }
        match (term, input.value.value) {
            (Term::AttachmentsNeeded, Some(Choice::CodeableConcept(kind))) => {
                let item = wanted(Wish::Document(kind), input.extensions);
                self.items.push(item);
            }
            (Term::PayerUrl, Some(value)) => first(&mut self.payer_url, value.into_text()),
            (Term::ServiceDate, Some(value)) => first(&mut self.service_date, value.into_text()),
            (Term::SignatureFlag, Some(Choice::Boolean(flag))) => first(&mut self.signature, Some(flag)),
            (Term::MultipleSubmits, Some(Choice::Boolean(flag))) => {
                first(&mut self.multiple_submits, Some(flag));
            }
            (Term::PurposeOfUse, Some(Choice::CodeableConcept(purpose))) => {
                first(&mut self.purpose_of_use, Some(enumerated(purpose)));
            }
            _ => {}
        }
    }

    /// Takes a questionnaire; PAS names a context by a text (2.2.1) or by an identifier (2.0.1).
    fn take_questionnaire(&mut self, input: Detail) {
        let display = input.value.display().cloned();
        let pas = matches!(self.wire, Wire::Pas(_));
        let what = match input.value.value {
            Some(Choice::Identifier(identifier)) => identifier.value.map(Wish::Context),
            Some(Choice::String(context)) if pas => Some(Wish::Context(context)),
            Some(value) => value
                .into_text()
                .map(|canonical| Wish::Questionnaire { canonical, display }),
            // A draft of the guide had the name of the value wrong, and so has whoever copied it.
            None => {
                let canonical = input.kept.text("questionnaire");
                canonical.map(|canonical| Wish::Questionnaire { canonical, display })
            }
        };
        self.items.extend(what.map(|what| wanted(what, input.extensions)));
    }
}

/// What is wanted, for the lines and with the modifiers that its extensions say.
pub(super) fn wanted(what: Wish, extensions: Vec<Extension>) -> Wanted {
    let mut item = Wanted::of(what);
    item.lines = lines(&extensions).cloned().collect();
    for extension in extensions {
        let is_modifier = extension.is(canonical::CONTENT_MODIFIER);
        if let Some(Choice::CodeableConcept(modifier)) = extension.value
            && is_modifier
        {
            item.modifiers.push(modifier);
        }
    }
    item
}

/// The line numbers that extensions of any version say.
pub(super) fn lines(extensions: &[Extension]) -> impl Iterator<Item = &Leaf<u32>> {
    let of_lines = extensions.iter().filter(|extension| {
        extension.is(canonical::LINE_NUMBER) || extension.is(canonical::SERVICE_LINE_NUMBER)
    });
    of_lines.filter_map(|extension| extension.value.as_ref()?.number())
}

/// What kind of identifier `identifier` says it is.
pub(super) fn term_of(identifier: &Identifier) -> Option<Term> {
    identifier
        .kind
        .as_ref()
        .and_then(|kind| Term::of(kind, Spot::Identifier))
}

/// What a reason says attachments are for.
fn attach_to(reason: &Concept) -> Option<Leaf<AttachTo>> {
    reason.codings.iter().find_map(|coding| {
        let purpose = match Term::read(coding, Spot::Reason)? {
            Term::Claim => AttachTo::Claim,
            Term::Preauthorization => AttachTo::Preauthorization,
            _ => return None,
        };
        coding.code.as_ref().map(|code| code.derive(purpose))
    })
}

/// Where a reference points that does not point inside.
fn outside(reference: Reference) -> Option<Text> {
    reference
        .reference
        .filter(|target| !target.disclose().starts_with('#'))
}

fn output(detail: Detail) -> Option<Output> {
    let answers = match Term::of(detail.kind.as_ref()?, Spot::Output)? {
        Term::QuestionnaireContext => true,
        Term::AttachmentsNeeded => false,
        _ => return None,
    };
    match detail.value.value {
        Some(Choice::Reference(reference)) => Some(Output {
            answers,
            reference: *reference,
        }),
        _ => None,
    }
}

/// Fills `slot` unless it is filled.
fn first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// A purpose of use with the endings that the code system has, where a page of the guide has others.
pub(crate) fn enumerated(mut purpose: Concept) -> Concept {
    for coding in &mut purpose.codings {
        if let Some(code) = &coding.code
            && let Some(stem) = code.disclose().strip_suffix("-noa")
        {
            coding.code = Some(code.derive(format!("{stem}-noe")));
        }
    }
    purpose
}
