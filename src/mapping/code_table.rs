//! Tables of codes: columns of one CSV, or a FHIR `ConceptMap`, looked up in either direction.

use std::collections::HashMap;

use serde_json::Value;

use super::problem::Problem;
use super::problem::Problems;
use super::sheet;

/// A table of codes.
///
/// The first row that has a value in a column is the one that is found by it, so that preferred forms stand first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CodeTable {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// For each column: the first row of each value.
    index: Vec<HashMap<String, usize>>,
}

impl CodeTable {
    /// Reads a CSV whose first row names the columns.
    pub(crate) fn from_csv(name: &str, file: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Problems::new(file, text);
        let (columns, rows) = sheet::headed(text, &mut problems);
        let rows = rows.into_iter().map(|row| row.cells).collect();
        (Self::new(name, columns, rows), problems.into_sorted())
    }

    /// Reads a FHIR `ConceptMap`: each group gives its two systems, each element its code and the first target.
    ///
    /// The columns are `source-system`, `source`, `target-system`, `target` and `display`.
    pub(super) fn from_concept_map(name: &str, file: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Problems::new(file, text);
        let columns = ["source-system", "source", "target-system", "target", "display"];
        let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        match serde_json::from_str::<Value>(text) {
            Ok(map) if map.get("resourceType").and_then(Value::as_str) == Some("ConceptMap") => {
                let member = |value: &Value, name: &str| {
                    value
                        .get(name)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                let list = |value: &Value, name: &str| -> Vec<Value> {
                    value
                        .get(name)
                        .and_then(Value::as_array)
                        .cloned()
                        .unwrap_or_default()
                };
                for group in list(&map, "group") {
                    for element in list(&group, "element") {
                        for target in list(&element, "target") {
                            rows.push(vec![
                                member(&group, "source"),
                                member(&element, "code"),
                                member(&group, "target"),
                                member(&target, "code"),
                                member(&target, "display"),
                            ]);
                        }
                    }
                }
            }
            Ok(_) => problems.at(0, "the resource is no ConceptMap"),
            Err(error) => problems.at(0, format!("not JSON: line {}", error.line())),
        }
        (Self::new(name, columns, rows), problems.into_sorted())
    }

    fn new(name: &str, columns: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        let mut index: Vec<HashMap<String, usize>> = columns.iter().map(|_| HashMap::new()).collect();
        for (number, row) in rows.iter().enumerate() {
            for (cell, column) in row.iter().zip(&mut index) {
                if !cell.is_empty() {
                    column.entry(cell.clone()).or_insert(number);
                }
            }
        }
        Self {
            name: name.to_owned(),
            columns,
            rows,
            index,
        }
    }

    /// The name that mappings use: the name of the file without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, each with a cell for every column.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The number of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// What stands in column `give` of the first row that has `value` in column `by`; empty cells are nothing.
    pub fn find(&self, by: usize, value: &str, give: usize) -> Option<&str> {
        let row = self.index.get(by)?.get(value)?;
        let cell = self.rows.get(*row)?.get(give)?;
        (!cell.is_empty()).then_some(cell.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_looked_up_both_ways_and_the_first_row_wins() {
        let text = "qualifier,system\nXX,npi\nHPI,npi\nFI,tax\nPI,\n";
        let (table, problems) = CodeTable::from_csv("ids", "ids.csv", text);
        assert!(problems.is_empty());
        let (qualifier, system) = (
            table.column("qualifier").unwrap(),
            table.column("system").unwrap(),
        );
        assert_eq!(table.find(qualifier, "HPI", system), Some("npi"));
        assert_eq!(table.find(system, "npi", qualifier), Some("XX"));
        assert_eq!(table.find(qualifier, "PI", system), None);
        assert_eq!(table.find(qualifier, "ZZ", system), None);
        assert_eq!(table.column("other"), None);
    }

    #[test]
    fn a_concept_map_is_a_table() {
        let text = r#"{"resourceType":"ConceptMap","group":[{"source":"s","target":"t","element":[
            {"code":"a","target":[{"code":"b","display":"B"}]}]}]}"#;
        let (table, problems) = CodeTable::from_concept_map("map", "map.json", text);
        assert!(problems.is_empty());
        let (source, target) = (table.column("source").unwrap(), table.column("target").unwrap());
        assert_eq!(table.find(source, "a", target), Some("b"));
        assert_eq!(table.find(target, "b", source), Some("a"));
        let (_, problems) = CodeTable::from_concept_map("map", "map.json", "{}");
        assert_eq!(
            problems[0].to_string(),
            "map.json:1:1: the resource is no ConceptMap"
        );
    }
}
