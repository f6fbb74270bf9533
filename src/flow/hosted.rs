//! Tasks that we host: their versions, and what they are found by.

use serde_json::Value;
use serde_json::json;

use crate::exchange::moment::Moment;
use crate::exchange::state::Ending;
use crate::exchange::task::Business;
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
    pub(crate) owner: TenantId,
    pub(crate) peer: Option<TenantId>,
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
    /// What the source says now, in its own words.
    pub(crate) said: Option<OwnWords>,
}

/// The source's own words with the status that they go with.
#[derive(Clone)]
pub(crate) struct OwnWords {
    pub(crate) status: String,
    pub(crate) reason: Option<Value>,
    pub(crate) business: Option<Value>,
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
    /// A number for a new folio that no other one on the desk has: a message may bring a thousand of them, and all are
    /// made in the same millisecond.
    pub(super) fn new_folio(&self) -> FolioId {
        let drawn = self.gateway.parts().chance.draw() & u64::from(u32::MAX);
        let mut roll = u32::try_from(drawn).unwrap_or_default();
        loop {
            let id = FolioId::made(self.wall, roll);
            let is_file = self.files.iter().any(|file| file.id == id);
            if !is_file && !self.tasks.iter().any(|task| task.id == id) {
                return id;
            }
            roll = roll.wrapping_add(1);
        }
    }

    /// Hosts a new Task of `owner` that `peer` may see too; nothing is kept of it before a version is written.
    pub(crate) fn host(
        &mut self,
        mut resource: Value,
        owner: TenantId,
        peer: Option<TenantId>,
        exchange: Option<FolioId>,
    ) -> FolioId {
        let id = self.new_folio();
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
            said: None,
        });
        id
    }

    /// Puts a Task on the desk; `None` if there is none that `viewer` may see.
    pub(crate) async fn fetch_task(
        &mut self,
        viewer: &Viewer,
        id: FolioId,
    ) -> Result<Option<usize>, LedgerError> {
        // What was put there last is what is asked for.
        if let Some(at) = self.tasks.iter().rposition(|task| task.id == id) {
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
            said: None,
        });
        Ok(Some(self.tasks.len() - 1))
    }

    /// A Task that is on the desk.
    pub(crate) fn task_mut(&mut self, at: usize) -> Option<&mut HostedTask> {
        self.remember_task(at);
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
        if let Some(task) = self.task_mut(at) {
            task.show(view);
            task.ended = ended;
            task.write(now);
        }
        Ok(())
    }
}

impl HostedTask {
    /// Makes the resource say what the exchange says of it, in the source's own words where it has some.
    fn show(&mut self, view: &TaskView) {
        let status = view.status.code();
        let said = self.said.as_ref().filter(|said| said.status == status);
        let business = match (&view.business, said.and_then(|said| said.business.clone())) {
            (None | Some(Business::OnHoldBySource), Some(own)) => Some(own),
            (business, _) => business.as_ref().map(|business| json!({"text": business.text()})),
        };
        let reason = view.reason.map(|reason| {
            let own = said.and_then(|said| said.reason.clone());
            let stands = text(&self.resource, "status") == Some(status);
            let before = self.resource.get("statusReason").filter(|_| stands).cloned();
            let own = own.or(before).filter(|_| reason == Ending::BySource);
            own.unwrap_or_else(|| json!({"text": reason.text()}))
        });
        set(&mut self.resource, "status", Some(json!(status)));
        set(&mut self.resource, "businessStatus", business);
        set(&mut self.resource, "statusReason", reason);
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

    /// What is kept of it, if a version was written now.
    pub(super) fn content(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.written.is_empty() {
            return Ok(None);
        }
        let content = json!({
            "exchange": self.exchange.map(FolioId::number),
            "versions": self.written,
        });
        let content = serde_json::to_vec(&content);
        content
            .map(Some)
            .map_err(|_| LedgerError::Malformed("a task is no JSON"))
    }

    pub(super) fn change(&self, key: &FingerprintKey) -> Result<Option<FolioChange>, LedgerError> {
        let Some(content) = self.content()? else {
            return Ok(None);
        };
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
    let mut found: Vec<(Parameter, String)> = Vec::new();
    let named = |parameter: Parameter, identifier: Option<&Value>| {
        let tokens = identifier.map(tokens).unwrap_or_default();
        tokens.into_iter().map(move |token| (parameter, token))
    };
    found.extend(text(task, "id").map(|id| (Parameter::Id, id.to_owned())));
    for identifier in list(task, "identifier") {
        found.extend(named(Parameter::Identifier, Some(identifier)));
    }
    found.extend(text(task, "status").map(|status| (Parameter::Status, status.to_owned())));
    for coding in list(task.get("code").unwrap_or(&Value::Null), "coding") {
        if let Some(code) = text(coding, "code") {
            let system = text(coding, "system").unwrap_or_default();
            found.push((Parameter::Code, code.to_owned()));
            found.push((Parameter::Code, format!("{system}|{code}")));
        }
    }
    for (parameter, pointer) in [
        (Parameter::Requester, "/requester/identifier"),
        (Parameter::Owner, "/owner/identifier"),
        (Parameter::Patient, "/for/identifier"),
    ] {
        found.extend(named(parameter, task.pointer(pointer)));
    }
    for contained in list(task, "contained") {
        match text(contained, "resourceType") {
            Some("Patient") => {
                for identifier in list(contained, "identifier") {
                    found.extend(named(Parameter::Patient, Some(identifier)));
                }
            }
            Some("PractitionerRole") => {
                for member in ["/practitioner/identifier", "/organization/identifier"] {
                    found.extend(named(Parameter::Owner, contained.pointer(member)));
                }
            }
            _ => {}
        }
    }
    found
        .iter()
        .map(|(parameter, value)| handle(side, *parameter, value, key))
        .collect()
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
    use crate::exchange::terms::Terms;
    use crate::flow::desk::tenant;
    use crate::flow::dossier::Dossier;
    use crate::flow::gateway::tests::bare;

    #[test]
    fn each_folio_of_a_message_has_a_number_of_its_own() {
        // Its dice always fall the same.
        let gateway = bare();
        let payer = tenant("payer").unwrap();
        let mut desk = Desk::open(&gateway, payer.clone());
        let mut seen = std::collections::HashSet::new();
        for _ in 0..3 {
            let file = desk.begin(Terms::default(), Dossier::default());
            assert!(seen.insert(desk.file(file).id));
            assert!(seen.insert(desk.host(json!({}), payer.clone(), None, None)));
        }
    }

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
