//! JSON written straight into one text: no tree in between, and nothing empty in the result.
//!
//! What is opened and stays empty is taken back when it is closed, so a writer of an element need not look ahead.

use super::lineage::Spot;
use super::lineage::Trail;

/// Where a value goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot<'k> {
    /// Under a name, put together of two parts.
    Key(&'k str, &'k str),
    /// Under a name that the type of the value completes.
    Choice(&'k str),
    /// Into a list.
    Element,
}

impl<'k> Slot<'k> {
    /// The slot for a value of the type `suffix`.
    pub(super) const fn typed(self, suffix: &'k str) -> Self {
        match self {
            Self::Choice(base) => Self::Key(base, suffix),
            Self::Key(..) | Self::Element => self,
        }
    }
}

impl<'k> From<&'k str> for Slot<'k> {
    fn from(key: &'k str) -> Self {
        Self::Key(key, "")
    }
}

/// Where an object or list began, to take it back if it stays empty.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(super) struct Mark {
    at: usize,
    trail: Spot,
}

impl Mark {
    /// How much was written before it.
    pub(super) const fn length(self) -> usize {
        self.at
    }
}

/// The JSON that was written so far.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: String,
    /// Which source each value came from, if anybody asked.
    pub(super) trail: Option<Box<Trail>>,
}

impl Writer {
    fn comma(&mut self) {
        if !matches!(self.out.as_bytes().last(), Some(b'{' | b'[' | b'\n') | None) {
            self.out.push(',');
        }
    }

    fn slot(&mut self, slot: Slot<'_>) {
        self.comma();
        if let Slot::Key(one, two) = slot {
            self.out.push('"');
            self.out.push_str(one);
            self.out.push_str(two);
            self.out.push_str("\":");
        } else if let Slot::Choice(one) = slot {
            self.out.push('"');
            self.out.push_str(one);
            self.out.push_str("\":");
        }
    }

    /// Begins an object.
    pub(super) fn open<'k>(&mut self, slot: impl Into<Slot<'k>>) -> Mark {
        let slot = slot.into();
        let mark = self.mark();
        self.slot(slot);
        self.out.push('{');
        if let Some(trail) = &mut self.trail {
            trail.enter(slot);
        }
        mark
    }

    /// Ends an object; an empty one is taken back, and then the answer is `false`.
    pub(super) fn close(&mut self, mark: Mark) -> bool {
        self.end(mark, '{', '}')
    }

    /// Begins a list.
    pub(super) fn open_list<'k>(&mut self, slot: impl Into<Slot<'k>>) -> Mark {
        let slot = slot.into();
        let mark = self.mark();
        self.slot(slot);
        self.out.push('[');
        if let Some(trail) = &mut self.trail {
            trail.enter_list(slot);
        }
        mark
    }

    /// Ends a list; an empty one is taken back, and then the answer is `false`.
    pub(super) fn close_list(&mut self, mark: Mark) -> bool {
        self.end(mark, '[', ']')
    }

    fn end(&mut self, mark: Mark, open: char, close: char) -> bool {
        let empty = self.out.ends_with(open);
        if empty {
            self.out.truncate(mark.at);
        } else {
            self.out.push(close);
        }
        if let Some(trail) = &mut self.trail {
            trail.leave(!empty);
        }
        !empty
    }

    /// A place to come back to.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            at: self.out.len(),
            trail: self
                .trail
                .as_ref()
                .map_or_else(Spot::default, |trail| trail.spot()),
        }
    }

    /// Takes back everything since `mark`, which was taken at the same depth.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.out.truncate(mark.at);
        if let Some(trail) = &mut self.trail {
            trail.rewind(mark.trail);
        }
    }

    /// Whether anything was written since `mark`.
    pub(super) fn wrote_since(&self, mark: Mark) -> bool {
        self.out.len() > mark.at
    }

    fn leaf(&mut self, slot: Slot<'_>) {
        if let Some(trail) = &mut self.trail {
            trail.leaf(slot);
        }
    }

    /// Writes a text without the white space around it; nothing if it is empty.
    pub(super) fn text<'k>(&mut self, slot: impl Into<Slot<'k>>, text: &str) -> bool {
        let text = text.trim();
        if text.is_empty() {
            return false;
        }
        let slot = slot.into();
        self.slot(slot);
        self.quoted(text);
        self.leaf(slot);
        true
    }

    /// Writes a text with every run of white space made one blank.
    pub(super) fn collapsed<'k>(&mut self, slot: impl Into<Slot<'k>>, text: &str) -> bool {
        let text = text.trim();
        let plain =
            !text.bytes().any(|byte| byte < b' ') && !text.as_bytes().windows(2).any(|pair| pair == b"  ");
        if plain {
            return self.text(slot, text);
        }
        let mut collapsed = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !collapsed.is_empty() {
                collapsed.push(' ');
            }
            collapsed.push_str(word);
        }
        self.text(slot, &collapsed)
    }

    /// Writes digits, a boolean or JSON that is known to be sound.
    pub(super) fn raw<'k>(&mut self, slot: impl Into<Slot<'k>>, json: &str) -> bool {
        if json.is_empty() {
            return false;
        }
        let slot = slot.into();
        self.slot(slot);
        self.out.push_str(json);
        if let Some(trail) = &mut self.trail {
            trail.json(slot, json);
        }
        true
    }

    /// Writes a boolean.
    pub(super) fn boolean<'k>(&mut self, slot: impl Into<Slot<'k>>, value: bool) -> bool {
        self.raw(slot, if value { "true" } else { "false" })
    }

    /// Begins a text that is pushed to `out` piece by piece and needs no escaping.
    pub(super) fn open_text<'k>(&mut self, slot: impl Into<Slot<'k>>) -> Mark {
        let slot = slot.into();
        let mark = self.mark();
        self.slot(slot);
        self.out.push('"');
        self.leaf(slot);
        mark
    }

    /// Ends such a text; an empty one is taken back, and then the answer is `false`.
    pub(super) fn close_text(&mut self, mark: Mark) -> bool {
        if self.out.ends_with(":\"") {
            self.rewind(mark);
            return false;
        }
        self.out.push('"');
        true
    }

    /// Writes a text of pieces that need no escaping, such as an URI of known parts.
    pub(super) fn pieces<'k>(&mut self, slot: impl Into<Slot<'k>>, pieces: &[&str]) -> bool {
        let slot = slot.into();
        self.slot(slot);
        self.out.push('"');
        for piece in pieces {
            self.escaped(piece);
        }
        self.out.push('"');
        self.leaf(slot);
        true
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        self.escaped(text);
        self.out.push('"');
    }

    /// Writes the inside of a text.
    pub(super) fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest
            .bytes()
            .position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\' | 0x7F))
        {
            let (before, from) = rest.split_at_checked(at).unwrap_or_default();
            self.out.push_str(before);
            match from.as_bytes().first() {
                Some(b'"') => self.out.push_str("\\\""),
                Some(b'\\') => self.out.push_str("\\\\"),
                Some(b'\n') => self.out.push_str("\\n"),
                Some(b'\r') => self.out.push_str("\\r"),
                Some(b'\t') => self.out.push_str("\\t"),
                // FHIR has no other control characters.
                _ => {}
            }
            rest = from.get(1..).unwrap_or_default();
        }
        self.out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_empty_is_left() {
        let mut writer = Writer::default();
        let object = writer.open(Slot::Element);
        writer.text("a", " x\"\\\u{1}y\n ");
        let list = writer.open_list("b");
        let inner = writer.open(Slot::Element);
        writer.text("c", "  ");
        assert!(!writer.close(inner));
        assert!(!writer.close_list(list));
        writer.boolean(Slot::Choice("value").typed("Boolean"), true);
        writer.collapsed("d", " a \n b");
        assert!(writer.close(object));
        assert_eq!(writer.out, r#"{"a":"x\"\\y","valueBoolean":true,"d":"a b"}"#);
    }
}
