//! What is wrong with a table, and where.

use std::fmt;

/// One thing that is wrong in a file of tables, for the person who wrote it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The file, as it is named in the folder of mappings.
    pub file: Box<str>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong: one lower-case clause without a full stop.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

/// Gathers the problems of one file.
#[derive(Debug)]
pub(super) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(super) const fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    /// Notes a problem at a byte of the file.
    pub(super) fn at(&mut self, offset: usize, message: impl Into<String>) {
        let (line, column) = self.position(offset);
        self.found.push(Problem {
            file: self.file.into(),
            line,
            column,
            message: message.into(),
        });
    }

    /// Line and column of a byte, from 1.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All problems, in the order of the file.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_file_line_and_column() {
        let mut problems = Problems::new("a.toml", "x = 1\nyä = 2\n");
        problems.at(10, "no such thing");
        problems.at(0, "nor this");
        let lines: Vec<String> = problems.into_sorted().iter().map(Problem::to_string).collect();
        assert_eq!(lines, ["a.toml:1:1: nor this", "a.toml:2:4: no such thing"]);
    }
}
