//! Finds the PEM blocks of a file (RFC 7468, and the headers of RFC 1421 that old keys have).

/// A block: what it says it is, and what is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Block {
    pub(super) label: String,
    pub(super) content: Vec<u8>,
    /// Whether its headers say that the content is encrypted.
    pub(super) is_encrypted: bool,
}

/// The blocks of a file; nothing if one of them is damaged. Text between them is passed over.
pub(super) fn blocks(file: &[u8]) -> Option<Vec<Block>> {
    let text = String::from_utf8_lossy(file);
    let mut lines = text.lines().map(str::trim_end);
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(label) = line
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.strip_suffix("-----"))
        else {
            continue;
        };
        let end = format!("-----END {label}-----");
        let mut encoded = String::new();
        let mut is_encrypted = false;
        loop {
            let line = lines.next()?;
            if line == end {
                break;
            }
            if line.contains(": ") {
                is_encrypted |= line.starts_with("Proc-Type:") && line.contains("ENCRYPTED");
            } else {
                encoded.push_str(line.trim());
            }
        }
        let content = if is_encrypted {
            Vec::new()
        } else {
            base64(&encoded)?
        };
        blocks.push(Block {
            label: label.to_owned(),
            content,
            is_encrypted,
        });
    }
    Some(blocks)
}

/// The bytes of a base64 text with its padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - bare.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut width) = (0_u32, 0_u32);
    for letter in bare.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        width += 6;
        if width >= 8 {
            width -= 8;
            bytes.push(u8::try_from(bits >> width & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_its_padding() {
        assert_eq!(base64("TWFu").as_deref(), Some(&b"Man"[..]));
        assert_eq!(base64("TWE=").as_deref(), Some(&b"Ma"[..]));
        assert_eq!(base64("TQ==").as_deref(), Some(&b"M"[..]));
        assert_eq!(base64("").as_deref(), Some(&b""[..]));
        for wrong in ["TWF", "TW=u", "T===", "TW u"] {
            assert_eq!(base64(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn blocks_stand_among_other_text() {
        let file = b"Bag Attributes\r\n-----BEGIN THING-----\r\nTWFu\r\nTWFu\r\n-----END THING-----\r\nmore";
        let found = blocks(file).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].label.as_str(), found[0].content.as_slice()),
            ("THING", &b"ManMan"[..])
        );
        assert_eq!(blocks(b"-----BEGIN THING-----\nTWFu\n"), None);
        assert_eq!(blocks(b"nothing at all"), Some(Vec::new()));
    }

    #[test]
    fn an_old_encrypted_key_says_so() {
        let file = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert!(blocks(file).unwrap()[0].is_encrypted);
    }
}
