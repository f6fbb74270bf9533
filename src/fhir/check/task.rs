//! Rules of every Task, and those of `cdex-task-data-request`.

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

/// What holds of every Task.
#[rustfmt::skip]
pub(super) const COMMON: &[Rule] = &[
    structure("task.not-a-task", ("", "resourceType = 'Task'", "resourceType"), "the resource is not a Task"),
    modifier("fhir.implicit-rules", ("", "implicitRules.empty()", "implicitRules"),
        "the resource follows rules that are not known here"),
    modifier("fhir.modifier-extension", ("", "modifierExtension.empty()", "modifierExtension"),
        "an extension that may change the meaning is not known here"),
    modifier("fhir.modifier-extension", ("input", "modifierExtension.empty()", "modifierExtension"),
        "an extension that may change the meaning is not known here"),

    required("task.status-missing", ("", "status.exists()", "status"), "the Task has no status"),
    coded("task.status", ("status", "memberOf('hrex-task-status')", ""), "the status is not one that HRex lists"),
    required("task.status-reason-text", ("statusReason", "text.exists()", "text"), "the reason of the status has no text"),
    invariant("tdr-2", ("", "status = 'rejected' or status = 'failed' implies statusReason.exists()", "statusReason"),
        "a Task that was rejected or failed does not say why"),
    required("task.intent-missing", ("", "intent.exists()", "intent"), "the Task has no intent"),
    value("task.intent", ("intent", "$this = 'order'", ""), "the intent is not order"),

    required("task.code-missing", ("", "code.exists()", "code"), "the Task has no code"),
    required("task.code-coding", ("code", "coding.exists()", "coding"), "the code of the Task has no coding"),
    required("task.code-code", ("code.coding", "code.exists()", "code"), "a coding of the Task's code has no code"),
    required("task.subject-missing", ("", "for.exists()", "for"), "the Task is about nobody"),
    required("task.requester-missing", ("", "requester.exists()", "requester"), "the Task has no requester"),
    required("task.owner-missing", ("", "owner.exists()", "owner"), "the Task has no owner"),

    value("task.authored-on", ("authoredOn", "looksLike('dateTime')", ""), "the time of writing is not a dateTime"),
    value("task.last-modified", ("lastModified", "looksLike('dateTime')", ""), "the time of the last change is not a dateTime"),
    value("task.due-date", ("restriction.period.end", "looksLike('dateTime')", ""), "the due date is not a dateTime"),

    required("task.input-type", ("input", "type.coding.code.exists() or type.text.exists()", "type"),
        "an input does not say what it means"),
    structure("task.questionnaire-member", ("input", "questionnaire.empty()", "questionnaire"),
        "an input has a member questionnaire where valueCanonical is meant"),
    required("task.input-value", ("input.where(questionnaire.empty())", "value.exists()", "value"), "an input has no value"),
    required("task.output-type", ("output", "type.coding.code.exists() or type.text.exists()", "type"),
        "an output does not say what it means"),
    required("task.output-value", ("output", "value.exists()", "value"), "an output has no value"),

    structure("task.signature-flag-many", ("", "input.where(type.means('signature-flag')).count() <= 1", "input"),
        "there is more than one signature flag"),
    value("task.signature-flag", ("input.where(type.means('signature-flag')).value", "$this.ofType(boolean).exists()", ""),
        "the signature flag is not a boolean"),
    structure("task.purpose-of-use-many", ("", "input.where(type.means('purpose-of-use')).count() <= 1", "input"),
        "there is more than one purpose of use"),
    value("task.purpose-of-use-type",
        ("input.where(type.means('purpose-of-use')).value", "$this.ofType(CodeableConcept).exists()", ""),
        "the purpose of use is not a CodeableConcept"),
    note(IssueType::CodeInvalid, "task.purpose-of-use",
        ("input.where(type.means('purpose-of-use')).value.where(coding.where(code.startsWith('treatment-noa') or \
          code.startsWith('payment-noa') or code.startsWith('operations-noa')).empty())", "memberOf('cdex-purpose-of-use')", ""),
        "the purpose of use is not one that CDex lists"),
    warning(IssueType::CodeInvalid, "task.purpose-of-use-noa",
        ("input.where(type.means('purpose-of-use')).value.coding", "(code = 'treatment-noa' or code = 'payment-noa' \
          or code = 'operations-noa').not()", "code"),
        "the purpose of use ends in -noa where -noe is meant"),
    invariant("task.purpose-of-use-noe",
        ("input.where(type.means('purpose-of-use')).value.where(coding.where(code = 'treatment-noe' or \
          code = 'payment-noe' or code = 'operations-noe').exists())", "(coding.count() <= 1).not()", "coding"),
        "a purpose of use not otherwise enumerated has no other coding beside it"),
];

/// A Task of no profile that we know.
pub(super) const UNKNOWN: &[Rule] = &[coded(
    "task.code-unknown",
    ("", "1 = 2", "code"),
    "the code of the Task asks for nothing that is known here",
)];

/// The rules of `cdex-task-data-request`.
#[rustfmt::skip]
pub(super) const DATA_REQUEST: &[Rule] = &[
    required("data-request.tag-system", ("meta.tag", "system.exists()", "system"), "a tag has no system"),
    required("data-request.tag-code", ("meta.tag", "code.exists()", "code"), "a tag has no code"),
    warning(IssueType::CodeInvalid, "data-request.work-queue",
        ("meta.tag.where(system = 'http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp')", "memberOf('cdex-work-queue')", "code"),
        "a tag names a work queue that CDex does not list"),
    required("data-request.business-status-text", ("businessStatus", "text.exists()", "text"), "the status of the business has no text"),
    value("data-request.code-system",
        ("code.coding", "system = 'http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp' or means('data-request')", "system"),
        "the code system of the Task's code is not that of the profile"),
    coded("data-request.code",
        ("code.coding.where(code.exists() and system = 'http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp')",
         "memberOf('cdex-data-request-task-code')", "code"),
        "the code of the Task is not one that the profile lists"),
    structure("data-request.focus", ("", "focus.empty()", "focus"), "the Task has a focus, which the profile prohibits"),
    value("data-request.subject-kind", ("for.reference", "$this.pointsAt('Patient')", ""), "the Task is about something else than a Patient"),
    value("data-request.requester-kind", ("requester.reference", "$this.pointsAt('Practitioner Organization')", ""),
        "the requester is neither a Practitioner nor an Organization"),
    value("data-request.owner-kind", ("owner.reference", "$this.pointsAt('Practitioner Organization')", ""),
        "the owner is neither a Practitioner nor an Organization"),
    value("data-request.about-kind", ("reasonReference.reference", "$this.pointsAt('Claim Coverage')", ""),
        "the Task is about neither a Claim nor a Coverage"),
    value("data-request.questionnaire-response-kind",
        ("output.where(type.means('questionnaire-response')).value.reference", "$this.pointsAt('QuestionnaireResponse')", ""),
        "the answered questionnaire is not a QuestionnaireResponse"),
    required("data-request.authored-on-missing", ("", "authoredOn.exists()", "authoredOn"), "the Task does not say when it was written"),
    required("data-request.reason-text", ("reasonCode", "text.exists()", "text"), "the reason has no text"),
    required("data-request.input-missing", ("", "input.exists()", "input"), "the Task has no input"),

    structure("data-request.data-query-many", ("", "input.where(type.means('data-query')).count() <= 1", "input"),
        "there is more than one query"),
    structure("data-request.data-code-many", ("", "input.where(type.means('data-code')).count() <= 1", "input"),
        "there is more than one code"),
    structure("data-request.questionnaire-many", ("", "input.where(type.means('questionnaire')).count() <= 1", "input"),
        "there is more than one questionnaire"),
    value("data-request.data-query", ("input.where(type.means('data-query')).value", "$this.ofType(string).exists()", ""),
        "the query is not a string"),
    note(IssueType::Value, "data-request.data-query-type",
        ("input.where(type.means('data-query')).value.ofType(string)", "looksLike('search')", ""),
        "the query does not begin with the type of resource that it searches"),
    value("data-request.data-code", ("input.where(type.means('data-code')).value", "$this.ofType(CodeableConcept).exists()", ""),
        "the code is not a CodeableConcept"),
    required("data-request.data-code-empty",
        ("input.where(type.means('data-code')).value.ofType(CodeableConcept)", "coding.exists() or text.exists()", ""),
        "the code has neither a coding nor a text"),
    note(IssueType::CodeInvalid, "data-request.data-code-list",
        ("input.where(type.means('data-code')).value.where(coding.exists())", "coding.where(system = 'http://loinc.org').exists()", "coding"),
        "the code is not one of LOINC"),
    value("data-request.questionnaire", ("input.where(type.means('questionnaire')).value", "$this.ofType(canonical).exists()", ""),
        "the questionnaire is not a canonical"),

    value("data-request.data-value", ("output.where(type.means('data-value')).value", "$this.ofType(Reference).exists()", ""),
        "the output is not a Reference"),
    structure("data-request.questionnaire-response-many",
        ("", "output.where(type.means('questionnaire-response')).count() <= 1", "output"),
        "there is more than one answered questionnaire"),
    value("data-request.questionnaire-response",
        ("output.where(type.means('questionnaire-response')).value", "$this.ofType(Reference).exists()", ""),
        "the answered questionnaire is not a Reference"),

    invariant("cdex-7", ("", "code.means('data-request-code') implies input.where(type.means('data-code')).exists()", "input"),
        "a request by code has no code"),
    invariant("cdex-12", ("", "code.means('data-request-query') implies input.where(type.means('data-query')).exists()", "input"),
        "a request by query has no query"),
    invariant("cdex-8",
        ("", "code.means('data-request-questionnaire') implies input.where(type.means('questionnaire')).exists()", "input"),
        "a request by questionnaire has no questionnaire"),
    invariant("cdex-9",
        ("", "code.means('data-request') or input.where(type.means('data-query') or type.means('data-code') or \
          type.means('questionnaire')).count() = 1", "input"),
        "there is not exactly one query, code or questionnaire"),
    invariant("tdr-1",
        ("", "code.means('data-request') implies input.where(type.means('data-query') or type.means('data-code')).count() = 1", "input"),
        "there is not exactly one query or code"),
    invariant("tdr-3", ("", "status = 'completed' implies output.exists()", "output"),
        "a completed Task has no output"),
    warning(IssueType::Invariant, "cdex-11",
        ("", "code.means('data-request-questionnaire') and status = 'completed' implies \
          output.where(type.means('questionnaire-response')).exists()", "output"),
        "a completed request by questionnaire has no answered questionnaire"),
];
