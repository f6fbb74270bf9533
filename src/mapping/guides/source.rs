//! One file, and the way back from a byte of it to its line and column.

use serde::de::DeserializeOwned;
use toml::Spanned;
use x12_parser::GuideError;
use x12_parser::Written;

use super::GuideFileError;

/// A file of a guide or of the dictionary.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    pub(super) const fn new(name: String, text: String) -> Self {
        Self { name, text }
    }

    pub(super) fn is_dictionary(&self) -> bool {
        self.name.starts_with("dictionary")
    }

    /// A text of the file, with the byte it starts at; `start` is the mark of the file's own first byte.
    pub(super) fn written(&self, text: &Spanned<String>, start: usize) -> Written {
        let span = text.span();
        let quotes = match self.text.get(span.clone()).unwrap_or_default() {
            raw if raw.starts_with("\"\"\"") || raw.starts_with("'''") => 3,
            raw if raw.starts_with(['"', '\'']) => 1,
            _ => 0,
        };
        Written::at(text.as_ref().as_str(), start + span.start + quotes)
    }

    /// A fault with its place in this file.
    pub(super) fn place(&self, fault: &GuideError) -> GuideFileError {
        self.fault(fault.mark, fault.to_string())
    }

    pub(super) fn fault(&self, offset: usize, message: String) -> GuideFileError {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        GuideFileError {
            file: self.name.clone(),
            line,
            column,
            message,
        }
    }
}

/// Reads a file as TOML of one shape.
pub(super) fn parsed<T: DeserializeOwned>(source: &Source, wrong: &mut Vec<GuideFileError>) -> Option<T> {
    match toml::from_str(&source.text) {
        Ok(file) => Some(file),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().trim_end().replace('\n', "; ");
            wrong.push(source.fault(offset, message));
            None
        }
    }
}
