//! The wires out of the gateway and the partners at their ends, who take each message once by its key.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use cartage::flow::courier::Carriage;
use cartage::flow::courier::Promised;
use cartage::upstream::address::Address;
use cartage::upstream::attempt::Attempt;
use cartage::upstream::attempt::Trouble;
use cartage::upstream::errand::Errand;
use cartage::upstream::parcel::Parcel;

use crate::agreements::HARBOR;
use crate::agreements::SUMMIT;
use crate::messages::ack;
use crate::messages::element;
use crate::middle::Broken;
use crate::middle::Middle;
use crate::middle::journeys;

/// A message as its receiver has it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) lane: String,
    /// `Task`, `submission`, or what the interchange holds.
    pub(crate) kind: String,
    /// What the receiver knows it again by.
    pub(crate) key: String,
    /// What the gateway calls it.
    pub(crate) id: String,
    pub(crate) text: String,
    /// What the receiver says each time.
    pub(crate) says: (u16, String),
}

pub(crate) struct Wires(pub(crate) Arc<Middle>);

impl std::fmt::Debug for Wires {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wires")
    }
}

impl Carriage for Wires {
    fn carry<'a>(&'a self, _: &'a Address, parcel: &'a Parcel) -> Promised<'a, Attempt> {
        Box::pin(carry(&self.0, parcel))
    }
}

async fn carry(middle: &Arc<Middle>, parcel: &Parcel) -> Attempt {
    middle.pause(Duration::from_secs(3)).await;
    middle.note(&format!("sent to {}: {}", parcel.partner, parcel.id));
    if middle.is_down(&parcel.partner) || middle.mishap(10) {
        return Attempt::failed(Trouble::NoConnection);
    }
    if middle.mishap(8) {
        return answered(503, String::new());
    }
    let Some(mut text) = read(parcel).await else {
        middle.complain(format!("{} cannot be read", parcel.id));
        return Attempt::failed(Trouble::Unreadable);
    };
    if middle.broken == Broken::Loses && middle.mishap(10) {
        return answered(200, String::new());
    }
    if middle.broken == Broken::Alters && middle.mishap(10) {
        // The document breaks off.
        text.truncate(text.len() / 2);
    }
    let (status, body) = take(middle, parcel, text);
    middle.pause(Duration::from_secs(20)).await;
    if middle.mishap(10) {
        return Attempt::failed(Trouble::Cut);
    }
    answered(status, body)
}

async fn read(parcel: &Parcel) -> Option<String> {
    let mut pieces = parcel.content.open();
    let mut bytes = Vec::new();
    while let Some(piece) = poll_fn(|context| pieces.poll_next(context)).await {
        bytes.extend_from_slice(&piece.ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The receiver takes a message: what it has already it only answers.
fn take(middle: &Arc<Middle>, parcel: &Parcel, text: String) -> (u16, String) {
    let lane = parcel.partner.clone();
    let (kind, key) = match &parcel.errand {
        Errand::CreateTask { .. } => ("Task".to_owned(), parcel.id.clone()),
        Errand::SubmitAttachment => ("submission".to_owned(), parcel.id.clone()),
        Errand::X12 { message, .. } => (message.clone(), format!("ISA {:?}", parcel.control)),
    };
    middle.note(&format!("{lane} has {kind} {key}: {text}"));
    let mut received = middle.received.lock().unwrap();
    let known = received.iter().find(|one| one.lane == lane && one.key == key);
    if let Some(known) = known
        && middle.broken != Broken::Doubles
    {
        if known.text != text || known.id != parcel.id {
            middle.complain(format!("{lane} has two messages under {key}"));
        }
        return known.says.clone();
    }
    let says = if lane == SUMMIT && middle.roll(100) < 15 {
        middle.totals.lock().unwrap().refused += 1;
        (422, outcome("error"))
    } else if kind == "275" && middle.roll(100) < 25 {
        // A partner on HTTP may acknowledge at once.
        let group = element(&text, "GS", 6);
        (200, ack(middle.control(HARBOR), "HARBORPLAN", group, "275", "A"))
    } else if matches!(parcel.errand, Errand::X12 { .. }) {
        (202, String::new())
    } else if kind == "Task" {
        (201, String::new())
    } else {
        (200, outcome("information"))
    };
    let taken = Received {
        lane,
        kind,
        key,
        id: parcel.id.clone(),
        text,
        says: says.clone(),
    };
    received.push(taken.clone());
    drop(received);
    middle.partner_does(journeys::react(Arc::clone(middle), taken));
    says
}

fn outcome(severity: &str) -> String {
    format!(
        r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}","code":"informational"}}]}}"#
    )
}

fn answered(status: u16, body: String) -> Attempt {
    Attempt::Answered {
        status,
        media: None,
        location: None,
        retry_after: None,
        body: body.into_bytes(),
    }
}
