//! Names of files: which are picked up, and what they become.

/// Which files are picked up, as text with stars.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pattern(Vec<String>);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Whether a name is one of those.
    pub(super) fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_first() else {
            return false;
        };
        let Some((last, between)) = rest.split_last() else {
            return name == first;
        };
        let Some(mut left) = name.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in between {
            let Some((_, after)) = left.split_once(part.as_str()) else {
                return false;
            };
            left = after;
        }
        left.ends_with(last.as_str())
    }
}

/// Whether a file is hidden or says by its ending that somebody is still writing it.
pub(super) fn is_unfinished(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|ending| lower.ends_with(ending))
}

/// The same name with a number before its ending, for when there is such a file already; the first is the name itself.
pub(super) fn numbered(name: &str, number: u32) -> String {
    if number <= 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem}-{number}.{ending}"),
        _ => format!("{name}-{number}"),
    }
}

const UNFINISHED: [&str; 4] = [".tmp", ".part", ".filepart", ".partial"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, name: &str, expected: bool) {
        assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
    }

    #[test]
    fn stars_stand_for_anything() {
        check("*", "a", true);
        check("*.edi", "claims.edi", true);
        check("*.edi", "claims.edi.tmp", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c", false);
        check("aba*aba", "aba", false);
        check("exact", "exact", true);
        check("exact", "exactly", false);
    }

    #[test]
    fn a_name_is_numbered_before_its_ending() {
        assert_eq!(numbered("a.edi", 1), "a.edi");
        assert_eq!(numbered("a.edi", 2), "a-2.edi");
        assert_eq!(numbered("a", 3), "a-3");
        assert_eq!(numbered(".edi", 2), ".edi-2");
    }

    #[test]
    fn unfinished_files_are_known_by_their_names() {
        for name in ["a.tmp", "a.PART", ".a.edi", "a.filepart"] {
            assert!(is_unfinished(name), "{name}");
        }
        assert!(!is_unfinished("a.edi") && !is_unfinished("temporary.edi"));
    }
}
