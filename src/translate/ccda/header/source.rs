//! The DocumentReference of the document itself, which is always kept.

use std::fmt::Write;

use super::CLINICAL_NOTE;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::conversion::Fate;
use crate::translate::ccda::identity::Sha1;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::narrative;
use crate::translate::ccda::options::Product;
use crate::translate::ccda::types::attachment;

/// The formats that IHE and HL7 have codes for.
const FORMATS: &str = "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode";

impl<'t> Conversion<'t> {
    /// The DocumentReference of the document as it came.
    pub(super) fn source_document(&mut self, bytes: &[u8]) {
        let root = self.tree.root();
        self.language(root);
        if let Some(id) = root.child(n::ID) {
            self.identifier("masterIdentifier".into(), id);
        }
        if let Some(id) = root.child(n::SET_ID) {
            let list = self.w.open_list("identifier");
            self.identifier(Slot::Element, id);
            self.w.close_list(list);
        }
        self.w.text("status", "current");
        let status = self.document_status();
        self.w.text("docStatus", status);
        self.document_type(root);
        self.w.raw("category", CLINICAL_NOTE);
        self.refer_to_patient("subject".into());
        if let Some(time) = root.child(n::EFFECTIVE_TIME) {
            self.instant("date".into(), time);
        }
        self.authors(root);
        if let Some(authenticator) = root.child(n::LEGAL_AUTHENTICATOR) {
            self.actor("authenticator".into(), authenticator);
        }
        if let Some(custodian) = root.child(n::CUSTODIAN) {
            self.organization_actor(
                "custodian".into(),
                custodian.child(n::ASSIGNED_CUSTODIAN).unwrap_or(custodian),
            );
        }
        self.relations(root, "target");
        if let Some(code) = root.child(n::CONFIDENTIALITY_CODE) {
            let list = self.w.open_list("securityLabel");
            self.concept(Slot::Element, code);
            self.w.close_list(list);
        }
        self.source_content(root, bytes);
        self.source_context(root);
    }

    fn source_content(&mut self, root: Node<'t>, bytes: &[u8]) {
        let contents = self.w.open_list("content");
        let body = root
            .all(n::COMPONENT)
            .find_map(|body| body.child(n::NON_XML_BODY)?.child(n::TEXT));
        let retained = self.options.product == Product::Attachment;
        if let Some(text) = body.filter(|_| !retained) {
            self.settle(text, Fate::Told);
            let content = self.w.open(Slot::Element);
            self.attachment("attachment".into(), text);
            self.w.close(content);
        }
        let content = self.w.open(Slot::Element);
        let object = self.w.open("attachment");
        self.w.text("contentType", "text/xml");
        if retained {
            let data = self.w.open_text("data");
            attachment::encode(bytes, &mut self.w.out);
            self.w.close_text(data);
            self.w.raw("size", &bytes.len().to_string());
            self.source_hash(bytes);
        } else {
            self.source_url(root);
            self.w.raw("size", &bytes.len().to_string());
        }
        let title = root.child(n::TITLE).map(narrative::plain).unwrap_or_default();
        self.w.text("title", &title);
        self.w.close(object);
        let format = self.w.open("format");
        self.w.text("system", FORMATS);
        let r1 = !root
            .all(n::TEMPLATE_ID)
            .any(|template| template.attribute(n::EXTENSION).is_some());
        let code = match (body.is_some(), r1) {
            (false, false) => "urn:hl7-org:sdwg:ccda-structuredBody:2.1",
            (false, true) => "urn:hl7-org:sdwg:ccda-structuredBody:1.1",
            (true, false) => "urn:hl7-org:sdwg:ccda-nonXMLBody:2.1",
            (true, true) => "urn:hl7-org:sdwg:ccda-nonXMLBody:1.1",
        };
        self.w.text("code", code);
        self.w.close(format);
        self.w.close(content);
        self.w.close_list(contents);
    }

    fn source_hash(&mut self, bytes: &[u8]) {
        let mut digest = Sha1::new();
        digest.update(bytes);
        let hash = self.w.open_text("hash");
        attachment::encode(&digest.finish(), &mut self.w.out);
        self.w.close_text(hash);
    }

    /// The name of the retained document: HL7's own form of an instance identifier as an URI.
    fn source_url(&mut self, root: Node<'t>) {
        let id = root.child(n::ID);
        let part = |name| id.and_then(|id| id.attribute(name)).unwrap_or_default();
        let mut url = format!("urn:hl7ii:{}", part(n::ROOT));
        if !part(n::EXTENSION).is_empty() {
            url.push(':');
        }
        for byte in part(n::EXTENSION).bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
                url.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(url, "%{byte:02X}");
            }
        }
        if url.contains(char::is_whitespace) {
            "urn:hl7ii:unknown".clone_into(&mut url);
        }
        self.w.text("url", &url);
    }

    fn source_context(&mut self, root: Node<'t>) {
        let context = self.w.open("context");
        if let Some(encounter) = self.encounter {
            let list = self.w.open_list("encounter");
            self.refer(Slot::Element, encounter);
            self.w.close_list(list);
        }
        let event = root
            .all(n::DOCUMENTATION_OF)
            .find_map(|of| of.child(n::SERVICE_EVENT));
        if let Some(time) = event.and_then(|event| event.child(n::EFFECTIVE_TIME)) {
            self.period("period".into(), time);
        }
        self.w.close(context);
    }
}
