//! Who said it, and when: one Provenance for each author and time, with all that they said.

use super::conversion::Conversion;
use super::conversion::ResourceId;
use super::json::Slot;
use super::types::stamp::Stamp;
use crate::ccda::Node;
use crate::ccda::n;

/// What one author said at one time.
pub(super) struct Group<'t> {
    author: Node<'t>,
    party: Option<ResourceId>,
    time: Option<Stamp>,
    targets: Vec<ResourceId>,
}

impl<'t> Conversion<'t> {
    /// Credits the resource of `node` to its author: its own, else the section's, else the document's.
    pub(super) fn credit(&mut self, id: ResourceId, node: Node<'t>) {
        let Some(author) = std::iter::once(node)
            .chain(node.ancestors())
            .find_map(|around| around.child(n::AUTHOR))
        else {
            return;
        };
        let party = author.child(n::ASSIGNED_AUTHOR).and_then(|role| self.party(role));
        let time = author.child(n::TIME).and_then(|time| self.stamp_of(time));
        let known = self.groups.iter_mut().find(|group| {
            group.author == author || party.is_some() && group.party == party && group.time == time
        });
        match known {
            Some(group) => {
                if !group.targets.contains(&id) {
                    group.targets.push(id);
                }
            }
            None => self.groups.push(Group {
                author,
                party,
                time,
                targets: vec![id],
            }),
        }
    }

    /// Writes all that was credited; `source` is the DocumentReference of the document.
    pub(super) fn write_provenance(&mut self, source: Option<ResourceId>) {
        for group in std::mem::take(&mut self.groups) {
            let name = format!("Provenance|{}", group.author.id().index());
            let uuid = self.namespace.derive(name.as_bytes());
            let (id, _) = self.reserve("Provenance", uuid, group.author);
            self.write(id, "provenance", |c| c.provenance(&group, source));
            self.write_waiting();
        }
    }

    fn provenance(&mut self, group: &Group<'t>, source: Option<ResourceId>) {
        let targets = self.w.open_list("target");
        for target in &group.targets {
            self.refer(Slot::Element, *target);
        }
        self.w.close_list(targets);
        let root = self.tree.root();
        let offset = self.document_offset().unwrap_or_default();
        let document_time = root.child(n::EFFECTIVE_TIME).and_then(|time| self.stamp_of(time));
        if let Some(time) = group.time.or(document_time) {
            self.w.text("recorded", time.padded(offset).letters().as_str());
        } else {
            self.absent("_recorded".into(), "unknown");
        }
        let agents = self.w.open_list("agent");
        let agent = self.w.open(Slot::Element);
        self.agent_type("author");
        if !group
            .author
            .child(n::ASSIGNED_AUTHOR)
            .is_some_and(|role| self.actor("who".into(), role))
        {
            let who = self.w.open("who");
            self.w.text("display", "unknown author");
            self.w.close(who);
        }
        let organization = group
            .author
            .at(&[n::ASSIGNED_AUTHOR, n::REPRESENTED_ORGANIZATION]);
        if let Some(organization) = organization {
            self.organization_reference("onBehalfOf".into(), organization);
        }
        self.w.close(agent);
        if group.author.parent() == Some(root) {
            self.helpers_of_author(root);
        }
        self.w.close_list(agents);
        if let Some(source) = source {
            let entities = self.w.open_list("entity");
            let entity = self.w.open(Slot::Element);
            self.w.text("role", "source");
            self.refer("what".into(), source);
            self.w.close(entity);
            self.w.close_list(entities);
        }
    }

    /// Who typed the document in, and whose word its author took.
    fn helpers_of_author(&mut self, root: Node<'t>) {
        for (name, code) in [(n::DATA_ENTERER, "enterer"), (n::INFORMANT, "informant")] {
            for helper in root.all(name) {
                let mark = self.w.mark();
                let agent = self.w.open(Slot::Element);
                self.agent_type(code);
                let known = self.actor("who".into(), helper);
                self.w.close(agent);
                if !known {
                    self.w.rewind(mark);
                }
            }
        }
    }

    fn agent_type(&mut self, code: &str) {
        let object = self.w.open("type");
        let list = self.w.open_list("coding");
        let coding = self.w.open(Slot::Element);
        self.w.text(
            "system",
            "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
        );
        self.w.text("code", code);
        self.w.close(coding);
        self.w.close_list(list);
        self.w.close(object);
    }
}
