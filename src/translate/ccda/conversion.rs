//! One conversion on its way: what is written, what was found odd, and who refers to whom.

use std::borrow::Cow;
use std::collections::HashMap;

use super::identity::Uuid;
use super::json::Slot;
use super::json::Writer;
use super::lineage::Trail;
use super::note::Kind;
use super::note::Noted;
use super::options::Options;
use super::provenance::Group;
use super::rules::EntryId;
use super::rules::Rules;
use super::rules::Surroundings;
use super::types::stamp::Stamp;
use crate::ccda::Node;
use crate::ccda::NodeId;
use crate::ccda::Tree;
use crate::ccda::n;

/// The most notes that are kept: a document made of faults must not fill the memory.
const NOTES: usize = 10_000;

/// Which resource of the output: its place in [`Conversion::resources`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct ResourceId(pub(super) usize);

/// One resource of the output.
pub(super) struct Resource<'t> {
    pub(super) kind: &'t str,
    pub(super) uuid: Uuid,
    /// The source; the whole document for what comes of no single element.
    pub(super) node: Node<'t>,
    /// The kind of entry, for those that rules make.
    pub(super) entry: Option<EntryId>,
    /// Where the writer has it; empty until it is written.
    pub(super) span: (usize, usize),
}

/// How far a statement of the source came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Fate {
    /// Nothing was made of it yet.
    #[default]
    Unseen,
    /// It has a resource of its own, or holds what the patient is told to be.
    Told,
    /// A statement around it or in it is to tell it; whether one did is known by what was read of it.
    Part,
    /// It says itself that it says nothing.
    Void,
}

/// An offset that is looked for once, when it is first needed.
#[derive(Clone, Copy, Debug)]
enum Lazy {
    NotLooked,
    Known(Option<i16>),
}

/// One conversion on its way.
pub(super) struct Conversion<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) rules: &'t Rules,
    pub(super) options: Options,
    pub(super) w: Writer,
    pub(super) resources: Vec<Resource<'t>>,
    /// For each node, one more than the resource it became.
    by_node: Vec<u32>,
    pub(super) by_uuid: HashMap<Uuid, ResourceId>,
    pub(super) notes: Vec<Noted>,
    pub(super) fates: Vec<Fate>,
    /// For each node, whether something was written of it.
    read: Vec<bool>,
    pub(super) namespace: Uuid,
    texts: Option<HashMap<&'t str, NodeId>>,
    pub(super) ids: Option<HashMap<(&'t str, &'t str), Vec<NodeId>>>,
    /// The references that health concerns hold, by the ids they refer to.
    pub(super) concerns: Option<HashMap<(&'t str, &'t str), Vec<NodeId>>>,
    pub(super) people: Option<HashMap<(&'t str, &'t str), NodeId>>,
    /// The statement that is being written.
    pub(super) statement: Node<'t>,
    statement_offset: Lazy,
    document_offset: Lazy,
    /// The kind of section that the statement is in.
    pub(super) section: &'t str,
    /// Participants that are referred to and not yet written.
    pub(super) waiting: Vec<ResourceId>,
    pub(super) groups: Vec<Group<'t>>,
    pub(super) patient: Option<ResourceId>,
    pub(super) encounter: Option<ResourceId>,
    /// Extensions of the patient that the social history says.
    pub(super) patient_extensions: Vec<Node<'t>>,
    /// Space for paths to collect nodes in.
    pub(super) spare: Vec<Vec<Node<'t>>>,
}

impl<'t> Conversion<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, rules: &'t Rules, options: Options) -> Self {
        let root = tree.root();
        let mut w = Writer::default();
        w.out.reserve(tree.octets() * 2);
        if options.lineage {
            w.trail = Some(Box::new(Trail::default()));
        }
        Self {
            tree,
            rules,
            options,
            w,
            resources: Vec::with_capacity(128),
            by_node: vec![0; tree.node_count()],
            by_uuid: HashMap::with_capacity(128),
            notes: Vec::new(),
            fates: vec![Fate::Unseen; tree.node_count()],
            read: vec![false; tree.node_count()],
            namespace: document_namespace(root),
            texts: None,
            ids: None,
            people: None,
            concerns: None,
            statement: root,
            statement_offset: Lazy::NotLooked,
            document_offset: Lazy::NotLooked,
            section: "",
            waiting: Vec::new(),
            groups: Vec::new(),
            patient: None,
            encounter: None,
            patient_extensions: Vec::new(),
            spare: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, kind: Kind, node: Node<'t>) {
        if self.notes.len() < NOTES {
            self.notes.push(Noted {
                kind,
                node: node.id(),
            });
        }
    }

    pub(super) fn surroundings(&self) -> Surroundings<'t> {
        Surroundings {
            section: self.section,
            us_core: self.options.us_core.as_str(),
        }
    }

    /// The resource that `node` became.
    pub(super) fn resource_of(&self, node: Node<'t>) -> Option<ResourceId> {
        let number = *self.by_node.get(node.id().index())?;
        (number > 0).then(|| ResourceId(number as usize - 1))
    }

    /// Notes that `node` became `id`.
    pub(super) fn assign(&mut self, node: Node<'t>, id: ResourceId) {
        if let Some(number) = self.by_node.get_mut(node.id().index()) {
            *number = u32::try_from(id.0 + 1).unwrap_or(u32::MAX);
        }
    }

    pub(super) fn settle(&mut self, node: Node<'t>, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(node.id().index()) {
            *slot = fate;
        }
    }

    pub(super) fn resource(&self, id: ResourceId) -> &Resource<'t> {
        self.resources
            .get(id.0)
            .expect("a ResourceId is made only for a resource that is there")
    }

    /// Notes that something was written of `node`.
    pub(super) fn credit_source(&mut self, node: Node<'t>) {
        if let Some(read) = self.read.get_mut(node.id().index()) {
            *read = true;
        }
    }

    /// Notes that all of `node` was written before, of the same statement elsewhere.
    pub(super) fn credit_all(&mut self, node: Node<'t>) {
        if let Some(within) = self.read.get_mut(node.id().index()..node.end()) {
            within.fill(true);
        }
    }

    /// Whether something was written of `node` or of what is in it.
    pub(super) fn was_read(&self, node: Node<'t>) -> bool {
        let within = self.read.get(node.id().index()..node.end());
        within.is_some_and(|within| within.contains(&true))
    }

    /// A place in the output for a resource with the id `uuid`, or the one that has it already.
    pub(super) fn reserve(&mut self, kind: &'t str, uuid: Uuid, node: Node<'t>) -> (ResourceId, bool) {
        if let Some(id) = self.by_uuid.get(&uuid) {
            return (*id, false);
        }
        let id = ResourceId(self.resources.len());
        self.by_uuid.insert(uuid, id);
        self.resources.push(Resource {
            kind,
            uuid,
            node,
            entry: None,
            span: (0, 0),
        });
        (id, true)
    }

    /// Writes the resource `id`: its frame here, its elements by `content`.
    pub(super) fn write(&mut self, id: ResourceId, profile: &str, content: impl FnOnce(&mut Self)) {
        let resource = self.resource(id);
        let (kind, letters) = (resource.kind, resource.uuid.letters());
        let source = resource.node.id();
        if let Some(trail) = &mut self.w.trail {
            trail.begin(id.0, kind);
            trail.source = Some(source);
        }
        self.w.out.push('\n');
        let start = self.w.out.len();
        self.w.out.push_str("{\"fullUrl\":\"urn:uuid:");
        self.w.out.push_str(letters.as_str());
        self.w.out.push_str("\",\"resource\":{\"resourceType\":\"");
        self.w.out.push_str(kind);
        self.w.out.push_str("\",\"id\":\"");
        self.w.out.push_str(letters.as_str());
        self.w.out.push('"');
        if !profile.is_empty() {
            self.w.out.push_str(
                ",\"meta\":{\"profile\":[\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-",
            );
            self.w.out.push_str(profile);
            self.w.out.push_str("\"]}");
        }
        content(self);
        self.w.out.push_str("}}");
        let end = self.w.out.len();
        if let Some(resource) = self.resources.get_mut(id.0) {
            resource.span = (start, end);
        }
    }

    /// Does `work` of which `node` is the source.
    pub(super) fn of<R>(&mut self, node: Node<'t>, work: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.w.trail.as_mut().map(|trail| trail.source.replace(node.id()));
        let done = work(self);
        if let (Some(trail), Some(before)) = (&mut self.w.trail, before) {
            trail.source = before;
        }
        done
    }

    /// Which entry of the Bundle each resource became.
    pub(super) fn places(&self) -> Vec<Option<usize>> {
        let mut entries = 0..;
        let place = |resource: &Resource<'t>| (resource.span.1 > 0).then(|| entries.next()).flatten();
        self.resources.iter().map(place).collect()
    }

    /// Writes a reference to `id`.
    pub(super) fn refer(&mut self, slot: Slot<'_>, id: ResourceId) -> bool {
        let letters = self.resource(id).uuid.letters();
        let object = self.w.open(slot.typed("Reference"));
        self.w.pieces("reference", &["urn:uuid:", letters.as_str()]);
        self.w.close(object)
    }

    /// Writes a reference to the patient.
    pub(super) fn refer_to_patient(&mut self, slot: Slot<'_>) -> bool {
        self.patient.is_some_and(|patient| self.refer(slot, patient))
    }

    /// Begins the statement `node`, whose own times give the offset of those without.
    pub(super) fn begin_statement(&mut self, node: Node<'t>) {
        self.statement = node;
        self.statement_offset = Lazy::NotLooked;
    }

    /// The offset that a time without one most likely has.
    pub(super) fn offset_around(&mut self, _node: Node<'t>) -> Option<i16> {
        let statement = self.statement;
        let own = match self.statement_offset {
            Lazy::Known(known) => known,
            Lazy::NotLooked => {
                let found = statement.parent().and_then(|_| offset_within(statement));
                self.statement_offset = Lazy::Known(found);
                found
            }
        };
        own.or_else(|| self.document_offset())
    }

    /// The offset of the document's own time, else the one of the options.
    pub(super) fn document_offset(&mut self) -> Option<i16> {
        if let Lazy::Known(known) = self.document_offset {
            return known;
        }
        let found = self
            .tree
            .root()
            .child(n::EFFECTIVE_TIME)
            .and_then(offset_of)
            .or(self.options.default_offset);
        self.document_offset = Lazy::Known(found);
        found
    }

    /// The element of the narrative that `reference` names: as it stands, without `#`, in other letters.
    pub(super) fn narrative_node(&mut self, reference: &str) -> Option<Node<'t>> {
        let tree = self.tree;
        let texts = self.texts.get_or_insert_with(|| index_texts(tree));
        let id = reference.strip_prefix('#').unwrap_or(reference);
        let found = texts.get(id).or_else(|| texts.get(id.trim())).copied();
        let found = found.or_else(|| {
            let same = |(other, node): (&&str, &NodeId)| other.eq_ignore_ascii_case(id).then_some(*node);
            // The first in document order, whatever the order of the table.
            texts.iter().filter_map(same).min()
        });
        found.map(|id| tree.node(id))
    }

    /// The text in `node`, or the narrative that it refers to.
    pub(super) fn text_of(&mut self, node: Node<'t>) -> Option<Cow<'t, str>> {
        if let Some(reference) = node
            .child(n::REFERENCE)
            .and_then(|found| found.attribute(n::VALUE))
        {
            if let Some(target) = self.narrative_node(reference) {
                let text = super::narrative::plain(target);
                if !text.is_empty() {
                    return Some(text);
                }
            } else if reference.starts_with('#') {
                self.note(super::note::DANGLING_TEXT, node);
            }
        }
        let text = super::narrative::plain(node);
        (!text.is_empty()).then_some(text)
    }
}

/// All elements with an `ID`, the first of those with the same.
fn index_texts<'t>(tree: &'t Tree<'t>) -> HashMap<&'t str, NodeId> {
    let mut texts = HashMap::new();
    for node in tree.root().descendants() {
        if let Some(id) = node.attribute(n::TEXT_ID) {
            texts.entry(id).or_insert(node.id());
        }
    }
    texts
}

fn offset_of(time: Node<'_>) -> Option<i16> {
    let (stamp, _) = Stamp::parse(time.attribute(n::VALUE)?)?;
    stamp.offset
}

/// The first offset among the times of a statement.
fn offset_within(statement: Node<'_>) -> Option<i16> {
    statement
        .descendants()
        .filter(|node| {
            matches!(
                node.name(),
                n::EFFECTIVE_TIME | n::LOW | n::HIGH | n::TIME | n::CENTER
            )
        })
        .find_map(offset_of)
}

/// The namespace of the ids in this document: by its id, else by what it says of itself.
fn document_namespace(root: Node<'_>) -> Uuid {
    let mut name = String::new();
    let id = root.child(n::ID);
    let parts = [n::ROOT, n::EXTENSION].map(|part| id.and_then(|id| id.attribute(part)));
    if parts.iter().any(Option::is_some) {
        for part in parts {
            name.push_str(part.unwrap_or_default());
            name.push('|');
        }
        name.make_ascii_lowercase();
    } else {
        let header = root.children().take_while(|child| child.name() != n::COMPONENT);
        for node in header.flat_map(|child| std::iter::once(child).chain(child.descendants())) {
            for value in [n::ROOT, n::EXTENSION, n::VALUE, n::CODE].map(|part| node.attribute(part)) {
                name.push_str(value.unwrap_or_default());
            }
            name.push_str(node.own_text());
            name.push('|');
        }
    }
    Uuid::of_document(name.as_bytes())
}
