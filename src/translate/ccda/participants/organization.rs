//! Organization, and the Device that writes documents.

use super::first_id;
use super::push_id;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::conversion::ResourceId;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::types::person_name;

/// An organization's name, its own or that of what it is part of.
fn name_of(organization: Node<'_>) -> Option<Node<'_>> {
    organization.all(n::NAME).find(|name| person_name::speaks(*name))
}

impl<'t> Conversion<'t> {
    /// The Organization; `None` without a name, because US Core wants one.
    pub(in crate::translate::ccda) fn organization(&mut self, organization: Node<'t>) -> Option<ResourceId> {
        let spoken = name_of(organization)?;
        let mut name = String::from("Organization");
        push_id(&mut name, first_id(organization));
        name.push_str(&person_name::as_text(spoken).to_lowercase());
        if first_id(organization).is_none()
            && let Some(address) = organization.child(n::ADDR)
        {
            name.push_str(&person_name::as_text(address).to_lowercase());
        }
        Some(self.reserve_participant("Organization", &name, organization))
    }

    /// Writes a reference to an organization, by its identifier if it has no name.
    pub(in crate::translate::ccda) fn organization_reference(
        &mut self,
        slot: Slot<'_>,
        organization: Node<'t>,
    ) -> bool {
        match self.organization(organization) {
            Some(id) => self.refer(slot, id),
            None => self.logical(slot, organization),
        }
    }

    pub(super) fn write_organization(&mut self, id: ResourceId, organization: Node<'t>) {
        self.write(id, "organization", |c| {
            c.identifiers(organization);
            c.w.boolean("active", true);
            if let Some(name) = name_of(organization) {
                c.w.collapsed("name", &person_name::as_text(name));
            }
            if let Some(code) = organization.child(n::STANDARD_INDUSTRY_CLASS_CODE) {
                let list = c.w.open_list("type");
                c.concept(Slot::Element, code);
                c.w.close_list(list);
            }
            c.contacts(organization, false);
            c.addresses(organization, false);
            if let Some(whole) = organization.at(&[n::AS_ORGANIZATION_PART_OF, n::WHOLE_ORGANIZATION]) {
                c.organization_reference("partOf".into(), whole);
            }
        });
    }

    pub(super) fn authoring_device(&mut self, role: Node<'t>, device: Node<'t>) -> ResourceId {
        let mut name = String::from("Device");
        push_id(&mut name, first_id(role));
        name.push_str(&person_name::as_text(device).to_lowercase());
        self.reserve_participant("Device", &name, role)
    }

    pub(super) fn write_device(&mut self, id: ResourceId, role: Node<'t>) {
        self.write(id, "", |c| {
            c.identifiers(role);
            let Some(device) = role.child(n::ASSIGNED_AUTHORING_DEVICE) else {
                return c.playing_device(role);
            };
            let model = device.child(n::MANUFACTURER_MODEL_NAME);
            let software = device.child(n::SOFTWARE_NAME);
            if let Some(name) = model.or(software).filter(|name| person_name::speaks(*name)) {
                let list = c.w.open_list("deviceName");
                let object = c.w.open(Slot::Element);
                c.w.collapsed("name", &name.text());
                c.w.text("type", "manufacturer-name");
                c.w.close(object);
                c.w.close_list(list);
            }
            if let Some(code) = device.child(n::CODE) {
                c.concept("type".into(), code);
            }
            if let Some(software) = software {
                let list = c.w.open_list("version");
                let object = c.w.open(Slot::Element);
                c.w.collapsed("value", &software.text());
                c.w.close(object);
                c.w.close_list(list);
            }
            if let Some(owner) = role.child(n::REPRESENTED_ORGANIZATION) {
                c.organization_reference("owner".into(), owner);
            }
        });
    }
}
