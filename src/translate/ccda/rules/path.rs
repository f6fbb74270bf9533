//! Paths and conditions of the mapping.
//!
//! A path is steps with `/` between them: `name`, `@name`, `..`, `.`, or `*` for any clinical statement, each with
//! conditions in brackets. A condition is `@name=value`, `@name`, a template such as `4.9`, or `path=value` and `path`
//! about the `code` of what a child path finds; `!` before it negates it.

use crate::ccda::Name;
use crate::ccda::Node;
use crate::ccda::TemplateKey;
use crate::ccda::n;

/// One way through the tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::translate::ccda) struct Path {
    steps: Vec<Step>,
    /// An attribute at the end.
    pub(in crate::translate::ccda) attribute: Option<Name>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Step {
    axis: Axis,
    tests: Vec<Test>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Axis {
    Myself,
    Parent,
    Child(Name),
    /// Any clinical statement.
    Statement,
    /// Anything called so at any depth.
    Within(Name),
}

/// A condition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::translate::ccda) struct Test {
    negated: bool,
    about: About,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum About {
    Template(TemplateKey),
    Attribute(Name, Option<String>),
    /// Something at the end of the path, with this code if one is given.
    Found(Path, Option<String>),
    /// The kind of the section around; the walk answers this.
    Section(String),
    /// The US Core version; the options answer this.
    UsCore(String),
}

/// What only the conversion knows about an entry.
#[derive(Clone, Copy)]
pub(in crate::translate::ccda) struct Surroundings<'s> {
    pub(in crate::translate::ccda) section: &'s str,
    pub(in crate::translate::ccda) us_core: &'s str,
}

/// The elements that state something clinical.
pub(in crate::translate::ccda) const STATEMENTS: &[Name] = &[
    n::OBSERVATION,
    n::ACT,
    n::ORGANIZER,
    n::SUBSTANCE_ADMINISTRATION,
    n::PROCEDURE,
    n::ENCOUNTER,
    n::SUPPLY,
    n::OBSERVATION_MEDIA,
    n::REGION_OF_INTEREST,
];

/// A templateId as the mapping shortens it.
pub(super) fn template(written: &str) -> TemplateKey {
    // A short form has at most four arcs; a whole OID has more.
    if written.split('.').count() <= 4 {
        TemplateKey::new(&format!("2.16.840.1.113883.10.20.22.{written}"))
    } else {
        TemplateKey::new(written)
    }
}

impl Path {
    /// Reads a path.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut attribute = None;
        for part in split_outside(text, '/') {
            if attribute.is_some() {
                return None;
            }
            if let Some(name) = part.strip_prefix('@') {
                attribute = Some(attribute_name(name)?);
                continue;
            }
            steps.push(Step::parse(part)?);
        }
        Some(Self { steps, attribute })
    }

    /// The nodes it finds from `node`, in document order.
    pub(in crate::translate::ccda) fn collect<'t>(
        &self,
        node: Node<'t>,
        around: Surroundings<'_>,
        found: &mut Vec<Node<'t>>,
    ) {
        walk(node, &self.steps, around, &mut |node| {
            found.push(node);
            false
        });
    }
}

/// Follows `steps`; `take` answers whether that was enough.
fn walk<'t>(
    node: Node<'t>,
    steps: &[Step],
    around: Surroundings<'_>,
    take: &mut dyn FnMut(Node<'t>) -> bool,
) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return take(node);
    };
    let mut follow = |next: Node<'t>| step.fits(next, around) && walk(next, rest, around, take);
    match step.axis {
        Axis::Myself => follow(node),
        Axis::Parent => node.parent().is_some_and(follow),
        Axis::Child(name) => node.children().any(|child| child.name() == name && follow(child)),
        Axis::Statement => node
            .children()
            .any(|child| STATEMENTS.contains(&child.name()) && follow(child)),
        Axis::Within(name) => node
            .descendants()
            .any(|within| within.name() == name && follow(within)),
    }
}

impl Step {
    fn parse(text: &str) -> Option<Self> {
        let (name, tests) = match text.find('[') {
            None => (text, ""),
            Some(at) => text.split_at_checked(at)?,
        };
        let axis = match name {
            "." => Axis::Myself,
            ".." => Axis::Parent,
            "*" => Axis::Statement,
            _ => match name.strip_prefix("~") {
                Some(name) => Axis::Within(Name::written(name)?),
                None => Axis::Child(Name::written(name)?),
            },
        };
        let mut parsed = Vec::new();
        let mut rest = tests;
        while let Some(inside) = rest.strip_prefix('[') {
            let end = closing(inside)?;
            parsed.push(Test::parse(inside.get(..end)?)?);
            rest = inside.get(end + 1..)?;
        }
        rest.is_empty().then_some(Self { axis, tests: parsed })
    }

    fn fits(&self, node: Node<'_>, around: Surroundings<'_>) -> bool {
        self.tests.iter().all(|test| test.holds(node, around))
    }
}

impl Test {
    /// Reads a condition.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negated, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (left, right) = match split_outside(text, '=').as_slice() {
            [left] => (*left, None),
            [left, right] => (*left, Some((*right).to_owned())),
            _ => return None,
        };
        let about = if left.starts_with(|c: char| c.is_ascii_digit()) {
            About::Template(template(left))
        } else if let Some(name) = left.strip_prefix('@') {
            About::Attribute(attribute_name(name)?, right)
        } else if left == "section" && right.is_some() {
            About::Section(right.unwrap_or_default())
        } else if left == "us-core" {
            About::UsCore(right.unwrap_or_default())
        } else {
            About::Found(Path::parse(left)?, right)
        };
        Some(Self { negated, about })
    }

    /// Whether it is true of `node`.
    pub(in crate::translate::ccda) fn holds(&self, node: Node<'_>, around: Surroundings<'_>) -> bool {
        self.negated != self.about.holds(node, around)
    }

    /// The section it asks for, to check that there is one.
    pub(super) fn section(&self) -> Option<&str> {
        match &self.about {
            About::Section(name) => Some(name),
            About::Template(_) | About::Attribute(..) | About::Found(..) | About::UsCore(_) => None,
        }
    }
}

/// Whether `value` is one of the values between commas.
fn one_of(expected: &str, value: &str) -> bool {
    expected.split(',').any(|one| one == value)
}

impl About {
    fn holds(&self, node: Node<'_>, around: Surroundings<'_>) -> bool {
        match self {
            Self::Template(key) => node.has_template(*key),
            Self::Attribute(name, None) => node.attribute(*name).is_some(),
            Self::Attribute(name, Some(expected)) => {
                node.attribute(*name).is_some_and(|value| one_of(expected, value))
            }
            Self::Found(path, expected) => {
                let attribute = path.attribute.unwrap_or(n::CODE);
                let mut holds = false;
                walk(node, &path.steps, around, &mut |found| {
                    holds = match expected {
                        None if path.attribute.is_none() => true,
                        None => found.attribute(attribute).is_some(),
                        Some(expected) => found
                            .attribute(attribute)
                            .is_some_and(|value| one_of(expected, value)),
                    };
                    holds
                });
                holds
            }
            Self::Section(expected) => one_of(expected, around.section),
            Self::UsCore(expected) => one_of(expected, around.us_core),
        }
    }
}

fn attribute_name(name: &str) -> Option<Name> {
    match name {
        "ID" => Some(n::TEXT_ID),
        _ => Name::written(name),
    }
}

/// The place of the bracket that closes what is already open.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' if depth == 0 => return Some(at),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Splits at `separator` where no bracket is open.
pub(super) fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if letter == separator && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::Limits;
    use crate::ccda::Tree;

    const DOCUMENT: &str = r#"<observation xmlns="urn:hl7-org:v3" moodCode="EVN">
        <code code="a"/><value code="b"/>
        <entryRelationship typeCode="MFST"><observation><value code="c"/></observation></entryRelationship>
        <entryRelationship typeCode="SUBJ"><observation>
            <templateId root="2.16.840.1.113883.10.20.22.4.8"/><value code="d"/></observation></entryRelationship>
        <entryRelationship typeCode="SUBJ"><act><value code="e"/></act></entryRelationship>
    </observation>"#;

    const NOWHERE: Surroundings<'_> = Surroundings {
        section: "results",
        us_core: "6.1.0",
    };

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let tree = Tree::read(DOCUMENT.as_bytes(), &Limits::default()).unwrap();
        let mut found = Vec::new();
        Path::parse(path)
            .unwrap()
            .collect(tree.root(), NOWHERE, &mut found);
        let codes: String = found.iter().filter_map(|node| node.attribute(n::CODE)).collect();
        assert_eq!(codes, expected, "{path}");
    }

    #[test]
    fn paths_find_what_they_say() {
        check("value", "b");
        check("entryRelationship/observation/value", "cd");
        check("entryRelationship/*/value", "cde");
        check("entryRelationship[@typeCode=SUBJ]/*/value", "de");
        check("entryRelationship/observation[4.8]/value", "d");
        check("entryRelationship/observation[!4.8]/value", "c");
        check("entryRelationship/*/value/../../../code", "aaa");
        check("entryRelationship/observation[value=c,x]/value", "c");
        check("entryRelationship[@typeCode]/*[value=e]/value", "e");
        check(".[@moodCode=INT]/value", "");
        check(".[section=results]/value", "b");
        check(".[section=vitals,labs]/value", "");
        check("~value", "bcde");
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["valu", "value[", "value[@]", "value]x[", "@code/value", "a=b=c"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }
}
