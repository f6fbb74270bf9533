//! From XML events to the arena, in one forward pass and without recursion.

mod text;

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use self::text::Pending;
use super::attributes::Attributes;
use super::attributes::Raw;
use super::limits::Limits;
use super::names::KNOWN_COUNT;
use super::names::Name;
use super::names::Space;
use super::names::known;
use super::names::n;
use super::refusal::Refusal;
use super::template::TemplateKey;
use super::tree::Attribute;
use super::tree::Cell;
use super::tree::NodeId;
use super::tree::REWRITTEN;
use super::tree::Span;
use super::tree::Tree;

/// A namespace prefix in scope.
struct Binding<'d> {
    prefix: &'d str,
    space: Space,
    /// How many elements were open when it was declared.
    depth: usize,
}

struct Builder<'d> {
    document: &'d str,
    limits: &'d Limits,
    rewritten: String,
    cells: Vec<Cell>,
    attributes: Vec<Attribute>,
    names: Vec<Span>,
    numbers: HashMap<&'d str, u16>,
    templates: Vec<(NodeId, TemplateKey)>,
    /// The elements that are open, outermost first.
    open: Vec<u32>,
    bindings: Vec<Binding<'d>>,
    /// What an element without prefix is of.
    default: Space,
    /// How many elements were open when narrative began, where white space counts.
    narrative: Option<usize>,
    pending: Option<Pending>,
    /// The attributes of the tag that is being read; kept for its space.
    raws: Vec<Raw<'d>>,
}

/// Builds the tree of `document`.
pub(super) fn build<'a>(document: Cow<'a, str>, limits: &Limits) -> Result<Tree<'a>, Refusal> {
    let mut builder = Builder::new(&document, limits);
    builder.run()?;
    let Builder {
        rewritten,
        cells,
        attributes,
        names,
        mut templates,
        ..
    } = builder;
    if !templates.is_sorted_by_key(|(element, _)| *element) {
        // Stable, so that the templateIds of one element keep their order.
        templates.sort_by_key(|(element, _)| *element);
    }
    Ok(Tree {
        document,
        rewritten,
        cells,
        attributes,
        names,
        templates,
        length: 0,
    })
}

/// A number that fits because the whole document is shorter than 4 GiB.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'d> Builder<'d> {
    fn new(document: &'d str, limits: &'d Limits) -> Self {
        // Measured on documents of many vendors: an element every 70 octets, two attributes each.
        let guess = (document.len() / 64).min(limits.nodes);
        Self {
            document,
            limits,
            rewritten: String::new(),
            cells: Vec::with_capacity(guess),
            attributes: Vec::with_capacity(guess),
            names: Vec::new(),
            numbers: HashMap::new(),
            templates: Vec::with_capacity(guess / 8),
            open: Vec::with_capacity(32),
            bindings: Vec::new(),
            default: Space::Hl7,
            narrative: None,
            pending: None,
            raws: Vec::with_capacity(16),
        }
    }

    fn run(&mut self) -> Result<(), Refusal> {
        let mut reader = Reader::from_str(self.document);
        loop {
            let before = reader.buffer_position();
            match reader.read_event() {
                Ok(event) => {
                    let after = reader.buffer_position();
                    if !self.take(&event, before, after)? {
                        return Ok(());
                    }
                }
                Err(fault) => return Err(self.explain(&fault, before)),
            }
        }
    }

    /// Takes one event; `false` at the end of the document.
    fn take(&mut self, event: &Event<'d>, before: u64, after: u64) -> Result<bool, Refusal> {
        let end = usize::try_from(after).unwrap_or(usize::MAX);
        match event {
            Event::Start(tag) => self.start(tag, end.saturating_sub(1 + tag.len()))?,
            Event::Empty(tag) => {
                self.start(tag, end.saturating_sub(2 + tag.len()))?;
                self.close();
            }
            Event::End(_) => {
                self.flush()?;
                self.close();
            }
            Event::Text(text) => {
                let text: &str = text;
                self.text(end.saturating_sub(text.len()), text.len())?;
            }
            Event::CData(text) => {
                let text: &str = text;
                self.text(end.saturating_sub(3 + text.len()), text.len())?;
            }
            Event::GeneralRef(reference) => {
                let letter = resolve(reference, before)?;
                self.letter(letter, before)?;
            }
            Event::DocType(_) => return Err(Refusal::DocumentType { offset: before }),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => {
                return if self.open.is_empty() && !self.cells.is_empty() {
                    Ok(false)
                } else {
                    Err(Refusal::Truncated)
                };
            }
        }
        Ok(true)
    }

    /// The refusal for what quick-xml could not read.
    fn explain(&self, fault: &Error, before: u64) -> Refusal {
        let at = usize::try_from(before).unwrap_or(usize::MAX);
        let rest = self.document.get(at..).unwrap_or_default();
        if rest.starts_with("<!DOCTYPE") {
            return Refusal::DocumentType { offset: before };
        }
        match fault {
            Error::Syntax(_) if !self.open.is_empty() => Refusal::Truncated,
            _ => Refusal::NotWellFormed { offset: before },
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), Refusal> {
        self.flush()?;
        let offset = at.saturating_sub(1) as u64;
        if self.open.is_empty() && !self.cells.is_empty() {
            return Err(Refusal::NotWellFormed { offset });
        }
        if self.open.len() >= self.limits.depth {
            let limit = self.limits.depth as u64;
            return Err(Refusal::TooDeep { limit, offset });
        }
        // The tag's text is taken from the document, which outlives the event.
        let content = self.document.get(at..at + tag.len()).unwrap_or_default();
        let length = tag.name().as_ref().len();
        let (qualified, rest) = content
            .split_at_checked(length)
            .ok_or(Refusal::NotWellFormed { offset })?;
        let id = NodeId(narrow(self.cells.len()));
        let first = self.attributes.len();
        self.cut(rest, offset)?;
        let name = self.element_name(qualified, at)?;
        self.keep_attributes(at + length)?;
        self.push(
            Cell {
                name,
                attributes: u16::try_from(self.attributes.len() - first).unwrap_or(u16::MAX),
                end: 0,
                parent: self.open.last().copied().unwrap_or(u32::MAX),
                offset: narrow(at.saturating_sub(1)),
                first: narrow(first),
                length: 0,
            },
            offset,
        )?;
        self.open.push(id.0);
        if name == n::TEXT && self.narrative.is_none() {
            self.narrative = Some(self.open.len());
        }
        if name == n::TEMPLATE_ID {
            self.index_template(first);
        }
        Ok(())
    }

    fn index_template(&mut self, first: usize) {
        let own = self.attributes.get(first..).unwrap_or_default();
        let root = own.iter().find(|attribute| attribute.name == n::ROOT);
        let parent = self.open.len().checked_sub(2).and_then(|at| self.open.get(at));
        if let (Some(root), Some(parent)) = (root, parent) {
            let key = TemplateKey::new(self.resolve(root.value));
            self.templates.push((NodeId(*parent), key));
        }
    }

    fn resolve(&self, span: Span) -> &str {
        let start = span.start as usize;
        let length = (span.length & !REWRITTEN) as usize;
        let text = if span.length & REWRITTEN == 0 {
            self.document
        } else {
            &self.rewritten
        };
        text.get(start..start + length).unwrap_or_default()
    }

    fn push(&mut self, cell: Cell, offset: u64) -> Result<(), Refusal> {
        if self.cells.len() >= self.limits.nodes {
            let limit = self.limits.nodes as u64;
            return Err(Refusal::TooManyNodes { limit, offset });
        }
        self.cells.push(cell);
        Ok(())
    }

    fn close(&mut self) {
        let Some(id) = self.open.pop() else { return };
        let end = narrow(self.cells.len());
        if let Some(cell) = self.cells.get_mut(id as usize) {
            cell.end = end;
        }
        let depth = self.open.len();
        if self.narrative.is_some_and(|narrative| narrative > depth) {
            self.narrative = None;
        }
        if self.bindings.last().is_some_and(|binding| binding.depth > depth) {
            self.bindings.retain(|binding| binding.depth <= depth);
            self.default = self.space_of("").unwrap_or(Space::Hl7);
        }
    }

    /// Cuts the attributes of the element about to open, and takes the namespace declarations among them.
    fn cut(&mut self, rest: &'d str, offset: u64) -> Result<(), Refusal> {
        self.raws.clear();
        for raw in Attributes::new(rest) {
            let raw = raw.map_err(|_| Refusal::NotWellFormed { offset })?;
            if self.raws.len() >= self.limits.attributes {
                let limit = self.limits.attributes as u64;
                return Err(Refusal::TooManyAttributes { limit, offset });
            }
            if let Some(prefix) = declared_prefix(raw.name) {
                self.declare(prefix, raw.value, offset)?;
            }
            self.raws.push(raw);
        }
        Ok(())
    }

    fn declare(&mut self, prefix: &'d str, uri: &str, offset: u64) -> Result<(), Refusal> {
        let limit = 4 * self.limits.attributes;
        if self.bindings.len() >= limit {
            let limit = limit as u64;
            return Err(Refusal::TooManyAttributes { limit, offset });
        }
        let space = match uri.trim() {
            "urn:hl7-org:v3" => Space::Hl7,
            "urn:hl7-org:sdtc" => Space::Sdtc,
            "http://www.w3.org/2001/XMLSchema-instance" => Space::Xsi,
            _ => Space::Other,
        };
        let depth = self.open.len() + 1;
        self.bindings.push(Binding { prefix, space, depth });
        if prefix.is_empty() {
            self.default = space;
        }
        Ok(())
    }

    fn space_of(&self, prefix: &str) -> Option<Space> {
        let found = self
            .bindings
            .iter()
            .rev()
            .find(|binding| binding.prefix == prefix);
        found.map(|binding| binding.space)
    }

    /// Vendors use these prefixes without a declaration; what they mean is plain.
    fn space_of_undeclared(prefix: &str) -> Space {
        match prefix {
            "sdtc" => Space::Sdtc,
            "xsi" => Space::Xsi,
            _ => Space::Other,
        }
    }

    fn element_name(&mut self, qualified: &'d str, at: usize) -> Result<Name, Refusal> {
        let colon = qualified.bytes().position(|byte| byte == b':');
        self.name(qualified, colon, self.default, at)
    }

    /// The number of a name; without a prefix it is of `default`.
    fn name(
        &mut self,
        qualified: &'d str,
        colon: Option<usize>,
        default: Space,
        at: usize,
    ) -> Result<Name, Refusal> {
        let (space, local) = match colon.and_then(|colon| qualified.split_at_checked(colon)) {
            None => (default, qualified),
            Some((prefix, local)) => {
                let space = self.space_of(prefix);
                let space = space.unwrap_or_else(|| Self::space_of_undeclared(prefix));
                (space, local.get(1..).unwrap_or_default())
            }
        };
        match known(space, local) {
            Some(name) => Ok(name),
            None => self.number(qualified, at),
        }
    }

    /// A number for a name that CDA does not have.
    fn number(&mut self, qualified: &'d str, at: usize) -> Result<Name, Refusal> {
        if let Some(number) = self.numbers.get(qualified) {
            return Ok(Name(*number));
        }
        let limit = self.limits.names.min(usize::from(u16::MAX - KNOWN_COUNT));
        let next = match u16::try_from(self.names.len()) {
            Ok(next) if usize::from(next) < limit => KNOWN_COUNT + next,
            _ => return Err(Refusal::TooManyNames { limit: limit as u64 }),
        };
        let prefix = qualified.find(':').map_or(0, |colon| colon + 1);
        self.names.push(Span {
            start: narrow(at + prefix),
            length: narrow(qualified.len() - prefix),
        });
        self.numbers.insert(qualified, next);
        Ok(Name(next))
    }

    fn keep_attributes(&mut self, at: usize) -> Result<(), Refusal> {
        let offset = at as u64;
        let first = self.attributes.len();
        let raws = std::mem::take(&mut self.raws);
        for raw in &raws {
            if declared_prefix(raw.name).is_some() {
                continue;
            }
            let name = self.name(raw.name, raw.prefix, Space::Hl7, at + raw.at - raw.name.len())?;
            let own = self.attributes.get(first..).unwrap_or_default();
            if own.iter().any(|attribute| attribute.name == name) {
                return Err(Refusal::DuplicateAttribute { offset });
            }
            let value = self.value(raw, at)?;
            self.attributes.push(Attribute { name, value });
        }
        self.raws = raws;
        Ok(())
    }

    fn value(&mut self, raw: &Raw<'d>, at: usize) -> Result<Span, Refusal> {
        let offset = (at + raw.at) as u64;
        self.fits(raw.value.len(), offset)?;
        if raw.plain {
            return Ok(Span {
                start: narrow(at + raw.at),
                length: narrow(raw.value.len()),
            });
        }
        let start = self.rewritten.len();
        let mut rest = raw.value;
        while let Some(found) = rest.find(['&', '\r', '\n', '\t']) {
            let (before, from) = rest.split_at_checked(found).unwrap_or_default();
            self.rewritten.push_str(before);
            if let Some(after) = from.strip_prefix('&') {
                let (reference, after) = after.split_once(';').ok_or(Refusal::NotWellFormed { offset })?;
                self.rewritten.push(resolve(reference, offset)?);
                rest = after;
            } else {
                self.rewritten.push(' ');
                rest = from
                    .strip_prefix("\r\n")
                    .or_else(|| from.get(1..))
                    .unwrap_or_default();
            }
        }
        self.rewritten.push_str(rest);
        Ok(self.rewritten_since(start))
    }

    fn rewritten_since(&self, start: usize) -> Span {
        Span {
            start: narrow(start),
            length: narrow(self.rewritten.len() - start) | REWRITTEN,
        }
    }

    fn fits(&self, length: usize, offset: u64) -> Result<(), Refusal> {
        // A length has 31 bits, whatever the operator allows.
        let limit = self.limits.text.min((REWRITTEN - 1) as usize);
        if length > limit {
            let limit = limit as u64;
            return Err(Refusal::TextTooLong { limit, offset });
        }
        Ok(())
    }
}

/// The prefix that a namespace declaration declares.
fn declared_prefix(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("xmlns")?;
    if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix(':')
    }
}

/// The letter that the reference `&name;` stands for.
fn resolve(name: &str, offset: u64) -> Result<char, Refusal> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "amp" => Ok('&'),
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(Refusal::UnknownEntity { offset }),
        };
    };
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let letter = code.ok().and_then(char::from_u32);
    letter
        .filter(|letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..))
        .ok_or(Refusal::BadCharacter { offset })
}
