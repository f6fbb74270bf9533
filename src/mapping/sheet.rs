//! Reads CSV with the line of every row.

use super::problem::Problems;

/// One row of a sheet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SheetRow {
    /// The byte where it begins.
    pub(super) at: usize,
    pub(super) cells: Vec<String>,
}

/// The rows below a head that must have exactly the columns `expected`.
pub(super) fn rows(text: &str, expected: &[&str], problems: &mut Problems<'_>) -> Vec<SheetRow> {
    let (columns, rows) = headed(text, problems);
    if columns != expected {
        problems.at(0, format!("the columns are {}", expected.join(",")));
        return Vec::new();
    }
    rows
}

/// The columns that the first row names, and the other rows, each as long as the first.
pub(super) fn headed(text: &str, problems: &mut Problems<'_>) -> (Vec<String>, Vec<SheetRow>) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let place = error.position().map_or(0, csv::Position::byte);
                problems.at(usize::try_from(place).unwrap_or(0), "not a row of CSV");
                continue;
            }
        };
        let at = record.position().map_or(0, csv::Position::byte);
        let at = usize::try_from(at).unwrap_or(0);
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        if columns.is_empty() {
            columns = cells;
        } else if cells.len() == columns.len() {
            rows.push(SheetRow { at, cells });
        } else {
            let message = format!("{} cells where there are {} columns", cells.len(), columns.len());
            problems.at(at, message);
        }
    }
    (columns, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_columns_rows_and_comments() {
        let text = "# facts\ncode,name\nA1,\"one, two\"\nA2\n";
        let mut problems = Problems::new("a.csv", text);
        let found = rows(text, &["code", "name"], &mut problems);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cells, ["A1", "one, two"]);
        let lines: Vec<String> = problems.into_sorted().iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["a.csv:4:1: 1 cells where there are 2 columns"]);
    }
}
