//! Checks the elements of one segment against the rules of its use.

mod simple;

use crate::Code;
use crate::Detail;
use crate::ElementError;
use crate::ElementPlace;
use crate::Finding;
use crate::Note;
use crate::Segment;
use crate::SegmentError;
use crate::SegmentId;
use crate::envelope::Sink;
use crate::guide::element::Ask;
use crate::guide::element::ElementRule;
use crate::guide::element::Kind;
use crate::guide::element::Quick;
use crate::guide::fields::Classes;
use crate::guide::fields::Fields;
use crate::guide::fields::ODD;
use crate::guide::fields::bit;
use crate::guide::fields::class;
use crate::guide::form;
use crate::guide::table::Permit;
use crate::guide::table::Run;
use crate::guide::table::Tables;
use crate::guide::table::Use;
use crate::guide::table::code_word;
use simple::is_scheme;
use std::sync::Arc;

/// One segment under inspection.
pub(crate) struct Inspection<'i, 's> {
    pub(crate) tables: &'i Tables,
    pub(crate) segment: &'i Segment<'s>,
    pub(crate) fields: &'i Fields,
    pub(crate) classes: &'i Classes,
    pub(crate) used: &'i Use,
    pub(crate) loop_id: Option<&'i Arc<str>>,
    /// How often the use has been met in its parent, this time included.
    pub(crate) occurrence: u16,
    /// Whether even codes that usually tell the use are to be looked at.
    pub(crate) thorough: bool,
    pub(crate) found: Sink<'i>,
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Value<'s> {
    raw: &'s [u8],
    offset: u64,
    place: ElementPlace,
}

/// The numbers of the bits of a mask.
fn numbers(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let number = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (number < 64).then_some(number)
    })
}

fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

impl<'s> Inspection<'_, 's> {
    /// Checks everything that the rules of the use say; `given` has a bit for each element taken for present.
    #[inline]
    pub(crate) fn run(&mut self, given: u64) {
        let rules = self.used.elements.of(&self.tables.elements);
        let present = self.fields.present | given;
        let room = bit(rules.len()).wrapping_mul(2).wrapping_sub(1);
        if self.used.required & !present != 0 || self.used.unused & present != 0 || present & !room != 0 {
            self.usages(rules, present);
        }
        for note in self.used.notes.of(&self.tables.notes) {
            let (error, broken) = note.broken(present);
            // What the guide requires anyway has been told.
            for number in numbers(broken & !self.used.required) {
                self.missing(rules, number, error, false);
            }
        }
        let quick = self.used.elements.of(&self.tables.quick);
        let mut left = self.fields.present & !self.used.unused & room & !given;
        while left != 0 {
            let number = left.trailing_zeros() as usize;
            left &= left - 1;
            let (Some(field), Some(check)) = (self.fields.field(number), quick.get(number - 1)) else {
                continue;
            };
            let raw = self.segment.raw().get(field.start..field.end).unwrap_or_default();
            if (self.thorough || !self.passes(*check, raw, self.fields.odd != 0))
                && let Some(rule) = rules.get(number - 1)
            {
                self.element(rule, number);
            }
        }
        if self.fields.count > 0 && (self.fields.present | given) & bit(self.fields.count) == 0 {
            self.trailing();
        }
    }

    /// The quick check of an element or component; `odd` tells whether it may hold odd bytes.
    #[inline]
    fn passes(&self, check: Quick, raw: &[u8], odd: bool) -> bool {
        if raw.len() < usize::from(check.min)
            || raw.len() > usize::from(check.max)
            || (odd && self.classes.among(raw) & ODD != 0)
        {
            return false;
        }
        match check.asks {
            Ask::Nothing => raw.first().is_some_and(|first| *first != b' '),
            Ask::Only(word) => code_word(raw) == word,
            Ask::Code(list) => self.tables.list(list).permits(code_word(raw), raw) == Permit::Yes,
            Ask::Day => raw.len() == 8 && form::is_date(raw),
            Ask::Date => form::is_date(raw),
            Ask::Time => form::is_time(raw),
            Ask::As(number) => form::is_written_as(self.fields.part(self.segment, number, 0), raw),
            Ask::Digits => raw.iter().all(u8::is_ascii_digit),
            Ask::Closer => false,
        }
    }

    #[cold]
    fn usages(&mut self, rules: &[ElementRule], present: u64) {
        for number in numbers(self.used.required & !present) {
            let weak = rules.get(number - 1).is_some_and(|rule| rule.weak.usage);
            self.missing(rules, number, ElementError::Missing, weak);
        }
        for number in numbers(self.used.unused & present) {
            let Some(rule) = rules.get(number - 1) else {
                continue;
            };
            let value = self.value(number, rule);
            self.tell(ElementError::NotUsed, value, rule.weak.usage, Detail::None);
        }
        let surplus = numbers(present).find(|number| *number > rules.len());
        if let Some(number) = surplus {
            let value = self.value(number, &ElementRule::default());
            self.tell(ElementError::TooMany, value, false, Detail::None);
        }
    }

    /// Tells that an element is missing (or excluded), at its place or at the end of the segment.
    fn missing(&mut self, rules: &[ElementRule], number: usize, error: ElementError, weak: bool) {
        let Some(rule) = rules.get(number - 1) else { return };
        let value = self.value(number, rule);
        self.tell(error, value, weak, Detail::None);
    }

    /// An element with its place; one that is absent stands, empty, at the end of the segment.
    pub(crate) fn value(&self, number: usize, rule: &ElementRule) -> Value<'s> {
        let raw = self.segment.raw();
        let (start, end) = self
            .fields
            .field(number)
            .map_or((raw.len(), raw.len()), |field| (field.start, field.end));
        Value {
            raw: raw.get(start..end).unwrap_or_default(),
            offset: self.segment.place().offset + start as u64,
            place: ElementPlace {
                element: small(number),
                dictionary: rule.number(),
                ..ElementPlace::default()
            },
        }
    }

    fn trailing(&mut self) {
        let last = self.fields.count;
        if self.used.required & bit(last) != 0 {
            return;
        }
        let code = Code::Note(Note::TrailingSeparator);
        let offset = self.segment.place().offset + self.segment.raw().len() as u64;
        let finding = Finding::at(code, self.segment.place(), SegmentId::of(self.segment.id()));
        (self.found)(finding.spanning(offset.saturating_sub(1), 1));
    }

    /// An element or one of its components, in the first repetition.
    pub(crate) fn part_value(&self, number: u8, component: u8) -> Value<'s> {
        let rule = self.rule(self.used.elements, usize::from(number));
        let mut value = self.value(usize::from(number), &rule);
        if component == 0 {
            return value;
        }
        let separator = self.segment.delimiters().component();
        let before = usize::from(component) - 1;
        let start: usize = value
            .raw
            .split(|byte| *byte == separator)
            .take(before)
            .map(|raw| raw.len() + 1)
            .sum();
        value.offset += start.min(value.raw.len()) as u64;
        value.raw = self.fields.part(self.segment, number, component);
        value.place.component = component;
        let part = rule.components.of(&self.tables.elements).get(before);
        value.place.dictionary = part.and_then(ElementRule::number);
        value
    }

    /// Tells a fault of the segment as a whole.
    pub(crate) fn tell_segment(&mut self, error: SegmentError, weak: bool) {
        let id = self.segment.id();
        let place = self.segment.place();
        let mut finding = Finding::at(Code::Segment(error), place, SegmentId::of(id))
            .spanning(place.offset, id.len() as u64);
        finding.loop_id = self.loop_id.cloned();
        (self.found)(if weak { finding.weakly_founded() } else { finding });
    }

    pub(crate) fn tell(&mut self, error: ElementError, value: Value<'_>, weak: bool, detail: Detail) {
        let mut finding = Finding::at(
            Code::Element(error),
            self.segment.place(),
            SegmentId::of(self.segment.id()),
        )
        .spanning(value.offset, value.raw.len() as u64)
        .on_element(value.place)
        .with_detail(detail);
        finding.loop_id = self.loop_id.cloned();
        (self.found)(if weak { finding.weakly_founded() } else { finding });
    }

    #[cold]
    fn tell_spot(&mut self, error: ElementError, value: Value<'_>, at: usize, weak: bool) {
        let spot = Value {
            raw: value.raw.get(at..=at).unwrap_or_default(),
            offset: value.offset + at as u64,
            place: value.place,
        };
        self.tell(error, spot, weak, Detail::None);
    }

    /// An element that the quick check did not pass.
    fn element(&mut self, rule: &ElementRule, number: usize) {
        let value = self.value(number, rule);
        let kinds = self.classes.among(value.raw);
        if kinds & class::REPETITION == 0 && rule.min_repeat <= 1 {
            self.one(rule, value, kinds);
            return;
        }
        let separator = self.segment.delimiters().repetition();
        let mut start = 0;
        let mut count = 0u16;
        for raw in value.raw.split(|byte| separator == Some(*byte)) {
            count = count.saturating_add(1);
            let mut each = Value {
                raw,
                offset: value.offset + start as u64,
                place: value.place,
            };
            if count > rule.max_repeat {
                each.raw = value.raw.get(start..).unwrap_or_default();
                self.tell(ElementError::TooManyRepetitions, each, false, Detail::None);
                return;
            }
            start += raw.len() + 1;
            if rule.max_repeat > 1 {
                each.place.repetition = u8::try_from(count).unwrap_or(u8::MAX);
            }
            if !raw.is_empty() {
                let kinds = self.classes.among(raw);
                self.one(rule, each, kinds);
            }
        }
        if count < rule.min_repeat {
            self.tell(
                ElementError::TooFewRepetitions,
                value,
                rule.weak.usage,
                Detail::None,
            );
        }
    }

    /// One repetition of an element.
    fn one(&mut self, rule: &ElementRule, value: Value<'s>, kinds: u8) {
        if rule.kind == Kind::Composite {
            self.composite(rule, value);
        } else if kinds & class::COMPONENT != 0 && rule.kind != Kind::Octets {
            let component = self.segment.delimiters().component();
            let at = value.raw.iter().position(|byte| *byte == component);
            let at = at.unwrap_or_default();
            // Payers put the address of their service where a telephone number stands, colon and all.
            let address = rule.kind == Kind::Text && is_scheme(value.raw.get(..at).unwrap_or_default());
            self.tell_spot(ElementError::TooManyComponents, value, at, address);
            if address {
                self.simple(rule, value, kinds);
            }
        } else {
            self.simple(rule, value, kinds);
        }
    }

    fn composite(&mut self, rule: &ElementRule, value: Value<'s>) {
        let quick = rule.components.of(&self.tables.quick);
        let separator = self.segment.delimiters().component();
        let odd = self.fields.odd & !class::COMPONENT != 0;
        let mut start = 0;
        let mut present = 0;
        for (index, raw) in value.raw.split(|byte| *byte == separator).enumerate() {
            if !raw.is_empty() {
                let own = bit(index + 1);
                present |= own;
                let passes = quick
                    .get(index)
                    .is_some_and(|check| rule.unused & own == 0 && self.passes(*check, raw, odd));
                if self.thorough || !passes {
                    self.component(rule, value, index, start);
                }
            }
            start += raw.len() + 1;
        }
        let room = bit(quick.len()).wrapping_mul(2).wrapping_sub(1);
        self.missing_components(rule, value, present & room);
    }

    /// A component that the quick check did not pass; it begins `start` bytes into its composite.
    fn component(&mut self, rule: &ElementRule, value: Value<'s>, index: usize, start: usize) {
        let separator = self.segment.delimiters().component();
        let rest = value.raw.get(start..).unwrap_or_default();
        let rules = rule.components.of(&self.tables.elements);
        let mut part = Value {
            raw: rest,
            offset: value.offset + start as u64,
            place: ElementPlace {
                component: small(index + 1),
                dictionary: None,
                ..value.place
            },
        };
        let Some(own) = rules.get(index) else {
            // The first one that is too many stands for all.
            let before = value.raw.get(..start).unwrap_or_default();
            let told = before.split(|byte| *byte == separator).skip(rules.len());
            if told.flatten().next().is_none() {
                self.tell(ElementError::TooManyComponents, part, false, Detail::None);
            }
            return;
        };
        part.raw = rest.split(|byte| *byte == separator).next().unwrap_or_default();
        part.place.dictionary = own.number();
        if rule.unused & bit(index + 1) != 0 {
            self.tell(ElementError::NotUsed, part, own.weak.usage, Detail::None);
            return;
        }
        let kinds = self.classes.among(part.raw);
        self.simple(own, part, kinds);
    }

    fn missing_components(&mut self, rule: &ElementRule, value: Value<'s>, present: u64) {
        let tables = self.tables;
        let components = rule.components.of(&tables.elements);
        let mut complain = |number: usize, error, weak| {
            let dictionary = components.get(number - 1).and_then(ElementRule::number);
            let separator = self.segment.delimiters().component();
            let before: usize = value
                .raw
                .split(|byte| *byte == separator)
                .take(number - 1)
                .map(|raw| raw.len() + 1)
                .sum();
            let empty = Value {
                raw: &[],
                offset: value.offset + before.min(value.raw.len()) as u64,
                place: ElementPlace {
                    component: small(number),
                    dictionary,
                    ..value.place
                },
            };
            self.tell(error, empty, weak, Detail::None);
        };
        for number in numbers(rule.required & !present) {
            let weak = components.get(number - 1).is_some_and(|part| part.weak.usage);
            complain(number, ElementError::Missing, weak);
        }
        for note in rule.notes.of(&tables.notes) {
            let (error, broken) = note.broken(present);
            for number in numbers(broken & !rule.required) {
                complain(number, error, false);
            }
        }
    }

    /// The rules of the use's elements, for whoever needs more than the usual check.
    pub(crate) fn rule(&self, elements: Run, number: usize) -> ElementRule {
        elements
            .of(&self.tables.elements)
            .get(number.wrapping_sub(1))
            .copied()
            .unwrap_or_default()
    }
}
