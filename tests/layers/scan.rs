//! Looks at Rust source just closely enough for the rules of the house: no comments, no literals, words and lines.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A source file: its path from the root of the repository, and its text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The text with every comment and literal turned into blanks, so that only code is left, line for line.
    pub(crate) fn code(&self) -> String {
        let bytes = self.text.as_bytes();
        let mut code = bytes.to_vec();
        let mut at = 0;
        while at < bytes.len() {
            match end_of_silence(bytes, at) {
                Some(end) => {
                    code[at..end]
                        .iter_mut()
                        .filter(|byte| **byte != b'\n')
                        .for_each(|byte| *byte = b' ');
                    at = end;
                }
                None => at += 1,
            }
        }
        String::from_utf8(code).expect("silences start and end at character boundaries")
    }

    /// One line of complaint about this file.
    pub(crate) fn complain(&self, line: usize, complaint: &str) -> String {
        format!("{}:{line}: {complaint}", self.path)
    }
}

/// Every file under `folder` whose path `wanted` likes, in the order of their names; none if there is no folder.
pub(crate) fn files(folder: &str, wanted: fn(&str) -> bool) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths.sort();
    let named = paths.iter().map(|path| {
        let from_root = path.strip_prefix(root).expect("the walk started at the root");
        (
            path,
            from_root.to_str().expect("names of files are text").to_owned(),
        )
    });
    let chosen = named.filter(|(_, from_root)| wanted(from_root));
    chosen
        .map(|(path, from_root)| Source {
            path: from_root,
            text: fs::read_to_string(path).unwrap(),
        })
        .collect()
}

/// Whether the path is that of a Rust file.
pub(crate) fn is_rust(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

/// The words of `code` with the number of their line, counted from 1; `a::b` is two words.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().enumerate().flat_map(|(number, line)| {
        let words = line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
        words.map(move |word| (number + 1, word))
    })
}

/// What is named right after each `head::` in `code`, with the number of the line; `{` for a group.
pub(crate) fn named_after<'a>(code: &'a str, head: &str) -> Vec<(usize, &'a str)> {
    let mut named = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(at) = rest.find(head) {
            let (before, after) = (&rest[..at], &rest[at + head.len()..]);
            rest = after;
            let Some(path) = after.trim_start().strip_prefix("::") else {
                continue;
            };
            if before.ends_with(is_word) {
                continue;
            }
            let path = path.trim_start();
            let end = path.find(|c: char| !is_word(c)).unwrap_or(path.len());
            named.push((number + 1, if path.starts_with('{') { "{" } else { &path[..end] }));
        }
    }
    named
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        match (path.is_dir(), name) {
            (true, "target" | ".git" | "corpus" | "artifacts") => {}
            (true, _) => walk(&path, found),
            (false, _) => found.push(path),
        }
    }
}

/// Where the comment or literal that starts at `at` ends; `None` if none starts there.
fn end_of_silence(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let starts_word = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let length = match rest {
        [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => 1 + quoted(&rest[1..], b'"'),
        [b'r', b'"' | b'#', ..] if starts_word => raw_string(rest)?,
        [b'b' | b'c', b'r', b'"' | b'#', ..] if starts_word => 1 + raw_string(&rest[1..])?,
        [b'\'', b'\\', ..] => 1 + quoted(&rest[1..], b'\''),
        [b'\'', ..] => {
            // A quote, one character and a quote is a literal; anything else is a lifetime or a label.
            let text = std::str::from_utf8(&rest[1..]).ok()?;
            let character = text.chars().next()?;
            let end = 1 + character.len_utf8();
            (rest.get(end) == Some(&b'\'')).then_some(end + 1)?
        }
        _ => return None,
    };
    Some((at + length).min(bytes.len()))
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Bytes up to and with the closing `quote`, minding backslashes.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of `r#"…"#`; `None` for a raw identifier.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    let body = rest[1 + hashes..].strip_prefix(b"\"")?;
    let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let end = body
        .windows(close.len())
        .position(|window| window == close)
        .unwrap_or(body.len());
    Some(2 + hashes + end + close.len())
}

mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let code = Source {
            path: String::new(),
            text: text.to_owned(),
        }
        .code();
        assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), expected);
        assert_eq!(
            code.lines().count(),
            text.lines().count(),
            "lines stay where they were"
        );
    }

    #[test]
    fn comments_are_silent() {
        check("a // crate::x\nb", "a b");
        check("a /* one /* two */ still \n */ b", "a b");
        check("/// [`crate::x`]\nfn a() {}", "fn a() {}");
        check("a /* never closed", "a");
    }

    #[test]
    fn literals_are_silent() {
        check(r#"a("crate::x \" // y", b)"#, "a( , b)");
        check(r##"a(r#"one "two" crate::x"#, b)"##, "a( , b)");
        check(r#"a(br"\", b)"#, "a( , b)");
        check(r"a('\'', '{', 'é', b)", "a( , , , b)");
        check("a(\"never closed", "a(");
    }

    #[test]
    fn lifetimes_and_raw_identifiers_are_code() {
        check(
            "fn a<'b>(c: &'b str, r#type: d)",
            "fn a<'b>(c: &'b str, r#type: d)",
        );
    }

    #[test]
    fn paths_are_found_wherever_they_stand() {
        let found = named_after(
            "use crate::a::b;\nx(crate :: c::d, othercrate::e);\nuse crate::{f};",
            "crate",
        );
        assert_eq!(found, [(1, "a"), (2, "c"), (3, "{")]);
    }

    #[test]
    fn words_know_their_line() {
        let found: Vec<_> = words("fn a_b(c: D)\n -> e::F").collect();
        assert_eq!(
            found,
            [(1, "fn"), (1, "a_b"), (1, "c"), (1, "D"), (2, "e"), (2, "F")]
        );
    }
}
