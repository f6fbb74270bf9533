//! The wires into the gateway: a sender tries until it is answered, whatever gets lost on the way.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cartage::flow::door;
use cartage::flow::door::Caller;
use cartage::flow::door::Incoming;
use cartage::flow::door::Interaction;
use cartage::flow::door::Prefer;
use cartage::flow::door::Reply;
use cartage::flow::gateway::Gateway;
use tokio::task::JoinHandle;

use crate::middle::Broken;
use crate::middle::Middle;

/// At which door.
#[derive(Clone, Debug)]
pub(crate) enum What {
    X12,
    Facade(Interaction),
}

#[derive(Debug)]
struct Pieces(VecDeque<Bytes>);

impl Incoming for Pieces {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, door::Broken>> + Send + '_>> {
        let next = self.0.pop_front();
        Box::pin(async move { Ok(next) })
    }
}

impl Middle {
    /// Hands something in until it is answered; what the answer says.
    pub(crate) async fn hand_in(self: &Arc<Self>, partner: &'static str, what: What, text: String) -> String {
        loop {
            let reply = self.call(partner, &what, &text).await;
            if let Some(reply) = reply {
                self.note(&format!("{partner} is told {}", reply.status));
                let body = String::from_utf8_lossy(&reply.body).into_owned();
                match reply.status {
                    200..=299 => return body,
                    409 | 429 | 500..=599 => {}
                    status => self.complain(format!("{partner} is told {status} on {what:?}: {body}")),
                }
                if matches!(reply.status, 400..=499) && reply.status != 409 && reply.status != 429 {
                    return body;
                }
            }
            if self.broken == Broken::Promises && matches!(what, What::X12) {
                return "~IK5*A~".to_owned();
            }
            self.pause(Duration::from_mins(10)).await;
        }
    }

    /// Asks once; nothing if no answer arrives.
    async fn call(self: &Arc<Self>, partner: &'static str, what: &What, text: &str) -> Option<Reply> {
        self.pause(Duration::from_secs(5)).await;
        if self.mishap(10) {
            return None;
        }
        let call = self.arrive(partner, what, text)?;
        if self.mishap(15) {
            // It goes two ways, and one is slower.
            let (middle, what, text) = (Arc::clone(self), what.clone(), text.to_owned());
            tokio::spawn(async move {
                middle.pause(Duration::from_mins(30)).await;
                if let Some(call) = middle.arrive(partner, &what, &text) {
                    let _ = call.await;
                }
            });
        }
        let reply = tokio::time::timeout(Duration::from_mins(2), call).await;
        self.pause(Duration::from_secs(5)).await;
        if self.mishap(10) {
            return None;
        }
        reply.ok()?.ok()
    }

    /// A message arrives, if the gateway is there.
    fn arrive(self: &Arc<Self>, partner: &str, what: &What, text: &str) -> Option<JoinHandle<Reply>> {
        self.note(&format!("{partner} hands in: {text}"));
        let mut process = self.process.lock().unwrap();
        let process = process.as_mut()?;
        let caller = Caller {
            door: "front".to_owned(),
            partner: partner.to_owned(),
        };
        let pieces = text.as_bytes().chunks(1_000).map(Bytes::copy_from_slice);
        let gateway = Arc::clone(&process.gateway);
        let call = tokio::spawn(serve(gateway, caller, what.clone(), Pieces(pieces.collect())));
        process.owns(call.abort_handle());
        Some(call)
    }
}

async fn serve(gateway: Arc<Gateway>, caller: Caller, what: What, mut body: Pieces) -> Reply {
    match what {
        What::X12 => gateway.x12(&caller, &mut body).await,
        What::Facade(what) => gateway.facade(&caller, what, Prefer::default(), &mut body).await,
    }
}
