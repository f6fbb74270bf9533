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

/// A Task in the making.
struct Writing<'r> {
    request: &'r AttachmentRequest,
    version: CdexVersion,
    omitted: Vec<Omission>,
}

impl AttachmentRequest {
    /// The request as a Task of `version`.
    ///
    /// What the version fixes is written whether or not it was read; what it has no place for is left out and
    /// listed. Whether everything is there that the profile requires is for [`check`](crate::fhir::check::task).
    ///
    /// # Errors
    /// 1.0.0 has no Task for attachments; no version asks for documents and for answers in one Task.
    pub fn task(&self, version: CdexVersion) -> Result<Made<Task>, Unwritable> {
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
            request: self,
            version,
            omitted: Vec::new(),
        };
        let it = writing.task(code);
        Ok(Made {
            it,
            omitted: writing.omitted,
        })
    }
}

impl Writing<'_> {
    fn task(&mut self, code: Concept) -> Task {
        let request = self.request;
        omit(
            &mut self.omitted,
            "patient-reference",
            request.patient_reference.as_ref(),
        );
        Task {
            id: request.id.clone(),
            meta: Some(Meta {
                profiles: vec![fixed(canonical::ATTACHMENT_REQUEST, "cdex.task-profile")],
                ..Meta::default()
            }),
            identifiers: self.identifiers(),
            status: request.status.clone(),
            status_reason: request.status_reason.clone(),
            business_status: request.business_status.clone(),
            intent: Some(fixed("order", "cdex.task-intent")),
            code: Some(code),
            subject: Some(Reference::fixed("#patient", "cdex.task-for")),
            authored_on: request.authored_on.clone(),
            last_modified: request.last_modified.clone(),
            requester: party(request.payer.as_ref(), request.payer_name.as_ref()),
            owner: self.owner(),
            contained: self.contained(),
            reason_code: request
                .attach_to
                .as_ref()
                .map(|purpose| reason(purpose, request.attach_to_text.as_ref())),
            reason_reference: self.about(),
            restriction: request.due.as_ref().map(restriction),
            inputs: self.inputs(),
            outputs: self.outputs(),
            ..Task::default()
        }
    }

    fn identifiers(&mut self) -> Vec<Identifier> {
        let request = self.request;
        let tracking = request
            .tracking_id
            .as_ref()
            .map(|identifier| typed(identifier, Term::TrackingId));
        let admin = request
            .admin_reference
            .as_ref()
            .map(|identifier| typed(identifier, Term::AdminRefNumber));
        let admin = admin.filter(|identifier| {
            if self.version < CdexVersion::V3_0 {
                omit(&mut self.omitted, "admin-reference", identifier.value.as_ref());
            }
            self.version >= CdexVersion::V3_0
        });
        tracking
            .into_iter()
            .chain(admin)
            .chain(request.other_identifiers.iter().cloned())
            .collect()
    }

    /// From 2.0 on the owner is the contained role; before, it is whoever of the two is known.
    fn owner(&mut self) -> Option<Reference> {
        let request = self.request;
        if self.version >= CdexVersion::V2_0 {
            return Some(Reference::fixed("#practitionerrole", "cdex.task-owner"));
        }
        if request.provider.is_some() {
            let organization = request
                .organization
                .as_ref()
                .and_then(|identifier| identifier.value.as_ref());
            omit(&mut self.omitted, "organization", organization);
            return party(request.provider.as_ref(), request.provider_name.as_ref());
        }
        party(request.organization.as_ref(), request.organization_name.as_ref())
    }

    fn contained(&self) -> Vec<Contained> {
        let request = self.request;
        let member = request
            .member_id
            .as_ref()
            .map(|identifier| typed(identifier, Term::MemberNumber));
        let account = request
            .patient_account
            .as_ref()
            .map(|identifier| typed(identifier, Term::PatientAccount));
        let patient = Patient {
            id: Some(fixed("patient", "cdex.patient-id")),
            identifiers: member
                .into_iter()
                .chain(account)
                .chain(request.other_patient_identifiers.iter().cloned())
                .collect(),
            names: request.patient_name.iter().cloned().collect(),
            birth_date: request.birth_date.clone(),
            ..Patient::default()
        };
        let mut contained = vec![Contained::Patient(Box::new(patient))];
        if self.version >= CdexVersion::V2_0 {
            let role = PractitionerRole {
                id: Some(fixed("practitionerrole", "cdex.practitioner-role-id")),
                practitioner: party(request.provider.as_ref(), request.provider_name.as_ref()),
                organization: party(request.organization.as_ref(), request.organization_name.as_ref()),
                ..PractitionerRole::default()
            };
            contained.push(Contained::PractitionerRole(Box::new(role)));
        }
        contained
    }

    fn about(&self) -> Option<Reference> {
        let (identifier, reference) = (self.request.claim.clone(), self.request.claim_reference.clone());
        let known = identifier.is_some() || reference.is_some();
        known.then(|| Reference {
            reference,
            identifier,
            ..Reference::default()
        })
    }

    fn inputs(&mut self) -> Vec<Detail> {
        let request = self.request;
        let mut inputs: Vec<Detail> = Vec::with_capacity(request.items.len() + 5);
        for item in &request.items {
            inputs.extend(self.item(item));
        }
        let simple = [
            (Term::PayerUrl, request.payer_url.clone().map(Choice::Url)),
            (Term::ServiceDate, request.service_date.clone().map(Choice::Date)),
            (
                Term::SignatureFlag,
                request.signature.clone().map(Choice::Boolean),
            ),
            (
                Term::PurposeOfUse,
                request.purpose_of_use.clone().map(Choice::CodeableConcept),
            ),
            (
                Term::MultipleSubmits,
                request.multiple_submits.clone().map(Choice::Boolean),
            ),
        ];
        for (term, value) in simple {
            let kind = term.concept(Spot::Input, Wire::Cdex(self.version), "cdex.input-type");
            inputs.extend(kind.zip(value).map(|(kind, value)| Detail::of(kind, value)));
        }
        inputs
    }

    /// One thing that is wanted, if the version can ask for it.
    fn item(&mut self, item: &Wanted) -> Option<Detail> {
        let (term, value) = match &item.what {
            Wish::Document(kind) => (
                Term::AttachmentsNeeded,
                Valued::of(Choice::CodeableConcept(kind.clone())),
            ),
            Wish::Questionnaire { canonical, display } => {
                let value = Valued::of(Choice::Canonical(canonical.clone()));
                (Term::QuestionnaireContext, value.shown_as(display.clone()))
            }
            Wish::Context(context) => {
                omit(&mut self.omitted, "item.context", Some(context));
                return None;
            }
        };
        for modifier in &item.modifiers {
            let codes = modifier.codings.iter().filter_map(|coding| coding.code.as_ref());
            self.omitted
                .extend(codes.map(|code| Omission::of("item.modifier", code)));
        }
        let kind = term.concept(Spot::Input, Wire::Cdex(self.version), "cdex.input-type")?;
        let extensions = item.lines.iter().filter_map(|line| self.line(line)).collect();
        Some(Detail {
            kind: Some(kind),
            extensions,
            value,
            ..Detail::default()
        })
    }

    fn line(&mut self, line: &Leaf<u32>) -> Option<Extension> {
        match self.version {
            CdexVersion::V1_0 | CdexVersion::V1_1 => {
                omit(&mut self.omitted, "item.line", Some(line));
                None
            }
            CdexVersion::V2_0 => {
                let value = Choice::PositiveInt(line.clone());
                Some(Extension::of(
                    canonical::SERVICE_LINE_NUMBER,
                    value,
                    "cdex.line-number",
                ))
            }
            CdexVersion::V2_1 | CdexVersion::V3_0 => {
                let value = Choice::Integer(line.clone());
                Some(Extension::of(canonical::LINE_NUMBER, value, "cdex.line-number"))
            }
        }
    }

    fn outputs(&mut self) -> Vec<Detail> {
        let request = self.request;
        request
            .outputs
            .iter()
            .filter_map(|output| self.output(output))
            .collect()
    }

    fn output(&mut self, output: &Output) -> Option<Detail> {
        let term = if output.answers {
            Term::QuestionnaireContext
        } else {
            Term::AttachmentsNeeded
        };
        let Some(kind) = term.concept(Spot::Output, Wire::Cdex(self.version), "cdex.output-type") else {
            omit(&mut self.omitted, "output", output.reference.reference.as_ref());
            return None;
        };
        Some(Detail::of(
            kind,
            Choice::Reference(Box::new(output.reference.clone())),
        ))
    }
}

/// `identifier` with the type that tells it from others, unless it says one itself.
fn typed(identifier: &Identifier, term: Term) -> Identifier {
    let wire = Wire::Cdex(CdexVersion::default());
    let mut identifier = identifier.clone();
    if identifier.kind.is_none() {
        identifier.kind = term.concept(Spot::Identifier, wire, "cdex.identifier-type");
    }
    identifier
}

/// A reference to a party by its identifier and name.
fn party(identifier: Option<&Identifier>, name: Option<&Text>) -> Option<Reference> {
    let known = identifier.is_some() || name.is_some();
    known.then(|| Reference {
        identifier: identifier.cloned(),
        display: name.cloned(),
        ..Reference::default()
    })
}

fn reason(purpose: &Leaf<AttachTo>, text: Option<&Text>) -> Concept {
    let word = purpose.derive(purpose.disclose().as_str().to_owned());
    let coding = Coding {
        system: Some(fixed(canonical::CLAIM_USE, "cdex.claim-use")),
        code: Some(word.clone()),
        ..Coding::default()
    };
    let text = text.cloned().or(Some(word));
    Concept {
        codings: vec![coding],
        text,
        ..Concept::default()
    }
}

fn restriction(due: &Text) -> Restriction {
    let period = Period {
        end: Some(due.clone()),
        ..Period::default()
    };
    Restriction {
        period: Some(period),
        ..Restriction::default()
    }
}

fn fixed(text: &str, rule: &'static str) -> Text {
    Leaf::fixed(text.to_owned(), rule)
}
