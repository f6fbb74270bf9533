//! Rules of `$submit-attachment` and its Parameters, in each of their versions.

use super::rule::Rule;
use super::rule::coded;
use super::rule::invariant;
use super::rule::modifier;
use super::rule::note;
use super::rule::required;
use super::rule::structure;
use super::rule::value;
use super::rule::warning;
use crate::fhir::issue::IssueType;
use crate::fhir::version::Wires;

/// Versions whose attachments have parts.
const PARTS: Wires = Wires::SINCE_11;

/// The rules of what `$submit-attachment` is called with.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    structure("submit.not-parameters", ("", "resourceType = 'Parameters'", "resourceType"), "the resource is not Parameters"),
    modifier("fhir.implicit-rules", ("", "implicitRules.empty()", "implicitRules"),
        "the resource follows rules that are not known here"),
    modifier("fhir.modifier-extension", ("parameter", "modifierExtension.empty()", "modifierExtension"),
        "an extension that may change the meaning is not known here"),
    modifier("fhir.modifier-extension", ("parameter.part", "modifierExtension.empty()", "modifierExtension"),
        "an extension that may change the meaning is not known here"),
    required("submit.parameter-name", ("parameter", "name.exists()", "name"), "a parameter has no name"),
    required("submit.parameter-name", ("parameter.part", "name.exists()", "name"), "a parameter has no name"),
    warning(IssueType::NotSupported, "submit.parameter-unknown",
        ("parameter.where(name.exists())", "name = 'TrackingId' or name = 'AdminRefNumber' or name = 'AttachTo' or name = 'PayerId' \
          or name = 'OrganizationId' or name = 'ProviderId' or name = 'MemberId' or name = 'ServiceDate' or name = 'Attachment' \
          or name = 'Final'", ""),
        "a parameter is not one of the operation's").only(Wires::SINCE_11),
    warning(IssueType::NotSupported, "submit.parameter-unknown",
        ("parameter.where(name.exists())", "name = 'TargetId' or name = 'ItemId' or name = 'AttachTo' or name = 'OrganizationId' \
          or name = 'ProviderId' or name = 'MemberId' or name = 'ServiceDate' or name = 'Attachment'", ""),
        "a parameter is not one of the operation's").only(Wires::C10),
    warning(IssueType::NotSupported, "submit.part-unknown",
        ("parameter.where(name = 'Attachment').part.where(name.exists())", "name = 'LineItem' or name = 'Code' or name = 'Content'", ""),
        "a part of an attachment is not one of the operation's").only(PARTS),

    required("submit.tracking-id-missing", ("", "parameter.where(name = 'TrackingId').exists()", "parameter"),
        "there is no TrackingId").only(Wires::SINCE_11),
    structure("submit.tracking-id-many", ("", "parameter.where(name = 'TrackingId').count() <= 1", "parameter"),
        "there is more than one TrackingId"),
    value("submit.tracking-id", ("parameter.where(name = 'TrackingId')", "value.ofType(Identifier).exists()", "value"),
        "the TrackingId is not an Identifier").only(Wires::SINCE_20),
    value("submit.tracking-id-string", ("parameter.where(name = 'TrackingId')", "value.ofType(string).exists()", "value"),
        "the TrackingId is not a string").only(Wires::C11),
    required("submit.tracking-id-value", ("parameter.where(name = 'TrackingId').value.ofType(Identifier)", "value.exists()", "value"),
        "the tracking id has no value"),
    note(IssueType::Required, "submit.tracking-id-system",
        ("parameter.where(name = 'TrackingId').value.ofType(Identifier)", "system.exists()", "system"), "the tracking id has no system"),
    required("submit.target-id-missing", ("", "parameter.where(name = 'TargetId').exists()", "parameter"),
        "there is no TargetId").only(Wires::C10),
    structure("submit.target-id-many", ("", "parameter.where(name = 'TargetId').count() <= 1", "parameter"),
        "there is more than one TargetId").only(Wires::C10),
    value("submit.target-id", ("parameter.where(name = 'TargetId')", "value.ofType(string).exists()", "value"),
        "the TargetId is not a string").only(Wires::C10),
    value("submit.item-id", ("parameter.where(name = 'ItemId')", "value.ofType(string).exists()", "value"),
        "an ItemId is not a string").only(Wires::C10),

    structure("submit.admin-ref-number-many", ("", "parameter.where(name = 'AdminRefNumber').count() <= 1", "parameter"),
        "there is more than one AdminRefNumber"),
    value("submit.admin-ref-number", ("parameter.where(name = 'AdminRefNumber')", "value.ofType(Identifier).exists()", "value"),
        "the AdminRefNumber is not an Identifier"),
    warning(IssueType::BusinessRule, "submit.admin-ref-number-claim",
        ("", "parameter.where(name = 'AttachTo').value.where($this = 'claim').exists() implies \
          parameter.where(name = 'AdminRefNumber').empty()", "parameter"),
        "a submission for a claim has an AdminRefNumber"),

    required("submit.attach-to-missing", ("", "parameter.where(name = 'AttachTo').exists()", "parameter"), "there is no AttachTo"),
    structure("submit.attach-to-many", ("", "parameter.where(name = 'AttachTo').count() <= 1", "parameter"),
        "there is more than one AttachTo"),
    value("submit.attach-to-type", ("parameter.where(name = 'AttachTo')", "value.ofType(code).exists()", "value"),
        "the AttachTo is not a code"),
    coded("submit.attach-to", ("parameter.where(name = 'AttachTo').value.ofType(code)", "memberOf('cdex-claim-use')", ""),
        "the AttachTo is neither claim nor preauthorization"),

    structure("submit.payer-id-many", ("", "parameter.where(name = 'PayerId').count() <= 1", "parameter"),
        "there is more than one PayerId"),
    value("submit.payer-id", ("parameter.where(name = 'PayerId')", "value.ofType(Identifier).exists()", "value"),
        "the PayerId is not an Identifier"),
    structure("submit.organization-id-many", ("", "parameter.where(name = 'OrganizationId').count() <= 1", "parameter"),
        "there is more than one OrganizationId"),
    value("submit.organization-id", ("parameter.where(name = 'OrganizationId')", "value.ofType(Identifier).exists()", "value"),
        "the OrganizationId is not an Identifier"),
    structure("submit.provider-id-many", ("", "parameter.where(name = 'ProviderId').count() <= 1", "parameter"),
        "there is more than one ProviderId"),
    value("submit.provider-id", ("parameter.where(name = 'ProviderId')", "value.ofType(Identifier).exists()", "value"),
        "the ProviderId is not an Identifier"),
    required("submit.provider-missing",
        ("", "parameter.where(name = 'OrganizationId').exists() or parameter.where(name = 'ProviderId').exists()", "parameter"),
        "there is neither an OrganizationId nor a ProviderId").only(Wires::SINCE_20),
    required("submit.organization-id-missing", ("", "parameter.where(name = 'OrganizationId').exists()", "parameter"),
        "there is no OrganizationId").only(Wires::C10.or(Wires::C11)),
    required("submit.provider-id-missing", ("", "parameter.where(name = 'ProviderId').exists()", "parameter"),
        "there is no ProviderId").only(Wires::C10.or(Wires::C11)),

    required("submit.member-id-missing", ("", "parameter.where(name = 'MemberId').exists()", "parameter"), "there is no MemberId"),
    structure("submit.member-id-many", ("", "parameter.where(name = 'MemberId').count() <= 1", "parameter"),
        "there is more than one MemberId"),
    value("submit.member-id", ("parameter.where(name = 'MemberId')", "value.ofType(Identifier).exists()", "value"),
        "the MemberId is not an Identifier"),
    required("submit.member-id-value", ("parameter.where(name = 'MemberId').value.ofType(Identifier)", "value.exists()", "value"),
        "the member number has no value"),

    structure("submit.service-date-many", ("", "parameter.where(name = 'ServiceDate').count() <= 1", "parameter"),
        "there is more than one ServiceDate"),
    value("submit.service-date-type", ("parameter.where(name = 'ServiceDate')", "value.ofType(dateTime).exists()", "value"),
        "the ServiceDate is not a dateTime").only(Wires::SINCE_11),
    value("submit.service-date-date", ("parameter.where(name = 'ServiceDate')", "value.ofType(date).exists()", "value"),
        "the ServiceDate is not a date").only(Wires::C10),
    value("submit.service-date", ("parameter.where(name = 'ServiceDate').value.where(looksLike('text'))", "looksLike('dateTime')", ""),
        "the service date is not written as a date"),
    invariant("submit.service-date-day", ("parameter.where(name = 'ServiceDate').value.where(looksLike('text'))", "($this.length() <= 9).not()", ""),
        "the service date is not precise to the day"),
    required("submit.service-date-missing",
        ("", "parameter.where(name = 'AttachTo').value.where($this = 'claim').exists() implies \
          parameter.where(name = 'ServiceDate').exists()", "parameter"),
        "a submission for a claim has no ServiceDate"),

    required("submit.attachment-missing", ("", "parameter.where(name = 'Attachment').exists()", "parameter"),
        "there is no Attachment").only(Wires::C10.or(Wires::SINCE_20)),
    required("submit.attachment-resource", ("parameter.where(name = 'Attachment')", "resource.exists()", "resource"),
        "an Attachment has no resource").only(Wires::C10),
    required("submit.content-missing", ("parameter.where(name = 'Attachment')", "part.where(name = 'Content').exists()", "part"),
        "an Attachment has no Content").only(PARTS),
    structure("submit.content-many", ("parameter.where(name = 'Attachment')", "part.where(name = 'Content').count() <= 1", "part"),
        "an Attachment has more than one Content").only(PARTS),
    required("submit.content-resource", ("parameter.where(name = 'Attachment').part.where(name = 'Content')", "resource.exists()", "resource"),
        "a Content has no resource").only(PARTS),
    required("submit.content-kind",
        ("parameter.where(name = 'Attachment').part.where(name = 'Content').resource", "resourceType.exists()", "resourceType"),
        "the resource of a Content does not say of which type it is").only(PARTS),
    value("submit.line-item", ("parameter.where(name = 'Attachment').part.where(name = 'LineItem')", "value.ofType(string).exists()", "value"),
        "a LineItem is not a string").only(PARTS),
    structure("submit.code-many", ("parameter.where(name = 'Attachment')", "part.where(name = 'Code').count() <= 1", "part"),
        "an Attachment has more than one Code").only(PARTS),
    value("submit.attachment-code-type",
        ("parameter.where(name = 'Attachment').part.where(name = 'Code')", "value.ofType(CodeableConcept).exists()", "value"),
        "the Code of an Attachment is not a CodeableConcept").only(PARTS),
    note(IssueType::CodeInvalid, "submit.attachment-code",
        ("parameter.where(name = 'Attachment').part.where(name = 'Code').value.coding.where(system = 'http://loinc.org' and \
          code.looksLike('loinc'))", "memberOf('loinc-attachments')", "code"),
        "the LOINC code is not in the list of attachment codes"),
    warning(IssueType::CodeInvalid, "submit.loinc-check-digit",
        ("parameter.where(name = 'Attachment').part.where(name = 'Code').value.coding.where(system = 'http://loinc.org')",
         "code.looksLike('loinc')", "code"),
        "the check digit of a LOINC code disagrees with the others"),

    required("fhir.document-status",
        ("parameter.part.resource.where(resourceType = 'DocumentReference')", "status.exists()", "status"),
        "a DocumentReference has no status"),
    required("fhir.document-content",
        ("parameter.part.resource.where(resourceType = 'DocumentReference')", "content.exists()", "content"),
        "a DocumentReference has no content"),
    required("fhir.document-attachment",
        ("parameter.part.resource.where(resourceType = 'DocumentReference').content", "attachment.exists()", "attachment"),
        "the content of a DocumentReference has no attachment"),
    required("submit.document-empty",
        ("parameter.part.resource.where(resourceType = 'DocumentReference').content.attachment", "data.exists() or url.exists() or size = 0", ""),
        "the attachment of a DocumentReference has neither data nor a url"),
    required("fhir.binary-content-type", ("parameter.part.resource.where(resourceType = 'Binary')", "contentType.exists()", "contentType"),
        "a Binary does not say of which type it is"),
    required("fhir.bundle-type", ("parameter.part.resource.where(resourceType = 'Bundle')", "type.exists()", "type"),
        "a Bundle does not say of which type it is"),
    required("fhir.response-status", ("parameter.part.resource.where(resourceType = 'QuestionnaireResponse')", "status.exists()", "status"),
        "a QuestionnaireResponse has no status"),

    structure("submit.final-many", ("", "parameter.where(name = 'Final').count() <= 1", "parameter"), "there is more than one Final"),
    value("submit.final", ("parameter.where(name = 'Final')", "value.ofType(boolean).exists()", "value"), "the Final is not a boolean"),
];
