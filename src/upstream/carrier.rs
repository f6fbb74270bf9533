//! Hands a message over in whichever way its partner is reached.

use std::sync::Arc;

use crate::base::clock::Clock;
use crate::upstream::address::Address;
use crate::upstream::attempt::Attempt;
use crate::upstream::fhir;
use crate::upstream::folder::Folders;
use crate::upstream::http::Web;
use crate::upstream::limits::Limits;
use crate::upstream::parcel::Parcel;
use crate::upstream::x12;

/// Hands messages over, one attempt at a time; connections are kept from one to the next.
#[derive(Debug)]
pub struct Carrier {
    web: Web,
    folders: Folders,
}

impl Carrier {
    /// A carrier that has been nowhere yet.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            web: Web::new(limits, clock),
            folders: Folders::new(limits),
        }
    }

    /// Makes one attempt to hand `parcel` over at `address`; it ends within the longest time that the limits allow.
    ///
    /// Cancelling it ends the attempt; the peer may have the message all the same.
    pub async fn carry(&self, address: &Address, parcel: &Parcel) -> Attempt {
        match address {
            Address::Fhir { base, bearer } => fhir::post(&self.web, base, bearer.as_ref(), parcel).await,
            Address::X12Http { url, bearer } => x12::post(&self.web, url, bearer.as_ref(), parcel).await,
            Address::Folder { path, name } => self.folders.place(path, name, parcel).await,
        }
    }
}
