//! Values of the output that do not depend on the document.

use std::fmt::Write;

use serde::Deserialize;

/// A value that a row writes as it stands in the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Fixed(toml::Value);

impl Fixed {
    /// The value as JSON.
    pub fn json(&self) -> String {
        let mut text = String::new();
        write_json(&self.0, &mut text);
        text
    }
}

fn write_json(value: &toml::Value, text: &mut String) {
    match value {
        toml::Value::String(value) => {
            // Writing to a String cannot fail; Rust's own escapes of ASCII are those of JSON.
            let _ = write!(text, "{value:?}");
        }
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => {
            let _ = write!(text, "{value}");
        }
        toml::Value::Datetime(value) => {
            let _ = write!(text, "\"{value}\"");
        }
        toml::Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(value, text);
            }
            text.push(']');
        }
        toml::Value::Table(members) => {
            text.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                let _ = write!(text, "{key:?}:");
                write_json(value, text);
            }
            text.push('}');
        }
    }
}
