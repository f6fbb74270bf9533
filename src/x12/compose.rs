//! Makes a transaction from nothing.

use super::ElementIndex;
use super::Filter;
use super::Frame;
use super::LoopIndex;
use super::LoopName;
use super::Payload;
use super::Transaction;
use super::assemble::offset;
use super::transaction::NONE;
use super::transaction::Span;
use crate::base::place::SegmentId;

/// What stands between components inside a composed transaction: no text of X12 may hold it.
const COMPONENT: u8 = 0x1f;

/// Puts a transaction together, loop by loop and segment by segment, in the order in which it will be written.
#[derive(Debug)]
pub struct Composer {
    done: Transaction,
}

impl Composer {
    /// An empty transaction.
    pub fn new(frame: &'static Frame) -> Self {
        Self::with_room(frame, 0)
    }

    /// An empty transaction with room for about so many elements.
    pub fn with_room(frame: &'static Frame, elements: usize) -> Self {
        let mut done = Transaction {
            frame,
            text: Vec::with_capacity(elements * 12),
            elements: Vec::with_capacity(elements),
            segments: Vec::with_capacity(elements / 4),
            loops: Vec::with_capacity(elements / 8),
            payloads: Vec::new(),
            component: COMPONENT,
            numbers: (0, 0, 0),
            misplaced: Vec::new(),
        };
        done.push_loop(LoopName::ROOT, NONE);
        Self { done }
    }

    /// Opens a loop inside another.
    pub fn open(&mut self, inside: LoopIndex, name: LoopName) -> LoopIndex {
        self.done.push_loop(name, inside.0)
    }

    /// Begins a segment; its elements follow.
    pub fn segment(&mut self, inside: LoopIndex, id: SegmentId) {
        let position = offset(self.done.segments.len()) + 1;
        self.done.push_segment(inside, id);
        if let Some(segment) = self.done.segments.last_mut() {
            segment.position = position;
        }
    }

    /// Adds an element to the segment at hand, of one or several components.
    pub fn element<'t>(&mut self, components: impl IntoIterator<Item = &'t [u8]>) -> ElementIndex {
        let start = self.done.text.len();
        for (number, component) in components.into_iter().enumerate() {
            if number > 0 {
                self.done.text.push(COMPONENT);
            }
            self.done.text.extend_from_slice(component);
        }
        // Components left empty at the end are not written.
        while self.done.text.len() > start && self.done.text.last() == Some(&COMPONENT) {
            self.done.text.pop();
        }
        let length = offset(self.done.text.len() - start);
        self.push(Span {
            start: offset(start),
            length,
        })
    }

    /// Adds the octets of a `BDS` or `BIN`, the last element of the segment at hand; filter and length come with them.
    pub fn octets(&mut self, filter: Filter, octets: Vec<u8>) -> ElementIndex {
        let number = offset(self.done.payloads.len());
        self.done.payloads.push(Payload {
            filter,
            octets,
            ..Payload::default()
        });
        if let Some(segment) = self.done.segments.last_mut() {
            segment.payload = number;
        }
        let start = offset(self.done.text.len());
        self.push(Span { start, length: 0 })
    }

    /// The transaction.
    pub fn finish(self) -> Transaction {
        self.done
    }

    fn push(&mut self, span: Span) -> ElementIndex {
        let index = ElementIndex::of(offset(self.done.elements.len()));
        self.done.elements.push(span);
        if let Some(segment) = self.done.segments.last_mut() {
            segment.count += 1;
        }
        index
    }
}
