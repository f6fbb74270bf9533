//! The Bundle: what was written, in the order that readers expect.

use super::conversion::Conversion;
use super::conversion::Resource;
use super::json::Writer;
use super::options::Product;
use crate::ccda::n;

impl Conversion<'_> {
    /// The Bundle of all that was written.
    pub(super) fn bundle(&mut self) -> String {
        let product = self.options.product;
        let root = self.tree.root();
        self.begin_statement(root);
        let mut head = Writer::default();
        std::mem::swap(&mut self.w, &mut head);
        let bundle = self.w.open(super::json::Slot::Element);
        self.w.text("resourceType", "Bundle");
        let mark = self.namespace.derive(if product == Product::Document {
            b"Bundle"
        } else {
            b"Bundl2"
        });
        self.w.text("id", mark.letters().as_str());
        self.bundle_meta();
        let identified = root
            .child(n::ID)
            .is_some_and(|id| self.identifier("identifier".into(), id));
        if !identified {
            let object = self.w.open("identifier");
            self.w.text("system", "urn:ietf:rfc:3986");
            self.w.pieces("value", &["urn:uuid:", mark.letters().as_str()]);
            self.w.close(object);
        }
        self.w.text(
            "type",
            if product == Product::Document {
                "document"
            } else {
                "collection"
            },
        );
        let offset = self.document_offset().unwrap_or_default();
        let time = root.child(n::EFFECTIVE_TIME).and_then(|time| self.stamp_of(time));
        if let Some(time) = time {
            self.w.text("timestamp", time.padded(offset).letters().as_str());
        }
        let _ = bundle;
        std::mem::swap(&mut self.w, &mut head);
        let mut out = head.out;
        out.reserve_exact(self.w.out.len() + 64);
        out.push_str(",\"entry\":[");
        let body = &self.w.out;
        let mut first = true;
        let mut push = |resource: &Resource<'_>| {
            let (start, end) = resource.span;
            let Some(text) = body.get(start..end).filter(|text| !text.is_empty()) else {
                return;
            };
            if !first {
                out.push(',');
            }
            first = false;
            out.push_str(text);
        };
        self.resources.iter().for_each(&mut push);
        out.push_str("]}");
        out
    }

    fn bundle_meta(&mut self) {
        let root = self.tree.root();
        let code = root.child(n::CONFIDENTIALITY_CODE);
        let Some(code) = code.filter(|code| code.attribute(n::CODE).is_some()) else {
            return;
        };
        let meta = self.w.open("meta");
        let list = self.w.open_list("security");
        self.coding(super::json::Slot::Element, code);
        self.w.close_list(list);
        self.w.close(meta);
    }
}
