//! A provider: is asked for documents and sends them, or sends them unasked.

use std::sync::Arc;

use http::Method;
use http::StatusCode;
use serde_json::Value;

use super::case::Case;
use super::event::What;
use super::extract;
use super::fault::Fault;
use super::interchange;
use super::interchange::Errand;
use super::partner::Desk;
use super::partner::FHIR;
use super::partner::REMEMBERED;
use super::partner::locked;
use super::payer::is_error;
use super::resource;
use super::settings::Role;
use super::settings::Speaks;
use super::wire;
use super::wire::Answer;
use super::wire::Asked;
use crate::fhir::check;
use crate::fhir::codes::CodeLists;

impl Desk {
    /// Takes a FHIR resource: a Task for a provider, a submission for a payer.
    pub(super) fn take_resource(self: Arc<Self>, asked: &Asked) -> Answer {
        let parsed = crate::fhir::json::read(&asked.body);
        let Ok(value) = parsed else {
            self.tell(What::Received, "", "", "400 this is no JSON".to_owned());
            let outcome = resource::outcome("error", "structure", "this is no JSON");
            return Answer::new(StatusCode::BAD_REQUEST, FHIR, outcome.to_string());
        };
        let submits = asked.path.ends_with("/$submit-attachment");
        match self.settings.role {
            Role::Payer if submits => self.take_submission(&value),
            Role::Provider if asked.path.ends_with("/Task") => self.take_task(value),
            _ => {
                let outcome = resource::outcome("error", "not-found", "there is no such thing here");
                Answer::new(StatusCode::NOT_FOUND, FHIR, outcome.to_string())
            }
        }
    }

    fn take_task(self: Arc<Self>, mut task: Value) -> Answer {
        let faults = check::task(&task, CodeLists::embedded());
        let case = extract::case_of(&task).unwrap_or_default();
        if faults.iter().any(is_error) || case.answer_to.is_none() {
            self.tell(
                What::Received,
                "task",
                case.label(),
                "400 OperationOutcome error".to_owned(),
            );
            let outcome = resource::outcome("error", "invalid", "the Task does not fit its profile");
            return Answer::new(StatusCode::BAD_REQUEST, FHIR, outcome.to_string());
        }
        let id = {
            let mut tasks = locked(&self.tasks);
            if tasks.len() >= REMEMBERED {
                tasks.clear();
            }
            let id = format!("{}", tasks.len() + 1);
            if let Some(members) = task.as_object_mut() {
                members.insert("id".to_owned(), Value::from(id.clone()));
            }
            tasks.insert(id.clone(), task.clone());
            id
        };
        locked(&self.counter).request("task", &case);
        self.tell(
            What::Received,
            "task",
            case.label(),
            "201 Task requested".to_owned(),
        );
        let mut answer = Answer::new(StatusCode::CREATED, FHIR, task.to_string());
        answer.location = Some(format!("http://{}/fhir/Task/{id}", self.address));
        self.supply_soon(case);
        answer
    }

    /// Shows a Task that was taken.
    pub(super) fn show(&self, path: &str) -> Answer {
        let id = path.rsplit_once("/Task/").map_or("", |(_, id)| id);
        if let Some(task) = locked(&self.tasks).get(id) {
            return Answer::new(StatusCode::OK, FHIR, task.to_string());
        }
        let outcome = resource::outcome("error", "not-found", "there is no such thing here");
        Answer::new(StatusCode::NOT_FOUND, FHIR, outcome.to_string())
    }

    /// Sends what was asked for, after the answer that is under way.
    pub(super) fn supply_soon(self: Arc<Self>, case: Case) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            self.tell(
                What::Failed,
                "",
                case.label(),
                "too much to do at once".to_owned(),
            );
            return;
        };
        let tracker = self.tracker.clone();
        tracker.spawn(async move {
            if self.fault() == Some(Fault::Late) {
                self.tell(
                    What::Misbehaved,
                    "",
                    case.label(),
                    "waits before it sends".to_owned(),
                );
                if self.paused().await {
                    return;
                }
            }
            self.send_documents(&case, Errand::Answer).await;
            drop(place);
        });
    }

    /// Sends the documents of a case that nobody asked for.
    pub(super) async fn submit(self: Arc<Self>, case: &Case) -> bool {
        self.send_documents(case, Errand::Unsolicited).await
    }

    async fn send_documents(&self, case: &Case, errand: Errand) -> bool {
        // One by one, or all at once.
        let batches: Vec<&[String]> = match self.fault() {
            Some(Fault::Partial) => case.documents.chunks(1).collect(),
            _ => vec![&case.documents],
        };
        let last = batches.len().saturating_sub(1);
        let mut good = true;
        for (at, batch) in batches.into_iter().enumerate() {
            good &= match self.settings.speaks {
                Speaks::X12 => {
                    let head = self.letterhead();
                    locked(&self.counter).refer(interchange::reference(&head), case);
                    match interchange::attachment(&head, case, batch, errand) {
                        Ok(bytes) => self.send_x12("275", bytes, case).await,
                        Err(_) => self.unwritten("275", case),
                    }
                }
                Speaks::Fhir => self.send_submission(case, batch, at == last).await,
            };
        }
        good
    }

    async fn send_submission(&self, case: &Case, documents: &[String], is_last: bool) -> bool {
        let parameters = resource::submission(case, documents, is_last, self.now());
        let url = match &case.answer_to {
            Some(url) => url.clone(),
            None => format!("{}/$submit-attachment", self.gateway()),
        };
        let body = parameters.to_string().into_bytes();
        let reply = self.send("submit-attachment", &url, FHIR, body, case).await;
        reply.is_some_and(|reply| reply.status.is_success())
    }

    /// Fetches the Tasks that the gateway keeps for a provider without a server, and answers those that are new.
    pub(super) async fn collect_tasks(self: Arc<Self>) {
        let url = format!("{}/Task?status=requested", self.gateway());
        let token = self.settings.token.as_deref();
        let found = wire::send(Method::GET, &url, FHIR, token, bytes::Bytes::new()).await;
        let bundle: Value = match found.map(|reply| serde_json::from_slice(&reply.body)) {
            Ok(Ok(bundle)) => bundle,
            Ok(Err(_)) => return self.tell(What::Failed, "task", "", "the search found no JSON".to_owned()),
            Err(trouble) => return self.tell(What::Failed, "task", "", trouble.to_string()),
        };
        for task in extract::tasks_in(&bundle) {
            let id = task
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let is_new = {
                let mut tasks = locked(&self.tasks);
                tasks.len() < REMEMBERED && tasks.insert(id, task.clone()).is_none()
            };
            if let Some(case) = extract::case_of(task).filter(|_| is_new) {
                locked(&self.counter).request("task", &case);
                self.tell(
                    What::Received,
                    "task",
                    case.label(),
                    "found with the gateway".to_owned(),
                );
                Arc::clone(&self).supply_soon(case);
            }
        }
    }
}
