//! Journey 3: a 275 hands attachments in, and becomes `$submit-attachment` for a payer that speaks FHIR.
//!
//! One that answers a request goes back to whoever asked, also where that was a Task of journey 4; for a payer that speaks X12
//! the transaction goes on as it is.

use x12_parser::Delimiters;

use crate::fhir::json;
use crate::flow::desk::Declined;
use crate::flow::desk::Desk;
use crate::flow::dossier::EnvelopeNames;
use crate::flow::dossier::Origin;
use crate::flow::heavy::Cut;
use crate::flow::heavy::by_content;
use crate::flow::heavy::within;
use crate::flow::material;
use crate::flow::material::Document;
use crate::flow::material::Material;
use crate::flow::material::Unfit;
use crate::flow::meaning::Handed;
use crate::flow::pass_through;
use crate::flow::routes;
use crate::flow::routes::Way;
use crate::flow::submitting::Belongs;
use crate::flow::submitting::Submitted;
use crate::routing::facts::Facts;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::x12::Transaction;

/// A 275 that is to be routed.
pub(crate) struct Attached<'t> {
    pub(crate) transaction: &'t Transaction,
    pub(crate) delimiters: Option<Delimiters>,
    /// Long payloads that have stand-ins in the interchange.
    pub(crate) cuts: &'t [Cut],
    /// Its number among those of its interchange.
    pub(crate) number: usize,
    pub(crate) envelope: EnvelopeNames,
    pub(crate) facts: &'t Facts,
    /// Who sent it.
    pub(crate) from: &'t str,
}

/// Takes a 275; says for each submission in it where it went.
///
/// # Errors
/// Says why not; the desk is then to be put back as it was.
pub(crate) async fn take(desk: &mut Desk<'_>, attached: &Attached<'_>) -> Result<Vec<Way>, Declined> {
    let world = std::sync::Arc::clone(&desk.world);
    if attached
        .transaction
        .payloads()
        .iter()
        .any(|payload| payload.broken)
    {
        return Err(Unfit::Gone.into());
    }
    let sender = world.partner(attached.from).ok_or(Declined::Unrouted)?;
    let solicited = attached.facts.first(Key::Solicited) == Some("true");
    // Read once for its names; who gets it decides how it is told.
    let read = material::submissions(
        &world,
        attached.transaction,
        sender,
        &std::collections::BTreeMap::new(),
        desk.now,
    );
    let read = read.unwrap_or_default();
    let whole = pass_through::handed(&world, attached.transaction, solicited, &read, attached.cuts);
    let (belongs, way) = place(desk, attached, &whole).await?;
    if way.is_parked() {
        return Ok(vec![way]);
    }
    if way.sends() == Some(Message::Attachment275) {
        let document = read.into_iter().next();
        submit(desk, attached, belongs, whole, &way, document, 0).await?;
        return Ok(vec![way]);
    }
    let count = read.len().max(1);
    let mut ways = Vec::new();
    for number in 0..count {
        ways.push(take_one(desk, attached, solicited, &read, number).await?);
    }
    Ok(ways)
}

/// Takes one of the submissions in a 275.
async fn take_one(
    desk: &mut Desk<'_>,
    attached: &Attached<'_>,
    solicited: bool,
    read: &[Document],
    number: usize,
) -> Result<Way, Declined> {
    let world = std::sync::Arc::clone(&desk.world);
    let one = read.get(number).map(std::slice::from_ref).unwrap_or_default();
    let mut handed = pass_through::handed(&world, attached.transaction, solicited, one, attached.cuts);
    let (belongs, way) = place(desk, attached, &handed).await?;
    let Some(partner) = way.partner().and_then(|name| world.partner(name)) else {
        return Ok(way);
    };
    let mut variables = match belongs {
        Belongs::To(file) => desk.file(file).dossier.variables.clone(),
        Belongs::Nowhere | Belongs::Unclear => std::collections::BTreeMap::new(),
    };
    if matches!(belongs, Belongs::To(file) if desk.file(file).dossier.request.is_some()) {
        variables.insert("solicited".to_owned(), "true".to_owned());
    }
    let told = material::submissions(&world, attached.transaction, partner, &variables, desk.now)?;
    let document = told.into_iter().nth(number).ok_or(Unfit::Empty)?;
    let parameters = json::read(document.0.as_bytes()).map_err(|_| Unfit::NotJson)?;
    let fresh = Handed::of(&by_content(&parameters, attached.cuts), solicited, &world.key);
    handed.submission.answers = fresh.submission.answers;
    handed.submission.digest = fresh.submission.digest;
    submit(desk, attached, belongs, handed, &way, Some(document), number).await?;
    Ok(way)
}

/// Where a submission belongs, and where it goes.
async fn place(
    desk: &mut Desk<'_>,
    attached: &Attached<'_>,
    handed: &Handed,
) -> Result<(Belongs, Way), Declined> {
    let belongs = desk.belonging(attached.from, &handed.names).await?;
    let asker = match belongs {
        Belongs::To(file) => Some(desk.file(file).dossier.requester.clone()),
        Belongs::Nowhere => None,
        Belongs::Unclear => return Ok((belongs, Way::unclear())),
    };
    let way = routes::decide(&desk.world, attached.facts, asker.as_deref());
    Ok((belongs, way))
}

async fn submit(
    desk: &mut Desk<'_>,
    attached: &Attached<'_>,
    belongs: Belongs,
    handed: Handed,
    way: &Way,
    document: Option<Document>,
    number: usize,
) -> Result<(), Declined> {
    let submitted = Submitted {
        handed,
        material: Material {
            came: Message::Attachment275,
            transaction: Some(attached.transaction.clone()),
            delimiters: attached.delimiters,
            cuts: within(attached.transaction, document.as_ref(), attached.cuts),
            raw: None,
            document,
        },
        source: attached.from.to_owned(),
        requester: way.partner().ok_or(Declined::Unrouted)?.to_owned(),
        decided: way.decided().to_owned(),
        origin: Origin {
            message: Message::Attachment275.as_str().to_owned(),
            transaction: attached.number,
            document: number,
            envelope: Some(attached.envelope.clone()),
        },
    };
    let file = match belongs {
        Belongs::To(file) => Some(file),
        Belongs::Nowhere | Belongs::Unclear => None,
    };
    desk.submit(file, submitted).await.map(|_| ())
}
