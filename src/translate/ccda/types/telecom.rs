//! TEL: `ContactPoint`.

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;

impl<'t> Conversion<'t> {
    /// Writes a `ContactPoint`; `home` tells whether the party may have a home.
    pub(in crate::translate::ccda) fn telecom(&mut self, slot: Slot<'_>, node: Node<'t>, home: bool) -> bool {
        self.of(node, |c| c.telecom_of(slot, node, home))
    }

    fn telecom_of(&mut self, slot: Slot<'_>, node: Node<'t>, home: bool) -> bool {
        let Some(written) = node.attribute(n::VALUE) else {
            return false;
        };
        let rules = self.rules;
        let (scheme, rest) = match written.split_once(':') {
            Some((scheme, rest))
                if scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
            {
                (scheme, rest.trim())
            }
            _ => ("", written),
        };
        let known = rules.value("telecom-scheme", &scheme.to_ascii_lowercase());
        let (system, value) = match known {
            // The whole of an URL is its value.
            Some("url") => ("url", written),
            Some(system) => (system, rest),
            None if written.contains('@') => ("email", written),
            None if written.starts_with("www.") => ("url", written),
            None if written.bytes().any(|byte| byte.is_ascii_digit()) => ("phone", written),
            None => ("other", written),
        };
        if value.trim_matches(['+', '/', ' ']).is_empty() {
            return false;
        }
        let mut codes = node
            .attribute(n::USE)
            .unwrap_or_default()
            .split_ascii_whitespace();
        let pager = codes.clone().any(|code| code == "PG");
        let usage = codes
            .find_map(|code| rules.value("telecom-use", code))
            .filter(|usage| home || *usage != "home");
        let object = self.w.open(slot);
        self.w.text(
            "system",
            if pager && system == "phone" {
                "pager"
            } else {
                system
            },
        );
        self.w.text("value", value);
        self.w.text("use", usage.unwrap_or_default());
        if let Some(period) = node.child(n::USEABLE_PERIOD) {
            self.period("period".into(), period);
        }
        self.w.close(object)
    }
}
