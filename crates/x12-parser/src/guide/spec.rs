//! A guide as it is written down, before it is checked.
//!
//! The meaning of each text is told in the README of the guides; here they are only carried. Whoever reads guides from
//! a file fills these types and gives each text its place in the file.

use crate::guide::written::Written;

/// A guide as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GuideSpec {
    /// What ST03 names, for instance `006020X314`.
    pub id: Written,
    /// Other ids that the guide serves, with blanks between them.
    pub also: Option<Written>,
    /// ST01.
    pub set: Written,
    /// GS01.
    pub group: Written,
    /// The version whose state of the dictionary counts, for instance `00602`.
    pub version: Written,
    /// What the transaction is for.
    pub name: String,
    /// Grade of all rules that have none of their own.
    pub grade: Option<Written>,
    /// Grade of "no other segment stands here".
    pub complete: Option<Written>,
    /// How the second segment of a transaction tells this guide from others with the same id.
    pub pick: Option<Written>,
    /// The rows that stand in no loop.
    pub segments: Vec<SegmentSpec>,
    /// The loops, in any order.
    pub loops: Vec<LoopSpec>,
    /// Lists of codes with a name.
    pub codes: Vec<CodesSpec>,
    /// Rules across segments.
    pub rules: Vec<RuleSpec>,
}

/// A list of codes with a name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CodesSpec {
    /// What `@name` calls it.
    pub name: Written,
    /// The codes, with blanks between them.
    pub codes: Written,
}

/// A loop as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LoopSpec {
    /// The id that answers name, for instance `2000A`.
    pub id: Written,
    /// What it is.
    pub name: String,
    /// The loops that may hold it, with blanks between them; none where the transaction itself does.
    pub within: Option<Written>,
    /// Its place among the segments and loops around it.
    pub at: u16,
    /// `R`, `S` or `N`, perhaps with a grade.
    pub usage: Written,
    /// How often, for instance `1` or `>1`.
    pub repeat: Option<Written>,
    /// Grade of its rules.
    pub grade: Option<Written>,
    /// Grade of "no other segment stands in this loop".
    pub complete: Option<Written>,
    /// Its rows; the first one opens the loop.
    pub segments: Vec<SegmentSpec>,
}

/// One use of a segment as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SegmentSpec {
    /// Its place in the loop; rows with the same number stand in any order.
    pub at: u16,
    /// The segment and the codes that tell this use from others, for instance `NM1*PR`.
    pub used: Written,
    /// What rules call it.
    pub key: Option<Written>,
    /// What it is, where the name in the dictionary does not say enough.
    pub name: Option<String>,
    /// `R`, `S` or `N`, perhaps with a grade.
    pub usage: Written,
    /// How often, for instance `1` or `>1`.
    pub repeat: Option<Written>,
    /// Grade of its rules.
    pub grade: Option<Written>,
    /// Numbers of elements or components, and their rules.
    pub elements: Vec<(Written, Written)>,
    /// The rule of all other elements.
    pub rest: Option<Written>,
    /// Syntax notes beyond those of the dictionary.
    pub notes: Option<Written>,
}

/// A rule across segments as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RuleSpec {
    /// What must be the case.
    pub when: Written,
    /// What then must be the case too.
    pub then: Written,
    /// Grade of the rule.
    pub grade: Option<Written>,
}

impl GuideSpec {
    /// A guide without any rows.
    #[must_use]
    pub fn new(set: &str, id: &str, version: &str) -> Self {
        Self {
            id: id.into(),
            set: set.into(),
            version: version.into(),
            ..Self::default()
        }
    }

    /// Adds a row that stands in no loop.
    #[must_use]
    pub fn segment(mut self, row: SegmentSpec) -> Self {
        self.segments.push(row);
        self
    }

    /// Adds a loop.
    #[must_use]
    pub fn with_loop(mut self, row: LoopSpec) -> Self {
        self.loops.push(row);
        self
    }

    /// Adds a rule across segments.
    #[must_use]
    pub fn rule(mut self, when: &str, then: &str) -> Self {
        self.rules.push(RuleSpec {
            when: when.into(),
            then: then.into(),
            grade: None,
        });
        self
    }

    /// Adds a list of codes with a name.
    #[must_use]
    pub fn codes(mut self, name: &str, codes: &str) -> Self {
        self.codes.push(CodesSpec {
            name: name.into(),
            codes: codes.into(),
        });
        self
    }
}

impl LoopSpec {
    /// A loop without rows, held by the transaction itself.
    #[must_use]
    pub fn new(at: u16, id: &str, usage: &str) -> Self {
        Self {
            id: id.into(),
            at,
            usage: usage.into(),
            ..Self::default()
        }
    }

    /// Says which loops may hold it.
    #[must_use]
    pub fn within(mut self, loops: &str) -> Self {
        self.within = Some(loops.into());
        self
    }

    /// Says how often it may stand.
    #[must_use]
    pub fn repeat(mut self, repeat: &str) -> Self {
        self.repeat = Some(repeat.into());
        self
    }

    /// Says how good the evidence for its rules is.
    #[must_use]
    pub fn grade(mut self, grade: &str) -> Self {
        self.grade = Some(grade.into());
        self
    }

    /// Says how good the evidence is that nothing else stands in it.
    #[must_use]
    pub fn complete(mut self, grade: &str) -> Self {
        self.complete = Some(grade.into());
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn segment(mut self, row: SegmentSpec) -> Self {
        self.segments.push(row);
        self
    }
}

impl SegmentSpec {
    /// A row that asks nothing of its elements beyond the dictionary.
    #[must_use]
    pub fn new(at: u16, used: &str, usage: &str) -> Self {
        Self {
            at,
            used: used.into(),
            usage: usage.into(),
            ..Self::default()
        }
    }

    /// Names it for rules.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Says how often it may stand.
    #[must_use]
    pub fn repeat(mut self, repeat: &str) -> Self {
        self.repeat = Some(repeat.into());
        self
    }

    /// Says how good the evidence for its rules is.
    #[must_use]
    pub fn grade(mut self, grade: &str) -> Self {
        self.grade = Some(grade.into());
        self
    }

    /// Adds the rule of an element, for instance `08` and `R (PI XV)`.
    #[must_use]
    pub fn element(mut self, number: &str, rule: &str) -> Self {
        self.elements.push((number.into(), rule.into()));
        self
    }

    /// Sets the rule of all elements that have none.
    #[must_use]
    pub fn rest(mut self, rule: &str) -> Self {
        self.rest = Some(rule.into());
        self
    }
}
