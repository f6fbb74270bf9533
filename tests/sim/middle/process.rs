//! The process of the gateway: the real flow and the real courier over the store that forgets. It dies and starts again.

use std::sync::Arc;
use std::time::Duration;

use cartage::base::clock::Clock;
use cartage::flow::courier;
use cartage::flow::courier::Courier;
use cartage::flow::gateway::Gateway;
use cartage::flow::gateway::Parts;
use cartage::flow::settings::Settings;
use cartage::observe::journal::Journal;
use cartage::routing::table::Park;
use cartage::upstream::address::Address;
use cartage::upstream::web::WebAddress;
use tokio::task::AbortHandle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::agreements::LAKE;
use crate::agreements::settings;
use crate::middle::Middle;
use crate::middle::carriage::Wires;

/// A gateway that runs.
pub(crate) struct Process {
    pub(crate) gateway: Arc<Gateway>,
    carrying: JoinHandle<()>,
    waking: JoinHandle<()>,
    stop: CancellationToken,
    calls: Vec<AbortHandle>,
}

/// How often the times of exchanges are looked at, unless the alarm rings.
const TICK: Duration = Duration::from_mins(30);

/// Starts a process over what is on disk.
pub(crate) async fn start(middle: &Arc<Middle>) {
    let parts = Parts {
        store: Arc::new(middle.store.clone()),
        blobs: Arc::new(middle.blobs.clone()),
        clock: Arc::clone(&middle.clock) as Arc<dyn Clock>,
        chance: Arc::clone(&middle.chance) as Arc<_>,
        key: [7; 32],
    };
    let gateway = Arc::new(Gateway::new(parts.clone(), reachable()));
    // As `serve` does: the time of the last run first, then doors and courier.
    gateway.tick().await.unwrap();
    let courier = Courier::new(
        courier::Parts {
            store: parts.store,
            blobs: parts.blobs,
            clock: Arc::clone(&parts.clock),
            chance: parts.chance,
            principal: Arc::clone(&gateway) as Arc<_>,
            carriage: Arc::new(Wires(Arc::clone(middle))),
            bell: gateway.bell(),
            journal: Journal::silent(parts.clock),
        },
        courier::Settings::default(),
    );
    let stop = CancellationToken::new();
    let until = stop.clone();
    let carrying = tokio::spawn(async move {
        // A ledger that stores nothing more ends it; then the process is begun anew.
        let _ = courier.run(until).await;
    });
    let waking = tokio::spawn(wake(Arc::clone(&gateway)));
    *middle.process.lock().unwrap() = Some(Process {
        gateway,
        carrying,
        waking,
        stop,
        calls: Vec::new(),
    });
}

/// The settings of the bench, with addresses.
pub(crate) fn reachable() -> Settings {
    let mut settings = settings(Park::Hold);
    for partner in &mut settings.partners {
        let base = WebAddress::parse("http://127.0.0.1:9").unwrap();
        partner.address = (partner.name.as_str() != LAKE).then_some(Address::Fhir { base, bearer: None });
    }
    settings
}

async fn wake(gateway: Arc<Gateway>) {
    let alarm = gateway.alarm();
    loop {
        let _ = gateway.tick().await;
        tokio::select! {
            biased;
            () = alarm.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

impl Process {
    /// Something that ends with the process.
    pub(crate) fn owns(&mut self, call: AbortHandle) {
        self.calls.retain(|call| !call.is_finished());
        self.calls.push(call);
    }

    /// It dies: nothing of it does anything any more.
    pub(crate) async fn kill(self) {
        for call in &self.calls {
            call.abort();
        }
        self.carrying.abort();
        let _ = self.carrying.await;
        Self::end(self.waking, self.calls).await;
    }

    async fn end(waking: JoinHandle<()>, calls: Vec<AbortHandle>) {
        waking.abort();
        let _ = waking.await;
        while calls.iter().any(|call| !call.is_finished()) {
            tokio::task::yield_now().await;
        }
    }

    /// It is told to stop: what is under way may end for a while, the rest is given back.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let _ = self.carrying.await;
        for call in &self.calls {
            call.abort();
        }
        Self::end(self.waking, self.calls).await;
    }
}
