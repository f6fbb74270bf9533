//! Messages that went no further: those that wait for a person, and those that were refused, each with the reasons.
//!
//! Reasons are words and codes of ours, as they were kept with the message; nothing of a message is among them.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::query::time;
use super::timeline;
use super::timeline::words;
use crate::ledger::body::Part;
use crate::ledger::error::LedgerError;
use crate::ledger::found::StoredEntry;
use crate::ledger::ids::EntryId;
use crate::ledger::ids::Viewer;
use crate::ledger::store::Store;

/// Which messages that went no further.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::app) enum Which {
    /// Those that wait for a person, the one that waits longest first.
    Parked,
    /// Those that were refused, the newest first.
    Refused,
}

/// A message that went no further.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Halted {
    /// The entry of the ledger that tells of it.
    pub(in crate::app) entry: String,
    pub(in crate::app) at: String,
    /// The partner who sent it.
    pub(in crate::app) from: String,
    /// The door that it came through.
    pub(in crate::app) door: String,
    /// What it is, as far as that was read.
    pub(in crate::app) what: String,
    pub(in crate::app) why: Vec<String>,
}

/// Some of them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::app) struct Halts {
    pub(in crate::app) messages: Vec<Halted>,
    /// The name to go on before, if there may be older ones.
    pub(in crate::app) older: Option<String>,
}

/// Messages that wait for a person, the one that waits longest first: at most so many.
pub(super) async fn parked(store: &dyn Store, viewer: &Viewer, most: usize) -> Result<Halts, LedgerError> {
    let mut halts = Halts::default();
    for id in store.parked(viewer, None, most).await? {
        let Some(entry) = read(store, viewer, id).await? else {
            continue;
        };
        let why = entry.parked.as_ref().map(|why| why.as_bytes().to_vec());
        let why = words(&String::from_utf8_lossy(&why.unwrap_or_default()));
        halts.messages.push(Halted {
            why: vec![why],
            ..told(&entry)
        });
    }
    Ok(halts)
}

/// Messages that were refused, the newest first: at most so many out of the last pages of the ledger.
pub(super) async fn refused(
    store: &dyn Store,
    viewer: &Viewer,
    mut before: Option<EntryId>,
    most: usize,
    pages: usize,
) -> Result<Halts, LedgerError> {
    let mut halts = Halts::default();
    for _ in 0..pages {
        let ids = store.latest(viewer, before, PAGE).await?;
        let is_last = ids.len() < PAGE;
        for id in ids {
            before = Some(id);
            let Some(entry) = read(store, viewer, id).await? else {
                continue;
            };
            let refused = refusal(store, &entry).await?;
            halts.messages.extend(refused);
            if halts.messages.len() == most {
                halts.older = Some(id.to_string());
                return Ok(halts);
            }
        }
        if is_last {
            return Ok(halts);
        }
    }
    halts.older = before.map(|id| id.to_string());
    Ok(halts)
}

/// An entry; one that is damaged must not hide the others.
async fn read(store: &dyn Store, viewer: &Viewer, id: EntryId) -> Result<Option<StoredEntry>, LedgerError> {
    match store.entry(viewer, id).await {
        Err(LedgerError::Unreadable(_)) => Ok(None),
        read => read,
    }
}

/// What an entry says of its message, but for what became of it.
fn told(entry: &StoredEntry) -> Halted {
    let mut halted = Halted {
        entry: entry.id.to_string(),
        at: time(entry.at),
        from: entry.tenant.to_string(),
        ..Halted::default()
    };
    if let Some(received) = &entry.received {
        let door = timeline::known(&received.facts, &["door"]);
        halted.door = door.into_iter().map(|(_, door)| door).collect();
        let what: Vec<String> = timeline::messages(&received.facts)
            .into_iter()
            .map(|(_, message)| message)
            .collect();
        halted.what = what.join(", ");
    }
    halted
}

/// Why the message of an entry was refused, if it was.
async fn refusal(store: &dyn Store, entry: &StoredEntry) -> Result<Option<Halted>, LedgerError> {
    let mut halted = told(entry);
    if let Some(received) = &entry.received {
        halted.why = of_decisions(received.decision.as_bytes());
    } else {
        for (_, event) in timeline::events(store, entry).await? {
            of_event(&event, &mut halted);
        }
    }
    // The answer to what was taken is FHIR or says nothing of a refusal, and so adds nothing.
    for part in entry.answer.iter().flat_map(|answer| &answer.parts) {
        if let Part::Inline(answer) = part {
            halted.why.extend(rejections(answer.as_bytes()));
        }
    }
    halted.why.dedup();
    Ok((!halted.why.is_empty()).then_some(halted))
}

/// What was decided against the messages of an entry.
fn of_decisions(decisions: &[u8]) -> Vec<String> {
    let decisions: Value = serde_json::from_slice(decisions).unwrap_or_default();
    let all = decisions.as_array().into_iter().flatten();
    let told = all.filter_map(|decision| {
        let why = decision.get("refused").and_then(Value::as_str)?;
        Some(match decision.get("cause").and_then(Value::as_str) {
            Some(cause) => words(&format!("{why}: {cause}")),
            None => words(why),
        })
    });
    told.collect()
}

/// What an event of the audit says of a refusal.
fn of_event(event: &Value, halted: &mut Halted) {
    let text = |name: &str| event.get(name).and_then(Value::as_str).map(words);
    match event.get("event").and_then(Value::as_str) {
        Some("conflict") => {
            "interchange".clone_into(&mut halted.what);
            halted
                .why
                .push("its control number stands for other content that came before".to_owned());
        }
        // Who looks for what is not there hands nothing in.
        Some("refused")
            if event
                .get("interaction")
                .and_then(Value::as_str)
                .is_some_and(hands_in) =>
        {
            halted.door = text("door").unwrap_or_default();
            halted.what = text("interaction").unwrap_or_default();
            let status = event.get("status").and_then(Value::as_u64).unwrap_or_default();
            halted.why.push(format!("answered with {status}"));
            let why = event.get("why").and_then(Value::as_array);
            let why = why.into_iter().flatten().filter_map(Value::as_str);
            halted.why.extend(why.map(words));
        }
        _ => {}
    }
}

/// Whether an interaction with the façade brings a message.
fn hands_in(interaction: &str) -> bool {
    matches!(interaction, "submit-attachment" | "create" | "update")
}

/// What one of our own acknowledgements refuses, in the words of its codes; nothing where it accepts, or is none.
fn rejections(answer: &[u8]) -> Vec<String> {
    let (Some(&element), Some(&end)) = (answer.get(3), answer.get(105)) else {
        return Vec::new();
    };
    if !answer.starts_with(b"ISA") {
        return Vec::new();
    }
    let mut told = Vec::new();
    let mut found: Vec<String> = Vec::new();
    for segment in answer.split(|byte| *byte == end).take(MOST_SEGMENTS) {
        let segment = String::from_utf8_lossy(segment.trim_ascii());
        let elements: Vec<&str> = segment.split(char::from(element)).collect();
        let code = |number: usize| elements.get(number).copied().filter(|code| is_code(code));
        match elements.first().copied() {
            Some("TA1") if code(4) == Some("R") => {
                told.push(format!("TA1 R {}", code(5).unwrap_or_default()));
            }
            Some("IK3") => found.push(format!(
                "{} at segment {}: IK304 {}",
                code(1).unwrap_or("?"),
                code(2).unwrap_or("?"),
                code(4).unwrap_or("?")
            )),
            Some("IK4") => found.push(format!(
                "element {}: IK403 {}",
                code(1).unwrap_or("?"),
                code(3).unwrap_or("?")
            )),
            Some(verdict @ ("IK5" | "AK9")) => {
                let first = if verdict == "IK5" { 2 } else { 5 };
                let codes: Vec<&str> = (first..first + 5).filter_map(code).collect();
                let details = std::mem::take(&mut found);
                if let Some(refused) = code(1).filter(|code| !matches!(*code, "A" | "E" | "P")) {
                    let verdict = format!("999 {verdict} {}", [&[refused], &codes[..]].concat().join(" "));
                    let details = details.into_iter().take(MOST_DETAILS);
                    told.push(
                        std::iter::once(verdict)
                            .chain(details)
                            .collect::<Vec<_>>()
                            .join(", "),
                    );
                }
            }
            _ => {}
        }
    }
    told
}

/// A code or a number of an acknowledgement, and nothing longer.
fn is_code(text: &str) -> bool {
    let fits = (1..=10).contains(&text.len());
    fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// So many entries are looked at in one step.
const PAGE: usize = 200;

/// So many of the places that an acknowledgement names are told.
const MOST_DETAILS: usize = 5;

/// So much of an acknowledgement is looked at.
const MOST_SEGMENTS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*0900*^*00501*000000001*0*T*:~";

    #[track_caller]
    fn check(segments: &str, expected: &[&str]) {
        assert_eq!(rejections(format!("{HEAD}{segments}").as_bytes()), expected);
    }

    #[test]
    fn what_accepts_refuses_nothing() {
        check(
            "TA1*000000001*261120*0900*A*000~AK2*277*0001~IK5*A~AK9*A*1*1*1~",
            &[],
        );
        check("IK3*STC*9**8~IK4*1**7~IK5*E*5~AK9*E*1*1*1~", &[]);
        assert_eq!(rejections(b"{\"resourceType\":\"OperationOutcome\"}"), [""; 0]);
    }

    #[test]
    fn what_refuses_is_told_with_its_places() {
        check("TA1*000000001*261120*0900*R*025~", &["TA1 R 025"]);
        check(
            "AK2*277*0001~IK3*BHT*2**8~IK4*1*1005*1~IK5*R*5~AK9*R*1*1*0*1~",
            &[
                "999 IK5 R 5, BHT at segment 2: IK304 8, element 1: IK403 1",
                "999 AK9 R 1",
            ],
        );
    }

    #[test]
    fn what_is_no_code_is_not_told() {
        check("TA1*1*261120*0900*R*MARLOWE, ADA~", &["TA1 R "]);
        let event =
            serde_json::json!({"event": "refused", "status": 422, "interaction": "create", "patient": "ADA"});
        let mut halted = Halted::default();
        of_event(&event, &mut halted);
        assert_eq!((halted.what.as_str(), halted.why.len()), ("create", 1));
        let read = serde_json::json!({"event": "refused", "status": 404, "interaction": "read"});
        let mut halted = Halted::default();
        of_event(&read, &mut halted);
        assert!(halted.why.is_empty());
    }

    #[test]
    fn decisions_are_told_with_their_causes() {
        let decisions =
            br#"[{"decided": "route"}, {"refused": "no", "cause": "rule 7"}, {"refused": "late"}]"#;
        assert_eq!(of_decisions(decisions), ["no: rule 7", "late"]);
    }
}
