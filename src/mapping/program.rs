//! A mapping as it is run: flat lists, in which everything that is named in the file is a number.

mod target;
mod words;

use std::sync::Arc;

use super::CodeTable;
use super::Digest;
use super::function::Function;
use super::variable::Variable;
use crate::base::place::SegmentId;
use crate::x12::Frame;
use crate::x12::LoopName;

pub use target::APPEND;
pub use target::Constant;
pub use target::ConstantLeaf;
pub use target::Fixed;
pub use target::Leaf;
pub use target::Mould;
pub use target::MouldId;
pub use target::ScopeTarget;
pub use target::TargetStep;
pub use target::TemplateNode;
pub use target::Way;
pub use target::WayId;
pub use words::Words;

/// Which of a program's texts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TextId(pub u32);

/// Which of a program's rules; the rules of slices count on from those of rows.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RuleId(pub u16);

/// Which of a program's slices.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SliceId(pub u16);

/// Some neighbours in one of a program's lists.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Run {
    /// The first one.
    pub start: u32,
    /// How many there are.
    pub length: u32,
}

impl Run {
    /// The neighbours themselves.
    #[inline]
    pub fn of<T>(self, list: &[T]) -> &[T] {
        let start = self.start as usize;
        list.get(start..start + self.length as usize).unwrap_or_default()
    }
}

/// One side of a mapping.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Side {
    /// Transactions of this shape.
    X12(&'static Frame),
    /// Resources of this type.
    Fhir(Box<str>),
}

/// A mapping, checked and ready to be run.
#[derive(Clone, Debug)]
pub struct Program {
    /// What the mapping is called.
    pub id: Box<str>,
    /// The file that it stands in.
    pub file: Box<str>,
    /// What it reads.
    pub from: Side,
    /// What it makes.
    pub to: Side,
    /// The tables that it was made of.
    pub hash: Digest,
    /// What is done, in order; the operations of a scope follow it.
    pub operations: Vec<Operation>,
    /// What rows and slices are called, and what they are.
    pub rules: Vec<Rule>,
    /// Names, codes and constants.
    pub texts: Vec<Box<str>>,
    /// The same as JSON says them.
    pub quoted: Vec<Box<str>>,
    /// The same as the names of members that others stand before: `,"name":`.
    pub members: Vec<Box<str>>,
    /// The same by what they say.
    pub words: Words,
    /// Places of the source.
    pub places: Vec<Source>,
    /// Ways down in X12.
    pub loops: Vec<LoopName>,
    /// Tests of segments.
    pub tests: Vec<Test>,
    /// Steps down in FHIR.
    pub steps: Vec<FhirStep>,
    /// Steps down in what slices make.
    pub targets: Vec<TargetStep>,
    /// Ways down in what scopes make.
    pub ways: Vec<Way>,
    /// Constants of rows.
    pub leaves: Vec<ConstantLeaf>,
    /// What slices are made of.
    pub templates: Vec<TemplateNode>,
    /// What new items of slices are cast in.
    pub moulds: Vec<Mould>,
    /// What slices hold.
    pub constants: Vec<Constant>,
    /// What must hold for a row.
    pub conditions: Vec<Condition>,
    /// Values that a test or condition accepts.
    pub accepted: Vec<TextId>,
    /// Scopes that others need, by their rules.
    pub needed: Vec<RuleId>,
    /// What the first elements of a segment are set to.
    pub fixed: Vec<Fixed>,
    /// How elements of lists are told apart.
    pub slices: Vec<Slice>,
    /// Code tables.
    pub tables: Vec<Arc<CodeTable>>,
    /// The names that an extension is made of, in programs that carry something in one.
    pub extension: Option<ExtensionNames>,
}

/// The names that an extension is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExtensionNames {
    /// `url`
    pub url: TextId,
    /// `extension`
    pub extension: TextId,
    /// `valueString`
    pub value: TextId,
}

impl Program {
    /// A text by its number.
    #[inline]
    pub fn text(&self, id: TextId) -> &str {
        self.texts.get(id.0 as usize).map_or("", AsRef::as_ref)
    }

    /// A text by its number, as JSON says it.
    #[inline]
    pub fn quoted(&self, id: TextId) -> &str {
        self.quoted.get(id.0 as usize).map_or("\"\"", AsRef::as_ref)
    }

    /// A text by its number, as the name of a member that others stand before.
    #[inline]
    pub fn member(&self, id: TextId) -> &str {
        self.members.get(id.0 as usize).map_or(",\"\":", AsRef::as_ref)
    }

    /// The number of a text, if the program has it.
    #[inline]
    pub fn word(&self, text: &[u8]) -> Option<TextId> {
        self.words.find(&self.texts, text)
    }

    /// A rule by its number.
    ///
    /// # Panics
    /// If the number is of another program.
    pub fn rule(&self, id: RuleId) -> &Rule {
        self.rules
            .get(usize::from(id.0))
            .expect("a rule's number is used with the program that gave it")
    }

    /// A mould by its number.
    ///
    /// # Panics
    /// If the number is of another program.
    #[inline]
    pub fn mould(&self, id: MouldId) -> &Mould {
        self.moulds
            .get(usize::from(id.0))
            .expect("a mould's number is used with the program that gave it")
    }

    /// A slice by its number.
    ///
    /// # Panics
    /// If the number is of another program.
    #[inline]
    pub fn slice(&self, id: SliceId) -> &Slice {
        self.slices
            .get(usize::from(id.0))
            .expect("a slice's number is used with the program that gave it")
    }
}

/// What lineage and loss report say of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// The name of the row.
    pub name: Box<str>,
    /// What it does to a value.
    pub function: &'static str,
    /// The file and line where it stands.
    pub file: Box<str>,
    /// The line, from 1.
    pub line: usize,
    /// Who says so.
    pub source: Box<str>,
    /// A word for people; may be empty.
    pub note: Box<str>,
    /// What the row repairs, if it repairs something.
    pub repaired: Option<Box<str>>,
    /// Why a translation is refused that comes to the row.
    pub refusal: Option<Box<str>>,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Operation {
    /// A row.
    Row(Row),
    /// A scope; its operations are the next `length` ones.
    Scope(Scope),
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name.
    pub rule: RuleId,
    /// What must hold.
    pub when: Run,
    /// The places to look in, the first that holds something counts.
    pub from: Run,
    /// What is done with the value.
    pub function: Function,
    /// Where it goes.
    pub to: Target,
    /// What is written if there is nothing.
    pub default: Option<Fallback>,
    /// Whether the translation is refused if there is nothing.
    pub required: bool,
    /// Whether the value stands for another one that the message does not say.
    pub stands_in: bool,
    /// Whether a carried value may take the place of what the row writes.
    pub yields: bool,
}

/// What is written where the source has nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fallback {
    /// This.
    Text(TextId),
    /// What the gateway knows.
    Variable(Variable),
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target {
    /// It is written here.
    Leaf(Leaf),
    /// These of the program's leaves are written, whatever the source says.
    Constants(Run),
    /// Nothing: the row only accounts for it.
    Nothing,
    /// Nothing: it is lost.
    Lost(Why),
    /// Nothing at all: the translation is refused.
    Refused,
}

/// A scope.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The name of its row.
    pub rule: RuleId,
    /// What must hold.
    pub when: Run,
    /// What it goes through; once where it stands if absent.
    pub each: Option<u32>,
    /// What must hold of each thing.
    pub filter: Run,
    /// What it makes.
    pub to: Option<ScopeTarget>,
    /// The places whose values say which target is meant.
    pub per: Run,
    /// The scopes inside of which one must make something: else what this one made is taken back. None if empty.
    pub needs: Run,
    /// Whether each time makes a new target.
    pub fresh: bool,
    /// How many operations belong to it.
    pub length: u32,
}

/// Why something did not arrive as it was.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Why {
    /// The other side has no place for it.
    NoTarget,
    /// The version that the partner speaks has no place for it.
    Version,
    /// The place on the other side holds only a part of it.
    Narrowed,
    /// It was wrong and was understood all the same.
    Repaired,
    /// The other side must have a value and there was none.
    Defaulted,
}

impl Why {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoTarget => "no-target",
            Self::Version => "version",
            Self::Narrowed => "narrowed",
            Self::Repaired => "repaired",
            Self::Defaulted => "defaulted",
        }
    }
}

/// A place of the source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// In X12.
    X12(X12Place),
    /// In FHIR.
    Fhir(FhirPlace),
    /// What the gateway knows.
    Variable(Variable),
}

/// A place in X12.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct X12Place {
    /// Where to start.
    pub climb: Climb,
    /// The loops to go down.
    pub loops: Run,
    /// The segment; absent for a loop.
    pub segment: Option<SegmentId>,
    /// The element, from one; zero for the whole segment, [`Self::EACH`] for one after the other.
    pub element: u8,
    /// The component, from one; zero for the whole element.
    pub component: u8,
    /// What the segment must hold.
    pub tests: Run,
}

impl X12Place {
    /// The number that stands for each element of a segment, one after the other; inside a scope that stands at an
    /// element, for that one.
    pub const EACH: u8 = u8::MAX;
}

/// Where a way through X12 starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Climb {
    /// At the loop of the scope.
    Here,
    /// At the segment of the scope.
    Segment,
    /// At the nearest enclosing loop of this name.
    To(LoopName),
}

/// A test of a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Test {
    /// The element, from one.
    pub element: u8,
    /// The component, from one; zero for the whole element.
    pub component: u8,
    /// Whether none of the values may stand there.
    pub negated: bool,
    /// The values.
    pub any_of: Run,
}

/// A place in FHIR.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FhirPlace {
    /// Where to start.
    pub from: Start,
    /// The steps down.
    pub steps: Run,
}

/// Where a way through FHIR starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start {
    /// At the thing that a scope is at; zero means the innermost one.
    Scope(u8),
    /// At each resource of the source that is of this type.
    Documents(TextId),
}

/// One step down in FHIR.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FhirStep {
    /// To a member.
    Member(TextId),
    /// To the items of a list that look like this.
    Slice(SliceId),
    /// To one item of a list, from zero.
    Index(u16),
}

/// What must hold for a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Condition {
    /// What stands before it, or what stands behind it.
    Or,
    /// The place holds something, or nothing.
    Present {
        /// The place.
        place: u32,
        /// Whether nothing may be there.
        negated: bool,
    },
    /// The place holds one of these values, or none of them.
    Equals {
        /// The place.
        place: u32,
        /// Whether none may be there.
        negated: bool,
        /// The values.
        any_of: Run,
    },
    /// Both places hold the same, or not.
    Same {
        /// One.
        left: u32,
        /// The other.
        right: u32,
        /// Whether they must differ.
        negated: bool,
    },
}

/// How an item of a list is told from its neighbours.
#[derive(Clone, Debug)]
pub struct Slice {
    /// What paths call it, with the list it is in: `Task.input:PayerUrl`.
    pub name: Box<str>,
    /// The rule that stands for what it writes.
    pub rule: RuleId,
    /// The members to go down to what tells it; lists on the way are searched.
    pub by: Run,
    /// Its forms, by version.
    pub forms: Vec<Form>,
    /// What is written with it beyond the form.
    pub also: Run,
}

/// How a slice looks in some versions.
#[derive(Clone, Debug)]
pub struct Form {
    /// The versions that write it so.
    pub versions: Versions,
    /// Members and what they hold.
    pub is: Vec<(TextId, TextId)>,
    /// What it holds, with where.
    pub constants: Run,
    /// What it is made of, with what is written beyond the form.
    pub mould: MouldId,
}

/// Some versions of CDex.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Versions(u8);

impl Versions {
    /// Every version.
    pub const ALL: Self = Self(u8::MAX);

    /// The versions that a text lists with `|` between them.
    pub fn parse(text: &str) -> Option<Self> {
        text.split('|').try_fold(Self(0), |sum, version| {
            let at = VERSIONS.iter().position(|known| *known == version.trim())?;
            Some(Self(sum.0 | 1 << at))
        })
    }

    /// Whether all of `other` are among these.
    pub const fn hold(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The versions of CDex that differ on the wire.
pub const VERSIONS: [&str; 5] = ["1.0", "1.1", "2.0", "2.1", "3.0"];
