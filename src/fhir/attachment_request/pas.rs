//! From what PAS says in a response: `ClaimResponse`, `CommunicationRequest` and what they point at.

use serde_json::Value;

use super::AttachTo;
use super::AttachmentRequest;
use super::Wanted;
use super::Wish;
use super::read::lines;
use super::read::term_of;
use super::read::wanted;
use crate::fhir::Places;
use crate::fhir::element::Coding;
use crate::fhir::element::Concept;
use crate::fhir::element::Extension;
use crate::fhir::element::Identifier;
use crate::fhir::element::Reference;
use crate::fhir::kept::Resource;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::resource::Organization;
use crate::fhir::resource::Patient;
use crate::fhir::resource::PractitionerRole;
use crate::fhir::resource::bundle::Bundle;
use crate::fhir::resource::pas::ClaimResponse;
use crate::fhir::resource::pas::CommunicationRequest;
use crate::fhir::term::Term;
use crate::fhir::term::canonical;
use crate::fhir::version::PasVersion;
use crate::fhir::version::Wire;

impl AttachmentRequest {
    /// Reads a response Bundle of PAS, whose first entry is a `ClaimResponse`; `None` if `resource` is none.
    ///
    /// The request has an item for each thing that its communication requests ask for; without any it has no items.
    pub fn read_pas_response(resource: &Value, places: Places) -> Option<Self> {
        let bundle = Bundle::from_json(resource, places)?;
        let response = bundle
            .entries
            .first()?
            .resource
            .as_ref()
            .and_then(ClaimResponse::inside)?;
        let mut request = Self::new(Wire::Pas(PasVersion::V2_2_1));
        let admin = response.items.iter().flat_map(|item| &item.extensions);
        request.admin_reference = admin.chain(&response.extensions).find_map(admin_reference);
        let mut identifiers = response.identifiers.into_iter();
        request.tracking_id = identifiers.next();
        request.other_identifiers = identifiers.collect();
        request.attach_to = response.usage.as_ref().and_then(purpose);
        request.authored_on = response.created;
        request.service_date = response.authorized.and_then(|period| period.start);
        let found = |reference: &Reference| {
            reference
                .reference
                .as_ref()
                .and_then(|target| bundle.resolve(target.disclose()))
        };
        if let Some(insurer) = response.insurer {
            (request.payer, request.payer_name) = organization(&insurer, found(&insurer));
        }
        if let Some(requestor) = response.requestor {
            request.take_requestor(requestor, found);
        }
        if let Some(patient) = response.patient {
            match found(&patient).and_then(Patient::inside) {
                Some(patient) => request.take_pas_patient(patient),
                None => {
                    (request.member_id, request.patient_reference) = (patient.identifier, patient.reference);
                }
            }
        }
        if let Some(claim) = response.request {
            let resolved = found(&claim).and_then(first_identifier);
            (request.claim, request.claim_reference) = (resolved.or(claim.identifier), claim.reference);
        }
        for asked in response.asks {
            if let Some(asked) = found(&asked).and_then(CommunicationRequest::inside) {
                request.take_communication(asked);
            }
        }
        Some(request)
    }

    /// Reads a `CommunicationRequest` of PAS on its own; `None` if `resource` is none.
    ///
    /// It says what is wanted and under which control number; the rest is in the response that it came with.
    pub fn read_communication_request(resource: &Value, places: Places) -> Option<Self> {
        let asked = CommunicationRequest::from_json(resource, places)?;
        let mut request = Self::new(Wire::Pas(PasVersion::V2_2_1));
        request.tracking_id = asked.identifiers.first().cloned();
        request.payer = asked
            .requester
            .as_ref()
            .and_then(|requester| requester.identifier.clone());
        request.take_communication(asked);
        Some(request)
    }

    /// Takes whoever asked for the authorization: an organization, a practitioner, or one for the other.
    fn take_requestor<'b>(
        &mut self,
        requestor: Reference,
        found: impl Fn(&Reference) -> Option<&'b Resource>,
    ) {
        let resource = found(&requestor);
        if let Some(role) = resource.and_then(PractitionerRole::inside) {
            if let Some(of) = role.organization {
                (self.organization, self.organization_name) = organization(&of, found(&of));
            }
            if let Some(by) = role.practitioner {
                let resolved = found(&by).and_then(first_identifier);
                (self.provider, self.provider_name) = (resolved.or(by.identifier), by.display);
            }
            return;
        }
        if resource.and_then(Resource::kind) == Some("Practitioner") {
            let resolved = resource.and_then(first_identifier);
            (self.provider, self.provider_name) = (resolved, requestor.display);
        } else {
            (self.organization, self.organization_name) = organization(&requestor, resource);
        }
    }

    /// Takes a patient whose first identifier is the member number, unless another says that it is.
    fn take_pas_patient(&mut self, mut patient: Patient) {
        let member = patient
            .identifiers
            .iter()
            .position(|identifier| term_of(identifier) == Some(Term::MemberNumber));
        let untyped = patient
            .identifiers
            .iter()
            .position(|identifier| identifier.kind.is_none());
        if member.is_none()
            && let Some(at) = untyped
        {
            self.member_id = Some(patient.identifiers.remove(at));
        }
        self.take_patient(patient);
    }

    /// Takes what a communication request asks for: one item a payload, or the report type alone.
    fn take_communication(&mut self, asked: CommunicationRequest) {
        let report_types: Vec<Coding> = asked
            .categories
            .into_iter()
            .flat_map(|category| category.codings)
            .collect();
        let context = asked
            .identifiers
            .into_iter()
            .next()
            .and_then(|identifier| identifier.value);
        // 2.0.1 has the line on the payload, 2.2.1 on the whole.
        let of = |what: Wish, extensions: Vec<Extension>| -> Wanted {
            let mut item = wanted(what, extensions);
            item.lines.extend(lines(&asked.extensions).cloned());
            item
        };
        let mut items = Vec::new();
        for payload in asked.payloads {
            let Some(code) = payload.content else { continue };
            let what = match &context {
                Some(context) if code.disclose() == QUESTIONNAIRE => Wish::Context(context.clone()),
                _ => Wish::Document(document(code, &report_types)),
            };
            items.push(of(what, payload.extensions));
        }
        if items.is_empty() && !report_types.is_empty() {
            let kind = Concept {
                codings: report_types.clone(),
                ..Concept::default()
            };
            items.push(of(Wish::Document(kind), Vec::new()));
        }
        self.items.extend(items);
    }
}

/// Documents of the kind that the LOINC code says, under the report types beside it.
fn document(code: Text, report_types: &[Coding]) -> Concept {
    let loinc = Coding {
        system: Some(Leaf::fixed(canonical::LOINC.to_owned(), "pas.content-system")),
        code: Some(code),
        ..Coding::default()
    };
    let codings = std::iter::once(loinc)
        .chain(report_types.iter().cloned())
        .collect();
    Concept {
        codings,
        ..Concept::default()
    }
}

fn admin_reference(extension: &Extension) -> Option<Identifier> {
    let value = extension.value.as_ref()?.text()?;
    extension
        .is(canonical::ADMIN_REFERENCE)
        .then(|| Identifier::of(None, value.clone()))
}

fn purpose(code: &Text) -> Option<Leaf<AttachTo>> {
    AttachTo::parse(code.disclose()).map(|purpose| code.derive(purpose))
}

/// The identifier and the name of the organization that `reference` points at.
fn organization(reference: &Reference, resource: Option<&Resource>) -> (Option<Identifier>, Option<Text>) {
    let found = resource.and_then(Organization::inside);
    let name = found.as_ref().and_then(|organization| organization.name.clone());
    let identifier = found.and_then(|organization| organization.identifiers.into_iter().next());
    (
        identifier.or_else(|| reference.identifier.clone()),
        name.or_else(|| reference.display.clone()),
    )
}

/// The first identifier of a resource of any type.
fn first_identifier(resource: &Resource) -> Option<Identifier> {
    resource.with(|node| {
        node.each("identifier")
            .next()
            .and_then(|item| Identifier::read(&item))
    })
}

/// The LOINC code by which a payer asks for its own questionnaire.
const QUESTIONNAIRE: &str = "102089-0";
