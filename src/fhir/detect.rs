//! Which profile a resource follows, and in which version.

use super::node::Node;
use super::term::Spot;
use super::term::Term;
use super::term::canonical;
use super::version::CdexVersion;
use super::version::PasVersion;
use super::version::Wire;

/// What a Task asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TaskKind {
    /// Data: `cdex-task-data-request`, or the request of HRex.
    DataRequest,
    /// Attachments: `cdex-task-attachment-request`, or the Task of PAS.
    AttachmentRequest,
    /// Nothing that we know.
    Unknown,
}

/// What the Task at `node` asks for: by its code, else by its profile, else by its inputs.
pub(crate) fn task_kind(node: &Node<'_>) -> TaskKind {
    let mut codes = terms(node, "code", Spot::Code);
    if let Some(term) = codes.next() {
        let attachments = matches!(
            term,
            Term::AttachmentRequestCode | Term::AttachmentRequestQuestionnaire
        );
        return if attachments {
            TaskKind::AttachmentRequest
        } else {
            TaskKind::DataRequest
        };
    }
    let follows = |profile| profiles(node).any(|(url, _)| url == profile);
    if follows(canonical::ATTACHMENT_REQUEST) {
        return TaskKind::AttachmentRequest;
    }
    if follows(canonical::DATA_REQUEST) {
        return TaskKind::DataRequest;
    }
    let asks = |spot, wanted: &[Term]| {
        node.each("input")
            .any(|input| terms(&input, "type", spot).any(|term| wanted.contains(&term)))
    };
    if asks(Spot::Input, &[Term::PayerUrl]) {
        TaskKind::AttachmentRequest
    } else if asks(
        Spot::Data,
        &[Term::DataQuery, Term::DataCode, Term::Questionnaire],
    ) {
        TaskKind::DataRequest
    } else {
        TaskKind::Unknown
    }
}

/// The form of the Task at `node`.
pub(crate) fn task_wire(node: &Node<'_>) -> Wire {
    if task_kind(node) == TaskKind::DataRequest {
        // Its codes are the same in every version.
        return Wire::Cdex(CdexVersion::V2_1);
    }
    if is_pas(node) {
        return Wire::Pas(pas_version(node));
    }
    let named = profiles(node).find_map(|(url, version)| {
        (url == canonical::ATTACHMENT_REQUEST)
            .then(|| CdexVersion::parse(version))
            .flatten()
    });
    Wire::Cdex(named.unwrap_or_else(|| by_words(node)))
}

/// The version of the Parameters at `node`.
pub(crate) fn parameters_wire(node: &Node<'_>) -> Wire {
    let named = |name| {
        node.each("parameter")
            .any(|parameter| parameter.text_of("name") == Some(name))
    };
    let tracking_is_text = node.each("parameter").any(|parameter| {
        parameter.text_of("name") == Some("TrackingId") && parameter.member("valueString").is_some()
    });
    let bare = node.each("parameter").any(|parameter| {
        parameter.text_of("name") == Some("Attachment") && parameter.member("resource").is_some()
    });
    Wire::Cdex(if named("TargetId") || (bare && !named("TrackingId")) {
        CdexVersion::V1_0
    } else if tracking_is_text {
        CdexVersion::V1_1
    } else if named("AdminRefNumber") {
        CdexVersion::V3_0
    } else {
        CdexVersion::V2_1
    })
}

fn is_pas(node: &Node<'_>) -> bool {
    let says = |(url, _): (&str, &str)| url.starts_with(canonical::PAS);
    let reason = node.member("reasonCode");
    let because = reason.is_some_and(|reason| {
        reason
            .each("coding")
            .any(|coding| coding.text_of("system") == Some(canonical::PAS_TEMP))
    });
    because || profiles(node).any(says)
}

fn pas_version(node: &Node<'_>) -> PasVersion {
    let old = node.each("input").any(|input| {
        let named = input.member("type").is_some_and(|kind| {
            kind.each("coding")
                .any(|coding| coding.text_of("code") == Some("questionnaires-needed"))
        });
        named
            || input
                .each("extension")
                .any(|extension| extension.text_of("url") == Some(canonical::LINE_NUMBER))
    });
    if old {
        PasVersion::V2_0_1
    } else {
        PasVersion::V2_2_1
    }
}

/// The version of CDex whose words a request for attachments uses.
fn by_words(node: &Node<'_>) -> CdexVersion {
    let code = node.member("code");
    let systems = |wanted: &str| {
        code.is_some_and(|code| {
            code.each("coding")
                .any(|coding| coding.text_of("system") == Some(wanted))
        })
    };
    let old_url = node.each("input").any(|input| {
        input.member("type").is_some_and(|kind| {
            let old = |coding: Node<'_>| {
                coding.text_of("code") == Some("payer-url")
                    && coding.text_of("system") == Some(canonical::CDEX_TEMP)
            };
            kind.each("coding").any(old)
        })
    });
    if code.is_some_and(|code| {
        code.each("coding")
            .any(|coding| coding.text_of("code") == Some("attachment-request"))
    }) {
        CdexVersion::V1_1
    } else if systems(canonical::CDEX_TEMP) || (old_url && !systems(canonical::PAS_TEMP)) {
        CdexVersion::V2_0
    } else if node
        .each("identifier")
        .any(|item| terms(&item, "type", Spot::Identifier).any(|term| term == Term::AdminRefNumber))
    {
        CdexVersion::V3_0
    } else {
        CdexVersion::V2_1
    }
}

/// What the codes of the concept called `name` mean.
fn terms<'n>(node: &'n Node<'n>, name: &'n str, spot: Spot) -> impl Iterator<Item = Term> {
    let concept = node.value().get(name);
    let codings = concept
        .and_then(|concept| concept.get("coding"))
        .and_then(serde_json::Value::as_array);
    codings.into_iter().flatten().filter_map(move |coding| {
        let text = |name| coding.get(name).and_then(serde_json::Value::as_str);
        Term::find(text("system"), text("code")?, spot)
    })
}

/// The profiles that `node` claims to follow, each with its version or nothing.
fn profiles<'n>(node: &Node<'n>) -> impl Iterator<Item = (&'n str, &'n str)> {
    let profiles = node.value().get("meta").and_then(|meta| meta.get("profile"));
    let profiles = profiles
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten();
    profiles
        .filter_map(serde_json::Value::as_str)
        .map(|profile| profile.split_once('|').unwrap_or((profile, "")))
}
