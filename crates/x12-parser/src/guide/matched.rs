//! The place of a segment in its guide, for those who show it.

use crate::guide::Guide;
use crate::guide::table::NONE;

/// What a segment is, in the words of the guide.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'g> {
    guide: &'g Guide,
    used: u16,
    number: u16,
}

impl<'g> Matched<'g> {
    pub(crate) const fn new(guide: &'g Guide, used: u16, number: u16) -> Self {
        Self { guide, used, number }
    }

    /// The id of the loop that holds the segment; empty where it stands in no loop.
    #[must_use]
    pub fn loop_id(&self) -> &'g str {
        &self.guide.tables.of_loop(self.number).id
    }

    /// What that loop is; the name of the guide where the segment stands in no loop.
    #[must_use]
    pub fn loop_name(&self) -> &'g str {
        &self.guide.tables.of_loop(self.number).name
    }

    /// How many loops are around the segment.
    #[must_use]
    pub fn depth(&self) -> usize {
        usize::from(self.guide.tables.of_loop(self.number).depth)
    }

    /// The ids of the loops around the segment, from the innermost outwards.
    pub fn path(&self) -> impl Iterator<Item = &'g str> + use<'g> {
        let tables = &self.guide.tables;
        let mut number = self.number;
        std::iter::from_fn(move || {
            let at = tables.of_loop(number);
            if at.parent == NONE {
                return None;
            }
            number = at.parent;
            Some(&*at.id)
        })
    }

    /// Whether the segment opens its loop.
    #[must_use]
    pub fn opens_loop(&self) -> bool {
        let first = self.guide.tables.children(self.number).first();
        self.depth() > 0 && first.is_some_and(|first| first.used == self.used)
    }

    /// What the segment is.
    #[must_use]
    pub fn segment_name(&self) -> &'g str {
        &self.guide.tables.of_use(self.used).name
    }

    /// What the element of a number from one is.
    #[must_use]
    pub fn element_name(&self, element: usize) -> Option<&'g str> {
        let tables = &self.guide.tables;
        let at = element.checked_sub(1)?;
        let names = tables.of_use(self.used).elements.of(&tables.names);
        names.get(at).map(|name| &**name)
    }

    /// What the component of a number from one is, in a composite.
    #[must_use]
    pub fn component_name(&self, element: usize, component: usize) -> Option<&'g str> {
        let tables = &self.guide.tables;
        let rules = tables.of_use(self.used).elements.of(&tables.elements);
        let rule = rules.get(element.checked_sub(1)?)?;
        let names = rule.components.of(&tables.names);
        names.get(component.checked_sub(1)?).map(|name| &**name)
    }

    /// How many elements the segment can have.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.guide.tables.of_use(self.used).elements.len()
    }
}
