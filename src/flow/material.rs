//! Messages as they travel between reading and sending: an X12 transaction, a FHIR document, or both.

use std::collections::BTreeMap;

use serde_json::Value;
use x12_parser::Delimiters;
use x12_parser::WriteError;

use crate::base::finding::Severity;
use crate::exchange::moment::Moment;
use crate::fhir::check;
use crate::fhir::codes::CodeLists;
use crate::fhir::json;
use crate::flow::heavy::Cut;
use crate::flow::settings::Agreement;
use crate::flow::takes::NotTaken;
use crate::flow::world::World;
use crate::ledger::body::Body;
use crate::mapping::Program;
use crate::routing::key::Message;
use crate::translate;
use crate::translate::Context;
use crate::translate::Lineage;
use crate::translate::Resources;
use crate::translate::Translation;
use crate::x12::Transaction;

/// A message that is to be sent on.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    /// What it came as.
    pub(crate) came: Message,
    /// The transaction, if it came as X12.
    pub(crate) transaction: Option<Transaction>,
    /// The separators that it came with.
    pub(crate) delimiters: Option<Delimiters>,
    /// The FHIR document that it came as or was translated to.
    pub(crate) document: Option<Document>,
    /// Long payloads that have stand-ins in either.
    pub(crate) cuts: Vec<Cut>,
    /// All of it as it came, if it is long.
    pub(crate) raw: Option<Body>,
}

/// A FHIR document as text. It is somebody's record, so it is never shown.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Document(pub(crate) String);

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

/// Why a message cannot be told in the form in which it would have to be sent. Names rules and codes, nothing of the message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Unfit {
    /// Nothing translates it.
    #[error("no mapping translates it")]
    NoMapping,
    /// The partner names no guide for what would be sent.
    #[error("the partner speaks no guide for it")]
    NoGuide,
    /// A rule had to write something and found nothing.
    #[error("it does not say what the receiver needs")]
    Missing {
        /// The rule.
        rule: String,
    },
    /// Nothing came out.
    #[error("nothing in it becomes a message")]
    Empty,
    /// What came out would be refused.
    #[error("what it becomes would be refused by its receiver")]
    Faulty {
        /// The first finding.
        code: String,
    },
    /// It is no JSON that can be translated.
    #[error("it cannot be read")]
    NotJson,
    /// It has no form in X12.
    #[error("it has a text that no separators leave room for")]
    NotWritten(#[from] WriteError),
    /// A translation would have to look into a payload that is too long for that.
    #[error("a payload is too long for the form in which its receiver would get it")]
    TooLong,
    /// It names more tracking numbers than are looked for at once.
    #[error("it names more tracking numbers than are looked for at once")]
    TooManyNumbers,
    /// Its receiver takes no such attachments.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// Its content is no longer kept.
    #[error("its content is no longer kept")]
    Gone,
}

impl Unfit {
    /// The rule or finding behind it, for whoever looks for the cause.
    pub(crate) fn cause(&self) -> Option<&str> {
        match self {
            Self::Missing { rule } => Some(rule),
            Self::Faulty { code } => Some(code),
            Self::NoMapping
            | Self::NoGuide
            | Self::Empty
            | Self::NotJson
            | Self::NotWritten(_)
            | Self::TooLong
            | Self::TooManyNumbers
            | Self::NotTaken(_)
            | Self::Gone => None,
        }
    }
}

/// The Tasks that a request in X12 becomes, for a partner that is sent them or reads them with us.
///
/// # Errors
/// Says why none does.
pub(crate) fn tasks(
    world: &World,
    transaction: &Transaction,
    reader: &Agreement,
    now: Moment,
) -> Result<Vec<Document>, Unfit> {
    let program = world
        .program(match transaction.frame().name {
            "278" => "task-from-278",
            _ => "task-from-277",
        })
        .ok_or(Unfit::NoMapping)?;
    let context = reader.context(now).with("payer-url", &world.answer_url());
    documents(program, transaction, &context)
}

/// What is handed in with a 275: one document for each tracking number.
///
/// # Errors
/// Says why nothing is.
pub(crate) fn submissions(
    world: &World,
    transaction: &Transaction,
    reader: &Agreement,
    variables: &BTreeMap<String, String>,
    now: Moment,
) -> Result<Vec<Document>, Unfit> {
    let program = world.program("submit-from-275").ok_or(Unfit::NoMapping)?;
    let context = with_all(reader.context(now), variables);
    documents(program, transaction, &context)
}

/// Nothing of the account is kept with a message: `cartage translate` gives it again from what was received, and the
/// same comes out with it and without.
const BOOKS: Lineage = Lineage::Skipped;

fn with_all(context: Context, variables: &BTreeMap<String, String>) -> Context {
    variables
        .iter()
        .fold(context, |context, (name, value)| context.with(name, value))
}

fn documents(
    program: &Program,
    transaction: &Transaction,
    context: &Context,
) -> Result<Vec<Document>, Unfit> {
    let translation = translate::from_x12(program, transaction, context, BOOKS);
    sound(&translation)?;
    let documents: Vec<Document> = translation.documents().map(Document).collect();
    for document in &documents {
        let value = json::read(document.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
        let lists = CodeLists::embedded();
        let findings = match value.get("resourceType").and_then(Value::as_str) {
            Some("Task") => check::task(&value, lists),
            Some("Parameters") => check::parameters(&value, lists),
            _ => Vec::new(),
        };
        if let Some(wrong) = findings
            .iter()
            .find(|finding| finding.severity == Severity::Error)
        {
            return Err(Unfit::Faulty {
                code: wrong.code.to_string(),
            });
        }
    }
    Ok(documents)
}

fn sound(translation: &Translation<'_>) -> Result<(), Unfit> {
    if let Some(rule) = translation.missing().next() {
        return Err(Unfit::Missing {
            rule: rule.name.to_string(),
        });
    }
    if translation.is_empty() {
        return Err(Unfit::Empty);
    }
    Ok(())
}

/// The transactions of `guide` that a FHIR document becomes.
///
/// # Errors
/// Says why none does.
pub(crate) fn transactions(
    program: &Program,
    document: &Document,
    context: &Context,
    variables: &BTreeMap<String, String>,
) -> Result<Vec<Transaction>, Unfit> {
    let context = with_all(context.clone(), variables);
    let texts = [document.0.as_bytes()];
    let resources = Resources::read(&texts).map_err(|_| Unfit::NotJson)?;
    let translation = translate::from_fhir(program, &resources, &context, BOOKS);
    sound(&translation)?;
    Ok(translation.transactions().cloned().collect())
}
