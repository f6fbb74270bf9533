//! XML cut into tokens in one pass: nothing is copied, nothing is looked at twice, and nothing recurses.

use memchr::memchr;
use memchr::memchr2;
use memchr::memmem;

use super::refusal::Refusal;

/// The longest reference that makes sense: `&#x0010FFFF;` with some room.
const LONGEST_REFERENCE: usize = 32;

/// A piece of a document; offsets are bytes from its start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Token<'d> {
    /// The beginning of a start tag; its attributes follow by [`Tokens::piece`].
    Open {
        name: &'d str,
        at: usize,
        prefix: Option<usize>,
    },
    /// An end tag.
    Close { name: &'d str },
    /// Text as it stands, or the inside of a CDATA section.
    Text { start: usize, length: usize },
    /// What stands between `&` and `;`.
    Reference { name: &'d str, at: usize },
    /// The end of the document.
    End,
}

/// What a start tag goes on with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Piece<'d> {
    Attribute(Raw<'d>),
    /// The tag ends; its element stays open.
    Open,
    /// The tag ends, and its element with it.
    Empty,
}

/// One attribute as it stands in the tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Raw<'d> {
    pub(super) name: &'d str,
    pub(super) value: &'d str,
    /// Where the name begins.
    pub(super) name_at: usize,
    /// Where the value begins.
    pub(super) at: usize,
    /// How long the prefix in the name is, if it has one.
    pub(super) prefix: Option<usize>,
    /// Whether the value means what is written: no references in it and no line breaks.
    pub(super) plain: bool,
}

/// A document on its way through.
pub(super) struct Tokens<'d> {
    text: &'d str,
    pub(super) at: usize,
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The length of a name at the start of `rest`, and of its prefix.
fn measure_name(rest: &[u8]) -> (usize, Option<usize>) {
    let mut prefix = None;
    for (length, byte) in rest.iter().enumerate() {
        match byte {
            b'=' | b'>' | b'/' | b'<' | b'"' | b'\'' | b'&' => return (length, prefix),
            b':' if prefix.is_none() => prefix = Some(length),
            byte if is_space(*byte) => return (length, prefix),
            _ => {}
        }
    }
    (rest.len(), prefix)
}

impl<'d> Tokens<'d> {
    pub(super) const fn new(text: &'d str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'d [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn slice(&self, start: usize, length: usize) -> &'d str {
        self.text.get(start..start + length).unwrap_or_default()
    }

    const fn malformed(&self) -> Refusal {
        Refusal::NotWellFormed {
            offset: self.at as u64,
        }
    }

    /// Cuts the next token; comments and instructions are passed over.
    pub(super) fn next(&mut self) -> Result<Token<'d>, Refusal> {
        loop {
            let rest = self.rest();
            match rest {
                [] => return Ok(Token::End),
                [b'<', b'/', ..] => return self.close(),
                [b'<', b'?', ..] => self.skip(b"?>", 2)?,
                [b'<', b'!', b'-', b'-', ..] => self.skip(b"-->", 4)?,
                [b'<', b'!', ..] if rest.starts_with(b"<![CDATA[") => {
                    let start = self.at + 9;
                    self.skip(b"]]>", 9)?;
                    let length = self.at - 3 - start;
                    return Ok(Token::Text { start, length });
                }
                [b'<', b'!', ..] if rest.starts_with(b"<!DOCTYPE") => {
                    return Err(Refusal::DocumentType {
                        offset: self.at as u64,
                    });
                }
                [b'<', b'!', ..] => return Err(self.malformed()),
                [b'<', ..] => return self.open(),
                [b'&', ..] => return self.reference(),
                _ => {
                    let length = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
                    let start = self.at;
                    self.at += length;
                    return Ok(Token::Text { start, length });
                }
            }
        }
    }

    /// Passes over what `end` ends, after the `opening` that began it.
    fn skip(&mut self, end: &[u8], opening: usize) -> Result<(), Refusal> {
        let inside = self.rest().get(opening..).unwrap_or_default();
        let length = memmem::find(inside, end).ok_or(Refusal::Truncated)?;
        self.at += opening + length + end.len();
        Ok(())
    }

    fn open(&mut self) -> Result<Token<'d>, Refusal> {
        let inside = self.rest().get(1..).unwrap_or_default();
        let (length, prefix) = measure_name(inside);
        if length == 0 {
            let refusal = if inside.is_empty() {
                Refusal::Truncated
            } else {
                self.malformed()
            };
            return Err(refusal);
        }
        let at = self.at + 1;
        self.at = at + length;
        Ok(Token::Open {
            name: self.slice(at, length),
            at,
            prefix,
        })
    }

    fn close(&mut self) -> Result<Token<'d>, Refusal> {
        let inside = self.rest().get(2..).unwrap_or_default();
        let length = memchr(b'>', inside).ok_or(Refusal::Truncated)?;
        let name = self.slice(self.at + 2, length);
        self.at += length + 3;
        Ok(Token::Close {
            name: if name.ends_with(|letter: char| letter.is_ascii_whitespace()) {
                name.trim_ascii_end()
            } else {
                name
            },
        })
    }

    fn reference(&mut self) -> Result<Token<'d>, Refusal> {
        let inside = self.rest().get(1..).unwrap_or_default();
        let near = inside.get(..LONGEST_REFERENCE).unwrap_or(inside);
        let Some(length) = memchr(b';', near) else {
            let offset = self.at as u64;
            return Err(if near.len() < LONGEST_REFERENCE {
                Refusal::Truncated
            } else {
                Refusal::NotWellFormed { offset }
            });
        };
        let at = self.at;
        let name = self.slice(at + 1, length);
        self.at += length + 2;
        Ok(Token::Reference { name, at })
    }

    /// Cuts what follows in a start tag.
    pub(super) fn piece(&mut self) -> Result<Piece<'d>, Refusal> {
        let before = self.at;
        let spaces = self.rest().iter().take_while(|byte| is_space(**byte)).count();
        self.at += spaces;
        match self.rest() {
            [] | [b'/'] => Err(Refusal::Truncated),
            [b'>', ..] => {
                self.at += 1;
                Ok(Piece::Open)
            }
            [b'/', b'>', ..] => {
                self.at += 2;
                Ok(Piece::Empty)
            }
            _ if self.at == before => Err(self.malformed()),
            _ => self.attribute().map(Piece::Attribute),
        }
    }

    fn attribute(&mut self) -> Result<Raw<'d>, Refusal> {
        let name_at = self.at;
        let (length, prefix) = measure_name(self.rest());
        self.at += length;
        self.expect_equals(length)?;
        let rest = self.rest();
        let (quote, inside) = match rest {
            [quote @ (b'"' | b'\''), inside @ ..] => (*quote, inside),
            [] => return Err(Refusal::Truncated),
            _ => return Err(self.malformed()),
        };
        let mut plain = true;
        let mut size = 0;
        for byte in inside {
            if *byte == quote {
                break;
            }
            plain &= *byte >= b' ' && *byte != b'&';
            size += 1;
        }
        if size == inside.len() {
            return Err(Refusal::Truncated);
        }
        let at = self.at + 1;
        self.at = at + size + 1;
        Ok(Raw {
            name: self.slice(name_at, length),
            value: self.slice(at, size),
            name_at,
            at,
            prefix,
            plain,
        })
    }

    /// Passes over the `=` after a name of `length`, and blanks around it.
    fn expect_equals(&mut self, length: usize) -> Result<(), Refusal> {
        let spaces = |rest: &[u8]| rest.iter().take_while(|byte| is_space(**byte)).count();
        self.at += spaces(self.rest());
        match self.rest().first() {
            None => Err(Refusal::Truncated),
            Some(b'=') if length > 0 => {
                self.at += 1;
                self.at += spaces(self.rest());
                Ok(())
            }
            Some(_) => Err(self.malformed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens as one line of text each.
    fn tell(text: &str) -> Result<Vec<String>, Refusal> {
        let mut tokens = Tokens::new(text);
        let mut told = Vec::new();
        loop {
            match tokens.next()? {
                Token::Open { name, at, prefix } => {
                    assert_eq!(text.get(at..at + name.len()), Some(name));
                    assert_eq!(prefix, name.find(':'));
                    let mut line = format!("<{name}");
                    loop {
                        match tokens.piece()? {
                            Piece::Attribute(raw) => {
                                assert_eq!(text.get(raw.at..raw.at + raw.value.len()), Some(raw.value));
                                assert_eq!(
                                    text.get(raw.name_at..raw.name_at + raw.name.len()),
                                    Some(raw.name)
                                );
                                assert_eq!(raw.plain, !raw.value.contains(['&', '\n', '\r', '\t']));
                                line = format!("{line} {}={}", raw.name, raw.value);
                            }
                            Piece::Open => break told.push(line + ">"),
                            Piece::Empty => break told.push(line + "/>"),
                        }
                    }
                }
                Token::Close { name } => told.push(format!("</{name}>")),
                Token::Text { start, length } => {
                    told.push(text.get(start..start + length).unwrap().to_owned());
                }
                Token::Reference { name, .. } => told.push(format!("&{name};")),
                Token::End => return Ok(told),
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(tell(text).unwrap(), expected);
    }

    #[test]
    fn documents_are_cut() {
        check("", &[]);
        check("<a/>", &["<a/>"]);
        check(
            "<?xml version='1.0'?><!-- <b> --><a>x</a >",
            &["<a>", "x", "</a>"],
        );
        check("<x:a b = \"1>\" c='\"'\n/>", &["<x:a b=1> c=\"/>"]);
        check(
            "<a>1&lt;2<![CDATA[<&]]></a>",
            &["<a>", "1", "&lt;", "2", "<&", "</a>"],
        );
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for text in [
            "<",
            "<a",
            "<a ",
            "<a b",
            "<a b=",
            "<a b='",
            "<a /",
            "</a",
            "<!-- ",
            "<![CDATA[",
            "<?x",
            "&lt",
        ] {
            assert_eq!(tell(text), Err(Refusal::Truncated), "{text}");
        }
        for text in [
            "<>",
            "<a<b>",
            "<a b>",
            "<a b=1>",
            "<a b='1'c='2'>",
            "<a =''>",
            "< a>",
            "<!b>",
        ] {
            assert!(matches!(tell(text), Err(Refusal::NotWellFormed { .. })), "{text}");
        }
        assert_eq!(tell("<!DOCTYPE a"), Err(Refusal::DocumentType { offset: 0 }));
    }
}
