//! A submission joins the exchange that it answers, or begins one.

use std::sync::Arc;

use crate::exchange::correlation::Correlation;
use crate::exchange::correlation::Reason;
use crate::exchange::effect::Reply;
use crate::exchange::event::What;
use crate::exchange::ids::PartId;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::desk::FileId;
use crate::flow::dossier::Dossier;
use crate::flow::dossier::Origin;
use crate::flow::dossier::StoredNames;
use crate::flow::material::Material;
use crate::flow::material::Unfit;
use crate::flow::meaning::Handed;
use crate::flow::takes;
use crate::ledger::ids::FolioId;

/// A submission that was read; with the partner that routing names, for one that answers nothing that is known.
pub(crate) struct Submitted {
    pub(crate) handed: Handed,
    pub(crate) material: Material,
    /// Who hands it in.
    pub(crate) source: String,
    /// Who is to get it.
    pub(crate) requester: String,
    /// How that was decided.
    pub(crate) decided: String,
    pub(crate) origin: Origin,
}

/// Where a submission belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Belongs {
    /// To an exchange that is known.
    To(FileId),
    /// To none; it begins one.
    Nowhere,
    /// Perhaps to one of several, or to one that it contradicts: a person decides.
    Unclear,
}

impl Desk<'_> {
    /// The exchange that a submission of `source` belongs to.
    ///
    /// # Errors
    /// Refuses more tracking numbers than are looked for at once; trouble of the ledger.
    pub(crate) async fn belonging(&mut self, source: &str, names: &StoredNames) -> Result<Belongs, Declined> {
        let viewer = self.viewer();
        Ok(match self.find(source, names).await? {
            Correlation::Joins { exchange, .. } => {
                let folio = FolioId::new(exchange.number());
                let file = match folio {
                    Some(folio) => self.fetch(&viewer, folio).await?,
                    None => None,
                };
                file.map_or(Belongs::Nowhere, Belongs::To)
            }
            Correlation::Candidates(found)
                if found.iter().any(|one| one.reasons.contains(&Reason::Tracking)) =>
            {
                Belongs::Unclear
            }
            Correlation::Candidates(_) | Correlation::Unknown => Belongs::Nowhere,
        })
    }

    /// Takes a submission; `file` is the exchange that it was found to belong to.
    ///
    /// # Errors
    /// Says why not; the desk is then not to be committed.
    pub(crate) async fn submit(
        &mut self,
        file: Option<FileId>,
        submitted: Submitted,
    ) -> Result<(FolioId, Option<Reply>), Declined> {
        let Submitted {
            handed,
            material,
            source,
            requester,
            decided,
            origin,
        } = submitted;
        let file = if let Some(file) = file {
            file
        } else {
            let partner = self.world.partner(&requester).ok_or(Declined::Unrouted)?;
            let terms = partner.terms.clone();
            let mut dossier = Dossier {
                requester,
                source,
                generation: self.world.settings.generation,
                decided,
                names: handed.names.clone(),
                ..Dossier::default()
            };
            dossier
                .variables
                .insert("use".to_owned(), handed.purpose.to_owned());
            self.begin(terms, dossier)
        };
        let receiver = self.world.partner(&self.file(file).dossier.requester);
        if let Some(receiver) = receiver {
            takes::judge(&receiver.takes, &material).map_err(Unfit::from)?;
        }
        let folio = self.file(file).id;
        let parts = self.file(file).exchange.parts().len();
        let number = u32::try_from(parts).unwrap_or(u32::MAX);
        // The exchange numbers parts in their order, so this is the one that it becomes, unless it is a repeat.
        self.file_mut(file)
            .fresh
            .push((Some(PartId::new(number)), Arc::new(material)));
        self.file_mut(file).dossier.parts.push(origin.clone());
        let reply = self.step(file, What::Submitted(handed.submission)).await?;
        let is_new = self.file(file).exchange.parts().len() > parts;
        if is_new {
            self.link(folio, Some(number), &origin);
        } else {
            // What is new next time gets this number, and must not be taken for the repeat.
            let file = self.file_mut(file);
            file.dossier.parts.truncate(parts);
            file.fresh.pop();
        }
        Ok((folio, reply))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::desk::tenant;
    use crate::flow::gateway::tests::bare;

    #[tokio::test]
    async fn more_numbers_than_are_looked_for_are_refused() {
        let gateway = bare();
        let mut desk = Desk::open(&gateway, tenant("provider").unwrap());
        let names = |count: usize| StoredNames {
            tracking: (0..count).map(|number| (format!("T-{number}"), 'R')).collect(),
            ..StoredNames::default()
        };
        let found = desk.belonging("provider", &names(1_000)).await;
        assert!(matches!(found, Ok(Belongs::Nowhere)));
        let found = desk.belonging("provider", &names(1_001)).await;
        assert!(matches!(found, Err(Declined::Unfit(Unfit::TooManyNumbers))));
    }
}
