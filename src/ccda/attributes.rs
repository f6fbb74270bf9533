//! The attributes of one start tag, cut by hand in one pass: nothing is copied and nothing looked at twice.

/// One attribute as it stands in the tag: name and value without quotes, and where the value begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Raw<'d> {
    pub(super) name: &'d str,
    pub(super) value: &'d str,
    /// Bytes from the start of the tag's attributes to the value.
    pub(super) at: usize,
    /// How long the prefix in the name is, if it has one.
    pub(super) prefix: Option<usize>,
    /// Whether the value means what is written: no references in it and no line breaks.
    pub(super) plain: bool,
}

/// What comes after the name of the element, up to the end of the tag.
pub(super) struct Attributes<'d> {
    text: &'d str,
    at: usize,
}

/// The tag is not well-formed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Malformed;

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'d> Attributes<'d> {
    pub(super) const fn new(text: &'d str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'d [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().iter().take_while(|byte| is_space(**byte)).count();
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
        let mut prefix = None;
        let mut length = 0;
        for byte in rest {
            match byte {
                b'=' => break,
                b':' if prefix.is_none() => prefix = Some(length),
                byte if is_space(*byte) => break,
                _ => {}
            }
            length += 1;
        }
        let start = self.at;
        self.at += length;
        if self.rest().first() != Some(&b'=') {
            self.skip_space();
        }
        if self.rest().first() != Some(&b'=') || length == 0 {
            return Some(Err(Malformed));
        }
        self.at += 1;
        if !matches!(self.rest().first(), Some(b'"' | b'\'')) {
            self.skip_space();
        }
        let name = self.text.get(start..start + length).unwrap_or_default();
        Some(self.cut_value(name, prefix))
    }

    fn cut_value(&mut self, name: &'d str, prefix: Option<usize>) -> Result<Raw<'d>, Malformed> {
        let rest = self.rest();
        let (quote, inside) = rest.split_first().ok_or(Malformed)?;
        if !matches!(quote, b'"' | b'\'') {
            return Err(Malformed);
        }
        let mut plain = true;
        let mut length = 0;
        loop {
            let byte = *inside.get(length).ok_or(Malformed)?;
            if byte == *quote {
                break;
            }
            plain &= byte >= b' ' && byte != b'&';
            length += 1;
        }
        let at = self.at + 1;
        self.at = at + length + 1;
        Ok(Raw {
            name,
            value: self.text.get(at..at + length).unwrap_or_default(),
            at,
            prefix,
            plain,
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
                assert_eq!(text.get(raw.at..raw.at + raw.value.len()), Some(raw.value));
                assert_eq!(raw.prefix, raw.name.find(':'));
                assert_eq!(raw.plain, !raw.value.contains(['&', '\n', '\r', '\t']));
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
        check(" x:a='&lt;' b='\n'", Ok(&[("x:a", "&lt;"), ("b", "\n")]));
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
