//! The segments that open and close envelopes.

use super::Level;
use super::Problem;
use super::Step;
use super::Tally;
use super::WriteError;
use super::Writer;
use super::head::GroupHead;
use super::head::InterchangeHead;
use super::segment::SegmentWriter;
use super::segment::check;
use super::sink::Sink;
use crate::Delimiters;
use crate::ElementPlace;
use crate::SegmentId;
use std::ops::RangeInclusive;

/// Largest control number of nine digits.
const MAX_CONTROL: u32 = 999_999_999;
/// Most groups that IEA01 can tell: five digits.
const MAX_GROUPS: u32 = 99_999;
/// Most transactions that GE01 can tell: six digits.
const MAX_TRANSACTIONS: u32 = 999_999;

/// What an element of an envelope must look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// Capitals and digits.
    Code,
    /// Letters and digits.
    Alphanumeric,
    /// Any text that is not blank.
    Text,
    /// Any text, or none.
    Optional,
}

impl<S: Sink> Writer<S> {
    /// Opens an interchange.
    ///
    /// # Errors
    /// Refuses it inside another one, and a head with a value that does not fit.
    pub fn interchange(&mut self, head: &InterchangeHead<'_>) -> Result<(), WriteError> {
        self.expect(Level::Outside, Step::Interchange)?;
        let delimiters = head.delimiters;
        if delimiters.repetition().is_some() != head.version.repeats() {
            return Err(WriteError::RepetitionSeparator);
        }
        refuse_control("ISA", 13, head.control)?;
        let texts = [
            (1, head.authorization.qualifier, 2..=2, Form::Code),
            (2, head.authorization.value, 0..=10, Form::Optional),
            (3, head.security.qualifier, 2..=2, Form::Code),
            (4, head.security.value, 0..=10, Form::Optional),
            (5, head.sender.qualifier, 2..=2, Form::Code),
            (6, head.sender.id, 1..=15, Form::Text),
            (7, head.receiver.qualifier, 2..=2, Form::Code),
            (8, head.receiver.id, 1..=15, Form::Text),
        ];
        for (number, value, length, form) in &texts {
            refuse_value("ISA", *number, value, length, *form, delimiters)?;
        }
        let (version, control) = (head.version.to_string(), format!("{:09}", head.control));
        let repetition = [delimiters.repetition().unwrap_or(b'U')];
        let component = [delimiters.component()];
        let rest: [&[u8]; 8] = [
            head.stamp.short_date().as_bytes(),
            head.stamp.time().as_bytes(),
            &repetition,
            version.as_bytes(),
            control.as_bytes(),
            if head.acknowledge { b"1" } else { b"0" },
            head.usage.as_str().as_bytes(),
            &component,
        ];
        self.scratch.clear();
        self.scratch.extend_from_slice(b"ISA");
        for (_, value, length, _) in &texts {
            self.scratch.push(delimiters.element());
            self.scratch.extend_from_slice(value.as_bytes());
            let blanks = length.end().saturating_sub(value.len());
            self.scratch.extend(std::iter::repeat_n(b' ', blanks));
        }
        for value in rest {
            self.scratch.push(delimiters.element());
            self.scratch.extend_from_slice(value);
        }
        self.delimiters = delimiters;
        self.line_end = head.line_end.bytes(delimiters);
        self.filters = head.version.has_filters();
        self.interchange = Tally {
            control: head.control,
            count: 0,
        };
        self.flush_segment();
        self.level = Level::Interchange;
        Ok(())
    }

    /// Opens a functional group.
    ///
    /// # Errors
    /// Refuses it outside an interchange or inside another group, and a head with a value that does not fit.
    pub fn group(&mut self, head: &GroupHead<'_>) -> Result<(), WriteError> {
        self.expect(Level::Interchange, Step::Group)?;
        if self.interchange.count >= MAX_GROUPS {
            return Err(WriteError::TooMany(Level::Interchange));
        }
        refuse_control("GS", 6, head.control)?;
        for (number, value, length, form) in [
            (1, head.functional_id, 2..=2, Form::Code),
            (2, head.sender, 2..=15, Form::Text),
            (3, head.receiver, 2..=15, Form::Text),
            (8, head.guide, 1..=12, Form::Code),
        ] {
            refuse_value("GS", number, value, &length, form, self.delimiters)?;
        }
        self.envelope_segment("GS")
            .element(head.functional_id)
            .element(head.sender)
            .element(head.receiver)
            .element(head.stamp.date())
            .element(head.stamp.time())
            .number(u64::from(head.control))
            .element("X")
            .element(head.guide)
            .end()?;
        self.level = Level::Group;
        self.interchange.count += 1;
        self.group = Tally {
            control: head.control,
            count: 0,
        };
        self.group_filters = has_filters(head.guide).unwrap_or(self.filters);
        Ok(())
    }

    /// Opens a transaction: the set, its control number of four to nine letters and digits, and the guide where its version
    /// names one.
    ///
    /// That the control number is new in its group is the caller's to see to.
    ///
    /// # Errors
    /// Refuses it outside a group or inside another transaction, and values that do not fit.
    pub fn transaction(&mut self, set: &str, control: &str, guide: Option<&str>) -> Result<(), WriteError> {
        self.expect(Level::Group, Step::Transaction)?;
        if self.group.count >= MAX_TRANSACTIONS {
            return Err(WriteError::TooMany(Level::Group));
        }
        let delimiters = self.delimiters;
        refuse_value("ST", 1, set, &(3..=3), Form::Code, delimiters)?;
        refuse_value("ST", 2, control, &(4..=9), Form::Alphanumeric, delimiters)?;
        if let Some(guide) = guide {
            refuse_value("ST", 3, guide, &(1..=35), Form::Code, delimiters)?;
        }
        self.envelope_segment("ST")
            .element(set)
            .element(control)
            .element(guide.unwrap_or_default())
            .end()?;
        self.level = Level::Transaction;
        self.segments = 1;
        self.group.count += 1;
        self.transaction.clear();
        self.transaction.push_str(control);
        self.filters = guide.and_then(has_filters).unwrap_or(self.group_filters);
        Ok(())
    }

    /// Closes the transaction: the `SE` counts its segments and repeats its control number.
    ///
    /// # Errors
    /// Refuses it outside a transaction, and while octets of a payload are still to come.
    pub fn end_transaction(&mut self) -> Result<(), WriteError> {
        self.expect(Level::Transaction, Step::EndTransaction)?;
        let control = std::mem::take(&mut self.transaction);
        self.level = Level::Group;
        let segments = self.segments + 1;
        self.envelope_segment("SE")
            .number(segments)
            .element(&control)
            .end()
    }

    /// Closes the functional group: the `GE` counts its transactions and repeats its control number.
    ///
    /// # Errors
    /// Refuses it outside a group or inside a transaction.
    pub fn end_group(&mut self) -> Result<(), WriteError> {
        self.expect(Level::Group, Step::EndGroup)?;
        self.level = Level::Interchange;
        let Tally { control, count } = self.group;
        self.envelope_segment("GE")
            .number(u64::from(count))
            .number(u64::from(control))
            .end()
    }

    /// Closes the interchange: the `IEA` counts its groups and repeats its control number.
    ///
    /// # Errors
    /// Refuses it outside an interchange or inside a group.
    pub fn end_interchange(&mut self) -> Result<(), WriteError> {
        self.expect(Level::Interchange, Step::EndInterchange)?;
        self.level = Level::Outside;
        let Tally { control, count } = self.interchange;
        let control = format!("{control:09}");
        self.envelope_segment("IEA")
            .number(u64::from(count))
            .element(&control)
            .end()
    }

    fn envelope_segment(&mut self, id: &str) -> SegmentWriter<'_, S> {
        SegmentWriter::begin(self, SegmentId::of(id.as_bytes()), Ok(()))
    }
}

/// Whether the guides of a version put binary data into a `BDS`; unknown where the id begins with no version.
fn has_filters(guide: &str) -> Option<bool> {
    let version = guide.get(..6)?;
    let known = version.bytes().all(|byte| byte.is_ascii_digit());
    known.then_some(version >= "006020")
}

fn refuse_control(segment: &str, element: u8, control: u32) -> Result<(), WriteError> {
    match control {
        1..=MAX_CONTROL => Ok(()),
        0 => Err(refused(segment, element, Problem::Form)),
        _ => Err(refused(segment, element, Problem::TooLong)),
    }
}

fn refuse_value(
    segment: &str,
    element: u8,
    value: &str,
    length: &RangeInclusive<usize>,
    form: Form,
    delimiters: Delimiters,
) -> Result<(), WriteError> {
    let fits = match form {
        Form::Code => value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
        Form::Alphanumeric => value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        Form::Text => !value.trim().is_empty() || value.is_empty(),
        Form::Optional => true,
    };
    let problem = if value.len() > *length.end() {
        Some(Problem::TooLong)
    } else if value.len() < *length.start() {
        Some(Problem::TooShort)
    } else {
        check(value, delimiters)
            .err()
            .or((!fits).then_some(Problem::Form))
    };
    problem.map_or(Ok(()), |problem| Err(refused(segment, element, problem)))
}

fn refused(segment: &str, element: u8, problem: Problem) -> WriteError {
    WriteError::Value {
        segment: SegmentId::of(segment.as_bytes()),
        place: ElementPlace {
            element,
            ..ElementPlace::default()
        },
        problem,
    }
}
