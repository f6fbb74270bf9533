//! The header: Composition, the DocumentReference of the document itself, the encounter around it.

mod source;

use super::conversion::Conversion;
use super::conversion::ResourceId;
use super::json::Slot;
use super::options::Product;
use super::participants::role_of;
use super::patient::bcp47;
use crate::ccda::Node;
use crate::ccda::n;

impl<'t> Conversion<'t> {
    /// Converts the whole document; what is written stands in `resources`, in order.
    pub(super) fn document(&mut self, bytes: &[u8]) {
        let root = self.tree.root();
        let product = self.options.product;
        let composition = (product == Product::Document).then(|| self.reserve_single("Composition"));
        self.claim_patient();
        let source = self.reserve_single("DocumentReference");
        if product != Product::Attachment {
            self.encompassing_encounter();
            self.care_team_of_header();
            self.consents();
            if let Some(body) = root
                .all(n::COMPONENT)
                .find_map(|body| body.child(n::STRUCTURED_BODY))
            {
                self.entries(body);
            }
            self.parties_of_header();
        }
        if let Some(patient) = self.patient {
            self.write_patient(patient);
        }
        self.begin_statement(root);
        self.write(source, "documentreference", |c| c.source_document(bytes));
        self.write_waiting();
        if let Some(composition) = composition {
            self.write(composition, "", Self::composition);
            self.write_waiting();
        }
        if product != Product::Attachment {
            self.write_provenance(Some(source));
        }
    }

    /// Reserves the one resource of its kind that the document as such becomes.
    fn reserve_single(&mut self, kind: &'t str) -> ResourceId {
        let root = self.tree.root();
        let uuid = self.namespace.derive(kind.as_bytes());
        self.reserve(kind, uuid, root).0
    }

    fn encompassing_encounter(&mut self) {
        let root = self.tree.root();
        let Some(encounter) = root.at(&[n::COMPONENT_OF, n::ENCOMPASSING_ENCOUNTER]) else {
            return;
        };
        // An entry with the same id says more about the same encounter, so it is the one.
        if let Some(entry) = self.statement_by_id(encounter)
            && entry.name() == n::ENCOUNTER
        {
            self.encounter = self.claim(entry);
            if let Some(id) = self.encounter {
                self.assign(encounter, id);
            }
            return;
        }
        let rules = self.rules;
        let header = rules
            .entries
            .iter()
            .position(|entry| entry.name == "encompassing-encounter");
        let Some(entry) = header.and_then(|at| rules.entries.get(at)) else {
            return;
        };
        let mut name = String::from("Encounter|header");
        for id in encounter.all(n::ID) {
            name.push_str(id.attribute(n::ROOT).unwrap_or_default());
            name.push_str(id.attribute(n::EXTENSION).unwrap_or_default());
        }
        let (id, _) = self.reserve("Encounter", self.namespace.derive(name.as_bytes()), encounter);
        self.assign(encounter, id);
        self.encounter = Some(id);
        self.begin_statement(encounter);
        self.write(id, "encounter", |c| {
            c.rows(&entry.rows, encounter);
        });
        self.write_waiting();
    }

    /// The people who care for the patient, as a team.
    fn care_team_of_header(&mut self) {
        let root = self.tree.root();
        let rules = self.rules;
        let events = root
            .all(n::DOCUMENTATION_OF)
            .filter_map(|of| of.child(n::SERVICE_EVENT));
        let position = rules
            .entries
            .iter()
            .position(|entry| entry.name == "header-care-team");
        let Some(entry) = position.and_then(|at| rules.entries.get(at)) else {
            return;
        };
        for (number, event) in events.enumerate() {
            if event.child(n::PERFORMER).is_none() {
                continue;
            }
            let name = format!("CareTeam|header|{number}");
            let (id, _) = self.reserve("CareTeam", self.namespace.derive(name.as_bytes()), event);
            self.assign(event, id);
            self.begin_statement(root);
            let profile = if event
                .all(n::PERFORMER)
                .any(|performer| performer.child(n::FUNCTION_CODE).is_some())
            {
                "careteam"
            } else {
                ""
            };
            self.write(id, profile, |c| {
                c.rows(&entry.rows, event);
            });
            self.write_waiting();
        }
    }

    /// What the patient agreed to.
    fn consents(&mut self) {
        let root = self.tree.root();
        let rules = self.rules;
        let Some(entry) = rules.entries.iter().find(|entry| entry.name == "header-consent") else {
            return;
        };
        let consents = root
            .all(n::AUTHORIZATION)
            .filter_map(|authorization| authorization.child(n::CONSENT));
        for (number, consent) in consents.enumerate() {
            let name = format!("Consent|header|{number}");
            let (id, _) = self.reserve("Consent", self.namespace.derive(name.as_bytes()), consent);
            self.assign(consent, id);
            self.begin_statement(root);
            self.write(id, "", |c| {
                c.rows(&entry.rows, consent);
            });
        }
    }

    /// Those whom the Composition has no place for; they are offered all the same.
    fn parties_of_header(&mut self) {
        let root = self.tree.root();
        for child in root.children() {
            if matches!(
                child.name(),
                n::INFORMATION_RECIPIENT | n::PARTICIPANT | n::INFORMANT | n::DATA_ENTERER
            ) && let Some(role) = role_of(child)
            {
                self.party(role);
                self.write_waiting();
            }
        }
    }

    fn composition(&mut self) {
        let root = self.tree.root();
        self.language(root);
        self.version(root);
        if let Some(id) = root.child(n::ID) {
            self.identifier("identifier".into(), id);
        }
        let status = self.document_status();
        self.w.text("status", status);
        self.document_type(root);
        self.refer_to_patient("subject".into());
        if let Some(encounter) = self.encounter {
            self.refer("encounter".into(), encounter);
        }
        let dated = root
            .child(n::EFFECTIVE_TIME)
            .is_some_and(|time| self.date_time("date".into(), time))
            || root
                .at(&[n::AUTHOR, n::TIME])
                .is_some_and(|time| self.date_time("date".into(), time));
        if !dated {
            self.absent("_date".into(), "unknown");
        }
        self.authors(root);
        let title = root
            .child(n::TITLE)
            .map(super::narrative::plain)
            .unwrap_or_default();
        let code = root
            .child(n::CODE)
            .and_then(|code| code.attribute(n::DISPLAY_NAME));
        let titled = root.child(n::TITLE).unwrap_or(root);
        if !self.of(titled, |c| c.w.text("title", &title)) {
            self.w.collapsed("title", code.unwrap_or("Clinical document"));
        }
        self.confidentiality(root);
        self.attesters(root);
        if let Some(custodian) = root.child(n::CUSTODIAN) {
            self.actor("custodian".into(), custodian);
        }
        self.relations(root, "targetIdentifier");
        self.events(root);
        let body = root
            .all(n::COMPONENT)
            .find_map(|body| body.child(n::STRUCTURED_BODY));
        if let Some(body) = body {
            self.composition_sections(body);
        } else if root
            .all(n::COMPONENT)
            .any(|body| body.child(n::NON_XML_BODY).is_some())
        {
            self.attached_section();
        }
    }

    fn version(&mut self, root: Node<'t>) {
        if let Some(version) = root
            .child(n::VERSION_NUMBER)
            .and_then(|version| version.attribute(n::VALUE))
        {
            let list = self.w.open_list("extension");
            let extension = self.w.open(Slot::Element);
            self.w.text(
                "url",
                "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber",
            );
            self.w.text("valueString", version);
            self.w.close(extension);
            self.w.close_list(list);
        }
    }

    fn attached_section(&mut self) {
        let uuid = self.namespace.derive(b"DocumentReference");
        let Some(id) = self.by_uuid.get(&uuid).copied() else {
            return;
        };
        let list = self.w.open_list("section");
        let section = self.w.open(Slot::Element);
        self.w.raw(
            "text",
            r#"{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">The document is attached.</div>"}"#,
        );
        let entries = self.w.open_list("entry");
        self.refer(Slot::Element, id);
        self.w.close_list(entries);
        self.w.close(section);
        self.w.close_list(list);
    }

    fn language(&mut self, root: Node<'t>) {
        let code = root
            .child(n::LANGUAGE_CODE)
            .and_then(|code| code.attribute(n::CODE));
        if let Some(code) = code.filter(|code| !code.contains(char::is_whitespace)) {
            self.w.text("language", bcp47(code));
        }
    }

    fn document_status(&self) -> &'t str {
        let root = self.tree.root();
        let rules = self.rules;
        let told = root
            .child(n::SDTC_STATUS_CODE)
            .and_then(|status| status.attribute(n::CODE));
        if let Some(status) = told.and_then(|code| rules.value("document-status", code)) {
            return status;
        }
        let version = root
            .child(n::VERSION_NUMBER)
            .and_then(|version| version.attribute(n::VALUE));
        let later = version
            .and_then(|version| version.parse::<u32>().ok())
            .is_some_and(|version| version > 1);
        let changes = root
            .all(n::RELATED_DOCUMENT)
            .any(|related| matches!(related.attribute(n::TYPE_CODE), Some("RPLC" | "APND")));
        if later && changes { "amended" } else { "final" }
    }

    fn document_type(&mut self, root: Node<'t>) {
        let written = root
            .child(n::CODE)
            .is_some_and(|code| self.concept("type".into(), code));
        if !written {
            let object = self.w.open("type");
            self.w.text("text", "Clinical document");
            self.w.close(object);
        }
    }

    fn authors(&mut self, root: Node<'t>) {
        let list = self.w.open_list("author");
        let mut any = false;
        for author in root.all(n::AUTHOR) {
            any |= self.actor(Slot::Element, author);
        }
        if !any {
            any = root
                .child(n::CUSTODIAN)
                .is_some_and(|custodian| self.actor(Slot::Element, custodian));
        }
        if !any {
            let object = self.w.open(Slot::Element);
            self.w.text("display", "unknown author");
            self.w.close(object);
        }
        self.w.close_list(list);
    }

    fn confidentiality(&mut self, root: Node<'t>) {
        let code = root
            .child(n::CONFIDENTIALITY_CODE)
            .and_then(|code| code.attribute(n::CODE));
        if let Some(code @ ("U" | "L" | "M" | "N" | "R" | "V")) = code {
            self.w.text("confidentiality", code);
        }
    }

    fn attesters(&mut self, root: Node<'t>) {
        let list = self.w.open_list("attester");
        for (name, mode) in [
            (n::LEGAL_AUTHENTICATOR, "legal"),
            (n::AUTHENTICATOR, "professional"),
        ] {
            for authenticator in root.all(name) {
                let object = self.w.open(Slot::Element);
                self.w.text("mode", mode);
                if let Some(time) = authenticator.child(n::TIME) {
                    self.date_time("time".into(), time);
                }
                self.actor("party".into(), authenticator);
                self.w.close(object);
            }
        }
        self.w.close_list(list);
    }

    fn relations(&mut self, root: Node<'t>, target: &str) {
        let list = self.w.open_list("relatesTo");
        for related in root.all(n::RELATED_DOCUMENT) {
            let code = match related.attribute(n::TYPE_CODE) {
                Some("RPLC") => "replaces",
                Some("APND") => "appends",
                Some("XFRM") => "transforms",
                _ => continue,
            };
            let Some(id) = related.at(&[n::PARENT_DOCUMENT, n::ID]) else {
                continue;
            };
            let mark = self.w.mark();
            let object = self.w.open(Slot::Element);
            self.w.text("code", code);
            let written = if target == "target" {
                let reference = self.w.open(target);
                self.identifier("identifier".into(), id);
                self.w.close(reference)
            } else {
                self.identifier(target.into(), id)
            };
            self.w.close(object);
            if !written {
                self.w.rewind(mark);
            }
        }
        self.w.close_list(list);
    }

    fn events(&mut self, root: Node<'t>) {
        let list = self.w.open_list("event");
        for event in root
            .all(n::DOCUMENTATION_OF)
            .filter_map(|of| of.child(n::SERVICE_EVENT))
        {
            let object = self.w.open(Slot::Element);
            let codes = self.w.open_list("code");
            if let Some(class) = event.attribute(n::CLASS_CODE) {
                let concept = self.w.open(Slot::Element);
                let codings = self.w.open_list("coding");
                let coding = self.w.open(Slot::Element);
                self.w
                    .text("system", "http://terminology.hl7.org/CodeSystem/v3-ActClass");
                self.w.text("code", class);
                self.w.close(coding);
                self.w.close_list(codings);
                self.w.close(concept);
            }
            if let Some(code) = event.child(n::CODE) {
                self.concept(Slot::Element, code);
            }
            self.w.close_list(codes);
            if let Some(time) = event.child(n::EFFECTIVE_TIME) {
                self.period("period".into(), time);
            }
            if let Some(team) = self.resource_of(event) {
                let details = self.w.open_list("detail");
                self.refer(Slot::Element, team);
                self.w.close_list(details);
            }
            self.w.close(object);
        }
        for order in root.all(n::IN_FULFILLMENT_OF).filter_map(|of| of.child(n::ORDER)) {
            let object = self.w.open(Slot::Element);
            let details = self.w.open_list("detail");
            for id in order.all(n::ID) {
                let reference = self.w.open(Slot::Element);
                if self.identifier("identifier".into(), id) {
                    self.w.text("type", "ServiceRequest");
                }
                self.w.close(reference);
            }
            self.w.close_list(details);
            self.w.close(object);
        }
        self.w.close_list(list);
    }
}

/// The category that US Core gives all documents.
pub(super) const CLINICAL_NOTE: &str = r#"[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note","display":"Clinical Note"}]}]"#;
