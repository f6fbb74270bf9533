//! The head of an HTTP/1 request, looked at before anything else reads it.
//!
//! Whatever two readers could take for two things is refused here (SEC-010), so that what a proxy in front of us saw is
//! what we see. `hyper` parses the head again afterwards; it never meets one that this file did not pass.

use super::refusal::Refusal;

/// How the body that follows a head is delimited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// So many octets, perhaps none.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// The most octets of a head, the empty line included.
pub(super) const LONGEST: usize = 32 * 1024;

/// The most fields of a head.
const MOST_FIELDS: usize = 100;

/// Checks a whole head, which ends with its empty line, and says how its body is delimited.
pub(super) fn check(head: &[u8]) -> Result<Framing, Refusal> {
    let head = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
    let mut lines = Lines(Some(head));
    let request = request_line(lines.next().unwrap_or_default())?;
    let mut seen = Seen::default();
    let mut fields = 0_usize;
    for line in lines {
        fields += 1;
        if fields > MOST_FIELDS {
            return Err(Refusal::HeadTooLarge);
        }
        let (name, value) = field(line)?;
        seen.note(name, value)?;
    }
    seen.judge(&request)
}

/// Whether a line feed stands alone or another octet is there that no head may have; for heads that are not whole yet.
pub(super) fn is_damaged(head: &[u8]) -> bool {
    let mut before = 0;
    for &octet in head {
        if octet == 0 || (octet == b'\n' && before != b'\r') || (before == b'\r' && octet != b'\n') {
            return true;
        }
        before = octet;
    }
    false
}

/// Lines that end with CRLF.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let end = memchr::memmem::find(rest, b"\r\n");
        let (line, rest) = match end.and_then(|end| Some((rest.get(..end)?, rest.get(end + 2..)?))) {
            Some((line, rest)) => (line, Some(rest)),
            None => (rest, None),
        };
        self.0 = rest;
        Some(line)
    }
}

struct Request<'a> {
    /// The authority of a target in absolute form.
    authority: Option<&'a [u8]>,
    /// Whether it is HTTP/1.0.
    old: bool,
}

fn request_line(line: &[u8]) -> Result<Request<'_>, Refusal> {
    let mut words = line.split(|octet| *octet == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::Head("the request line is not three words"));
    };
    if !is_token(method) {
        return Err(Refusal::Head("the method is not a word"));
    }
    let old = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ => return Err(Refusal::Head("the version is neither HTTP/1.1 nor HTTP/1.0")),
    };
    if !target.iter().all(|octet| is_of_target(*octet)) {
        return Err(Refusal::Head("the target has a character that must be encoded"));
    }
    let authority = match target {
        [b'/', ..] => None,
        b"*" if method == b"OPTIONS" => None,
        _ => {
            let rest = target
                .split_at_checked(7)
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"http://"))
                .or_else(|| {
                    target
                        .split_at_checked(8)
                        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"https://"))
                });
            let Some((_, rest)) = rest else {
                return Err(Refusal::Head("the target is neither a path nor an address"));
            };
            rest.split(|octet| matches!(octet, b'/' | b'?')).next()
        }
    };
    Ok(Request { authority, old })
}

fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(Refusal::Head("a field goes on in the next line"));
    }
    let colon = memchr::memchr(b':', line).ok_or(Refusal::Head("a field has no colon"))?;
    let (name, value) = line.split_at(colon);
    let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
    if !is_token(name) {
        return Err(Refusal::Head("the name of a field is not a word"));
    }
    if value.iter().any(|octet| matches!(octet, 0..=8 | 10..=31 | 127)) {
        return Err(Refusal::Head("a field has a control character"));
    }
    Ok((name, value))
}

/// What the fields said that the framing or the place depends on.
#[derive(Default)]
struct Seen<'a> {
    host: Option<&'a [u8]>,
    length: Option<u64>,
    chunked: bool,
}

impl<'a> Seen<'a> {
    fn note(&mut self, name: &[u8], value: &'a [u8]) -> Result<(), Refusal> {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("host") {
            if self.host.replace(value).is_some() {
                return Err(Refusal::Head("there are two hosts"));
            }
        } else if is("content-length") {
            let length = length(value)?;
            if self.length.replace(length).is_some() {
                return Err(Refusal::Head("the length is said twice"));
            }
        } else if is("transfer-encoding") {
            if self.chunked {
                return Err(Refusal::Head("the transfer coding is said twice"));
            }
            self.chunked = coding(value)?;
        } else if is("connection") {
            connection(value)?;
        }
        Ok(())
    }

    fn judge(self, request: &Request<'_>) -> Result<Framing, Refusal> {
        match (self.host, request.old) {
            (None, false) => return Err(Refusal::Head("there is no host")),
            (Some(host), _) if !host.iter().all(|octet| is_of_host(*octet)) => {
                return Err(Refusal::Head("the host is not a name"));
            }
            _ => {}
        }
        if let Some(authority) = request.authority
            && !self.host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
        {
            return Err(Refusal::Head("the target and the host are not of one place"));
        }
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(Refusal::Head("the body has a length and a transfer coding")),
            (true, None) if request.old => Err(Refusal::Head("HTTP/1.0 has no transfer coding")),
            (true, None) => Ok(Framing::Chunked),
            (false, length) => Ok(Framing::Length(length.unwrap_or(0))),
        }
    }
}

fn length(value: &[u8]) -> Result<u64, Refusal> {
    let wrong = Refusal::Head("the length is not a number");
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(wrong);
    }
    std::str::from_utf8(value)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .ok_or(wrong)
}

/// True for `chunked`; any other coding is refused.
fn coding(value: &[u8]) -> Result<bool, Refusal> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(true);
    }
    let mut codings = value.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    let last = codings.next_back();
    if codings.any(|coding| coding.eq_ignore_ascii_case(b"chunked")) && last.is_some() {
        // The end of such a body is where the connection ends, which no request may have (RFC 9112, 6.3).
        return Err(Refusal::Head("chunked is not the last transfer coding"));
    }
    Err(Refusal::Coding)
}

/// Refuses to treat as of this hop what belongs to the message (SEC-011).
fn connection(value: &[u8]) -> Result<(), Refusal> {
    let named = value.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    for name in named {
        let lower = name.to_ascii_lowercase();
        if matches!(lower.as_slice(), b"authorization" | b"host") || lower.starts_with(b"content-") {
            return Err(Refusal::Head(
                "a field of the message is named as one of the connection",
            ));
        }
    }
    Ok(())
}

fn is_token(word: &[u8]) -> bool {
    !word.is_empty()
        && word
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet))
}

const fn is_of_target(octet: u8) -> bool {
    octet.is_ascii_graphic()
        && !matches!(
            octet,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'}' | b'#'
        )
}

fn is_of_host(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~:[]%!$&'()*+,;=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fields(fields: &str, expected: Result<Framing, u16>) {
        let head = format!("POST /a HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
        check_head(&head, expected);
    }

    #[track_caller]
    fn check_head(head: &str, expected: Result<Framing, u16>) {
        assert_eq!(
            check(head.as_bytes()).map_err(Refusal::status),
            expected,
            "{head:?}"
        );
    }

    #[test]
    fn a_sound_head_says_how_its_body_ends() {
        check_fields("", Ok(Framing::Length(0)));
        check_fields("Content-Length: 5\r\n", Ok(Framing::Length(5)));
        check_fields("Transfer-Encoding: Chunked\r\n", Ok(Framing::Chunked));
        check_fields("X-A: \u{85}\r\n", Ok(Framing::Length(0)));
        check_head(
            "GET http://X/a HTTP/1.1\r\nHost: x\r\n\r\n",
            Ok(Framing::Length(0)),
        );
        check_head("GET /a HTTP/1.0\r\n\r\n", Ok(Framing::Length(0)));
    }

    #[test]
    fn two_ways_to_find_the_end_are_refused() {
        for fields in [
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "Transfer-Encoding: chunked\t\r\nContent-Length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length:\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
        ] {
            check_fields(fields, Err(400));
        }
        check_head(
            "POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            Err(400),
        );
    }

    #[test]
    fn only_chunked_is_known() {
        for value in ["xchunked", "gzip, chunked", "gzip", "identity", "\u{b}chunked"] {
            let status = if value.starts_with('\u{b}') { 400 } else { 501 };
            check_fields(&format!("Transfer-Encoding: {value}\r\n"), Err(status));
        }
    }

    #[test]
    fn lines_are_lines() {
        check_fields("X-A: b\r\n c\r\n", Err(400));
        check_fields("X-A: b\u{0}c\r\n", Err(400));
        check_fields("X-A: b\rX-Evil: 1\r\n", Err(400));
        check_fields("X A: b\r\n", Err(400));
        check_fields(": b\r\n", Err(400));
        check_fields("nothing\r\n", Err(400));
        assert!(is_damaged(b"GET /a HTTP/1.1\nHost") && is_damaged(b"a\rb") && !is_damaged(b"a\r\nb\r"));
    }

    #[test]
    fn there_is_one_host_and_the_target_is_of_it() {
        check_head("GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", Err(400));
        check_head("GET /a HTTP/1.1\r\n\r\n", Err(400));
        check_head("GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", Err(400));
        check_head("GET http://evil/a HTTP/1.1\r\nHost: x\r\n\r\n", Err(400));
        check_head("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", Err(400));
    }

    #[test]
    fn a_request_line_is_three_words() {
        for line in [
            "GE T /a HTTP/1.1",
            "GET  /a HTTP/1.1",
            "GET /a",
            "GET /a HTTP/2.0",
            "GET /<a> HTTP/1.1",
            "G\u{e9}T /a HTTP/1.1",
        ] {
            check_head(&format!("{line}\r\nHost: x\r\n\r\n"), Err(400));
        }
    }

    #[test]
    fn fields_of_the_message_are_not_of_the_connection() {
        check_fields("Connection: close, Authorization\r\n", Err(400));
        check_fields("Connection: Content-Type\r\n", Err(400));
        check_fields(
            "Connection: close, X-Auth\r\nX-Auth: 1\r\n",
            Ok(Framing::Length(0)),
        );
    }

    #[test]
    fn a_head_has_a_hundred_fields_at_most() {
        let fields = |count: usize| "X-A: 1\r\n".repeat(count);
        check_fields(&fields(99), Ok(Framing::Length(0)));
        check_fields(&fields(100), Err(431));
    }
}
