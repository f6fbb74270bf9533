//! What the façade says of itself: a `CapabilityStatement` that follows from the configuration, and discovery by payer.

use serde_json::Value;
use serde_json::json;

use super::settings::Facade;
use super::settings::Terms;
use crate::base::calendar::DAY;
use crate::base::calendar::date;

/// The `CapabilityStatement` (GW-40).
pub(super) fn statement(terms: &Terms) -> String {
    let facade = &terms.facade;
    let mut instantiates = Vec::new();
    let mut rest = json!({"mode": "server", "documentation": DOCUMENTATION});
    put(
        &mut rest,
        "security",
        json!({
            "cors": false,
            "description": "A partner is known by the door that is its own, or by a bearer token that it was given.",
        }),
    );
    if facade.keeps_tasks {
        instantiates.push("http://hl7.org/fhir/us/davinci-cdex/CapabilityStatement/data-source-server");
        put(&mut rest, "resource", json!([task()]));
    }
    if facade.takes_attachments {
        instantiates.push("http://hl7.org/fhir/us/davinci-cdex/CapabilityStatement/data-consumer-server");
        put(&mut rest, "operation", json!([submit(terms)]));
    }
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "name": "Cartage",
        "title": facade.title,
        "status": "active",
        "date": day(facade.since),
        "kind": "instance",
        "software": {"name": "Cartage", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": facade.title, "url": facade.base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    });
    if !instantiates.is_empty() {
        put(&mut statement, "instantiates", json!(instantiates));
    }
    statement.to_string()
}

fn task() -> Value {
    let interactions = [
        "create",
        "read",
        "vread",
        "update",
        "history-instance",
        "search-type",
    ]
    .map(|code| json!({"code": code}));
    let parameters = SEARCH_PARAMETERS
        .map(|(name, kind, about)| json!({"name": name, "type": kind, "documentation": about}));
    json!({
        "type": "Task",
        "supportedProfile": [
            "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request",
            "http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-data-request",
        ],
        "documentation": "A partner sees the Tasks in which it asks or is asked, and no others. Only who is asked moves the status.",
        "interaction": interactions,
        "versioning": "versioned-update",
        "readHistory": true,
        "updateCreate": false,
        "conditionalCreate": true,
        "referencePolicy": ["logical"],
        "searchParam": parameters,
    })
}

fn submit(terms: &Terms) -> Value {
    let limit = terms.body;
    let mib = limit / (1 << 20);
    json!({
        "name": "submit-attachment",
        "definition": "http://hl7.org/fhir/us/davinci-cdex/OperationDefinition/submit-attachment",
        "documentation": format!(
            "A submission has at most {limit} bytes ({mib} MiB) as it is sent, base64 included; a longer one is answered with 413 \
             before it is read. What is too long is split: several submissions with one TrackingId, Final = false in all but the \
             last; or a part of the documents is sent by another way that both sides agreed on. \
             Final is supported. Content is inline (attachment.data), or named by an address (attachment.url) on the submitter's own FHIR server \
             or on one that was agreed upon, and with its size and hash if it has them; where the payer needs it, it is \
             fetched before the answer. DocumentReference is taken, and any other resource as Content. \
             PayerId says which payer it is for. 200 means that the submission is on disk here, not that the payer has decided."
        ),
    })
}

/// Where the submissions for each payer go (HRex endpoint discovery).
pub(super) fn discovery(facade: &Facade) -> String {
    let mut document = json!({});
    if let [payer] = facade.payers.as_slice() {
        put(&mut document, "identifier", json!({"value": payer}));
    }
    let mut endpoints = json!({});
    if facade.takes_attachments {
        for version in ["2.0", "2.1"] {
            let code = format!("davinci_cdex_attachsubmit_endpoint#{version}");
            put(&mut endpoints, &code, json!(facade.base));
        }
    }
    put(&mut document, "endpoints", endpoints);
    document.to_string()
}

/// Adds a member to an object.
fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// A day as FHIR writes it.
fn day(since: u64) -> String {
    let (year, month, day) = date(since / DAY);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Search parameters of Task (GW-41): name, type, and what is particular here.
const SEARCH_PARAMETERS: [(&str, &str, &str); 8] = [
    ("_id", "token", "the id"),
    ("_lastUpdated", "date", "when it was last changed"),
    ("identifier", "token", "the tracking id of the request"),
    ("status", "token", "the status"),
    ("code", "token", "what is asked for"),
    ("owner", "reference", "who is asked, by :identifier"),
    ("requester", "reference", "who asks, by :identifier"),
    ("patient", "reference", "about whom, by :identifier"),
];

const DOCUMENTATION: &str = "Carries CDex attachments between payers and providers, some of whom speak X12.";

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::fhir::json::read;
    use crate::trust::bearer::Tokens;

    fn terms(takes_attachments: bool, keeps_tasks: bool) -> Terms {
        Terms {
            from: None,
            tokens: Arc::new(Tokens::default()),
            body: 64 << 20,
            clients: 1,
            per_address: 1,
            timeout: Duration::from_secs(1),
            names: Arc::default(),
            tls: None,
            facade: Facade {
                base: "https://cartage.example/fhir".to_owned(),
                title: "Northline".to_owned(),
                takes_attachments,
                keeps_tasks,
                payers: vec!["60054".to_owned()],
                since: 1_795_181_400,
            },
        }
    }

    #[test]
    fn the_statement_follows_from_the_configuration() {
        let both = read(statement(&terms(true, true)).as_bytes()).unwrap();
        assert_eq!(both["date"], "2026-11-20");
        assert_eq!(both["implementation"]["url"], "https://cartage.example/fhir");
        assert_eq!(both["instantiates"].as_array().unwrap().len(), 2);
        let about = both["rest"][0]["operation"][0]["documentation"].as_str().unwrap();
        assert!(about.contains("67108864 bytes (64 MiB)") && about.contains("Final is supported"));
        assert_eq!(both["rest"][0]["resource"][0]["type"], "Task");
        let neither = read(statement(&terms(false, false)).as_bytes()).unwrap();
        assert!(neither.get("instantiates").is_none() && neither["rest"][0].get("operation").is_none());
        assert!(neither["rest"][0].get("resource").is_none());
    }

    #[test]
    fn discovery_names_the_endpoint() {
        let found = read(discovery(&terms(true, false).facade).as_bytes()).unwrap();
        assert_eq!(
            found["endpoints"]["davinci_cdex_attachsubmit_endpoint#2.1"],
            "https://cartage.example/fhir"
        );
        assert_eq!(found["identifier"]["value"], "60054");
    }
}
