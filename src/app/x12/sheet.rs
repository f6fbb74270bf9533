//! Segments as indented lines: one for the segment, one for each element that holds something.

use std::fmt::Write;

use x12_parser::Element;
use x12_parser::Segment;
use x12_parser::SegmentId;

use super::excerpt::shown;
use super::excerpt::shown_element;
use super::names::Names;
use crate::app::terminal::Palette;
use crate::app::terminal::Style;

/// Blanks for each step inwards.
const STEP: usize = 2;
/// Columns for the number of an element.
const LABEL: usize = 8;
/// Columns for the name of an element, so that values stand in a row.
const NAME: usize = 28;

/// Writes lines of one width and colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    palette: Palette,
}

impl Sheet {
    /// A sheet for an output of these colours.
    pub(crate) const fn new(palette: Palette) -> Self {
        Self { palette }
    }

    /// A loop begins.
    pub(crate) fn begin_loop(self, id: &str, name: &str, depth: usize, lines: &mut String) {
        indent(depth, lines);
        let title = self.palette.style(Style::Note, format!("loop {id}"));
        let _ = writeln!(lines, "{title}  {name}");
    }

    /// A segment and its elements.
    pub(crate) fn segment(self, segment: &Segment<'_>, names: &dyn Names, depth: usize, lines: &mut String) {
        let id = SegmentId::of(segment.id());
        indent(depth, lines);
        let _ = write!(
            lines,
            "{}",
            self.palette.style(Style::Strong, shown(segment.id()))
        );
        if let Some(name) = names.segment() {
            let _ = write!(lines, "  {name}");
        }
        lines.push('\n');
        for (element, number) in segment.elements().zip(1..) {
            self.element(id, &element, number, names, depth, lines);
        }
    }

    fn element(
        self,
        id: SegmentId,
        element: &Element<'_>,
        number: usize,
        names: &dyn Names,
        depth: usize,
        lines: &mut String,
    ) {
        if element.raw().trim_ascii().is_empty() {
            return;
        }
        let label = if id.is_well_formed() {
            format!("{id}{number:02}")
        } else {
            format!("{number:02}")
        };
        // In an ISA, the separators themselves are values.
        if id.as_str() == "ISA" {
            let value = shown_element(id, number, element.raw());
            return self.line(&label, names.element(number, 0), &value, depth, lines);
        }
        let repeats = element.repetitions().count() > 1;
        for (repetition, turn) in element.repetitions().zip(1..) {
            let composite = repetition.components().count() > 1;
            for (component, place) in repetition.components().zip(1..) {
                if component.is_empty() {
                    continue;
                }
                let mut label = label.clone();
                if composite {
                    let _ = write!(label, "-{place}");
                }
                if repeats {
                    let _ = write!(label, " #{turn}");
                }
                let name = names.element(number, if composite { place } else { 0 });
                self.line(&label, name, &shown(component.raw()), depth, lines);
            }
        }
    }

    /// One label, name and value below a segment.
    fn line(self, label: &str, name: Option<&str>, value: &str, depth: usize, lines: &mut String) {
        indent(depth + 1, lines);
        let left = match name {
            Some(name) => format!("{label:<LABEL$} {name:<NAME$}"),
            None => format!("{label:<LABEL$}"),
        };
        let left = self.palette.style(Style::Faint, left);
        let _ = writeln!(lines, "{left} {}", value.trim_end());
    }

    /// A line of its own below a segment.
    pub(crate) fn remark(self, style: Style, text: &str, depth: usize, lines: &mut String) {
        indent(depth + 1, lines);
        let _ = writeln!(lines, "{}", self.palette.style(style, text));
    }
}

fn indent(depth: usize, lines: &mut String) {
    lines.extend(std::iter::repeat_n(' ', depth * STEP));
}
