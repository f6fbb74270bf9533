//! What a response of PAS is made of, as far as it asks for more.

use crate::fhir::element::Concept;
use crate::fhir::element::Extension;
use crate::fhir::element::Identifier;
use crate::fhir::element::Period;
use crate::fhir::element::Reference;
use crate::fhir::element::define::element;

element! {
    /// A payer's answer to a request for authorization.
    pub struct ClaimResponse as "ClaimResponse" {
        /// The id.
        id: "id" => text,
        /// Extensions, such as the administrative reference number.
        extensions: "extension" => many Extension,
        /// The trace numbers of the patient event.
        identifiers: "identifier" => many Identifier,
        /// Whether the response is active.
        status: "status" => text,
        /// What the claim is for.
        usage: "use" => text,
        /// The patient.
        patient: "patient" => one Reference,
        /// When the response was made.
        created: "created" => text,
        /// The payer.
        insurer: "insurer" => one Reference,
        /// Who asked.
        requestor: "requestor" => one Reference,
        /// What was asked.
        request: "request" => one Reference,
        /// How processing went.
        outcome: "outcome" => text,
        /// When the authorization holds.
        authorized: "preAuthPeriod" => one Period,
        /// The answers line by line.
        items: "item" => many ResponseItem,
        /// What else the payer wants to know.
        asks: "communicationRequest" => many Reference,
    }
}

element! {
    /// The answer to one line.
    pub struct ResponseItem {
        /// Extensions, such as the administrative reference number.
        extensions: "extension" => many Extension,
        /// Which line.
        sequence: "itemSequence" => count,
    }
}

element! {
    /// What a payer wants to know.
    pub struct CommunicationRequest as "CommunicationRequest" {
        /// The id.
        id: "id" => text,
        /// Extensions, such as the line number of PAS 2.2.1.
        extensions: "extension" => many Extension,
        /// The control number that the answer must echo.
        identifiers: "identifier" => many Identifier,
        /// Whether the request is active.
        status: "status" => text,
        /// The kinds of report that are wanted, in the codes of X12.
        categories: "category" => many Concept,
        /// By which way.
        media: "medium" => many Concept,
        /// Whom it is about.
        subject: "subject" => one Reference,
        /// What is wanted.
        payloads: "payload" => many Payload,
        /// Who wants it.
        requester: "requester" => one Reference,
    }
}

element! {
    /// One thing that is wanted.
    pub struct Payload {
        /// Extensions, such as what narrows it down.
        extensions: "extension" => many Extension,
        /// A LOINC code.
        content: "contentString" => text,
    }
}
