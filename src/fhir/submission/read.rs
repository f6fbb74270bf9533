//! From Parameters of any version to the model.

use serde_json::Value;

use super::Submission;
use super::Submitted;
use crate::fhir::Places;
use crate::fhir::attachment_request::AttachTo;
use crate::fhir::detect::parameters_wire;
use crate::fhir::element::Choice;
use crate::fhir::element::Identifier;
use crate::fhir::leaf::Text;
use crate::fhir::node::Node;
use crate::fhir::resource::parameters::Parameter;
use crate::fhir::resource::parameters::Parameters;
use crate::fhir::version::CdexVersion;
use crate::fhir::version::Wire;

impl Submission {
    /// Reads the Parameters of `$submit-attachment` of CDex 1.0 to 3.0; `None` if `resource` is something else.
    ///
    /// Takes what it can and judges nothing: that is for [`check`](crate::fhir::check::parameters).
    pub fn read(resource: &Value, places: Places) -> Option<Self> {
        let version = match parameters_wire(&Node::resource(resource, places)) {
            Wire::Cdex(version) => version,
            Wire::Pas(_) => CdexVersion::default(),
        };
        Parameters::from_json(resource, places).map(|parameters| Self::of(parameters, version))
    }

    /// The submission that `parameters` make in `version`.
    pub fn of(parameters: Parameters, version: CdexVersion) -> Self {
        let mut submission = Self {
            version,
            id: parameters.id,
            ..Self::default()
        };
        let mut lines = Vec::new();
        for parameter in parameters.parameters {
            submission.take(parameter, &mut lines);
        }
        for attachment in &mut submission.attachments {
            attachment.lines.extend(lines.iter().cloned());
        }
        submission
    }

    /// Takes a parameter; of those of which there may be one, only the first.
    fn take(&mut self, parameter: Parameter, lines: &mut Vec<Text>) {
        let Some(name) = &parameter.name else { return };
        match &**name.disclose() {
            "TrackingId" | "TargetId" => first(&mut self.tracking_id, identifier(parameter)),
            "AdminRefNumber" => first(&mut self.admin_reference, identifier(parameter)),
            "PayerId" => first(&mut self.payer, identifier(parameter)),
            "OrganizationId" => first(&mut self.organization, identifier(parameter)),
            "ProviderId" => first(&mut self.provider, identifier(parameter)),
            "MemberId" => first(&mut self.member_id, identifier(parameter)),
            "ServiceDate" => first(&mut self.service_date, text(parameter)),
            "ItemId" => lines.extend(text(parameter)),
            "Attachment" => self.attachments.push(Submitted::of(parameter)),
            "AttachTo" => {
                let code = text(parameter);
                let purpose = code
                    .and_then(|code| AttachTo::parse(code.disclose()).map(|purpose| code.derive(purpose)));
                first(&mut self.attach_to, purpose);
            }
            "Final" => {
                if let Some(Choice::Boolean(last)) = parameter.value.value {
                    first(&mut self.last, Some(last));
                }
            }
            _ => {}
        }
    }
}

impl Submitted {
    fn of(parameter: Parameter) -> Self {
        // In 1.0 the parameter is the resource itself.
        let mut submitted = Self {
            content: parameter.resource,
            ..Self::default()
        };
        for part in parameter.parts {
            let Some(name) = &part.name else { continue };
            match &**name.disclose() {
                "LineItem" => submitted.lines.extend(text(part)),
                "Content" => first(&mut submitted.content, part.resource),
                "Code" => {
                    if let Some(Choice::CodeableConcept(code)) = part.value.value {
                        first(&mut submitted.code, Some(code));
                    }
                }
                _ => {}
            }
        }
        submitted
    }
}

/// An identifier, or a text that is the value of one.
fn identifier(parameter: Parameter) -> Option<Identifier> {
    match parameter.value.value? {
        Choice::Identifier(identifier) => Some(*identifier),
        other => other.into_text().map(|value| Identifier::of(None, value)),
    }
}

fn text(parameter: Parameter) -> Option<Text> {
    parameter.value.value?.into_text()
}

/// Fills `slot` unless it is filled.
fn first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}
