//! From the model to a Task of a version of CDex.

use super::AttachTo;
use super::AttachmentRequest;
use super::Output;
use super::Wanted;
use super::Wish;
use crate::fhir::element::Choice;
use crate::fhir::element::Coding;
use crate::fhir::element::Concept;
use crate::fhir::element::Extension;
use crate::fhir::element::Identifier;
use crate::fhir::element::Meta;
use crate::fhir::element::Period;
use crate::fhir::element::Reference;
use crate::fhir::element::Valued;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::made::Made;
use crate::fhir::made::Omission;
use crate::fhir::made::Unwritable;
use crate::fhir::made::omit;
use crate::fhir::resource::Patient;
use crate::fhir::resource::PractitionerRole;
use crate::fhir::resource::task::Contained;
use crate::fhir::resource::task::Detail;
use crate::fhir::resource::task::Restriction;
use crate::fhir::resource::task::Task;
use crate::fhir::term::Spot;
use crate::fhir::term::Term;
use crate::fhir::term::canonical;
use crate::fhir::version::CdexVersion;
use crate::fhir::version::Wire;

impl AttachmentRequest {
    /// The request as a Task of `version`.
    ///
    /// What the version fixes is written whether or not it was read; what it has no place for is left out and
    /// listed. Whether everything is there that the profile requires is for [`check`](crate::fhir::check::task).
    ///
    /// # Errors
    /// 1.0.0 has no Task for attachments; no version asks for documents and for answers in one Task.
    pub fn task(self, version: CdexVersion) -> Result<Made<Task>, Unwritable> {
        if version == CdexVersion::V1_0 {
            return Err(Unwritable::NoSuchMessage(version));
        }
        let documents = self.items.iter().any(|item| item.what.is_document());
        let answers = self.items.iter().any(|item| !item.what.is_document());
        if documents && answers {
            return Err(Unwritable::Mixed);
        }
        let code = if answers {
            Term::AttachmentRequestQuestionnaire
        } else {
            Term::AttachmentRequestCode
        };
        let code = code
            .concept(Spot::Code, Wire::Cdex(version), "cdex.task-code")
            .ok_or(Unwritable::NoSuchMessage(version))?;
        let mut writing = Writing {
            version,
            omitted: Vec::new(),
        };
        let it = writing.task(self, code);
        Ok(Made {
            it,
            omitted: writing.omitted,
        })
    }
}

/// A Task in the making.
struct Writing {
    version: CdexVersion,
    omitted: Vec<Omission>,
}

/// A party to the request: its identifier and what people call it.
type Party = (Option<Identifier>, Option<Text>);

impl Writing {
    fn task(&mut self, mut request: AttachmentRequest, code: Concept) -> Task {
        omit(
            &mut self.omitted,
            "patient-reference",
            request.patient_reference.as_ref(),
        );
        let patient = Contained::Patient(Box::new(patient(&mut request)));
        let provider = (request.provider.take(), request.provider_name.take());
        let organization = (request.organization.take(), request.organization_name.take());
        let profiles = vec![Leaf::fixed(canonical::ATTACHMENT_REQUEST, "cdex.task-profile")];
        let mut task = Task {
            meta: Some(Meta {
                profiles,
                ..Meta::default()
            }),
            contained: vec![patient],
            identifiers: self.identifiers(&mut request),
            intent: Some(Leaf::fixed("order", "cdex.task-intent")),
            code: Some(code),
            subject: Some(Reference::fixed("#patient", "cdex.task-for")),
            inputs: self.inputs(&mut request),
            id: request.id,
            status: request.status,
            status_reason: request.status_reason,
            business_status: request.business_status,
            authored_on: request.authored_on,
            last_modified: request.last_modified,
            requester: party((request.payer, request.payer_name)),
            reason_code: request
                .attach_to
                .map(|purpose| reason(&purpose, request.attach_to_text)),
            reason_reference: about(request.claim, request.claim_reference),
            restriction: request.due.map(restriction),
            outputs: request
                .outputs
                .into_iter()
                .filter_map(|output| self.output(output))
                .collect(),
            ..Task::default()
        };
        self.own(&mut task, provider, organization);
        task
    }

    fn inputs(&mut self, request: &mut AttachmentRequest) -> Vec<Detail> {
        let items = std::mem::take(&mut request.items);
        let mut inputs: Vec<Detail> = items.into_iter().filter_map(|item| self.item(item)).collect();
        let simple = [
            (Term::PayerUrl, request.payer_url.take().map(Choice::Url)),
            (Term::ServiceDate, request.service_date.take().map(Choice::Date)),
            (Term::SignatureFlag, request.signature.take().map(Choice::Boolean)),
            (
                Term::PurposeOfUse,
                request.purpose_of_use.take().map(Choice::CodeableConcept),
            ),
            (
                Term::MultipleSubmits,
                request.multiple_submits.take().map(Choice::Boolean),
            ),
        ];
        inputs.extend(
            simple
                .into_iter()
                .filter_map(|(term, value)| self.simple(term, value?)),
        );
        inputs
    }

    fn identifiers(&mut self, request: &mut AttachmentRequest) -> Vec<Identifier> {
        let tracking = request
            .tracking_id
            .take()
            .map(|identifier| typed(identifier, Term::TrackingId));
        let admin = request.admin_reference.take().filter(|identifier| {
            if self.version < CdexVersion::V3_0 {
                omit(&mut self.omitted, "admin-reference", identifier.value.as_ref());
            }
            self.version >= CdexVersion::V3_0
        });
        let admin = admin.map(|identifier| typed(identifier, Term::AdminRefNumber));
        tracking
            .into_iter()
            .chain(admin)
            .chain(std::mem::take(&mut request.other_identifiers))
            .collect()
    }

    /// From 2.0 on the owner is a role that the Task contains; before, it is whoever of the two is known.
    fn own(&mut self, task: &mut Task, provider: Party, organization: Party) {
        if self.version >= CdexVersion::V2_0 {
            let role = PractitionerRole {
                id: Some(Leaf::fixed("practitionerrole", "cdex.practitioner-role-id")),
                practitioner: party(provider),
                organization: party(organization),
                ..PractitionerRole::default()
            };
            task.contained.push(Contained::PractitionerRole(Box::new(role)));
            task.owner = Some(Reference::fixed("#practitionerrole", "cdex.task-owner"));
        } else if provider.0.is_some() {
            let left = organization
                .0
                .as_ref()
                .and_then(|identifier| identifier.value.as_ref());
            omit(&mut self.omitted, "organization", left);
            task.owner = party(provider);
        } else {
            task.owner = party(organization);
        }
    }

    fn simple(&self, term: Term, value: Choice) -> Option<Detail> {
        let kind = term.concept(Spot::Input, Wire::Cdex(self.version), "cdex.input-type")?;
        Some(Detail::of(kind, value))
    }

    /// One thing that is wanted, if the version can ask for it.
    fn item(&mut self, item: Wanted) -> Option<Detail> {
        let (term, value) = match item.what {
            Wish::Document(kind) => (Term::AttachmentsNeeded, Valued::of(Choice::CodeableConcept(kind))),
            Wish::Questionnaire { canonical, display } => (
                Term::QuestionnaireContext,
                Valued::of(Choice::Canonical(canonical)).shown_as(display),
            ),
            Wish::Context(context) => {
                omit(&mut self.omitted, "item.context", Some(&context));
                return None;
            }
        };
        for modifier in &item.modifiers {
            let codes = modifier.codings.iter().filter_map(|coding| coding.code.as_ref());
            self.omitted
                .extend(codes.map(|code| Omission::of("item.modifier", code)));
        }
        let kind = term.concept(Spot::Input, Wire::Cdex(self.version), "cdex.input-type")?;
        let extensions = item
            .lines
            .into_iter()
            .filter_map(|line| self.line(line))
            .collect();
        Some(Detail {
            kind: Some(kind),
            extensions,
            value,
            ..Detail::default()
        })
    }

    fn line(&mut self, line: Leaf<u32>) -> Option<Extension> {
        match self.version {
            CdexVersion::V1_0 | CdexVersion::V1_1 => {
                omit(&mut self.omitted, "item.line", Some(&line));
                None
            }
            CdexVersion::V2_0 => {
                let value = Choice::PositiveInt(line);
                Some(Extension::of(
                    canonical::SERVICE_LINE_NUMBER,
                    value,
                    "cdex.line-number",
                ))
            }
            CdexVersion::V2_1 | CdexVersion::V3_0 => {
                let value = Choice::Integer(line);
                Some(Extension::of(canonical::LINE_NUMBER, value, "cdex.line-number"))
            }
        }
    }

    fn output(&mut self, output: Output) -> Option<Detail> {
        let term = if output.answers {
            Term::QuestionnaireContext
        } else {
            Term::AttachmentsNeeded
        };
        let Some(kind) = term.concept(Spot::Output, Wire::Cdex(self.version), "cdex.output-type") else {
            omit(&mut self.omitted, "output", output.reference.reference.as_ref());
            return None;
        };
        Some(Detail::of(kind, Choice::Reference(Box::new(output.reference))))
    }
}

/// The patient whom the Task contains.
pub(super) fn patient(request: &mut AttachmentRequest) -> Patient {
    let member = request
        .member_id
        .take()
        .map(|identifier| typed(identifier, Term::MemberNumber));
    let account = request
        .patient_account
        .take()
        .map(|identifier| typed(identifier, Term::PatientAccount));
    let others = std::mem::take(&mut request.other_patient_identifiers);
    Patient {
        id: Some(Leaf::fixed("patient", "cdex.patient-id")),
        identifiers: member.into_iter().chain(account).chain(others).collect(),
        names: request.patient_name.take().into_iter().collect(),
        birth_date: request.birth_date.take(),
        ..Patient::default()
    }
}

/// `identifier` with the type that tells it from others, unless it says one itself.
fn typed(mut identifier: Identifier, term: Term) -> Identifier {
    if identifier.kind.is_none() {
        let wire = Wire::Cdex(CdexVersion::default());
        identifier.kind = term.concept(Spot::Identifier, wire, "cdex.identifier-type");
    }
    identifier
}

/// A reference to a party, if anything is known of it.
fn party((identifier, display): Party) -> Option<Reference> {
    let known = identifier.is_some() || display.is_some();
    known.then(|| Reference {
        identifier,
        display,
        ..Reference::default()
    })
}

/// A reference to the claim or authorization, if anything is known of it.
pub(super) fn about(identifier: Option<Identifier>, reference: Option<Text>) -> Option<Reference> {
    let known = identifier.is_some() || reference.is_some();
    known.then(|| Reference {
        reference,
        identifier,
        ..Reference::default()
    })
}

fn reason(purpose: &Leaf<AttachTo>, text: Option<Text>) -> Concept {
    let word: Text = purpose.derive(purpose.disclose().as_str());
    let text = text.or_else(|| Some(word.clone()));
    let system = Some(Leaf::fixed(canonical::CLAIM_USE, "cdex.claim-use"));
    let coding = Coding {
        system,
        code: Some(word),
        ..Coding::default()
    };
    Concept {
        codings: vec![coding],
        text,
        ..Concept::default()
    }
}

pub(super) fn restriction(due: Text) -> Restriction {
    let period = Period {
        end: Some(due),
        ..Period::default()
    };
    Restriction {
        period: Some(period),
        ..Restriction::default()
    }
}
