//! What a partner asks beyond the guides: rules laid over the text of a guide before it is compiled.

use x12_parser::Guide;
use x12_parser::GuideSet;
use x12_parser::GuideSpec;
use x12_parser::LoopSpec;
use x12_parser::SegmentSpec;
use x12_parser::Written;

use super::Guides;
use super::carried;
use super::compile_dictionary;
use super::shape;
use super::source;
use super::words;

/// One thing that a partner asks beyond a guide.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompanionRule {
    /// The guide.
    pub guide: &'static str,
    /// The loop, if the segment is meant in one only.
    pub loop_id: Option<String>,
    /// The segment.
    pub segment: String,
    /// The first element of the segment, if only such segments are meant.
    pub qualifier: Option<String>,
    /// The element; the whole segment without it.
    pub element: Option<u8>,
    /// Whether it must be there or must not.
    pub usage: Option<RuleUsage>,
    /// The only values that are taken; empty for all.
    pub values: Vec<String>,
    /// The most characters.
    pub max_length: Option<u64>,
}

/// Whether a segment or element must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RuleUsage {
    /// It must.
    Required,
    /// It must not.
    NotUsed,
}

/// A rule that cannot be laid over its guide.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct Misfit {
    /// Which of the rules, from zero.
    pub rule: usize,
    /// Why not.
    pub why: String,
}

impl Guides {
    /// These guides, with the rules of a partner in those that the rules name.
    ///
    /// # Errors
    /// Names every rule that cannot be applied.
    pub fn with_companion(&self, rules: &[CompanionRule]) -> Result<Self, Vec<Misfit>> {
        let changed = compiled(rules)?;
        let is_changed = |guide: &&Guide| changed.iter().any(|own| own.id() == guide.id());
        let unchanged = self.set().guides().iter().filter(|guide| !is_changed(guide));
        Ok(Self {
            set: GuideSet::new(unchanged.cloned().chain(changed.iter().cloned())),
        })
    }
}

/// The guides that rules name, with the rules in them. The guides are those that the program carries.
///
/// # Errors
/// Names every rule that cannot be applied.
pub fn compiled(rules: &[CompanionRule]) -> Result<Vec<Guide>, Vec<Misfit>> {
    let sources = carried();
    let (dictionaries, guides): (Vec<_>, Vec<_>) = sources.iter().partition(|source| source.is_dictionary());
    let everything = |why: &str| {
        vec![Misfit {
            rule: 0,
            why: why.to_owned(),
        }]
    };
    let mut wrong = Vec::new();
    let dictionary =
        compile_dictionary(&dictionaries, &mut wrong).ok_or_else(|| everything("there is no dictionary"))?;
    let mut laid = Laid {
        found: vec![false; rules.len()],
        misfits: Vec::new(),
    };
    let mut changed = Vec::new();
    // Whatever goes by an id has it in its text, and reading all of them takes a while.
    let is_named = |file: &&&source::Source| rules.iter().any(|rule| file.text.contains(rule.guide));
    for file in guides.iter().filter(is_named) {
        let Some(spec) = source::parsed::<shape::GuideFile>(file, &mut wrong) else {
            return Err(everything("the guide cannot be read"));
        };
        let mut spec = spec.lower(file);
        if !laid.over(&mut spec, rules) {
            continue;
        }
        match Guide::compile(&spec, &dictionary) {
            Ok(guide) => changed.push(guide),
            Err(faults) => laid.misfits.extend(faults.iter().map(|fault| Misfit {
                rule: of_mark(fault.mark),
                why: fault.to_string(),
            })),
        }
    }
    let misfits = laid.misfits();
    if misfits.is_empty() {
        Ok(changed)
    } else {
        Err(misfits)
    }
}

/// What became of the rules.
struct Laid {
    /// Those that have a place in a guide.
    found: Vec<bool>,
    misfits: Vec<Misfit>,
}

impl Laid {
    /// Lays over a guide the rules that are for it; false if none is.
    fn over(&mut self, spec: &mut GuideSpec, rules: &[CompanionRule]) -> bool {
        let mut any = false;
        for (position, rule) in rules.iter().enumerate() {
            if !serves(spec, rule.guide) {
                continue;
            }
            any = true;
            match lay_over(spec, rule, position) {
                Ok(()) => self.found(position),
                Err(Unlaid::Nowhere) => {}
                Err(Unlaid::Because(why)) => {
                    self.found(position);
                    self.misfits.push(Misfit {
                        rule: position,
                        why: why.to_owned(),
                    });
                }
            }
        }
        any
    }

    fn found(&mut self, position: usize) {
        if let Some(found) = self.found.get_mut(position) {
            *found = true;
        }
    }

    /// A guide may be told in two files, such as request and response; a rule has its place in one of them at least.
    fn misfits(self) -> Vec<Misfit> {
        let mut misfits = self.misfits;
        let nowhere = self.found.iter().enumerate().filter(|(_, found)| !**found);
        misfits.extend(nowhere.map(|(rule, _)| Misfit {
            rule,
            why: "the guide has no such place".to_owned(),
        }));
        misfits.sort_by_key(|misfit| misfit.rule);
        misfits.dedup();
        misfits
    }
}

/// Whether a guide is the one of this id, or goes by it too.
fn serves(spec: &GuideSpec, id: &str) -> bool {
    let also = spec.also.as_ref().map_or("", |also| also.text.as_str());
    spec.id.text == id || also.split_whitespace().any(|other| other == id)
}

/// Why a rule is not laid over a guide.
enum Unlaid {
    /// The guide has no such segment there.
    Nowhere,
    /// For this reason.
    Because(&'static str),
}

/// A row of a guide, by the loop that it is in, if it is in one, and its number there.
type Spot = (Option<usize>, usize);

fn lay_over(spec: &mut GuideSpec, rule: &CompanionRule, position: usize) -> Result<(), Unlaid> {
    let spots = spots(spec, rule);
    if spots.is_empty() {
        return Err(Unlaid::Nowhere);
    }
    let wants_segment = rule.element.is_none() && rule.usage == Some(RuleUsage::Required);
    if wants_segment && spots.len() > 1 {
        return Err(Unlaid::Because(
            "it stands in several places; say in which `loop` it is required",
        ));
    }
    // From behind, so that a row that is put before another moves none that is still to come.
    for (within, number) in spots.into_iter().rev() {
        let number = own_row(spec, rule, within, number, position)?;
        match rule.element {
            None => whole(spec, rule, within, number, position),
            Some(element) => {
                if let Some(row) = row_mut(spec, within, number) {
                    of_element(row, element, rule, position)?;
                }
            }
        }
    }
    Ok(())
}

/// The rows that a rule means: those for its qualifier, if there are such, or else those for any; those in use, if there
/// are such, or else all.
fn spots(spec: &GuideSpec, rule: &CompanionRule) -> Vec<Spot> {
    let mut all: Vec<(Spot, &SegmentSpec, bool)> = Vec::new();
    let of_none = rule.loop_id.is_none();
    for (number, row) in spec.segments.iter().enumerate().filter(|_| of_none) {
        all.push(((None, number), row, is_used(&row.usage)));
    }
    for (place, told) in spec.loops.iter().enumerate() {
        if rule.loop_id.as_ref().is_some_and(|id| *id != told.id.text) {
            continue;
        }
        for (number, row) in told.segments.iter().enumerate() {
            let used = is_used(&told.usage) && is_used(&row.usage);
            all.push(((Some(place), number), row, used));
        }
    }
    all.retain(|(_, row, _)| words::segment(&row.used.text) == rule.segment);
    if let Some(qualifier) = &rule.qualifier {
        let is_own = |row: &SegmentSpec| words::qualifiers(&row.used.text).any(|own| own == qualifier);
        let is_open = |row: &SegmentSpec| words::qualifiers(&row.used.text).next().is_none();
        if all.iter().any(|(_, row, _)| is_own(row)) {
            all.retain(|(_, row, _)| is_own(row));
        } else {
            all.retain(|(_, row, _)| is_open(row));
        }
    }
    if all.iter().any(|(.., used)| *used) {
        all.retain(|(.., used)| *used);
    }
    all.into_iter().map(|(spot, ..)| spot).collect()
}

fn is_used(usage: &Written) -> bool {
    !usage.text.starts_with('N')
}

/// The number of the row for nothing but the rule's qualifier; it is put before the one that takes others too.
fn own_row(
    spec: &mut GuideSpec,
    rule: &CompanionRule,
    within: Option<usize>,
    number: usize,
    position: usize,
) -> Result<usize, Unlaid> {
    let (Some(qualifier), Some(row)) = (&rule.qualifier, row_mut(spec, within, number)) else {
        return Ok(number);
    };
    if words::qualifiers(&row.used.text).eq([qualifier.as_str()]) {
        return Ok(number);
    }
    if row.key.is_some() || (within.is_some() && number == 0) {
        return Err(Unlaid::Because(
            "the guide cannot tell such a segment from the others of its kind",
        ));
    }
    let mut own = row.clone();
    own.used = written(&words::with_qualifier(&row.used.text, qualifier), position);
    // What the codes of the first element were, the qualifier now says.
    own.elements.retain(|(place, _)| place.text != "01");
    own.usage = written("S", position);
    if words::qualifiers(&row.used.text).next().is_some() && row.usage.text.starts_with('R') {
        // One of several was required, and which of them the partner wants is said by its rules.
        row.usage = written("S", position);
        own.usage = written("R", position);
    }
    match within {
        None => spec.segments.insert(number, own),
        Some(place) => {
            if let Some(told) = spec.loops.get_mut(place) {
                told.segments.insert(number, own);
            }
        }
    }
    Ok(number)
}

/// Whether a whole segment must be there; the first of a loop stands for the loop.
fn whole(spec: &mut GuideSpec, rule: &CompanionRule, within: Option<usize>, number: usize, position: usize) {
    let usage = match rule.usage {
        Some(RuleUsage::Required) => "R[A]",
        Some(RuleUsage::NotUsed) => "N[A]",
        None => return,
    };
    let usage = written(usage, position);
    if number == 0
        && let Some(told) = within.and_then(|place| spec.loops.get_mut(place))
    {
        told.usage = usage;
    } else if let Some(row) = row_mut(spec, within, number) {
        row.usage = usage;
    }
}

fn of_element(
    row: &mut SegmentSpec,
    element: u8,
    rule: &CompanionRule,
    position: usize,
) -> Result<(), Unlaid> {
    if rule
        .values
        .iter()
        .any(|value| value.contains('\'') || value.is_empty())
    {
        return Err(Unlaid::Because("a value is not empty and has no apostrophe"));
    }
    let place = format!("{element:02}");
    let known = row.elements.iter_mut().find(|(number, _)| number.text == place);
    let before = known.as_ref().map_or("S", |(_, text)| text.text.as_str());
    let text = written(&words::element(before, rule), position);
    match known {
        Some((_, known)) => *known = text,
        None => row.elements.push((written(&place, position), text)),
    }
    Ok(())
}

fn row_mut(spec: &mut GuideSpec, within: Option<usize>, number: usize) -> Option<&mut SegmentSpec> {
    let rows = match within {
        None => &mut spec.segments,
        Some(place) => {
            let told: &mut LoopSpec = spec.loops.get_mut(place)?;
            &mut told.segments
        }
    };
    rows.get_mut(number)
}

/// A text of a rule; its mark says which rule it is of.
fn written(text: &str, position: usize) -> Written {
    Written::at(text, (position + 1).saturating_mul(PER_RULE))
}

fn of_mark(mark: usize) -> usize {
    (mark / PER_RULE).saturating_sub(1)
}

/// Marks that each rule has; longer than any text of a guide.
const PER_RULE: usize = 1 << 24;

#[cfg(test)]
mod tests;
