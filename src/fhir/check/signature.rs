//! Rules of `cdex-digital-signature` (3.0) and `cdex-signature` (2.1), as far as the element itself goes: whether a
//! signature holds is for whoever has the certificates.

use super::Table;
use super::rule::Rule;
use super::rule::coded;
use super::rule::invariant;
use super::rule::required;
use super::rule::value;
use super::run;
use crate::base::finding::Finding;
use crate::fhir::node::Node;
use crate::fhir::path::Setting;

/// The rules of a digital signature, from the signature itself. The form of 3.0 is told by its target format.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    required("signature.type", ("", "type.exists()", "type"), "the signature does not say what for").of_business(),
    invariant("signature.verifies",
        ("", "type.exists() implies type.where(system = 'urn:iso-astm:E1762-95:2013' and \
          code = '1.2.840.10065.1.12.1.5').count() = 1", "type"),
        "the signature is not a verification signature").of_business(),
    required("signature.when-missing", ("", "when.exists()", "when"), "the signature does not say when").of_business(),
    value("signature.when", ("when", "looksLike('dateTime') and ($this.length() <= 10).not()", ""),
        "the time of the signature is not an instant").of_business(),
    required("signature.who", ("", "who.exists()", "who"), "the signature does not say by whom").of_business(),
    required("signature.who-identifier", ("where(targetFormat.exists()).who", "identifier.exists()", "identifier"),
        "the signer has no identifier").of_business(),
    required("signature.who-value", ("who.identifier", "value.exists()", "value"),
        "the identifier of the signer has no value").of_business(),
    required("signature.who-type", ("where(targetFormat.empty()).who.identifier", "type.exists()", "type"),
        "the identifier of the signer has no type").of_business(),
    coded("signature.who-kind", ("where(targetFormat.empty()).who.identifier.type", "memberOf('cdex-identifier-types')", ""),
        "the identifier of the signer is neither an NPI nor a tax number").of_business(),
    invariant("cdex-13",
        ("where(targetFormat.empty() and who.exists())", "who.reference.exists() or (who.identifier.exists() and who.display.exists())", "who"),
        "the signer is neither referenced nor both identified and named").of_business(),
    value("signature.target",
        ("targetFormat", "$this = 'application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document'", ""),
        "the format that was signed is not that of the profile").of_business(),
    value("signature.format", ("where(targetFormat.exists())", "sigFormat = 'application/jose'", "sigFormat"),
        "the format of the signature is not that of the profile").of_business(),
    required("signature.missing-content", ("", "data.exists()", "data"), "the signature is empty").of_business(),
];

/// Checks the digital signatures of `resource`: of a Bundle, of a `QuestionnaireResponse` or of its items.
///
/// Signatures of other formats, such as images, have no rules beyond those of FHIR.
pub(super) fn check(resource: &Node<'_>, setting: Setting<'_>, findings: &mut Vec<Finding>) {
    match resource.text_of("resourceType") {
        Some("Bundle") => {
            if let Some(signature) = resource.member("signature") {
                digital(&signature, setting, findings);
            }
        }
        Some("QuestionnaireResponse") => item(resource, setting, findings),
        _ => {}
    }
}

/// Checks the signatures of a response or one of its items, and of the items inside.
fn item(node: &Node<'_>, setting: Setting<'_>, findings: &mut Vec<Finding>) {
    for extension in node.each("extension") {
        if extension.text_of("url") == Some(RESPONSE_SIGNATURE)
            && let Some(signature) = extension.member("valueSignature")
        {
            digital(&signature, setting, findings);
        }
    }
    for inner in node.each("item") {
        item(&inner, setting, findings);
        for answer in inner.each("answer") {
            item(&answer, setting, findings);
        }
    }
}

fn digital(signature: &Node<'_>, setting: Setting<'_>, findings: &mut Vec<Finding>) {
    let jose = signature.text_of("sigFormat") == Some("application/jose");
    if jose || signature.member("targetFormat").is_some() {
        run(&[Table::Signature], signature, setting, findings);
    }
}

const RESPONSE_SIGNATURE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature";
