//! What the gateway would know of partner and exchange, out of a file: the store of open requests does not exist yet.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use crate::mapping::Variable;
use crate::translate::Context;

/// What goes around an X12 message: who sends it to whom.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Envelope {
    /// ISA05 and ISA06; GS02 has the id too.
    pub(crate) sender: Party,
    /// ISA07 and ISA08; GS03 has the id too.
    pub(crate) receiver: Party,
    /// ISA15 is P instead of T.
    pub(crate) production: bool,
    /// The number of the first interchange, ISA13 and GS06.
    pub(crate) control: u32,
}

/// One end of an interchange.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Party {
    /// Two characters.
    #[serde(default = "mutually_defined")]
    pub(crate) qualifier: String,
    /// Up to fifteen characters.
    pub(crate) id: String,
}

/// Everything that the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knowledge {
    /// Values of variables.
    pub(crate) context: Context,
    /// What goes around X12.
    pub(crate) envelope: Envelope,
}

/// Why the file is not understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misunderstood {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no JSON, or no object, or its envelope is none.
    #[error("{0}")]
    NotJson(#[from] serde_json::Error),
    /// A member has a name that no mapping knows.
    #[error("there is no {0}; there are envelope, {known}", known = known())]
    Unknown(String),
    /// A member is no text.
    #[error("{0} is not text")]
    NotText(String),
}

impl Default for Envelope {
    fn default() -> Self {
        let party = |id: &str| Party {
            qualifier: mutually_defined(),
            id: id.to_owned(),
        };
        Self {
            sender: party("SENDER"),
            receiver: party("RECEIVER"),
            production: false,
            control: 1,
        }
    }
}

impl Knowledge {
    /// Reads the file.
    ///
    /// # Errors
    /// Refuses names that no mapping knows, so that a slip of the pen does not pass for ignorance.
    pub(crate) fn read(path: &Path) -> Result<Self, Misunderstood> {
        Self::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> Result<Self, Misunderstood> {
        let members: Map<String, Value> = serde_json::from_str(text)?;
        let mut known = Self::default();
        for (name, value) in members {
            if name == "envelope" {
                known.envelope = serde_json::from_value(value)?;
                continue;
            }
            let Some(variable) = Variable::named(&name) else {
                return Err(Misunderstood::Unknown(name));
            };
            match value {
                Value::String(text) => known.context.set(variable, &text),
                Value::Bool(flag) => known.context.set(variable, if flag { "true" } else { "false" }),
                Value::Number(number) => known.context.set(variable, &number.to_string()),
                Value::Null => known.context.set(variable, ""),
                Value::Array(_) | Value::Object(_) => return Err(Misunderstood::NotText(name)),
            }
        }
        Ok(known)
    }
}

/// ISA05 `ZZ`.
fn mutually_defined() -> String {
    "ZZ".to_owned()
}

fn known() -> String {
    let names: Vec<&str> = Variable::all().map(|(name, _)| name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_envelope_are_read() {
        let text = r#"{"payer-url":"https://payer.example","carry":false,
            "envelope":{"sender":{"id":"CLINIC"},"control":7}}"#;
        let known = Knowledge::parse(text).unwrap();
        assert_eq!(known.context.named("payer-url"), Some("https://payer.example"));
        assert_eq!(known.context.named("carry"), Some("false"));
        assert_eq!(known.context.named("version"), Some("2.1"));
        assert_eq!(known.envelope.sender.qualifier, "ZZ");
        assert_eq!((known.envelope.control, known.envelope.production), (7, false));
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        let told = Knowledge::parse(r#"{"payer_url":"x"}"#).unwrap_err().to_string();
        assert!(
            told.starts_with("there is no payer_url; there are envelope, "),
            "{told}"
        );
        let told = Knowledge::parse(r#"{"payer-url":[]}"#).unwrap_err().to_string();
        assert_eq!(told, "payer-url is not text");
        assert!(Knowledge::parse("[]").is_err());
        assert!(Knowledge::parse(r#"{"envelope":{"sendr":{}}}"#).is_err());
    }
}
