//! From XML tokens to the arena, in one forward pass and without recursion.

mod text;

use std::borrow::Cow;
use std::collections::HashMap;

use self::text::Pending;
use super::limits::Limits;
use super::names::KNOWN_COUNT;
use super::names::Name;
use super::names::Space;
use super::names::known;
use super::names::n;
use super::refusal::Refusal;
use super::template::TemplateKey;
use super::tokens::Piece;
use super::tokens::Raw;
use super::tokens::Token;
use super::tokens::Tokens;
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

/// An element that is open.
#[derive(Clone, Copy)]
struct Open<'d> {
    cell: u32,
    /// Its name as it was written, which its end tag has to repeat.
    name: &'d str,
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
    open: Vec<Open<'d>>,
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
        let mut tokens = Tokens::new(self.document);
        loop {
            match tokens.next()? {
                Token::Open { name, at, prefix } => self.start(&mut tokens, name, at, prefix)?,
                Token::Close { name } => self.end(name, tokens.at)?,
                Token::Text { start, length } => self.text(start, length)?,
                Token::Reference { name, at } => {
                    let offset = at as u64;
                    self.letter(resolve(name, offset)?, offset)?;
                }
                Token::End => break,
            }
        }
        if self.open.is_empty() && !self.cells.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Truncated)
        }
    }

    fn start(
        &mut self,
        tokens: &mut Tokens<'d>,
        qualified: &'d str,
        at: usize,
        colon: Option<usize>,
    ) -> Result<(), Refusal> {
        self.flush()?;
        let offset = at.saturating_sub(1) as u64;
        if self.open.is_empty() && !self.cells.is_empty() {
            return Err(Refusal::NotWellFormed { offset });
        }
        if self.open.len() >= self.limits.depth {
            let limit = self.limits.depth as u64;
            return Err(Refusal::TooDeep { limit, offset });
        }
        let id = NodeId(narrow(self.cells.len()));
        let first = self.attributes.len();
        let empty = self.cut(tokens, offset)?;
        let name = self.name(qualified, colon, self.default, at)?;
        self.keep_attributes(offset)?;
        self.push(
            Cell {
                name,
                attributes: u16::try_from(self.attributes.len() - first).unwrap_or(u16::MAX),
                end: id.0 + 1,
                parent: self.open.last().map_or(u32::MAX, |open| open.cell),
                offset: narrow(at.saturating_sub(1)),
                first: narrow(first),
                length: 0,
            },
            offset,
        )?;
        self.open.push(Open {
            cell: id.0,
            name: qualified,
        });
        if name == n::TEXT && self.narrative.is_none() {
            self.narrative = Some(self.open.len());
        }
        if name == n::TEMPLATE_ID {
            self.index_template(first);
        }
        if empty {
            self.close();
        }
        Ok(())
    }

    /// Takes an end tag, which has to be that of the innermost open element.
    fn end(&mut self, name: &str, at: usize) -> Result<(), Refusal> {
        self.flush()?;
        if self.open.last().is_none_or(|open| open.name != name) {
            let offset = at as u64;
            return Err(Refusal::NotWellFormed { offset });
        }
        self.close();
        Ok(())
    }

    fn index_template(&mut self, first: usize) {
        let own = self.attributes.get(first..).unwrap_or_default();
        let root = own.iter().find(|attribute| attribute.name == n::ROOT);
        let parent = self.open.iter().rev().nth(1).map(|open| open.cell);
        if let (Some(root), Some(parent)) = (root, parent) {
            let key = TemplateKey::new(self.resolve(root.value));
            self.templates.push((NodeId(parent), key));
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
        let Some(open) = self.open.pop() else { return };
        let end = narrow(self.cells.len());
        if let Some(cell) = self.cells.get_mut(open.cell as usize) {
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
    ///
    /// The answer is whether the element ends with its tag.
    fn cut(&mut self, tokens: &mut Tokens<'d>, offset: u64) -> Result<bool, Refusal> {
        self.raws.clear();
        let mut count = 0;
        loop {
            let raw = match tokens.piece()? {
                Piece::Attribute(raw) => raw,
                Piece::Open => return Ok(false),
                Piece::Empty => return Ok(true),
            };
            count += 1;
            if count > self.limits.attributes {
                let limit = self.limits.attributes as u64;
                return Err(Refusal::TooManyAttributes { limit, offset });
            }
            match declared_prefix(raw.name) {
                Some(prefix) => self.declare(prefix, raw.value, offset)?,
                None => self.raws.push(raw),
            }
        }
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

    fn keep_attributes(&mut self, offset: u64) -> Result<(), Refusal> {
        let first = self.attributes.len();
        let raws = std::mem::take(&mut self.raws);
        for raw in &raws {
            let name = self.name(raw.name, raw.prefix, Space::Hl7, raw.name_at)?;
            let own = self.attributes.get(first..).unwrap_or_default();
            if own.iter().any(|attribute| attribute.name == name) {
                return Err(Refusal::DuplicateAttribute { offset });
            }
            let value = self.value(raw)?;
            self.attributes.push(Attribute { name, value });
        }
        self.raws = raws;
        Ok(())
    }

    fn value(&mut self, raw: &Raw<'d>) -> Result<Span, Refusal> {
        let offset = raw.at as u64;
        self.fits(raw.value.len(), offset)?;
        if raw.plain {
            return Ok(Span {
                start: narrow(raw.at),
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
