//! The patient: recordTarget, and what the social history says of who they are.

use super::conversion::Conversion;
use super::conversion::ResourceId;
use super::json::Slot;
use super::note;
use super::participants::first_id;
use super::types::identifier::uuid;
use crate::ccda::Name;
use crate::ccda::Node;
use crate::ccda::TemplateKey;
use crate::ccda::n;

const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/";
const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-";
const CDCREC: &str = "urn:oid:2.16.840.1.113883.6.238";

/// The categories of race that the Office of Management and Budget has.
const RACES: &[&str] = &["1002-5", "2028-9", "2054-5", "2076-8", "2106-3"];
/// And those of ethnicity.
const ETHNICITIES: &[&str] = &["2135-2", "2186-5"];

impl<'t> Conversion<'t> {
    /// Reserves the patient's place; the patient is written last, when all is known.
    pub(super) fn claim_patient(&mut self) {
        let root = self.tree.root();
        let mut targets = root.all(n::RECORD_TARGET);
        let target = targets.next();
        if let Some(other) = targets.next() {
            self.note(note::MORE_PATIENTS, other);
        }
        let mut name = String::from("Patient");
        let role = target.and_then(|target| target.child(n::PATIENT_ROLE));
        if let Some(id) = role.and_then(first_id) {
            for part in [n::ROOT, n::EXTENSION] {
                name.push('|');
                let value = id.attribute(part).unwrap_or_default();
                name.push_str(&uuid(value).unwrap_or_else(|| value.to_owned()));
            }
        }
        let node = role.or(target).unwrap_or(root);
        let (id, _) = self.reserve("Patient", self.namespace.derive(name.as_bytes()), node);
        self.patient = Some(id);
    }

    pub(super) fn write_patient(&mut self, id: ResourceId) {
        let role = self.resource(id).node;
        self.begin_statement(self.tree.root());
        self.write(id, "patient", |c| {
            let patient = role.child(n::PATIENT);
            let extensions = c.w.open_list("extension");
            if let Some(patient) = patient {
                c.patient_extensions(patient);
            }
            c.told_extensions();
            c.w.close_list(extensions);
            c.patient_identifiers(role);
            if let Some(patient) = patient {
                c.person_members(patient);
            } else {
                c.absent_name();
                c.w.text("gender", "unknown");
            }
            let contacts = c.w.open_list("telecom");
            for telecom in role.all(n::TELECOM) {
                c.telecom(Slot::Element, telecom, true);
            }
            c.w.close_list(contacts);
            let addresses = c.w.open_list("address");
            for address in role.all(n::ADDR) {
                c.address(Slot::Element, address, true);
            }
            c.w.close_list(addresses);
            if let Some(organization) = role.child(n::PROVIDER_ORGANIZATION) {
                c.organization_reference("managingOrganization".into(), organization);
            }
        });
        self.write_waiting();
    }

    fn patient_identifiers(&mut self, role: Node<'t>) {
        let list = self.w.open_list("identifier");
        let mut any = false;
        for id in role.all(n::ID) {
            any |= self.identifier(Slot::Element, id);
        }
        if !any {
            // US Core wants an identifier; that there is none is said, not made up.
            self.absent_identifier();
        }
        self.w.close_list(list);
    }

    fn absent_name(&mut self) {
        let list = self.w.open_list("name");
        self.absent(Slot::Element, "unknown");
        self.w.close_list(list);
    }

    fn person_members(&mut self, patient: Node<'t>) {
        let list = self.w.open_list("name");
        self.names(patient.all(n::NAME), false);
        if !self.w.close_list(list) {
            self.absent_name();
        }
        let rules = self.rules;
        let gender = patient
            .child(n::ADMINISTRATIVE_GENDER_CODE)
            .and_then(|code| code.attribute(n::CODE))
            .and_then(|code| rules.value("gender", code));
        self.w.text("gender", gender.unwrap_or("unknown"));
        self.birth(patient);
        let dead_since = patient
            .child(n::SDTC_DECEASED_TIME)
            .is_some_and(|time| self.date_time("deceasedDateTime".into(), time));
        if !dead_since
            && let Some(dead) = patient
                .child(n::SDTC_DECEASED_IND)
                .and_then(|dead| dead.attribute(n::VALUE))
        {
            self.w.boolean("deceasedBoolean", dead == "true" || dead == "1");
        }
        if let Some(status) = patient.child(n::MARITAL_STATUS_CODE) {
            self.concept("maritalStatus".into(), status);
        }
        self.guardians(patient);
        self.languages(patient);
    }

    fn birth(&mut self, patient: Node<'t>) {
        let Some(time) = patient.child(n::BIRTH_TIME) else {
            return;
        };
        let Some(stamp) = self.stamp(time) else { return };
        self.w.text("birthDate", stamp.day_only().letters().as_str());
        if stamp.has_time() {
            let object = self.w.open("_birthDate");
            let list = self.w.open_list("extension");
            let extension = self.w.open(Slot::Element);
            self.w.pieces("url", &[EXTENSION, "patient-birthTime"]);
            self.w.text("valueDateTime", stamp.letters().as_str());
            self.w.close(extension);
            self.w.close_list(list);
            self.w.close(object);
        }
    }

    fn languages(&mut self, patient: Node<'t>) {
        let list = self.w.open_list("communication");
        for communication in patient.all(n::LANGUAGE_COMMUNICATION) {
            let Some(code) = communication
                .child(n::LANGUAGE_CODE)
                .and_then(|code| code.attribute(n::CODE))
            else {
                continue;
            };
            let object = self.w.open(Slot::Element);
            self.proficiency(communication);
            let language = self.w.open("language");
            let codings = self.w.open_list("coding");
            let coding = self.w.open(Slot::Element);
            self.w.text("system", "urn:ietf:bcp:47");
            self.w.text("code", bcp47(code));
            self.w.close(coding);
            self.w.close_list(codings);
            self.w.close(language);
            let preferred = communication
                .child(n::PREFERENCE_IND)
                .and_then(|preferred| preferred.attribute(n::VALUE));
            if let Some(preferred) = preferred {
                self.w
                    .boolean("preferred", preferred == "true" || preferred == "1");
            }
            self.w.close(object);
        }
        self.w.close_list(list);
    }

    fn proficiency(&mut self, communication: Node<'t>) {
        let coded = |name| {
            communication
                .child(name)
                .filter(|code| code.attribute(n::CODE).is_some())
        };
        let parts = [
            ("level", coded(n::PROFICIENCY_LEVEL_CODE)),
            ("type", coded(n::MODE_CODE)),
        ];
        if parts.iter().all(|(_, code)| code.is_none()) {
            return;
        }
        let list = self.w.open_list("extension");
        let outer = self.w.open(Slot::Element);
        let inner = self.w.open_list("extension");
        for (url, code) in parts {
            if let Some(code) = code {
                let extension = self.w.open(Slot::Element);
                self.w.text("url", url);
                self.coding("valueCoding".into(), code);
                self.w.close(extension);
            }
        }
        self.w.close_list(inner);
        self.w.pieces("url", &[EXTENSION, "patient-proficiency"]);
        self.w.close(outer);
        self.w.close_list(list);
    }

    fn guardians(&mut self, patient: Node<'t>) {
        let list = self.w.open_list("contact");
        for guardian in patient.all(n::GUARDIAN) {
            let object = self.w.open(Slot::Element);
            let content = self.w.mark();
            let name = guardian.child(n::GUARDIAN_PERSON).and_then(|person| {
                person
                    .all(n::NAME)
                    .find(|name| super::types::person_name::speaks(*name))
            });
            if let Some(name) = name {
                self.usual_name("name".into(), name);
            }
            let telecoms = self.w.open_list("telecom");
            for telecom in guardian.all(n::TELECOM) {
                self.telecom(Slot::Element, telecom, true);
            }
            self.w.close_list(telecoms);
            if let Some(address) = guardian.child(n::ADDR) {
                self.address("address".into(), address, true);
            }
            if let Some(organization) = guardian.child(n::GUARDIAN_ORGANIZATION) {
                self.organization_reference("organization".into(), organization);
            }
            if self.w.wrote_since(content) {
                self.guardian_relationship(guardian);
            }
            self.w.close(object);
        }
        self.w.close_list(list);
    }

    fn guardian_relationship(&mut self, guardian: Node<'t>) {
        let list = self.w.open_list("relationship");
        let fixed = self.w.open(Slot::Element);
        let codings = self.w.open_list("coding");
        let coding = self.w.open(Slot::Element);
        self.w
            .text("system", "http://terminology.hl7.org/CodeSystem/v3-RoleCode");
        self.w.text("code", "GUARD");
        self.w.close(coding);
        self.w.close_list(codings);
        self.w.close(fixed);
        if let Some(code) = guardian.child(n::CODE) {
            self.concept(Slot::Element, code);
        }
        self.w.close_list(list);
    }

    fn patient_extensions(&mut self, patient: Node<'t>) {
        self.origin(patient, "race", &[n::RACE_CODE, n::SDTC_RACE_CODE], RACES, 5);
        self.origin(
            patient,
            "ethnicity",
            &[n::ETHNIC_GROUP_CODE, n::SDTC_ETHNIC_GROUP_CODE],
            ETHNICITIES,
            1,
        );
        if let Some(religion) = patient
            .child(n::RELIGIOUS_AFFILIATION_CODE)
            .filter(|code| code.attribute(n::CODE).is_some())
        {
            let extension = self.w.open(Slot::Element);
            self.w.pieces("url", &[EXTENSION, "patient-religion"]);
            self.concept("valueCodeableConcept".into(), religion);
            self.w.close(extension);
        }
        if let Some(address) = patient.at(&[n::BIRTHPLACE, n::PLACE, n::ADDR]) {
            let mark = self.w.mark();
            let extension = self.w.open(Slot::Element);
            self.w.pieces("url", &[EXTENSION, "patient-birthPlace"]);
            let written = self.address("valueAddress".into(), address, true);
            self.w.close(extension);
            if !written {
                self.w.rewind(mark);
            }
        }
    }

    /// The extension on race or ethnicity: categories, details, and a text of all.
    fn origin(&mut self, patient: Node<'t>, kind: &str, names: &[Name], categories: &[&str], most: usize) {
        let mark = self.w.mark();
        let outer = self.w.open(Slot::Element);
        let list = self.w.open_list("extension");
        let mut text: Vec<String> = Vec::new();
        let mut written: Vec<&str> = Vec::new();
        let mut unknown = false;
        for node in names.iter().flat_map(|name| patient.all(*name)) {
            let Some(code) = node.attribute(n::CODE) else {
                unknown |= matches!(
                    node.null_flavor(),
                    Some("UNK" | "ASKU" | "NI" | "NASK" | "OTH" | "NAV" | "MSK")
                );
                continue;
            };
            let said = self.original_text(node).map(std::borrow::Cow::into_owned);
            let said = said.or_else(|| node.attribute(n::DISPLAY_NAME).map(str::to_owned));
            let said = said.unwrap_or_else(|| code.to_owned());
            if !text.contains(&said) {
                text.push(said);
            }
            let is_category = categories.contains(&code)
                && written.iter().filter(|known| categories.contains(known)).count() < most;
            // Other codes that are no details of this code system have their text only.
            let is_detail = !is_category && node.attribute(n::CODE_SYSTEM) == Some("2.16.840.1.113883.6.238");
            if (is_category || is_detail) && !written.contains(&code) {
                written.push(code);
                let extension = self.w.open(Slot::Element);
                self.w
                    .text("url", if is_category { "ombCategory" } else { "detailed" });
                self.origin_coding(node, code);
                self.w.close(extension);
            }
        }
        if text.is_empty() && unknown {
            text.push("Unknown".to_owned());
        }
        if text.is_empty() {
            self.w.close_list(list);
            self.w.close(outer);
            self.w.rewind(mark);
            return;
        }
        let extension = self.w.open(Slot::Element);
        self.w.text("url", "text");
        self.w.collapsed("valueString", &text.join(", "));
        self.w.close(extension);
        self.w.close_list(list);
        self.w.pieces("url", &[US_CORE, kind]);
        self.w.close(outer);
    }

    fn origin_coding(&mut self, node: Node<'t>, code: &str) {
        let coding = self.w.open("valueCoding");
        self.w.text("system", CDCREC);
        self.w.text("code", code);
        self.w
            .collapsed("display", node.attribute(n::DISPLAY_NAME).unwrap_or_default());
        self.w.close(coding);
    }

    /// What the social history says of who the patient is.
    fn told_extensions(&mut self) {
        let mut done: Vec<&str> = Vec::new();
        for node in std::mem::take(&mut self.patient_extensions) {
            let Some(value) = node.child(n::VALUE) else {
                continue;
            };
            let Some(kind) = told_kind(node) else { continue };
            if done.contains(&kind) {
                continue;
            }
            let mark = self.w.mark();
            let extension = self.w.open(Slot::Element);
            self.w.pieces("url", &[US_CORE, kind]);
            let written = match kind {
                "birthsex" => self.birth_sex(value),
                "sex" => self.sex(value),
                "tribal-affiliation" => self.tribe(value),
                _ => self.concept("valueCodeableConcept".into(), value),
            };
            self.w.close(extension);
            if written {
                self.credit_source(node);
                done.push(kind);
            } else {
                self.w.rewind(mark);
            }
        }
    }

    fn birth_sex(&mut self, value: Node<'t>) -> bool {
        let code = match (value.attribute(n::CODE), value.null_flavor()) {
            (Some(code @ ("F" | "M" | "UNK" | "OTH")), _) => code,
            (_, Some("OTH")) => "OTH",
            (None, Some(_)) => "UNK",
            _ => return false,
        };
        self.w.text("valueCode", code)
    }

    fn sex(&mut self, value: Node<'t>) -> bool {
        let rules = self.rules;
        match value.attribute(n::CODE).and_then(|code| rules.value("sex", code)) {
            Some(code) => self.w.text("valueCode", code),
            None if value.attribute(n::CODE) == Some("asked-declined") => {
                self.w.text("valueCode", "asked-declined")
            }
            None => self.w.text("valueCode", "unknown"),
        }
    }

    fn tribe(&mut self, value: Node<'t>) -> bool {
        let list = self.w.open_list("extension");
        let extension = self.w.open(Slot::Element);
        self.w.text("url", "tribalAffiliation");
        self.concept("valueCodeableConcept".into(), value);
        self.w.close(extension);
        self.w.close_list(list)
    }
}

/// Which extension of the patient an observation is.
pub(super) fn told_kind(node: Node<'_>) -> Option<&'static str> {
    let code = node.child(n::CODE).and_then(|code| code.attribute(n::CODE));
    let has = |root| node.has_template(TemplateKey::new(root));
    match code {
        Some("76689-9") => Some("birthsex"),
        Some("46098-0") => Some("sex"),
        Some("76691-5") => Some("genderIdentity"),
        Some("95370-3") => Some("tribal-affiliation"),
        _ if has("2.16.840.1.113883.10.20.22.4.200") => Some("birthsex"),
        _ if has("2.16.840.1.113883.10.20.22.4.507") => Some("sex"),
        _ if has("2.16.840.1.113883.10.20.34.3.45") => Some("genderIdentity"),
        _ if has("2.16.840.1.113883.10.20.22.4.506") => Some("tribal-affiliation"),
        _ => None,
    }
}

/// A language of three letters by its code of two, where the language is an everyday one.
pub(super) fn bcp47(code: &str) -> &str {
    match code {
        "eng" => "en",
        "spa" => "es",
        "fre" | "fra" => "fr",
        "ger" | "deu" => "de",
        "chi" | "zho" => "zh",
        "vie" => "vi",
        "kor" => "ko",
        "rus" => "ru",
        "ara" => "ar",
        "por" => "pt",
        "ita" => "it",
        "jpn" => "ja",
        "hin" => "hi",
        "tgl" => "tl",
        "pol" => "pl",
        other => other,
    }
}
