//! MIME entities, as far as attachments are wrapped in them.

use crate::base::media;

/// An entity, or the first part of one, with the bytes around its body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entity<'t> {
    /// Everything before the body.
    pub(super) head: &'t [u8],
    pub(super) body: &'t [u8],
    /// Everything after the body.
    pub(super) tail: &'t [u8],
    /// In small letters, without parameters.
    pub(super) media_type: Option<String>,
    /// In small letters; empty if none is named.
    pub(super) encoding: String,
    pub(super) filename: Option<String>,
    /// Whether it is one of several parts.
    pub(super) multipart: bool,
}

/// The most bytes that the head of an entity may have.
const LONGEST_HEAD: usize = 16 * 1024;

/// Whether a text begins as fields of MIME do.
pub(super) fn is_entity(text: &[u8]) -> bool {
    text.get(..8).is_some_and(|first| {
        first.eq_ignore_ascii_case(b"content-") || first.eq_ignore_ascii_case(b"mime-ver")
    })
}

/// Reads an entity; nothing if the text does not begin with fields of MIME.
pub(super) fn entity(text: &[u8]) -> Option<Entity<'_>> {
    if !is_entity(text) {
        return None;
    }
    let (length, fields) = head(text)?;
    let whole = made(text, 0, length, text.len(), &fields, false)?;
    let Some(boundary) = fields.parameter("content-type", "boundary") else {
        return Some(whole);
    };
    let is_multipart = whole
        .media_type
        .as_deref()
        .is_some_and(|media| media.starts_with("multipart/"));
    if !is_multipart {
        return Some(whole);
    }
    // The first part begins behind the first boundary and ends before the next one.
    let mark = format!("--{boundary}");
    let start = length + memchr::memmem::find(text.get(length..)?, mark.as_bytes())?;
    let line = start + memchr::memchr(b'\n', text.get(start..)?)? + 1;
    let (inner, fields) = head(text.get(line..)?)?;
    let body = line + inner;
    let after = memchr::memmem::find(text.get(body..)?, format!("\n{mark}").as_bytes())?;
    let mut end = body + after;
    if end > body && text.get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    made(text, 0, body, end, &fields, true)
}

fn made<'t>(
    text: &'t [u8],
    start: usize,
    body: usize,
    end: usize,
    fields: &Fields,
    multipart: bool,
) -> Option<Entity<'t>> {
    let media_type = fields.value("content-type").map(media::bare);
    let encoding = fields.value("content-transfer-encoding").unwrap_or_default();
    Some(Entity {
        head: text.get(start..body)?,
        body: text.get(body..end)?,
        tail: text.get(end..)?,
        media_type,
        encoding: encoding.trim().to_ascii_lowercase(),
        filename: fields
            .parameter("content-disposition", "filename")
            .or_else(|| fields.parameter("content-type", "name")),
        multipart,
    })
}

/// The fields of a head: names in small letters, and values.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn value(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name)?;
        Some(&field.1)
    }

    fn parameter(&self, name: &str, parameter: &str) -> Option<String> {
        let mut parts = self.value(name)?.split(';').skip(1);
        parts.find_map(|part| {
            let (known, value) = part.split_once('=')?;
            let value = value.trim().trim_matches('"');
            known
                .trim()
                .eq_ignore_ascii_case(parameter)
                .then(|| value.to_owned())
        })
    }
}

/// Reads fields up to the empty line; gives how many bytes they have with it.
fn head(text: &[u8]) -> Option<(usize, Fields)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let length = memchr::memchr(b'\n', rest)?;
        at += length + 1;
        if at > LONGEST_HEAD {
            return None;
        }
        let line = rest.get(..length)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Some((at, Fields(fields)));
        }
        let line = std::str::from_utf8(line).ok()?;
        if line.starts_with([' ', '\t']) {
            // A field goes on.
            fields.last_mut()?.1.push_str(line);
            continue;
        }
        let (name, value) = line.split_once(':')?;
        fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// How the base 64 in an entity of ours is broken into lines.
pub(super) const USUAL_LINES: &str = "76 crlf end";

/// The head of an entity as we write it.
pub(super) fn usual_head(media_type: &str, title: Option<&str>) -> String {
    let plain = |text: &str| -> String { text.chars().filter(|c| !c.is_control() && *c != '"').collect() };
    let media_type = plain(media_type);
    let mut head =
        format!("MIME-Version: 1.0\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n");
    if let Some(title) = title {
        let title = plain(title);
        head.extend(["Content-Disposition: attachment; filename=\"", &title, "\"\r\n"]);
    }
    head.push_str("\r\n");
    head
}

/// Undoes quoted-printable.
pub(super) fn unquoted(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        rest = match (first, after) {
            (b'=', [b'\r', b'\n', more @ ..] | [b'\n', more @ ..]) => more,
            (b'=', [high, low, more @ ..]) => {
                let value = digit(*high).zip(digit(*low)).map(|(high, low)| high * 16 + low);
                if let Some(byte) = value.and_then(|value| u8::try_from(value).ok()) {
                    out.push(byte);
                    more
                } else {
                    out.push(b'=');
                    after
                }
            }
            _ => {
                out.push(*first);
                after
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_has_a_head_and_a_body() {
        let text = b"Content-Type: Text/XML;\r\n name=\"a b.xml\"\r\n\r\n<a/>";
        let found = entity(text).unwrap();
        assert_eq!(found.body, b"<a/>");
        assert_eq!(found.media_type.as_deref(), Some("text/xml"));
        assert_eq!(found.filename.as_deref(), Some("a b.xml"));
        assert_eq!([found.head, found.body, found.tail].concat(), text);
    }

    #[test]
    fn what_does_not_begin_with_fields_is_no_entity() {
        for text in [
            "",
            "<?xml?>",
            "Content-Type: a",
            "Content-Type a\r\n\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert_eq!(entity(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn quoted_printable_is_undone() {
        assert_eq!(
            unquoted(b"a=3Db=\r\nc=C3=A9=zz="),
            "ab=c".replace("ab=c", "a=bc\u{e9}=zz=").as_bytes()
        );
    }
}
