//! The FHIR elements that a path may name.

use std::collections::BTreeMap;

use super::problem::Problem;
use super::problem::Problems;
use super::sheet;

/// The members of the FHIR types that mappings use.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements {
    members: BTreeMap<(String, String), Element>,
}

/// One member of a type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Element {
    /// The type of its values.
    pub(super) kind: String,
    /// Whether it is a list.
    pub(super) many: bool,
}

/// What a leaf may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LeafKind {
    Text,
    Date,
    DateTime,
    Integer,
    Boolean,
    Decimal,
    Resource,
}

impl Elements {
    /// Reads the table of elements.
    pub(super) fn read(file: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Problems::new(file, text);
        let mut members = BTreeMap::new();
        for row in sheet::rows(text, &["type", "member", "kind", "many"], &mut problems) {
            let [holder, member, kind, many] = row.cells.as_slice() else {
                continue;
            };
            let element = Element {
                kind: kind.clone(),
                many: many == "*",
            };
            if members
                .insert((holder.clone(), member.clone()), element)
                .is_some()
            {
                problems.at(row.at, format!("{holder}.{member} is there twice"));
            }
        }
        (Self { members }, problems.into_sorted())
    }

    pub(super) fn member(&self, holder: &str, member: &str) -> Option<&Element> {
        self.members.get(&(holder.to_owned(), member.to_owned()))
    }

    /// Whether a type is known and has members.
    pub(super) fn is_type(&self, kind: &str) -> bool {
        self.members_of(kind).next().is_some()
    }

    /// The names of a type's members.
    pub(super) fn members_of<'e>(&'e self, kind: &'e str) -> impl Iterator<Item = &'e str> {
        let from = (kind.to_owned(), String::new());
        self.members
            .range(from..)
            .take_while(move |((holder, _), _)| holder == kind)
            .map(|((_, member), _)| member.as_str())
    }
}

impl LeafKind {
    /// What values of a FHIR type are; nothing if the type has members.
    pub(super) fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "string" | "code" | "id" | "uri" | "url" | "canonical" | "markdown" | "base64Binary" => {
                Self::Text
            }
            "date" => Self::Date,
            "dateTime" | "instant" | "time" => Self::DateTime,
            "integer" | "positiveInt" | "unsignedInt" => Self::Integer,
            "boolean" => Self::Boolean,
            "decimal" => Self::Decimal,
            "Resource" => Self::Resource,
            _ => return None,
        })
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "a date",
            Self::DateTime => "a dateTime",
            Self::Integer => "an integer",
            Self::Boolean => "true or false",
            Self::Decimal => "a decimal",
            Self::Resource => "a resource",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_a_type_and_may_be_a_list() {
        let text = "type,member,kind,many\nTask,status,code,\nTask,input,Task.input,*\nTask,status,code,\n";
        let (elements, problems) = Elements::read("elements.csv", text);
        assert!(elements.member("Task", "input").unwrap().many);
        assert!(!elements.member("Task", "status").unwrap().many);
        assert_eq!(elements.member("Task", "other"), None);
        assert_eq!(
            elements.members_of("Task").collect::<Vec<_>>(),
            ["input", "status"]
        );
        assert!(elements.is_type("Task") && !elements.is_type("Tas"));
        assert_eq!(
            problems[0].to_string(),
            "elements.csv:4:1: Task.status is there twice"
        );
    }
}
