//! Steps through DER, tag by tag; whatever does not fit ends the walk.

/// Some DER that is still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Der<'a> {
    rest: &'a [u8],
}

/// The tag of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Tag(u8);

impl Tag {
    pub(super) const BOOLEAN: Self = Self(0x01);
    pub(super) const INTEGER: Self = Self(0x02);
    pub(super) const BITS: Self = Self(0x03);
    pub(super) const OCTETS: Self = Self(0x04);
    pub(super) const OBJECT: Self = Self(0x06);
    pub(super) const UTC_TIME: Self = Self(0x17);
    pub(super) const GENERALIZED_TIME: Self = Self(0x18);
    pub(super) const SEQUENCE: Self = Self(0x30);

    /// A tag of the context, around another value.
    pub(super) const fn context(number: u8) -> Self {
        Self(0xa0 | number)
    }

    /// A tag of the context, in place of that of a plain value.
    pub(super) const fn plain_context(number: u8) -> Self {
        Self(0x80 | number)
    }
}

impl<'a> Der<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The content of the next value, if it has this tag.
    pub(super) fn take(&mut self, tag: Tag) -> Option<&'a [u8]> {
        let (content, _, rest) = self.split(tag)?;
        self.rest = rest;
        Some(content)
    }

    /// The next value with its tag and length, if it has this tag.
    pub(super) fn whole(&mut self, tag: Tag) -> Option<&'a [u8]> {
        let (_, whole, rest) = self.split(tag)?;
        self.rest = rest;
        Some(whole)
    }

    /// The inside of the next value, if it has this tag.
    pub(super) fn enter(&mut self, tag: Tag) -> Option<Self> {
        self.take(tag).map(Self::of)
    }

    /// Passes over the next value, if it has this tag.
    pub(super) fn skip_if(&mut self, tag: Tag) {
        let _ = self.take(tag);
    }

    /// The bits of the next value, if they fill whole bytes.
    pub(super) fn bits(&mut self) -> Option<&'a [u8]> {
        match self.take(Tag::BITS)? {
            [0, bits @ ..] => Some(bits),
            _ => None,
        }
    }

    /// Content, whole value and what follows.
    fn split(&self, tag: Tag) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
        let (&found, after_tag) = self.rest.split_first()?;
        if found != tag.0 {
            return None;
        }
        let (&first, after_first) = after_tag.split_first()?;
        let (length, after_length) = if first < 0x80 {
            (usize::from(first), after_first)
        } else {
            // More than four bytes of length would be more than any file here has.
            let count = usize::from(first & 0x7f);
            let (bytes, after) = after_first
                .split_at_checked(count)
                .filter(|_| (1..=4).contains(&count))?;
            (
                bytes
                    .iter()
                    .fold(0_usize, |length, byte| length << 8 | usize::from(*byte)),
                after,
            )
        };
        let (content, rest) = after_length.split_at_checked(length)?;
        let whole = self.rest.get(..self.rest.len() - rest.len())?;
        Some((content, whole, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_by_their_tags() {
        let mut der = Der::of(&[0x30, 0x03, 0x02, 0x01, 0x05, 0x04, 0x00]);
        let mut inside = der.enter(Tag::SEQUENCE).unwrap();
        assert_eq!(inside.take(Tag::INTEGER), Some(&[5][..]));
        assert_eq!(der.take(Tag::INTEGER), None);
        assert_eq!(der.whole(Tag::OCTETS), Some(&[0x04, 0x00][..]));
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x02, 0x01],
            &[0x30, 0x80],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(Der::of(bytes).take(Tag::SEQUENCE), None, "{bytes:x?}");
        }
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(Der::of(&long).take(Tag::OCTETS).map(<[u8]>::len), Some(128));
    }
}
