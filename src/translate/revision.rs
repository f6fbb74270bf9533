//! From FHIR to FHIR: a message of CDex in the words of another version, and what PAS asks for as a Task of CDex.
//!
//! A Task of CDex keeps everything that the other version has words for, what no model knows included. Parameters,
//! Tasks of PAS and responses of PAS go through the models of `fhir`. Either way each value of the result has its
//! source, and what did not arrive is listed: `version` where the other version has no place, `no-target` elsewhere.

use std::collections::BTreeSet;

use serde_json::Value;
use thiserror::Error;

use crate::base::place::Place;
use crate::fhir::Places;
use crate::fhir::TaskKind;
use crate::fhir::attachment_request::AttachmentRequest;
use crate::fhir::attachment_request::Wanted;
use crate::fhir::attachment_request::Wish;
use crate::fhir::check;
use crate::fhir::data_request::DataRequest;
use crate::fhir::draft;
use crate::fhir::draft::Wrote;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Source;
use crate::fhir::leaves;
use crate::fhir::made::Omission;
use crate::fhir::made::Unwritable;
use crate::fhir::resource::task::Task;
use crate::fhir::reword;
use crate::fhir::submission::Submission;
use crate::fhir::version::CdexVersion;
use crate::fhir::version::Wire;
use crate::mapping::Why;

/// A message in other words.
#[derive(Clone)]
pub struct Revision {
    /// The resource as JSON text.
    pub text: String,
    /// Where each of its values came from.
    pub lineage: Vec<Revised>,
}

/// One value of a message in other words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revised {
    /// Its place.
    pub target: String,
    /// Where it came from, or the name of the rule that fixes it.
    pub source: Result<Place, &'static str>,
}

/// What became of a message.
#[derive(Clone)]
pub struct Revisions {
    /// The messages that it became.
    pub made: Vec<Revision>,
    /// What of it did not arrive, and why.
    pub lost: Vec<(Place, Why)>,
}

/// Why a message has no other words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Error)]
pub enum NotRevised {
    /// It is of a kind that CDex does not exchange.
    #[error("it is no request and no submission of CDex, and no answer of PAS that asks for anything")]
    OtherKind,
    /// It asks for nothing.
    #[error("the answer of PAS asks for nothing")]
    NothingAsked,
    /// It asks for questionnaires without saying which.
    #[error("it asks for a questionnaire by its context, and CDex asks for one by its address")]
    OnlyContext,
    /// The version has no such message.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// Says a message in the words of a version; a request that has no address to answer to gets the one given.
///
/// # Errors
/// Refuses what is no message of CDex or PAS, and what the version cannot say at all.
pub fn revise(
    resource: &Value,
    version: CdexVersion,
    payer_url: Option<&str>,
) -> Result<Revisions, NotRevised> {
    let mut account = Account::default();
    match resource.get("resourceType").and_then(Value::as_str) {
        Some("Task") => account.task(resource, version)?,
        Some("Parameters") => {
            let submission = Submission::read(resource, Places::Noted).ok_or(NotRevised::OtherKind)?;
            let made = submission.parameters(version);
            account.omit(made.omitted);
            account.add(&made.it.wrote(draft::Lineage::Noted));
        }
        Some("Bundle") => {
            let request =
                AttachmentRequest::read_pas_response(resource, Places::Noted).ok_or(NotRevised::OtherKind)?;
            account.response(request, version, payer_url)?;
        }
        _ => return Err(NotRevised::OtherKind),
    }
    Ok(account.close(resource))
}

/// Says a request for attachments to a prior authorization as Tasks of PAS 2.2.1: one for each type of request, as
/// PAS has it in its rule ainfo-7. The request is a Task of CDex or of PAS 2.0.1, or an answer of PAS.
///
/// # Errors
/// Refuses what is no such request, and one that PAS has no words for.
pub fn for_pas(resource: &Value, payer_url: Option<&str>) -> Result<Revisions, NotRevised> {
    let request = match resource.get("resourceType").and_then(Value::as_str) {
        Some("Task") if check::kind_of_task(resource) != TaskKind::DataRequest => {
            AttachmentRequest::read(resource, Places::Noted)
        }
        Some("Bundle") => AttachmentRequest::read_pas_response(resource, Places::Noted)
            .map(|request| pended(request, payer_url)),
        _ => None,
    };
    let request = request.ok_or(NotRevised::OtherKind)?;
    if request.items.is_empty() {
        return Err(NotRevised::NothingAsked);
    }
    let mut account = Account::default();
    for made in request.pas_tasks()? {
        account.omit(made.omitted);
        account.add(&made.it.wrote(draft::Lineage::Noted));
    }
    Ok(account.close(resource))
}

/// What an answer of PAS asks for, as a request that nobody has taken up yet.
fn pended(mut request: AttachmentRequest, payer_url: Option<&str>) -> AttachmentRequest {
    request
        .status
        .get_or_insert_with(|| Leaf::fixed("requested", "pas.requested"));
    if let (None, Some(url)) = (&request.payer_url, payer_url) {
        request.payer_url = Some(Leaf::fixed(url.to_owned(), "context.payer-url"));
    }
    request
}

/// What was made so far, and what of the original it says.
#[derive(Default)]
struct Account {
    made: Vec<Revision>,
    told: BTreeSet<Box<str>>,
    /// Values that rules fix: a message says them by being what it is.
    fixed: BTreeSet<String>,
    omitted: BTreeSet<Box<str>>,
}

impl Account {
    fn task(&mut self, resource: &Value, version: CdexVersion) -> Result<(), NotRevised> {
        if check::kind_of_task(resource) == TaskKind::DataRequest {
            let request = DataRequest::read(resource, Places::Noted).ok_or(NotRevised::OtherKind)?;
            self.add(&request.task().wrote(draft::Lineage::Noted));
            return Ok(());
        }
        if let Wire::Pas(_) = check::wire_of_task(resource) {
            let request = AttachmentRequest::read(resource, Places::Noted).ok_or(NotRevised::OtherKind)?;
            return self.requests(request, version);
        }
        let task = Task::from_json(resource, Places::Noted).ok_or(NotRevised::OtherKind)?;
        let made = reword::in_words_of(task, version)?;
        self.omit(made.omitted);
        self.add(&made.it.wrote(draft::Lineage::Noted));
        Ok(())
    }

    /// What an answer of PAS asks for.
    fn response(
        &mut self,
        request: AttachmentRequest,
        version: CdexVersion,
        payer_url: Option<&str>,
    ) -> Result<(), NotRevised> {
        if request.items.is_empty() {
            return Err(NotRevised::NothingAsked);
        }
        self.requests(pended(request, payer_url), version)
    }

    /// One Task for documents and one for answers, as far as both are wanted: cdex-6.
    fn requests(&mut self, request: AttachmentRequest, version: CdexVersion) -> Result<(), NotRevised> {
        for part in request.split() {
            // A context of the payer's DTR service is no questionnaire: CDex asks for one by its address.
            let by_context = |item: &Wanted| matches!(item.what, Wish::Context(_));
            if !part.items.is_empty() && part.items.iter().all(by_context) {
                continue;
            }
            let made = part.task(version)?;
            self.omit(made.omitted);
            self.add(&made.it.wrote(draft::Lineage::Noted));
        }
        if self.made.is_empty() {
            return Err(NotRevised::OnlyContext);
        }
        Ok(())
    }

    fn omit(&mut self, omitted: Vec<Omission>) {
        for omission in omitted {
            if let Source::Read(Place::Fhir { expression }) = omission.source {
                self.omitted.insert(expression);
            }
        }
    }

    fn add(&mut self, wrote: &Wrote<'_>) {
        let mut lineage = Vec::new();
        let value = wrote.value();
        for line in wrote.lineage() {
            let source = match line.source.as_ref() {
                Source::Read(place) => {
                    if let Place::Fhir { expression } = place {
                        self.told.insert(expression.clone());
                    }
                    Ok(place.clone())
                }
                Source::Fixed(rule) => {
                    self.fixed.extend(held(&value, line.target));
                    Err(*rule)
                }
            };
            lineage.push(Revised {
                target: line.target.to_owned(),
                source,
            });
        }
        let text = wrote.text.disclose().clone();
        self.made.push(Revision { text, lineage });
    }

    /// Lists what of the original is nowhere.
    fn close(self, resource: &Value) -> Revisions {
        let mut lost = Vec::new();
        for expression in leaves(resource) {
            // A value that the version has no place for may be told of as a whole.
            let within = |whole: &str| {
                expression
                    .strip_prefix(whole)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            let is_implied = || held(resource, &expression).is_some_and(|text| self.fixed.contains(&text));
            if self.told.contains(&expression) || is_implied() {
                continue;
            }
            let why = if self.omitted.iter().any(|whole| within(whole)) {
                Why::Version
            } else {
                Why::NoTarget
            };
            lost.push((Place::Fhir { expression }, why));
        }
        Revisions {
            made: self.made,
            lost,
        }
    }
}

/// The text of the value at a path of names and indices.
fn held(resource: &Value, path: &str) -> Option<String> {
    let mut here = resource;
    for step in path.split('.').skip(1) {
        let mut parts = step.split('[');
        here = here.get(parts.next()?)?;
        for index in parts {
            here = here.get(index.strip_suffix(']')?.parse::<usize>().ok()?)?;
        }
    }
    match here {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(here.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
