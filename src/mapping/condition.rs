//! How conditions are written in a mapping.

use super::fields::Located;

/// One condition as written; all of a row must hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum ConditionText {
    /// `PLACE` or `not PLACE`: something is there, or nothing is.
    Present { place: Located, negated: bool },
    /// `PLACE = VALUE|VALUE`, or `!=`; a place that holds nothing equals no value.
    Equals {
        place: Located,
        negated: bool,
        any_of: Vec<String>,
    },
    /// `PLACE is PLACE`, or `is not`: both hold the same.
    Same {
        left: Located,
        right: Located,
        negated: bool,
    },
}

/// Reads conditions joined by `and`.
pub(super) fn read(written: &Located) -> Vec<ConditionText> {
    let mut found = Vec::new();
    let mut at = written.at;
    for part in written.text.split(" and ") {
        found.push(one(part, at));
        at += part.len() + " and ".len();
    }
    found
}

fn one(part: &str, at: usize) -> ConditionText {
    let located = |text: &str| {
        let skipped = text.len() - text.trim_start().len();
        let before = text.as_ptr() as usize - part.as_ptr() as usize;
        Located {
            text: text.trim().to_owned(),
            at: at + before + skipped,
        }
    };
    if let Some((left, right)) = part.split_once(" is ") {
        let (right, negated) = match right.trim_start().strip_prefix("not ") {
            Some(right) => (right, true),
            None => (right, false),
        };
        return ConditionText::Same {
            left: located(left),
            right: located(right),
            negated,
        };
    }
    // The sign stands outside the brackets of the place.
    let outside = part.rfind(']').map_or(0, |end| end + 1);
    let sign = part
        .get(outside..)
        .and_then(|rest| rest.find('='))
        .map(|sign| outside + sign);
    let (Some(left), Some(right)) = (
        sign.and_then(|sign| part.get(..sign)),
        sign.and_then(|sign| part.get(sign + 1..)),
    ) else {
        let (place, negated) = match part.trim_start().strip_prefix("not ") {
            Some(place) => (place, true),
            None => (part, false),
        };
        return ConditionText::Present {
            place: located(place),
            negated,
        };
    };
    let (left, negated) = match left.strip_suffix('!') {
        Some(left) => (left, true),
        None => (left, false),
    };
    ConditionText::Equals {
        place: located(left),
        negated,
        any_of: right.split('|').map(|value| value.trim().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let written = Located {
            text: text.to_owned(),
            at: 10,
        };
        let found: Vec<String> = read(&written)
            .into_iter()
            .map(|condition| match condition {
                ConditionText::Present { place, negated } => format!("{}@{} {negated}", place.text, place.at),
                ConditionText::Equals {
                    place,
                    negated,
                    any_of,
                } => format!("{}@{} {negated} {}", place.text, place.at, any_of.join(",")),
                ConditionText::Same { left, right, negated } => {
                    format!("{}@{} {negated} {}@{}", left.text, left.at, right.text, right.at)
                }
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn conditions_are_presence_equality_and_sameness() {
        check("TRN02", &["TRN02@10 false"]);
        check("not REF02[REF01=X1]", &["REF02[REF01=X1]@14 true"]);
        check("REF02[REF01=X1] = 1|2", &["REF02[REF01=X1]@10 false 1,2"]);
        check(
            "$version != 2.1 and NM102 = 1",
            &["$version@10 true 2.1", "NM102@30 false 1"],
        );
        check(
            "BHT03 is TRN02 and A01 is not B02",
            &["BHT03@10 false TRN02@19", "A01@29 true B02@40"],
        );
    }
}
