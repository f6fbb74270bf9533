//! Clinical statements: which rule fits one, which resource it becomes, and who refers to it.

use std::collections::HashMap;
use std::fmt::Write;

use super::conversion::Conversion;
use super::conversion::Fate;
use super::conversion::ResourceId;
use super::json::Slot;
use super::note;
use super::options::Narrative;
use super::rules::Entry;
use super::rules::EntryId;
use super::rules::Surroundings;
use super::rules::is_statement;
use super::special::stand_in;
use crate::ccda::Node;
use crate::ccda::TemplateKey;
use crate::ccda::n;

impl<'t> Conversion<'t> {
    /// The name of the kind of section around `node`.
    pub(super) fn section_around(&self, node: Node<'t>) -> &'t str {
        node.ancestors()
            .filter(|around| around.name() == n::SECTION)
            .find_map(|section| self.section_name(section))
            .unwrap_or("")
    }

    /// The name of the kind of a section: by its code, else by its templates.
    pub(super) fn section_name(&self, section: Node<'t>) -> Option<&'t str> {
        let rules = self.rules;
        let code = section.child(n::CODE).and_then(|code| code.attribute(n::CODE));
        let by_code = code.and_then(|code| rules.section_codes.get(code));
        let id = by_code.copied().or_else(|| {
            section
                .templates()
                .find_map(|key| rules.section_templates.get(&key).copied())
        })?;
        rules.sections.get(usize::from(id.0)).map(|name| &**name)
    }

    /// The kind of entry that `node` is, and whether it says so by a template.
    pub(super) fn entry_of(&self, node: Node<'t>) -> Option<(EntryId, bool)> {
        let around = Surroundings {
            section: self.section_around(node),
            us_core: self.options.us_core.as_str(),
        };
        let rules = self.rules;
        let fits = |id: &&EntryId| {
            let entry = rules.entry(**id);
            entry.when.iter().all(|test| test.holds(node, around))
        };
        let by_template = node
            .templates()
            .filter_map(|key| rules.by_template.get(&key))
            .filter_map(|ids| ids.iter().find(fits))
            .min_by_key(|id| id.0);
        if let Some(id) = by_template {
            return Some((*id, true));
        }
        let (_, ids) = rules.by_class.iter().find(|(name, _)| *name == node.name())?;
        ids.iter().find(fits).map(|id| (*id, false))
    }

    /// The resource that the statement `node` becomes, whether or not it is written yet.
    pub(super) fn claim(&mut self, node: Node<'t>) -> Option<ResourceId> {
        if let Some(id) = self.resource_of(node) {
            return Some(id);
        }
        if is_void(node) || says_none(node) {
            return None;
        }
        let teller = stand_in(node);
        if teller != node
            && let Some(id) = self.claim(teller)
        {
            self.assign(node, id);
            return Some(id);
        }
        let (entry_id, _) = self.entry_of(node)?;
        let rules = self.rules;
        let entry = rules.entry(entry_id);
        let kind = entry.resource.as_deref()?;
        let mut name = identity(kind, node);
        let has_id = name.1;
        let mut ordinal = 0;
        let length = name.0.len();
        loop {
            let uuid = self.namespace.derive(name.0.as_bytes());
            let (id, new) = self.reserve(kind, uuid, node);
            if new && let Some(resource) = self.resources.get_mut(id.0) {
                resource.entry = Some(entry_id);
            }
            // Without an id of its own, an equal statement is another one.
            if new || has_id {
                self.assign(node, id);
                return Some(id);
            }
            ordinal += 1;
            name.0.truncate(length);
            // Writing to a String cannot fail.
            let _ = write!(name.0, "|{ordinal}");
        }
    }

    /// Writes a reference to the resource of a statement.
    pub(super) fn refer_to_statement(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.claim(node).is_some_and(|id| self.refer(slot, id))
    }

    /// Writes a reference to the resource of the statement that has an id of `node`.
    pub(super) fn refer_by_id(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(target) = self.statement_by_id(node) else {
            if node.name() == n::ACT {
                self.note(note::UNRESOLVED, node);
            }
            return false;
        };
        self.refer_to_statement(slot, target)
    }

    /// The statement elsewhere in the document that has one of the ids of `node`.
    pub(super) fn statement_by_id(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        let tree = self.tree;
        let ids = self.ids.get_or_insert_with(|| {
            let mut ids: HashMap<(&str, &str), Vec<_>> = HashMap::new();
            for statement in tree.root().descendants().filter(|node| is_statement(node.name())) {
                for id in statement.all(n::ID) {
                    if let Some(root) = id.attribute(n::ROOT) {
                        let key = (root, id.attribute(n::EXTENSION).unwrap_or_default());
                        ids.entry(key).or_default().push(statement.id());
                    }
                }
            }
            ids
        });
        let mut found = Vec::new();
        for id in node.all(n::ID) {
            let Some(root) = id.attribute(n::ROOT) else {
                continue;
            };
            let key = (root, id.attribute(n::EXTENSION).unwrap_or_default());
            found.extend(ids.get(&key).into_iter().flatten().copied());
        }
        let targets: Vec<Node<'t>> = found
            .into_iter()
            .map(|id| tree.node(id))
            .filter(|target| *target != node)
            .collect();
        targets.into_iter().find(|target| self.claim(*target).is_some())
    }

    /// Converts a statement and all statements in it.
    pub(super) fn statement(&mut self, node: Node<'t>) {
        if is_void(node) || says_none(node) {
            self.settle(node, Fate::Void);
            self.note(note::NO_INFORMATION, node);
            return self.statements_within(node);
        }
        if let Some(id) = self.claim(node) {
            self.settle(node, Fate::Told);
            let resource = self.resource(id);
            let written = resource.span.1 > 0;
            if !written {
                self.write_statement(id, resource.node);
            } else if resource.node != node && stand_in(node) == node {
                self.merge(id, node);
            }
        } else if let Some((entry_id, _)) = self.entry_of(node) {
            // A part is told by the statement around it, a wrapper by those inside.
            let rules = self.rules;
            if rules.entry(entry_id).resource.is_none() {
                self.settle(node, Fate::Part);
            }
            if super::patient::told_kind(node).is_some() {
                self.patient_extensions.push(node);
            }
        }
        self.statements_within(node);
    }

    fn statements_within(&mut self, node: Node<'t>) {
        for child in node.children() {
            if matches!(child.name(), n::COMPONENT | n::ENTRY_RELATIONSHIP) {
                for inner in child.children().filter(|inner| is_statement(inner.name())) {
                    self.statement(inner);
                }
            }
        }
    }

    /// The same statement once more: the one that says more is kept.
    fn merge(&mut self, id: ResourceId, node: Node<'t>) {
        self.note(note::MERGED, node);
        self.credit_all(node);
        let size = |node: Node<'_>| node.end() - node.id().index();
        if size(node) > size(self.resource(id).node) {
            if let Some(resource) = self.resources.get_mut(id.0) {
                resource.node = node;
            }
            self.write_statement(id, node);
        }
    }

    fn write_statement(&mut self, id: ResourceId, node: Node<'t>) {
        let Some(entry_id) = self.resource(id).entry else {
            return;
        };
        let rules = self.rules;
        let entry = rules.entry(entry_id);
        if !node.templates().any(|key| rules.by_template.contains_key(&key)) {
            self.note(note::UNKNOWN_TEMPLATE, node);
        }
        self.begin_statement(node);
        self.section = self.section_around(node);
        let profile = self.profile_of(entry, node);
        self.write(id, profile, |c| {
            c.rows(&entry.rows, node);
            if c.options.narrative == Narrative::Full {
                c.entry_text(node);
            }
        });
        self.credit(id, node);
        self.write_waiting();
    }

    fn profile_of(&self, entry: &'t Entry, node: Node<'t>) -> &'t str {
        let Some(profile) = &entry.profile else { return "" };
        // Its rule us-core-1: a result is dated to the day.
        let month = |time: Node<'t>| time.attribute(n::VALUE).is_some_and(|value| value.len() < 8);
        if profile == "observation-lab" && node.child(n::EFFECTIVE_TIME).is_some_and(month) {
            return "";
        }
        // US Core 3.1.1 had one profile of conditions.
        if self.options.us_core == super::options::UsCore::V3_1_1 && profile.starts_with("condition-") {
            return "condition";
        }
        profile
    }

    /// Writes the part of the narrative that an entry refers to.
    fn entry_text(&mut self, node: Node<'t>) {
        let reference = node
            .at(&[n::TEXT, n::REFERENCE])
            .and_then(|reference| reference.attribute(n::VALUE));
        let Some(target) = reference.and_then(|reference| self.narrative_node(reference)) else {
            return;
        };
        let mark = self.w.mark();
        let object = self.w.open("text");
        self.w.text("status", "generated");
        let spoken = self.div(target, node.id().index());
        self.w.close(object);
        if !spoken {
            self.w.rewind(mark);
        }
    }
}

/// Whether a statement says itself that it says nothing: null, and nothing coded in it.
pub(super) fn is_void(node: Node<'_>) -> bool {
    node.null_flavor().is_some()
        && ![n::CODE, n::VALUE]
            .into_iter()
            .filter_map(|name| node.child(name))
            .any(|coded| coded.attribute(n::CODE).is_some() && coded.attribute(n::CODE) != Some("ASSERTION"))
}

/// Whether a statement says that there is none of its kind at all: no medication, no concern.
pub(super) fn says_none(node: Node<'_>) -> bool {
    if node.attribute(n::NEGATION_IND) != Some("true") {
        return false;
    }
    match node.name() {
        n::SUBSTANCE_ADMINISTRATION => {
            node.has_template(TemplateKey::new("2.16.840.1.113883.10.20.22.4.16")) && names_no_drug(node)
        }
        n::ACT => {
            node.has_template(TemplateKey::new("2.16.840.1.113883.10.20.22.4.132"))
                && node.child(n::ENTRY_RELATIONSHIP).is_none()
        }
        _ => false,
    }
}

/// Whether the product of a medication is none in particular.
fn names_no_drug(node: Node<'_>) -> bool {
    /// Drug or medicament: any.
    const ANY_DRUG: &str = "410942007";
    let product = [n::CONSUMABLE, n::MANUFACTURED_PRODUCT, n::MANUFACTURED_MATERIAL];
    let Some(material) = node.at(&product) else {
        return true;
    };
    if material.child(n::NAME).is_some() {
        return false;
    }
    material.child(n::CODE).is_none_or(|code| {
        let nothing = code.null_flavor().is_some()
            && code.child(n::TRANSLATION).is_none()
            && code.child(n::ORIGINAL_TEXT).is_none();
        nothing || code.attribute(n::CODE) == Some(ANY_DRUG)
    })
}

/// What a statement is known by, and whether it has an id of its own.
///
/// Vendors use one id for many entries, so what the statement says is part of it.
fn identity(kind: &str, node: Node<'_>) -> (String, bool) {
    let mut name = String::with_capacity(120);
    name.push_str(kind);
    let id = node
        .all(n::ID)
        .find(|id| id.null_flavor().is_none() && id.attribute(n::ROOT).is_some());
    if let Some(id) = id {
        for part in [n::ROOT, n::EXTENSION] {
            name.push('|');
            name.push_str(id.attribute(part).unwrap_or_default());
        }
        name.make_ascii_lowercase();
    }
    if let Some(negated) = node.attribute(n::NEGATION_IND) {
        name.push_str(negated);
    }
    for child in node.children() {
        if matches!(
            child.name(),
            n::CODE | n::EFFECTIVE_TIME | n::VALUE | n::CONSUMABLE | n::PRODUCT | n::PARTICIPANT
        ) {
            name.push('|');
            spell(child, &mut name);
        }
    }
    (name, id.is_some())
}

/// Codes, values and texts of an element, without translations and references.
fn spell(node: Node<'_>, name: &mut String) {
    for part in [n::CODE, n::VALUE, n::UNIT] {
        name.push_str(node.attribute(part).unwrap_or_default());
    }
    name.push_str(node.own_text().trim());
    for child in node.children() {
        if !matches!(
            child.name(),
            n::TRANSLATION | n::ORIGINAL_TEXT | n::ID | n::TEMPLATE_ID | n::ADDR | n::TELECOM | n::TEXT
        ) {
            name.push('.');
            spell(child, name);
        }
    }
}
