//! templateIds as numbers.

/// A templateId's root as one number, so that dispatch compares integers.
///
/// The extension, a version date that vendors leave out or get wrong, is no part of it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TemplateKey(u64);

/// What all of HL7's own C-CDA templates begin with.
const CCDA: &str = "2.16.840.1.113883.10.20.22.";

/// Set in keys that are digests, clear in keys that spell out a C-CDA template.
const DIGEST: u64 = 1 << 63;

impl TemplateKey {
    /// The key of `root`; white space around it, which some vendors leave, does not count.
    pub fn new(root: &str) -> Self {
        let root = root.trim();
        root.strip_prefix(CCDA)
            .and_then(Self::spelled)
            .unwrap_or_else(|| Self::digested(root))
    }

    /// Up to three arcs of 20 bits each; each is kept one higher, so that a missing arc differs from 0.
    fn spelled(rest: &str) -> Option<Self> {
        let mut key = 0_u64;
        let mut arcs = 0;
        for arc in rest.split('.') {
            let number: u64 = arc.parse().ok().filter(|number| *number < (1 << 20) - 1)?;
            key = (key << 20) | (number + 1);
            arcs += 1;
        }
        (arcs <= 3).then_some(Self(key))
    }

    /// FNV-1a: a stranger who makes two roots collide only misleads us about their own document.
    fn digested(root: &str) -> Self {
        let digest = root.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |digest, byte| {
            (digest ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3)
        });
        Self(digest | DIGEST)
    }

    /// The number `n` of a template `2.16.840.1.113883.10.20.22.4.n`, an entry.
    pub const fn entry_number(self) -> Option<u32> {
        let fits = self.0 & DIGEST == 0 && self.0 >> 40 == 0 && self.0 >> 20 == 5;
        if fits {
            let number = (self.0 & 0xF_FFFF) as u32;
            Some(number - 1)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_roots_have_equal_keys_and_others_do_not() {
        let roots = [
            "2.16.840.1.113883.10.20.22.4.7",
            "2.16.840.1.113883.10.20.22.4.70",
            "2.16.840.1.113883.10.20.22.2.6",
            "2.16.840.1.113883.10.20.22.2.6.1",
            "2.16.840.1.113883.10.20.22.4.500.1",
            "2.16.840.1.113883.10.20.15.3.8",
            "1.3.6.1.4.1.19376.1.5.3.1.3.1",
            "",
        ];
        for (index, one) in roots.iter().enumerate() {
            for (other_index, other) in roots.iter().enumerate() {
                assert_eq!(
                    TemplateKey::new(one) == TemplateKey::new(other),
                    index == other_index,
                    "{one} {other}"
                );
            }
        }
        assert_eq!(
            TemplateKey::new(" 2.16.840.1.113883.10.20.22.4.7\n"),
            TemplateKey::new(roots[0])
        );
    }

    #[test]
    fn entries_have_numbers() {
        let number = |root| TemplateKey::new(root).entry_number();
        assert_eq!(number("2.16.840.1.113883.10.20.22.4.7"), Some(7));
        assert_eq!(number("2.16.840.1.113883.10.20.22.2.7"), None);
        assert_eq!(number("2.16.840.1.113883.10.20.22.4.500.1"), None);
        assert_eq!(number("1.2.3"), None);
    }
}
