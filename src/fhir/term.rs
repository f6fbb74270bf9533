//! What the codes of the guides mean, and which code each version has for a meaning.

use super::element::Coding;
use super::element::Concept;
use super::leaf::Text;
use super::version::Wire;
use super::version::Wires;

/// Something that a code of CDex, HRex or PAS says, whichever version spells it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Term {
    /// `Task.code`: attachments are asked for by codes.
    AttachmentRequestCode,
    /// `Task.code`: attachments are asked for by questionnaires.
    AttachmentRequestQuestionnaire,
    /// `Task.code`: data are asked for, in whatever way; HRex.
    DataRequest,
    /// `Task.code`: data are asked for by a code or in words.
    DataRequestCode,
    /// `Task.code`: data are asked for by a FHIR query.
    DataRequestQuery,
    /// `Task.code`: data are asked for by a questionnaire.
    DataRequestQuestionnaire,
    /// Input or output: documents of a kind.
    AttachmentsNeeded,
    /// Input or output: a questionnaire.
    QuestionnaireContext,
    /// Input: where to send the attachments.
    PayerUrl,
    /// Input: the date of service or its start.
    ServiceDate,
    /// Input: whether a signature is wanted.
    SignatureFlag,
    /// Input: the purpose of use.
    PurposeOfUse,
    /// Input: whether several submissions are allowed.
    MultipleSubmits,
    /// Input of a data request: a FHIR query.
    DataQuery,
    /// Input of a data request: a code or words.
    DataCode,
    /// Input of a data request: a questionnaire.
    Questionnaire,
    /// Output of a data request: data.
    DataValue,
    /// Output of a data request: answers to a questionnaire.
    QuestionnaireResponse,
    /// Type of an identifier: the tracking id.
    TrackingId,
    /// Type of an identifier: the payer's administrative reference number.
    AdminRefNumber,
    /// Type of an identifier: the number of a member.
    MemberNumber,
    /// Type of an identifier: the provider's account number of a patient.
    PatientAccount,
    /// Reason: a claim.
    Claim,
    /// Reason: a prior authorisation.
    Preauthorization,
}

/// Where a code stands, since some codes mean different things in different places.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spot {
    /// `Task.code`
    Code,
    /// `Task.input.type` of an attachment request
    Input,
    /// `Task.output.type` of an attachment request
    Output,
    /// `Task.input.type` and `Task.output.type` of a data request
    Data,
    /// `Identifier.type`
    Identifier,
    /// `Task.reasonCode`
    Reason,
}

struct Row {
    term: Term,
    spots: &'static [Spot],
    wires: Wires,
    system: &'static str,
    code: &'static str,
}

impl Term {
    /// What `coding` means where it stands at `spot`, in any version. A code without a system is taken by its name.
    pub fn read(coding: &Coding, spot: Spot) -> Option<Self> {
        let code = coding.code.as_ref()?.disclose();
        let system = coding.system.as_ref().map(|system| &**system.disclose());
        Self::find(system, code, spot)
    }

    /// What `concept` means at `spot`, by the first of its codes that means anything.
    pub fn of(concept: &Concept, spot: Spot) -> Option<Self> {
        concept.codings.iter().find_map(|coding| Self::read(coding, spot))
    }

    pub(crate) fn find(system: Option<&str>, code: &str, spot: Spot) -> Option<Self> {
        let means = |row: &&Row| {
            row.code == code && row.spots.contains(&spot) && system.is_none_or(|system| system == row.system)
        };
        ROWS.iter().find(means).map(|row| row.term)
    }

    /// The code that `wire` has for this at `spot`: system and code.
    pub fn code(self, spot: Spot, wire: Wire) -> Option<(&'static str, &'static str)> {
        let fits = |row: &&Row| row.term == self && row.spots.contains(&spot) && row.wires.has(wire);
        ROWS.iter().find(fits).map(|row| (row.system, row.code))
    }

    /// The term that rules call `name`, such as `payer-url`.
    pub(crate) fn named(name: &str) -> Option<(Self, Spot)> {
        NAMES.iter().find(|row| row.0 == name).map(|row| (row.1, row.2))
    }

    /// The code that `wire` has for this, as a meaning that the rule called `rule` fixes.
    pub(crate) fn concept(self, spot: Spot, wire: Wire, rule: &'static str) -> Option<Concept> {
        let (system, code) = self.code(spot, wire)?;
        Some(Concept::of(Coding::fixed(system, code, rule)))
    }
}

/// Makes `concept` say what it says at `spot` in the words of `wire`; false if `wire` has no words for it.
///
/// What is not a term of a guide stays as it is.
pub(crate) fn reword(concept: &mut Concept, spot: Spot, wire: Wire) -> bool {
    for coding in &mut concept.codings {
        let Some(term) = Term::read(coding, spot) else {
            continue;
        };
        let Some((system, code)) = term.code(spot, wire) else {
            return false;
        };
        replace(&mut coding.code, code);
        replace(&mut coding.system, system);
    }
    true
}

fn replace(leaf: &mut Option<Text>, text: &str) {
    if let Some(leaf) = leaf
        && leaf.disclose() != text
    {
        *leaf = leaf.derive(text.to_owned());
    }
}

/// The canonical addresses of code systems, profiles and extensions.
pub mod canonical {
    /// Codes of CDex.
    pub const CDEX_TEMP: &str = "http://hl7.org/fhir/us/davinci-cdex/CodeSystem/cdex-temp";
    /// Codes of HRex.
    pub const HREX_TEMP: &str = "http://hl7.org/fhir/us/davinci-hrex/CodeSystem/hrex-temp";
    /// Codes of PAS.
    pub const PAS_TEMP: &str = "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes";
    /// Codes of SDC.
    pub const SDC_TEMP: &str = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp";
    /// What a claim is for.
    pub const CLAIM_USE: &str = "http://hl7.org/fhir/claim-use";
    /// Purposes of use, among other reasons to act.
    pub const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
    /// Types of identifiers.
    pub const V2_0203: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
    /// Types of identifiers of CARIN.
    pub const C4BB_IDENTIFIER: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType";
    /// Identifiers of providers in the United States.
    pub const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
    /// Kinds of documents and observations.
    pub const LOINC: &str = "http://loinc.org";
    /// Report types of X12, element PWK01.
    pub const PWK01: &str = "https://codesystem.x12.org/005010/755";
    /// The profile of a request for attachments.
    pub const ATTACHMENT_REQUEST: &str =
        "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request";
    /// The profile of a request for data.
    pub const DATA_REQUEST: &str =
        "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-data-request";
    /// The profile of what `$submit-attachment` is called with.
    pub const SUBMIT_ATTACHMENT: &str =
        "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-parameters-submit-attachment";
    /// The profile of the patient in a request for attachments.
    pub const PATIENT_DEMOGRAPHICS: &str =
        "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-patient-demographics";
    /// The profile of the provider in a request for attachments.
    pub const PRACTITIONER_ROLE: &str =
        "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-practitionerrole";
    /// Where everything of PAS starts.
    pub const PAS: &str = "http://hl7.org/fhir/us/davinci-pas/";
    /// The profile of a Task of PAS.
    pub const PAS_TASK: &str = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-task";
    /// A line number as an integer; PAS 2.0.1 and CDex from 2.1 on.
    pub const LINE_NUMBER: &str =
        "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-paLineNumber";
    /// A line number as a positive integer; PAS 2.2.1 and CDex 2.0.
    pub const SERVICE_LINE_NUMBER: &str =
        "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-serviceLineNumber";
    /// What narrows a LOINC code of PAS down.
    pub const CONTENT_MODIFIER: &str =
        "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-contentModifier";
    /// The payer's administrative reference number in a response of PAS.
    pub const ADMIN_REFERENCE: &str =
        "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-administrationReferenceNumber";
}

use canonical::C4BB_IDENTIFIER;
use canonical::CDEX_TEMP;
use canonical::CLAIM_USE;
use canonical::HREX_TEMP;
use canonical::PAS_TEMP;
use canonical::SDC_TEMP;
use canonical::V2_0203;

const fn row(
    term: Term,
    spots: &'static [Spot],
    wires: Wires,
    system: &'static str,
    code: &'static str,
) -> Row {
    Row {
        term,
        spots,
        wires,
        system,
        code,
    }
}

const BOTH: &[Spot] = &[Spot::Input, Spot::Data];
const PAS_CODES: Wires = Wires::SINCE_21.or(Wires::PAS);
const OLD: Wires = Wires::C11.or(Wires::C20);

/// Which version says what with which code.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(Term::AttachmentRequestCode, &[Spot::Code], PAS_CODES, PAS_TEMP, "attachment-request-code"),
    row(Term::AttachmentRequestCode, &[Spot::Code], Wires::C20, CDEX_TEMP, "attachment-request-code"),
    // 1.1 asks for nothing but codes, so its one word for a request is the word for this one.
    row(Term::AttachmentRequestCode, &[Spot::Code], Wires::C11, CDEX_TEMP, "attachment-request"),
    row(Term::AttachmentRequestQuestionnaire, &[Spot::Code], PAS_CODES, PAS_TEMP, "attachment-request-questionnaire"),
    row(Term::AttachmentRequestQuestionnaire, &[Spot::Code], Wires::C20, CDEX_TEMP, "attachment-request-questionnaire"),
    row(Term::DataRequest, &[Spot::Code], Wires::ALL, HREX_TEMP, "data-request"),
    row(Term::DataRequestCode, &[Spot::Code], Wires::CDEX, CDEX_TEMP, "data-request-code"),
    row(Term::DataRequestQuery, &[Spot::Code], Wires::CDEX, CDEX_TEMP, "data-request-query"),
    row(Term::DataRequestQuestionnaire, &[Spot::Code], Wires::CDEX, CDEX_TEMP, "data-request-questionnaire"),

    row(Term::AttachmentsNeeded, &[Spot::Input, Spot::Output], PAS_CODES, PAS_TEMP, "attachments-needed"),
    row(Term::AttachmentsNeeded, &[Spot::Input], OLD, HREX_TEMP, "data-code"),
    row(Term::AttachmentsNeeded, &[Spot::Output], Wires::C20, HREX_TEMP, "data-value"),
    row(Term::QuestionnaireContext, &[Spot::Input, Spot::Output], Wires::SINCE_21.or(Wires::P221), PAS_TEMP, "questionnaire-context"),
    row(Term::QuestionnaireContext, &[Spot::Input], Wires::P201, PAS_TEMP, "questionnaires-needed"),
    row(Term::QuestionnaireContext, &[Spot::Input], Wires::C20, SDC_TEMP, "questionnaire"),
    row(Term::QuestionnaireContext, &[Spot::Output], Wires::C20, SDC_TEMP, "questionnaire-response"),
    row(Term::PayerUrl, &[Spot::Input], PAS_CODES, PAS_TEMP, "payer-url"),
    row(Term::PayerUrl, &[Spot::Input], OLD, CDEX_TEMP, "payer-url"),
    row(Term::ServiceDate, &[Spot::Input], Wires::CDEX, CDEX_TEMP, "service-date"),
    row(Term::MultipleSubmits, &[Spot::Input], Wires::CDEX, CDEX_TEMP, "multiple-submits-flag"),
    row(Term::SignatureFlag, BOTH, Wires::CDEX, CDEX_TEMP, "signature-flag"),
    row(Term::PurposeOfUse, BOTH, Wires::CDEX, CDEX_TEMP, "purpose-of-use"),

    row(Term::DataQuery, &[Spot::Data], Wires::ALL, HREX_TEMP, "data-query"),
    row(Term::DataCode, &[Spot::Data], Wires::ALL, HREX_TEMP, "data-code"),
    row(Term::Questionnaire, &[Spot::Data], Wires::ALL, SDC_TEMP, "questionnaire"),
    row(Term::DataValue, &[Spot::Data], Wires::ALL, HREX_TEMP, "data-value"),
    row(Term::QuestionnaireResponse, &[Spot::Data], Wires::ALL, SDC_TEMP, "questionnaire-response"),

    row(Term::TrackingId, &[Spot::Identifier], Wires::ALL, CDEX_TEMP, "tracking-id"),
    row(Term::AdminRefNumber, &[Spot::Identifier], Wires::ALL, CDEX_TEMP, "admin-ref-number"),
    row(Term::MemberNumber, &[Spot::Identifier], Wires::ALL, V2_0203, "MB"),
    row(Term::PatientAccount, &[Spot::Identifier], Wires::ALL, C4BB_IDENTIFIER, "pat"),

    row(Term::Claim, &[Spot::Reason], Wires::CDEX, CLAIM_USE, "claim"),
    row(Term::Preauthorization, &[Spot::Reason], Wires::CDEX, CLAIM_USE, "preauthorization"),
    row(Term::Preauthorization, &[Spot::Reason], Wires::PAS, PAS_TEMP, "priorAuthorization"),
];

/// The names by which rules ask for a term where it stands.
#[rustfmt::skip]
const NAMES: &[(&str, Term, Spot)] = &[
    ("attachment-request-code", Term::AttachmentRequestCode, Spot::Code),
    ("attachment-request-questionnaire", Term::AttachmentRequestQuestionnaire, Spot::Code),
    ("data-request", Term::DataRequest, Spot::Code),
    ("data-request-code", Term::DataRequestCode, Spot::Code),
    ("data-request-query", Term::DataRequestQuery, Spot::Code),
    ("data-request-questionnaire", Term::DataRequestQuestionnaire, Spot::Code),
    ("attachments-needed", Term::AttachmentsNeeded, Spot::Input),
    ("questionnaire-context", Term::QuestionnaireContext, Spot::Input),
    ("attachments-output", Term::AttachmentsNeeded, Spot::Output),
    ("questionnaire-output", Term::QuestionnaireContext, Spot::Output),
    ("payer-url", Term::PayerUrl, Spot::Input),
    ("service-date", Term::ServiceDate, Spot::Input),
    ("signature-flag", Term::SignatureFlag, Spot::Input),
    ("purpose-of-use", Term::PurposeOfUse, Spot::Input),
    ("multiple-submits-flag", Term::MultipleSubmits, Spot::Input),
    ("data-query", Term::DataQuery, Spot::Data),
    ("data-code", Term::DataCode, Spot::Data),
    ("questionnaire", Term::Questionnaire, Spot::Data),
    ("data-value", Term::DataValue, Spot::Data),
    ("questionnaire-response", Term::QuestionnaireResponse, Spot::Data),
    ("tracking-id", Term::TrackingId, Spot::Identifier),
    ("admin-ref-number", Term::AdminRefNumber, Spot::Identifier),
    ("member-number", Term::MemberNumber, Spot::Identifier),
    ("patient-account", Term::PatientAccount, Spot::Identifier),
    ("claim", Term::Claim, Spot::Reason),
    ("preauthorization", Term::Preauthorization, Spot::Reason),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::version::CdexVersion;

    #[track_caller]
    fn check(term: Term, spot: Spot, version: CdexVersion, expected: Option<(&str, &str)>) {
        assert_eq!(term.code(spot, Wire::Cdex(version)), expected);
        if let Some((system, code)) = expected {
            let read = Term::find(Some(system), code, spot).unwrap();
            assert_eq!(
                read.code(spot, Wire::Cdex(CdexVersion::V1_1)),
                term.code(spot, Wire::Cdex(CdexVersion::V1_1))
            );
        }
    }

    #[test]
    fn each_version_has_its_words() {
        use CdexVersion::V1_1;
        use CdexVersion::V2_0;
        use CdexVersion::V2_1;
        check(
            Term::AttachmentRequestCode,
            Spot::Code,
            V1_1,
            Some((CDEX_TEMP, "attachment-request")),
        );
        check(
            Term::AttachmentRequestCode,
            Spot::Code,
            V2_0,
            Some((CDEX_TEMP, "attachment-request-code")),
        );
        check(
            Term::AttachmentRequestCode,
            Spot::Code,
            V2_1,
            Some((PAS_TEMP, "attachment-request-code")),
        );
        check(Term::AttachmentRequestQuestionnaire, Spot::Code, V1_1, None);
        check(
            Term::AttachmentsNeeded,
            Spot::Input,
            V2_0,
            Some((HREX_TEMP, "data-code")),
        );
        check(
            Term::AttachmentsNeeded,
            Spot::Output,
            V2_0,
            Some((HREX_TEMP, "data-value")),
        );
        check(
            Term::QuestionnaireContext,
            Spot::Input,
            V2_0,
            Some((SDC_TEMP, "questionnaire")),
        );
        check(Term::PayerUrl, Spot::Input, V1_1, Some((CDEX_TEMP, "payer-url")));
        check(Term::PayerUrl, Spot::Input, V2_1, Some((PAS_TEMP, "payer-url")));
    }

    #[test]
    fn the_same_code_means_another_thing_in_another_place() {
        assert_eq!(
            Term::find(Some(HREX_TEMP), "data-code", Spot::Input),
            Some(Term::AttachmentsNeeded)
        );
        assert_eq!(
            Term::find(Some(HREX_TEMP), "data-code", Spot::Data),
            Some(Term::DataCode)
        );
        assert_eq!(Term::find(None, "data-code", Spot::Data), Some(Term::DataCode));
        assert_eq!(Term::find(Some("urn:other"), "data-code", Spot::Data), None);
    }
}
