//! What is wrong with a configuration: every fault at once, each with its place, its reason and what to do.

use std::fmt::Write;

use crate::config::code::Code;
use crate::config::code::Weight;
use crate::config::source::Files;
use crate::config::source::Origin;
use crate::config::source::Spot;

/// One fault, or one thing worth knowing.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// What kind of fault it is.
    pub code: &'static Code,
    /// What is wrong, in one clause.
    pub text: String,
    /// Where; the first place decides the order.
    pub places: Vec<Origin>,
    /// How much of the place is shown.
    pub view: View,
    /// Why, and what to do.
    pub notes: Vec<Note>,
}

/// How much of the place is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum View {
    /// File and line.
    Line,
    /// File, line and column.
    Column,
    /// File and line, and the line itself.
    Text,
    /// File, line and column, and the line with the spot underlined and this said of it.
    Spot(String),
}

/// A line below the place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// What kind of line it is.
    pub kind: NoteKind,
    /// What it says.
    pub text: String,
}

/// The kinds of notes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoteKind {
    /// Why it is a fault.
    Why,
    /// What to do.
    Help,
    /// A message that shows it.
    Example,
    /// What should have come.
    Expected,
    /// What came.
    Got,
}

impl NoteKind {
    /// The word before the colon.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Why => "why",
            Self::Help => "help",
            Self::Example => "example",
            Self::Expected => "expected",
            Self::Got => "got",
        }
    }
}

impl Complaint {
    /// A fault at a place.
    pub fn new(code: &'static Code, at: Origin, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            places: vec![at],
            view: View::Line,
            notes: Vec::new(),
        }
    }

    /// Shows the line with the spot underlined, and says this of it.
    #[must_use]
    pub fn spot(mut self, label: impl Into<String>) -> Self {
        self.view = View::Spot(label.into());
        self
    }

    /// Shows more or less of the place.
    #[must_use]
    pub fn view(mut self, view: View) -> Self {
        self.view = view;
        self
    }

    /// Names another place.
    #[must_use]
    pub fn and(mut self, place: Origin) -> Self {
        self.places.push(place);
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, kind: NoteKind, text: impl Into<String>) -> Self {
        self.notes.push(Note {
            kind,
            text: text.into(),
        });
        self
    }

    /// Says why.
    #[must_use]
    pub fn why(self, text: impl Into<String>) -> Self {
        self.note(NoteKind::Why, text)
    }

    /// Says what to do.
    #[must_use]
    pub fn help(self, text: impl Into<String>) -> Self {
        self.note(NoteKind::Help, text)
    }

    /// The complaint as an operator reads it.
    pub fn render(&self, files: &Files) -> String {
        let mut out = format!("{}[{}]: {}\n", self.code.weight.as_str(), self.code, self.text);
        let places: Vec<String> = self
            .places
            .iter()
            .map(|place| self.locate(*place, files))
            .collect();
        let _ = writeln!(out, "  --> {}", places.join(" and "));
        let mut gutter = 2;
        if let Some(first) = self.places.first()
            && let Some(excerpt) = self.excerpt(*first, files, &mut gutter)
        {
            out.push_str(&excerpt);
        }
        let widest = if self.notes.iter().any(|note| note.kind == NoteKind::Expected) {
            9
        } else {
            0
        };
        for Note { kind, text } in &self.notes {
            let label = format!("{}:", kind.as_str());
            let padding = if matches!(kind, NoteKind::Expected | NoteKind::Got) {
                widest
            } else {
                0
            };
            let _ = writeln!(out, "{:gutter$} = {label:padding$} {text}", "");
        }
        out
    }

    fn locate(&self, origin: Origin, files: &Files) -> String {
        let place = files.place(origin);
        let mut shown = format!("{}:{}", place.file, place.line);
        if let (View::Column | View::Spot(_), Some(column)) = (&self.view, place.column) {
            let _ = write!(shown, ":{column}");
        }
        if let Some(heading) = place.heading {
            let _ = write!(shown, ", column {heading}");
        }
        shown
    }

    /// The line at the place, with its number in a gutter; nothing of sheets, whose rows are long and plain.
    fn excerpt(&self, origin: Origin, files: &Files, gutter: &mut usize) -> Option<String> {
        let (View::Text | View::Spot(_), Spot::Text { start, end }) = (&self.view, origin.spot) else {
            return None;
        };
        let file = files.file(origin.file)?;
        let (number, _) = file.line_at(start);
        let (line, from) = file.line(number)?;
        *gutter = number.to_string().len().max(2);
        let width = *gutter;
        let mut out = format!("{:width$} |\n{number:>width$} | {}\n", "", line.trim_end());
        if let View::Spot(label) = &self.view {
            let before = file.text.get(from..start as usize)?.chars().count();
            let inside = file.text.get(start as usize..end as usize).unwrap_or_default();
            let length = inside.lines().next().unwrap_or_default().chars().count().max(1);
            let mark = format!("{:before$}{} {label}", "", "^".repeat(length));
            let _ = writeln!(out, "{:width$} | {}", "", mark.trim_end());
        }
        Some(out)
    }
}

/// All complaints about a configuration.
#[derive(Clone, Debug, Default)]
pub struct Report {
    complaints: Vec<Complaint>,
}

impl Report {
    /// Adds a complaint.
    pub fn add(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }

    /// Drops the complaints of a kind that were added since there were so many.
    pub fn drop_since(&mut self, before: usize, code: &'static Code) {
        let mut position = 0;
        self.complaints.retain(|complaint| {
            position += 1;
            position <= before || complaint.code.number != code.number
        });
    }

    /// Drops the complaints of a kind about one place that were added since there were so many.
    pub fn drop_at(&mut self, before: usize, code: &'static Code, place: Origin) {
        let mut position = 0;
        self.complaints.retain(|complaint| {
            position += 1;
            position <= before
                || complaint.code.number != code.number
                || complaint.places.first() != Some(&place)
        });
    }

    /// Puts the complaints into the order of the files, and drops those about the rest of a line that could not be read.
    pub fn settle(&mut self, files: &Files) {
        let line = |complaint: &Complaint| {
            complaint
                .places
                .first()
                .map(|origin| (origin.file, files.place(*origin).line))
        };
        let start = |complaint: &Complaint| match complaint.places.first()?.spot {
            Spot::Text { start, .. } => Some(start),
            Spot::Cell { .. } => None,
        };
        let broken: Vec<_> = self
            .complaints
            .iter()
            .filter(|complaint| complaint.code.is_syntax())
            .filter_map(|complaint| Some((line(complaint)?, start(complaint)?)))
            .collect();
        self.complaints.retain(|complaint| {
            let (line, start) = (line(complaint), start(complaint));
            complaint.code.is_syntax()
                || !broken
                    .iter()
                    .any(|(broken, from)| Some(*broken) == line && start >= Some(*from))
        });
        self.complaints.sort_by_key(|complaint| {
            let column = complaint.places.first().map(|origin| match origin.spot {
                Spot::Text { start, .. } => start,
                Spot::Cell { column, .. } => column.map_or(0, u32::from),
            });
            (line(complaint), column)
        });
    }

    /// The complaints.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.count(Weight::Error)
    }

    /// How many of them are warnings.
    pub fn warnings(&self) -> usize {
        self.count(Weight::Warning)
    }

    /// Whether something was refused in reading, so that it is missing from what was read.
    pub fn leaves_gaps(&self) -> bool {
        let refuses = |number: u16| number < 200 || matches!(number, 203 | 302 | 304..=309 | 401);
        self.complaints
            .iter()
            .any(|complaint| refuses(complaint.code.number))
    }

    fn count(&self, weight: Weight) -> usize {
        self.complaints
            .iter()
            .filter(|complaint| complaint.code.weight == weight)
            .count()
    }

    /// All of them as an operator reads them, with an empty line between two.
    pub fn render(&self, files: &Files) -> String {
        let rendered: Vec<String> = self
            .complaints
            .iter()
            .map(|complaint| complaint.render(files))
            .collect();
        rendered.join("\n")
    }
}
