//! Puts messages together and into the outbox.

use std::fmt::Write as _;

use serde_json::Value;

use crate::exchange::delivery::Cargo;
use crate::exchange::ids::DeliveryId;
use crate::exchange::ids::PartId;
use crate::fhir::json;
use crate::flow::bridge::bridged;
use crate::flow::calendar;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::desk::outbound_id;
use crate::flow::dossier::Dossier;
use crate::flow::envelope;
use crate::flow::heavy::Cut;
use crate::flow::inspect;
use crate::flow::material;
use crate::flow::material::Document;
use crate::flow::material::Material;
use crate::flow::material::Unfit;
use crate::flow::meaning::list;
use crate::flow::meaning::text;
use crate::flow::settings::Agreement;
use crate::flow::settings::X12Terms;
use crate::flow::splice;
use crate::flow::stow;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::entry::Destination;
use crate::ledger::entry::Move;
use crate::ledger::entry::Outbound;
use crate::ledger::error::LedgerError;
use crate::ledger::found::Standing;
use crate::ledger::ids::LaneId;
use crate::ledger::ids::OutboundId;
use crate::ledger::ids::Viewer;
use crate::ledger::opaque::Opaque;
use crate::routing::key::Message;
use crate::upstream::errand::Errand;
use crate::x12::Transaction;

impl Desk<'_> {
    /// Puts a delivery into the outbox: anew, or out of the dead letters with the identity that it has.
    pub(super) async fn send(
        &mut self,
        id: FileId,
        delivery: DeliveryId,
        is_known: bool,
    ) -> Result<(), Declined> {
        let outbound = outbound_id(self.file(id).id, delivery);
        let carries_parts = self
            .file(id)
            .exchange
            .delivery(delivery)
            .map(|one| one.cargo.clone());
        let Some(cargo) = carries_parts else {
            return Ok(());
        };
        let receiver = match cargo {
            Cargo::Request => &self.file(id).dossier.source,
            Cargo::Parts(_) => &self.file(id).dossier.requester,
        };
        // A partner may have left the configuration since; what is for it waits with the dead letters of its lane.
        let world = std::sync::Arc::clone(&self.world);
        let partner = world.partner(receiver).ok_or(Declined::Unrouted)?;
        let expires = self.outbox_time() + partner.retry.life;
        if is_known
            && let Some(stored) = self
                .gateway
                .parts()
                .store
                .outbound(&Viewer::Operator, outbound)
                .await?
        {
            if stored.standing != Standing::Dead && stored.standing != Standing::Waiting {
                return Err(LedgerError::Immovable(outbound).into());
            }
            let to = Destination::Waiting {
                due: self.outbox_time(),
                expires,
            };
            self.entry.moved.push(Move { outbound, to });
            return Ok(());
        }
        let (draft, errand) = match &cargo {
            Cargo::Request => self.request(id, partner).await?,
            Cargo::Parts(parts) => self.answer(id, parts, partner).await?,
        };
        self.put_out(outbound, partner, draft, &errand).await?;
        Ok(())
    }

    /// Puts a message into the outbox.
    pub(super) async fn put_out(
        &mut self,
        id: OutboundId,
        partner: &Agreement,
        draft: Draft,
        errand: &Errand,
    ) -> Result<(), LedgerError> {
        let put = self.entry.outbound.iter().map(|put| put.draft.body.inline_len());
        let room = OUTBOUND_ROOM.saturating_sub(put.sum());
        let draft = stow::draft(&*self.gateway.parts().blobs, &self.entry.tenant, draft, room).await?;
        self.entry.outbound.push(Outbound {
            id,
            lane: LaneId::parse(partner.name.as_str())
                .map_err(|_| LedgerError::Malformed("a partner has a name that is no lane"))?,
            to: partner.name.clone(),
            draft,
            facts: Opaque::new(errand.encode()),
            due: self.outbox_time(),
            expires: self.outbox_time() + partner.retry.life,
        });
        Ok(())
    }

    /// The request as the source is sent it.
    async fn request(&mut self, id: FileId, to: &Agreement) -> Result<(Draft, Errand), Declined> {
        let material = self.material(id, None, to).await?;
        if let Some(x12) = &to.x12 {
            let message = match material.came {
                Message::Review278 => Message::Review278,
                _ => Message::Request277,
            };
            let draft = self.x12_draft(id, &[material], message, to, x12)?;
            return Ok((draft, self.x12_errand(message.as_str())));
        }
        let mut document = material.document.ok_or(Unfit::NoMapping)?;
        if material.came == Message::Task
            && let Some(other) = bridged(&document, to, Some(&self.world.answer_url()))?
        {
            document = other;
        }
        let mut task = json::read(document.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
        if material.came == Message::Task {
            answer_here(&mut task, &self.world.answer_url());
        }
        let errand = Errand::CreateTask {
            unless: identifier_query(&task),
        };
        let draft = Draft::from(Body::inline(json::text(&task).into_bytes()));
        Ok((draft, errand))
    }

    /// Parts of the answer as the requester is sent them.
    async fn answer(
        &mut self,
        id: FileId,
        parts: &[PartId],
        to: &Agreement,
    ) -> Result<(Draft, Errand), Declined> {
        let mut materials = Vec::new();
        for part in parts {
            materials.push(self.material(id, Some(*part), to).await?);
        }
        let cuts: Vec<Cut> = materials
            .iter()
            .flat_map(|material| material.cuts.clone())
            .collect();
        if let Some(x12) = &to.x12 {
            let draft = self.x12_draft(id, &materials, Message::Attachment275, to, x12)?;
            return Ok((self.spliced(draft, &cuts).await?, self.x12_errand("275")));
        }
        for material in &mut materials {
            let came = (material.came == Message::SubmitAttachment).then_some(());
            let document = came.and(material.document.as_ref());
            if let Some(other) = document
                .map(|document| bridged(document, to, None))
                .transpose()?
                .flatten()
            {
                material.document = Some(other);
                material.raw = None;
            }
        }
        if let [Material { raw: Some(raw), .. }] = materials.as_slice() {
            // What passes unchanged is not put together again.
            return Ok((Draft::from(raw.clone()), Errand::SubmitAttachment));
        }
        let mut documents = Vec::new();
        for material in materials {
            documents.push(material.document.ok_or(Unfit::NoMapping)?);
        }
        let document = joined(documents)?;
        let draft = Draft::from(Body::inline(document.0.into_bytes()));
        Ok((self.spliced(draft, &cuts).await?, Errand::SubmitAttachment))
    }

    /// A draft with long payloads in the places of their stand-ins.
    async fn spliced(&self, draft: Draft, cuts: &[Cut]) -> Result<Draft, Declined> {
        let blobs = &*self.gateway.parts().blobs;
        let spliced = splice::draft(blobs, &self.entry.tenant, draft, cuts).await?;
        spliced.ok_or_else(|| Unfit::TooLong.into())
    }

    pub(super) fn x12_errand(&self, message: &str) -> Errand {
        Errand::X12 {
            message: message.to_owned(),
            made: self.now.millis(),
        }
    }

    fn x12_draft(
        &mut self,
        id: FileId,
        materials: &[Material],
        message: Message,
        to: &Agreement,
        x12: &X12Terms,
    ) -> Result<Draft, Unfit> {
        let dossier = &self.file(id).dossier;
        let mut transactions = Vec::new();
        let mut used = Vec::new();
        let mut guide = None;
        let mut translated = false;
        for material in materials {
            if let Some(own) = passing(material, message, x12) {
                guide.get_or_insert(own);
                transactions.extend(material.transaction.clone());
                continue;
            }
            translated = true;
            let wanted = *guide.get_or_insert(x12.guide(message, purpose(dossier)).ok_or(Unfit::NoGuide)?);
            let document = material.document.as_ref().ok_or(Unfit::NoMapping)?;
            let program = self
                .world
                .program(match message {
                    Message::Attachment275 => "275-from-submit",
                    _ => "277-from-task",
                })
                .ok_or(Unfit::NoMapping)?;
            let context = to
                .context(self.now)
                .with("guide", wanted)
                .with("control-number", &format!("{:04}", transactions.len() + 1));
            let context = if dossier.request.is_some() {
                context.with("solicited", "true")
            } else {
                context
            };
            transactions.extend(material::transactions(
                program,
                document,
                &context,
                &dossier.variables,
            )?);
            used.push((program.id.to_string(), program.hash.to_string()));
        }
        let guide = guide.ok_or(Unfit::Empty)?;
        let stamp = calendar::stamp(self.now);
        let own = &self.world.settings.own;
        let delimiters = match materials {
            [only] if !translated => only.delimiters,
            _ => None,
        };
        let written = envelope::interchange(&transactions, guide, own, x12, stamp, delimiters)?;
        // What passes was checked when it came, but not by what its receiver asks beyond the guide.
        let unchecked = translated || x12.own_guides.is_some();
        if unchecked && let Some(code) = inspect::first_fault(&written, &self.world, Some(x12)) {
            return Err(Unfit::Faulty { code });
        }
        self.file_mut(id).dossier.mappings.extend(used);
        Ok(envelope::numbered(written, &to.name))
    }
}

/// So much of an entry is for outbound messages of up to 64 KiB; of others the long middle goes to the blob store.
const OUTBOUND_ROOM: usize = 1024 * 1024;

/// The guide under which a transaction goes on unchanged, if its receiver speaks it.
fn passing(material: &Material, message: Message, x12: &X12Terms) -> Option<&'static str> {
    let transaction: &Transaction = material.transaction.as_ref()?;
    let fits = transaction.frame().name == message.as_str();
    let guide = transaction.guide();
    x12.guides.iter().copied().find(|known| fits && *known == guide)
}

fn purpose(dossier: &Dossier) -> &str {
    dossier.variables.get("use").map_or("claim", String::as_str)
}

/// Replaces the address for answers by our own, so that the answer comes back the way it was asked.
fn answer_here(task: &mut Value, url: &str) {
    let inputs = task.get_mut("input").and_then(Value::as_array_mut);
    for input in inputs.into_iter().flatten() {
        if crate::flow::meaning::codes(input.get("type")).any(|code| code == "payer-url")
            && let Some(value) = input.get_mut("valueUrl")
        {
            *value = Value::from(url);
        }
    }
}

/// The search that finds a Task by its first identifier, so that a repeated `POST` makes no second one.
fn identifier_query(task: &Value) -> Option<String> {
    let identifier = list(task, "identifier").next()?;
    let value = text(identifier, "value")?;
    let query = match text(identifier, "system") {
        Some(system) => format!("{system}|{value}"),
        None => value.to_owned(),
    };
    let mut encoded = String::from("identifier=");
    for byte in query.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Some(encoded)
}

/// Several submissions as one: the first, with the attachments of all, and the last word of the last.
fn joined(documents: Vec<Document>) -> Result<Document, Unfit> {
    let mut documents = documents.into_iter();
    let first = documents.next().ok_or(Unfit::Empty)?;
    let mut rest = documents.peekable();
    if rest.peek().is_none() {
        return Ok(first);
    }
    let mut whole = json::read(first.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
    for document in rest {
        let next = json::read(document.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
        let parameters = whole.get_mut("parameter").and_then(Value::as_array_mut);
        let Some(parameters) = parameters else {
            return Err(Unfit::NotJson);
        };
        parameters.retain(|parameter| text(parameter, "name") != Some("Final"));
        let more = list(&next, "parameter");
        let more = more.filter(|parameter| matches!(text(parameter, "name"), Some("Attachment" | "Final")));
        parameters.extend(more.cloned());
    }
    Ok(Document(json::text(&whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_found_by_its_first_identifier() {
        let task = serde_json::json!({"identifier": [{"system": "urn:x", "value": "A 1"}]});
        assert_eq!(identifier_query(&task).unwrap(), "identifier=urn%3Ax%7CA%201");
        assert_eq!(identifier_query(&serde_json::json!({})), None);
    }

    #[test]
    fn several_submissions_become_one() {
        let document = |text: &str| Document(text.to_owned());
        let one = document(
            r#"{"resourceType":"Parameters","parameter":[{"name":"TrackingId"},{"name":"Attachment","n":1},{"name":"Final","valueBoolean":false}]}"#,
        );
        let other = document(
            r#"{"resourceType":"Parameters","parameter":[{"name":"TrackingId"},{"name":"Attachment","n":2}]}"#,
        );
        let whole = joined(vec![one.clone(), other]).unwrap();
        assert_eq!(
            whole.0,
            r#"{"resourceType":"Parameters","parameter":[{"name":"TrackingId"},{"name":"Attachment","n":1},{"name":"Attachment","n":2}]}"#
        );
        assert_eq!(joined(vec![one.clone()]).unwrap(), one);
    }
}
