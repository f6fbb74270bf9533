//! Asks peers what they are, before anything is handed to them. Nothing of a message is sent.

use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::header;

use crate::base::clock::Clock;
use crate::trust::secret::Secret;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::Trouble;
use crate::upstream::fhir::FHIR_JSON;
use crate::upstream::fhir::authorization;
use crate::upstream::http::Letter;
use crate::upstream::http::Web;
use crate::upstream::limits::Limits;
use crate::upstream::parcel::Content;
use crate::upstream::parcel::Pieces;
use crate::upstream::parcel::Unreadable;
use crate::upstream::web::WebAddress;

/// Asks peers what they are.
#[derive(Debug)]
pub struct Inquiry {
    web: Web,
}

impl Inquiry {
    /// Has asked nobody yet.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            web: Web::new(limits, clock),
        }
    }

    /// `GET [base]/metadata`: what a FHIR server says of itself, in at most [`METADATA_MOST`] bytes.
    pub async fn metadata(&self, base: &WebAddress, bearer: Option<&Secret>) -> Attempt {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(FHIR_JSON));
        if let Some(bearer) = bearer {
            let Some(value) = authorization(bearer) else {
                return Attempt::failed(Trouble::Unsuited);
            };
            headers.insert(header::AUTHORIZATION, value);
        }
        let letter = Letter {
            method: Method::GET,
            to: base,
            path: "/metadata",
            headers,
            content: &Nothing,
            most: METADATA_MOST,
        };
        self.web.send(&letter).await
    }

    /// Whether somebody takes a connection at `address`; not a byte is sent.
    ///
    /// # Errors
    /// Says why not.
    pub async fn reach(&self, address: &WebAddress) -> Result<(), Trouble> {
        self.web.reach(address).await
    }
}

/// No content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nothing;

impl Content for Nothing {
    fn length(&self) -> u64 {
        0
    }

    fn open(&self) -> Box<dyn Pieces> {
        Box::new(*self)
    }
}

impl Pieces for Nothing {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Unreadable>>> {
        Poll::Ready(None)
    }
}

/// The longest description of itself that is read of a server: those that list every type in full are a few MiB.
pub const METADATA_MOST: usize = 8 * 1024 * 1024;
