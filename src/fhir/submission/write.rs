//! From the model to the Parameters of a version of CDex.

use super::Submission;
use super::Submitted;
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
    pub fn parameters(&self, version: CdexVersion) -> Made<Parameters> {
        let mut omitted = Vec::new();
        let parameters = if version == CdexVersion::V1_0 {
            self.oldest(&mut omitted)
        } else {
            self.since_1_1(version, &mut omitted)
        };
        let profiles = vec![Leaf::fixed(
            canonical::SUBMIT_ATTACHMENT.to_owned(),
            "cdex.submit-profile",
        )];
        // The profile came with 2.0; before, the operation alone said what is expected.
        let meta = (version >= CdexVersion::V2_0).then(|| Meta {
            profiles,
            ..Meta::default()
        });
        let it = Parameters {
            id: self.id.clone(),
            meta,
            parameters,
            ..Parameters::default()
        };
        Made { it, omitted }
    }

    fn since_1_1(&self, version: CdexVersion, omitted: &mut Vec<Omission>) -> Vec<Parameter> {
        let tracking = self
            .tracking_id
            .as_ref()
            .and_then(|tracking| tracking_choice(tracking, version, omitted));
        let admin = self.admin_reference.clone().filter(|admin| {
            if version < CdexVersion::V3_0 {
                omit(omitted, "admin-reference", admin.value.as_ref());
            }
            version >= CdexVersion::V3_0
        });
        let attach_to = self.attach_to.as_ref();
        let single = [
            ("TrackingId", tracking),
            ("AdminRefNumber", admin.map(identified)),
            (
                "AttachTo",
                attach_to.map(|purpose| Choice::Code(purpose.derive(purpose.disclose().as_str().to_owned()))),
            ),
            ("PayerId", self.payer.clone().map(identified)),
            ("OrganizationId", self.organization.clone().map(identified)),
            ("ProviderId", self.provider.clone().map(identified)),
            ("MemberId", self.member_id.clone().map(identified)),
            ("ServiceDate", self.service_date.clone().map(Choice::DateTime)),
        ];
        let last = ("Final", self.last.clone().map(Choice::Boolean));
        let attachments = self.attachments.iter().map(Submitted::parameter);
        single
            .into_iter()
            .filter_map(named)
            .chain(attachments)
            .chain(named(last))
            .collect()
    }

    /// The form of 1.0: no tracking id but a target, lines for all attachments together, no parts.
    fn oldest(&self, omitted: &mut Vec<Omission>) -> Vec<Parameter> {
        let target = self
            .tracking_id
            .as_ref()
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
        let attach_to = self.attach_to.as_ref();
        let before = [
            (
                "AttachTo",
                attach_to.map(|purpose| Choice::Code(purpose.derive(purpose.disclose().as_str().to_owned()))),
            ),
            ("TargetId", target),
        ];
        let after = [
            ("OrganizationId", self.organization.clone().map(identified)),
            ("ProviderId", self.provider.clone().map(identified)),
            ("MemberId", self.member_id.clone().map(identified)),
            (
                "ServiceDate",
                self.service_date.as_ref().map(|date| Choice::Date(day(date))),
            ),
        ];
        let lines = self.lines_of_all(omitted);
        let lines = lines
            .into_iter()
            .map(|line| ("ItemId", Some(Choice::String(line))));
        let attachments = self.attachments.iter().map(|attachment| {
            for code in attachment.code.iter().flat_map(|code| &code.codings) {
                omit(omitted, "attachment.code", code.code.as_ref());
            }
            let parameter = Parameter::named("Attachment", RULE);
            Parameter {
                resource: attachment.content.clone(),
                ..parameter
            }
        });
        let attachments: Vec<Parameter> = attachments.collect();
        before
            .into_iter()
            .chain(lines)
            .chain(after)
            .filter_map(named)
            .chain(attachments)
            .collect()
    }

    /// The lines, if they are the same for every attachment; otherwise they cannot be said of all together.
    fn lines_of_all(&self, omitted: &mut Vec<Omission>) -> Vec<Text> {
        let mut attachments = self.attachments.iter().map(|attachment| &attachment.lines);
        let first = attachments.next().cloned().unwrap_or_default();
        if attachments.all(|lines| *lines == first) {
            return first;
        }
        for line in self.attachments.iter().flat_map(|attachment| &attachment.lines) {
            omit(omitted, "attachment.line", Some(line));
        }
        Vec::new()
    }
}

impl Submitted {
    fn parameter(&self) -> Parameter {
        let lines = self
            .lines
            .iter()
            .map(|line| ("LineItem", Some(Choice::String(line.clone()))));
        let code = ("Code", self.code.clone().map(Choice::CodeableConcept));
        let mut parts: Vec<Parameter> = lines.chain([code]).filter_map(named).collect();
        if self.content.is_some() {
            parts.push(Parameter {
                resource: self.content.clone(),
                ..Parameter::named("Content", RULE)
            });
        }
        Parameter {
            parts,
            ..Parameter::named("Attachment", RULE)
        }
    }
}

/// The tracking id, which 1.0 and 1.1 have as text.
fn tracking_choice(
    tracking: &Identifier,
    version: CdexVersion,
    omitted: &mut Vec<Omission>,
) -> Option<Choice> {
    if version >= CdexVersion::V2_0 {
        return Some(identified(tracking.clone()));
    }
    omit(omitted, "tracking-id.system", tracking.system.as_ref());
    tracking.value.clone().map(Choice::String)
}

fn identified(identifier: Identifier) -> Choice {
    Choice::Identifier(Box::new(identifier))
}

fn named((name, value): (&'static str, Option<Choice>)) -> Option<Parameter> {
    value.map(|value| Parameter::named(name, RULE).with(value))
}

/// The day of a date or an instant.
fn day(date: &Text) -> Text {
    date.derive(date.disclose().chars().take(DAY).collect())
}

/// The rule that gives parameters their names.
const RULE: &str = "cdex.parameter-name";
