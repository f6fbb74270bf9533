//! Contents that a submission names by address: which there are, and what was fetched, put beside its address.
//!
//! Nothing is fetched here. Whoever may dial (GW-16) asks for the addresses, fetches them, and hands the octets in;
//! the submission is then translated as one that brought them along. The address itself has no place in X12.

use std::fmt;

use serde_json::Value;

use super::base64;

/// A content that a submission names by address only, with what it says of it.
#[derive(Clone, Eq, PartialEq)]
pub struct Named {
    /// Where in the submission it stands, as FHIRPath.
    pub place: String,
    /// Where the content is. It may name people, so it is never shown.
    pub address: String,
    /// What it is.
    pub media_type: Option<String>,
    /// How many octets it has.
    pub size: Option<u64>,
    /// Its hash; empty if what was said is no base 64.
    pub hash: Option<Vec<u8>>,
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// The contents without data that an address names, in the order in which they stand.
pub fn named(submission: &Value) -> Vec<Named> {
    let mut found = Vec::new();
    for (number, parameter) in members(submission, "parameter").enumerate() {
        let place = format!("Parameters.parameter[{number}]");
        named_in(parameter, &place, &mut found);
        for (number, part) in members(parameter, "part").enumerate() {
            named_in(part, &format!("{place}.part[{number}]"), &mut found);
        }
    }
    found
}

fn named_in(holder: &Value, place: &str, found: &mut Vec<Named>) {
    let Some(document) = holder.get("resource").filter(|resource| is_document(resource)) else {
        return;
    };
    for (number, content) in members(document, "content").enumerate() {
        let Some(attachment) = content.get("attachment") else {
            continue;
        };
        let text = |member: &str| attachment.get(member).and_then(Value::as_str);
        let Some(address) = text("url").filter(|_| is_open(attachment)) else {
            continue;
        };
        found.push(Named {
            place: format!("{place}.resource.content[{number}].attachment"),
            address: address.to_owned(),
            media_type: text("contentType").map(str::to_owned),
            size: attachment.get("size").and_then(Value::as_u64),
            hash: text("hash").map(|hash| base64::decode(hash.as_bytes()).unwrap_or_default()),
        });
    }
}

/// Whether data are missing; a content of no octets misses none.
fn is_open(attachment: &Value) -> bool {
    let is_empty = attachment.get("size").and_then(Value::as_u64) == Some(0);
    attachment.get("data").is_none() && !is_empty
}

fn is_document(resource: &Value) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some("DocumentReference")
}

/// Puts octets beside the addresses that they were fetched from; says how many contents got theirs.
pub fn fill<'o>(submission: &mut Value, fetched: impl Fn(&str) -> Option<&'o [u8]>) -> usize {
    let mut filled = 0;
    each_open(submission, &mut |address, attachment| {
        let Some(octets) = fetched(address) else { return };
        let mut encoded = Vec::new();
        base64::encode(octets, &mut encoded);
        let encoded = String::from_utf8(encoded).expect("base 64 is ASCII");
        attachment.insert("data".to_owned(), Value::String(encoded));
        filled += 1;
    });
    filled
}

/// Calls `see` with every attachment of a document that has an address and no data.
fn each_open(submission: &mut Value, see: &mut dyn FnMut(&str, &mut serde_json::Map<String, Value>)) {
    let parameters = list(submission.get_mut("parameter"));
    for parameter in parameters {
        each_content(parameter, see);
        for part in list(parameter.get_mut("part")) {
            each_content(part, see);
        }
    }
}

fn each_content(holder: &mut Value, see: &mut dyn FnMut(&str, &mut serde_json::Map<String, Value>)) {
    let resource = holder.get_mut("resource");
    let Some(resource) = resource.filter(|resource| is_document(resource)) else {
        return;
    };
    for content in list(resource.get_mut("content")) {
        let Some(attachment) = content
            .get_mut("attachment")
            .filter(|attachment| is_open(attachment))
        else {
            continue;
        };
        let address = attachment.get("url").and_then(Value::as_str).map(str::to_owned);
        if let (Some(address), Value::Object(attachment)) = (address, attachment) {
            see(&address, attachment);
        }
    }
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn list(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Library;
    use crate::translate::Context;
    use crate::translate::Lineage;
    use crate::translate::LossPlace;
    use crate::translate::Resources;
    use crate::translate::from_fhir;

    const ADDRESS: &str = "https://lake.example/fhir/Binary/1";

    fn submission() -> Value {
        serde_json::json!({"resourceType": "Parameters", "parameter": [
            {"name": "TrackingId", "valueIdentifier": {"value": "ACN-1"}},
            {"name": "AttachTo", "valueCode": "claim"},
            {"name": "PayerId", "valueIdentifier": {"value": "77001"}},
            {"name": "OrganizationId", "valueIdentifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
            {"name": "MemberId", "valueIdentifier": {"value": "M-100"}},
            {"name": "ServiceDate", "valueDateTime": "2026-12-30"},
            {"name": "Attachment", "part": [{"name": "Content", "resource": {"resourceType": "DocumentReference",
                "status": "current", "content": [{"attachment": {"contentType": "application/pdf", "url": ADDRESS}}]}}]}]})
    }

    #[test]
    fn what_was_fetched_goes_into_the_275_and_its_address_is_lost() {
        let mut submission = submission();
        let found = named(&submission);
        assert_eq!(
            found.iter().map(|one| one.address.as_str()).collect::<Vec<_>>(),
            [ADDRESS]
        );
        assert_eq!(fill(&mut submission, |_| None), 0);
        assert_eq!(
            fill(&mut submission, |address| (address == ADDRESS)
                .then_some(b"%PDF-1.7 invented")),
            1
        );
        assert!(named(&submission).is_empty(), "nothing is left to be fetched");
        let text = submission.to_string();
        let documents = [text.as_bytes()];
        let resources = Resources::read(&documents).unwrap();
        let library = Library::built_in().unwrap();
        let context = Context::new()
            .with("date", "20270104")
            .with("claim-number", "CLM-1");
        let program = library.program("275-from-submit").unwrap();
        let translation = from_fhir(program, &resources, &context, Lineage::Kept);
        assert_eq!(translation.missing().count(), 0);
        let transaction = translation.transactions().next().unwrap();
        let lines = transaction.to_lines();
        assert!(lines.contains("BDS*B64*24*JVBERi0xLjcgaW52ZW50ZWQ=~"), "{lines}");
        let losses = translation.losses();
        let address_is_lost = losses.iter().any(|loss| match &loss.place {
            LossPlace::Source(place) => place.short().ends_with("attachment.url"),
            LossPlace::Target(_) => false,
        });
        assert!(address_is_lost, "the address has no place in X12");
    }

    #[test]
    fn what_has_data_or_is_no_document_is_left_alone() {
        let mut other = serde_json::json!({"resourceType": "Parameters", "parameter": [
            {"name": "Attachment", "resource": {"resourceType": "Binary", "url": ADDRESS}},
            {"name": "Attachment", "resource": {"resourceType": "DocumentReference",
                "content": [{"attachment": {"url": ADDRESS, "data": "AA=="}}, {"attachment": {"url": ADDRESS, "size": 0}}]}}]});
        assert!(named(&other).is_empty());
        assert_eq!(fill(&mut other, |_| Some(b"x")), 0);
        assert_eq!(fill(&mut Value::Null, |_| Some(b"x")), 0);
    }

    #[test]
    fn what_is_said_of_a_content_is_read_with_its_place() {
        let submission = serde_json::json!({"resourceType": "Parameters", "parameter": [{"name": "Attachment", "part": [
            {"name": "Code"}, {"name": "Content", "resource": {"resourceType": "DocumentReference", "content": [
                {"attachment": {"data": "AA=="}},
                {"attachment": {"url": "Binary/canary", "contentType": "text/xml", "size": 7, "hash": "AAEC"}},
                {"attachment": {"url": "Binary/2", "hash": "!!"}}]}}]}]});
        let found = named(&submission);
        let place = "Parameters.parameter[0].part[1].resource.content";
        assert_eq!(found[0].place, format!("{place}[1].attachment"));
        assert_eq!(found[0].media_type.as_deref(), Some("text/xml"));
        assert_eq!(
            (found[0].size, found[0].hash.as_deref()),
            (Some(7), Some(&[0, 1, 2][..]))
        );
        assert_eq!((found[1].size, found[1].hash.as_deref()), (None, Some(&[][..])));
        assert!(!format!("{found:?}").contains("canary"));
    }
}
