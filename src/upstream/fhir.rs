//! Hands a message to a FHIR server.

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header;
use serde::de::IgnoredAny;

use crate::trust::secret::Secret;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::REPLY_MOST;
use crate::upstream::attempt::Trouble;
use crate::upstream::errand::Errand;
use crate::upstream::http::Letter;
use crate::upstream::http::Web;
use crate::upstream::parcel::Parcel;
use crate::upstream::web::WebAddress;

/// Posts `parcel` to the server at `base`.
///
/// A repeated `POST Task` carries the same `If-None-Exist` and makes no second Task on a server that keeps to it; a
/// repeated `$submit-attachment` is told by its tracking id; each carries the same `X-Request-Id` (ROB-011).
pub(crate) async fn post(web: &Web, base: &WebAddress, bearer: Option<&Secret>, parcel: &Parcel) -> Attempt {
    let (path, prefer, unless) = match &parcel.errand {
        Errand::CreateTask { unless } => ("/Task", "return=minimal", unless.as_deref()),
        Errand::SubmitAttachment => ("/$submit-attachment", "return=OperationOutcome", None),
        Errand::X12 { .. } => return Attempt::failed(Trouble::Unsuited),
    };
    let Some(mut headers) = headers(FHIR_JSON, FHIR_JSON, bearer, parcel) else {
        return Attempt::failed(Trouble::Unsuited);
    };
    headers.insert(PREFER, HeaderValue::from_static(prefer));
    if let Some(query) = unless {
        let Ok(query) = HeaderValue::from_str(query) else {
            return Attempt::failed(Trouble::Unsuited);
        };
        headers.insert(IF_NONE_EXIST, query);
    }
    let letter = Letter {
        method: Method::POST,
        to: base,
        path,
        headers,
        content: &*parcel.content,
        most: REPLY_MOST,
    };
    believe(web.send(&letter).await, is_fhir)
}

/// The headers that every message has; `None` if something of it cannot stand in one.
pub(crate) fn headers(
    media: &'static str,
    accept: &'static str,
    bearer: Option<&Secret>,
    parcel: &Parcel,
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    headers.insert(REQUEST_ID, HeaderValue::from_str(&parcel.id).ok()?);
    if let Some(bearer) = bearer {
        headers.insert(header::AUTHORIZATION, authorization(bearer)?);
    }
    Some(headers)
}

/// Our token as a header; `None` if it cannot stand in one.
pub(crate) fn authorization(bearer: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", bearer.reveal())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The attempt, or that it was garbled: a success whose body is nothing that such a partner would send was answered by
/// something else on the way, and whether the partner has the message is not known.
pub(crate) fn believe(attempt: Attempt, fits: fn(media: Option<&str>, body: &[u8]) -> bool) -> Attempt {
    match attempt {
        Attempt::Answered {
            status: 200..=299,
            media,
            retry_after,
            body,
            ..
        } if !body.is_empty() && !fits(media.as_deref(), &body) => Attempt::Failed {
            trouble: Trouble::Garbled,
            retry_after,
        },
        other => other,
    }
}

/// Whether a body is a JSON object, and is not said to be something else.
fn is_fhir(media: Option<&str>, body: &[u8]) -> bool {
    let is_json = media.is_none_or(|media| media.ends_with("/json") || media.ends_with("+json"));
    is_json && body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

pub(crate) const FHIR_JSON: &str = "application/fhir+json";
const PREFER: HeaderName = HeaderName::from_static("prefer");
const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_believed_to_be_fhir() {
        let outcome = br#" {"resourceType":"OperationOutcome"}"#;
        assert!(is_fhir(Some("application/fhir+json"), outcome));
        assert!(is_fhir(Some("application/json"), outcome));
        assert!(is_fhir(None, outcome));
        assert!(!is_fhir(Some("text/html"), outcome));
        assert!(!is_fhir(None, b"<html>"));
        assert!(!is_fhir(None, &outcome[..20]));
        assert!(!is_fhir(None, b"[]"));
        assert!(!is_fhir(None, &[&outcome[..], b"}"].concat()));
    }

    #[test]
    fn what_a_peer_refuses_needs_no_form() {
        let refused = Attempt::Answered {
            status: 502,
            media: Some("text/html".to_owned()),
            location: None,
            retry_after: None,
            body: b"<html>".to_vec(),
        };
        assert_eq!(believe(refused.clone(), is_fhir), refused);
    }
}
