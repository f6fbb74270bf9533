//! One segment, put together value by value.

use super::Writer;
use super::error::Problem;
use super::error::WriteError;
use super::sink::Sink;
use crate::Delimiters;
use crate::ElementPlace;
use crate::SegmentId;

/// Longest segment that is written: what a [`Reader`](crate::Reader) takes unless it is told otherwise.
pub(super) const MAX_SEGMENT: usize = 64 * 1024;

/// A segment being put together. Values go in from left to right; empty ones at the end of a composite, of an element or
/// of the segment leave no separator behind.
///
/// The first value that cannot stand where it is put refuses the segment as a whole; [`end`](Self::end) tells.
#[must_use = "nothing is written before `end`"]
#[derive(Debug)]
pub struct SegmentWriter<'w, S> {
    writer: &'w mut Writer<S>,
    segment: SegmentId,
    place: ElementPlace,
    /// Separators that are due as soon as another value stands behind them.
    due: Due,
    outcome: Result<(), WriteError>,
}

/// Separators not yet written, outermost first.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    elements: u8,
    repetitions: u8,
    components: u8,
}

impl<'w, S: Sink> SegmentWriter<'w, S> {
    pub(super) fn begin(
        writer: &'w mut Writer<S>,
        segment: SegmentId,
        outcome: Result<(), WriteError>,
    ) -> Self {
        writer.scratch.clear();
        writer.scratch.extend_from_slice(segment.as_str().as_bytes());
        Self {
            writer,
            segment,
            place: ElementPlace::default(),
            due: Due::default(),
            outcome,
        }
    }

    /// The next element: a simple value, or the first component of a composite. May be empty.
    pub fn element(mut self, value: &str) -> Self {
        let next = self.place.element.checked_add(1);
        self.place = ElementPlace {
            element: next.unwrap_or(u8::MAX),
            component: 1,
            repetition: 1,
            dictionary: None,
        };
        if next.is_none() {
            return self.refuse(Problem::TooMany);
        }
        self.due = Due {
            elements: self.due.elements + 1,
            ..Due::default()
        };
        self.put(value)
    }

    /// The next element, a whole number without leading zeros.
    pub fn number(self, value: u64) -> Self {
        self.element(&value.to_string())
    }

    /// The next component of the element (or of its repetition) at hand. May be empty.
    pub fn component(mut self, value: &str) -> Self {
        let next = self.place.component.checked_add(1);
        if self.place.element == 0 {
            return self.refuse(Problem::NoElement);
        }
        self.place.component = next.unwrap_or(u8::MAX);
        if next.is_none() {
            return self.refuse(Problem::TooMany);
        }
        self.due.components += 1;
        self.put(value)
    }

    /// The next repetition of the element at hand: a simple value, or the first component of a composite. May be empty.
    pub fn repetition(mut self, value: &str) -> Self {
        let next = self.place.repetition.checked_add(1);
        if self.place.element == 0 {
            return self.refuse(Problem::NoElement);
        }
        self.place.repetition = next.unwrap_or(u8::MAX);
        self.place.component = 1;
        if next.is_none() {
            return self.refuse(Problem::TooMany);
        }
        self.due.repetitions += 1;
        self.due.components = 0;
        self.put(value)
    }

    /// Writes the segment and its terminator.
    ///
    /// # Errors
    /// Refuses a segment that does not belong where the writer stands, that is empty or too long, or of which a value was
    /// refused.
    pub fn end(self) -> Result<(), WriteError> {
        self.outcome?;
        if self.writer.scratch.len() <= self.segment.as_str().len() {
            return Err(WriteError::Empty(self.segment));
        }
        if self.writer.scratch.len() > MAX_SEGMENT {
            return Err(WriteError::TooLong(self.segment));
        }
        self.writer.flush_segment();
        Ok(())
    }

    fn put(mut self, value: &str) -> Self {
        if value.is_empty() || self.outcome.is_err() {
            return self;
        }
        let delimiters = self.writer.delimiters;
        if let Err(problem) = check(value, delimiters) {
            return self.refuse(problem);
        }
        let due = std::mem::take(&mut self.due);
        let repetition = delimiters.repetition();
        if due.repetitions > 0 && repetition.is_none() {
            self.outcome = Err(WriteError::RepetitionSeparator);
            return self;
        }
        let separators = [
            (Some(delimiters.element()), due.elements),
            (repetition, due.repetitions),
            (Some(delimiters.component()), due.components),
        ];
        for (separator, times) in separators {
            for _ in 0..times {
                self.writer.scratch.extend(separator);
            }
        }
        // What is over the limit already is refused at the end; until then it need not grow.
        let room = (MAX_SEGMENT + 1).saturating_sub(self.writer.scratch.len());
        let kept = value.as_bytes().get(..room).unwrap_or(value.as_bytes());
        self.writer.scratch.extend_from_slice(kept);
        self
    }

    fn refuse(mut self, problem: Problem) -> Self {
        self.outcome = self.outcome.and(Err(WriteError::Value {
            segment: self.segment,
            place: self.place,
            problem,
        }));
        self
    }
}

/// Whether a value can stand between these separators.
pub(super) fn check(value: &str, delimiters: Delimiters) -> Result<(), Problem> {
    // Nearly all are plain ASCII without a separator, which one look at each byte tells.
    let unusual = |byte: u8| delimiters.contains(byte) | !matches!(byte, b' '..=b'~');
    if !value.bytes().fold(false, |any, byte| any | unusual(byte)) {
        return Ok(());
    }
    if value.bytes().any(|byte| delimiters.contains(byte)) {
        return Err(Problem::Separator);
    }
    if value.chars().any(char::is_control) {
        return Err(Problem::ControlCharacter);
    }
    Ok(())
}
