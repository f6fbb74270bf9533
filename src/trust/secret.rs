//! Secrets: read from where the configuration says they are, used, never printed (SEC-033).

use std::env;
use std::fmt;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// A secret that can stand in a header: a token.
///
/// There is no `Display`, and its `Debug` says `[secret]`.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Arc<str>);

/// Where a secret is kept.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SecretPlace {
    /// In a file.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

/// Why a secret cannot be used. The secret itself is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum SecretFault {
    /// The file cannot be read.
    #[error("the file {} with a secret cannot be read", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The variable is not set, or is no text.
    #[error("the variable {0} with a secret is not set")]
    Variable(String),
    /// There is nothing, too much, or a character that no token has.
    #[error("a secret is 1 to {LONGEST} printable ASCII characters without blanks")]
    Shape,
}

impl Secret {
    /// Takes a secret; line breaks and blanks around it are not part of it.
    ///
    /// # Errors
    /// Refuses what could not stand in a header as it is.
    pub fn parse(text: &str) -> Result<Self, SecretFault> {
        let text = text.trim();
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(SecretFault::Shape)
        }
    }

    /// The secret, for whoever sends or compares it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl SecretPlace {
    /// Reads the secret.
    ///
    /// # Errors
    /// Says what is wrong with the place or with what is there.
    pub fn read(&self) -> Result<Secret, SecretFault> {
        // A little more than the longest, so that what is too long is not cut to fit.
        Secret::parse(&self.text(LONGEST as u64 + 64)?)
    }

    /// The text that is there, at most so many bytes of it; for secrets of several lines, such as keys.
    pub(super) fn text(&self, most: u64) -> Result<String, SecretFault> {
        match self {
            Self::File(path) => {
                let unreadable = |cause| SecretFault::File {
                    path: path.clone(),
                    cause,
                };
                let mut text = String::new();
                let file = File::open(path).map_err(unreadable)?;
                file.take(most).read_to_string(&mut text).map_err(unreadable)?;
                Ok(text)
            }
            Self::Variable(name) => env::var(name).map_err(|_| SecretFault::Variable(name.clone())),
        }
    }
}

/// The longest secret: a token of OAuth with many claims is well below that.
const LONGEST: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::parse("canary\n").unwrap();
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(secret.reveal(), "canary");
        let refused = Secret::parse("canary canary").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("canary"));
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused() {
        for text in [
            "",
            " \n",
            "two words",
            "line\r\nbreak",
            "na\u{ef}ve",
            &"x".repeat(LONGEST + 1),
        ] {
            assert!(matches!(Secret::parse(text), Err(SecretFault::Shape)));
        }
    }

    #[test]
    fn a_place_without_a_secret_is_named() {
        let nowhere = SecretPlace::Variable("CARTAGE_TEST_NO_SUCH_SECRET".to_owned());
        assert!(matches!(nowhere.read(), Err(SecretFault::Variable(_))));
        let nowhere = SecretPlace::File(PathBuf::from("no/such/secret"));
        assert!(matches!(nowhere.read(), Err(SecretFault::File { .. })));
    }
}
