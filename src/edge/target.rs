//! Where a request goes: the path and the query in their one normal form (SEC-012).
//!
//! Decoded once. What could be decoded twice, or mean something else to a file system or another server, is refused.

use super::refusal::Refusal;

/// A path in segments and a query in pairs, decoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Target {
    /// The segments of the path; none for the root.
    pub(super) path: Vec<String>,
    /// The query, undecoded.
    pub(super) query: Option<String>,
}

/// Names and values in their order.
pub(super) type Pairs = Vec<(String, String)>;

impl Target {
    /// Reads what the head of a request says.
    pub(super) fn of(uri: &http::Uri) -> Result<Self, Refusal> {
        Ok(Self {
            path: path(uri.path())?,
            query: uri.query().map(str::to_owned),
        })
    }

    /// The segments as patterns can take them.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The query in pairs.
    pub(super) fn pairs(&self) -> Result<Pairs, Refusal> {
        self.query
            .as_deref()
            .map_or_else(|| Ok(Vec::new()), |query| pairs(query.as_bytes()))
    }
}

/// The segments of a path such as `/fhir/Task/1`.
pub(super) fn path(path: &str) -> Result<Vec<String>, Refusal> {
    let rest = path
        .strip_prefix('/')
        .ok_or(Refusal::Target("the path does not begin at the root"))?;
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    rest.split('/').map(segment).collect()
}

fn segment(text: &str) -> Result<String, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Target("the path has an empty segment"));
    }
    if text.contains([';', '\\']) {
        return Err(Refusal::Target(
            "the path has a character with a meaning elsewhere",
        ));
    }
    let decoded = decode(text.as_bytes(), false)?;
    if matches!(decoded.as_str(), "." | "..") {
        return Err(Refusal::Target("the path has a dot segment"));
    }
    // `%25` would be decoded once more by a careless reader, the others split or end a name.
    if decoded.contains(['/', '\\', '%', ';']) || decoded.contains(char::is_control) {
        return Err(Refusal::Target("the path hides a character with a meaning"));
    }
    Ok(decoded)
}

/// Names and values of a query or a form.
pub(super) fn pairs(query: &[u8]) -> Result<Pairs, Refusal> {
    let mut pairs = Vec::new();
    for pair in query
        .split(|octet| *octet == b'&')
        .filter(|pair| !pair.is_empty())
    {
        if pairs.len() == MOST_PAIRS {
            return Err(Refusal::Target("the query has too many parameters"));
        }
        let (name, value) = match memchr::memchr(b'=', pair) {
            Some(at) => (
                pair.get(..at).unwrap_or_default(),
                pair.get(at + 1..).unwrap_or_default(),
            ),
            None => (pair, &[] as &[u8]),
        };
        pairs.push((decode(name, true)?, decode(value, true)?));
    }
    Ok(pairs)
}

fn decode(text: &[u8], form: bool) -> Result<String, Refusal> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let digits = (
                    rest.next().copied().and_then(hex),
                    rest.next().copied().and_then(hex),
                );
                let (Some(high), Some(low)) = digits else {
                    return Err(Refusal::Target("a percent sign is not followed by two digits"));
                };
                high * 16 + low
            }
            b'+' if form => b' ',
            octet => octet,
        });
    }
    let decoded = String::from_utf8(octets)
        .map_err(|_| Refusal::Target("the address is not in UTF-8 once it is decoded"))?;
    if decoded.contains('\0') {
        return Err(Refusal::Target("the address has a zero"));
    }
    Ok(decoded)
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// A search has a dozen parameters; this bounds what a stranger makes us hold.
const MOST_PAIRS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[&str]>) {
        let found = path(text).ok();
        let expected = expected.map(|segments| segments.iter().map(|&segment| segment.to_owned()).collect());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_path_is_decoded_once() {
        check("/", Some(&[]));
        check("/fhir/Task/a-1.b", Some(&["fhir", "Task", "a-1.b"]));
        check("/%24submit-attachment", Some(&["$submit-attachment"]));
        check(
            "/Claim/$submit-attachment",
            Some(&["Claim", "$submit-attachment"]),
        );
        check("/caf%C3%A9/a:b@c", Some(&["café", "a:b@c"]));
        check("/...", Some(&["..."]));
    }

    #[test]
    fn other_forms_of_a_path_are_refused() {
        for text in [
            "",
            "fhir",
            "//",
            "//fhir",
            "/fhir/",
            "/fhir//Task",
            "/.",
            "/..",
            "/fhir/.",
            "/fhir/..",
            "/fhir/../admin",
            "/./fhir",
            "/%2e",
            "/%2E%2e",
            "/.%2e",
            "/%2e.",
            "/fhir/%2e%2e/admin",
            "/fhir%2f..%2fadmin",
            "/fhir%2Fadmin",
            "/a%5cb",
            "/a%5Cb",
            "/a\\b",
            "/a%00b",
            "/a%00",
            "/%00",
            "/a%25b",
            "/%252e%252e",
            "/%252f",
            "/a;b",
            "/a;v=1/b",
            "/;",
            "/a%3bb",
            "/a%",
            "/a%2",
            "/a%zz",
            "/%gg",
            "/%-1",
            "/%ff",
            "/%c3%28",
            "/%ed%a0%80",
            "/%c0%ae",
            "/%c0%af",
            "/a%0d%0ab",
            "/a%0a",
            "/a%09",
            "/a%7f",
            "/a%1b[0m",
            "/%e2%28%a1",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_query_is_decoded_once() {
        let found = pairs(b"identifier=urn:a%7C1&code=x+y&&_count=5&flag").unwrap();
        let expected = [
            ("identifier", "urn:a|1"),
            ("code", "x y"),
            ("_count", "5"),
            ("flag", ""),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(pairs(b"a=%2541").unwrap(), [("a".to_owned(), "%41".to_owned())]);
        for query in ["a=%", "a=%f", "a=%ff", "a=%00"] {
            assert!(pairs(query.as_bytes()).is_err(), "{query}");
        }
        assert!(pairs("a&".repeat(101).as_bytes()).is_err());
    }
}
