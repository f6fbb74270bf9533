//! What an attempt means for a message: it was taken, or how it failed.

use crate::exchange::retry::Failure;
use crate::exchange::retry::Why;
use crate::ledger::ids::Trouble as StoredTrouble;
use crate::upstream::attempt::Attempt;
use crate::upstream::attempt::Trouble;

/// What an attempt means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Judgement {
    /// The destination has the message; what it said of it stands in the attempt.
    Taken,
    /// It was not taken: [`RetryRule::next`](crate::exchange::retry::RetryRule::next) says what follows.
    NotTaken(Failure),
}

/// What `attempt` means.
pub fn judge(attempt: &Attempt) -> Judgement {
    match attempt {
        Attempt::Placed
        | Attempt::Answered {
            status: 200..=299, ..
        } => Judgement::Taken,
        Attempt::Answered {
            status, retry_after, ..
        } => Judgement::NotTaken(Failure {
            why: Why::Status(*status),
            pause: *retry_after,
        }),
        Attempt::Failed { trouble, retry_after } => Judgement::NotTaken(Failure {
            why: why(*trouble),
            pause: *retry_after,
        }),
    }
}

/// What kind of trouble an attempt ended in, as the ledger stores it; `None` if the message was taken.
pub fn trouble(attempt: &Attempt) -> Option<StoredTrouble> {
    let name = match attempt {
        Attempt::Placed
        | Attempt::Answered {
            status: 200..=299, ..
        } => return None,
        Attempt::Answered { status, .. } => format!("status-{status}"),
        Attempt::Failed { trouble, .. } => trouble.name().to_owned(),
    };
    Some(
        StoredTrouble::parse(&name).expect("names of troubles are short words of letters, digits and dashes"),
    )
}

/// The trouble in the words of the retry rule.
const fn why(trouble: Trouble) -> Why {
    match trouble {
        Trouble::NoSuchHost | Trouble::NoConnection | Trouble::Tls | Trouble::NoAddress | Trouble::Folder => {
            Why::Unreachable
        }
        // One damaged message must not hold up the others of its destination.
        Trouble::Unreadable | Trouble::Unsuited => Why::Unsent,
        Trouble::ConnectSlow | Trouble::Stalled | Trouble::AnswerSlow => Why::TimedOut,
        Trouble::Cut => Why::Cut,
        Trouble::Framing | Trouble::ReplyTooLong | Trouble::Garbled => Why::Garbled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answered(status: u16, retry_after: Option<Duration>) -> Attempt {
        Attempt::Answered {
            status,
            media: None,
            location: None,
            retry_after,
            body: Vec::new(),
        }
    }

    #[test]
    fn what_was_taken_has_no_trouble() {
        for taken in [answered(200, None), answered(202, None), Attempt::Placed] {
            assert_eq!(judge(&taken), Judgement::Taken);
            assert_eq!(trouble(&taken), None);
        }
    }

    #[test]
    fn a_status_and_its_pause_reach_the_rule() {
        let pause = Some(Duration::from_secs(7));
        let attempt = answered(503, pause);
        let failure = Failure {
            why: Why::Status(503),
            pause,
        };
        assert_eq!(judge(&attempt), Judgement::NotTaken(failure));
        assert_eq!(trouble(&attempt).unwrap().as_str(), "status-503");
        assert_eq!(trouble(&answered(302, None)).unwrap().as_str(), "status-302");
    }

    #[test]
    fn each_trouble_may_heal() {
        for each in Trouble::ALL {
            let attempt = Attempt::failed(each);
            let Judgement::NotTaken(failure) = judge(&attempt) else {
                panic!("{each} was taken");
            };
            assert!(failure.why.may_heal(), "{each}");
            assert_eq!(trouble(&attempt).unwrap().as_str(), each.name());
        }
    }
}
