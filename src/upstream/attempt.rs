//! What is known after one attempt to hand a message over.

use std::fmt;
use std::time::Duration;

/// How an attempt ended.
#[derive(Clone, Eq, PartialEq)]
pub enum Attempt {
    /// A peer on HTTP said something, good or bad; the reply is whole and its framing sound.
    Answered {
        /// Its status.
        status: u16,
        /// `Content-Type`, without parameters and in lower case.
        media: Option<String>,
        /// `Location`.
        location: Option<String>,
        /// For how long it wants to be left alone.
        retry_after: Option<Duration>,
        /// The body, at most [`REPLY_MOST`] bytes.
        body: Vec<u8>,
    },
    /// The file is in its folder, on disk.
    Placed,
    /// Nothing came back that can be relied on. The peer may have the message all the same.
    Failed {
        /// What went wrong.
        trouble: Trouble,
        /// For how long the peer wants to be left alone.
        retry_after: Option<Duration>,
    },
}

/// The longest reply that is read.
pub const REPLY_MOST: usize = 1024 * 1024;

/// What went wrong. It is stored and shown, so it says nothing of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Trouble {
    /// The name of the host leads nowhere.
    NoSuchHost,
    /// Nobody takes the connection.
    NoConnection,
    /// TLS: a certificate that is not trusted, theirs or ours, or no way of speaking in common.
    Tls,
    /// The connection took too long to make.
    ConnectSlow,
    /// The peer stopped taking the message, or took it too slowly.
    Stalled,
    /// No answer came in time, or it came too slowly.
    AnswerSlow,
    /// The connection was cut before the answer was whole.
    Cut,
    /// The framing of the answer is wrong or ambiguous.
    Framing,
    /// The answer is longer than [`REPLY_MOST`].
    ReplyTooLong,
    /// The status says that all is well, and the body is none that such a partner sends.
    Garbled,
    /// The partner has no address now.
    NoAddress,
    /// The file could not be written to the folder.
    Folder,
    /// What is to be sent could not be read, or is not what was stored.
    Unreadable,
    /// How the message is to be sent does not suit how the partner is reached.
    Unsuited,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::NoSuchHost,
        Self::NoConnection,
        Self::Tls,
        Self::ConnectSlow,
        Self::Stalled,
        Self::AnswerSlow,
        Self::Cut,
        Self::Framing,
        Self::ReplyTooLong,
        Self::Garbled,
        Self::NoAddress,
        Self::Folder,
        Self::Unreadable,
        Self::Unsuited,
    ];

    /// The name under which it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSuchHost => "no-such-host",
            Self::NoConnection => "no-connection",
            Self::Tls => "tls",
            Self::ConnectSlow => "connect-slow",
            Self::Stalled => "stalled",
            Self::AnswerSlow => "answer-slow",
            Self::Cut => "cut",
            Self::Framing => "framing",
            Self::ReplyTooLong => "reply-too-long",
            Self::Garbled => "garbled",
            Self::NoAddress => "no-address",
            Self::Folder => "folder",
            Self::Unreadable => "unreadable",
            Self::Unsuited => "unsuited",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Attempt {
    /// A failure after which the peer said nothing of when to come back.
    pub const fn failed(trouble: Trouble) -> Self {
        Self::Failed {
            trouble,
            retry_after: None,
        }
    }
}

impl fmt::Debug for Attempt {
    /// Shows no body and no address: both may hold what identifies a person (SEC-030).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, body, .. } => {
                write!(f, "Answered {{ status: {status}, body: [{} bytes] }}", body.len())
            }
            Self::Placed => f.write_str("Placed"),
            Self::Failed { trouble, retry_after } => {
                write!(f, "Failed {{ trouble: {trouble}, retry_after: {retry_after:?} }}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_not_shown() {
        let answered = Attempt::Answered {
            status: 200,
            media: None,
            location: Some("canary".to_owned()),
            retry_after: None,
            body: b"canary".to_vec(),
        };
        assert_eq!(
            format!("{answered:?}"),
            "Answered { status: 200, body: [6 bytes] }"
        );
        let failed = Attempt::failed(Trouble::Cut);
        assert_eq!(
            format!("{failed:?}"),
            "Failed { trouble: cut, retry_after: None }"
        );
    }
}
