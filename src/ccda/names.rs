//! Names of elements and attributes as numbers.

use std::sync::LazyLock;

/// Where a name comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Space {
    /// `urn:hl7-org:v3`; also attributes without a prefix.
    Hl7,
    /// `urn:hl7-org:sdtc`.
    Sdtc,
    /// XML Schema instance.
    Xsi,
    /// Anything else; such a name equals none of [`n`].
    Other,
}

/// The name of an element or attribute; two names are equal if namespace and local name are.
///
/// Elements of HL7's version 3 share their numbers with attributes without prefix, so `n::CODE` is both.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(pub(super) u16);

/// A text between elements.
pub(super) const TEXT_NODE: Name = Name(0);

macro_rules! names {
    ($($constant:ident = $space:ident $local:literal),* $(,)?) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, dead_code, reason = "only used to count")]
        enum Index { TEXT_NODE, $($constant),* }

        /// The names that CDA and C-CDA have.
        pub mod n {
            use super::Index;
            use super::Name;
            $(
                #[doc = concat!("`", $local, "`")]
                pub const $constant: Name = Name(Index::$constant as u16);
            )*
        }

        /// In the order of their numbers.
        const KNOWN: &[(Space, &str)] = &[(Space::Other, "#text"), $((Space::$space, $local)),*];
    };
}

names! {
    TEMPLATE_ID = Hl7 "templateId", CODE = Hl7 "code", ID = Hl7 "id", STATUS_CODE = Hl7 "statusCode",
    EFFECTIVE_TIME = Hl7 "effectiveTime", TEXT = Hl7 "text", VALUE = Hl7 "value",
    REFERENCE = Hl7 "reference", OBSERVATION = Hl7 "observation", NAME = Hl7 "name",
    TELECOM = Hl7 "telecom", ADDR = Hl7 "addr", LOW = Hl7 "low", HIGH = Hl7 "high", ENTRY = Hl7 "entry",
    STREET_ADDRESS_LINE = Hl7 "streetAddressLine", TITLE = Hl7 "title",
    ENTRY_RELATIONSHIP = Hl7 "entryRelationship", COMPONENT = Hl7 "component", CITY = Hl7 "city",
    SECTION = Hl7 "section", STATE = Hl7 "state", POSTAL_CODE = Hl7 "postalCode", COUNTRY = Hl7 "country",
    GIVEN = Hl7 "given", FAMILY = Hl7 "family", ORIGINAL_TEXT = Hl7 "originalText",
    TRANSLATION = Hl7 "translation", ASSIGNED_PERSON = Hl7 "assignedPerson",
    ASSIGNED_ENTITY = Hl7 "assignedEntity", AUTHOR = Hl7 "author", ASSIGNED_AUTHOR = Hl7 "assignedAuthor",
    ACT = Hl7 "act", TIME = Hl7 "time", PERFORMER = Hl7 "performer",
    MANUFACTURED_PRODUCT = Hl7 "manufacturedProduct", MANUFACTURED_MATERIAL = Hl7 "manufacturedMaterial",
    INTERPRETATION_CODE = Hl7 "interpretationCode",
    SUBSTANCE_ADMINISTRATION = Hl7 "substanceAdministration", CONSUMABLE = Hl7 "consumable",
    REPRESENTED_ORGANIZATION = Hl7 "representedOrganization", PARTICIPANT = Hl7 "participant",
    PREFIX = Hl7 "prefix", PARTICIPANT_ROLE = Hl7 "participantRole", ORGANIZER = Hl7 "organizer",
    DOSE_QUANTITY = Hl7 "doseQuantity", ROUTE_CODE = Hl7 "routeCode",
    REFERENCE_RANGE = Hl7 "referenceRange", OBSERVATION_RANGE = Hl7 "observationRange",
    ENCOUNTER = Hl7 "encounter", PLAYING_ENTITY = Hl7 "playingEntity", PROCEDURE = Hl7 "procedure",
    LANGUAGE_CODE = Hl7 "languageCode", SUFFIX = Hl7 "suffix", FUNCTION_CODE = Hl7 "functionCode",
    INFORMATION_RECIPIENT = Hl7 "informationRecipient", INFORMANT = Hl7 "informant",
    ADMINISTRATIVE_GENDER_CODE = Hl7 "administrativeGenderCode", BIRTH_TIME = Hl7 "birthTime",
    CONFIDENTIALITY_CODE = Hl7 "confidentialityCode", CLINICAL_DOCUMENT = Hl7 "ClinicalDocument",
    REALM_CODE = Hl7 "realmCode", TYPE_ID = Hl7 "typeId", RECORD_TARGET = Hl7 "recordTarget",
    PATIENT_ROLE = Hl7 "patientRole", PATIENT = Hl7 "patient", CUSTODIAN = Hl7 "custodian",
    ASSIGNED_CUSTODIAN = Hl7 "assignedCustodian",
    REPRESENTED_CUSTODIAN_ORGANIZATION = Hl7 "representedCustodianOrganization",
    STRUCTURED_BODY = Hl7 "structuredBody", PERIOD = Hl7 "period", RACE_CODE = Hl7 "raceCode",
    ETHNIC_GROUP_CODE = Hl7 "ethnicGroupCode", DOCUMENTATION_OF = Hl7 "documentationOf",
    SERVICE_EVENT = Hl7 "serviceEvent", LOT_NUMBER_TEXT = Hl7 "lotNumberText",
    LANGUAGE_COMMUNICATION = Hl7 "languageCommunication",
    MANUFACTURER_ORGANIZATION = Hl7 "manufacturerOrganization", SIGNATURE_CODE = Hl7 "signatureCode",
    METHOD_CODE = Hl7 "methodCode", SUPPLY = Hl7 "supply",
    PROVIDER_ORGANIZATION = Hl7 "providerOrganization", COMPONENT_OF = Hl7 "componentOf",
    ENCOMPASSING_ENCOUNTER = Hl7 "encompassingEncounter", PREFERENCE_IND = Hl7 "preferenceInd",
    PRODUCT = Hl7 "product", RATE_QUANTITY = Hl7 "rateQuantity",
    INTENDED_RECIPIENT = Hl7 "intendedRecipient", RECEIVED_ORGANIZATION = Hl7 "receivedOrganization",
    REPEAT_NUMBER = Hl7 "repeatNumber", SET_ID = Hl7 "setId", VERSION_NUMBER = Hl7 "versionNumber",
    TARGET_SITE_CODE = Hl7 "targetSiteCode", PLAYING_DEVICE = Hl7 "playingDevice",
    SCOPING_ENTITY = Hl7 "scopingEntity", ENCOUNTER_PARTICIPANT = Hl7 "encounterParticipant",
    LOCATION = Hl7 "location", ASSOCIATED_ENTITY = Hl7 "associatedEntity",
    ASSOCIATED_PERSON = Hl7 "associatedPerson", LEGAL_AUTHENTICATOR = Hl7 "legalAuthenticator",
    MARITAL_STATUS_CODE = Hl7 "maritalStatusCode", ADMINISTRATION_UNIT_CODE = Hl7 "administrationUnitCode",
    DISCHARGE_DISPOSITION_CODE = Hl7 "dischargeDispositionCode", QUANTITY = Hl7 "quantity",
    AUTHENTICATOR = Hl7 "authenticator", MODE_CODE = Hl7 "modeCode", RELATED_ENTITY = Hl7 "relatedEntity",
    RELATED_PERSON = Hl7 "relatedPerson", RELIGIOUS_AFFILIATION_CODE = Hl7 "religiousAffiliationCode",
    MANUFACTURED_LABELED_DRUG = Hl7 "manufacturedLabeledDrug", DATA_ENTERER = Hl7 "dataEnterer",
    HEALTH_CARE_FACILITY = Hl7 "healthCareFacility", APPROACH_SITE_CODE = Hl7 "approachSiteCode",
    STANDARD_INDUSTRY_CLASS_CODE = Hl7 "standardIndustryClassCode", BIRTHPLACE = Hl7 "birthplace",
    PLACE = Hl7 "place", CENTER = Hl7 "center", ASSIGNED_AUTHORING_DEVICE = Hl7 "assignedAuthoringDevice",
    MANUFACTURER_MODEL_NAME = Hl7 "manufacturerModelName", SOFTWARE_NAME = Hl7 "softwareName",
    GUARDIAN = Hl7 "guardian", GUARDIAN_PERSON = Hl7 "guardianPerson",
    GUARDIAN_ORGANIZATION = Hl7 "guardianOrganization",
    SERVICE_PROVIDER_ORGANIZATION = Hl7 "serviceProviderOrganization", SUBJECT = Hl7 "subject",
    ADDITIONAL_LOCATOR = Hl7 "additionalLocator", PROFICIENCY_LEVEL_CODE = Hl7 "proficiencyLevelCode",
    RELATED_SUBJECT = Hl7 "relatedSubject", SPECIMEN = Hl7 "specimen", SPECIMEN_ROLE = Hl7 "specimenRole",
    PRIORITY_CODE = Hl7 "priorityCode", SPECIMEN_PLAYING_ENTITY = Hl7 "specimenPlayingEntity",
    PRECONDITION = Hl7 "precondition", CRITERION = Hl7 "criterion", DESC = Hl7 "desc",
    MAX_DOSE_QUANTITY = Hl7 "maxDoseQuantity", NUMERATOR = Hl7 "numerator",
    DENOMINATOR = Hl7 "denominator", AS_ORGANIZATION_PART_OF = Hl7 "asOrganizationPartOf",
    WHOLE_ORGANIZATION = Hl7 "wholeOrganization", USEABLE_PERIOD = Hl7 "useablePeriod",
    EVENT = Hl7 "event", RESPONSIBLE_PARTY = Hl7 "responsibleParty",
    IN_FULFILLMENT_OF = Hl7 "inFulfillmentOf", ORDER = Hl7 "order", SEQUENCE_NUMBER = Hl7 "sequenceNumber",
    QUALIFIER = Hl7 "qualifier", EXTERNAL_DOCUMENT = Hl7 "externalDocument",
    NON_XML_BODY = Hl7 "nonXMLBody", AUTHORIZATION = Hl7 "authorization", CONSENT = Hl7 "consent",
    RELATED_DOCUMENT = Hl7 "relatedDocument", PARENT_DOCUMENT = Hl7 "parentDocument",
    STANDARD_DEVIATION = Hl7 "standardDeviation", EXTERNAL_OBSERVATION = Hl7 "externalObservation",
    EXTERNAL_PROCEDURE = Hl7 "externalProcedure", EXTERNAL_ACT = Hl7 "externalAct", WIDTH = Hl7 "width",
    DELIMITER = Hl7 "delimiter", HOUSE_NUMBER = Hl7 "houseNumber", STREET_NAME = Hl7 "streetName",
    STREET_NAME_TYPE = Hl7 "streetNameType", DIRECTION = Hl7 "direction",
    HOUSE_NUMBER_NUMERIC = Hl7 "houseNumberNumeric", UNIT_ID = Hl7 "unitID", UNIT_TYPE = Hl7 "unitType",
    POST_BOX = Hl7 "postBox", COUNTY = Hl7 "county", PRECINCT = Hl7 "precinct",
    CENSUS_TRACT = Hl7 "censusTract", DELIVERY_ADDRESS_LINE = Hl7 "deliveryAddressLine",
    BUILDING_NUMBER_SUFFIX = Hl7 "buildingNumberSuffix", VALID_TIME = Hl7 "validTime", PHASE = Hl7 "phase",
    OFFSET = Hl7 "offset", OBSERVATION_MEDIA = Hl7 "observationMedia",
    REGION_OF_INTEREST = Hl7 "regionOfInterest", SCOPING_ORGANIZATION = Hl7 "scopingOrganization",
    MAINTAINING_PERSON = Hl7 "maintainingPerson", AS_PATIENT_RELATIONSHIP = Hl7 "asPatientRelationship",
    AS_MAINTAINED_ENTITY = Hl7 "asMaintainedEntity", AS_ORGANIZATION_PART = Hl7 "asOrganizationPart",
    DOSAGE = Hl7 "dosage", AVAILABILITY_TIME = Hl7 "availabilityTime",
    DERIVATION_EXPR = Hl7 "derivationExpr", INDEPENDENT_IND = Hl7 "independentInd",
    UNCERTAINTY_CODE = Hl7 "uncertaintyCode", EXPIRATION_TIME = Hl7 "expirationTime",
    FORM_CODE = Hl7 "formCode", HANDLING_CODE = Hl7 "handlingCode",
    LENGTH_OF_STAY_QUANTITY = Hl7 "lengthOfStayQuantity",
    ADMISSION_REFERRAL_SOURCE_CODE = Hl7 "admissionReferralSourceCode",
    SIGNATURE_TEXT = Hl7 "signatureText", COPY_TIME = Hl7 "copyTime", INVERSION_IND = Hl7 "inversionInd",
    SEPERATABLE_IND = Hl7 "seperatableInd", RULESET = Hl7 "ruleset", NEGATION_IND = Hl7 "negationInd",
    TABLE = Hl7 "table", THEAD = Hl7 "thead", TBODY = Hl7 "tbody", TFOOT = Hl7 "tfoot", TR = Hl7 "tr",
    TH = Hl7 "th", TD = Hl7 "td", CAPTION = Hl7 "caption", COLGROUP = Hl7 "colgroup", COL = Hl7 "col",
    CONTENT = Hl7 "content", PARAGRAPH = Hl7 "paragraph", LIST = Hl7 "list", ITEM = Hl7 "item",
    BR = Hl7 "br", SUB = Hl7 "sub", SUP = Hl7 "sup", LINK_HTML = Hl7 "linkHtml", FOOTNOTE = Hl7 "footnote",
    FOOTNOTE_REF = Hl7 "footnoteRef", RENDER_MULTI_MEDIA = Hl7 "renderMultiMedia", ROOT = Hl7 "root",
    EXTENSION = Hl7 "extension", CODE_SYSTEM = Hl7 "codeSystem", DISPLAY_NAME = Hl7 "displayName",
    CODE_SYSTEM_NAME = Hl7 "codeSystemName", NULL_FLAVOR = Hl7 "nullFlavor", CLASS_CODE = Hl7 "classCode",
    MOOD_CODE = Hl7 "moodCode", TYPE_CODE = Hl7 "typeCode", TYPE = Hl7 "type", TEXT_ID = Hl7 "ID",
    STYLE_CODE = Hl7 "styleCode", USE = Hl7 "use", UNIT = Hl7 "unit", BORDER = Hl7 "border",
    COLSPAN = Hl7 "colspan", ASSIGNING_AUTHORITY_NAME = Hl7 "assigningAuthorityName", ALIGN = Hl7 "align",
    MEDIA_TYPE = Hl7 "mediaType", SCOPE = Hl7 "scope", DETERMINER_CODE = Hl7 "determinerCode",
    OPERATOR = Hl7 "operator", INSTITUTION_SPECIFIED = Hl7 "institutionSpecified",
    CONTEXT_CONDUCTION_IND = Hl7 "contextConductionInd", SCHEMA_LOCATION = Hl7 "schemaLocation",
    LIST_TYPE = Hl7 "listType", REPRESENTATION = Hl7 "representation",
    CONTEXT_CONTROL_CODE = Hl7 "contextControlCode", HEADERS = Hl7 "headers", ROWSPAN = Hl7 "rowspan",
    DISPLAYABLE = Hl7 "displayable", SUMMARY = Hl7 "summary",
    CODE_SYSTEM_VERSION = Hl7 "codeSystemVersion", HREF = Hl7 "href", CELLSPACING = Hl7 "cellspacing",
    CELLPADDING = Hl7 "cellpadding", INCLUSIVE = Hl7 "inclusive", CURRENCY = Hl7 "currency",
    ABBR = Hl7 "abbr", VALIGN = Hl7 "valign", CHAROFF = Hl7 "charoff", CHAR = Hl7 "char",
    RULES = Hl7 "rules", FRAME = Hl7 "frame", LANGUAGE = Hl7 "language", COMPRESSION = Hl7 "compression",
    INTEGRITY_CHECK = Hl7 "integrityCheck", INTEGRITY_CHECK_ALGORITHM = Hl7 "integrityCheckAlgorithm",
    REFERENCED_OBJECT = Hl7 "referencedObject", REVISED = Hl7 "revised", REL = Hl7 "rel", REV = Hl7 "rev",
    VALUE_SET = Hl7 "valueSet", VALUE_SET_VERSION = Hl7 "valueSetVersion", ALIGNMENT = Hl7 "alignment",
    PART_TYPE = Hl7 "partType", IDREF = Hl7 "IDREF", STYLESHEET = Hl7 "stylesheet",
    SDTC_RACE_CODE = Sdtc "raceCode", SDTC_ETHNIC_GROUP_CODE = Sdtc "ethnicGroupCode",
    SDTC_DECEASED_IND = Sdtc "deceasedInd", SDTC_DECEASED_TIME = Sdtc "deceasedTime",
    SDTC_BIRTH_TIME = Sdtc "birthTime", SDTC_SIGNATURE_TEXT = Sdtc "signatureText",
    SDTC_FUNCTION_CODE = Sdtc "functionCode",
    SDTC_DISCHARGE_DISPOSITION_CODE = Sdtc "dischargeDispositionCode", SDTC_ID = Sdtc "id",
    SDTC_CATEGORY = Sdtc "category", SDTC_STATUS_CODE = Sdtc "statusCode",
    SDTC_EXPIRATION_TIME = Sdtc "expirationTime", SDTC_DESC = Sdtc "desc", SDTC_PATIENT = Sdtc "patient",
    SDTC_MULTIPLE_BIRTH_IND = Sdtc "multipleBirthInd",
    SDTC_MULTIPLE_BIRTH_ORDER_NUMBER = Sdtc "multipleBirthOrderNumber",
    SDTC_PRIORITY_CODE = Sdtc "priorityCode", SDTC_PRECONDITION = Sdtc "precondition",
    SDTC_CRITERION = Sdtc "criterion", SDTC_CODE = Sdtc "code", SDTC_VALUE = Sdtc "value",
    SDTC_TEXT = Sdtc "text", SDTC_AS_PATIENT_RELATIONSHIP = Sdtc "asPatientRelationship",
    SDTC_NAME = Sdtc "name", SDTC_ADMINISTRATIVE_GENDER_CODE = Sdtc "administrativeGenderCode",
    SDTC_PRECONDITION1 = Sdtc "precondition1", SDTC_PRECONDITION2 = Sdtc "precondition2",
    SDTC_ACT_REFERENCE = Sdtc "actReference", SDTC_IN_FULFILLMENT_OF1 = Sdtc "inFulfillmentOf1",
    SDTC_SPECIALTY = Sdtc "specialty", SDTC_VALUE_SET = Sdtc "valueSet",
    SDTC_VALUE_SET_VERSION = Sdtc "valueSetVersion", SDTC_TELECOM = Sdtc "telecom",
    SDTC_IDENTIFIED_BY = Sdtc "identifiedBy",
    SDTC_ALTERNATE_IDENTIFICATION = Sdtc "alternateIdentification", SDTC_NULL_FLAVOR = Sdtc "nullFlavor",
    SDTC_ADDR = Sdtc "addr", SDTC_BIRTHPLACE = Sdtc "birthplace", SDTC_BIRTH_PLACE = Sdtc "birthPlace",
    XSI_TYPE = Xsi "type", XSI_NIL = Xsi "nil",
}

/// How many names have constants.
#[expect(clippy::cast_possible_truncation, reason = "there are a few hundred")]
pub(super) const KNOWN_COUNT: u16 = KNOWN.len() as u16;

/// Twice the number of names, rounded up to a power of two.
const SLOTS: usize = 1024;

/// Open addressing; 0 is an empty slot.
static TABLE: LazyLock<[u16; SLOTS]> = LazyLock::new(|| {
    let mut table = [0; SLOTS];
    for (number, (space, local)) in (0_u16..).zip(KNOWN).skip(1) {
        let mut slot = slot_of(*space, local);
        while let Some(taken) = table.get_mut(slot) {
            if *taken == 0 {
                *taken = number;
                break;
            }
            slot = (slot + 1) % SLOTS;
        }
    }
    table
});

/// A digest of the first and the last eight octets and the length: names of CDA that agree in these are equal.
fn slot_of(space: Space, local: &str) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let bytes = local.as_bytes();
    let (first, last) = if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
    {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else {
        let mut padded = [0; 8];
        for (to, from) in padded.iter_mut().zip(bytes) {
            *to = *from;
        }
        (u64::from_le_bytes(padded), 0)
    };
    let length = (bytes.len() as u64) << 2 | space as u64;
    let digest = (first ^ last.rotate_left(31) ^ length.wrapping_mul(MIX)).wrapping_mul(MIX);
    ((digest ^ (digest >> 29)).wrapping_mul(MIX) >> 54) as usize & (SLOTS - 1)
}

/// The number of a name that has a constant.
pub(super) fn known(space: Space, local: &str) -> Option<Name> {
    let table = &*TABLE;
    let mut slot = slot_of(space, local);
    loop {
        let number = *table.get(slot)?;
        if number == 0 {
            return None;
        }
        if let Some((its_space, its_local)) = KNOWN.get(usize::from(number))
            && *its_local == local
            && *its_space == space
        {
            return Some(Name(number));
        }
        slot = (slot + 1) % SLOTS;
    }
}

impl Name {
    /// The number of an HL7 element or attribute as mapping tables write it: `sdtc:` and `xsi:` are the only prefixes.
    pub fn written(name: &str) -> Option<Self> {
        match name.split_once(':') {
            None => known(Space::Hl7, name),
            Some(("sdtc", local)) => known(Space::Sdtc, local),
            Some(("xsi", local)) => known(Space::Xsi, local),
            Some(_) => None,
        }
    }

    /// The local name, if it is one of [`n`].
    pub fn local(self) -> Option<&'static str> {
        KNOWN.get(usize::from(self.0)).map(|(_, local)| *local)
    }

    /// The prefix under which reports write it.
    pub(super) fn prefix(self) -> &'static str {
        match KNOWN.get(usize::from(self.0)).map(|(space, _)| *space) {
            Some(Space::Sdtc) => "sdtc:",
            Some(Space::Xsi) => "xsi:",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_again() {
        assert!(KNOWN.len() < SLOTS / 2, "the table stays sparse");
        for (number, (space, local)) in (0_u16..).zip(KNOWN).skip(1) {
            assert_eq!(known(*space, local), Some(Name(number)), "{local}");
        }
        assert_eq!(known(Space::Hl7, "codes"), None);
        assert_eq!(known(Space::Other, "code"), None);
    }

    #[test]
    fn the_namespace_is_part_of_the_name() {
        assert_eq!(Name::written("raceCode"), Some(n::RACE_CODE));
        assert_eq!(Name::written("sdtc:raceCode"), Some(n::SDTC_RACE_CODE));
        assert_ne!(n::RACE_CODE, n::SDTC_RACE_CODE);
        assert_eq!(Name::written("xhtml:raceCode"), None);
        assert_eq!(n::SDTC_RACE_CODE.prefix(), "sdtc:");
        assert_eq!(n::RACE_CODE.local(), Some("raceCode"));
    }
}
