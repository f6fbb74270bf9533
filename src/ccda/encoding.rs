//! From bytes to text: byte order mark, else declaration, else UTF-8.

use std::borrow::Cow;

use super::refusal::Refusal;

/// The longest an XML declaration may reasonably be.
const DECLARATION: usize = 256;

/// Decodes `bytes`; text in UTF-8, which is nearly all there is, is borrowed.
///
/// # Errors
/// Refuses bytes that are not of the encoding they announce, and encodings that no C-CDA should have.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return utf8(rest, 3);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes);
    }
    match declared(bytes) {
        None => utf8(bytes, 0),
        Some(name) => match name.to_ascii_lowercase().as_slice() {
            b"us-ascii" | b"ascii" => ascii(bytes),
            b"iso-8859-1" | b"latin1" | b"windows-1252" | b"cp1252" => windows_1252(bytes),
            // UTF-16 without a mark could not even announce itself: such a text says so after it was converted.
            b"utf-8" | b"utf8" | b"utf-16" | b"utf-16le" | b"utf-16be" => utf8(bytes, 0),
            _ => Err(Refusal::UnknownEncoding),
        },
    }
}

/// The name of the encoding in the XML declaration.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..bytes.len().min(DECLARATION))?;
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = head.get(..end)?;
    let at = head.windows(8).position(|word| word == b"encoding")?;
    let rest = head.get(at + 8..)?;
    let open = rest.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let quote = rest.get(open)?;
    let rest = rest.get(open + 1..)?;
    let close = rest.iter().position(|byte| byte == quote)?;
    rest.get(..close)
}

fn utf8(bytes: &[u8], skipped: u64) -> Result<Cow<'_, str>, Refusal> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(fault) => Err(Refusal::WrongEncoding {
            offset: skipped + fault.valid_up_to() as u64,
        }),
    }
}

fn ascii(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    match bytes.iter().position(|byte| !byte.is_ascii()) {
        None => utf8(bytes, 0),
        Some(offset) => Err(Refusal::WrongEncoding {
            offset: offset as u64,
        }),
    }
}

fn windows_1252(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let (text, malformed) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
    if malformed {
        return Err(Refusal::WrongEncoding { offset: 0 });
    }
    Ok(text)
}

fn utf16(bytes: &[u8], join: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Refusal> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(Refusal::WrongEncoding {
            offset: 1 + bytes.len() as u64,
        });
    }
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = 2;
    for unit in char::decode_utf16(pairs.iter().map(|pair| join(*pair))) {
        let Ok(letter) = unit else {
            return Err(Refusal::WrongEncoding { offset });
        };
        offset += 2 * letter.len_utf16() as u64;
        text.push(letter);
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, Refusal>) {
        assert_eq!(decode(bytes).as_deref().map_err(|refusal| *refusal), expected);
    }

    #[test]
    fn the_mark_decides_before_the_declaration() {
        check(b"\xEF\xBB\xBF<a>\xC3\xA4</a>", Ok("<a>ä</a>"));
        check(b"\xFF\xFE<\0a\0/\0>\0", Ok("<a/>"));
        check(b"\xFE\xFF\0<\0a\0/\0>", Ok("<a/>"));
        check(
            b"\xEF\xBB\xBF<?xml version='1.0' encoding='iso-8859-1'?><a/>",
            Ok("<?xml version='1.0' encoding='iso-8859-1'?><a/>"),
        );
    }

    #[test]
    fn the_declaration_decides_before_utf_8() {
        check(
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE4</a>",
            Ok("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>ä</a>"),
        );
        check(
            b"<?xml encoding='us-ascii'?>\xE4",
            Err(Refusal::WrongEncoding { offset: 27 }),
        );
        check(b"<?xml encoding='ebcdic'?>", Err(Refusal::UnknownEncoding));
    }

    #[test]
    fn lies_are_found() {
        check(b"<a>\xE4</a>", Err(Refusal::WrongEncoding { offset: 3 }));
        check(
            b"\xFF\xFE<\0\x00\xD8>\0",
            Err(Refusal::WrongEncoding { offset: 4 }),
        );
        check(b"\xFF\xFE<\0a", Err(Refusal::WrongEncoding { offset: 4 }));
    }
}
