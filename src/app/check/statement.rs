//! What matters of a `CapabilityStatement`; the rest of it is not our business.

use serde_json::Value as Json;

use crate::config::check::servers::Answer;
use crate::config::check::servers::Statement;

/// Reads what a server answers to `metadata`.
pub(super) fn read(body: &[u8]) -> Answer {
    let foreign = |why: &str| Answer::Foreign(why.to_owned());
    let Ok(whole) = serde_json::from_slice::<Json>(body) else {
        return foreign("`metadata` is answered with something that is no JSON");
    };
    if text(&whole, "resourceType") != Some("CapabilityStatement") {
        return foreign("`metadata` is answered with something that is no CapabilityStatement");
    }
    let servers: Vec<&Json> = list(&whole, "rest")
        .filter(|rest| text(rest, "mode") == Some("server"))
        .collect();
    let resources = || servers.iter().flat_map(|rest| list(rest, "resource"));
    let creates_tasks = resources()
        .filter(|resource| text(resource, "type") == Some("Task"))
        .flat_map(|resource| list(resource, "interaction"))
        .any(|interaction| text(interaction, "code") == Some("create"));
    let of_server = servers.iter().flat_map(|rest| list(rest, "operation"));
    let of_types = resources().flat_map(|resource| list(resource, "operation"));
    Answer::Stated(Statement {
        fhir_version: text(&whole, "fhirVersion").map(str::to_owned),
        creates_tasks,
        takes_submissions: of_server.chain(of_types).any(is_submission),
    })
}

/// Servers write the name with or without its dollar, or call it something else and say what it is by its definition.
fn is_submission(operation: &Json) -> bool {
    let name = text(operation, "name").unwrap_or_default();
    let definition = text(operation, "definition").unwrap_or_default();
    let definition = definition.split('|').next().unwrap_or_default();
    name.trim_start_matches('$') == OPERATION || definition.rsplit('/').next() == Some(OPERATION)
}

fn list<'a>(object: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> + use<'a> {
    object.get(name).and_then(Json::as_array).into_iter().flatten()
}

fn text<'a>(object: &'a Json, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

const OPERATION: &str = "submit-attachment";

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(version: Option<&str>, creates_tasks: bool, takes_submissions: bool) -> Answer {
        Answer::Stated(Statement {
            fhir_version: version.map(str::to_owned),
            creates_tasks,
            takes_submissions,
        })
    }

    #[test]
    fn what_a_server_takes_is_read_where_servers_write_it() {
        let of = |rest: &str| {
            read(
                format!(r#"{{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":{rest}}}"#)
                    .as_bytes(),
            )
        };
        let good = Some("4.0.1");
        assert_eq!(of("[]"), stated(good, false, false));
        assert_eq!(of("7"), stated(good, false, false));
        let tasks = r#"[{"mode":"server","resource":[{"type":"Patient","interaction":[{"code":"create"}]},{"type":"Task","interaction":[{"code":"read"},{"code":"create"}]}]}]"#;
        assert_eq!(of(tasks), stated(good, true, false));
        assert_eq!(of(&tasks.replace("server", "client")), stated(good, false, false));
        assert_eq!(
            of(&tasks.replace(r#""Task""#, r#""Claim""#)),
            stated(good, false, false)
        );
        for operation in [
            r#"{"name":"submit-attachment","definition":"x"}"#,
            r#"{"name":"$submit-attachment"}"#,
            r#"{"name":"s","definition":"http://hl7.org/fhir/us/davinci-cdex/OperationDefinition/submit-attachment|2.1.0"}"#,
        ] {
            let rest = format!(r#"[{{"mode":"server","operation":[{{"name":"other"}},{operation}]}}]"#);
            assert_eq!(of(&rest), stated(good, false, true), "{operation}");
        }
        assert_eq!(
            of(r#"[{"mode":"server","operation":[{"name":"submit-attachments","definition":"a/submit"}]}]"#),
            stated(good, false, false)
        );
    }

    #[test]
    fn anything_else_is_no_server_of_fhir() {
        for body in [
            "",
            "<html>",
            "[]",
            "7",
            "{}",
            r#"{"resourceType":"OperationOutcome"}"#,
        ] {
            assert!(matches!(read(body.as_bytes()), Answer::Foreign(_)), "{body}");
        }
        assert_eq!(
            read(br#"{"resourceType":"CapabilityStatement"}"#),
            stated(None, false, false)
        );
    }
}
