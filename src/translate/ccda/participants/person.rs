//! Practitioner, `PractitionerRole`, `RelatedPerson`.

use super::first_id;
use super::named_person;
use super::organization_of;
use super::push_id;
use crate::ccda::Node;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::conversion::ResourceId;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::options::UsCore;
use crate::translate::ccda::types::identifier::NPI_ROOT;
use crate::translate::ccda::types::person_name;

/// The code system of the codes that say who provides what care.
const NUCC: &str = "http://nucc.org/provider-taxonomy";

impl<'t> Conversion<'t> {
    /// The Practitioner of a role whose person has a name: one for each national number, else for each id and name.
    pub(super) fn practitioner(&mut self, role: Node<'t>) -> ResourceId {
        let mut name = String::from("Practitioner");
        let npi = role
            .all(n::ID)
            .find(|id| id.attribute(n::ROOT) == Some(NPI_ROOT) && id.attribute(n::EXTENSION).is_some());
        push_id(&mut name, npi.or_else(|| first_id(role)));
        if npi.is_none() {
            let person = named_person(role).and_then(|person| person.child(n::NAME));
            let spoken = person.map(person_name::as_text).unwrap_or_default();
            name.push_str(&spoken.to_lowercase());
            if first_id(role).is_none()
                && let Some(organization) = organization_of(role).and_then(|found| found.child(n::NAME))
            {
                name.push_str(&person_name::as_text(organization).to_lowercase());
            }
        }
        self.reserve_participant("Practitioner", &name, role)
    }

    pub(super) fn write_practitioner(&mut self, id: ResourceId, role: Node<'t>) {
        self.write(id, "practitioner", |c| {
            if !c.identifiers(role) {
                // US Core wants an identifier; that there is none is said, not made up.
                let list = c.w.open_list("identifier");
                c.absent_identifier();
                c.w.close_list(list);
            }
            if let Some(person) = named_person(role) {
                let list = c.w.open_list("name");
                c.names(person.all(n::NAME), true);
                c.w.close_list(list);
            }
            c.contacts(role, true);
            c.addresses(role, true);
        });
    }

    pub(super) fn practitioner_role(
        &mut self,
        role: Node<'t>,
        practitioner: ResourceId,
        organization: Option<ResourceId>,
    ) -> ResourceId {
        let mut name = format!("PractitionerRole|{}", self.resource(practitioner).uuid);
        if let Some(organization) = organization {
            name.push_str(self.resource(organization).uuid.letters().as_str());
        }
        let code = role.child(n::CODE).and_then(|code| code.attribute(n::CODE));
        name.push_str(code.unwrap_or_default());
        self.reserve_participant("PractitionerRole", &name, role)
    }

    pub(super) fn write_practitioner_role(&mut self, id: ResourceId, role: Node<'t>) {
        // US Core 3.1.1 wants an organization, later versions do not.
        let claimed = self.options.us_core != UsCore::V3_1_1 || organization_of(role).is_some();
        self.write(id, if claimed { "practitionerrole" } else { "" }, |c| {
            let practitioner = c.practitioner(role);
            c.refer("practitioner".into(), practitioner);
            if let Some(organization) = organization_of(role) {
                c.organization_reference("organization".into(), organization);
            }
            if let Some(code) = role.child(n::CODE) {
                let list = c.w.open_list("code");
                c.concept(Slot::Element, code);
                c.w.close_list(list);
                let oid = code.attribute(n::CODE_SYSTEM).unwrap_or_default();
                if c.rules.tables.systems.find(oid) == Some(NUCC) {
                    let list = c.w.open_list("specialty");
                    c.concept(Slot::Element, code);
                    c.w.close_list(list);
                }
            }
            let mark = c.w.mark();
            c.contacts(role, true);
            if !c.w.wrote_since(mark)
                && let Some(organization) = organization_of(role)
            {
                c.contacts(organization, false);
            }
        });
    }

    /// The `RelatedPerson` of a role; `None` if neither name nor relationship is known.
    pub(super) fn related_person(&mut self, role: Node<'t>) -> Option<ResourceId> {
        let person = named_person(role);
        let code = role
            .child(n::CODE)
            .filter(|code| code.attribute(n::CODE).is_some() || code.attribute(n::DISPLAY_NAME).is_some());
        if person.is_none() && code.is_none() {
            return None;
        }
        let mut name = String::from("RelatedPerson");
        push_id(&mut name, first_id(role));
        let spoken = person
            .and_then(|person| person.child(n::NAME))
            .map(person_name::as_text);
        name.push_str(&spoken.unwrap_or_default().to_lowercase());
        name.push('|');
        name.push_str(code.and_then(|code| code.attribute(n::CODE)).unwrap_or_default());
        Some(self.reserve_participant("RelatedPerson", &name, role))
    }

    pub(super) fn write_related_person(&mut self, id: ResourceId, role: Node<'t>) {
        self.write(id, "relatedperson", |c| {
            c.identifiers(role);
            c.w.boolean("active", true);
            c.refer_to_patient("patient".into());
            if let Some(code) = role.child(n::CODE) {
                let list = c.w.open_list("relationship");
                c.concept(Slot::Element, code);
                c.w.close_list(list);
            }
            if let Some(person) = named_person(role) {
                let list = c.w.open_list("name");
                c.names(person.all(n::NAME), false);
                c.w.close_list(list);
            }
            c.contacts(role, true);
            c.addresses(role, true);
        });
    }
}
