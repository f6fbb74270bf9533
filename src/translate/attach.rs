//! Attachments on their way: out of a 275 into a content, and back.

use std::borrow::Cow;

use super::base64;
use super::base64::Lines;
use super::books::Cell;
use super::draft::Content;
use super::engine::Engine;
use super::given::Given;
use super::mime;
use super::tree::Found;
use super::tree::Kind;
use super::tree::Tree;
use super::unwrap;
use super::unwrap::FHIR_JSON;
use super::values::Converted;
use crate::mapping::Part;
use crate::mapping::program::Source;
use crate::x12::Filter;
use crate::x12::Payload;

impl<'r, T: Tree> Engine<'r, T> {
    /// Something inside of an attachment.
    pub(super) fn part(&mut self, part: Part, given: &Given<'_>) -> Option<Converted> {
        let Kind::Payload(number) = given.kind() else {
            return None;
        };
        let tree = self.tree;
        let payload = tree.payload(number)?;
        let content = match part {
            Part::Content => {
                let start = self.draft.text.len();
                match payload.encoded {
                    Some(encoded) => self.draft.text.extend_from_slice(encoded),
                    None => base64::encode(&payload.document, &mut self.draft.text),
                }
                Content::Text(self.draft.said_since(start))
            }
            Part::Resource => {
                let is_resource = payload.media_type == FHIR_JSON;
                Content::Raw(is_resource.then(|| self.draft.say(&payload.document))?)
            }
        };
        Some(Converted {
            narrowed: !payload.exact && matches!(part, Part::Content | Part::Resource),
            ..content.into()
        })
    }

    /// A content as the octets of a `BDS` or `BIN`: the document that it holds, or the resource that it is.
    pub(super) fn attached(
        &mut self,
        given: &Given<'_>,
        media: Option<u32>,
        title: Option<u32>,
        code: Option<u32>,
    ) -> Option<Converted> {
        if given.kind() == Kind::Bare {
            // Only a size is bare, and only none at all can be made of a size.
            let none = given.text() == b"0";
            return none.then(|| self.draft.enclose(Vec::new()).into());
        }
        let resource = given.kind() == Kind::Resource;
        let filtered = !self.is_bin();
        let packaging = self.context.named("packaging");
        let stated = media.and_then(|place| self.beside(place));
        let media_type = match &stated {
            _ if resource => FHIR_JSON.to_owned(),
            Some((media, _)) => media.clone(),
            None => "application/octet-stream".to_owned(),
        };
        let named = title.and_then(|place| self.beside(place));
        let (document, is_plain) = content(given.text(), resource)?;
        let document = document.as_ref();
        let known = unwrap::opened(Filter::Absent, document);
        // What the way back finds in the document itself need not travel.
        if let Some((_, found)) = code.and_then(|place| self.found_beside(place))
            && known.document_code.as_deref().map(str::as_bytes) == Some(found.text)
        {
            self.also_consulted.push((code, found.cell));
        }
        let mut also = None;
        if let Some((media, cell)) = &stated
            && known.media_type == *media
        {
            also = Some(*cell);
        }
        let mut octets = Vec::new();
        if packaging == Some("mime") || (!filtered && !resource) {
            // A BIN tells no filter, so MIME says how its octets are to be read.
            let head = mime::usual_head(&media_type, named.as_ref().map(|(name, _)| name.as_str()));
            let mut entity = head.into_bytes();
            base64::encode_lines(document, Lines::parse(mime::USUAL_LINES)?, &mut entity);
            if filtered {
                base64::encode(&entity, &mut octets);
            } else {
                octets = entity;
            }
            also = stated.map(|(_, cell)| cell);
            if let Some((_, cell)) = named {
                self.also_consulted.push((None, cell));
            }
        } else {
            match (filtered, resource) {
                (true, false) if is_plain => octets.extend_from_slice(given.text()),
                (true, _) => base64::encode(document, &mut octets),
                (false, _) => octets.extend_from_slice(document),
            }
        }
        Some(Converted {
            also,
            ..self.draft.enclose(octets).into()
        })
    }

    /// The text at a place beside the one at hand, and its cell.
    fn beside(&self, place: u32) -> Option<(String, Cell)> {
        let (_, found) = self.found_beside(place)?;
        Some((String::from_utf8(found.text.to_vec()).ok()?, found.cell))
    }

    fn found_beside(&self, place: u32) -> Option<(&'r Source, Found<'r>)> {
        let place = self.program.places.get(place as usize)?;
        match self.value(place)? {
            Given::Found(place, found) => Some((place, found)),
            Given::Known(..) => None,
        }
    }

    /// Whether the guide of the target has `BIN` segments.
    fn is_bin(&self) -> bool {
        self.context
            .named("guide")
            .is_some_and(|guide| guide.starts_with("00501"))
    }
}

/// The octets of a content, and whether its base 64 stands in one line, so that it can be taken as it is.
fn content(text: &[u8], is_resource: bool) -> Option<(Cow<'_, [u8]>, bool)> {
    if is_resource {
        return Some((text.into(), false));
    }
    if let Some(document) = base64::decode_strictly(text) {
        return Some((document.into(), true));
    }
    let document = base64::decode(text)?;
    // It may lack its padding only.
    let is_plain = memchr::memchr3(b'\r', b'\n', b' ', text).is_none();
    Some((document.into(), is_plain))
}

/// Wraps the document of some octets by another recipe.
pub(super) fn rewrapped(
    written: Filter,
    filter: Filter,
    octets: &[u8],
    recipe: &[(&'static str, String)],
) -> Option<Vec<u8>> {
    if written == filter && recipe.is_empty() {
        return None;
    }
    let current = Payload {
        filter: written,
        octets: octets.to_vec(),
        ..Payload::default()
    };
    let document = unwrap::unwrap(&current).document.into_owned();
    unwrap::wrap(filter, recipe, &document)
}
