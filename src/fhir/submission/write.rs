//! From the model to the Parameters of a version of CDex.

use super::Submission;
use super::Submitted;
use crate::fhir::attachment_request::AttachTo;
use crate::fhir::element::Choice;
use crate::fhir::element::Identifier;
use crate::fhir::element::Meta;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::made::Made;
use crate::fhir::made::Omission;
use crate::fhir::made::omit;
use crate::fhir::path::DAY;
use crate::fhir::resource::parameters::Parameter;
use crate::fhir::resource::parameters::Parameters;
use crate::fhir::term::canonical;
use crate::fhir::version::CdexVersion;

impl Submission {
    /// The submission as the Parameters of `version`.
    ///
    /// What the version has no place for is left out and listed. Whether everything is there that the profile requires
    /// is for [`check`](crate::fhir::check::parameters).
    pub fn parameters(mut self, version: CdexVersion) -> Made<Parameters> {
        let mut omitted = Vec::new();
        let profiles = vec![Leaf::fixed(canonical::SUBMIT_ATTACHMENT, "cdex.submit-profile")];
        // The profile came with 2.0; before, the operation alone said what is expected.
        let meta = (version >= CdexVersion::V2_0).then(|| Meta {
            profiles,
            ..Meta::default()
        });
        let id = self.id.take();
        let parameters = if version == CdexVersion::V1_0 {
            self.oldest(&mut omitted)
        } else {
            self.since_1_1(version, &mut omitted)
        };
        Made {
            it: Parameters {
                id,
                meta,
                parameters,
                ..Parameters::default()
            },
            omitted,
        }
    }

    fn since_1_1(self, version: CdexVersion, omitted: &mut Vec<Omission>) -> Vec<Parameter> {
        let admin = self.admin_reference.filter(|admin| {
            if version < CdexVersion::V3_0 {
                omit(omitted, "admin-reference", admin.value.as_ref());
            }
            version >= CdexVersion::V3_0
        });
        let single = [
            (
                "TrackingId",
                self.tracking_id
                    .and_then(|tracking| tracking_choice(tracking, version, omitted)),
            ),
            ("AdminRefNumber", admin.map(identified)),
            ("AttachTo", self.attach_to.as_ref().map(coded)),
            ("PayerId", self.payer.map(identified)),
            ("OrganizationId", self.organization.map(identified)),
            ("ProviderId", self.provider.map(identified)),
            ("MemberId", self.member_id.map(identified)),
            ("ServiceDate", self.service_date.map(Choice::DateTime)),
        ];
        let attachments = self.attachments.into_iter().map(Submitted::parameter);
        let last = named(("Final", self.last.map(Choice::Boolean)));
        single
            .into_iter()
            .filter_map(named)
            .chain(attachments)
            .chain(last)
            .collect()
    }

    /// The form of 1.0: no tracking id but a target, lines for all attachments together, no parts.
    fn oldest(self, omitted: &mut Vec<Omission>) -> Vec<Parameter> {
        let lines = lines_of_all(&self.attachments, omitted);
        let target = self
            .tracking_id
            .and_then(|tracking| tracking_choice(tracking, CdexVersion::V1_0, omitted));
        omit(
            omitted,
            "admin-reference",
            self.admin_reference
                .as_ref()
                .and_then(|admin| admin.value.as_ref()),
        );
        omit(
            omitted,
            "payer",
            self.payer.as_ref().and_then(|payer| payer.value.as_ref()),
        );
        omit(omitted, "last", self.last.as_ref());
        let before = [
            ("AttachTo", self.attach_to.as_ref().map(coded)),
            ("TargetId", target),
        ];
        let lines = lines
            .into_iter()
            .map(|line| ("ItemId", Some(Choice::String(line))));
        let after = [
            ("OrganizationId", self.organization.map(identified)),
            ("ProviderId", self.provider.map(identified)),
            ("MemberId", self.member_id.map(identified)),
            (
                "ServiceDate",
                self.service_date.as_ref().map(day).map(Choice::Date),
            ),
        ];
        let mut parameters: Vec<Parameter> = before
            .into_iter()
            .chain(lines)
            .chain(after)
            .filter_map(named)
            .collect();
        for attachment in self.attachments {
            for coding in attachment.code.iter().flat_map(|code| &code.codings) {
                omit(omitted, "attachment.code", coding.code.as_ref());
            }
            parameters.push(Parameter {
                resource: attachment.content,
                ..Parameter::named("Attachment", RULE)
            });
        }
        parameters
    }
}

impl Submitted {
    fn parameter(self) -> Parameter {
        let lines = self
            .lines
            .into_iter()
            .map(|line| ("LineItem", Some(Choice::String(line))));
        let code = ("Code", self.code.map(Choice::CodeableConcept));
        let mut parts: Vec<Parameter> = lines.chain([code]).filter_map(named).collect();
        if self.content.is_some() {
            parts.push(Parameter {
                resource: self.content,
                ..Parameter::named("Content", RULE)
            });
        }
        Parameter {
            parts,
            ..Parameter::named("Attachment", RULE)
        }
    }
}

/// The lines, if they are the same for every attachment; otherwise they cannot be said of all together.
fn lines_of_all(attachments: &[Submitted], omitted: &mut Vec<Omission>) -> Vec<Text> {
    let mut all = attachments.iter().map(|attachment| &attachment.lines);
    let first = all.next().cloned().unwrap_or_default();
    if all.all(|lines| *lines == first) {
        return first;
    }
    for line in attachments.iter().flat_map(|attachment| &attachment.lines) {
        omit(omitted, "attachment.line", Some(line));
    }
    Vec::new()
}

/// The tracking id, which 1.0 and 1.1 have as text.
fn tracking_choice(
    tracking: Identifier,
    version: CdexVersion,
    omitted: &mut Vec<Omission>,
) -> Option<Choice> {
    if version >= CdexVersion::V2_0 {
        return Some(identified(tracking));
    }
    omit(omitted, "tracking-id.system", tracking.system.as_ref());
    tracking.value.map(Choice::String)
}

fn identified(identifier: Identifier) -> Choice {
    Choice::Identifier(Box::new(identifier))
}

fn named((name, value): (&'static str, Option<Choice>)) -> Option<Parameter> {
    value.map(|value| Parameter::named(name, RULE).with(value))
}

fn coded(purpose: &Leaf<AttachTo>) -> Choice {
    Choice::Code(purpose.derive(purpose.disclose().as_str()))
}

/// The day of a date or an instant.
fn day(date: &Text) -> Text {
    let day: String = date.disclose().chars().take(DAY).collect();
    date.derive(day)
}

/// The rule that gives parameters their names.
const RULE: &str = "cdex.parameter-name";
