//! An address out of a message that may be fetched: it lies on a server of the configuration (GW-16, SEC-024).

use std::fmt;

use http::uri::PathAndQuery;

use crate::trust::secret::Secret;
use crate::upstream::web::WebAddress;

/// A server from which contents are fetched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// Where it is; what lies under its path may be fetched with the token.
    pub base: WebAddress,
    /// Our token there.
    pub bearer: Option<Secret>,
    /// Whether addresses without a server begin here.
    pub is_home: bool,
}

/// A content on such a server. Its path may name people, so it is never shown.
#[derive(Clone, Eq, PartialEq)]
pub struct Target {
    pub(crate) server: WebAddress,
    pub(crate) path: String,
    pub(crate) bearer: Option<Secret>,
}

/// Why an address is not fetched.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum Astray {
    /// It is no address of the web, or one that can be read in two ways.
    #[error("it is no address from which a content can be fetched")]
    Unreadable,
    /// It is on no server that the configuration names.
    #[error("it is on no server that contents are fetched from")]
    Elsewhere,
}

impl Target {
    /// Finds the server of an address.
    ///
    /// What is dialled afterwards is written by the configuration; only the path comes from the message. Our token goes
    /// along only if that path lies under the base for which we have it.
    ///
    /// # Errors
    /// Says why it is not fetched.
    pub fn find(address: &str, sources: &[Source]) -> Result<Self, Astray> {
        if address.is_empty()
            || address.len() > LONGEST
            || address
                .bytes()
                .any(|byte| !byte.is_ascii_graphic() || b"\\#\"<>^`{|}".contains(&byte))
        {
            return Err(Astray::Unreadable);
        }
        let Some((scheme, rest)) = address.split_once("://") else {
            return Self::at_home(address, sources);
        };
        let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(authority_end).ok_or(Astray::Unreadable)?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        let path = sound(format!("{slash}{path}"))?;
        let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
        let mut known = sources.iter().filter(|source| is_on(&origin, &source.base));
        let first = known.next().ok_or(Astray::Elsewhere)?;
        let under = std::iter::once(first)
            .chain(known)
            .find(|source| is_under(&path, &source.base));
        Ok(Self {
            server: under.unwrap_or(first).base.root(),
            bearer: under.and_then(|source| source.bearer.clone()),
            path,
        })
    }

    /// A path that begins at the base of the partner's own server (CDEX-109).
    fn at_home(path: &str, sources: &[Source]) -> Result<Self, Astray> {
        let before_path = path.split(['/', '?']).next().unwrap_or_default();
        // A scheme, a name of something else, or a path that leaves the base.
        if before_path.contains(':') || before_path.is_empty() {
            return Err(Astray::Unreadable);
        }
        let home = sources
            .iter()
            .find(|source| source.is_home)
            .ok_or(Astray::Elsewhere)?;
        Ok(Self {
            server: home.base.root(),
            path: sound(format!("{}/{path}", home.base.path()))?,
            bearer: home.bearer.clone(),
        })
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target on {}", self.server)
    }
}

/// Whether an origin, such as `https://lake.example:8443`, is that of `base`.
fn is_on(origin: &str, base: &WebAddress) -> bool {
    let read = match base.tls() {
        Some(tls) => WebAddress::over(origin, tls),
        None => WebAddress::parse(origin),
    };
    read.is_ok_and(|read| {
        read.tls().is_some() == base.tls().is_some()
            && read.port() == base.port()
            && read.host().eq_ignore_ascii_case(base.host())
    })
}

fn is_under(path: &str, base: &WebAddress) -> bool {
    path.strip_prefix(base.path())
        .is_some_and(|rest| rest.starts_with(['/', '?']))
}

/// The path, if it means the same to every server: none of its steps leads up, however it is written.
fn sound(path: String) -> Result<String, Astray> {
    let before_query = path.split('?').next().unwrap_or_default();
    let mut read = before_query.as_bytes().to_vec();
    for _ in 0..READINGS {
        let climbs = read
            .split(|byte| matches!(byte, b'/' | b'\\'))
            .any(|step| matches!(step, b"." | b".."));
        if climbs || read.iter().any(u8::is_ascii_control) {
            return Err(Astray::Unreadable);
        }
        read = unescaped(&read);
    }
    match path.parse::<PathAndQuery>() {
        Ok(parsed) if parsed.as_str() == path => Ok(path),
        _ => Err(Astray::Unreadable),
    }
}

/// The octets with each `%41` read as what it stands for.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut read = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let escaped = match rest {
            [b'%', high, low, ..] => digit(high).zip(digit(low)),
            _ => None,
        };
        let (byte, left) = match escaped.and_then(|(high, low)| u8::try_from(high << 4 | low).ok()) {
            Some(byte) => (byte, after.get(2..).unwrap_or_default()),
            None => (*first, after),
        };
        read.push(byte);
        rest = left;
    }
    read
}

/// The longest address.
const LONGEST: usize = 4096;

/// How often escapes in escapes are read: servers behind servers may each read them once.
const READINGS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Vec<Source> {
        let at = |text: &str| WebAddress::parse(text).unwrap();
        vec![
            Source {
                base: at("http://ehr.lake.example/r4"),
                bearer: Some(Secret::parse("word-of-ours").unwrap()),
                is_home: true,
            },
            Source {
                base: at("http://Docs.lake.example:8080"),
                bearer: None,
                is_home: false,
            },
        ]
    }

    #[track_caller]
    fn check(address: &str, server: &str, path: &str, has_token: bool) {
        let target = Target::find(address, &sources()).unwrap();
        assert_eq!(
            (
                target.server.to_string().as_str(),
                target.path.as_str(),
                target.bearer.is_some()
            ),
            (server, path, has_token),
            "{address}"
        );
    }

    #[test]
    fn the_token_goes_only_under_its_own_base() {
        let ehr = "http://ehr.lake.example";
        check("http://ehr.lake.example/r4/Binary/1", ehr, "/r4/Binary/1", true);
        check(
            "HTTP://EHR.Lake.example:80/r4/Binary/1",
            ehr,
            "/r4/Binary/1",
            true,
        );
        check("http://ehr.lake.example/r4?x=1", ehr, "/r4?x=1", true);
        check(
            "http://ehr.lake.example/r4x/Binary/1",
            ehr,
            "/r4x/Binary/1",
            false,
        );
        check("http://ehr.lake.example/R4/Binary/1", ehr, "/R4/Binary/1", false);
        check("http://ehr.lake.example", ehr, "/", false);
        check("http://ehr.lake.example?x", ehr, "/?x", false);
        let docs = "http://Docs.lake.example:8080";
        check(
            "http://docs.lake.example:8080/a?sig=b%2Fc/../d",
            docs,
            "/a?sig=b%2Fc/../d",
            false,
        );
    }

    #[test]
    fn an_address_without_a_server_begins_at_the_partners_own() {
        check("Binary/1", "http://ehr.lake.example", "/r4/Binary/1", true);
        assert_eq!(
            Target::find("Binary/1", &sources()[1..]).unwrap_err(),
            Astray::Elsewhere
        );
    }

    /// What attackers write.
    const WAYS: &[&str] = &[
        "",
        " ",
        "#1",
        "/Binary/1",
        "//ehr.lake.example/r4/Binary/1",
        "../Binary/1",
        "./Binary/1",
        "Binary/../../admin",
        "Binary/%2e%2e/%2e%2e/admin",
        "Binary/.%2E/admin",
        "Binary/%252e%252e/admin",
        "Binary/..%2fadmin",
        "Binary/..%5cadmin",
        "Binary/1\r\nHost: x",
        "Binary/%0d%0aHost:x",
        "Binary/\u{e9}",
        "Binary\\1",
        "urn:uuid:6f0b7c2e-0000-4000-8000-000000000000",
        "urn:oid:1.2.3",
        "data:text/plain,abc",
        "file:///etc/passwd",
        "file://ehr.lake.example/etc/passwd",
        "ftp://ehr.lake.example/r4/Binary/1",
        "gopher://ehr.lake.example:80/_x",
        "javascript:alert(1)",
        "jar:http://ehr.lake.example/r4!/x",
        "http:ehr.lake.example/r4/Binary/1",
        "http:/ehr.lake.example/r4/Binary/1",
        "http:///r4/Binary/1",
        "http://",
        "https://ehr.lake.example/r4/Binary/1",
        "http://ehr.lake.example:81/r4/Binary/1",
        "http://ehr.lake.example:0/r4/Binary/1",
        "http://ehr.lake.example:/r4/Binary/1",
        "http://ehr.lake.example:080x/r4/Binary/1",
        "http://ehr.lake.example./r4/Binary/1",
        "http://ehr.lake.example.evil.example/r4/Binary/1",
        "http://evil.example/http://ehr.lake.example/r4",
        "http://evil.example?ehr.lake.example/r4",
        "http://evil.example#@ehr.lake.example/r4",
        "http://ehr.lake.example@evil.example/r4",
        "http://me:word@ehr.lake.example/r4/Binary/1",
        "http://ehr.lake.example%40evil.example/r4",
        "http://ehr.lake.example\\@evil.example/r4",
        "http://ehr.lake.example%2eevil.example/r4",
        "http://ehr%2elake.example/r4/Binary/1",
        "http://127.0.0.1/r4/Binary/1",
        "http://127.1/r4/Binary/1",
        "http://2130706433/r4",
        "http://0x7f000001/r4",
        "http://0177.0.0.1/r4",
        "http://0/r4",
        "http://localhost/r4",
        "http://localhost:8080/",
        "http://[::1]/r4",
        "http://[::ffff:127.0.0.1]/r4",
        "http://[::ffff:7f00:1]/r4",
        "http://[fe80::1%25eth0]/r4",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://10.0.0.1/",
        "http://docs.lake.example/a",
        "http://docs.lake.example:8080/../a",
        "http://docs.lake.example:8080/%2e%2e/a",
        "http://ehr.lake.example/r4/../admin",
        "http://ehr.lake.example/r4/%2E%2e/admin",
        "http://ehr.lake.example/r4/%25252e./x/%2e",
    ];

    #[test]
    fn sixty_ways_out_lead_nowhere() {
        assert!(WAYS.len() >= 60);
        for way in WAYS {
            assert!(Target::find(way, &sources()).is_err(), "{way}");
        }
        let endless = format!("Binary/{}", "1".repeat(LONGEST));
        assert_eq!(
            Target::find(&endless, &sources()).unwrap_err(),
            Astray::Unreadable
        );
    }

    #[test]
    fn no_path_and_no_token_is_shown() {
        let target = Target::find("Binary/canary", &sources()).unwrap();
        let shown = format!("{target:?}");
        assert!(!shown.contains("canary") && !shown.contains("word"), "{shown}");
    }
}
