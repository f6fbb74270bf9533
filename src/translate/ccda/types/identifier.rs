//! II: Identifier.

use crate::base::ids::Npi;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::note;

/// The root of identifiers that are URLs.
const URL_ROOT: &str = "2.16.840.1.113883.4.873";
/// The root of national provider identifiers.
pub(in crate::translate::ccda) const NPI_ROOT: &str = "2.16.840.1.113883.4.6";

/// Whether `text` is an OID: arcs of digits with dots between them.
pub(in crate::translate::ccda) fn is_oid(text: &str) -> bool {
    text.len() > 2
        && text.contains('.')
        && text.starts_with(['0', '1', '2'])
        && text.split('.').all(|arc| {
            !arc.is_empty()
                && arc.bytes().all(|byte| byte.is_ascii_digit())
                && (arc == "0" || !arc.starts_with('0'))
        })
}

/// The UUID in `text` in lower case, whatever braces are around it.
pub(in crate::translate::ccda) fn uuid(text: &str) -> Option<String> {
    let text = text.trim_start_matches('{').trim_end_matches('}');
    let sound = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    sound.then(|| text.to_ascii_lowercase())
}

impl<'t> Conversion<'t> {
    /// Writes an Identifier.
    pub(in crate::translate::ccda) fn identifier(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.identifier_of(slot, node))
    }

    fn identifier_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let root = node.attribute(n::ROOT);
        let extension = node.attribute(n::EXTENSION);
        if node.null_flavor().is_some() && extension.is_none() {
            return false;
        }
        if root.is_none() && extension.is_none() {
            return false;
        }
        if is_repeated(node, root, extension) {
            return false;
        }
        let object = self.w.open(slot);
        self.identifier_parts(node, root, extension);
        if self.w.wrote_since(object)
            && let Some(name) = node
                .attribute(n::ASSIGNING_AUTHORITY_NAME)
                .filter(|_| extension.is_some())
        {
            let assigner = self.w.open("assigner");
            self.w.text("display", name);
            self.w.close(assigner);
        }
        self.w.close(object)
    }

    fn identifier_parts(&mut self, node: Node<'t>, root: Option<&str>, extension: Option<&str>) {
        let rules = self.rules;
        let known = root.and_then(|root| rules.tables.identifiers.find(root));
        match (root, extension) {
            (Some(root), Some(extension)) => {
                if root == NPI_ROOT && Npi::parse(extension).is_err() {
                    self.note(note::BAD_NPI, node);
                }
                if let Some(uri) = known {
                    self.w.text("system", uri);
                    self.w.text("value", extension);
                } else if root == URL_ROOT {
                    self.url_identifier(extension);
                } else if is_oid(root) {
                    self.w.pieces("system", &["urn:oid:", root]);
                    self.w.text("value", extension);
                } else if let Some(uuid) = uuid(root) {
                    self.w.pieces("system", &["urn:uuid:", &uuid]);
                    self.w.text("value", extension);
                } else {
                    self.note(note::BAD_ID_ROOT, node);
                    self.absent("_system".into(), "unknown");
                    self.w.pieces("value", &[root, "|", extension]);
                }
            }
            // A system that numbers people says nothing without the number.
            (Some(_), None) if known.is_some() => {}
            (Some(root), None) => {
                if is_oid(root) {
                    self.w.text("system", "urn:ietf:rfc:3986");
                    self.w.pieces("value", &["urn:oid:", root]);
                } else if let Some(uuid) = uuid(root) {
                    self.w.text("system", "urn:ietf:rfc:3986");
                    self.w.pieces("value", &["urn:uuid:", &uuid]);
                } else {
                    self.note(note::BAD_ID_ROOT, node);
                    self.absent("_system".into(), "unknown");
                    self.w.text("value", root);
                }
            }
            (None, Some(extension)) => {
                self.absent("_system".into(), "unknown");
                self.w.text("value", extension);
            }
            (None, None) => {}
        }
    }

    /// An identifier that is an URL or URN: the last part is the value.
    fn url_identifier(&mut self, extension: &str) {
        let cut = if extension.starts_with("urn:") {
            extension.rsplit_once(':')
        } else {
            extension.rsplit_once('/')
        };
        match cut {
            Some((system, value)) if !system.contains(char::is_whitespace) => {
                self.w.text("system", system);
                self.w.text("value", value);
            }
            _ => {
                self.absent("_system".into(), "unknown");
                self.w.text("value", extension);
            }
        }
    }

    /// Writes an identifier of which nothing is known but that a profile wants one.
    pub(in crate::translate::ccda) fn absent_identifier(&mut self) {
        let object = self.w.open(Slot::Element);
        self.absent("_system".into(), "unknown");
        self.absent("_value".into(), "unknown");
        self.w.close(object);
    }
}

/// Whether an element before `node` among its siblings says the same.
fn is_repeated(node: Node<'_>, root: Option<&str>, extension: Option<&str>) -> bool {
    let before = node
        .parent()
        .into_iter()
        .flat_map(|parent| parent.all(node.name()));
    before
        .take_while(|other| *other != node)
        .any(|other| other.attribute(n::ROOT) == root && other.attribute(n::EXTENSION) == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oids_and_uuids_are_told_from_other_text() {
        assert!(is_oid("2.16.840.1.113883.4.6"));
        for text in ["", "2", "2.", "2.x", "3.1", "2.01"] {
            assert!(!is_oid(text), "{text}");
        }
        let upper = "{068F3166-5721-4D69-94ED-8278FF035B8A}";
        assert_eq!(
            uuid(upper).as_deref(),
            Some("068f3166-5721-4d69-94ed-8278ff035b8a")
        );
        assert_eq!(uuid("068F3166"), None);
    }
}
