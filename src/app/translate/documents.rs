//! FHIR as it comes in: one resource, or several one behind the other, checked by the rules of their profiles.

use serde_json::Deserializer;
use serde_json::Value;
use serde_json::value::RawValue;

use super::told::Refusal;
use super::told::Subject;
use super::told::Told;
use crate::fhir::TaskKind;
use crate::fhir::check;
use crate::fhir::codes::CodeLists;
use crate::fhir::json;

/// Resources that go into one message together.
#[derive(Debug)]
pub(crate) struct Batch<'t> {
    /// What they are.
    pub(crate) subject: Subject,
    /// Their texts.
    pub(crate) texts: Vec<&'t [u8]>,
    /// The same, read.
    pub(crate) values: Vec<Value>,
    /// What was found in them.
    pub(crate) findings: Vec<Told>,
}

/// The resources of an input, in groups: Tasks that follow one another become one request; each other stands alone.
///
/// # Errors
/// Refuses the input as a whole where it stops being JSON: what follows cannot be told apart.
#[expect(
    clippy::result_large_err,
    reason = "it is made once an input, and told at once"
)]
pub(crate) fn read(input: &[u8]) -> Result<Vec<Batch<'_>>, Refusal> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    let mut stream = Deserializer::from_slice(input).into_iter::<&RawValue>();
    let mut number = 0;
    loop {
        let start = stream.byte_offset();
        let text = match stream.next() {
            None => return Ok(batches),
            Some(Ok(raw)) => raw.get().as_bytes(),
            Some(Err(_)) => return Err(stopped(input, start)),
        };
        number += 1;
        let value = json::read(text).map_err(|refusal| Refusal::json(&refusal, start))?;
        let kind = value
            .get("resourceType")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let joins = batches
            .last()
            .is_some_and(|last| last.subject.kind == "Task" && kind == "Task");
        let findings = findings(kind, &value);
        match batches.last_mut() {
            Some(last) if joins => {
                last.texts.push(text);
                last.values.push(value);
                last.findings.extend(findings);
                if let Some([_, count]) = &mut last.subject.documents {
                    *count += 1;
                }
            }
            _ => batches.push(Batch {
                subject: Subject {
                    kind: kind.to_owned(),
                    documents: Some([number, 1]),
                    ..Subject::default()
                },
                texts: vec![text],
                values: vec![value],
                findings,
            }),
        }
    }
}

/// Why reading stopped: in the words of the strict reader, which knows more faults than the one that divides.
fn stopped(input: &[u8], start: usize) -> Refusal {
    let rest = input.get(start..).unwrap_or_default();
    let blank = rest.len() - rest.trim_ascii_start().len();
    let rest = rest.trim_ascii_start();
    match json::read(rest) {
        Err(refusal) => Refusal::json(&refusal, start + blank),
        Ok(_) => Refusal::whole(format!("not JSON after byte {start}")),
    }
}

/// What the profile of a resource has to say; nothing about resources that we do not translate.
pub(crate) fn findings(kind: &str, value: &Value) -> Vec<Told> {
    let lists = CodeLists::embedded();
    let found = match kind {
        "Task" => check::task(value, lists),
        "Parameters" => check::parameters(value, lists),
        _ => Vec::new(),
    };
    found.iter().map(Told::from).collect()
}

/// Whether a Task asks for data and not for attachments: X12 has no word for that.
pub(crate) fn asks_for_data(value: &Value) -> bool {
    value.get("resourceType").and_then(Value::as_str) == Some("Task")
        && check::kind_of_task(value) == TaskKind::DataRequest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = include_str!("../../../tests/data/fhir/attachment-request.json");

    #[test]
    fn tasks_that_follow_one_another_are_one_request() {
        let text = format!("{TASK}\n{TASK}{{\"resourceType\":\"Patient\"}}{TASK}");
        let batches = read(text.as_bytes()).unwrap();
        let told: Vec<(String, usize)> = batches
            .iter()
            .map(|batch| (batch.subject.to_string(), batch.values.len()))
            .collect();
        let expected = [("Task 1 to 2", 2), ("Patient 3", 1), ("Task 4", 1)];
        let expected: Vec<(String, usize)> = expected.map(|(told, count)| (told.to_owned(), count)).into();
        assert_eq!(told, expected);
        assert!(batches.iter().all(|batch| batch.findings.is_empty()));
    }

    #[test]
    fn where_the_text_stops_being_json_is_told() {
        let refused = read(b"{\"resourceType\":\"Task\"} {\"a\":1,\"a\":2}").unwrap_err();
        assert_eq!(refused.reason, "an object has the same name twice (byte 30)");
        let refused = read(b"{\"a\":").unwrap_err();
        assert_eq!(
            refused.reason,
            "the JSON text ends before its value does (byte 5)"
        );
        assert!(read("\u{feff}{}".as_bytes()).is_err());
    }
}
