//! Addresses on the web, from the configuration only.

use std::fmt;

use crate::trust::tls::ClientTls;

/// The address of a server, as the configuration has it: scheme, host, port and the path that all requests begin with.
///
/// Invariant: an `https` address holds how TLS is spoken to it, so that nothing meant for it is sent in the clear.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct WebAddress {
    tls: Option<ClientTls>,
    host: Box<str>,
    port: u16,
    authority: Box<str>,
    path: Box<str>,
}

/// Why a text is not an address that can be dialled.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum WebFault {
    /// It starts with `https://`, and nothing says how TLS is spoken.
    #[error("nothing says how TLS is spoken to an https address")]
    Tls,
    /// It starts with neither `https://` nor `http://`.
    #[error("an address begins with https:// or http://")]
    Scheme,
    /// It has no host, or one with characters that hosts do not have.
    #[error("the address has no host that could be dialled")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port of the address is no number from 1 to 65535")]
    Port,
    /// It holds a user or a password.
    #[error("an address holds no user or password")]
    Credentials,
    /// It has blanks, a query or a fragment.
    #[error("an address ends with its path")]
    Rest,
}

impl WebAddress {
    /// Reads an address that is spoken to in the clear.
    ///
    /// # Errors
    /// Says which part is wrong. An `https` address is refused: [`over`](Self::over) is for those.
    pub fn parse(text: &str) -> Result<Self, WebFault> {
        Self::read(text, None)
    }

    /// Reads an address; if it is an `https` address, `tls` is how it is spoken to.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn over(text: &str, tls: &ClientTls) -> Result<Self, WebFault> {
        Self::read(text, Some(tls))
    }

    fn read(text: &str, tls: Option<&ClientTls>) -> Result<Self, WebFault> {
        if text.bytes().any(|byte| !byte.is_ascii_graphic()) || text.contains(['?', '#', '\\']) {
            return Err(WebFault::Rest);
        }
        let (tls, usual, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (Some(tls.ok_or(WebFault::Tls)?.clone()), SECURE_PORT, rest),
            (None, Some(rest)) => (None, PLAIN_PORT, rest),
            (None, None) => return Err(WebFault::Scheme),
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, path.trim_end_matches('/')),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(WebFault::Credentials);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, number(port)?),
            _ => (authority, usual),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let fits = match bare {
            Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(is_of_host),
        };
        if !fits {
            return Err(WebFault::Host);
        }
        let slash = if path.is_empty() { "" } else { "/" };
        Ok(Self {
            tls,
            host: bare.unwrap_or(host).into(),
            port,
            authority: authority.into(),
            path: format!("{slash}{path}").into(),
        })
    }

    /// The same server, from the root of its paths.
    #[must_use]
    pub fn root(&self) -> Self {
        Self {
            path: "".into(),
            ..self.clone()
        }
    }

    /// How TLS is spoken to it; none if it is spoken to in the clear.
    pub const fn tls(&self) -> Option<&ClientTls> {
        self.tls.as_ref()
    }

    /// The name or number of the host, as it is looked up.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as the `Host` header says them.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path without a slash at its end; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn number(port: &str) -> Result<u16, WebFault> {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits && port != 0 => Ok(port),
        _ => Err(WebFault::Port),
    }
}

const fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

const PLAIN_PORT: u16 = 80;
const SECURE_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, u16, &str), WebFault>) {
        let found = WebAddress::parse(text);
        let found = found
            .as_ref()
            .map(|web| (web.host(), web.port(), web.path()))
            .map_err(|fault| *fault);
        assert_eq!(found, expected);
    }

    #[test]
    fn an_address_is_taken_apart() {
        check("http://acme.example/r4/", Ok(("acme.example", 80, "/r4")));
        check("http://acme.example", Ok(("acme.example", 80, "")));
        check("http://127.0.0.1:8080/a/b", Ok(("127.0.0.1", 8080, "/a/b")));
        check("http://[::1]:8443/", Ok(("::1", 8443, "")));
        let shown = WebAddress::parse("http://[::1]:8443/r4/").unwrap();
        assert_eq!(shown.to_string(), "http://[::1]:8443/r4");
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        check("https://acme.example/r4", Err(WebFault::Tls));
        check("ftp://acme.example", Err(WebFault::Scheme));
        check("http:///r4", Err(WebFault::Host));
        check("http://[::1", Err(WebFault::Host));
        check("http://[acme]", Err(WebFault::Host));
        check("http://acme.example:0", Err(WebFault::Port));
        check("http://acme.example:+80", Err(WebFault::Port));
        check("http://acme.example:70000", Err(WebFault::Port));
        check("http://me:word@acme.example", Err(WebFault::Credentials));
        check("http://acme.example/a?b", Err(WebFault::Rest));
        check("http://acme.example/a b", Err(WebFault::Rest));
    }
}
