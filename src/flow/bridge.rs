//! A FHIR message in the version of its receiver, where it came in one that the receiver would not read.

use serde_json::Value;

use crate::fhir::TaskKind;
use crate::fhir::check;
use crate::fhir::json;
use crate::fhir::version::CdexVersion;
use crate::fhir::version::Wire;
use crate::flow::material::Document;
use crate::flow::material::Unfit;
use crate::flow::settings::Agreement;
use crate::translate::revision;

/// A Task or Parameters in the words of the receiver's version; nothing where they are its words already, so that what
/// can go on unchanged does.
///
/// # Errors
/// Says why it cannot be told in that version.
pub(crate) fn bridged(
    document: &Document,
    to: &Agreement,
    answer_url: Option<&str>,
) -> Result<Option<Document>, Unfit> {
    let target = to.fhir.as_ref().and_then(|fhir| CdexVersion::parse(&fhir.cdex));
    let resource = json::read(document.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
    let Some(target) = target.filter(|target| is_other(&resource, *target)) else {
        return Ok(None);
    };
    let revisions = revision::revise(&resource, target, answer_url).map_err(|_| Unfit::NoMapping)?;
    let mut made = revisions.made.into_iter();
    match (made.next(), made.next()) {
        (Some(only), None) => Ok(Some(Document(only.text))),
        // One message that becomes several would need several deliveries.
        _ => Err(Unfit::NoMapping),
    }
}

/// Whether a resource has another form on the wire than the version has.
fn is_other(resource: &Value, target: CdexVersion) -> bool {
    let is_task = resource.get("resourceType").and_then(Value::as_str) == Some("Task");
    let wire = if is_task {
        check::wire_of_task(resource)
    } else {
        check::wire_of_parameters(resource)
    };
    let is_data = is_task && check::kind_of_task(resource) == TaskKind::DataRequest;
    match wire {
        Wire::Pas(_) => true,
        Wire::Cdex(version) => form(version, is_task, is_data) != form(target, is_task, is_data),
    }
}

/// Versions of one form have the same words on the wire.
const fn form(version: CdexVersion, is_task: bool, is_data: bool) -> u8 {
    match version {
        CdexVersion::V1_0 => 0,
        CdexVersion::V1_1 => 1,
        CdexVersion::V2_0 => 2,
        CdexVersion::V2_1 | CdexVersion::V3_0 if is_task && !is_data => 3,
        CdexVersion::V2_1 | CdexVersion::V3_0 => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, target: CdexVersion, other: bool) {
        let resource = json::read(text.as_bytes()).unwrap();
        assert_eq!(is_other(&resource, target), other);
    }

    #[test]
    fn only_what_reads_differently_is_bridged() {
        let task = include_str!("../../tests/data/fhir/attachment-request.json");
        check(task, CdexVersion::V2_1, false);
        check(task, CdexVersion::V3_0, false);
        check(task, CdexVersion::V2_0, true);
        check(
            include_str!("../../tests/data/fhir/attachment-request-2.0.json"),
            CdexVersion::V2_1,
            true,
        );
        let submit = include_str!("../../tests/data/fhir/submit.json");
        check(submit, CdexVersion::V2_0, false);
        check(submit, CdexVersion::V1_1, true);
        let data = include_str!("../../tests/data/fhir/data-request-query.json");
        check(data, CdexVersion::V2_0, false);
    }
}
