//! Who is at a door: how many places are taken in all, and how many by each address, so that a stranger with ten
//! thousand connections leaves room for everybody else.

use std::collections::HashMap;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// One of a bounded number of places, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicUsize>);

impl Place {
    pub(super) fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken < most).then_some(taken + 1)
            })
            .ok()
            .map(|_| Self(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The addresses from which clients are here; each of them is inside at least once, so their number is bounded as that
/// of the clients is.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<HashMap<IpAddr, Share>>);

/// What one address has of a door.
#[derive(Debug, Default)]
struct Share {
    connections: usize,
    /// Requests that are being worked on for it.
    works: Arc<AtomicUsize>,
}

/// A client that is inside; its place is free again when it is dropped.
#[derive(Debug)]
pub(super) struct Guest {
    crowd: Arc<Crowd>,
    home: IpAddr,
    works: Arc<AtomicUsize>,
}

impl Crowd {
    /// Lets a client in, unless so many are here from its address already.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Guest> {
        let home = home(address);
        let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = shares.entry(home).or_default();
        // At least one is let in from everywhere, so nobody is here without a connection.
        if share.connections >= most.max(1) {
            return None;
        }
        share.connections += 1;
        Some(Guest {
            crowd: Arc::clone(self),
            home,
            works: Arc::clone(&share.works),
        })
    }
}

impl Guest {
    /// Requests that are being worked on for the address of this client.
    pub(super) const fn works(&self) -> &Arc<AtomicUsize> {
        &self.works
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut shares = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get_mut(&self.home) {
            share.connections -= 1;
            if share.connections == 0 {
                shares.remove(&self.home);
            }
        }
    }
}

/// What counts as one address: whoever has an IPv6 address has the whole /64 of it.
fn home(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [one, two, three, four, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(one, two, three, four, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_share_and_others_have_theirs() {
        let crowd = Arc::new(Crowd::default());
        let inside: Vec<Option<Guest>> = (0..3).map(|_| crowd.enter(address("192.0.2.1"), 2)).collect();
        assert_eq!(inside.iter().flatten().count(), 2);
        assert!(crowd.enter(address("192.0.2.2"), 2).is_some());
        drop(inside);
        assert!(
            crowd.0.lock().unwrap().is_empty(),
            "nobody is remembered who has gone"
        );
        assert!(crowd.enter(address("192.0.2.1"), 2).is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_a_mapped_one_is_of_ipv4() {
        assert_eq!(
            home(address("2001:db8:1:2:3::4")),
            home(address("2001:db8:1:2:ffff::1"))
        );
        assert_ne!(home(address("2001:db8:1:2::1")), home(address("2001:db8:1:3::1")));
        assert_eq!(home(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }
}
