//! CD and its kin: code, Coding, `CodeableConcept`.

use std::borrow::Cow;

use super::identifier::is_oid;
use crate::ccda::Node;
use crate::ccda::NodeId;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::note;

/// Where HL7's tables of version 2 are numbered.
const V2_TABLES: &str = "2.16.840.1.113883.12.";

/// A code system's URI; most are in the tables, the others are made of the OID.
pub(in crate::translate::ccda) enum System<'s> {
    Known(&'s str),
    Oid(&'s str),
    Table(&'s str),
    None,
}

/// A code as FHIR allows it: no white space but single blanks inside.
fn is_code(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

/// Verhoeff's check digit, which every SNOMED CT identifier ends with.
pub(in crate::translate::ccda) fn is_sct(code: &str) -> bool {
    const TIMES: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const TURN: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    if !(6..=18).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let at = |row: u8, column: u8| {
        let row = TIMES.get(usize::from(row));
        row.and_then(|row| row.get(usize::from(column)).copied())
            .unwrap_or_default()
    };
    let turned = |digit: u8, times: usize| {
        (0..times % 8).fold(digit, |digit, _| {
            TURN.get(usize::from(digit)).copied().unwrap_or_default()
        })
    };
    let check = code
        .bytes()
        .rev()
        .enumerate()
        .fold(0, |check, (place, digit)| at(check, turned(digit - b'0', place)));
    check == 0
}

fn is_nucc(code: &str) -> bool {
    code.len() == 10
        && code.ends_with('X')
        && code
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

impl<'t> Conversion<'t> {
    /// The system of the code in `node`.
    pub(in crate::translate::ccda) fn system(&mut self, node: Node<'t>, code: &str) -> System<'t> {
        let rules = self.rules;
        let oid = match node.attribute(n::CODE_SYSTEM) {
            Some(oid) if oid != "null" => oid,
            _ => return self.named_system(node, node.attribute(n::CODE_SYSTEM_NAME)),
        };
        if let Some(uri) = rules.tables.systems.find(oid) {
            return System::Known(uri);
        }
        if let Some(repair) = rules.tables.system_repairs.find(oid) {
            let (check, uri) = repair.split_once(' ').unwrap_or(("any", repair));
            let passes = match check {
                "nucc" => is_nucc(code),
                "sct" => is_sct(code),
                _ => true,
            };
            if passes {
                self.note(note::SYSTEM_REPAIRED, node);
                return System::Known(uri);
            }
        }
        if let Some(table) = oid.strip_prefix(V2_TABLES)
            && !table.is_empty()
            && table.len() <= 4
            && table.bytes().all(|byte| byte.is_ascii_digit())
        {
            return System::Table(table);
        }
        if is_oid(oid) {
            System::Oid(oid)
        } else {
            self.named_system(node, Some(oid))
        }
    }

    fn named_system(&mut self, node: Node<'t>, name: Option<&'t str>) -> System<'t> {
        let Some(name) = name else { return System::None };
        let rules = self.rules;
        if let Some(uri) = rules.tables.system_names.find(&name.to_ascii_lowercase()) {
            self.note(note::SYSTEM_BY_NAME, node);
            System::Known(uri)
        } else {
            self.note(note::SYSTEM_UNKNOWN, node);
            System::None
        }
    }

    /// Writes the members of a Coding.
    fn coding_members(&mut self, node: Node<'t>, code: &str) {
        match self.system(node, code) {
            System::Known(uri) => {
                self.w.text("system", uri);
            }
            System::Oid(oid) => {
                self.w.pieces("system", &["urn:oid:", oid]);
            }
            System::Table(table) => {
                let zeros = "0000".get(table.len()..).unwrap_or_default();
                let system = ["http://terminology.hl7.org/CodeSystem/v2-", zeros, table];
                self.w.pieces("system", &system);
            }
            System::None => {}
        }
        self.w.text("code", code);
        if let Some(display) = node.attribute(n::DISPLAY_NAME) {
            self.w.collapsed("display", display);
        }
    }

    /// The code of `node`, if it is one.
    fn code_of(&mut self, node: Node<'t>) -> Option<&'t str> {
        let code = node.attribute(n::CODE)?;
        if is_code(code) {
            return Some(code);
        }
        self.note(note::BAD_CODE, node);
        None
    }

    /// Writes a Coding.
    pub(in crate::translate::ccda) fn coding(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(code) = self.code_of(node) else {
            return false;
        };
        self.credit_source(node);
        self.of(node, |c| {
            let object = c.w.open(slot);
            c.coding_members(node, code);
            c.w.close(object)
        })
    }

    /// Writes the codings of `node` and its translations into the list that is open.
    fn codings(&mut self, node: Node<'t>, all: &mut Vec<(Option<&'t str>, &'t str)>) {
        if let Some(code) = self.code_of(node) {
            let pair = (node.attribute(n::CODE_SYSTEM), code);
            if !all.contains(&pair) {
                all.push(pair);
                self.of(node, |c| {
                    let object = c.w.open(Slot::Element);
                    c.coding_members(node, code);
                    c.w.close(object)
                });
            }
        }
        // Depth is bounded by the limit of the tree.
        for translation in node.all(n::TRANSLATION) {
            self.codings(translation, all);
        }
    }

    /// What the author called it: text, or the narrative it refers to.
    pub(in crate::translate::ccda) fn original_text(&mut self, node: Node<'t>) -> Option<Cow<'t, str>> {
        let original = node.child(n::ORIGINAL_TEXT)?;
        self.text_of(original)
    }

    /// Writes a `CodeableConcept`; `fallback` gives the text of one that has none of its own.
    pub(in crate::translate::ccda) fn concept_with(
        &mut self,
        slot: Slot<'_>,
        node: Node<'t>,
        fallback: Fallback,
    ) -> bool {
        self.credit_source(node);
        self.of(node, |c| c.whole_concept(slot, node, fallback))
    }

    fn whole_concept(&mut self, slot: Slot<'_>, node: Node<'t>, fallback: Fallback) -> bool {
        let object = self.w.open(slot.typed("CodeableConcept"));
        let list = self.w.open_list("coding");
        self.codings(node, &mut Vec::new());
        let coded = self.w.close_list(list);
        let mut text = self.original_text(node);
        if text.is_none() {
            text = match fallback {
                Fallback::Always => self.statement_text(node),
                Fallback::Uncoded if !coded => self.statement_text(node),
                Fallback::Named(name) => self.text_of(self.tree.node(name)),
                Fallback::Words(words) => Some(Cow::Borrowed(words)),
                Fallback::Never | Fallback::Uncoded => None,
            };
        }
        if text.is_none() && !coded {
            text = node
                .attribute(n::DISPLAY_NAME)
                .or_else(|| node.attribute(n::CODE))
                .map(Cow::Borrowed)
                .or_else(|| translated_text(node))
                .or_else(|| own_text(node));
        }
        let qualified = Self::qualified(node, text.as_deref());
        if let Some(text) = qualified.as_deref().or(text.as_deref()) {
            self.w.collapsed("text", text);
        }
        self.w.close(object)
    }

    /// The text with the qualifiers of the code, such as a side of the body.
    fn qualified(node: Node<'t>, text: Option<&str>) -> Option<String> {
        let mut qualifiers = node
            .all(n::QUALIFIER)
            .filter_map(|qualifier| qualifier.child(n::VALUE)?.attribute(n::DISPLAY_NAME))
            .peekable();
        qualifiers.peek()?;
        let mut all = text.or_else(|| node.attribute(n::DISPLAY_NAME))?.to_owned();
        for qualifier in qualifiers {
            all.push_str(", ");
            all.push_str(qualifier);
        }
        Some(all)
    }

    /// Writes a `CodeableConcept` of what the node itself says.
    pub(in crate::translate::ccda) fn concept(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.concept_with(slot, node, Fallback::Never)
    }

    /// The text of the statement that `node` is the code or value of.
    pub(in crate::translate::ccda) fn statement_text(&mut self, node: Node<'t>) -> Option<Cow<'t, str>> {
        let statement = node
            .ancestors()
            .find(|around| crate::translate::ccda::rules::is_statement(around.name()))?;
        self.text_of(statement.child(n::TEXT)?)
    }
}

/// Where a concept without text of its own takes one from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::translate::ccda) enum Fallback {
    /// Nowhere.
    Never,
    /// The text of its statement, if it has no coding.
    Uncoded,
    /// The text of its statement.
    Always,
    /// The text of this element.
    Named(NodeId),
    /// These words.
    Words(&'static str),
}

fn translated_text(node: Node<'_>) -> Option<Cow<'_, str>> {
    node.all(n::TRANSLATION)
        .find_map(|translation| translation.attribute(n::DISPLAY_NAME))
        .map(Cow::Borrowed)
}

/// Text directly in the element, which no CD should have and some have.
fn own_text(node: Node<'_>) -> Option<Cow<'_, str>> {
    let text = node
        .children()
        .filter(|child| child.is_text())
        .map(Node::own_text)
        .find(|text| !text.trim().is_empty())?;
    Some(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_tell_snomed_from_other_numbers() {
        for code in ["233604007", "416098002", "24484000", "64109004", "449868002"] {
            assert!(is_sct(code), "{code}");
        }
        for code in ["", "233604008", "12345", "23360400x"] {
            assert!(!is_sct(code), "{code}");
        }
        assert!(is_nucc("207Q00000X"));
        assert!(!is_nucc("207Q00000"));
    }
}
