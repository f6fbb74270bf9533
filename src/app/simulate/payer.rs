//! A payer: asks for documents, takes them, and says what it thinks of them.

use std::sync::Arc;

use http::Method;
use http::StatusCode;
use serde_json::Value;

use super::case::Case;
use super::case::Purpose;
use super::event::What;
use super::extract;
use super::interchange;
use super::partner::Desk;
use super::partner::FHIR;
use super::partner::REMEMBERED;
use super::partner::locked;
use super::receipt;
use super::receipt::Read;
use super::resource;
use super::settings::Speaks;
use super::wire;
use super::wire::Answer;
use crate::fhir::check;
use crate::fhir::codes::CodeLists;

impl Desk {
    /// Asks the gateway for the documents of a case, and remembers that it did.
    pub(super) async fn ask(self: Arc<Self>, case: &Case) -> bool {
        {
            let mut asked = locked(&self.asked);
            if asked.len() < REMEMBERED {
                asked.push(case.tracking.clone());
            }
        }
        match self.settings.speaks {
            Speaks::X12 => {
                let (message, written) = match case.purpose {
                    Purpose::Claim => ("277", interchange::request(&self.letterhead(), case)),
                    Purpose::Preauthorization => ("278", interchange::review(&self.letterhead(), case)),
                };
                match written {
                    Ok(bytes) => self.send_x12(message, bytes, case).await,
                    Err(_) => self.unwritten(message, case),
                }
            }
            Speaks::Fhir => {
                let task = resource::task(case, &self.answer_to(), self.now());
                let url = format!("{}/Task", self.gateway());
                let reply = self
                    .send("task", &url, FHIR, task.to_string().into_bytes(), case)
                    .await;
                reply.is_some_and(|reply| reply.status.is_success())
            }
        }
    }

    /// Looks up the Task of a case; tells it when it is over.
    pub(super) async fn follow(&self, case: &Case) -> bool {
        let url = format!("{}/Task?identifier={}", self.gateway(), case.tracking);
        let token = self.settings.token.as_deref();
        let found = wire::send(Method::GET, &url, FHIR, token, bytes::Bytes::new()).await;
        let bundle: Value = match found.map(|reply| serde_json::from_slice(&reply.body)) {
            Ok(Ok(bundle)) => bundle,
            Ok(Err(_)) | Err(_) => return false,
        };
        let states: Vec<String> = extract::tasks_in(&bundle).map(extract::told).collect();
        let is_over =
            |state: &String| ["Task completed", "Task rejected", "Task failed"].contains(&state.as_str());
        let Some(state) = states.iter().find(|state| is_over(state)) else {
            return false;
        };
        self.tell(What::Sent, "search", case.label(), format!("200 {state}"));
        true
    }

    /// Sends an 824 about what was taken, after the answer that is under way.
    pub(super) fn advise_soon(self: Arc<Self>, read: &Read) {
        let about: Vec<Case> = read.transactions.iter().map(receipt::case_of).collect();
        let Some(case) = about.into_iter().next() else {
            return;
        };
        let Ok(advice) = read.advice(&self.letterhead()) else {
            self.unwritten("824", &case);
            return;
        };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return;
        };
        let tracker = self.tracker.clone();
        tracker.spawn(async move {
            self.send_x12("824", advice, &case).await;
            drop(place);
        });
    }

    /// Takes the Parameters of `$submit-attachment`.
    pub(super) fn take_submission(&self, parameters: &Value) -> Answer {
        let faults = check::parameters(parameters, CodeLists::embedded());
        let case = extract::case_of(parameters).unwrap_or_default();
        let (documents, is_last) = extract::documents_in(parameters);
        let refused = faults.iter().any(is_error);
        if refused || documents == 0 {
            self.tell(
                What::Received,
                "submit-attachment",
                case.label(),
                "400 OperationOutcome error".to_owned(),
            );
            let answer = resource::outcome("error", "invalid", "the submission does not fit its profile");
            return Answer::new(StatusCode::BAD_REQUEST, FHIR, answer.to_string());
        }
        locked(&self.counter).submission(&case, parameters);
        let known = locked(&self.asked).contains(&case.tracking);
        let text = if known {
            "received for review"
        } else {
            "received and held: no request with this tracking id is open here"
        };
        let last = if is_last { "the last" } else { "more to come" };
        let outcome = format!(
            "200 OperationOutcome information, {}, {last}",
            receipt::documents(documents)
        );
        self.tell(What::Received, "submit-attachment", case.label(), outcome);
        let answer = resource::outcome("information", "informational", text);
        Answer::new(StatusCode::OK, FHIR, answer.to_string())
    }

    /// Tells that a message could not be written; never that it went well.
    pub(super) fn unwritten(&self, message: &'static str, case: &Case) -> bool {
        self.tell(
            What::Failed,
            message,
            case.label(),
            "it could not be written".to_owned(),
        );
        false
    }
}

pub(super) fn is_error(finding: &crate::base::finding::Finding) -> bool {
    finding.severity == crate::base::finding::Severity::Error
}
