//! A request for attachments as every version says it, in one model.

mod pas;
mod read;
mod review;
mod write;

pub(crate) use self::read::enumerated;

use crate::fhir::element::Concept;
use crate::fhir::element::HumanName;
use crate::fhir::element::Identifier;
use crate::fhir::element::Reference;
use crate::fhir::leaf::Flag;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use crate::fhir::version::Wire;

/// What a payer asks a provider for: everything that a Task of any version says about it, each value with its source.
///
/// Read one with [`AttachmentRequest::read`], or fill one in field by field from another format; [`task`] writes it.
/// What a Task says beyond these fields, such as the words beside a code, is not carried; the difference between
/// [`leaves`](crate::fhir::leaves) of the resource and the sources of these fields is what was left.
///
/// [`task`]: AttachmentRequest::task
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttachmentRequest {
    /// The form it was read in.
    pub wire: Wire,
    /// The id that a server gave it.
    pub id: Option<Text>,
    /// What the answer must echo: the payer's attachment control number.
    pub tracking_id: Option<Identifier>,
    /// The payer's administrative reference number of a prior authorization.
    pub admin_reference: Option<Identifier>,
    /// Identifiers of other kinds.
    pub other_identifiers: Vec<Identifier>,
    /// How far it has come.
    pub status: Option<Text>,
    /// Why it has come no further.
    pub status_reason: Option<Concept>,
    /// How far it has come, in the words of the business.
    pub business_status: Option<Concept>,
    /// When it was written.
    pub authored_on: Option<Text>,
    /// When it was changed last.
    pub last_modified: Option<Text>,
    /// What the attachments are for.
    pub attach_to: Option<Leaf<AttachTo>>,
    /// The same in words; without them a Task says the code's own word.
    pub attach_to_text: Option<Text>,
    /// The claim or the authorization.
    pub claim: Option<Identifier>,
    /// Where the claim or the authorization is, as PAS says it.
    pub claim_reference: Option<Text>,
    /// The payer.
    pub payer: Option<Identifier>,
    /// What people call the payer.
    pub payer_name: Option<Text>,
    /// The organization that is asked.
    pub organization: Option<Identifier>,
    /// What people call the organization.
    pub organization_name: Option<Text>,
    /// The practitioner who is asked; the owner of a Task of 1.1 or PAS, which do not say which of the two it is.
    pub provider: Option<Identifier>,
    /// What people call the practitioner.
    pub provider_name: Option<Text>,
    /// The patient's number as a member.
    pub member_id: Option<Identifier>,
    /// The provider's account number of the patient.
    pub patient_account: Option<Identifier>,
    /// Identifiers of the patient of other kinds.
    pub other_patient_identifiers: Vec<Identifier>,
    /// The patient's name.
    pub patient_name: Option<HumanName>,
    /// The patient's date of birth.
    pub birth_date: Option<Text>,
    /// Where the patient is, as PAS says it.
    pub patient_reference: Option<Text>,
    /// When the attachments are due.
    pub due: Option<Text>,
    /// Where to send the attachments.
    pub payer_url: Option<Text>,
    /// The date of service or its start.
    pub service_date: Option<Text>,
    /// What is wanted.
    pub items: Vec<Wanted>,
    /// Whether a signature is wanted.
    pub signature: Option<Flag>,
    /// The purpose of use.
    pub purpose_of_use: Option<Concept>,
    /// Whether the attachments may come in several submissions.
    pub multiple_submits: Option<Flag>,
    /// What came of it.
    pub outputs: Vec<Output>,
}

/// What attachments are for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AttachTo {
    /// A claim.
    Claim,
    /// A prior authorization.
    Preauthorization,
}

/// One thing that is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// What it is.
    pub what: Wish,
    /// The lines of the claim or authorization that it is for; none means all of it.
    pub lines: Vec<Leaf<u32>>,
    /// What narrows it down, as PAS says it.
    pub modifiers: Vec<Concept>,
}

/// A kind of thing to be wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wish {
    /// Documents of a kind.
    Document(Concept),
    /// Answers to a questionnaire.
    Questionnaire {
        /// Which questionnaire.
        canonical: Text,
        /// What people call it.
        display: Option<Text>,
    },
    /// Answers to the questionnaires of a context that the payer's DTR service knows, as PAS says it.
    Context(Text),
}

/// Something that came of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// Whether it answers a questionnaire.
    pub answers: bool,
    /// Where it is.
    pub reference: Reference,
}

impl AttachTo {
    /// The code in `http://hl7.org/fhir/claim-use`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Preauthorization => "preauthorization",
        }
    }

    /// What a code of `http://hl7.org/fhir/claim-use` says, if it is one of the two.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Claim, Self::Preauthorization]
            .into_iter()
            .find(|use_| use_.as_str() == code)
    }
}

impl Wanted {
    /// Wants `what` for the whole claim or authorization.
    pub const fn of(what: Wish) -> Self {
        Self {
            what,
            lines: Vec::new(),
            modifiers: Vec::new(),
        }
    }
}

impl Wish {
    /// Whether it is for documents; otherwise it is for answers.
    pub const fn is_document(&self) -> bool {
        matches!(self, Self::Document(_))
    }
}

impl AttachmentRequest {
    /// A request that asks for nothing yet, to be filled in.
    pub const fn new(wire: Wire) -> Self {
        Self {
            wire,
            id: None,
            tracking_id: None,
            admin_reference: None,
            other_identifiers: Vec::new(),
            status: None,
            status_reason: None,
            business_status: None,
            authored_on: None,
            last_modified: None,
            attach_to: None,
            attach_to_text: None,
            claim: None,
            claim_reference: None,
            payer: None,
            payer_name: None,
            organization: None,
            organization_name: None,
            provider: None,
            provider_name: None,
            member_id: None,
            patient_account: None,
            other_patient_identifiers: Vec::new(),
            patient_name: None,
            birth_date: None,
            patient_reference: None,
            due: None,
            payer_url: None,
            service_date: None,
            items: Vec::new(),
            signature: None,
            purpose_of_use: None,
            multiple_submits: None,
            outputs: Vec::new(),
        }
    }

    /// Requests that ask for one kind of thing each, since no Task may ask for both documents and answers.
    pub fn split(self) -> Vec<Self> {
        let (documents, answers): (Vec<Wanted>, Vec<Wanted>) = self
            .items
            .iter()
            .cloned()
            .partition(|item| item.what.is_document());
        let parts = [documents, answers].into_iter().filter(|items| !items.is_empty());
        let mut split: Vec<Self> = parts
            .map(|items| Self {
                items,
                ..self.clone()
            })
            .collect();
        if split.is_empty() {
            split.push(self);
        }
        split
    }
}
