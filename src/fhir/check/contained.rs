//! Rules of `cdex-patient-demographics` and `cdex-practitionerrole`, which a request for attachments contains.

use super::rule::Rule;
use super::rule::invariant;
use super::rule::modifier;
use super::rule::note;
use super::rule::required;
use super::rule::structure;
use super::rule::value;
use crate::fhir::issue::IssueType;
use crate::fhir::version::Wires;

/// The rules of both, from the Task that contains them.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    modifier("fhir.modifier-extension", ("contained", "modifierExtension.empty()", "modifierExtension"),
        "an extension that may change the meaning is not known here"),

    value("attachment-request.patient-id", ("contained.where(resourceType = 'Patient')", "id = 'patient'", "id"),
        "the id of the contained Patient is not patient").only(Wires::CDEX),
    required("attachment-request.patient-identifier", ("contained.where(resourceType = 'Patient')", "identifier.exists()", "identifier"),
        "the contained Patient has no identifier"),
    required("attachment-request.patient-identifier-value", ("contained.where(resourceType = 'Patient').identifier", "value.exists()", "value"),
        "an identifier of the contained Patient has no value"),
    required("attachment-request.member-id-missing",
        ("contained.where(resourceType = 'Patient' and identifier.exists())",
         "identifier.where(type.means('member-number')).exists()", "identifier"),
        "the contained Patient has no member number"),
    structure("attachment-request.member-id-many",
        ("contained.where(resourceType = 'Patient')", "identifier.where(type.means('member-number')).count() <= 1", "identifier"),
        "the contained Patient has more than one member number"),
    structure("attachment-request.patient-account-many",
        ("contained.where(resourceType = 'Patient')", "identifier.where(type.means('patient-account')).count() <= 1", "identifier"),
        "the contained Patient has more than one account number"),
    required("attachment-request.patient-name", ("contained.where(resourceType = 'Patient')", "name.exists()", "name"),
        "the contained Patient has no name"),
    structure("attachment-request.patient-name-many", ("contained.where(resourceType = 'Patient')", "name.count() <= 1", "name"),
        "the contained Patient has more than one name"),
    value("attachment-request.birth-date", ("contained.where(resourceType = 'Patient').birthDate", "looksLike('date')", ""),
        "the date of birth is not a date"),
    // The profile has it both ways: required by its differential, optional by its text.
    note(IssueType::Required, "attachment-request.birth-date-missing",
        ("contained.where(resourceType = 'Patient')", "birthDate.exists()", "birthDate"),
        "the contained Patient has no date of birth"),

    value("attachment-request.practitioner-role-id", ("contained.where(resourceType = 'PractitionerRole')", "id = 'practitionerrole'", "id"),
        "the id of the contained PractitionerRole is not practitionerrole").only(Wires::CDEX),
    required("attachment-request.practitioner-identifier",
        ("contained.where(resourceType = 'PractitionerRole' and organization.identifier.exists()).practitioner",
         "identifier.exists()", "identifier"),
        "the practitioner has no identifier"),
    required("attachment-request.organization-identifier",
        ("contained.where(resourceType = 'PractitionerRole' and practitioner.identifier.exists()).organization",
         "identifier.exists()", "identifier"),
        "the organization has no identifier"),
    required("attachment-request.provider-value",
        ("contained.where(resourceType = 'PractitionerRole').practitioner.identifier", "value.exists()", "value"),
        "the identifier of the practitioner has no value"),
    required("attachment-request.organization-value",
        ("contained.where(resourceType = 'PractitionerRole').organization.identifier", "value.exists()", "value"),
        "the identifier of the organization has no value"),
    invariant("cdex-3",
        ("contained.where(resourceType = 'PractitionerRole')",
         "practitioner.identifier.exists() or organization.identifier.exists()", ""),
        "neither the practitioner nor the organization has an identifier"),
];
