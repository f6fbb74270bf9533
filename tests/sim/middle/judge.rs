//! What must be true when the wires have healed and time has run on.

use std::collections::BTreeSet;

use cartage::exchange::state::Kind;
use cartage::flow::dossier;
use cartage::ledger::blobs::BlobStore;
use cartage::ledger::body::Body;
use cartage::ledger::body::Part;
use cartage::ledger::found::Search;
use cartage::ledger::found::Standing;
use cartage::ledger::ids::Viewer;
use cartage::ledger::store::Store;
use serde_json::Value;

use crate::middle::Counts;
use crate::middle::Middle;
use crate::middle::Told;

/// More than there is of anything.
const ALL: usize = 10_000;

impl Middle {
    pub(crate) async fn judge(&self) -> Told {
        let mut counts = *self.totals.lock().unwrap();
        let under_way = *self.under_way.lock().unwrap();
        if under_way != 0 {
            self.complain(format!("{under_way} partners are still not answered"));
        }
        self.judge_deliveries(&mut counts).await;
        self.judge_identities();
        self.judge_exchanges(&mut counts).await;
        self.judge_tasks().await;
        let audit = self.store.verify_audit().await.unwrap();
        if !audit.faults.is_empty() {
            self.complain(format!("the audit has {} faults", audit.faults.len()));
        }
        let (trace, last) = std::mem::take(&mut *self.trace.lock().unwrap());
        Told {
            trace,
            complaints: std::mem::take(&mut *self.complaints.lock().unwrap()),
            last: last.into(),
            counts,
        }
    }

    /// What was acknowledged is at its receiver once, or lies where a person sees it.
    async fn judge_deliveries(&self, counts: &mut Counts) {
        let waiting = self.standing(Standing::Waiting).await;
        if !waiting.is_empty() {
            self.complain(format!("{} messages still wait", waiting.len()));
        }
        let dead = self.standing(Standing::Dead).await;
        let parked = self.store.parked(&Viewer::Operator, None, ALL).await.unwrap();
        if !parked.is_empty() {
            self.complain(format!(
                "{} messages are parked that have a receiver",
                parked.len()
            ));
        }
        counts.dead = dead.len();
        let received = self.received.lock().unwrap();
        for expected in self.expected.lock().unwrap().iter() {
            counts.acknowledged += 1;
            let (lane, kind, mark) = (expected.lane, expected.kind, &expected.mark);
            let arrived = received
                .iter()
                .filter(|one| one.lane == lane && one.kind == kind && one.text.contains(mark));
            let shown: String = mark.chars().take(40).collect();
            match arrived.count() {
                1 => counts.delivered += 1,
                0 if dead.iter().any(|text| text.contains(mark)) => {}
                0 => self.complain(format!("{lane} never had the {kind} with {shown}")),
                more => self.complain(format!("{lane} had the {kind} with {shown} {more} times")),
            }
        }
    }

    /// No interchange number and no tracking id stands for two messages.
    fn judge_identities(&self) {
        let mut seen = BTreeSet::new();
        for one in self.received.lock().unwrap().iter() {
            if !seen.insert((one.lane.clone(), one.id.clone())) {
                self.complain(format!("{} had {} under two keys", one.lane, one.id));
            }
            if one.kind == "Task" {
                let task: Value = serde_json::from_str(&one.text).unwrap();
                let tracking = task["identifier"][0]["value"].to_string();
                if !seen.insert((one.lane.clone(), tracking.clone())) {
                    self.complain(format!("{} had two Tasks {tracking}", one.lane));
                }
            }
        }
    }

    async fn judge_exchanges(&self, counts: &mut Counts) {
        let search = Search {
            kind: Some(dossier::EXCHANGE),
            ..Search::default()
        };
        let (mut held, mut unheard) = (0, 0);
        for folio in self.store.find(&Viewer::Operator, search).await.unwrap() {
            let (exchange, _) = dossier::decode(&folio.content).unwrap();
            match exchange.kind() {
                Kind::Completed => counts.completed += 1,
                Kind::OnHold => held += 1,
                Kind::Requested => unheard += 1,
                kind => self.complain(format!("{} is left {kind:?}", folio.id)),
            }
        }
        // Nobody acts here, so what was refused or given up stays so; nothing else may.
        if held > counts.refused + counts.dead || unheard > counts.dead {
            self.complain(format!("{held} are on hold and {unheard} unheard: {counts:?}"));
        }
    }

    /// The versions of each Task that we host follow the graph of its statuses, and none is missing or twice.
    async fn judge_tasks(&self) {
        let search = Search {
            kind: Some(dossier::TASK),
            ..Search::default()
        };
        for folio in self.store.find(&Viewer::Operator, search).await.unwrap() {
            let mut kept = self
                .store
                .versions(&Viewer::Operator, folio.id, None, ALL)
                .await
                .unwrap();
            kept.reverse();
            let contents = kept.iter().map(|version| version.content.as_bytes());
            let tasks: Vec<Value> = contents
                .flat_map(|content| {
                    let content: Value = serde_json::from_slice(content).unwrap();
                    content["versions"].as_array().unwrap().clone()
                })
                .collect();
            let mut last = None;
            for (number, task) in (1..).zip(&tasks) {
                let (version, status) = (&task["meta"]["versionId"], task["status"].as_str().unwrap());
                if version.as_str() != Some(&format!("{number}")) {
                    self.complain(format!(
                        "version {number} of {} says that it is {version}",
                        folio.id
                    ));
                }
                if !last.map_or(status == "requested", |last| {
                    last == status || is_edge(last, status)
                }) {
                    self.complain(format!("{} goes from {last:?} to {status}", folio.id));
                }
                last = Some(status);
            }
        }
    }

    /// The texts of all messages of the outbox that stand so.
    async fn standing(&self, standing: Standing) -> Vec<String> {
        let ids = self
            .store
            .standing(&Viewer::Operator, standing, None, None, ALL)
            .await
            .unwrap();
        let mut texts = Vec::new();
        for id in ids {
            let message = self.store.outbound(&Viewer::Operator, id).await.unwrap().unwrap();
            if let Some(body) = message.body {
                texts.push(self.text(&body).await);
            }
        }
        texts
    }

    async fn text(&self, body: &Body) -> String {
        let mut bytes = Vec::new();
        for part in &body.parts {
            match part {
                Part::Inline(inline) => bytes.extend_from_slice(inline.as_bytes()),
                Part::Blob(blob) => {
                    let mut reader = self.blobs.open(&blob.owner, blob);
                    while let Some(piece) = reader.next().await.unwrap() {
                        bytes.extend(piece);
                    }
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    }
}

fn is_edge(from: &str, to: &str) -> bool {
    matches!(
        (from, to),
        ("requested", "accepted" | "rejected" | "failed")
            | ("accepted", "in-progress" | "rejected")
            | ("in-progress", "on-hold" | "failed" | "completed")
            | ("on-hold" | "completed" | "failed" | "rejected", "in-progress")
    )
}
