//! The resources that messages carry or point at, as far as we look into them.
//!
//! What a model has no field for is kept, so a resource that was read is written as it came.

pub mod bundle;
pub mod parameters;
pub mod pas;
pub mod task;

use crate::fhir::element::Attachment;
use crate::fhir::element::Coding;
use crate::fhir::element::Concept;
use crate::fhir::element::HumanName;
use crate::fhir::element::Identifier;
use crate::fhir::element::Meta;
use crate::fhir::element::Reference;
use crate::fhir::element::define::element;

element! {
    /// A person whose claims or authorisations a message is about.
    pub struct Patient as "Patient" {
        /// The id within the resource that contains it.
        id: "id" => text,
        /// What it says about itself.
        meta: "meta" => one Meta,
        /// Member number, account number and others.
        identifiers: "identifier" => many Identifier,
        /// The names.
        names: "name" => many HumanName,
        /// The date of birth, to the day or less.
        birth_date: "birthDate" => text,
    }
}

element! {
    /// A practitioner working for an organization.
    pub struct PractitionerRole as "PractitionerRole" {
        /// The id within the resource that contains it.
        id: "id" => text,
        /// What it says about itself.
        meta: "meta" => one Meta,
        /// The practitioner.
        practitioner: "practitioner" => one Reference,
        /// The organization.
        organization: "organization" => one Reference,
    }
}

element! {
    /// A payer or a provider.
    pub struct Organization as "Organization" {
        /// The id.
        id: "id" => text,
        /// NPI, tax number, payer id and others.
        identifiers: "identifier" => many Identifier,
        /// The name.
        name: "name" => text,
    }
}

element! {
    /// Points at a document, or holds it.
    pub struct DocumentReference as "DocumentReference" {
        /// The id.
        id: "id" => text,
        /// What it says about itself.
        meta: "meta" => one Meta,
        /// The identifier of this version of the document.
        master_identifier: "masterIdentifier" => one Identifier,
        /// Other identifiers.
        identifiers: "identifier" => many Identifier,
        /// Whether the reference is current.
        status: "status" => text,
        /// How far the document has come.
        document_status: "docStatus" => text,
        /// What kind of document it is.
        kind: "type" => one Concept,
        /// What class of document it is.
        categories: "category" => many Concept,
        /// Whom it is about.
        subject: "subject" => one Reference,
        /// When the reference was made.
        date: "date" => text,
        /// Who wrote the document.
        authors: "author" => many Reference,
        /// What people call it.
        description: "description" => text,
        /// The document itself, perhaps in several formats.
        contents: "content" => many DocumentContent,
    }
}

element! {
    /// One format of a document.
    pub struct DocumentContent {
        /// The document.
        attachment: "attachment" => one Attachment,
        /// More about the format than the MIME type says.
        format: "format" => one Coding,
    }
}

element! {
    /// Bytes of any format.
    pub struct Binary as "Binary" {
        /// The id.
        id: "id" => text,
        /// What it says about itself.
        meta: "meta" => one Meta,
        /// The MIME type.
        content_type: "contentType" => text,
        /// The bytes as base64, or what stands for them where they were cut out; see
        /// [`Seal::opens`](crate::fhir::json::Seal::opens).
        content: "data" => text,
    }
}
