//! `Bundle`.

use serde_json::Value;

use crate::fhir::element::Identifier;
use crate::fhir::element::define::element;
use crate::fhir::kept::Resource;

element! {
    /// Several resources in one message: a document, search results, a history.
    pub struct Bundle as "Bundle" {
        /// The id.
        id: "id" => text,
        /// The identifier that stays when the bundle moves.
        identifier: "identifier" => one Identifier,
        /// What the bundle is for, such as `document`.
        kind: "type" => text,
        /// When it was put together.
        timestamp: "timestamp" => text,
        /// The resources, each with its address.
        entries: "entry" => many Entry,
        /// The signature over the bundle, as it came.
        signature: "signature" => one Resource,
    }
}

element! {
    /// One resource of a bundle.
    pub struct Entry {
        /// The absolute address.
        full_url: "fullUrl" => text,
        /// The resource as it came.
        resource: "resource" => one Resource,
    }
}

impl Bundle {
    /// The resource that `reference` points at, if it is in this bundle: an absolute reference is the address of an
    /// entry, a relative one is its type and id.
    pub fn resolve(&self, reference: &str) -> Option<&Resource> {
        self.entries
            .iter()
            .find(|entry| entry.answers_to(reference))
            .and_then(|entry| entry.resource.as_ref())
    }
}

impl Entry {
    fn answers_to(&self, reference: &str) -> bool {
        let url = self.full_url.as_ref().map_or("", |url| url.disclose());
        if reference.contains(':') {
            return url == reference;
        }
        let Some((kind, id)) = reference.split_once('/') else {
            return false;
        };
        let Some(resource) = &self.resource else {
            return false;
        };
        let own = resource.disclose().get("id").and_then(Value::as_str) == Some(id);
        let addressed = url
            .strip_suffix(reference)
            .is_some_and(|base| base.ends_with('/'));
        resource.kind() == Some(kind) && (own || addressed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::Places;
    use crate::fhir::json;

    #[test]
    fn references_are_resolved_within_the_bundle() {
        let text = br#"{"resourceType":"Bundle","type":"collection","entry":[
            {"fullUrl":"http://a.example/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
            {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Claim","id":"2"}}]}"#;
        let bundle = Bundle::from_json(&json::read(text).unwrap(), Places::Noted).unwrap();
        let found = |reference| bundle.resolve(reference).and_then(Resource::kind);
        assert_eq!(found("Patient/1"), Some("Patient"));
        assert_eq!(found("http://a.example/fhir/Patient/1"), Some("Patient"));
        assert_eq!(found("http://b.example/fhir/Patient/1"), None);
        assert_eq!(found("urn:uuid:2"), Some("Claim"));
        assert_eq!(found("Claim/2"), Some("Claim"));
        assert_eq!(found("Claim/1"), None);
        assert_eq!(found("#1"), None);
    }
}
