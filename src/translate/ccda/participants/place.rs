//! Location, and the Device that a participant brings along.

use super::first_id;
use super::push_id;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::conversion::ResourceId;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::types::person_name;

/// The role of a place: of a participant, or of the encounter around the document.
fn place_role(node: Node<'_>) -> Option<Node<'_>> {
    match node.name() {
        n::PARTICIPANT_ROLE | n::HEALTH_CARE_FACILITY => Some(node),
        _ => node
            .child(n::PARTICIPANT_ROLE)
            .or_else(|| node.child(n::HEALTH_CARE_FACILITY)),
    }
}

/// The element with the name of the place.
fn place_name(role: Node<'_>) -> Option<Node<'_>> {
    role.child(n::PLAYING_ENTITY)
        .or_else(|| role.child(n::LOCATION))
        .and_then(|entity| entity.child(n::NAME))
        .filter(|name| person_name::speaks(*name))
}

impl<'t> Conversion<'t> {
    /// Writes a reference to a place.
    pub(in crate::translate::ccda) fn location(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(role) = place_role(node) else {
            return false;
        };
        let named = place_name(role).is_some()
            || role
                .child(n::CODE)
                .is_some_and(|code| code.attribute(n::DISPLAY_NAME).is_some());
        if !named {
            return self.logical(slot, role);
        }
        let mut name = String::from("Location");
        push_id(&mut name, first_id(role));
        if let Some(spoken) = place_name(role) {
            name.push_str(&person_name::as_text(spoken).to_lowercase());
        }
        name.push('|');
        let code = role.child(n::CODE).and_then(|code| code.attribute(n::CODE));
        name.push_str(code.unwrap_or_default());
        let id = self.reserve_participant("Location", &name, role);
        self.refer(slot, id)
    }

    pub(super) fn write_location(&mut self, id: ResourceId, role: Node<'t>) {
        self.write(id, "location", |c| {
            c.identifiers(role);
            c.w.text("status", "active");
            if let Some(name) = place_name(role) {
                c.w.collapsed("name", &person_name::as_text(name))
            } else {
                let code = role
                    .child(n::CODE)
                    .and_then(|code| code.attribute(n::DISPLAY_NAME));
                c.w.collapsed("name", code.unwrap_or_default())
            };
            if let Some(code) = role.child(n::CODE) {
                let list = c.w.open_list("type");
                c.concept(Slot::Element, code);
                c.w.close_list(list);
            }
            c.contacts(role, true);
            let place = role.child(n::LOCATION).unwrap_or(role);
            if let Some(address) = place.child(n::ADDR).or_else(|| role.child(n::ADDR)) {
                c.address("address".into(), address, true);
            }
            if let Some(organization) = role.child(n::SERVICE_PROVIDER_ORGANIZATION) {
                c.organization_reference("managingOrganization".into(), organization);
            }
        });
    }

    /// Writes a reference to the Device of a participant.
    pub(in crate::translate::ccda) fn device(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let role = node.child(n::PARTICIPANT_ROLE).unwrap_or(node);
        if role.child(n::PLAYING_DEVICE).is_none() {
            return false;
        }
        let id = self.device_of(role);
        self.refer(slot, id)
    }

    /// The Device of a role that a device plays.
    pub(in crate::translate::ccda) fn device_of(&mut self, role: Node<'t>) -> ResourceId {
        let mut name = String::from("Device");
        push_id(&mut name, first_id(role));
        let device = role.child(n::PLAYING_DEVICE);
        let code = device.and_then(|device| device.child(n::CODE));
        for part in [n::CODE, n::DISPLAY_NAME] {
            name.push('|');
            name.push_str(code.and_then(|code| code.attribute(part)).unwrap_or_default());
        }
        self.reserve_participant("Device", &name, role)
    }

    pub(super) fn playing_device(&mut self, role: Node<'t>) {
        let Some(device) = role.child(n::PLAYING_DEVICE) else {
            return;
        };
        self.udi(role);
        self.w.text("status", "active");
        if let Some(model) = device.child(n::MANUFACTURER_MODEL_NAME) {
            self.w.collapsed("modelNumber", &model.text());
        }
        let typed = device
            .child(n::CODE)
            .is_some_and(|code| self.concept("type".into(), code));
        if !typed {
            let object = self.w.open("type");
            self.w.text("text", "device");
            self.w.close(object);
        }
        self.refer_to_patient("patient".into());
        if let Some(maker) = role
            .child(n::SCOPING_ENTITY)
            .and_then(|entity| entity.child(n::DESC))
        {
            self.w.collapsed("manufacturer", &maker.text());
        }
    }

    /// The unique device identifier as a person reads it.
    fn udi(&mut self, role: Node<'t>) {
        // The issuing agencies of these identifiers are named by this root.
        let udi = role
            .all(n::ID)
            .find(|id| id.attribute(n::ROOT) == Some("2.16.840.1.113883.3.3719"));
        let Some(carrier) = udi.and_then(|id| id.attribute(n::EXTENSION)) else {
            return;
        };
        let list = self.w.open_list("udiCarrier");
        let object = self.w.open(Slot::Element);
        // In the form of GS1 the device identifier follows (01) and has 14 digits.
        let identifier = carrier
            .split_once("(01)")
            .map_or(carrier, |(_, rest)| rest.split('(').next().unwrap_or_default());
        self.w.text("deviceIdentifier", identifier);
        self.w.text("carrierHRF", carrier);
        self.w.close(object);
        self.w.close_list(list);
    }
}
