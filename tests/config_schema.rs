//! The JSON Schema of the configuration says yes to the examples and no to faults of shape.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may stop"
)]

#[path = "config_support/mod.rs"]
mod config_support;

use std::process::Command;

use serde_json::Value as Json;

use config_support::EXAMPLES;
use config_support::example;
use config_support::folder;

fn cartage(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_cartage"))
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    output.stdout
}

fn schema() -> Json {
    serde_json::from_slice(&cartage(&["schema"])).unwrap()
}

/// TOML as the JSON that an editor takes it for.
fn as_json(text: &str) -> Json {
    fn value(found: toml::Value) -> Json {
        match found {
            toml::Value::String(text) => Json::from(text),
            toml::Value::Integer(number) => Json::from(number),
            toml::Value::Float(number) => Json::from(number),
            toml::Value::Boolean(flag) => Json::from(flag),
            toml::Value::Datetime(moment) => Json::from(moment.to_string()),
            toml::Value::Array(values) => values.into_iter().map(value).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(name, inner)| (name, value(inner)))
                .collect(),
        }
    }
    value(toml::Value::Table(text.parse().unwrap()))
}

/// What the schema says against a value; a path each.
fn judge(schema: &Json, value: &Json, path: &str, against: &mut Vec<String>) {
    let mut complain = |what: &str| against.push(format!("{path}: {what}"));
    let schema = schema.as_object().unwrap();
    if let Some(kind) = schema.get("type").and_then(Json::as_str) {
        let fits = match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64(),
            other => panic!("the test does not know the type {other}"),
        };
        if !fits {
            return complain(&format!("no {kind}"));
        }
    }
    for (word, rule) in schema {
        let fits = match (word.as_str(), value) {
            ("enum", value) => rule.as_array().unwrap().contains(value),
            ("minLength", Json::String(text)) => text.chars().count() as u64 >= rule.as_u64().unwrap(),
            ("minItems", Json::Array(items)) => items.len() as u64 >= rule.as_u64().unwrap(),
            ("minimum", value) => value.as_u64() >= rule.as_u64(),
            ("maximum", value) => value.as_u64() <= rule.as_u64(),
            ("pattern", Json::String(text)) => matches(rule.as_str().unwrap(), text),
            ("anyOf" | "oneOf", value) => {
                let fitting = rule.as_array().unwrap().iter().filter(|one| {
                    let mut inner = Vec::new();
                    judge(one, value, path, &mut inner);
                    inner.is_empty()
                });
                let fitting = fitting.count();
                if word == "anyOf" {
                    fitting > 0
                } else {
                    fitting == 1
                }
            }
            ("required", Json::Object(object)) => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|name| object.contains_key(name.as_str().unwrap())),
            _ => true,
        };
        if !fits {
            complain(word);
        }
    }
    judge_inside(schema, value, path, against);
}

/// What the schema says against what is in a list or an object.
fn judge_inside(schema: &serde_json::Map<String, Json>, value: &Json, path: &str, against: &mut Vec<String>) {
    if let (Some(items), Json::Array(values)) = (schema.get("items"), value) {
        for (at, inner) in values.iter().enumerate() {
            judge(items, inner, &format!("{path}[{at}]"), against);
        }
    }
    if let Json::Object(object) = value {
        for (name, inner) in object {
            let path = format!("{path}.{name}");
            let property = schema
                .get("properties")
                .and_then(|properties| properties.get(name));
            match property.or_else(|| schema.get("additionalProperties")) {
                Some(Json::Bool(false)) => against.push(format!("{path}: unknown")),
                Some(rule @ Json::Object(_)) => judge(rule, inner, &path, against),
                _ => {}
            }
        }
    }
}

/// The few patterns that the schema has; a new one must be added here, with its meaning.
fn matches(pattern: &str, text: &str) -> bool {
    let number_and = |units: &[&str]| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && units.contains(&&text[digits..])
    };
    let digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        "^[0-9]+(B|KiB|MiB|GiB)$" => number_and(&["B", "KiB", "MiB", "GiB"]),
        "^[0-9]+(ms|s|m|h|d)$" => number_and(&["ms", "s", "m", "h", "d"]),
        "^https?://" => text.starts_with("https://") || text.starts_with("http://"),
        "^[0-9A-Z]{2}:.{1,15}$" => text
            .split_once(':')
            .is_some_and(|(qualifier, id)| qualifier.len() == 2 && (1..=15).contains(&id.chars().count())),
        "^[0-9]{10}$" => digits(text, 10),
        "^[0-9]{2}-?[0-9]{7}$" => digits(&text.replacen('-', "", 1), 9),
        "^[A-Z]{2,3}[0-9]{2,3}-[0-9A-Z]{1,3}$" => text.contains('-'),
        other => panic!("the test does not know the pattern {other}"),
    }
}

#[track_caller]
fn check(value: &Json, expected: &[&str]) {
    let mut against = Vec::new();
    judge(&schema(), value, "", &mut against);
    assert_eq!(against, expected);
}

#[test]
fn the_examples_are_as_the_schema_says() {
    for name in EXAMPLES {
        let files = example(name);
        let main = files
            .files()
            .find(|(file, _)| *file == "gateway.toml")
            .unwrap()
            .1
            .to_vec();
        check(&as_json(&String::from_utf8(main).unwrap()), &[]);
    }
}

#[test]
fn what_is_shown_as_json_is_as_the_schema_says() {
    for name in EXAMPLES {
        let main = folder("examples").join(name).join("gateway.toml");
        let shown: Json =
            serde_json::from_slice(&cartage(&["show", "--json", main.to_str().unwrap()])).unwrap();
        check(&shown["configuration"], &[]);
        let origins = shown["origins"].as_object().unwrap();
        assert!(
            origins["gateway.name"]
                .as_str()
                .unwrap()
                .contains("gateway.toml:"),
            "{origins:?}"
        );
        assert!(origins.len() > 30);
    }
}

#[test]
fn faults_of_shape_are_seen() {
    let whole = || {
        let text = std::fs::read_to_string(folder("examples").join("clearinghouse/gateway.toml")).unwrap();
        as_json(&text)
    };
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut value = whole();
        change(&mut value);
        value
    };
    check(
        &changed(&|value| value["partner"]["acme"]["payer-ids"] = Json::from("60054")),
        &[".partner.acme.payer-ids: no array"],
    );
    check(
        &changed(&|value| value["gateway"]["usage"] = Json::from("X")),
        &[".gateway.usage: enum"],
    );
    check(
        &changed(&|value| value["gateway"]["nonsense"] = Json::from(1)),
        &[".gateway.nonsense: unknown"],
    );
    check(
        &changed(&|value| value["config-version"] = Json::from(2)),
        &[".config-version: maximum"],
    );
    check(
        &changed(&|value| value["partner"]["acme"]["auth"]["smart-backend"]["key"] = Json::from("secret")),
        &[".partner.acme.auth.smart-backend.key: no object"],
    );
    check(
        &changed(&|value| value["partner"]["legacy"]["deliver"]["core"] = Json::from("https://a.example")),
        &[".partner.legacy.deliver: oneOf"],
    );
    check(
        &changed(&|value| drop(value["gateway"].as_object_mut().unwrap().remove("isa"))),
        &[".gateway: required"],
    );
}
