//! Addresses on the web, from the configuration only.

use std::fmt;

/// The address of a server, as the configuration has it: scheme, host, port and the path that all requests begin with.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct WebAddress {
    host: Box<str>,
    port: u16,
    authority: Box<str>,
    path: Box<str>,
}

/// Why a text is not an address that can be dialled.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum WebFault {
    /// It starts with `https://`.
    #[error("this release does not speak TLS to partners yet, so an https address cannot be dialled")]
    Tls,
    /// It starts with neither `https://` nor `http://`.
    #[error("an address begins with http://")]
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
    /// Reads an address.
    ///
    /// # Errors
    /// Says which part is wrong. An `https` address is refused: nothing is sent in the clear that was meant not to be.
    pub fn parse(text: &str) -> Result<Self, WebFault> {
        if text.bytes().any(|byte| !byte.is_ascii_graphic()) || text.contains(['?', '#', '\\']) {
            return Err(WebFault::Rest);
        }
        if text.starts_with("https://") {
            return Err(WebFault::Tls);
        }
        let rest = text.strip_prefix("http://").ok_or(WebFault::Scheme)?;
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, path.trim_end_matches('/')),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(WebFault::Credentials);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, number(port)?),
            _ => (authority, PLAIN_PORT),
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
            host: bare.unwrap_or(host).into(),
            port,
            authority: authority.into(),
            path: format!("{slash}{path}").into(),
        })
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
        write!(f, "http://{}{}", self.authority, self.path)
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
