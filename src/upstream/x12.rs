//! Hands an interchange to a partner that takes X12 by `POST`.

use http::Method;

use crate::trust::secret::Secret;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::REPLY_MOST;
use crate::upstream::attempt::Trouble;
use crate::upstream::errand::Errand;
use crate::upstream::fhir::believe;
use crate::upstream::fhir::headers;
use crate::upstream::http::Letter;
use crate::upstream::http::Web;
use crate::upstream::parcel::Parcel;
use crate::upstream::web::WebAddress;

/// Posts `parcel` to `url`. What comes back may hold a TA1 or 999; a repeat carries the same control numbers (ROB-011).
pub(crate) async fn post(web: &Web, url: &WebAddress, bearer: Option<&Secret>, parcel: &Parcel) -> Attempt {
    let headers = match parcel.errand {
        Errand::X12 { .. } => headers(X12, "application/edi-x12, text/plain;q=0.5", bearer, parcel),
        Errand::CreateTask { .. } | Errand::SubmitAttachment => None,
    };
    let Some(headers) = headers else {
        return Attempt::failed(Trouble::Unsuited);
    };
    let letter = Letter {
        method: Method::POST,
        to: url,
        path: if url.path().is_empty() { "/" } else { "" },
        headers,
        content: &*parcel.content,
        most: REPLY_MOST,
    };
    believe(web.send(&letter).await, is_x12)
}

/// Whether a body is an interchange, or a line of plain text that says that all is well.
fn is_x12(media: Option<&str>, body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"ISA")
        || (media == Some("text/plain") && !body.trim_ascii_start().starts_with(b"<"))
}

const X12: &str = "application/edi-x12";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_interchanges_and_plain_words_are_believed() {
        assert!(is_x12(Some("application/edi-x12"), b"\nISA*00*"));
        assert!(is_x12(Some("text/plain"), b"taken"));
        assert!(!is_x12(Some("text/plain"), b"<html>"));
        assert!(!is_x12(Some("text/html"), b"taken"));
        assert!(!is_x12(None, b"\0\x01\x02"));
    }
}
