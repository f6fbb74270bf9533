//! Sections: their entries become resources, their text becomes the Composition's.

use super::conversion::Conversion;
use super::conversion::ResourceId;
use super::json::Slot;
use super::note;
use super::options::Narrative;
use super::rules::is_statement;
use super::statements::says_none;
use crate::ccda::Node;
use crate::ccda::n;

impl<'t> Conversion<'t> {
    /// Converts the entries of all sections, in document order.
    pub(super) fn entries(&mut self, body: Node<'t>) {
        for component in body.all(n::COMPONENT) {
            if let Some(section) = component.child(n::SECTION) {
                self.section_entries(section);
            }
        }
    }

    fn section_entries(&mut self, section: Node<'t>) {
        for entry in section.all(n::ENTRY) {
            for statement in entry.children().filter(|child| is_statement(child.name())) {
                self.statement(statement);
            }
        }
        super::special::section_resources(self, section);
        self.entries(section);
    }

    /// Writes the sections in `body` as those of the Composition.
    pub(super) fn composition_sections(&mut self, body: Node<'t>) -> bool {
        let list = self.w.open_list("section");
        for component in body.all(n::COMPONENT) {
            if let Some(section) = component.child(n::SECTION) {
                self.composition_section(section);
            }
        }
        self.w.close_list(list)
    }

    fn composition_section(&mut self, section: Node<'t>) {
        self.of(section, |c| c.composition_section_of(section));
    }

    fn composition_section_of(&mut self, section: Node<'t>) {
        let mark = self.w.mark();
        let object = self.w.open(Slot::Element);
        if let Some(title) = section.child(n::TITLE) {
            let words = super::narrative::plain(title);
            self.of(title, |c| c.w.text("title", &words));
        }
        if let Some(code) = section.child(n::CODE) {
            self.concept("code".into(), code);
        }
        let authors = self.w.open_list("author");
        for author in section.all(n::AUTHOR) {
            self.actor(Slot::Element, author);
        }
        self.w.close_list(authors);
        let content = self.w.mark();
        let entries = self.w.open_list("entry");
        let mut known = Vec::new();
        for entry in section.all(n::ENTRY) {
            for statement in entry.children().filter(|child| is_statement(child.name())) {
                self.entry_references(statement, &mut known);
            }
        }
        let any = self.w.close_list(entries);
        let text = section.child(n::TEXT);
        if let Some(text) = text
            && (self.options.narrative != Narrative::None || !any)
        {
            self.section_text(text, section.id().index());
        }
        self.composition_sections(section);
        let speaks = self.w.wrote_since(content);
        if !any && let Some(reason) = self.empty_reason(section) {
            self.write_empty_reason(reason);
        }
        self.w.close(object);
        if !speaks {
            self.note(note::EMPTY_SECTION, section);
            self.w.rewind(mark);
        }
    }

    /// References to what an entry became: the outermost resources in it.
    fn entry_references(&mut self, statement: Node<'t>, known: &mut Vec<ResourceId>) {
        if let Some(id) = self.resource_of(statement) {
            if !known.contains(&id) {
                known.push(id);
                self.refer(Slot::Element, id);
            }
            return;
        }
        for child in statement.children() {
            if matches!(child.name(), n::COMPONENT | n::ENTRY_RELATIONSHIP) {
                for inner in child.children().filter(|inner| is_statement(inner.name())) {
                    self.entry_references(inner, known);
                }
            }
        }
    }

    /// Why a section has no entries, if it says so.
    fn empty_reason(&self, section: Node<'t>) -> Option<&'t str> {
        let rules = self.rules;
        if let Some(flavor) = section.null_flavor() {
            return rules.value("empty-reason", flavor);
        }
        let statements = || {
            let inside = section.all(n::ENTRY).flat_map(Node::children);
            inside.filter(|child| is_statement(child.name()))
        };
        if statements().any(says_none) {
            return Some("nilknown");
        }
        let flavor = statements().find_map(Node::null_flavor)?;
        rules.value("empty-reason", flavor)
    }

    fn write_empty_reason(&mut self, reason: &str) {
        let object = self.w.open("emptyReason");
        let list = self.w.open_list("coding");
        let coding = self.w.open(Slot::Element);
        self.w.text(
            "system",
            "http://terminology.hl7.org/CodeSystem/list-empty-reason",
        );
        self.w.text("code", reason);
        self.w.close(coding);
        self.w.close_list(list);
        self.w.close(object);
    }
}
