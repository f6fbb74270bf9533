//! Reads once more what was received, for a delivery that is put together later: after a hold, or for another partner.

use serde_json::Value;

use crate::exchange::ids::PartId;
use crate::fhir::json;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::dossier::Origin;
use crate::flow::fetching;
use crate::flow::heavy;
use crate::flow::heavy::Keeping;
use crate::flow::heavy::LIGHT;
use crate::flow::heavy::NotSpooled;
use crate::flow::heavy::Stored;
use crate::flow::inspect;
use crate::flow::material;
use crate::flow::material::Document;
use crate::flow::material::Material;
use crate::flow::material::Unfit;
use crate::flow::meaning::list;
use crate::flow::settings::Agreement;
use crate::flow::stow;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::ledger::ids::Viewer;
use crate::routing::key::Message;
use crate::x12::Transaction;

impl Desk<'_> {
    /// What came as a part, or as the request: at hand, or out of the ledger.
    pub(super) async fn material(
        &mut self,
        id: FileId,
        part: Option<PartId>,
        to: &Agreement,
    ) -> Result<Material, Declined> {
        let file = self.file(id);
        if let Some((_, material)) = file.fresh.iter().find(|(fresh, _)| *fresh == part) {
            return Ok(Material::clone(material));
        }
        let origin = match part {
            None => file.dossier.request.clone(),
            Some(part) => file.dossier.parts.get(part.number() as usize).cloned(),
        };
        let origin = origin.ok_or(Unfit::Gone)?;
        let store = &self.gateway.parts().store;
        let mut after = None;
        loop {
            let about = store
                .entries_about(&Viewer::Operator, file.id, after, PAGE)
                .await?;
            for entry in &about {
                let entry = store.entry(&Viewer::Operator, *entry).await?;
                let Some(received) = entry.and_then(|entry| entry.received) else {
                    continue;
                };
                let facts: Value = serde_json::from_slice(received.facts.as_bytes()).unwrap_or_default();
                let holds = list(&facts, "links").any(|link| {
                    link.get("exchange").and_then(Value::as_u64) == Some(file.id.number())
                        && link.get("part").and_then(Value::as_u64)
                            == part.map(|part| u64::from(part.number()))
                });
                if holds {
                    let count = facts.get("contents").and_then(Value::as_u64).unwrap_or_default();
                    let (body, contents) = apart(received.body, count);
                    let mut material = self.read_again(id, &origin, body, to).await?;
                    self.complete(&mut material, &contents).await?;
                    return Ok(material);
                }
            }
            after = about.last().copied();
            if about.len() < PAGE {
                return Err(Unfit::Gone.into());
            }
        }
    }

    /// Puts what was fetched for a submission into it, as it was when it came.
    async fn complete(&self, material: &mut Material, contents: &[Part]) -> Result<(), Declined> {
        let Some(document) = material.document.as_mut().filter(|_| !contents.is_empty()) else {
            return Ok(());
        };
        let mut value = json::read(document.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
        let filled = fetching::put_in(self.gateway, &mut value, contents).await?;
        document.0 = json::text(&value);
        material.cuts.extend(filled.cuts);
        Ok(())
    }

    /// Reads what was received once more, for the partner that it is for now.
    async fn read_again(
        &self,
        id: FileId,
        origin: &Origin,
        body: Body,
        to: &Agreement,
    ) -> Result<Material, Declined> {
        let came = Message::parse(&origin.message).ok_or(Unfit::Gone)?;
        let owner = self.entry.tenant.clone();
        let blobs = &*self.gateway.parts().blobs;
        let is_heavy = body.len() > LIGHT as u64;
        if matches!(came, Message::Task | Message::SubmitAttachment) {
            return self.fhir_again(came, body).await;
        }
        let dossier = &self.file(id).dossier;
        let sender = match came {
            Message::Attachment275 => &dossier.source,
            _ => &dossier.requester,
        };
        let terms = self.world.partner(sender).and_then(|sender| sender.x12.as_ref());
        let passed = if is_heavy {
            let mut stored = Stored::new(blobs, body.clone());
            let read = heavy::x12(
                self.gateway,
                &owner,
                Keeping::Payloads,
                terms,
                Vec::new(),
                &mut stored,
            );
            Some(read.await.map_err(again)?)
        } else {
            None
        };
        let (inspected, cuts) = match passed {
            Some((spooled, inspected)) if !heavy::wants_whole(&spooled.cuts, body.len()) => {
                spooled.loose.refer();
                (inspected.ok_or(Unfit::Gone)?, spooled.cuts)
            }
            Some(_) | None => {
                let bytes = stow::read(blobs, &body).await?;
                (inspect::read(&bytes, &self.world, terms), Vec::new())
            }
        };
        let mut transactions = inspected
            .transactions
            .into_iter()
            .filter_map(|one| one.transaction);
        let (_, transaction) = transactions
            .find(|(number, _)| *number == origin.transaction)
            .ok_or(Unfit::Gone)?;
        let documents = self.documents_of(id, came, &transaction, to);
        let document = documents.into_iter().nth(origin.document);
        Ok(Material {
            came,
            cuts: heavy::within(&transaction, document.as_ref(), &cuts),
            transaction: Some(transaction),
            delimiters: inspected.delimiters,
            document,
            raw: None,
        })
    }

    /// The same for a FHIR resource.
    async fn fhir_again(&self, came: Message, body: Body) -> Result<Material, Declined> {
        let blobs = &*self.gateway.parts().blobs;
        let owner = self.entry.tenant.clone();
        let is_heavy = body.len() > LIGHT as u64;
        let (text, cuts, raw) = if is_heavy {
            let raw = Some(body.clone());
            let mut stored = Stored::new(blobs, body);
            let (spooled, value) =
                heavy::fhir(self.gateway, &owner, Keeping::Payloads, Vec::new(), &mut stored)
                    .await
                    .map_err(again)?;
            spooled.loose.refer();
            (json::text(&value), spooled.cuts, raw)
        } else {
            let bytes = stow::read(blobs, &body).await?;
            let text = String::from_utf8(bytes).map_err(|_| Unfit::NotJson)?;
            (text, Vec::new(), None)
        };
        Ok(Material {
            came,
            transaction: None,
            delimiters: None,
            document: Some(Document(text)),
            cuts,
            raw,
        })
    }

    /// What a transaction of an exchange becomes for a partner; nothing if it cannot be told.
    fn documents_of(
        &self,
        id: FileId,
        came: Message,
        transaction: &Transaction,
        to: &Agreement,
    ) -> Vec<Document> {
        let dossier = &self.file(id).dossier;
        if came != Message::Attachment275 {
            return material::tasks(&self.world, transaction, to, self.now).unwrap_or_default();
        }
        let mut variables = dossier.variables.clone();
        if dossier.request.is_some() {
            variables.insert("solicited".to_owned(), "true".to_owned());
        }
        material::submissions(&self.world, transaction, to, &variables, self.now).unwrap_or_default()
    }
}

/// The message as it came, and the contents that were fetched for it: so many of the last parts.
fn apart(mut body: Body, contents: u64) -> (Body, Vec<Part>) {
    let count = usize::try_from(contents).unwrap_or(usize::MAX);
    let contents = body.parts.split_off(body.parts.len().saturating_sub(count));
    (body, contents)
}

/// What was taken in once and is not now was damaged.
fn again(not_spooled: NotSpooled) -> Declined {
    match not_spooled {
        NotSpooled::Ledger(trouble) => trouble.into(),
        NotSpooled::Broken(_) | NotSpooled::Refused(_) | NotSpooled::NotBase64 | NotSpooled::TooMuch => {
            Unfit::Gone.into()
        }
    }
}

const PAGE: usize = 100;
