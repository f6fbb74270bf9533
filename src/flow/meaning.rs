//! What a Task or a submission means for an exchange, whatever wire it came over.
//!
//! X12 is read by way of the Task or the Parameters that it translates to, so that there is one reading of each.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::base::ids::PayerId;
use crate::base::ids::TrackingId;
use crate::exchange::correlation::Day;
use crate::exchange::correlation::Maker;
use crate::exchange::correlation::Names;
use crate::exchange::correlation::Tracking;
use crate::exchange::event::Answer;
use crate::exchange::event::Purpose;
use crate::exchange::event::Submission;
use crate::exchange::ids::Code;
use crate::exchange::ids::ContentDigest;
use crate::exchange::ids::Fingerprint;
use crate::exchange::ids::Item;
use crate::exchange::ids::Line;
use crate::exchange::ids::PartnerName;
use crate::exchange::moment::Moment;
use crate::fhir::TaskKind;
use crate::fhir::check::kind_of_task;
use crate::fhir::member_of;
use crate::flow::calendar;
use crate::flow::dossier::StoredNames;
use crate::flow::fingerprint::FingerprintKey;
use crate::ledger::digest::Hasher;

/// What a request means.
pub(crate) struct Asked {
    pub(crate) names: StoredNames,
    /// What a later translation is told.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) purpose: Purpose,
    pub(crate) wanted: Vec<Item>,
    pub(crate) due: Option<Moment>,
    pub(crate) several: bool,
    pub(crate) digest: ContentDigest,
    pub(crate) payer_url: Option<String>,
}

/// What a submission means.
#[derive(Clone)]
pub(crate) struct Handed {
    pub(crate) names: StoredNames,
    pub(crate) submission: Submission,
    /// `claim` or `preauthorization`.
    pub(crate) purpose: &'static str,
    /// The organisation that submits, or else the provider.
    pub(crate) organization: String,
}

impl Asked {
    /// What a Task means.
    pub(crate) fn of(task: &Value, key: &FingerprintKey) -> Self {
        let preauthorization = codes(task.get("reasonCode")).any(|code| code == "preauthorization");
        let purpose = match kind_of_task(task) {
            TaskKind::DataRequest => Purpose::DocumentQuery,
            _ if preauthorization => Purpose::PriorAuthorization,
            _ => Purpose::Claim,
        };
        let tracking = tracking(task);
        let patient = contained(task, "Patient");
        let member = patient.and_then(|patient| identifier_of(patient, &["MB"]));
        let claim = value_at(task, "/reasonReference/identifier");
        let payer = value_at(task, "/requester/identifier");
        let day = input(task, "service-date").find_map(|input| text(input, "valueDate"));
        let names = StoredNames {
            payer: payer.map(str::to_owned),
            tracking: tracking
                .and_then(|tracking| text(tracking, "value"))
                .map(|number| (number.to_owned(), 'R'))
                .into_iter()
                .collect(),
            admin_reference: identifier_of(task, &["admin-ref-number", "NT"])
                .and_then(|found| text(found, "value"))
                .map(|value| print(key, "claim", value)),
            provider_claim: claim.map(|value| print(key, "claim", value)),
            member: member
                .and_then(|member| text(member, "value"))
                .map(|value| print(key, "member", value)),
            service_day: day.map(|day| day.replace('-', "")),
            ..StoredNames::default()
        };
        Self {
            names,
            variables: variables(task, purpose, tracking, member),
            purpose,
            wanted: wanted(task),
            due: task
                .pointer("/restriction/period/end")
                .and_then(Value::as_str)
                .and_then(calendar::span)
                .map(|(_, after)| Moment::from_millis(after.millis().saturating_sub(1))),
            several: input(task, "multiple-submits-flag")
                .any(|input| input.get("valueBoolean").and_then(Value::as_bool) == Some(true)),
            digest: digest_without(
                task,
                &["id", "meta", "status", "authoredOn", "lastModified", "text"],
            ),
            payer_url: input(task, "payer-url")
                .find_map(|input| text(input, "valueUrl"))
                .map(str::to_owned),
        }
    }
}

impl Handed {
    /// What the Parameters of `$submit-attachment` mean; `solicited` is what the message says of itself.
    pub(crate) fn of(parameters: &Value, solicited: bool, key: &FingerprintKey) -> Self {
        let value = |name: &str| {
            named(parameters, name).find_map(|parameter| {
                let identifier = parameter.get("valueIdentifier");
                identifier
                    .and_then(|identifier| text(identifier, "value"))
                    .or_else(|| text(parameter, "valueString"))
            })
        };
        let code = |name: &str| {
            named(parameters, name).find_map(|parameter| {
                text(parameter, "valueCode").or_else(|| codes(parameter.get("valueCodeableConcept")).next())
            })
        };
        let day = named(parameters, "ServiceDate")
            .find_map(|parameter| text(parameter, "valueDateTime").or_else(|| text(parameter, "valueDate")));
        let last = named(parameters, "Final").find_map(|parameter| parameter.get("valueBoolean")?.as_bool());
        let mut hasher = Hasher::default();
        let mut answers = Vec::new();
        for attachment in named(parameters, "Attachment") {
            hasher.field(attachment.to_string().as_bytes());
            answers.extend(answers_of(attachment, key));
        }
        let maker = if solicited { 'R' } else { '?' };
        let names = StoredNames {
            payer: value("PayerId").map(str::to_owned),
            tracking: value("TrackingId")
                .map(|number| (number.to_owned(), maker))
                .into_iter()
                .collect(),
            admin_reference: value("AdminRefNumber").map(|value| print(key, "claim", value)),
            member: value("MemberId").map(|value| print(key, "member", value)),
            service_day: day.and_then(|day| day.get(..10)).map(|day| day.replace('-', "")),
            ..StoredNames::default()
        };
        Self {
            names,
            submission: Submission {
                digest: ContentDigest::new(*hasher.finish().as_bytes()),
                answers,
                last: last.unwrap_or(true),
                sequence: None,
                solicited,
            },
            purpose: match code("AttachTo") {
                Some("preauthorization") => "preauthorization",
                _ => "claim",
            },
            organization: value("OrganizationId")
                .or_else(|| value("ProviderId"))
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl StoredNames {
    /// The names for [`correlate`](crate::exchange::correlation::correlate); what has no form there is left out.
    pub(crate) fn names(&self, source: PartnerName) -> Names {
        Names {
            payer: self.payer.as_deref().and_then(|payer| PayerId::parse(payer).ok()),
            tracking: self
                .tracking
                .iter()
                .filter_map(|(number, maker)| {
                    Some(Tracking {
                        number: TrackingId::parse(number).ok()?,
                        maker: match maker {
                            'R' => Maker::Requester,
                            'S' => Maker::Source,
                            _ => Maker::Unknown,
                        },
                        system: None,
                    })
                })
                .collect(),
            admin_reference: self.admin_reference.as_deref().and_then(unprint),
            payer_claim: self.payer_claim.as_deref().and_then(unprint),
            provider_claim: self.provider_claim.as_deref().and_then(unprint),
            member: self.member.as_deref().and_then(unprint),
            service_day: self.service_day.as_deref().and_then(Day::parse),
            ..Names::of(source)
        }
    }

    /// The first tracking number.
    pub(crate) fn tracking_number(&self) -> Option<&str> {
        self.tracking.first().map(|(number, _)| number.as_str())
    }
}

/// The purpose as mappings and guides call it.
pub(crate) const fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::PriorAuthorization => "preauthorization",
        Purpose::Claim | Purpose::DocumentQuery => "claim",
    }
}

/// A fingerprint as hexadecimal digits.
pub(crate) fn print(key: &FingerprintKey, kind: &str, value: &str) -> String {
    let fingerprint = key.of(kind, value);
    let (first, second) = fingerprint.as_bytes().split_at(16);
    let half = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u128, |all, byte| all << 8 | u128::from(*byte))
    };
    format!("{:032x}{:032x}", half(first), half(second))
}

fn unprint(text: &str) -> Option<Fingerprint> {
    let mut bytes = [0; 32];
    for (number, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(number * 2..number * 2 + 2)?, 16).ok()?;
    }
    Some(Fingerprint::new(bytes))
}

/// What translations of the answer are told of the request.
fn variables(
    task: &Value,
    purpose: Purpose,
    tracking: Option<&Value>,
    member: Option<&Value>,
) -> BTreeMap<String, String> {
    let claim = match purpose {
        Purpose::PriorAuthorization => "authorization-number",
        Purpose::Claim | Purpose::DocumentQuery => "claim-number",
    };
    let name = contained(task, "Patient").and_then(|patient| patient.pointer("/name/0"));
    let given = |number: &str| {
        name.and_then(|name| name.pointer(&format!("/given/{number}")))
            .and_then(Value::as_str)
    };
    let organization =
        contained(task, "PractitionerRole").and_then(|role| role.pointer("/organization/display"));
    let system = |identifier: Option<&Value>| {
        identifier
            .and_then(|identifier| text(identifier, "system"))
            .map(str::to_owned)
    };
    let known = [
        (
            claim,
            value_at(task, "/reasonReference/identifier").map(str::to_owned),
        ),
        (
            "patient-last",
            name.and_then(|name| text(name, "family")).map(str::to_owned),
        ),
        ("patient-first", given("0").map(str::to_owned)),
        ("patient-middle", given("1").map(str::to_owned)),
        (
            "payer-id",
            value_at(task, "/requester/identifier").map(str::to_owned),
        ),
        (
            "payer-name",
            task.pointer("/requester/display")
                .and_then(Value::as_str)
                .map(str::to_owned),
        ),
        (
            "provider-name",
            organization.and_then(Value::as_str).map(str::to_owned),
        ),
        ("tracking-system", system(tracking)),
        ("member-system", system(member)),
        ("payer-system", system(task.pointer("/requester/identifier"))),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// What a Task asks for: codes and questionnaires, for lines or for the whole.
fn wanted(task: &Value) -> Vec<Item> {
    const KINDS: [&str; 5] = [
        "attachments-needed",
        "data-code",
        "questionnaire-context",
        "questionnaire",
        "questionnaires-needed",
    ];
    let mut items = Vec::new();
    for input in list(task, "input") {
        if !codes(input.get("type")).any(|code| KINDS.contains(&code)) {
            continue;
        }
        let said = codes(input.get("valueCodeableConcept"))
            .next()
            .or_else(|| text(input, "valueCanonical"))
            .or_else(|| text(input, "valueString"));
        let Some(code) = said.and_then(|code| Code::parse(code).ok()) else {
            continue;
        };
        let lines: Vec<Line> = list(input, "extension")
            .filter(|extension| text(extension, "url").is_some_and(|url| url.ends_with("LineNumber")))
            .filter_map(|extension| {
                let number = extension
                    .get("valueInteger")
                    .or_else(|| extension.get("valuePositiveInt"))?;
                u32::try_from(number.as_u64()?).ok().map(Line::Number)
            })
            .collect();
        if lines.is_empty() {
            items.push(Item::new(Line::Whole, code));
        } else {
            items.extend(lines.into_iter().map(|line| Item::new(line, code.clone())));
        }
    }
    items
}

/// What one attachment of a submission says it answers.
fn answers_of(attachment: &Value, key: &FingerprintKey) -> Vec<Answer> {
    let parts =
        |name: &'static str| list(attachment, "part").filter(move |part| text(part, "name") == Some(name));
    let own = parts("Code").find_map(|part| codes(part.get("valueCodeableConcept")).next());
    let of_content = || parts("Content").find_map(|part| codes(part.pointer("/resource/type")).next());
    let code = own.or_else(of_content).and_then(|code| Code::parse(code).ok());
    let mut lines: Vec<Line> = parts("LineItem")
        .filter_map(|part| text(part, "valueString"))
        .map(|line| match line.parse() {
            Ok(number) => Line::Number(number),
            Err(_) => Line::Control(key.of("line", line)),
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::Whole);
    }
    let answer = |line| Answer {
        line,
        code: code.clone(),
    };
    lines.into_iter().map(answer).collect()
}

/// The tracking identifier of a Task: the one that says so, or the first.
fn tracking(task: &Value) -> Option<&Value> {
    identifier_of(task, &["tracking-id"]).or_else(|| list(task, "identifier").next())
}

fn identifier_of<'v>(resource: &'v Value, kinds: &[&str]) -> Option<&'v Value> {
    list(resource, "identifier")
        .find(|identifier| codes(identifier.get("type")).any(|code| kinds.contains(&code)))
}

fn contained<'v>(task: &'v Value, kind: &str) -> Option<&'v Value> {
    list(task, "contained").find(|resource| text(resource, "resourceType") == Some(kind))
}

fn input<'v>(task: &'v Value, kind: &'static str) -> impl Iterator<Item = &'v Value> {
    list(task, "input").filter(move |input| codes(input.get("type")).any(|code| code == kind))
}

pub(crate) fn named<'v>(parameters: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    list(parameters, "parameter").filter(move |parameter| text(parameter, "name") == Some(name))
}

fn value_at<'v>(resource: &'v Value, pointer: &str) -> Option<&'v str> {
    text(resource.pointer(pointer)?, "value")
}

/// The codes of a concept.
pub(crate) fn codes(concept: Option<&Value>) -> impl Iterator<Item = &str> {
    concept
        .into_iter()
        .flat_map(|concept| list(concept, "coding"))
        .filter_map(|coding| text(coding, "code"))
}

/// A member that is text.
pub(crate) fn text<'v>(object: &'v Value, member: &str) -> Option<&'v str> {
    member_of(object, member)?.as_str()
}

/// The items of a member that is a list.
pub(crate) fn list<'v>(object: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    member_of(object, member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn digest_without(resource: &Value, members: &[&str]) -> ContentDigest {
    let mut hasher = Hasher::default();
    for (name, member) in resource.as_object().into_iter().flatten() {
        if !members.contains(&name.as_str()) {
            hasher.field(name.as_bytes());
            hasher.field(member.to_string().as_bytes());
        }
    }
    ContentDigest::new(*hasher.finish().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> FingerprintKey {
        FingerprintKey::new(&[7; 32])
    }

    #[test]
    fn a_task_is_read() {
        let task: Value =
            serde_json::from_str(include_str!("../../tests/data/fhir/attachment-request.json")).unwrap();
        let asked = Asked::of(&task, &key());
        assert_eq!(asked.purpose, Purpose::Claim);
        assert_eq!(asked.names.tracking_number(), Some("ACN-1"));
        assert_eq!(asked.names.payer.as_deref(), Some("PAYER01"));
        assert_eq!(asked.names.service_day.as_deref(), Some("20261001"));
        assert_eq!(asked.wanted.len(), 3);
        assert!(asked.several);
        assert_eq!(calendar::instant(asked.due.unwrap()), "2026-12-20T23:59:59.999Z");
        assert_eq!(asked.variables["claim-number"], "CLM-9");
        assert_eq!(asked.variables["patient-last"], "Example");
        assert!(asked.payer_url.unwrap().ends_with("$submit-attachment"));
        let again = Asked::of(&task, &key());
        assert_eq!(again.digest, asked.digest);
    }

    #[test]
    fn a_submission_is_read() {
        let parameters: Value =
            serde_json::from_str(include_str!("../../tests/data/fhir/submit.json")).unwrap();
        let handed = Handed::of(&parameters, false, &key());
        assert_eq!(handed.names.tracking_number(), Some("ACN-1"));
        assert_eq!(handed.organization, "1999999992");
        assert_eq!(handed.purpose, "claim");
        assert!(!handed.submission.last);
        let lines: Vec<Line> = handed
            .submission
            .answers
            .iter()
            .map(|answer| answer.line)
            .collect();
        assert_eq!(lines[..3], [Line::Number(1), Line::Number(2), Line::Whole]);
        let name = PartnerName::parse("clinic").unwrap();
        let task: Value =
            serde_json::from_str(include_str!("../../tests/data/fhir/attachment-request.json")).unwrap();
        let asked = Asked::of(&task, &key());
        assert_eq!(
            asked.names.names(name.clone()).member,
            handed.names.names(name).member
        );
    }
}
