//! PN and ON: `HumanName` and names of organizations.

use std::borrow::Cow;

use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::note;

/// Which parts of a name go into one `HumanName`.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Parts {
    Usual,
    Birth,
    Call,
}

fn has_qualifier(part: Node<'_>, code: &str) -> bool {
    part.attribute(n::QUALIFIER)
        .is_some_and(|codes| codes.split_ascii_whitespace().any(|one| one == code))
}

fn belongs(part: Node<'_>, parts: Parts) -> bool {
    let kind = if part.name() == n::FAMILY && has_qualifier(part, "BR") {
        Parts::Birth
    } else if part.name() == n::GIVEN && has_qualifier(part, "CL") {
        Parts::Call
    } else {
        Parts::Usual
    };
    kind == parts
}

impl<'t> Conversion<'t> {
    /// Writes the names of a person into the open list: one for each `name`, more for maiden and call names.
    ///
    /// Where `split`, a name that is one text is taken apart, because a family name is needed.
    pub(in crate::translate::ccda) fn names(&mut self, names: impl Iterator<Item = Node<'t>>, split: bool) {
        for name in names {
            if name.null_flavor().is_some() && name.children().next().is_none() {
                continue;
            }
            self.human_name(Slot::Element, name, Parts::Usual, split);
            for (parts, wanted) in [(Parts::Birth, n::FAMILY), (Parts::Call, n::GIVEN)] {
                let mut others = name.all(wanted);
                // A birth name that is the only one is the usual name too.
                if others.any(|part| belongs(part, parts)) {
                    self.human_name(Slot::Element, name, parts, split);
                }
            }
        }
    }

    /// Writes the usual name only, where FHIR has room for one.
    pub(in crate::translate::ccda) fn usual_name(&mut self, slot: Slot<'_>, name: Node<'t>) -> bool {
        self.human_name(slot, name, Parts::Usual, false)
    }

    fn human_name(&mut self, slot: Slot<'_>, name: Node<'t>, parts: Parts, split: bool) -> bool {
        self.of(name, |c| c.human_name_of(slot, name, parts, split))
    }

    fn human_name_of(&mut self, slot: Slot<'_>, name: Node<'t>, parts: Parts, split: bool) -> bool {
        let rules = self.rules;
        let only_birth =
            parts == Parts::Usual && !name.all(n::FAMILY).any(|part| belongs(part, Parts::Usual));
        let mark = self.w.mark();
        let object = self.w.open(slot);
        let usage = match parts {
            Parts::Usual => name
                .attribute(n::USE)
                .unwrap_or_default()
                .split_ascii_whitespace()
                .find_map(|code| rules.value("name-use", code))
                .unwrap_or_default(),
            Parts::Birth => "maiden",
            Parts::Call => "nickname",
        };
        self.w.text("use", usage);
        let content = self.w.mark();
        let mut family = String::new();
        for part in name.all(n::FAMILY) {
            if belongs(part, parts) || only_birth || parts == Parts::Call {
                if !family.is_empty() {
                    family.push(' ');
                }
                family.push_str(part.text().trim());
            }
        }
        let named = self.w.collapsed("family", &family);
        for (key, wanted) in [("given", n::GIVEN), ("prefix", n::PREFIX), ("suffix", n::SUFFIX)] {
            let list = self.w.open_list(key);
            for part in name.all(wanted) {
                if wanted != n::GIVEN || belongs(part, parts) || parts == Parts::Birth {
                    self.w.collapsed(Slot::Element, &part.text());
                }
            }
            self.w.close_list(list);
        }
        if !self.w.wrote_since(content) {
            self.one_text(name, split);
        } else if split && !named {
            // US Core wants a family name of those who care for people.
            self.absent("_family".into(), "unknown");
        }
        let spoken = self.w.wrote_since(content);
        if let Some(time) = name.child(n::VALID_TIME) {
            self.period("period".into(), time);
        }
        let written = self.w.close(object);
        if !spoken {
            self.w.rewind(mark);
        }
        written && spoken
    }

    fn one_text(&mut self, name: Node<'t>, split: bool) {
        let text = name.text();
        if !self.w.collapsed("text", &text) || !split {
            return;
        }
        self.note(note::NAME_SPLIT, name);
        let text = text.trim();
        let family = match text.split_once(',') {
            Some((family, _)) => family,
            None => text.rsplit(char::is_whitespace).next().unwrap_or(text),
        };
        self.w.collapsed("family", family);
    }
}

/// Whether anything is in a name.
pub(in crate::translate::ccda) fn speaks(name: Node<'_>) -> bool {
    name.descendants()
        .any(|part| part.is_text() && !part.own_text().trim().is_empty())
}

/// A name as one text, for displays.
pub(in crate::translate::ccda) fn as_text(name: Node<'_>) -> Cow<'_, str> {
    let mut texts = name
        .descendants()
        .filter(|part| part.is_text())
        .map(|part| part.own_text().trim())
        .filter(|text| !text.is_empty());
    let Some(first) = texts.next() else {
        return Cow::Borrowed("");
    };
    let mut all = Cow::Borrowed(first);
    for text in texts {
        all.to_mut().push(' ');
        all.to_mut().push_str(text);
    }
    all
}
