//! What an expression says of a resource.

use super::End;
use super::Expression;
use super::Path;
use super::Step;
use crate::fhir::codes::CodeLists;
use crate::fhir::node::Node;
use crate::fhir::term::Spot;
use crate::fhir::term::Term;
use crate::fhir::version::Wire;

/// What expressions are read against besides the resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'s> {
    /// The version whose codes count.
    pub(crate) wire: Wire,
    /// The lists of codes.
    pub(crate) lists: &'s CodeLists,
}

/// What an expression comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Outcome {
    /// No value, or more than one.
    None,
    Bool(bool),
    Number(usize),
    Text(Box<str>),
}

/// Whether `expression` is true of `node`.
pub(crate) fn holds(expression: &Expression, node: &Node<'_>, setting: Setting<'_>) -> bool {
    let both =
        |left: &Expression, right: &Expression| (value(left, node, setting), value(right, node, setting));
    match expression {
        Expression::Path(path) => match evaluate(path, node, setting) {
            Outcome::Bool(truth) => truth,
            Outcome::Number(_) | Outcome::Text(_) => true,
            Outcome::None => exists(&path.steps, node, setting),
        },
        Expression::Text(_) | Expression::Number(_) => true,
        Expression::Equal(left, right) => match (&**left, &**right) {
            // Most rules begin with this question, so no text is copied for it.
            (Expression::Path(path), Expression::Text(text)) if path.end == End::Items => {
                says(&path.steps, node, setting, text)
            }
            (left, right) => {
                let (left, right) = both(left, right);
                left == right && left != Outcome::None
            }
        },
        Expression::Differs(left, right) => {
            let (left, right) = both(left, right);
            left != right && left != Outcome::None && right != Outcome::None
        }
        Expression::AtMost(left, right) => match both(left, right) {
            (Outcome::Number(left), Outcome::Number(right)) => left <= right,
            _ => false,
        },
        Expression::And(left, right) => holds(left, node, setting) && holds(right, node, setting),
        Expression::Or(left, right) => holds(left, node, setting) || holds(right, node, setting),
        Expression::Implies(left, right) => !holds(left, node, setting) || holds(right, node, setting),
        Expression::Not(inner) => !holds(inner, node, setting),
    }
}

/// Calls `see` with every item that `steps` lead to from `node`.
pub(crate) fn each(steps: &[Step], node: &Node<'_>, setting: Setting<'_>, see: &mut dyn FnMut(&Node<'_>)) {
    let Some((step, rest)) = steps.split_first() else {
        return see(node);
    };
    match step {
        Step::Member(name) => {
            for item in node.each(name) {
                each(rest, &item, setting, see);
            }
        }
        Step::Value => {
            let values = node.members().filter(|(name, _)| is_value(name));
            for (_, value) in values {
                each(rest, &value, setting, see);
            }
        }
        Step::Where(condition) => {
            if holds(condition, node, setting) {
                each(rest, node, setting, see);
            }
        }
        Step::OfType(kind) => {
            if is_of_type(node, kind) {
                each(rest, node, setting, see);
            }
        }
    }
}

/// Whether the JSON name of `node` says that it is of the type `kind`, and its JSON looks like one.
fn is_of_type(node: &Node<'_>, kind: &str) -> bool {
    let value = node.value();
    let sound = match kind {
        "boolean" => value.is_boolean(),
        "integer" | "positiveInt" => value.is_number(),
        _ if kind.starts_with(|c: char| c.is_ascii_uppercase()) => value.is_object(),
        _ => value.is_string(),
    };
    sound
        && node
            .type_suffix()
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case(kind))
}

fn exists(steps: &[Step], node: &Node<'_>, setting: Setting<'_>) -> bool {
    count(steps, node, setting) > 0
}

fn count(steps: &[Step], node: &Node<'_>, setting: Setting<'_>) -> usize {
    let mut count = 0;
    each(steps, node, setting, &mut |_| count += 1);
    count
}

fn any(steps: &[Step], node: &Node<'_>, setting: Setting<'_>, test: impl Fn(&Node<'_>) -> bool) -> Outcome {
    let mut passed = false;
    each(steps, node, setting, &mut |item| passed |= test(item));
    Outcome::Bool(passed)
}

fn value(expression: &Expression, node: &Node<'_>, setting: Setting<'_>) -> Outcome {
    match expression {
        Expression::Path(path) => evaluate(path, node, setting),
        Expression::Text(text) => Outcome::Text(text.clone()),
        Expression::Number(number) => Outcome::Number(*number),
        Expression::Equal(..)
        | Expression::Differs(..)
        | Expression::AtMost(..)
        | Expression::And(..)
        | Expression::Or(..)
        | Expression::Implies(..)
        | Expression::Not(..) => Outcome::Bool(holds(expression, node, setting)),
    }
}

fn evaluate(path: &Path, node: &Node<'_>, setting: Setting<'_>) -> Outcome {
    let steps = &path.steps;
    match &path.end {
        End::Items => single(steps, node, setting, |item| {
            let number = || {
                item.value()
                    .as_u64()
                    .and_then(|number| usize::try_from(number).ok())
            };
            let text = item.text().map(Box::from).map(Outcome::Text);
            text.or_else(|| number().map(Outcome::Number))
        }),
        End::Length => single(steps, node, setting, |item| {
            item.text().map(|text| Outcome::Number(text.chars().count()))
        }),
        End::Exists => Outcome::Bool(exists(steps, node, setting)),
        End::Empty => Outcome::Bool(!exists(steps, node, setting)),
        End::Count => Outcome::Number(count(steps, node, setting)),
        End::StartsWith(start) => any(steps, node, setting, |item| {
            item.text().is_some_and(|text| text.starts_with(&**start))
        }),
        End::Means(term, spot) => any(steps, node, setting, |item| {
            means(item, *term, *spot, setting.wire)
        }),
        End::MemberOf(list) => any(steps, node, setting, |item| is_member(item, list, setting.lists)),
        End::PointsAt(types) => any(steps, node, setting, |item| {
            item.text().is_some_and(|reference| points_at(reference, types))
        }),
        End::LooksLike(shape) => any(steps, node, setting, |item| {
            item.text().is_some_and(|text| shape.fits(text))
        }),
    }
}

/// Whether there is one item, and it is this text.
fn says(steps: &[Step], node: &Node<'_>, setting: Setting<'_>, text: &str) -> bool {
    let (mut items, mut same) = (0, false);
    each(steps, node, setting, &mut |item| {
        items += 1;
        same = item.text() == Some(text);
    });
    items == 1 && same
}

/// What `read` makes of the one item that there is.
fn single(
    steps: &[Step],
    node: &Node<'_>,
    setting: Setting<'_>,
    read: impl Fn(&Node<'_>) -> Option<Outcome>,
) -> Outcome {
    let mut found = Outcome::None;
    let mut items = 0;
    each(steps, node, setting, &mut |item| {
        items += 1;
        found = read(item).unwrap_or(Outcome::None);
    });
    if items == 1 { found } else { Outcome::None }
}

/// Whether `item`, a concept or a coding, has the code that `wire` has for `term`.
fn means(item: &Node<'_>, term: Term, spot: Spot, wire: Wire) -> bool {
    let Some((system, code)) = term.code(spot, wire) else {
        return false;
    };
    let is =
        |coding: &Node<'_>| coding.text_of("system") == Some(system) && coding.text_of("code") == Some(code);
    is(item) || item.each("coding").any(|coding| is(&coding))
}

/// Whether `item`, a concept, a coding or a bare code, is in the list called `name`.
fn is_member(item: &Node<'_>, name: &str, lists: &CodeLists) -> bool {
    let Some(list) = lists.list(name) else {
        return false;
    };
    if let Some(code) = item.text() {
        return list.has_name(code);
    }
    let is = |coding: &Node<'_>| {
        let code = coding.text_of("code");
        code.is_some_and(|code| {
            coding
                .text_of("system")
                .is_some_and(|system| list.has(system, code))
        })
    };
    is(item) || item.each("coding").any(|coding| is(&coding))
}

/// Whether `reference` says none or one of the `types`, which have blanks between. `Patient/1` says its type, and so
/// does `https://a.example/fhir/Patient/1/_history/2`; `#1` and `urn:uuid:1` say none.
fn points_at(reference: &str, types: &str) -> bool {
    let whole = reference
        .split_once("/_history/")
        .map_or(reference, |(whole, _)| whole);
    let mut segments = whole.rsplit('/');
    let kind = segments.nth(1).unwrap_or_default();
    let says = kind.starts_with(|c: char| c.is_ascii_uppercase())
        && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    !says || types.split(' ').any(|known| known == kind)
}

/// Whether FHIRPath calls the member `value`: a plain one, or one that says its type.
fn is_value(name: &str) -> bool {
    let kind = name.strip_prefix("value");
    kind.is_some_and(|kind| kind.is_empty() || kind.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_says_its_type_or_nothing() {
        for reference in [
            "Patient/1",
            "https://a.example/fhir/Patient/1",
            "Patient/1/_history/2",
            "#p",
            "urn:uuid:1",
            "",
            "x",
        ] {
            assert!(points_at(reference, "Group Patient"), "{reference}");
        }
        for reference in ["Claim/1", "https://a.example/fhir/Claim/1", "Claim/1/_history/2"] {
            assert!(!points_at(reference, "Group Patient"), "{reference}");
        }
    }
}
