//! Values of messages by the places that lineages, and tests of mappings, name.

use serde_json::Value;

use crate::app::x12::excerpt::shown;
use crate::fhir::json;
use crate::x12::SegmentIndex;
use crate::x12::Transaction;

/// What stands at a path such as `Task(2).input[0].valueUrl`, as a person may be shown it.
pub(crate) fn look(documents: &[Value], path: &str) -> String {
    match find(documents, path) {
        None => String::new(),
        Some(Value::String(text)) => shown(text.as_bytes()),
        Some(other) => shown(json::text(other).as_bytes()),
    }
}

/// The value at a path.
pub(crate) fn find<'v>(documents: &'v [Value], path: &str) -> Option<&'v Value> {
    let end = path.find(['.', '[', '(']).unwrap_or(path.len());
    let mut rest = path.get(end..)?;
    let mut number = 1;
    if let Some((inside, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        number = inside.parse().ok()?;
        rest = after;
    }
    let mut value = documents.get(usize::checked_sub(number, 1)?)?;
    while !rest.is_empty() {
        if let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            value = value.get(index.parse::<usize>().ok()?)?;
            rest = after;
        } else {
            let name = rest.strip_prefix('.')?;
            let end = name.find(['.', '[']).unwrap_or(name.len());
            value = value.get(name.get(..end)?)?;
            rest = name.get(end..)?;
        }
    }
    Some(value)
}

/// What an element or one of its components holds, as a person may be shown it; passwords are not shown.
pub(crate) fn held(transaction: &Transaction, segment: SegmentIndex, element: u32, component: u32) -> String {
    let Some(index) = transaction.element(segment, element) else {
        return String::new();
    };
    if transaction.id(segment).as_str() == "ISA" && matches!(element, 2 | 4) {
        return "(not shown)".to_owned();
    }
    match component {
        0 => shown(transaction.text(index)),
        component => shown(transaction.component(index, component)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_the_paths_of_a_lineage() {
        let documents: Vec<Value> = vec![
            serde_json::json!({"a": 1}),
            serde_json::json!({"input": [{"valueUrl": "x"}, {"n": true}]}),
        ];
        assert_eq!(look(&documents, "Task(2).input[0].valueUrl"), "x");
        assert_eq!(look(&documents, "Task(2).input[1].n"), "true");
        assert_eq!(look(&documents, "Task.a"), "1");
        assert_eq!(look(&documents, "Task(2).input[9].valueUrl"), "");
        assert_eq!(look(&documents, "Task(0).a"), "");
        assert_eq!(look(&documents, "Task(2"), "");
    }
}
