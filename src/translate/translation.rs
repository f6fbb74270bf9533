//! What a translation gives: the target, where each of its leaves came from, and what was lost.

use std::borrow::Cow;
use std::fmt::Write;

use super::books::About;
use super::books::Cell;
use super::books::Consulted;
use super::books::Loss;
use super::compose::Composed;
use super::compose::compose;
use super::context::Context;
use super::draft::Content;
use super::draft::Draft;
use super::draft::Key;
use super::draft::NodeId;
use super::draft::Origin;
use super::engine::Engine;
use super::fhir_source::FhirSource;
use super::resource::Resources;
use super::tree::Tree;
use super::unwrap::Layer;
use super::x12_tree::X12Source;
use crate::base::place::Place;
use crate::mapping::Program;
use crate::mapping::Why;
use crate::mapping::program::Rule;
use crate::mapping::program::RuleId;
use crate::mapping::program::Side;
use crate::x12::ElementIndex;
use crate::x12::Transaction;

/// Whether a translation keeps books.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lineage {
    /// Every cell of the source is accounted for.
    #[default]
    Kept,
    /// Only the target is made, the same as with books; lineage and loss report stay empty.
    ///
    /// A mapping that puts into the target what no row took needs accounts all the same.
    Skipped,
}

/// A message in the other format, and the account of how it came to be.
#[derive(Debug)]
pub struct Translation<'r> {
    pub(super) program: &'r Program,
    pub(super) draft: Draft,
    source: Original<'r>,
    composed: Vec<Composed>,
    consulted: Vec<Consulted>,
    losses: Vec<Loss>,
    missing: Vec<RuleId>,
    traces: Vec<Vec<Layer>>,
    fired: Vec<bool>,
}

/// What was translated.
#[derive(Clone, Copy, Debug)]
enum Original<'r> {
    X12(&'r Transaction),
    Fhir(&'r Resources<'r>),
}

/// One line of a lineage.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineageEntry<'r> {
    /// The leaf of the target; nowhere for what only shaped it.
    pub target: Place,
    /// Where the value came from.
    pub source: EntrySource,
    /// The row that did it.
    pub rule: &'r Rule,
}

/// Where a value of the target came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EntrySource {
    /// This place of the source.
    Place(Place),
    /// What the gateway knew, by the name of the variable.
    Context(&'static str),
    /// The mapping itself.
    Mapping,
}

/// One line of a loss report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LossEntry<'r> {
    /// What was lost, or the leaf of the target that had to be filled.
    pub place: LossPlace,
    /// Why.
    pub why: Why,
    /// The row that said so, if one did.
    pub rule: Option<&'r Rule>,
}

/// What a line of a loss report is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LossPlace {
    /// A place of the source.
    Source(Place),
    /// A leaf of the target.
    Target(Place),
}

/// A leaf of the target; its place is put into words only when somebody asks.
#[derive(Clone, Copy, Debug)]
enum Leaf<'t> {
    Element(&'t Transaction, ElementIndex, u32),
    Path(&'t str),
}

impl Leaf<'_> {
    fn place(self) -> Place {
        match self {
            Self::Element(transaction, element, component) => {
                transaction.element_place(element, component).into()
            }
            Self::Path(path) => Place::Fhir {
                expression: path.into(),
            },
        }
    }
}

/// Translates a transaction.
pub fn from_x12<'r>(
    program: &'r Program,
    source: &'r Transaction,
    context: &Context,
    lineage: Lineage,
) -> Translation<'r> {
    let context = match context.named("guide") {
        Some(_) => Cow::Borrowed(context),
        None => Cow::Owned(context.clone().with("guide", source.guide())),
    };
    let tree = X12Source::new(source, &context);
    let traces = tree.traces();
    let translation = run(program, &tree, Original::X12(source), &context, lineage);
    Translation {
        traces,
        ..translation
    }
}

/// Translates resources.
pub fn from_fhir<'r>(
    program: &'r Program,
    source: &'r Resources<'r>,
    context: &Context,
    lineage: Lineage,
) -> Translation<'r> {
    let usual = match &program.to {
        Side::X12(frame) => frame.guides.first().copied(),
        Side::Fhir(_) => None,
    };
    let context = match (context.named("guide"), usual) {
        (None, Some(guide)) => Cow::Owned(context.clone().with("guide", guide)),
        (Some(_), _) | (None, None) => Cow::Borrowed(context),
    };
    let tree = FhirSource::new(program, source);
    run(program, &tree, Original::Fhir(source), &context, lineage)
}

fn run<'r, T: Tree>(
    program: &'r Program,
    tree: &T,
    source: Original<'r>,
    context: &Context,
    lineage: Lineage,
) -> Translation<'r> {
    let mut engine = Engine::new(program, tree, context, lineage);
    engine.run();
    let mut draft = engine.draft;
    let composed = match &program.to {
        Side::X12(frame) => compose(&mut draft, program, frame),
        Side::Fhir(_) => Vec::new(),
    };
    Translation {
        program,
        draft,
        source,
        composed,
        consulted: engine.books.consulted,
        losses: engine.books.losses,
        missing: engine.missing,
        traces: Vec::new(),
        fired: engine.fired,
    }
}

impl<'r> Translation<'r> {
    /// The mapping that was used.
    pub const fn program(&self) -> &'r Program {
        self.program
    }

    /// How many messages came out.
    pub fn len(&self) -> usize {
        self.draft.documents.len()
    }

    /// Whether nothing came out.
    pub fn is_empty(&self) -> bool {
        self.draft.documents.is_empty()
    }

    /// Each message as JSON text.
    pub fn documents(&self) -> impl Iterator<Item = String> + '_ {
        self.draft.documents.iter().map(|document| {
            let mut out = Vec::with_capacity(self.draft.size() / self.len().max(1));
            self.draft.json(self.program, *document, &mut out);
            String::from_utf8(out).expect("a draft holds only text that was checked to be UTF-8")
        })
    }

    /// Appends every message as JSON text, one a line.
    pub fn write_documents(&self, out: &mut Vec<u8>) {
        out.reserve(self.draft.size());
        for document in &self.draft.documents {
            self.draft.json(self.program, *document, out);
            out.push(b'\n');
        }
    }

    /// The transactions that came out, without envelopes.
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.composed.iter().map(|composed| &composed.transaction)
    }

    /// The rows that had to write something and found nothing: with any of these the translation is refused.
    pub fn missing(&self) -> impl Iterator<Item = &'r Rule> + '_ {
        self.missing.iter().map(|rule| self.program.rule(*rule))
    }

    /// Where every leaf of the target came from, and what shaped it.
    pub fn lineage(&self) -> Vec<LineageEntry<'r>> {
        let mut entries = Vec::new();
        let draft = self.draft.whole(self.program);
        self.each_leaf(&draft, &mut |leaf, node| {
            let node = draft.node(node);
            entries.push(LineageEntry {
                target: leaf.place(),
                source: match node.origin {
                    Origin::Source(cell) => EntrySource::Place(self.place(cell)),
                    Origin::Variable(variable) => EntrySource::Context(variable.name()),
                    Origin::Mapping | Origin::Shape => EntrySource::Mapping,
                },
                rule: self.program.rule(node.rule),
            });
        });
        for consulted in &self.consulted {
            entries.push(LineageEntry {
                target: Place::Nowhere,
                source: EntrySource::Place(self.place(consulted.cell)),
                rule: self.program.rule(consulted.rule),
            });
        }
        entries
    }

    /// Every leaf of the target with its value.
    pub(super) fn leaves(&self) -> Vec<(Place, String)> {
        let mut found = Vec::new();
        let draft = self.draft.whole(self.program);
        self.each_leaf(&draft, &mut |leaf, node| {
            let text = match draft.node(node).content {
                Content::Text(span) | Content::Bare(span) | Content::Raw(span) => draft.said(span),
                Content::Known(text) | Content::KnownBare(text) => self.program.text(text).as_bytes(),
                _ => &[],
            };
            found.push((leaf.place(), String::from_utf8_lossy(text).into_owned()));
        });
        found
    }

    /// What did not arrive as it was.
    pub fn losses(&self) -> Vec<LossEntry<'r>> {
        let mut places: Vec<(NodeId, Place)> = Vec::new();
        let filled = |about: &Loss| match about.about {
            About::Target(node) => Some(node),
            About::Source(_) => None,
        };
        let targets: Vec<NodeId> = self.losses.iter().filter_map(filled).collect();
        if !targets.is_empty() {
            self.each_leaf(&self.draft.whole(self.program), &mut |leaf, node| {
                if targets.contains(&node) {
                    places.push((node, leaf.place()));
                }
            });
        }
        let entry = |loss: &Loss| LossEntry {
            place: match loss.about {
                About::Source(cell) => LossPlace::Source(self.place(cell)),
                About::Target(node) => {
                    let place = places.iter().find(|(known, _)| *known == node);
                    LossPlace::Target(place.map(|(_, place)| place.clone()).unwrap_or_default())
                }
            },
            why: loss.why,
            rule: loss.rule.map(|rule| self.program.rule(rule)),
        };
        self.losses.iter().map(entry).collect()
    }

    /// What was undone around each attachment of the source, outermost first.
    pub fn unwrapped(&self) -> &[Vec<Layer>] {
        &self.traces
    }

    /// The rules of rows that did something.
    pub fn fired(&self) -> impl Iterator<Item = &'r Rule> + '_ {
        let rules = self.program.rules.iter().zip(&self.fired);
        rules.filter(|(_, fired)| **fired).map(|(rule, _)| rule)
    }

    /// How many lines the loss report has.
    pub fn loss_count(&self) -> usize {
        self.losses.len()
    }

    fn place(&self, cell: Cell) -> Place {
        match self.source {
            Original::X12(source) => source
                .element_place(ElementIndex::of(cell.index), u32::from(cell.component))
                .into(),
            Original::Fhir(source) => Place::Fhir {
                expression: source.path(cell.index).into(),
            },
        }
    }

    fn each_leaf(&self, draft: &Draft, see: &mut dyn FnMut(Leaf<'_>, NodeId)) {
        for composed in &self.composed {
            for (node, element, component) in &composed.leaves {
                see(Leaf::Element(&composed.transaction, *element, *component), *node);
            }
        }
        if !self.composed.is_empty() {
            return;
        }
        let many = draft.documents.len() > 1;
        for (number, document) in draft.documents.iter().enumerate() {
            let mut path = String::new();
            if let Key::Document(kind) = draft.node(*document).key {
                path.push_str(self.program.text(kind));
            } else {
                path.push_str(self.kind());
            }
            if many {
                let _ = write!(path, "({})", number + 1);
            }
            self.leaves_below(draft, *document, &mut path, see);
        }
    }

    fn kind(&self) -> &str {
        match &self.program.to {
            Side::Fhir(kind) => kind,
            Side::X12(frame) => frame.name,
        }
    }

    fn leaves_below(
        &self,
        draft: &Draft,
        node: NodeId,
        path: &mut String,
        see: &mut dyn FnMut(Leaf<'_>, NodeId),
    ) {
        let length = path.len();
        match draft.node(node).content {
            Content::List => {
                let mut index = 0;
                draft.each_item(node, &mut |item| {
                    // A String takes every text.
                    let _ = write!(path, "[{index}]");
                    index += 1;
                    self.leaves_below(draft, item, path, see);
                    path.truncate(length);
                });
            }
            Content::Object => {
                for child in draft.children(node) {
                    if let Key::Member(name) = draft.node(child).key {
                        path.push('.');
                        path.push_str(self.program.text(name));
                    }
                    self.leaves_below(draft, child, path, see);
                    path.truncate(length);
                }
            }
            Content::Loop(_) | Content::Segment(_) => {
                for child in draft.children(node) {
                    self.leaves_below(draft, child, path, see);
                }
            }
            Content::Text(_)
            | Content::Bare(_)
            | Content::Known(_)
            | Content::KnownBare(_)
            | Content::Raw(_)
            | Content::Count
            | Content::Octets(_) => see(Leaf::Path(path), node),
        }
    }
}
