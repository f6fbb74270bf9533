//! Contents that a submission names by address: which there are, and what was fetched, put beside its address.
//!
//! Nothing is fetched here. Whoever may dial (GW-16) asks for the addresses, fetches them, and hands the octets in;
//! the submission is then translated as one that brought them along. The address itself has no place in X12.

use serde_json::Value;

use super::base64;

/// The addresses of contents without data, in the order in which they stand.
pub fn addresses(submission: &Value) -> Vec<String> {
    let parameters = members(submission, "parameter");
    let holders =
        parameters.flat_map(|parameter| std::iter::once(parameter).chain(members(parameter, "part")));
    let documents =
        holders.filter_map(|holder| holder.get("resource").filter(|resource| is_document(resource)));
    let contents = documents.flat_map(|document| members(document, "content"));
    let attachments = contents.filter_map(|content| content.get("attachment"));
    let open = attachments.filter(|attachment| attachment.get("data").is_none());
    let addresses = open.filter_map(|attachment| attachment.get("url").and_then(Value::as_str));
    addresses.map(str::to_owned).collect()
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
    let kind =
        |resource: &Value| resource.get("resourceType").and_then(Value::as_str) == Some("DocumentReference");
    let Some(resource) = resource.filter(|resource| kind(resource)) else {
        return;
    };
    for content in list(resource.get_mut("content")) {
        let Some(Value::Object(attachment)) = content.get_mut("attachment") else {
            continue;
        };
        let address = attachment.get("url").and_then(Value::as_str).map(str::to_owned);
        if let (Some(address), None) = (address, attachment.get("data")) {
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
        assert_eq!(addresses(&submission), [ADDRESS]);
        assert_eq!(fill(&mut submission, |_| None), 0);
        assert_eq!(
            fill(&mut submission, |address| (address == ADDRESS)
                .then_some(b"%PDF-1.7 invented")),
            1
        );
        assert!(addresses(&submission).is_empty(), "nothing is left to be fetched");
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
                "content": [{"attachment": {"url": ADDRESS, "data": "AA=="}}]}}]});
        assert!(addresses(&other).is_empty());
        assert_eq!(fill(&mut other, |_| Some(b"x")), 0);
        assert_eq!(fill(&mut Value::Null, |_| Some(b"x")), 0);
    }
}
