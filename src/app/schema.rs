//! `cartage schema`: the configuration language as a JSON Schema, for editors that know TOML.

use std::io;
use std::io::Write;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use super::Ending;
use super::terminal::Terminal;
use crate::config::shape::Key;
use crate::config::shape::Kind;
use crate::config::shape::Need;
use crate::config::shape::SECRET;
use crate::config::shape::Section;
use crate::config::shape::gateway::ROOT;
use crate::routing::guide;
use crate::routing::key::Key as MatchKey;

/// Print the JSON Schema of the configuration, for editors.
///
/// It knows keys, words and forms; what a configuration means is for `cartage check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Prints it.
pub(super) fn run(_args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    serde_json::to_writer_pretty(&mut *out, &schema()).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(Ending::Good)
}

/// The schema, in draft 7 because that is what editors of TOML read.
fn schema() -> Json {
    let mut schema = section(&ROOT, true);
    if let Some(object) = schema.as_object_mut() {
        object.insert(
            "$schema".to_owned(),
            json!("http://json-schema.org/draft-07/schema#"),
        );
        object.insert("title".to_owned(), json!("Configuration of Cartage"));
    }
    schema
}

fn section(section: &Section, complete: bool) -> Json {
    let mut properties = Map::new();
    for key in section.keys {
        properties.insert(key.name.to_owned(), described(key));
    }
    let mut schema = json!({
        "type": "object",
        "description": section.about,
        "properties": properties,
        "additionalProperties": false,
    });
    let Some(object) = schema.as_object_mut().filter(|_| complete) else {
        return schema;
    };
    let required: Vec<&str> = section
        .keys
        .iter()
        .filter(|key| key.need == Need::Required)
        .map(|key| key.name)
        .collect();
    if !required.is_empty() {
        object.insert("required".to_owned(), json!(required));
    }
    // Exactly one of several keys: in this draft, one of several lists of what is required.
    for choice in section.choices {
        let alternatives: Vec<Json> = choice.iter().map(|name| json!({ "required": [name] })).collect();
        object.insert("oneOf".to_owned(), json!(alternatives));
    }
    schema
}

fn described(key: &Key) -> Json {
    let mut schema = kind(&key.kind);
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(key.about));
        if let Need::Default(default) = key.need {
            let value = serde_json::from_str(default)
                .ok()
                .filter(|value: &Json| !value.is_number());
            object.insert("default".to_owned(), value.unwrap_or_else(|| json!(default)));
        }
    }
    schema
}

fn kind(kind: &Kind) -> Json {
    match kind {
        Kind::Text | Kind::Name | Kind::Path | Kind::ApplicationId | Kind::PayerId | Kind::Address => {
            json!({ "type": "string", "minLength": 1 })
        }
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Size => json!({ "type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$" }),
        Kind::Duration => json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" }),
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Url => json!({ "type": "string", "pattern": "^https?://" }),
        Kind::Isa => json!({ "type": "string", "pattern": "^[0-9A-Z]{2}:.{1,15}$" }),
        Kind::Guide => json!({ "enum": guide::KNOWN.iter().map(|guide| guide.id).collect::<Vec<&str>>() }),
        Kind::Npi => json!({ "type": "string", "pattern": "^[0-9]{10}$" }),
        Kind::Tin => json!({ "type": "string", "pattern": "^[0-9]{2}-?[0-9]{7}$" }),
        Kind::FindingCode => json!({ "type": "string", "pattern": "^[A-Z]{2,3}[0-9]{2,3}-[0-9A-Z]{1,3}$" }),
        Kind::Patterns(key) | Kind::Values(key) => one_or_several(*key),
        Kind::List(inner) => json!({ "type": "array", "minItems": 1, "items": self::kind(inner) }),
        Kind::Secret { .. } => section(&SECRET, true),
        Kind::Table(inner) => section(inner, true),
        Kind::Part(inner) => section_of_parts(inner),
        Kind::Named(inner) => json!({
            "type": "object",
            "additionalProperties": section(inner, true),
            "propertyNames": { "pattern": "^[0-9A-Za-z._-]{1,64}$" },
        }),
        Kind::Several(inner) => json!({ "type": "array", "items": section(inner, true) }),
    }
}

/// A section of which nothing is required, and nothing of its tables either.
fn section_of_parts(inner: &Section) -> Json {
    let mut schema = section(inner, false);
    let properties = schema.pointer_mut("/properties").and_then(Json::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(Kind::Table(table)) = inner.key(name).map(|key| &key.kind) {
            *property = section_of_parts(table);
        }
    }
    schema
}

/// One value of a key, or a list of them.
fn one_or_several(key: MatchKey) -> Json {
    let one = match key {
        MatchKey::Solicited => json!({ "type": "boolean" }),
        key => match key.words() {
            Some(words) => json!({ "enum": words }),
            None => json!({ "type": "string", "minLength": 1 }),
        },
    };
    json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
}
