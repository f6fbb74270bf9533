//! Who stands at a door: the partner whose door it is, or whose token or certificate it shows.

use http::HeaderMap;
use http::header;

use super::refusal::Refusal;
use super::settings::Terms;

/// The partner that is calling; `shown` is the one whose client certificate it has.
///
/// A partner that was given a token shows it, at its own door as well: a door says where somebody stands, a token who
/// it is. A door of one partner is closed to the tokens of others.
pub(super) fn partner(headers: &HeaderMap, shown: Option<&str>, terms: &Terms) -> Result<String, Refusal> {
    let by_token = match bearer(headers)? {
        Some(token) => Some(terms.tokens.holder(token).ok_or(Refusal::BadToken)?),
        None => None,
    };
    if let (Some(by_token), Some(shown)) = (by_token, shown)
        && by_token != shown
    {
        return Err(Refusal::OtherPartner);
    }
    match (by_token.or(shown), &terms.from) {
        (Some(known), Some(from)) if known != from => Err(Refusal::OtherPartner),
        (Some(known), _) => Ok(known.to_owned()),
        (None, Some(from)) if !terms.tokens.has(from) => Ok(from.clone()),
        (None, _) => Err(Refusal::NoToken),
    }
}

/// The token that is shown, if one is.
fn bearer(headers: &HeaderMap) -> Result<Option<&[u8]>, Refusal> {
    let mut shown = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = shown.next() else {
        return Ok(None);
    };
    if shown.next().is_some() {
        return Err(Refusal::BadToken);
    }
    let (scheme, token) = value.as_bytes().split_at_checked(7).ok_or(Refusal::BadToken)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Err(Refusal::BadToken);
    }
    Ok(Some(token.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::edge::settings::Facade;
    use crate::trust::bearer::Tokens;

    #[track_caller]
    fn check(from: Option<&str>, shown: Option<&str>, expected: Result<&str, Refusal>) {
        let terms = Terms {
            from: from.map(str::to_owned),
            tokens: Arc::new(
                Tokens::default()
                    .with(b"acme-token", "acme")
                    .with(b"blue-token", "blue"),
            ),
            body: 1,
            clients: 1,
            per_address: 1,
            timeout: Duration::from_secs(1),
            names: Arc::default(),
            tls: None,
            facade: Facade::default(),
        };
        let mut headers = HeaderMap::new();
        if let Some(shown) = shown {
            headers.insert(header::AUTHORIZATION, shown.parse().unwrap());
        }
        assert_eq!(
            partner(&headers, None, &terms)
                .as_deref()
                .map_err(|refusal| *refusal),
            expected
        );
    }

    #[test]
    fn a_token_says_who_it_is() {
        check(None, Some("Bearer acme-token"), Ok("acme"));
        check(None, Some("bearer blue-token"), Ok("blue"));
        check(None, Some("Bearer nobodys"), Err(Refusal::BadToken));
        check(None, Some("Basic YTpi"), Err(Refusal::BadToken));
        check(None, Some("Bearer"), Err(Refusal::BadToken));
        check(None, None, Err(Refusal::NoToken));
    }

    #[test]
    fn a_door_says_whose_it_is() {
        check(Some("legacy"), None, Ok("legacy"));
        check(Some("acme"), Some("Bearer acme-token"), Ok("acme"));
        check(Some("acme"), None, Err(Refusal::NoToken));
        check(
            Some("acme"),
            Some("Bearer blue-token"),
            Err(Refusal::OtherPartner),
        );
        check(Some("legacy"), Some("Bearer nobodys"), Err(Refusal::BadToken));
    }
}
