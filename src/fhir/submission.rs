//! What `$submit-attachment` is called with, as every version says it, in one model.

mod read;
mod write;

use crate::fhir::attachment_request::AttachTo;
use crate::fhir::element::Concept;
use crate::fhir::element::Identifier;
use crate::fhir::kept::Resource;
use crate::fhir::leaf::Flag;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::version::CdexVersion;

/// What a provider submits: everything that the Parameters of any version say, each value with its source.
///
/// Read one with [`Submission::read`], or fill one in field by field from another format; [`parameters`] writes it.
///
/// [`parameters`]: Submission::parameters
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Submission {
    /// The version it was read in.
    pub version: CdexVersion,
    /// The id of the Parameters.
    pub id: Option<Text>,
    /// The payer's control number if it answers a request, else the provider's own. Text in 1.1; the target id of 1.0.
    pub tracking_id: Option<Identifier>,
    /// The payer's administrative reference number of a prior authorization.
    pub admin_reference: Option<Identifier>,
    /// What the attachments are for.
    pub attach_to: Option<Leaf<AttachTo>>,
    /// The payer.
    pub payer: Option<Identifier>,
    /// The organization that submits.
    pub organization: Option<Identifier>,
    /// The practitioner who submits.
    pub provider: Option<Identifier>,
    /// The patient's number as a member; unsolicited for a prior authorization, perhaps the provider's account number.
    pub member_id: Option<Identifier>,
    /// The date of service or its start.
    pub service_date: Option<Text>,
    /// The attachments.
    pub attachments: Vec<Submitted>,
    /// Whether this is the last submission for the claim or authorization; see [`Submission::is_last`].
    pub last: Option<Flag>,
}

/// One attachment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Submitted {
    /// The lines of the claim or authorization that it is for; none means all of it.
    ///
    /// In 1.0 the lines are those of the whole submission, so every attachment has them.
    pub lines: Vec<Text>,
    /// What kind of document it is.
    pub code: Option<Concept>,
    /// The document, as whatever resource carries it; see [`content`](crate::fhir::content).
    pub content: Option<Resource>,
}

impl Submission {
    /// Whether this is the last submission: it is unless it says otherwise.
    pub fn is_last(&self) -> bool {
        self.last.as_ref().is_none_or(|last| *last.disclose())
    }
}
