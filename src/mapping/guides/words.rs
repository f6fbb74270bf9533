//! The words in which a guide is written, changed as a partner's rules ask.

use super::companion::CompanionRule;
use super::companion::RuleUsage;

/// The segment of a use such as `REF*X1|EJ[C]`.
pub(super) fn segment(used: &str) -> &str {
    used.split('*').next().unwrap_or_default()
}

/// The codes of the first element that a use takes; none if it takes all.
pub(super) fn qualifiers(used: &str) -> impl Iterator<Item = &str> {
    let first = used.split('*').nth(1).unwrap_or_default();
    let codes = first.split('|').filter_map(|code| code.split(['[', ':']).next());
    codes.filter(|code| !code.is_empty())
}

/// The use with one code for its first element.
pub(super) fn with_qualifier(used: &str, qualifier: &str) -> String {
    let mut parts: Vec<&str> = used.split('*').collect();
    match parts.get_mut(1) {
        // The first component of a composite is meant where a colon says so.
        Some(first) if first.contains(':') => return format!("{}*{qualifier}:", segment(used)),
        Some(first) => *first = qualifier,
        None => parts.push(qualifier),
    }
    parts.join("*")
}

/// The rule of an element with what a partner asks in place of what the guide says.
pub(super) fn element(before: &str, rule: &CompanionRule) -> String {
    let mut items = items(before).into_iter();
    let usage = items.next().unwrap_or("S");
    let mut text = match rule.usage {
        Some(RuleUsage::Required) => "R[A]",
        Some(RuleUsage::NotUsed) => "N[A]",
        // A partner that says which values it takes takes some.
        None if usage.starts_with('N') => "S",
        None => usage,
    }
    .to_owned();
    let mut before = "";
    for item in items {
        // The number behind these two words is that of another element.
        let is_argument = matches!(before, "if" | "as");
        let is_code = item.starts_with(['(', '@']);
        let is_length =
            !is_argument && item.starts_with(|first: char| first.is_ascii_digit() || first == '.');
        before = item;
        if (is_code && !rule.values.is_empty()) || (is_length && rule.max_length.is_some()) {
            continue;
        }
        text.push(' ');
        text.push_str(item);
    }
    if !rule.values.is_empty() {
        let codes: Vec<String> = rule.values.iter().map(|value| format!("'{value}'")).collect();
        text.extend([" (", codes.join(" ").as_str(), ")[A]"]);
    }
    if let Some(most) = rule.max_length {
        text.extend([" ..", most.to_string().as_str()]);
    }
    text
}

/// What stands between blanks, except for those in parentheses and quotes.
fn items(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, None);
    let mut items = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter == ' ' && depth == 0 && !quoted {
            items.extend(start.take().and_then(|start: usize| text.get(start..at)));
        } else if start.is_none() {
            start = Some(at);
        }
    }
    items.extend(start.and_then(|start| text.get(start..)));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(usage: Option<RuleUsage>, values: &[&str], max_length: Option<u64>) -> CompanionRule {
        CompanionRule {
            guide: "006020X314",
            loop_id: None,
            segment: "CAT".to_owned(),
            qualifier: None,
            element: Some(2),
            usage,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            max_length,
        }
    }

    #[track_caller]
    fn check(before: &str, rule: &CompanionRule, expected: &str) {
        assert_eq!(element(before, rule), expected);
    }

    #[test]
    fn what_a_partner_says_takes_the_place_of_what_the_guide_says() {
        check(
            "R (HL IA TX)[C]",
            &rule(None, &["HL", "IA"], None),
            "R ('HL' 'IA')[A]",
        );
        check(
            "S @codes[C] 'our name'",
            &rule(None, &["A B"], None),
            "S 'our name' ('A B')[A]",
        );
        check("N[C]", &rule(None, &["A"], None), "S ('A')[A]");
        check(
            "S 3..9[C] date if 08=D8",
            &rule(None, &[], Some(4)),
            "S date if 08=D8 ..4",
        );
        check("R as 02", &rule(None, &[], Some(4)), "R as 02 ..4");
        check("S", &rule(Some(RuleUsage::Required), &[], None), "R[A]");
        check(
            "R (1 2)",
            &rule(Some(RuleUsage::NotUsed), &[], None),
            "N[A] (1 2)",
        );
    }

    #[test]
    fn a_use_says_which_segments_it_takes() {
        let codes = |used| qualifiers(used).collect::<Vec<_>>();
        assert_eq!(segment("REF*X1|EJ[C]"), "REF");
        assert_eq!(codes("REF*X1|EJ[C]"), ["X1", "EJ"]);
        assert_eq!(codes("HI*LOI:"), ["LOI"]);
        assert!(codes("REF").is_empty() && codes("HL***20").is_empty());
        assert_eq!(with_qualifier("REF", "EJ"), "REF*EJ");
        assert_eq!(with_qualifier("REF*X1|EJ[C]", "EJ"), "REF*EJ");
        assert_eq!(with_qualifier("HL***20", "1"), "HL*1**20");
        assert_eq!(with_qualifier("HI*LOI|ABC:", "LOI"), "HI*LOI:");
    }
}
