//! People, organizations, devices and places that take part: each becomes one resource, however often it is named.

mod organization;
mod person;
mod place;

use std::collections::HashMap;

use super::conversion::Conversion;
use super::conversion::ResourceId;
use super::json::Slot;
use super::types::person_name;
use crate::ccda::Name;
use crate::ccda::Node;
use crate::ccda::n;

/// The elements that are roles.
const ROLES: &[Name] = &[
    n::ASSIGNED_ENTITY,
    n::ASSIGNED_AUTHOR,
    n::ASSOCIATED_ENTITY,
    n::RELATED_ENTITY,
    n::PARTICIPANT_ROLE,
    n::INTENDED_RECIPIENT,
    n::ASSIGNED_CUSTODIAN,
    n::GUARDIAN,
];

/// The elements that are people in a role.
const PEOPLE: &[Name] = &[
    n::ASSIGNED_PERSON,
    n::ASSOCIATED_PERSON,
    n::RELATED_PERSON,
    n::INFORMATION_RECIPIENT,
    n::GUARDIAN_PERSON,
    n::PLAYING_ENTITY,
];

/// The elements that are organizations in a role.
const ORGANIZATIONS: &[Name] = &[
    n::REPRESENTED_ORGANIZATION,
    n::SCOPING_ORGANIZATION,
    n::RECEIVED_ORGANIZATION,
    n::REPRESENTED_CUSTODIAN_ORGANIZATION,
    n::GUARDIAN_ORGANIZATION,
    n::MANUFACTURER_ORGANIZATION,
    n::SERVICE_PROVIDER_ORGANIZATION,
];

/// A role's person, if it has a name.
pub(super) fn named_person(role: Node<'_>) -> Option<Node<'_>> {
    role.children()
        .filter(|child| PEOPLE.contains(&child.name()))
        .find(|person| person.all(n::NAME).any(person_name::speaks))
}

/// A role's organization.
pub(super) fn organization_of(role: Node<'_>) -> Option<Node<'_>> {
    role.children()
        .find(|child| ORGANIZATIONS.contains(&child.name()))
}

/// The role in a participation; a role is its own.
pub(super) fn role_of(node: Node<'_>) -> Option<Node<'_>> {
    if ROLES.contains(&node.name()) {
        return Some(node);
    }
    node.children().find(|child| ROLES.contains(&child.name()))
}

/// The first id that says something.
pub(super) fn first_id(node: Node<'_>) -> Option<Node<'_>> {
    node.all(n::ID)
        .find(|id| id.attribute(n::EXTENSION).is_some())
        .or_else(|| {
            node.all(n::ID)
                .find(|id| id.null_flavor().is_none() && id.attribute(n::ROOT).is_some())
        })
}

/// Adds what `id` says to a name of a resource.
fn push_id(name: &mut String, id: Option<Node<'_>>) {
    for part in [n::ROOT, n::EXTENSION] {
        name.push('|');
        let value = id.and_then(|id| id.attribute(part)).unwrap_or_default();
        name.push_str(&value.to_ascii_lowercase());
    }
}

impl<'t> Conversion<'t> {
    /// Writes a reference to whoever takes part by `node`, a participation or a role.
    pub(super) fn actor(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.actor_of(slot, node))
    }

    fn actor_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(role) = role_of(node) else {
            return ORGANIZATIONS.contains(&node.name()) && self.organization_reference(slot, node);
        };
        match self.party(role) {
            Some(id) => self.refer(slot, id),
            None => self.logical(slot, role),
        }
    }

    /// The same, but of a `PractitionerRole` the practitioner.
    pub(super) fn person(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(role) = role_of(node) else { return false };
        let role = self.introduced(role);
        match named_person(role) {
            Some(_) => {
                let id = self.practitioner(role);
                self.refer(slot, id)
            }
            None => self.actor(slot, role),
        }
    }

    /// Writes a reference to the organization of a role.
    pub(super) fn organization_actor(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let organization = role_of(node).and_then(organization_of).unwrap_or(node);
        self.organization_reference(slot, organization)
    }

    /// The resource of a role; `None` if it says too little to be one.
    pub(super) fn party(&mut self, role: Node<'t>) -> Option<ResourceId> {
        if let Some(id) = self.resource_of(role) {
            return Some(id);
        }
        let role_here = role;
        let role = self.introduced(role);
        let id = self.party_of(role)?;
        self.assign(role_here, id);
        Some(id)
    }

    fn party_of(&mut self, role: Node<'t>) -> Option<ResourceId> {
        if role.name() == n::ASSIGNED_CUSTODIAN {
            return self.organization(organization_of(role)?);
        }
        if let Some(device) = role
            .child(n::ASSIGNED_AUTHORING_DEVICE)
            .or_else(|| role.child(n::PLAYING_DEVICE))
        {
            return Some(self.authoring_device(role, device));
        }
        if is_related(role) {
            return self.related_person(role);
        }
        let organization = organization_of(role).and_then(|organization| self.organization(organization));
        if named_person(role).is_none() {
            return organization;
        }
        let practitioner = self.practitioner(role);
        let specialised = role
            .child(n::CODE)
            .is_some_and(|code| code.attribute(n::CODE).is_some());
        if (organization.is_some() || specialised) && has_contact(role) {
            return Some(self.practitioner_role(role, practitioner, organization));
        }
        Some(practitioner)
    }

    /// Where the role is introduced in full: here, or elsewhere under the same id.
    fn introduced(&mut self, role: Node<'t>) -> Node<'t> {
        if named_person(role).is_some()
            || organization_of(role).is_some()
            || role.child(n::ASSIGNED_AUTHORING_DEVICE).is_some()
        {
            return role;
        }
        let tree = self.tree;
        let people = self.people.get_or_insert_with(|| {
            let mut people = HashMap::new();
            for role in tree
                .root()
                .descendants()
                .filter(|node| ROLES.contains(&node.name()))
            {
                if named_person(role).is_none() {
                    continue;
                }
                for id in role.all(n::ID) {
                    if let Some(root) = id.attribute(n::ROOT) {
                        let key = (root, id.attribute(n::EXTENSION).unwrap_or_default());
                        people.entry(key).or_insert(role.id());
                    }
                }
            }
            people
        });
        let found = role.all(n::ID).find_map(|id| {
            let key = (
                id.attribute(n::ROOT)?,
                id.attribute(n::EXTENSION).unwrap_or_default(),
            );
            people.get(&key).copied()
        });
        found.map_or(role, |id| tree.node(id))
    }

    /// Writes a reference by identifier and name to what says too little to be a resource.
    pub(super) fn logical(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        self.of(node, |c| c.logical_of(slot, node))
    }

    fn logical_of(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let object = self.w.open(slot.typed("Reference"));
        if let Some(id) = first_id(node) {
            self.identifier("identifier".into(), id);
        }
        let named = named_person(node)
            .or_else(|| organization_of(node))
            .unwrap_or(node);
        if let Some(name) = named.child(n::NAME) {
            self.w.collapsed("display", &person_name::as_text(name));
        }
        self.w.close(object)
    }

    /// Writes the participants that were referred to since the last resource.
    pub(super) fn write_waiting(&mut self) {
        while let Some(id) = self.waiting.pop() {
            let resource = self.resource(id);
            if resource.span.1 > 0 {
                continue;
            }
            let (kind, node) = (resource.kind, resource.node);
            match kind {
                "Practitioner" => self.write_practitioner(id, node),
                "PractitionerRole" => self.write_practitioner_role(id, node),
                "Organization" => self.write_organization(id, node),
                "RelatedPerson" => self.write_related_person(id, node),
                "Location" => self.write_location(id, node),
                "Device" => self.write_device(id, node),
                _ => {}
            }
        }
    }

    fn reserve_participant(&mut self, kind: &'t str, name: &str, node: Node<'t>) -> ResourceId {
        let uuid = self.namespace.derive(name.as_bytes());
        let (id, new) = self.reserve(kind, uuid, node);
        if new {
            self.waiting.push(id);
        }
        id
    }

    /// Writes all identifiers, the national one first.
    fn identifiers(&mut self, node: Node<'t>) -> bool {
        let list = self.w.open_list("identifier");
        let is_npi = |id: &Node<'t>| id.attribute(n::ROOT) == Some(super::types::identifier::NPI_ROOT);
        for id in node.all(n::ID).filter(is_npi) {
            self.identifier(Slot::Element, id);
        }
        for id in node.all(n::ID).filter(|id| !is_npi(id)) {
            self.identifier(Slot::Element, id);
        }
        self.w.close_list(list)
    }

    fn contacts(&mut self, node: Node<'t>, home: bool) {
        let list = self.w.open_list("telecom");
        for telecom in node.all(n::TELECOM) {
            self.telecom(Slot::Element, telecom, home);
        }
        self.w.close_list(list);
    }

    fn addresses(&mut self, node: Node<'t>, home: bool) {
        let list = self.w.open_list("address");
        for address in node.all(n::ADDR) {
            self.address(Slot::Element, address, home);
        }
        self.w.close_list(list);
    }
}

/// Whether a role is one of the patient's life rather than of their care.
fn is_related(role: Node<'_>) -> bool {
    match role.name() {
        n::RELATED_ENTITY | n::GUARDIAN => role.attribute(n::CLASS_CODE) != Some("ASSIGNED"),
        n::ASSOCIATED_ENTITY | n::PARTICIPANT_ROLE => matches!(
            role.attribute(n::CLASS_CODE),
            Some(
                "NOK"
                    | "ECON"
                    | "PRS"
                    | "CAREGIVER"
                    | "AGNT"
                    | "CON"
                    | "GUARD"
                    | "GUAR"
                    | "POLHOLD"
                    | "COVPTY"
            )
        ),
        _ => role.child(n::SDTC_AS_PATIENT_RELATIONSHIP).is_some(),
    }
}

/// Whether a role can be reached: US Core wants that of a `PractitionerRole`.
fn has_contact(role: Node<'_>) -> bool {
    let reachable = |node: Node<'_>| {
        node.all(n::TELECOM).any(|telecom| {
            telecom.attribute(n::VALUE).is_some_and(|value| {
                value.bytes().any(|byte| byte.is_ascii_alphanumeric()) && value.len() > 6
            })
        })
    };
    reachable(role) || organization_of(role).is_some_and(reachable)
}
