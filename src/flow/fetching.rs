//! Contents that a submission names by address only, for a payer who is sent X12 (GW-16).
//!
//! They are fetched while the submission waits and go down in its commit, so what was answered never depends on a server
//! of others. A submission that goes on as FHIR keeps its addresses, and nothing is fetched.

use std::fmt;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::base::media;
use crate::fhir::json;
use crate::flow::courier::Promised;
use crate::flow::gateway::Gateway;
use crate::flow::heavy;
use crate::flow::heavy::CUT_OVER;
use crate::flow::heavy::Cut;
use crate::flow::heavy::HELD_MOST;
use crate::flow::heavy::Loose;
use crate::flow::heavy::by_content;
use crate::flow::meaning::Handed;
use crate::flow::settings::Agreement;
use crate::flow::stow;
use crate::flow::submit_to_275::Letter;
use crate::ledger::blobs::BlobRef;
use crate::ledger::blobs::Kept;
use crate::ledger::body::Body;
use crate::ledger::body::Part;
use crate::ledger::error::LedgerError;
use crate::ledger::ids::TenantId;
use crate::translate::fetched;
use crate::translate::fetched::Named;
use crate::trust::checksum::Checksum;
use crate::upstream::address::Address;
use crate::upstream::attempt::Trouble;
use crate::upstream::fetch;
use crate::upstream::fetch::Fetcher;
use crate::upstream::fetch::NotThere;
use crate::upstream::target::Astray;
use crate::upstream::target::Source;
use crate::upstream::target::Target;

/// What reads contents from servers of partners.
pub trait Fetching: fmt::Debug + Send + Sync {
    /// Asks for a content; `media` is what it should be.
    fn open<'a>(
        &'a self,
        target: &'a Target,
        media: Option<&'a str>,
    ) -> Promised<'a, Result<Box<dyn Download>, NotThere>>;
}

/// A content on its way to us.
pub trait Download: Send {
    /// What its server says that it is.
    fn media(&self) -> Option<&str>;

    /// How many octets were announced.
    fn length(&self) -> Option<u64>;

    /// The next octets; `None` after the last that was announced.
    fn next(&mut self) -> Promised<'_, Result<Option<Bytes>, NotThere>>;
}

impl Fetching for Fetcher {
    fn open<'a>(
        &'a self,
        target: &'a Target,
        media: Option<&'a str>,
    ) -> Promised<'a, Result<Box<dyn Download>, NotThere>> {
        Box::pin(async move {
            let download = Self::open(self, target, media).await?;
            Ok(Box::new(download) as Box<dyn Download>)
        })
    }
}

impl Download for fetch::Download {
    fn media(&self) -> Option<&str> {
        self.media.as_deref()
    }

    fn length(&self) -> Option<u64> {
        self.length
    }

    fn next(&mut self) -> Promised<'_, Result<Option<Bytes>, NotThere>> {
        Box::pin(Self::next(self))
    }
}

/// Why the contents of a submission were not fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFetched {
    /// One of them cannot be had.
    #[error("{why}")]
    Content {
        /// Where it stands in the submission.
        place: String,
        /// Why.
        why: Why,
    },
    /// There are more of them than are fetched for one submission.
    #[error("a submission names too many contents by address")]
    TooMany,
    /// All of them together took too long.
    #[error("fetching its contents took too long")]
    TooSlow,
    /// The ledger is in trouble.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a content cannot be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Why {
    /// Nothing of this gateway fetches.
    #[error("contents are not fetched here")]
    NotHere,
    /// It is on no server that is agreed upon.
    #[error(transparent)]
    Astray(#[from] Astray),
    /// Its server does not give it.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// It is longer than is fetched.
    #[error("it is longer than is fetched for one submission")]
    TooLong,
    /// There is nothing.
    #[error("the server sent no octet of it")]
    Empty,
    /// A page or a resource stands where the document should be.
    #[error("the server sent something else than the document")]
    SomethingElse,
    /// It has another size than the attachment says.
    #[error("it has not the size that the attachment says")]
    WrongSize,
    /// It has another hash than the attachment says.
    #[error("it has not the hash that the attachment says")]
    WrongHash,
}

/// A submission whose contents are there.
pub(crate) struct Whole {
    resource: Value,
    handed: Handed,
    text: String,
    cuts: Vec<Cut>,
    raw: Option<Body>,
    contents: Vec<Part>,
    loose: Loose,
}

impl Whole {
    /// The submission as it is worked on. From now on a commit may refer to what was fetched.
    pub(crate) fn letter(&self) -> Letter<'_> {
        self.loose.refer();
        Letter {
            resource: &self.resource,
            handed: self.handed.clone(),
            text: self.text.clone(),
            cuts: self.cuts.clone(),
            raw: self.raw.clone(),
            contents: self.contents.clone(),
        }
    }
}

/// Whether a submission lacks contents that its receiver has to be sent.
pub(crate) fn is_wanted(letter: &Letter<'_>, receiver: Option<&Agreement>) -> bool {
    receiver.is_some_and(|receiver| receiver.x12.is_some()) && !fetched::named(letter.resource).is_empty()
}

/// Fetches what a submission of `sender` names.
///
/// # Errors
/// Says why that is not possible; nothing is kept then.
pub(crate) async fn fetch(
    gateway: &Gateway,
    sender: &TenantId,
    letter: &Letter<'_>,
) -> Result<Whole, NotFetched> {
    let world = gateway.world();
    let named = distinct(letter.resource);
    if named.len() > MOST_CONTENTS {
        return Err(NotFetched::TooMany);
    }
    let partner = world.partner(sender.as_str());
    let terms = partner
        .map(|partner| partner.contents.clone())
        .unwrap_or_default();
    let sources = partner.map(sources).unwrap_or_default();
    let mut loose = Loose::new(gateway);
    let all = async {
        let mut contents = Vec::new();
        let mut left = terms.most;
        for one in &named {
            let part = match content(gateway, sender, one, &sources, left).await {
                Ok(part) => part,
                Err(NotKept::Ledger(trouble)) => return Err(NotFetched::Ledger(trouble)),
                Err(NotKept::Content(why)) => {
                    let place = one.place.clone();
                    return Err(NotFetched::Content { place, why });
                }
            };
            left = left.saturating_sub(part.len());
            loose.note(&part);
            contents.push(part);
        }
        Ok(contents)
    };
    let contents = timeout(terms.within, all)
        .await
        .map_err(|_| NotFetched::TooSlow)??;
    let mut resource = letter.resource.clone();
    let mut cuts = letter.cuts.clone();
    let filled = put_in(gateway, &mut resource, &contents).await?;
    cuts.extend(filled.cuts);
    loose.keep_place(filled.place);
    Ok(Whole {
        handed: Handed::of(&by_content(&resource, &cuts), false, &world.key),
        text: json::text(&resource),
        resource,
        cuts,
        raw: letter.raw.clone(),
        contents,
        loose,
    })
}

/// What came of putting contents into a submission.
pub(crate) struct Filled {
    /// Those that have stand-ins.
    pub(crate) cuts: Vec<Cut>,
    /// The place of those that are held though they are long.
    place: Option<OwnedSemaphorePermit>,
}

/// Puts contents beside the addresses that name them, in the order in which [`fetch`] gave them. Long ones get stand-ins,
/// but for what has to be understood whole and is not too long for that.
pub(crate) async fn put_in(
    gateway: &Gateway,
    resource: &mut Value,
    contents: &[Part],
) -> Result<Filled, LedgerError> {
    let blobs: Vec<BlobRef> = contents
        .iter()
        .filter_map(|part| match part {
            Part::Blob(blob) => Some(blob.clone()),
            Part::Inline(_) => None,
        })
        .collect();
    let mut away = heavy::put_away(gateway, &blobs).await?.into_iter();
    let (mut cuts, mut place, mut room) = (Vec::new(), None, HELD_MOST);
    let named = distinct(resource);
    let mut octets: Vec<(&str, Vec<u8>)> = Vec::new();
    for (one, part) in named.iter().zip(contents) {
        let cut = match part {
            Part::Inline(_) => None,
            Part::Blob(_) => away.next(),
        };
        let short = part.len() <= SHORT;
        let found = match cut {
            Some(cut) if part.len() > room || (cut.is_seen() && !short) => {
                let stand_in = cut.stand_in().to_vec();
                cuts.push(cut);
                stand_in
            }
            Some(_) | None => {
                room = room.saturating_sub(part.len());
                if place.is_none() && !short {
                    place = gateway.place_to_hold().await;
                }
                let parts = vec![part.clone()];
                stow::read(&*gateway.parts().blobs, &Body { parts }).await?
            }
        };
        octets.push((one.address.as_str(), found));
    }
    fetched::fill(resource, |address| {
        let found = octets.iter().find(|(known, _)| *known == address);
        found.map(|(_, octets)| octets.as_slice())
    });
    Ok(Filled { cuts, place })
}

/// The contents that are named, each address once: what is said of it where it stands first is what counts.
fn distinct(resource: &Value) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for one in fetched::named(resource) {
        if !all.iter().any(|known| known.address == one.address) {
            all.push(one);
        }
    }
    all
}

/// The servers from which contents of a partner are fetched: its own, and those that are agreed upon.
fn sources(partner: &Agreement) -> Vec<Source> {
    let own = match &partner.address {
        Some(Address::Fhir { base, bearer }) => Some(Source {
            base: base.clone(),
            bearer: bearer.clone(),
            is_home: true,
        }),
        Some(Address::X12Http { .. } | Address::Folder { .. }) | None => None,
    };
    let agreed = partner.contents.from.iter().map(|base| Source {
        base: base.clone(),
        bearer: None,
        is_home: false,
    });
    own.into_iter().chain(agreed).collect()
}

/// Why one content is not with us.
enum NotKept {
    Content(Why),
    Ledger(LedgerError),
}

impl From<Why> for NotKept {
    fn from(why: Why) -> Self {
        Self::Content(why)
    }
}

impl From<LedgerError> for NotKept {
    fn from(trouble: LedgerError) -> Self {
        Self::Ledger(trouble)
    }
}

/// Fetches one content, of at most `most` octets, into the blob store.
async fn content(
    gateway: &Gateway,
    sender: &TenantId,
    named: &Named,
    sources: &[Source],
    most: u64,
) -> Result<Part, NotKept> {
    let fetching = gateway.fetching().ok_or(Why::NotHere)?;
    let mut checksum = match &named.hash {
        Some(said) => Some(Checksum::of(said).map_err(|_| Why::WrongHash)?),
        None => None,
    };
    let target = Target::find(&named.address, sources).map_err(Why::from)?;
    let mut download = fetching
        .open(&target, named.media_type.as_deref())
        .await
        .map_err(Why::from)?;
    if is_something_else(named.media_type.as_deref(), download.media()) {
        return Err(Why::SomethingElse.into());
    }
    if download.length().is_some_and(|length| length > most) {
        return Err(Why::TooLong.into());
    }
    let most = named.size.map_or(most, |size| size.min(most));
    let mut writer = gateway.parts().blobs.create(sender);
    let mut taken = 0_u64;
    while let Some(octets) = download.next().await.map_err(Why::from)? {
        taken += octets.len() as u64;
        if taken > most {
            let is_said = named.size.is_some_and(|size| size == most);
            return Err(if is_said { Why::WrongSize } else { Why::TooLong }.into());
        }
        if let Some(checksum) = &mut checksum {
            checksum.update(&octets);
        }
        for piece in octets.chunks(PIECE) {
            writer.write(piece).await?;
        }
    }
    if taken == 0 {
        return Err(Why::Empty.into());
    }
    if named.size.is_some_and(|size| size != taken) {
        return Err(Why::WrongSize.into());
    }
    if checksum.is_some_and(|checksum| !checksum.holds()) {
        return Err(Why::WrongHash.into());
    }
    let Kept { part, .. } = writer.finish().await?;
    Ok(part)
}

/// Whether a server says that it sent a page or a FHIR resource where neither was named. Any other type is believed to be
/// what the submission says: servers of files know little of types.
fn is_something_else(named: Option<&str>, sent: Option<&str>) -> bool {
    let Some(sent) = sent.map(media::bare) else {
        return false;
    };
    let is_other_kind = sent == "text/html" || sent.starts_with("application/fhir+");
    is_other_kind && named.is_none_or(|named| media::bare(named) != sent)
}

/// The most contents that are fetched for one submission.
const MOST_CONTENTS: usize = 100;

/// Contents up to this length are held with their submission.
const SHORT: u64 = CUT_OVER;

/// How much is written to the blob store at a time.
const PIECE: usize = 64 * 1024;

impl NotFetched {
    /// 4xx where the submission has to change, 5xx where the same may be sent again (CDEX-422).
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::Content { why, .. } => why.status(),
            Self::TooMany => 413,
            Self::TooSlow => 504,
            Self::Ledger(_) => 503,
        }
    }
}

impl Why {
    const fn status(self) -> u16 {
        match self {
            Self::TooLong => 413,
            Self::NotThere(NotThere::Status(408 | 425 | 429 | 500..)) => 502,
            Self::NotThere(NotThere::Trouble(trouble)) => match trouble {
                Trouble::ConnectSlow | Trouble::Stalled | Trouble::AnswerSlow => 504,
                Trouble::Unsuited => 422,
                _ => 502,
            },
            Self::NotHere
            | Self::Astray(_)
            | Self::NotThere(_)
            | Self::Empty
            | Self::SomethingElse
            | Self::WrongSize
            | Self::WrongHash => 422,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_document_only_where_one_was_named() {
        for (named, sent, expected) in [
            (Some("application/pdf"), Some("text/html"), true),
            (Some("application/pdf"), Some("application/fhir+json"), true),
            (Some("text/xml"), Some("application/fhir+xml"), true),
            (None, Some("text/html"), true),
            (Some("text/html; charset=utf-8"), Some("text/html"), false),
            (Some("application/pdf"), Some("application/octet-stream"), false),
            (Some("application/pdf"), None, false),
            (None, Some("application/pdf"), false),
        ] {
            assert_eq!(is_something_else(named, sent), expected, "{named:?} {sent:?}");
        }
    }

    #[test]
    fn whose_fault_it_is_decides_whether_the_same_may_be_sent_again() {
        let status = |status| Why::NotThere(NotThere::Status(status)).status();
        assert_eq!([404, 401, 410, 206, 400].map(status), [422; 5]);
        assert_eq!([408, 425, 429, 500, 503].map(status), [502; 5]);
        let trouble = |trouble| Why::NotThere(NotThere::Trouble(trouble)).status();
        assert_eq!(
            [Trouble::Cut, Trouble::NoConnection, Trouble::Tls].map(trouble),
            [502; 3]
        );
        assert_eq!([Trouble::Stalled, Trouble::AnswerSlow].map(trouble), [504; 2]);
        for ours in [
            Why::Astray(Astray::Elsewhere),
            Why::NotThere(NotThere::Forbidden),
            Why::NotThere(NotThere::Redirected),
            Why::WrongHash,
        ] {
            assert_eq!(ours.status(), 422);
        }
        assert_eq!(Why::TooLong.status(), 413);
    }
}
