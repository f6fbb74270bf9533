//! Tasks that we host: their versions, and what they are found by.

use serde_json::Value;
use serde_json::json;

use crate::exchange::moment::Moment;
use crate::exchange::state::Ending;
use crate::exchange::task::TaskView;
use crate::flow::calendar;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::dossier;
use crate::flow::fingerprint::FingerprintKey;
use crate::flow::meaning::list;
use crate::flow::meaning::print;
use crate::flow::meaning::text;
use crate::ledger::entry::FolioChange;
use crate::ledger::entry::Handle;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Folio;
use crate::ledger::ids::FolioId;
use crate::ledger::ids::TenantId;
use crate::ledger::ids::Version;
use crate::ledger::ids::Viewer;
use crate::ledger::opaque::Opaque;

/// A Task of our façade that is being worked on.
#[derive(Clone)]
pub(crate) struct HostedTask {
    pub(crate) id: FolioId,
    from: Option<Version>,
    owner: TenantId,
    peer: Option<TenantId>,
    /// The exchange that it is of; none if nobody knows yet who it is for.
    pub(crate) exchange: Option<FolioId>,
    /// The resource as it is now.
    pub(crate) resource: Value,
    /// The number of its last version.
    pub(crate) version: u64,
    /// Versions that were written now.
    written: Vec<Value>,
    /// Whether it has ended.
    ended: bool,
}

/// A Task as it is stored.
pub(crate) struct StoredTask {
    /// The exchange that it is of.
    pub(crate) exchange: Option<FolioId>,
    /// The versions that one change wrote, oldest first.
    pub(crate) versions: Vec<Value>,
}

/// The name of a folio as the id of a Task.
pub(crate) fn task_id(folio: FolioId) -> String {
    folio.to_string()
}

/// The folio that the id of a Task names.
pub(crate) fn folio_of(id: &str) -> Option<FolioId> {
    let digits = id.strip_prefix('x')?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    let folio = FolioId::new(number)?;
    // `x0A` and `xa` are not two names of one Task.
    (folio.to_string() == id).then_some(folio)
}

/// Reads what a folio of a Task holds.
pub(crate) fn stored(folio: &Folio) -> Result<StoredTask, LedgerError> {
    let unreadable = || LedgerError::Unreadable("the content of a task");
    let mut content: Value = serde_json::from_slice(folio.content.as_bytes()).map_err(|_| unreadable())?;
    let versions = content
        .get_mut("versions")
        .map(Value::take)
        .ok_or_else(unreadable)?;
    let Value::Array(versions) = versions else {
        return Err(unreadable());
    };
    Ok(StoredTask {
        exchange: content
            .get("exchange")
            .and_then(Value::as_u64)
            .and_then(FolioId::new),
        versions,
    })
}

/// The number of the version that a resource is.
pub(crate) fn version_of(resource: &Value) -> u64 {
    let version = resource.pointer("/meta/versionId").and_then(Value::as_str);
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}

impl Desk<'_> {
    /// Hosts a new Task of `owner` that `peer` may see too; nothing is kept of it before a version is written.
    pub(crate) fn host(
        &mut self,
        mut resource: Value,
        owner: TenantId,
        peer: Option<TenantId>,
        exchange: Option<FolioId>,
    ) -> FolioId {
        let roll = u32::try_from(self.gateway.parts().chance.draw() & 0xffff_ffff).unwrap_or_default();
        let id = FolioId::made(self.wall, roll);
        if let Some(members) = resource.as_object_mut() {
            let mut named = serde_json::Map::new();
            named.insert("resourceType".to_owned(), json!("Task"));
            named.insert("id".to_owned(), json!(task_id(id)));
            for (name, member) in std::mem::take(members) {
                if name != "resourceType" && name != "id" {
                    named.insert(name, member);
                }
            }
            *members = named;
        }
        self.tasks.push(HostedTask {
            id,
            from: None,
            owner,
            peer,
            exchange,
            resource,
            version: 0,
            written: Vec::new(),
            ended: false,
        });
        id
    }

    /// Puts a Task on the desk; `None` if there is none that `viewer` may see.
    pub(crate) async fn fetch_task(
        &mut self,
        viewer: &Viewer,
        id: FolioId,
    ) -> Result<Option<usize>, LedgerError> {
        if let Some(at) = self.tasks.iter().position(|task| task.id == id) {
            return Ok(Some(at));
        }
        let folio = self.gateway.parts().store.folio(viewer, id).await?;
        let Some(folio) = folio.filter(|folio| folio.kind == dossier::TASK) else {
            return Ok(None);
        };
        let mut content = stored(&folio)?;
        let Some(resource) = content.versions.pop() else {
            return Err(LedgerError::Unreadable("the content of a task"));
        };
        self.tasks.push(HostedTask {
            id,
            from: Some(folio.version),
            owner: folio.owner,
            peer: folio.peer,
            exchange: content.exchange,
            version: version_of(&resource),
            resource,
            written: Vec::new(),
            ended: !folio.open,
        });
        Ok(Some(self.tasks.len() - 1))
    }

    /// A Task that is on the desk.
    pub(crate) fn task_mut(&mut self, at: usize) -> Option<&mut HostedTask> {
        self.tasks.get_mut(at)
    }

    /// Writes the next version of the Task of an exchange.
    pub(super) async fn write_task(&mut self, id: FileId, view: &TaskView) -> Result<(), Declined> {
        let Some(folio) = self.file(id).dossier.task.and_then(FolioId::new) else {
            return Ok(());
        };
        let ended = self.file(id).exchange.kind().has_ended();
        let now = self.now;
        let Some(at) = self.fetch_task(&Viewer::Operator, folio).await? else {
            return Ok(());
        };
        if let Some(task) = self.tasks.get_mut(at) {
            task.show(view);
            task.ended = ended;
            task.write(now);
        }
        Ok(())
    }
}

impl HostedTask {
    /// Makes the resource say what the exchange says of it.
    fn show(&mut self, view: &TaskView) {
        set(&mut self.resource, "status", Some(json!(view.status.code())));
        let business = view
            .business
            .as_ref()
            .map(|business| json!({"text": business.text()}));
        // The source's own words stand until the exchange has something to say.
        if business.is_some() || !own_words(&self.resource, "businessStatus") {
            set(&mut self.resource, "businessStatus", business);
        }
        let reason = view.reason.map(|reason| json!({"text": reason.text()}));
        let kept = view.reason == Some(Ending::BySource) && own_words(&self.resource, "statusReason");
        if !kept {
            set(&mut self.resource, "statusReason", reason);
        }
    }

    /// Makes a version of the resource as it now is.
    pub(crate) fn write(&mut self, now: Moment) {
        self.version += 1;
        let instant = calendar::instant(now);
        let meta = self.resource.get("meta").cloned().unwrap_or_else(|| json!({}));
        let mut meta = if meta.is_object() { meta } else { json!({}) };
        set(&mut meta, "versionId", Some(json!(self.version.to_string())));
        set(&mut meta, "lastUpdated", Some(json!(instant)));
        set(&mut self.resource, "meta", Some(meta));
        set(&mut self.resource, "lastModified", Some(json!(instant)));
        self.written.push(self.resource.clone());
    }

    /// Whether a version was written now.
    pub(crate) const fn is_written(&self) -> bool {
        !self.written.is_empty()
    }

    pub(super) fn change(&self, key: &FingerprintKey) -> Result<Option<FolioChange>, LedgerError> {
        if self.written.is_empty() {
            return Ok(None);
        }
        let content = json!({
            "exchange": self.exchange.map(FolioId::number),
            "versions": self.written,
        });
        let content =
            serde_json::to_vec(&content).map_err(|_| LedgerError::Malformed("a task is no JSON"))?;
        let sides = [Some(&self.owner), self.peer.as_ref()].into_iter().flatten();
        let mut handles: Vec<Handle> = sides
            .flat_map(|side| handles(&self.resource, side, key))
            .collect();
        handles.sort_unstable();
        handles.dedup();
        Ok(Some(FolioChange {
            id: self.id,
            from: self.from,
            kind: dossier::TASK,
            owner: self.owner.clone(),
            peer: self.peer.clone(),
            content: Opaque::new(content),
            handles: Some(handles),
            wake: None,
            open: !self.ended,
            keep_past: true,
        }))
    }
}

/// Words of the source in place of ours are kept under a mark, so that ours can take their place again.
fn own_words(resource: &Value, member: &str) -> bool {
    list(resource.get(member).unwrap_or(&Value::Null), "extension")
        .any(|extension| text(extension, "url") == Some(SOURCES_OWN))
}

/// Marks a text as the source's own.
pub(crate) fn as_sources_own(mut concept: Value) -> Value {
    if let Some(members) = concept.as_object_mut() {
        members.insert(
            "extension".to_owned(),
            json!([{"url": SOURCES_OWN, "valueBoolean": true}]),
        );
    }
    concept
}

const SOURCES_OWN: &str = "urn:cartage:words-of-the-source";

/// Sets a member, or takes it away.
pub(crate) fn set(resource: &mut Value, member: &str, value: Option<Value>) {
    if let Some(members) = resource.as_object_mut() {
        match value {
            Some(value) => {
                members.insert(member.to_owned(), value);
            }
            None => {
                members.shift_remove(member);
            }
        }
    }
}

/// What a side finds the Task by.
fn handles(task: &Value, side: &TenantId, key: &FingerprintKey) -> Vec<Handle> {
    let mut found = Vec::new();
    let mut add = |parameter: Parameter, value: &str| {
        found.push(handle(side, parameter, value, key));
    };
    if let Some(id) = text(task, "id") {
        add(Parameter::Id, id);
    }
    for identifier in list(task, "identifier") {
        tokens(identifier)
            .iter()
            .for_each(|token| add(Parameter::Identifier, token));
    }
    if let Some(status) = text(task, "status") {
        add(Parameter::Status, status);
    }
    for coding in list(task.get("code").unwrap_or(&Value::Null), "coding") {
        if let Some(code) = text(coding, "code") {
            add(Parameter::Code, code);
            let system = text(coding, "system").unwrap_or_default();
            add(Parameter::Code, &format!("{system}|{code}"));
        }
    }
    if let Some(identifier) = task.pointer("/requester/identifier") {
        tokens(identifier)
            .iter()
            .for_each(|token| add(Parameter::Requester, token));
    }
    if let Some(identifier) = task.pointer("/owner/identifier") {
        tokens(identifier)
            .iter()
            .for_each(|token| add(Parameter::Owner, token));
    }
    if let Some(identifier) = task.pointer("/for/identifier") {
        tokens(identifier)
            .iter()
            .for_each(|token| add(Parameter::Patient, token));
    }
    for contained in list(task, "contained") {
        match text(contained, "resourceType") {
            Some("Patient") => {
                for identifier in list(contained, "identifier") {
                    tokens(identifier)
                        .iter()
                        .for_each(|token| add(Parameter::Patient, token));
                }
            }
            Some("PractitionerRole") => {
                for member in ["/practitioner/identifier", "/organization/identifier"] {
                    if let Some(identifier) = contained.pointer(member) {
                        tokens(identifier)
                            .iter()
                            .for_each(|token| add(Parameter::Owner, token));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// A parameter by which Tasks are searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Parameter {
    Id,
    Identifier,
    Status,
    Code,
    Owner,
    Requester,
    Patient,
}

/// The handle under which a Task is found by a value of a parameter.
pub(crate) fn handle(side: &TenantId, parameter: Parameter, value: &str, key: &FingerprintKey) -> Handle {
    let kind = match parameter {
        Parameter::Id => "task-id",
        Parameter::Identifier => "task-identifier",
        Parameter::Status => "task-status",
        Parameter::Code => "task-code",
        Parameter::Owner => "task-owner",
        Parameter::Requester => "task-requester",
        // A patient's identifier is a person's.
        Parameter::Patient => {
            return Handle::of(side, "task-patient", print(key, "patient", value).as_bytes());
        }
    };
    Handle::of(side, kind, value.as_bytes())
}

/// An identifier as it may be searched: by its value alone, and with its system.
pub(crate) fn tokens(identifier: &Value) -> Vec<String> {
    let Some(value) = text(identifier, "value") else {
        return Vec::new();
    };
    let system = text(identifier, "system").unwrap_or_default();
    vec![value.to_owned(), format!("{system}|{value}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_task() {
        let folio = FolioId::new(0x1a).unwrap();
        assert_eq!(task_id(folio), "x1a");
        assert_eq!(folio_of("x1a"), Some(folio));
        for other in ["x1A", "x01a", "1a", "x", "x0", "../x1a"] {
            assert_eq!(folio_of(other), None, "{other}");
        }
    }
}
