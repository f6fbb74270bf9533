//! The attributes of one start tag, cut by hand: nothing is copied and nothing looked up twice.

/// One attribute as it stands in the tag: name and value without quotes, and where the value begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Raw<'d> {
    pub(super) name: &'d str,
    pub(super) value: &'d str,
    /// Bytes from the start of the tag's attributes to the value.
    pub(super) at: usize,
}

/// What comes after the name of the element, up to the end of the tag.
pub(super) struct Attributes<'d> {
    text: &'d str,
    at: usize,
}

/// The tag is not well-formed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Malformed;

impl<'d> Attributes<'d> {
    pub(super) const fn new(text: &'d str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'d str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest().as_bytes();
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    fn cut(&mut self) -> Option<Result<Raw<'d>, Malformed>> {
        let before = self.at;
        self.skip_space();
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        if self.at == before {
            return Some(Err(Malformed));
        }
        let length = rest
            .bytes()
            .take_while(|byte| *byte != b'=' && !byte.is_ascii_whitespace())
            .count();
        let name = rest.get(..length).unwrap_or_default();
        self.at += length;
        self.skip_space();
        let Some(after) = self.rest().strip_prefix('=') else {
            return Some(Err(Malformed));
        };
        self.at += 1;
        if !after.starts_with(['"', '\'']) {
            self.skip_space();
        }
        Some(self.cut_value(name))
    }

    fn cut_value(&mut self, name: &'d str) -> Result<Raw<'d>, Malformed> {
        let rest = self.rest();
        let quote = match rest.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) if !name.is_empty() => *quote,
            _ => return Err(Malformed),
        };
        let inside = rest.get(1..).unwrap_or_default();
        let length = inside.bytes().position(|byte| byte == quote).ok_or(Malformed)?;
        let at = self.at + 1;
        self.at = at + length + 1;
        Ok(Raw {
            name,
            value: inside.get(..length).unwrap_or_default(),
            at,
        })
    }
}

impl<'d> Iterator for Attributes<'d> {
    type Item = Result<Raw<'d>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.cut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[(&str, &str)], Malformed>) {
        let cut: Result<Vec<Raw<'_>>, Malformed> = Attributes::new(text).collect();
        if let Ok(cut) = &cut {
            for raw in cut {
                assert_eq!(&text[raw.at..raw.at + raw.value.len()], raw.value);
            }
        }
        let cut = cut.map(|cut| cut.iter().map(|raw| (raw.name, raw.value)).collect::<Vec<_>>());
        assert_eq!(
            cut.as_deref(),
            expected.as_ref().map(|cut| &**cut).map_err(|_| &Malformed)
        );
    }

    #[test]
    fn attributes_are_cut() {
        check("", Ok(&[]));
        check("  ", Ok(&[]));
        check(" a=\"1\" b = '2\"'\n", Ok(&[("a", "1"), ("b", "2\"")]));
        check(" a=''", Ok(&[("a", "")]));
    }

    #[test]
    fn what_is_no_attribute_is_malformed() {
        for text in [
            " a",
            " a=",
            " a=1",
            " a=\"1",
            " a=\"1\"b=\"2\"",
            " =\"1\"",
            "a=\"1\"",
        ] {
            check(text, Err(Malformed));
        }
    }
}
