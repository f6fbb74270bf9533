//! Which machines an address out of a message may lead to (SEC-024).
//!
//! The configuration names every host that is dialled, so a host in a private network is one that an operator meant. What
//! no operator means by a name is this very machine, its link, or everybody: those are dialled only where the
//! configuration has the number itself, or says `localhost`.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

/// Whether `found`, which `host` was looked up to be, may be dialled.
pub(crate) fn may_dial(host: &str, found: IpAddr) -> bool {
    let is_said = host.parse() == Ok(found);
    let is_here = host == "localhost" && found.is_loopback();
    is_said || is_here || !is_never_meant(found)
}

fn is_never_meant(found: IpAddr) -> bool {
    match found {
        IpAddr::V4(found) => is_never_meant_v4(found),
        IpAddr::V6(found) => match inner(found) {
            Some(inner) => is_never_meant_v4(inner),
            None => {
                found.is_loopback()
                    || found.is_unspecified()
                    || found.is_multicast()
                    || found.is_unicast_link_local()
                    // Site-local once; and where clouds answer machines about themselves.
                    || found.segments().starts_with(&[0xfec0])
                    || found == METADATA
            }
        },
    }
}

fn is_never_meant_v4(found: Ipv4Addr) -> bool {
    let [first, ..] = found.octets();
    found.is_loopback()
        || found.is_link_local()
        || found.is_multicast()
        || found.is_broadcast()
        // "This network", and what was never given out.
        || first == 0
        || first >= 240
}

/// The IPv4 address that an IPv6 address leads to, by one of the ways that machines translate between them.
fn inner(found: Ipv6Addr) -> Option<Ipv4Addr> {
    let pair = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match found.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0 | 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => Some(pair(high, low)),
        _ => None,
    }
}

/// Where a cloud tells its machines about themselves over IPv6.
const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, found: &str, expected: bool) {
        assert_eq!(may_dial(host, found.parse().unwrap()), expected, "{host} {found}");
    }

    #[test]
    fn a_name_never_leads_to_this_machine_or_its_link() {
        for found in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a9fe:a9fe",
            "2002:7f00:1::1",
        ] {
            check("docs.lake.example", found, false);
            check("localhost.lake.example", found, false);
        }
    }

    #[test]
    fn a_name_may_lead_to_any_other_machine() {
        for found in [
            "192.0.2.7",
            "10.1.2.3",
            "2001:db8::7",
            "fd12:3456::7",
            "64:ff9b::c000:207",
        ] {
            check("docs.lake.example", found, true);
        }
    }

    #[test]
    fn what_the_configuration_says_by_its_number_is_meant() {
        check("127.0.0.1", "127.0.0.1", true);
        check("::1", "::1", true);
        check("169.254.1.1", "169.254.1.1", true);
        check("localhost", "127.0.0.1", true);
        check("localhost", "::1", true);
        check("localhost", "169.254.169.254", false);
        check("127.0.0.1", "127.0.0.2", false);
    }
}
