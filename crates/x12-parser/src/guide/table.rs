//! A guide as flat tables, for the engine to run along.

use crate::SegmentId;
use crate::guide::element::ElementRule;
use crate::guide::element::Quick;
use crate::guide::grammar::Number;
use crate::guide::grammar::Usage;
use crate::guide::note::SyntaxNote;
use std::sync::Arc;

/// Stands for "none" where a table refers to another.
pub(crate) const NONE: u16 = u16::MAX;

/// Some neighbours in a table.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Run {
    start: u32,
    len: u32,
}

impl Run {
    /// Appends `more` to a table and tells where they are.
    pub(crate) fn append<T>(table: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Self {
        let start = table.len();
        table.extend(more);
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            start: small(start),
            len: small(table.len() - start),
        }
    }

    #[inline]
    pub(crate) fn of<T>(self, table: &[T]) -> &[T] {
        let start = self.start as usize;
        table.get(start..start + self.len as usize).unwrap_or_default()
    }

    pub(crate) const fn len(self) -> usize {
        self.len as usize
    }

    pub(crate) const fn start(self) -> usize {
        self.start as usize
    }
}

/// The tables of a guide.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// The transaction itself is the first one.
    pub(crate) loops: Vec<Loop>,
    pub(crate) children: Vec<Child>,
    /// The segment ids of `children`, apart because they are looked through most.
    pub(crate) ids: Vec<u32>,
    /// The first elements that tell `children` apart, as words; zero where it takes a closer look.
    pub(crate) keys: Vec<u64>,
    pub(crate) uses: Vec<Use>,
    pub(crate) tests: Vec<Test>,
    pub(crate) elements: Vec<ElementRule>,
    /// What of `elements` the quick check needs.
    pub(crate) quick: Vec<Quick>,
    /// The names of `elements`.
    pub(crate) names: Vec<Arc<str>>,
    pub(crate) notes: Vec<SyntaxNote>,
    pub(crate) lists: Vec<List>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) demands: Vec<Demand>,
    /// Indices of children that must stand, loop by loop.
    pub(crate) required: Vec<u16>,
    /// Ids of the segments that the guide uses, sorted.
    pub(crate) own: Vec<u32>,
    /// Ids of all segments of the dictionary, sorted.
    pub(crate) known: Vec<u32>,
    /// How deep loops go, the transaction being one.
    pub(crate) depth: usize,
}

/// A loop in one place of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) parent: u16,
    pub(crate) depth: u8,
    pub(crate) children: Run,
    pub(crate) required: Run,
    /// A bit for each id among the children, several ids sharing one: no bit, no child.
    pub(crate) traces: u64,
    /// How many children must stand once the loop is open.
    pub(crate) owed: u16,
    /// Whether one of them must stand more than once.
    pub(crate) many: bool,
    pub(crate) demands: Run,
    /// The facts that are forgotten when it begins.
    pub(crate) forgets: u64,
    /// Whether "nothing else stands here" is of weak evidence.
    pub(crate) open: bool,
    /// Whether it takes part in the hierarchy of `HL`s.
    pub(crate) level: bool,
}

/// A segment or loop in a loop.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    /// For a loop: its first segment.
    pub(crate) used: u16,
    /// The loop, or [`NONE`].
    pub(crate) opens: u16,
    /// Index of the first child in the same place.
    pub(crate) group: u16,
    pub(crate) usage: Usage,
    pub(crate) min: u16,
    pub(crate) max: u16,
    pub(crate) weak: RowDoubt,
    /// Whether a rule across segments may demand it.
    pub(crate) demanded: bool,
}

/// What of a row is of weak evidence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowDoubt {
    pub(crate) usage: bool,
    pub(crate) repeat: bool,
    pub(crate) row: bool,
}

/// A use of a segment.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) id: u32,
    pub(crate) segment: SegmentId,
    pub(crate) name: Arc<str>,
    /// The use and its name, for people.
    pub(crate) expected: Arc<str>,
    pub(crate) tests: Run,
    pub(crate) elements: Run,
    /// A bit for each required element; element 1 has bit 1.
    pub(crate) required: u64,
    /// A bit for each element that is not used.
    pub(crate) unused: u64,
    pub(crate) notes: Run,
    pub(crate) conditions: Run,
    pub(crate) rules: Run,
}

/// Codes that an element must have for a use to fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Test {
    pub(crate) number: Number,
    pub(crate) list: u16,
}

/// A fact to be remembered when a use is met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition {
    pub(crate) number: Number,
    /// The codes, or [`NONE`] where the element need only stand.
    pub(crate) list: u16,
    pub(crate) fact: u64,
}

/// What facts ask of a use that is met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Facts that must be.
    pub(crate) given: u64,
    /// Facts that must not be.
    pub(crate) lacking: u64,
    /// The element; the whole segment where the number is zero.
    pub(crate) number: Number,
    pub(crate) asks: Asks,
    pub(crate) weak: bool,
}

/// What a rule asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asks {
    Present,
    Absent,
    /// One of the codes of a list, where the element stands.
    Codes(u16),
}

/// A child that facts demand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) given: u64,
    pub(crate) lacking: u64,
    pub(crate) child: u16,
    pub(crate) weak: bool,
}

impl Rule {
    pub(crate) const fn applies(self, facts: u64) -> bool {
        facts & self.given == self.given && facts & self.lacking == 0
    }
}

impl Demand {
    pub(crate) const fn applies(self, facts: u64) -> bool {
        facts & self.given == self.given && facts & self.lacking == 0
    }
}

/// Codes.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    /// Short codes as words, sorted.
    sure: Vec<u64>,
    /// Short codes of weak evidence.
    unsure: Vec<u64>,
    /// Codes too long for a word.
    long: Vec<(Box<[u8]>, Permit)>,
    /// The codes, for people.
    pub(crate) expected: Arc<str>,
}

/// Whether a list has a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Permit {
    Yes,
    /// On weak evidence.
    Weakly,
    No,
}

/// Most codes that a finding spells out.
const SPELT_OUT: usize = 12;

impl List {
    /// Makes a list of codes, each with whether its evidence is weak.
    pub(crate) fn new<'c>(codes: impl IntoIterator<Item = (&'c str, bool)>) -> Self {
        let mut list = Self::default();
        let mut spelt = Vec::new();
        for (code, weak) in codes {
            match (code_word(code.as_bytes()), weak) {
                (0, _) => {
                    let permit = if weak { Permit::Weakly } else { Permit::Yes };
                    list.long.push((code.as_bytes().into(), permit));
                }
                (word, false) => list.sure.push(word),
                (word, true) => list.unsure.push(word),
            }
            spelt.push(code);
        }
        list.sure.sort_unstable();
        list.unsure.sort_unstable();
        list.expected = if spelt.len() > SPELT_OUT {
            format!("one of {} codes", spelt.len()).into()
        } else {
            spelt.join(", ").into()
        };
        list
    }

    /// The only code, as a word; zero where there are several, or it is too long.
    pub(crate) fn only(&self) -> u64 {
        match (
            self.sure.as_slice(),
            self.unsure.is_empty() && self.long.is_empty(),
        ) {
            ([word], true) => *word,
            _ => 0,
        }
    }

    /// Looks for a code; `word` is what [`code_word`] made of it.
    #[inline]
    pub(crate) fn permits(&self, word: u64, raw: &[u8]) -> Permit {
        if word != 0 {
            return if holds(&self.sure, word) {
                Permit::Yes
            } else if holds(&self.unsure, word) {
                Permit::Weakly
            } else {
                Permit::No
            };
        }
        self.long
            .iter()
            .find(|(code, _)| **code == *raw)
            .map_or(Permit::No, |(_, permit)| *permit)
    }

    #[inline]
    pub(crate) fn holds(&self, word: u64, raw: &[u8]) -> bool {
        self.permits(word, raw) != Permit::No
    }
}

/// Short lists are looked through, long ones searched.
#[inline]
fn holds(sorted: &[u64], word: u64) -> bool {
    if sorted.len() <= 8 {
        return sorted.contains(&word);
    }
    sorted.binary_search(&word).is_ok()
}

/// Up to seven bytes as a word, told apart by their number too; zero for anything else.
#[inline]
pub(crate) fn code_word(raw: &[u8]) -> u64 {
    if raw.is_empty() || raw.len() > 7 {
        return 0;
    }
    raw.iter().fold(1, |word, byte| (word << 8) | u64::from(*byte))
}

/// A segment id as a word; zero for what is none.
#[inline]
pub(crate) fn id_word(id: &[u8]) -> u32 {
    match *id {
        [a, b] => u32::from_be_bytes([0, a, b, b' ']),
        [a, b, c] => u32::from_be_bytes([0, a, b, c]),
        _ => 0,
    }
}

/// The bit of a segment id in the traces of a loop.
#[inline]
pub(crate) fn id_trace(id: u32) -> u64 {
    // Multiplying spreads ids that differ in one letter.
    1 << (id.wrapping_mul(0x9e37_79b1) >> 26)
}

impl Tables {
    #[inline]
    pub(crate) fn of_loop(&self, index: u16) -> &Loop {
        self.loops
            .get(usize::from(index))
            .expect("loops are numbered by the compiler of the guide")
    }

    #[inline]
    pub(crate) fn of_use(&self, index: u16) -> &Use {
        self.uses
            .get(usize::from(index))
            .expect("uses are numbered by the compiler of the guide")
    }

    #[inline]
    pub(crate) fn list(&self, index: u16) -> &List {
        self.lists
            .get(usize::from(index))
            .expect("lists are numbered by the compiler of the guide")
    }

    #[inline]
    pub(crate) fn children(&self, index: u16) -> &[Child] {
        self.of_loop(index).children.of(&self.children)
    }

    #[inline]
    pub(crate) fn ids(&self, index: u16) -> &[u32] {
        self.of_loop(index).children.of(&self.ids)
    }

    /// Whether the guide uses segments with this id anywhere.
    pub(crate) fn owns(&self, id: u32) -> bool {
        self.own.binary_search(&id).is_ok()
    }

    /// Whether the dictionary has segments with this id.
    pub(crate) fn knows(&self, id: u32) -> bool {
        self.known.binary_search(&id).is_ok()
    }
}
