//! The books of a translation: what of the source was used, by which rule, and what was lost.

use super::draft::NodeId;
use crate::mapping::Why;
use crate::mapping::program::RuleId;

/// The smallest part of a source that can be used or lost: an X12 component, a FHIR leaf.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cell {
    /// Which element, counted over the whole source.
    pub index: u32,
    /// Which component of it, from one; zero for the whole element.
    pub component: u8,
}

/// Something of the source that a rule looked at without making a leaf of it: a qualifier, a condition, the hierarchy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Consulted {
    /// What was looked at.
    pub cell: Cell,
    /// By which rule.
    pub rule: RuleId,
}

/// Something that did not arrive as it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Loss {
    /// What it is about.
    pub about: About,
    /// Why.
    pub why: Why,
    /// The rule that said so; none if no rule took it at all.
    pub rule: Option<RuleId>,
}

/// What a loss is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum About {
    /// A part of the source.
    Source(Cell),
    /// A leaf of the target that had to be there.
    Target(NodeId),
}

/// Most components of an element that are told apart; further ones count as the last.
const MOST_COMPONENTS: u8 = 31;

/// How much is written down while a source is translated.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Keeping {
    /// Nothing, because nobody asks.
    #[default]
    Nothing,
    /// What was used, because what is left over goes into the target.
    Accounts,
    /// That, and all that lineage and loss report tell.
    Reports,
}

/// Who keeps accounts of a source while it is translated.
#[derive(Debug, Default)]
pub(super) struct Books {
    keeping: Keeping,
    /// For each element: bit 0 for the whole of it, bit n for component n.
    used: Vec<u32>,
    /// The same for what travels in an extension.
    carried: Vec<u32>,
    /// The same for what arrived in part.
    partial: Vec<u32>,
    /// What arrived in part, and by which rule.
    narrowed: Vec<Consulted>,
    pub(super) consulted: Vec<Consulted>,
    pub(super) losses: Vec<Loss>,
    /// What was marked since the outermost scope began, to be undone if its target is taken back.
    journal: Vec<(u32, u32)>,
    /// The same of what travels in an extension.
    carried_journal: Vec<(u32, u32)>,
    /// How often something was taken back.
    undone: usize,
}

/// A moment to which the books can go back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    consulted: usize,
    losses: usize,
    narrowed: usize,
    journal: usize,
    carried: usize,
}

impl Books {
    pub(super) fn new(elements: usize, keeping: Keeping) -> Self {
        let none = || match keeping {
            Keeping::Nothing => Vec::new(),
            Keeping::Accounts | Keeping::Reports => vec![0; elements],
        };
        // Most elements are qualifiers and codes that a rule only looks at.
        let room = if keeping == Keeping::Reports { elements } else { 0 };
        Self {
            keeping,
            consulted: Vec::with_capacity(room),
            journal: Vec::with_capacity(room),
            used: none(),
            carried: none(),
            partial: none(),
            ..Self::default()
        }
    }

    /// Whether anything is written down.
    #[inline]
    pub(super) fn counts(&self) -> bool {
        self.keeping >= Keeping::Accounts
    }

    /// Whether lineage and loss report are written down.
    #[inline]
    pub(super) fn reports(&self) -> bool {
        self.keeping == Keeping::Reports
    }

    /// Notes that a cell arrived in the target; gives whether it was not noted before.
    #[inline]
    pub(super) fn mark(&mut self, cell: Cell) -> bool {
        let bit = bit(cell);
        let Some(used) = self.used.get_mut(cell.index as usize) else {
            return false;
        };
        if *used & bit != 0 {
            return false;
        }
        self.journal.push((cell.index, *used));
        *used |= bit;
        true
    }

    /// Notes that a cell was looked at.
    #[inline]
    pub(super) fn consult(&mut self, cell: Cell, rule: RuleId) {
        if self.mark(cell) && self.reports() {
            self.consulted.push(Consulted { cell, rule });
        }
    }

    /// Notes that a cell arrived in what another cell became.
    pub(super) fn also(&mut self, cell: Cell, rule: RuleId) {
        if self.reports() {
            self.consulted.push(Consulted { cell, rule });
        }
    }

    pub(super) fn lose(&mut self, about: About, why: Why, rule: Option<RuleId>) {
        if self.reports() {
            self.losses.push(Loss { about, why, rule });
        }
    }

    /// Notes that only a part of a cell arrived.
    pub(super) fn narrow(&mut self, cell: Cell, rule: RuleId) {
        if let Some(partial) = self.partial.get_mut(cell.index as usize)
            && *partial & bit(cell) == 0
        {
            *partial |= bit(cell);
            self.narrowed.push(Consulted { cell, rule });
        }
    }

    /// Notes that the other part of a cell arrived too.
    pub(super) fn heal(&mut self, cell: Cell) {
        if !self.is_narrowed(cell) {
            return;
        }
        if let Some(partial) = self.partial.get_mut(cell.index as usize) {
            *partial &= !bit(cell);
        }
        // It arrived in part a moment ago, so it is among the last.
        if let Some(at) = self.narrowed.iter().rposition(|known| known.cell == cell) {
            self.narrowed.remove(at);
        }
    }

    /// Whether anything arrived in part.
    pub(super) fn has_narrowed(&self) -> bool {
        !self.narrowed.is_empty()
    }

    /// Whether only a part of a cell arrived.
    pub(super) fn is_narrowed(&self, cell: Cell) -> bool {
        let partial = self.partial.get(cell.index as usize).copied().unwrap_or(0);
        partial & bit(cell) != 0
    }

    /// Notes that a cell is carried whole.
    pub(super) fn carry(&mut self, cell: Cell) {
        self.heal(cell);
        if let Some(carried) = self.carried.get_mut(cell.index as usize) {
            self.carried_journal.push((cell.index, *carried));
            *carried |= bit(cell);
        }
    }

    /// Whether a cell, or the element that it is in, is carried.
    pub(super) fn is_carried(&self, cell: Cell) -> bool {
        let carried = self.carried.get(cell.index as usize).copied().unwrap_or(0);
        carried & (1 | bit(cell)) != 0
    }

    /// Enters what arrived in part among the losses.
    pub(super) fn tell_narrowed(&mut self) {
        for Consulted { cell, rule } in std::mem::take(&mut self.narrowed) {
            self.lose(About::Source(cell), Why::Narrowed, Some(rule));
        }
    }

    /// Whether a cell, or the element that it is in, was used.
    pub(super) fn is_used(&self, cell: Cell) -> bool {
        let used = self.used.get(cell.index as usize).copied().unwrap_or(0);
        used & (1 | bit(cell)) != 0
    }

    pub(super) fn now(&self) -> Moment {
        Moment {
            consulted: self.consulted.len(),
            losses: self.losses.len(),
            narrowed: self.narrowed.len(),
            journal: self.journal.len(),
            carried: self.carried_journal.len(),
        }
    }

    /// How often something was taken back; what was noted before may have to be noted again since.
    pub(super) const fn undone(&self) -> usize {
        self.undone
    }

    /// Forgets everything since a moment.
    pub(super) fn undo(&mut self, moment: Moment) {
        self.undone += 1;
        self.consulted.truncate(moment.consulted);
        self.losses.truncate(moment.losses);
        for Consulted { cell, .. } in self.narrowed.drain(moment.narrowed.min(self.narrowed.len())..) {
            if let Some(partial) = self.partial.get_mut(cell.index as usize) {
                *partial &= !bit(cell);
            }
        }
        go_back(&mut self.used, &mut self.journal, moment.journal);
        go_back(&mut self.carried, &mut self.carried_journal, moment.carried);
    }

    /// Makes everything so far lasting.
    pub(super) fn settle(&mut self) {
        self.journal.clear();
        self.carried_journal.clear();
    }
}

/// Gives the marks back that they had before the last entries of a journal, which are struck out.
fn go_back(marks: &mut [u32], journal: &mut Vec<(u32, u32)>, length: usize) {
    for (index, before) in journal.drain(length..).rev() {
        if let Some(mark) = marks.get_mut(index as usize) {
            *mark = before;
        }
    }
}

/// The bit that stands for a component among those of its element.
#[inline]
fn bit(cell: Cell) -> u32 {
    1 << cell.component.min(MOST_COMPONENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn cell(index: u32, component: u8) -> Cell {
        Cell { index, component }
    }

    #[test]
    fn a_component_is_not_its_element_but_the_element_is_all_components() {
        let mut books = Books::new(2, Keeping::Reports);
        assert!(books.mark(cell(0, 2)));
        assert!(!books.mark(cell(0, 2)));
        assert!(books.is_used(cell(0, 2)) && !books.is_used(cell(0, 1)) && !books.is_used(cell(0, 0)));
        books.mark(cell(1, 0));
        assert!(books.is_used(cell(1, 7)));
    }

    #[test]
    fn what_was_taken_back_was_not_used() {
        let mut books = Books::new(1, Keeping::Reports);
        books.consult(cell(0, 1), RuleId(0));
        let moment = books.now();
        books.consult(cell(0, 2), RuleId(0));
        books.lose(About::Source(cell(0, 3)), Why::NoTarget, None);
        books.carry(cell(0, 4));
        books.undo(moment);
        assert!(books.is_used(cell(0, 1)) && !books.is_used(cell(0, 2)));
        assert!(!books.is_carried(cell(0, 4)), "it did not travel after all");
        assert_eq!((books.consulted.len(), books.losses.len()), (1, 0));
    }

    #[test]
    fn what_arrived_in_part_is_healed_by_the_other_part_and_forgotten_with_its_scope() {
        let mut books = Books::new(3, Keeping::Accounts);
        books.narrow(cell(0, 1), RuleId(0));
        books.narrow(cell(1, 0), RuleId(0));
        books.heal(cell(0, 1));
        assert!(!books.is_narrowed(cell(0, 1)) && books.is_narrowed(cell(1, 0)));
        let moment = books.now();
        books.narrow(cell(2, 0), RuleId(0));
        books.undo(moment);
        assert!(!books.is_narrowed(cell(2, 0)) && books.is_narrowed(cell(1, 0)));
        books.carry(cell(1, 0));
        assert!(!books.has_narrowed() && books.is_carried(cell(1, 3)));
    }

    #[test]
    fn accounts_without_reports_know_what_was_used_and_tell_nothing() {
        let mut books = Books::new(5, Keeping::Accounts);
        books.consult(cell(0, 0), RuleId(0));
        books.lose(About::Source(cell(0, 3)), Why::NoTarget, None);
        assert!(books.is_used(cell(0, 0)));
        assert!(books.consulted.is_empty() && books.losses.is_empty());
    }

    #[test]
    fn books_that_are_not_kept_hold_nothing() {
        let mut books = Books::new(5, Keeping::Nothing);
        books.consult(cell(0, 0), RuleId(0));
        books.narrow(cell(1, 0), RuleId(0));
        books.lose(About::Source(cell(0, 3)), Why::NoTarget, None);
        assert!(!books.is_used(cell(0, 0)) && !books.has_narrowed());
        assert!(books.consulted.is_empty() && books.losses.is_empty());
    }
}
