//! A request joins its exchange, or begins one.

use std::sync::Arc;

use crate::exchange::correlation::Correlation;
use crate::exchange::correlation::Reason;
use crate::exchange::effect::Reply;
use crate::exchange::event::HandOver;
use crate::exchange::event::Request;
use crate::exchange::event::TaskHome;
use crate::exchange::event::What;
use crate::exchange::refusal::Refusal;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::desk::tenant;
use crate::flow::dossier::Dossier;
use crate::flow::dossier::Origin;
use crate::flow::material::Material;
use crate::flow::meaning::Asked;
use crate::flow::meaning::purpose_word;
use crate::flow::noted::Link;
use crate::ledger::ids::FolioId;
use crate::x12::Transaction;

/// A request that was read and routed.
pub(crate) struct Question {
    pub(crate) asked: Asked,
    pub(crate) material: Material,
    /// Who asks.
    pub(crate) requester: String,
    /// Who is asked.
    pub(crate) source: String,
    /// Whether it waits in our façade until the source fetches it.
    pub(crate) held: bool,
    /// How it was decided.
    pub(crate) decided: String,
    pub(crate) origin: Origin,
    /// The Task that both sides look at, if we host one.
    pub(crate) hosted: Option<serde_json::Value>,
}

/// What became of a request.
pub(crate) struct Taken {
    pub(crate) reply: Option<Reply>,
    /// The Task that we host for it.
    pub(crate) task: Option<FolioId>,
}

impl Desk<'_> {
    /// Takes a request.
    ///
    /// # Errors
    /// Says why not; nothing of it is then on the desk's exchanges, but the desk is not to be committed.
    pub(crate) async fn ask(&mut self, question: Question) -> Result<Taken, Declined> {
        let viewer = self.viewer();
        let known = match self.find(&question.source, &question.asked.names).await? {
            Correlation::Joins { exchange, .. } => FolioId::new(exchange.number()),
            // The number is taken, and not by what this could be.
            Correlation::Candidates(found)
                if found.iter().any(|one| one.reasons.contains(&Reason::Tracking)) =>
            {
                return Err(Refusal::Conflict.into());
            }
            Correlation::Candidates(_) | Correlation::Unknown => None,
        };
        let file = match known {
            Some(folio) => self.fetch(&viewer, folio).await?,
            None => None,
        };
        let file = match file {
            Some(file) => file,
            None => self.open_for(&question)?,
        };
        self.put_question(file, question).await
    }

    fn open_for(&mut self, question: &Question) -> Result<FileId, Declined> {
        let requester = self
            .world
            .partner(&question.requester)
            .ok_or(Declined::Unrouted)?;
        let dossier = Dossier {
            requester: question.requester.clone(),
            source: question.source.clone(),
            generation: self.world.settings.generation,
            decided: question.decided.clone(),
            names: question.asked.names.clone(),
            ..Dossier::default()
        };
        Ok(self.begin(requester.terms.clone(), dossier))
    }

    async fn put_question(&mut self, file: FileId, question: Question) -> Result<Taken, Declined> {
        let Question {
            asked,
            material,
            held,
            origin,
            hosted,
            requester,
            source,
            ..
        } = question;
        let folio = self.file(file).id;
        let is_repeat = self.file(file).exchange.request().is_some();
        if !is_repeat {
            if let Some(resource) = hosted.clone() {
                let owner = tenant(&requester).ok_or(Declined::Unrouted)?;
                let task = self.host(resource, owner, tenant(&source), Some(folio));
                self.file_mut(file).dossier.task = Some(task.number());
            }
            let file = self.file_mut(file);
            // What was begun by its answer is found by the numbers of its request from now on.
            file.renamed = file.dossier.names.complete(&asked.names);
            file.dossier.variables.extend(asked.variables);
            file.dossier
                .variables
                .insert("use".to_owned(), purpose_word(asked.purpose).to_owned());
            let category = material.transaction.as_ref().and_then(category);
            let category = category.map(|category| ("request-category".to_owned(), category));
            file.dossier.variables.extend(category);
            file.dossier.payer_url = asked.payer_url;
            file.dossier.request = Some(origin.clone());
            file.fresh.push((None, Arc::new(material)));
        }
        let request = Request {
            digest: asked.digest,
            purpose: asked.purpose,
            wanted: asked.wanted,
            due: asked.due,
            several: asked.several,
            hand_over: if held { HandOver::Shown } else { HandOver::Pushed },
            task: if hosted.is_some() {
                TaskHome::Hosted
            } else {
                TaskHome::Elsewhere
            },
        };
        let reply = self.step(file, What::Requested(request)).await?;
        if !is_repeat {
            self.link(folio, None, &origin);
        }
        let task = self.file(file).dossier.task.and_then(FolioId::new);
        Ok(Taken { reply, task })
    }

    /// Notes what of the message at hand belongs to which exchange, so that it is found again.
    pub(super) fn link(&mut self, exchange: FolioId, part: Option<u32>, origin: &Origin) {
        self.links.push(Link {
            exchange: exchange.number(),
            part,
            message: origin.message.clone(),
            transaction: origin.transaction,
            document: origin.document,
        });
    }
}

/// `STC01-1` of a request in X12, if all its questions say the same: the answer repeats it.
fn category(request: &Transaction) -> Option<String> {
    let questions = request
        .all_segments()
        .filter(|segment| request.id(*segment).as_str() == "STC");
    let mut said = questions.filter_map(|segment| {
        let category = request.component(request.element(segment, 1)?, 1);
        std::str::from_utf8(category).ok()
    });
    let first = said.next().filter(|first| !first.is_empty())?;
    said.all(|other| other == first).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category_of(questions: &str) -> Option<String> {
        let request = include_str!("../../tests/data/translate/request.x12");
        let request = request.replace("STC*R4:11504-8::LOI*20261120**1840~\n", questions);
        let found = crate::x12::read_plainly(request.as_bytes());
        category(found.first().unwrap())
    }

    #[test]
    fn a_category_is_known_if_all_questions_have_it() {
        assert_eq!(category_of("STC*R15:11504-8::LOI~").as_deref(), Some("R15"));
        let twice = "STC*R15:11504-8::LOI~STC*R15:11506-3::LOI~";
        assert_eq!(category_of(twice).as_deref(), Some("R15"));
        assert_eq!(category_of("STC*R15:11504-8::LOI~STC*R4:11506-3::LOI~"), None);
        assert_eq!(category_of(""), None);
    }
}
