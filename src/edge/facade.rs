//! The FHIR façade: which request is which interaction, and what a client must say for it.

use std::fmt;

use bytes::Bytes;
use http::Method;
use http::request::Parts;
use http_body::Body;

use super::arriving::Arriving;
use super::arriving::gather;
use super::behind::Behind;
use super::capability;
use super::identity;
use super::negotiate;
use super::refusal::Dialect;
use super::refusal::FHIR;
use super::refusal::Refusal;
use super::reply;
use super::reply::Answer;
use super::settings::Terms;
use super::target::Pairs;
use super::target::Target;
use super::target::pairs;
use crate::flow::door::Broken;
use crate::flow::door::Caller;
use crate::flow::door::Incoming;
use crate::flow::door::Interaction;

/// Where a request is served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit<'a> {
    /// The door, by its name.
    pub(super) door: &'a str,
    /// What holds there.
    pub(super) terms: &'a Terms,
    /// The partner whose client certificate was shown.
    pub(super) shown: Option<&'a str>,
    /// What stands behind it.
    pub(super) behind: &'a dyn Behind,
}

/// What a path and a method ask for.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Place {
    Capabilities,
    Discovery,
    Submit,
    Create,
    Update(String),
    Read(String),
    ReadVersion(String, u64),
    History(String),
    Search,
    PostedSearch,
}

/// Serves one request.
pub(super) async fn serve<B>(visit: Visit<'_>, head: &Parts, body: &mut Arriving<B>) -> Answer
where
    B: Body<Data = Bytes> + Send + Unpin + fmt::Debug,
    B::Error: Send,
{
    let answered = attempt(visit, head, body).await;
    answered.unwrap_or_else(|refusal| reply::refuse(refusal, Dialect::Fhir))
}

async fn attempt<B>(visit: Visit<'_>, head: &Parts, body: &mut Arriving<B>) -> Result<Answer, Refusal>
where
    B: Body<Data = Bytes> + Send + Unpin + fmt::Debug,
    B::Error: Send,
{
    let target = Target::of(&head.uri)?;
    let facade = &visit.terms.facade;
    let place = find(&head.method, &target.segments(), &base_segments(&facade.base))?;
    let mut query = target.pairs()?;
    negotiate::check_accept(&head.headers, &query)?;
    query.retain(|(name, _)| !matches!(name.as_str(), "_format" | "_pretty"));
    match place {
        Place::Capabilities => {
            return Ok(reply::plain(200, FHIR, capability::statement(visit.terms).into()));
        }
        Place::Discovery => return Ok(reply::plain(200, JSON, capability::discovery(facade).into())),
        _ => {}
    }
    let caller = Caller {
        door: visit.door.to_owned(),
        partner: identity::partner(&head.headers, visit.shown, visit.terms)?,
    };
    check_body(&place, head, visit.terms)?;
    let reads = matches!(place, Place::Read(_));
    let what = interaction(place, head, query, body).await?;
    let prefer = negotiate::prefer(&head.headers);
    let told = visit.behind.facade(&caller, what, prefer, body).await;
    if let Some(broken) = body.broken() {
        return Err(broken.into());
    }
    let known = negotiate::if_none_match(&head.headers);
    let is_known = told.version.is_some_and(|version| known.contains(&version));
    let is_good = told.status == 200;
    let answer = reply::told(told, Dialect::Fhir, &facade.base);
    Ok(if reads && is_good && is_known {
        reply::unchanged(answer)
    } else {
        answer
    })
}

/// Refuses by its head a body that would not be read.
fn check_body(place: &Place, head: &Parts, terms: &Terms) -> Result<(), Refusal> {
    match place {
        Place::Submit | Place::Create | Place::Update(_) => {
            negotiate::check_length(&head.headers, terms.body)?;
            negotiate::check_fhir(&head.headers)
        }
        Place::PostedSearch => {
            negotiate::check_length(&head.headers, LONGEST_FORM as u64)?;
            negotiate::check_content(&head.headers, &negotiate::FORM)
        }
        Place::Capabilities
        | Place::Discovery
        | Place::Read(_)
        | Place::ReadVersion(..)
        | Place::History(_)
        | Place::Search => Ok(()),
    }
}

async fn interaction<B>(
    place: Place,
    head: &Parts,
    mut query: Pairs,
    body: &mut Arriving<B>,
) -> Result<Interaction, Refusal>
where
    B: Body<Data = Bytes> + Send + Unpin + fmt::Debug,
    B::Error: Send,
{
    Ok(match place {
        Place::Submit => Interaction::SubmitAttachment,
        Place::Create => Interaction::CreateTask {
            unless: negotiate::if_none_exist(&head.headers)?,
        },
        Place::Update(id) => Interaction::UpdateTask {
            id,
            version: negotiate::if_match(&head.headers)?,
        },
        Place::Read(id) => Interaction::ReadTask { id },
        Place::ReadVersion(id, version) => Interaction::ReadVersion { id, version },
        Place::History(id) => Interaction::History { id, query },
        Place::Search => Interaction::SearchTasks { query },
        Place::PostedSearch => {
            let form = gather(body as &mut dyn Incoming, LONGEST_FORM).await?;
            query.extend(pairs(&form)?);
            query.retain(|(name, _)| !matches!(name.as_str(), "_format" | "_pretty"));
            Interaction::SearchTasks { query }
        }
        Place::Capabilities | Place::Discovery => return Err(Refusal::NotFound),
    })
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::TooLong => Self::BodyTooLong,
            Broken::TooSlow => Self::BodyTooSlow,
            Broken::Cut => Self::BodyCut,
        }
    }
}

/// The segments of the path in a base address.
fn base_segments(base: &str) -> Vec<&str> {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// What is at a path, by method.
fn find(method: &Method, path: &[&str], base: &[&str]) -> Result<Place, Refusal> {
    if let [".well-known", "davinci-configuration"] = path {
        // Whoever knows only the host finds it as well as who knows the base.
        return reading(method).map(|()| Place::Discovery);
    }
    let inside = path.strip_prefix(base).ok_or(Refusal::NotFound)?;
    let by = |allow, places: [(&Method, Place); 2]| {
        let method = if *method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let found = places.into_iter().find(|(known, _)| *known == method);
        found.map(|(_, place)| place).ok_or(Refusal::Method(allow))
    };
    match inside {
        ["metadata"] => reading(method).map(|()| Place::Capabilities),
        [".well-known", "davinci-configuration"] => reading(method).map(|()| Place::Discovery),
        ["$submit-attachment"] | ["Claim", "$submit-attachment"] => posting(method).map(|()| Place::Submit),
        ["Task"] => by(
            "GET, HEAD, POST",
            [(&Method::GET, Place::Search), (&Method::POST, Place::Create)],
        ),
        ["Task", "_search"] => posting(method).map(|()| Place::PostedSearch),
        ["Task", id] => {
            let id = identifier(id)?;
            by(
                "GET, HEAD, PUT",
                [
                    (&Method::GET, Place::Read(id.clone())),
                    (&Method::PUT, Place::Update(id)),
                ],
            )
        }
        ["Task", id, "_history"] => {
            let id = identifier(id)?;
            reading(method).map(|()| Place::History(id))
        }
        ["Task", id, "_history", version] => {
            let id = identifier(id)?;
            let version = version.parse().map_err(|_| Refusal::NotFound)?;
            reading(method).map(|()| Place::ReadVersion(id, version))
        }
        _ => Err(Refusal::NotFound),
    }
}

fn reading(method: &Method) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::HEAD) {
        Ok(())
    } else {
        Err(Refusal::Method("GET, HEAD"))
    }
}

fn posting(method: &Method) -> Result<(), Refusal> {
    if *method == Method::POST {
        Ok(())
    } else {
        Err(Refusal::Method("POST"))
    }
}

/// An id as FHIR has them; what is none names nothing.
fn identifier(text: &str) -> Result<String, Refusal> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.'));
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Refusal::NotFound)
    }
}

/// The longest search that may be posted, in octets.
const LONGEST_FORM: usize = 64 * 1024;

/// The media type of what is JSON and not FHIR.
const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &[&str], expected: &Result<Place, Refusal>) {
        let base = base_segments("https://cartage.example/fhir");
        assert_eq!(
            &find(&method.parse().unwrap(), path, &base),
            expected,
            "{method} {path:?}"
        );
    }

    #[test]
    fn places_are_found() {
        check("GET", &["fhir", "metadata"], &Ok(Place::Capabilities));
        check(
            "GET",
            &[".well-known", "davinci-configuration"],
            &Ok(Place::Discovery),
        );
        check(
            "GET",
            &["fhir", ".well-known", "davinci-configuration"],
            &Ok(Place::Discovery),
        );
        check("POST", &["fhir", "$submit-attachment"], &Ok(Place::Submit));
        check(
            "POST",
            &["fhir", "Claim", "$submit-attachment"],
            &Ok(Place::Submit),
        );
        check("HEAD", &["fhir", "Task"], &Ok(Place::Search));
        check("PUT", &["fhir", "Task", "a"], &Ok(Place::Update("a".to_owned())));
        check(
            "GET",
            &["fhir", "Task", "a", "_history", "2"],
            &Ok(Place::ReadVersion("a".to_owned(), 2)),
        );
        check("POST", &["fhir", "Task", "_search"], &Ok(Place::PostedSearch));
    }

    #[test]
    fn other_places_and_methods_are_refused() {
        for path in [
            &["Task"] as &[&str],
            &["fhir"],
            &["fhir", "Patient"],
            &["fhir", "Task", "a_b"],
            &["fhir", "Task", "a", "_history", "x"],
        ] {
            check("GET", path, &Err(Refusal::NotFound));
        }
        for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD"] {
            check(
                method,
                &["fhir", "$submit-attachment"],
                &Err(Refusal::Method("POST")),
            );
        }
        check(
            "DELETE",
            &["fhir", "Task", "a"],
            &Err(Refusal::Method("GET, HEAD, PUT")),
        );
        check(
            "PATCH",
            &["fhir", "Task"],
            &Err(Refusal::Method("GET, HEAD, POST")),
        );
        check("POST", &["fhir", "metadata"], &Err(Refusal::Method("GET, HEAD")));
    }

    #[test]
    fn a_base_may_have_no_path() {
        assert!(base_segments("https://cartage.example").is_empty());
        assert_eq!(base_segments("https://cartage.example/a/b"), ["a", "b"]);
    }
}
