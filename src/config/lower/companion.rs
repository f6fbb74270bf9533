//! The small files of what a partner asks beyond the guides.

use crate::config::code;
use crate::config::report::Complaint;
use crate::config::report::Report;
use crate::config::source::Origin;
use crate::config::tree::Table;
use crate::mapping::guides::companion::CompanionRule;
use crate::mapping::guides::companion::RuleUsage;
use crate::mapping::guides::companion::compiled;
use crate::routing::guide;

/// The rules of a file for a partner that speaks these guides, as far as they can be applied.
pub(super) fn rules(file: &Table, guides: &[&'static str], report: &mut Report) -> Vec<CompanionRule> {
    let told: Vec<&Table> = file.several("rule").collect();
    let read = told.iter().map(|table| rule(table, guides, report));
    let (rules, origins): (Vec<CompanionRule>, Vec<Origin>) = read
        .zip(&told)
        .filter_map(|(rule, table)| Some((rule?, table.origin_of("at"))))
        .unzip();
    if rules.is_empty() {
        return rules;
    }
    let Err(misfits) = compiled(&rules) else {
        return rules;
    };
    for misfit in misfits {
        if let (Some(rule), Some(origin)) = (rules.get(misfit.rule), origins.get(misfit.rule)) {
            let text = format!("this rule does not fit {}", rule.guide);
            report.add(Complaint::new(&code::partner::RULES, *origin, text).spot(&misfit.why));
        }
    }
    Vec::new()
}

fn rule(table: &Table, guides: &[&'static str], report: &mut Report) -> Option<CompanionRule> {
    let mut refuse = |at: Origin, text: String, label: &str| {
        report.add(Complaint::new(&code::partner::RULES, at, text).spot(label));
    };
    let guide = guide::find(table.text("guide")?)?.id;
    if !guides.contains(&guide) {
        refuse(
            table.origin_of("guide"),
            format!("the partner does not speak {guide}"),
            "not one of its `x12.guides`",
        );
        return None;
    }
    let at = table.text("at")?;
    let Some((segment, qualifier, element)) = place(at) else {
        let text = format!("`{at}` is not a place in a guide");
        refuse(
            table.origin_of("at"),
            text,
            "a segment (NX1), one by its qualifier (REF*EJ), or an element (CAT02)",
        );
        return None;
    };
    let usage = table.text("usage").map(|word| {
        if word == "required" {
            RuleUsage::Required
        } else {
            RuleUsage::NotUsed
        }
    });
    let rule = CompanionRule {
        guide,
        loop_id: table.text("loop").map(str::to_owned),
        segment,
        qualifier,
        element,
        usage,
        values: super::texts(table, "values"),
        max_length: table.number("max-length"),
    };
    if rule.usage.is_none() && rule.values.is_empty() && rule.max_length.is_none() {
        refuse(
            table.origin,
            "this rule asks for nothing".to_owned(),
            "it needs usage, values or max-length",
        );
        return None;
    }
    if rule.element.is_none() && !(rule.values.is_empty() && rule.max_length.is_none()) {
        let text = format!("`{at}` is a whole segment, which has neither values nor a length");
        refuse(table.origin_of("at"), text, "name the element: CAT02");
        return None;
    }
    Some(rule)
}

/// `CAT02`, `NX1`, `REF*EJ` or `REF02*EJ`: a segment, perhaps an element of it, perhaps only where the first element is so.
fn place(at: &str) -> Option<(String, Option<String>, Option<u8>)> {
    let (place, qualifier) = match at.split_once('*') {
        None => (at, None),
        Some((place, qualifier)) => (place, Some(qualifier)),
    };
    let capital = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    if !capital(place) || !place.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        return None;
    }
    if qualifier.is_some_and(|qualifier| qualifier.is_empty() || !capital(qualifier)) {
        return None;
    }
    // An element is two digits behind a segment of two or three characters.
    let split = place.len().checked_sub(2)?;
    let (segment, digits) = place.split_at_checked(split)?;
    let element = digits.parse().ok().filter(|_| segment.len() >= 2);
    let segment = if element.is_some() { segment } else { place };
    if !(2..=3).contains(&segment.len()) || element == Some(0) {
        return None;
    }
    Some((segment.to_owned(), qualifier.map(str::to_owned), element))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: &str, expected: Option<(&str, Option<&str>, Option<u8>)>) {
        let found = place(at);
        let found = found
            .as_ref()
            .map(|(segment, qualifier, element)| (segment.as_str(), qualifier.as_deref(), *element));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_place_is_a_segment_and_perhaps_an_element() {
        check("CAT02", Some(("CAT", None, Some(2))));
        check("N301", Some(("N3", None, Some(1))));
        check("NX1", Some(("NX1", None, None)));
        check("N3", Some(("N3", None, None)));
        check("REF*EJ", Some(("REF", Some("EJ"), None)));
        check("REF02*EJ", Some(("REF", Some("EJ"), Some(2))));
        for wrong in ["", "C", "CAT two", "cat02", "CAT00", "CATS02", "REF*", "02CAT"] {
            check(wrong, None);
        }
    }
}
