//! Checks places in X12 against the shape of the transaction.

use super::compiler::Compiler;
use super::compiler::Here;
use super::compiler::Shape;
use super::compiler::append_once;
use super::elements::LeafKind;
use super::fields::Located;
use super::path;
use super::path::X12Text;
use super::program::Climb;
use super::program::Fixed;
use super::program::Run;
use super::program::Source;
use super::program::TargetStep;
use super::program::Test;
use super::program::X12Place;
use crate::base::place::SegmentId;
use crate::x12::Frame;
use crate::x12::LoopName;

/// The most elements that a segment of the standard has.
const MOST_ELEMENTS: u8 = 35;

impl Compiler<'_> {
    /// Checks a place of an X12 source, looked at from a scope.
    pub(super) fn x12_place(&mut self, written: &Located, here: &Here) -> Option<(X12Place, Shape)> {
        let text = self.read_x12(written)?;
        let frame = self.source_frame()?;
        let (at, own) = match here {
            Here::X12(at, segment) => (*at, *segment),
            Here::Outside | Here::Fhir(_) => (LoopName::ROOT, None),
        };
        let enclosing = enclosing(frame, at);
        let names = self.loop_names(frame, &text)?;
        let (climb, down, last) = if let Some((first, rest)) = names.split_first() {
            if enclosing.contains(first) {
                (Climb::To(*first), rest.to_vec(), *names.last()?)
            } else {
                let parent = parent(frame, *first);
                if !enclosing.contains(&parent) {
                    let message = format!("{first} is neither around this scope nor in a loop that is");
                    self.complain(written.at, message);
                    return None;
                }
                (Climb::To(parent), names.clone(), *names.last()?)
            }
        } else {
            let segment = text
                .segment
                .as_deref()
                .and_then(|id| SegmentId::parse(id.as_bytes()))?;
            // Inside a scope that stands at a segment, its kind means that one, whatever is asked of it.
            if own == Some(segment) {
                (Climb::Segment, Vec::new(), at)
            } else {
                let holder = enclosing
                    .iter()
                    .find(|name| holds(frame, **name, segment.as_str()));
                let Some(holder) = holder else {
                    let message = format!("neither {at} nor a loop around it has a segment {segment}");
                    self.complain(written.at, message);
                    return None;
                };
                (Climb::To(*holder), Vec::new(), *holder)
            }
        };
        let climb = if climb == Climb::To(at) {
            Climb::Here
        } else {
            climb
        };
        let (segment, shape) = self.x12_shape(written, frame, &text, last)?;
        let tests = self.tests(written.at, &text);
        let place = X12Place {
            climb,
            loops: append_once(&mut self.program.loops, down),
            segment,
            element: text.element,
            component: text.component,
            tests,
        };
        Some((place, shape))
    }

    /// Checks a place of an X12 target, written from what a scope made.
    pub(super) fn x12_target(&mut self, written: &Located, here: &Here) -> Option<(Vec<TargetStep>, Shape)> {
        let text = self.read_x12(written)?;
        let frame = self.target_frame()?;
        let (at, own) = match here {
            Here::X12(at, segment) => (*at, *segment),
            Here::Outside | Here::Fhir(_) => {
                self.complain(written.at, "no scope around this row makes a transaction");
                return None;
            }
        };
        let names = self.loop_names(frame, &text)?;
        let mut steps: Vec<TargetStep> = Vec::new();
        let mut last = at;
        for name in names {
            if parent(frame, name) != last {
                self.complain(written.at, format!("{name} is not directly in {}", shown(last)));
                return None;
            }
            steps.push(TargetStep::Loop(name));
            last = name;
        }
        let (segment, shape) = self.x12_shape(written, frame, &text, last)?;
        if text.element == X12Place::EACH {
            self.complain(written.at, "a target is one element, written with its number");
            return None;
        }
        if let Some(segment) = segment {
            let plain = text.tests.is_empty() && !text.append;
            let at_own = own == Some(segment) && plain && steps.is_empty();
            if !at_own {
                let fixed = self.fixed(written.at, &text)?;
                steps.push(TargetStep::Segment(segment, fixed));
            }
            if text.element > 0 {
                steps.push(TargetStep::Cell(text.element, text.component));
            }
        }
        Some((steps, shape))
    }

    /// Where a scope stands that goes through the elements of a segment.
    pub(super) fn element_holder(&self, place: u32, outer: &Here) -> Option<Here> {
        let Some(Source::X12(place)) = self.program.places.get(place as usize) else {
            return None;
        };
        let holder = match (place.loops.of(&self.program.loops).last(), place.climb, outer) {
            (Some(last), _, _) => *last,
            (None, Climb::To(name), _) => name,
            (None, Climb::Here | Climb::Segment, Here::X12(at, _)) => *at,
            (None, Climb::Here | Climb::Segment, Here::Outside | Here::Fhir(_)) => LoopName::ROOT,
        };
        (place.element == X12Place::EACH).then_some(Here::X12(holder, place.segment))
    }

    fn read_x12(&mut self, written: &Located) -> Option<X12Text> {
        match path::x12(written) {
            Ok(text) => Some(text),
            Err((at, message)) => {
                self.complain(at, message);
                None
            }
        }
    }

    /// The loops that a path names, each of them in the one before.
    fn loop_names(&mut self, frame: &Frame, text: &X12Text) -> Option<Vec<LoopName>> {
        let mut found: Vec<LoopName> = Vec::new();
        for written in &text.loops {
            let known = LoopName::parse(&written.text).filter(|name| frame.find(*name).is_some());
            let Some(name) = known else {
                let message = format!("a {} has no loop {}", frame.name, written.text);
                self.complain(written.at, message);
                return None;
            };
            if let Some(before) = found.last()
                && parent(frame, name) != *before
            {
                self.complain(written.at, format!("{name} is not directly in {before}"));
                return None;
            }
            found.push(name);
        }
        Some(found)
    }

    fn x12_shape(
        &mut self,
        written: &Located,
        frame: &Frame,
        text: &X12Text,
        last: LoopName,
    ) -> Option<(Option<SegmentId>, Shape)> {
        let Some(id) = text.segment.as_deref() else {
            return Some((None, Shape::X12(last, None)));
        };
        if !holds(frame, last, id) {
            self.complain(written.at, format!("{} has no segment {id}", shown(last)));
            return None;
        }
        if text.element > MOST_ELEMENTS && text.element != X12Place::EACH {
            self.complain(written.at, format!("{id} has no element {}", text.element));
            return None;
        }
        let segment = SegmentId::parse(id.as_bytes());
        let shape = match (id, text.element) {
            (_, 0) => Shape::X12(last, segment),
            ("BDS", 3) | ("BIN", 2) if text.component == 0 => Shape::Leaf(LeafKind::Resource),
            (_, _) => Shape::Leaf(LeafKind::Text),
        };
        Some((segment, shape))
    }

    fn tests(&mut self, at: usize, text: &X12Text) -> Run {
        let mut tests = Vec::new();
        for test in &text.tests {
            tests.push(Test {
                element: test.element,
                component: test.component,
                negated: test.negated,
                any_of: self.accepted(at, &test.any_of),
            });
        }
        append_once(&mut self.program.tests, tests)
    }

    fn fixed(&mut self, at: usize, text: &X12Text) -> Option<Run> {
        let mut fixed = Vec::new();
        for test in &text.tests {
            let [value] = test.any_of.as_slice() else {
                self.complain(at, "a target has one value for each element in brackets");
                return None;
            };
            if test.negated {
                self.complain(at, "a target says what an element is, not what it is not");
                return None;
            }
            fixed.push(Fixed {
                element: test.element,
                component: test.component,
                text: self.intern(value),
            });
        }
        // Equal brackets are equal runs, so that they mean the same segment.
        Some(append_once(&mut self.program.fixed, fixed))
    }
}

/// A loop and all around it, innermost first; the transaction itself is the last. A level may have another around it
/// that messages leave out at times, as the dependent of a 278.
fn enclosing(frame: &Frame, at: LoopName) -> Vec<LoopName> {
    let mut found = vec![at];
    let mut here = at;
    while here != LoopName::ROOT {
        let above = parent(frame, here);
        found.extend(frame.levels_between(above, here));
        here = above;
        found.push(here);
    }
    found
}

fn parent(frame: &Frame, name: LoopName) -> LoopName {
    let rule = frame.find(name).map(|(_, rule)| rule);
    rule.and_then(|rule| LoopName::parse(rule.parent))
        .unwrap_or(LoopName::ROOT)
}

fn holds(frame: &Frame, name: LoopName, segment: &str) -> bool {
    frame
        .find(name)
        .is_some_and(|(_, rule)| rule.segments.contains(&segment))
}

fn shown(name: LoopName) -> String {
    if name == LoopName::ROOT {
        "the transaction".to_owned()
    } else {
        name.to_string()
    }
}
