//! AD: Address.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;

impl<'t> Conversion<'t> {
    /// Writes an Address; `home` tells whether the party may have a home.
    pub(in crate::translate::ccda) fn address(&mut self, slot: Slot<'_>, node: Node<'t>, home: bool) -> bool {
        self.of(node, |c| c.address_of(slot, node, home))
    }

    fn address_of(&mut self, slot: Slot<'_>, node: Node<'t>, home: bool) -> bool {
        if node.null_flavor().is_some() {
            return false;
        }
        let rules = self.rules;
        let mark = self.w.mark();
        let object = self.w.open(slot);
        let codes = node.attribute(n::USE).unwrap_or_default();
        let usage = codes
            .split_ascii_whitespace()
            .find_map(|code| rules.value("address-use", code))
            .filter(|usage| home || *usage != "home");
        self.w.text("use", usage.unwrap_or_default());
        match codes {
            "PST" => self.w.text("type", "postal"),
            "PHYS" => self.w.text("type", "physical"),
            _ => false,
        };
        let content = self.w.mark();
        self.address_content(node);
        let spoken = self.w.wrote_since(content);
        if let Some(period) = node.child(n::USEABLE_PERIOD) {
            self.period("period".into(), period);
        }
        let written = self.w.close(object);
        if !spoken {
            // A use without an address says nothing.
            self.w.rewind(mark);
        }
        written && spoken
    }

    fn address_content(&mut self, node: Node<'t>) {
        let list = self.w.open_list("line");
        let mut street = String::new();
        for part in node.children() {
            let text = part.text();
            if matches!(
                part.name(),
                n::STREET_ADDRESS_LINE | n::ADDITIONAL_LOCATOR | n::POST_BOX | n::DELIVERY_ADDRESS_LINE
            ) {
                self.w.collapsed(Slot::Element, &text);
            } else if matches!(
                part.name(),
                n::HOUSE_NUMBER | n::STREET_NAME | n::UNIT_ID | n::STREET_NAME_TYPE | n::DIRECTION
            ) {
                if !street.is_empty() {
                    street.push(' ');
                }
                street.push_str(text.trim());
            }
        }
        self.w.collapsed(Slot::Element, &street);
        let mut spoken = self.w.close_list(list);
        for (key, name) in [
            ("city", n::CITY),
            ("district", n::COUNTY),
            ("state", n::STATE),
            ("postalCode", n::POSTAL_CODE),
            ("country", n::COUNTRY),
        ] {
            if let Some(part) = node.child(name) {
                spoken |= self.w.collapsed(key, &part.text());
            }
        }
        if !spoken {
            let own: String = node
                .children()
                .filter(|part| part.is_text())
                .map(Node::own_text)
                .collect();
            self.w.collapsed("text", &own);
        }
    }
}
