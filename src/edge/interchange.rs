//! X12 by plain `POST`: the acknowledgements are in the answer.

use std::fmt;

use bytes::Bytes;
use http::Method;
use http::request::Parts;
use http_body::Body;

use super::arriving::Arriving;
use super::facade::Visit;
use super::identity;
use super::negotiate;
use super::refusal::Dialect;
use super::refusal::Refusal;
use super::reply;
use super::reply::Answer;
use super::target::Target;
use crate::flow::door::Caller;

/// Serves one request.
pub(super) async fn serve<B>(visit: Visit<'_>, head: &Parts, body: &mut Arriving<B>) -> Answer
where
    B: Body<Data = Bytes> + Send + Unpin + fmt::Debug,
    B::Error: Send,
{
    let answered = attempt(visit, head, body).await;
    answered.unwrap_or_else(|refusal| reply::refuse(refusal, Dialect::X12))
}

async fn attempt<B>(visit: Visit<'_>, head: &Parts, body: &mut Arriving<B>) -> Result<Answer, Refusal>
where
    B: Body<Data = Bytes> + Send + Unpin + fmt::Debug,
    B::Error: Send,
{
    let target = Target::of(&head.uri)?;
    if !matches!(target.segments().as_slice(), [] | ["x12" | "core"]) {
        return Err(Refusal::NotFound);
    }
    if head.method != Method::POST {
        return Err(Refusal::Method("POST"));
    }
    let caller = Caller {
        door: visit.door.to_owned(),
        partner: identity::partner(&head.headers, visit.shown, visit.terms)?,
    };
    negotiate::check_length(&head.headers, visit.terms.body)?;
    negotiate::check_content(&head.headers, &negotiate::INTERCHANGE)?;
    let told = visit.behind.x12(&caller, body).await;
    match body.broken() {
        Some(broken) => Err(broken.into()),
        None => Ok(reply::told(told, Dialect::X12, "")),
    }
}
