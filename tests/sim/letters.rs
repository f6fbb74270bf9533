//! What partners send to the gateway, and what they do until they are answered.

use std::time::Duration;

use cartage::exchange::ids::ContentDigest;
use cartage::exchange::keys::ControlNumber;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;

use crate::plan::PlanId;
use crate::store::Answer;

/// A message of a partner, sent again until it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) says: Says,
    pub(crate) bytes: Vec<u8>,
    /// The first answer that arrived.
    pub(crate) answer: Option<Answer>,
    pub(crate) sent: u32,
}

/// What a letter says.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    Request(PlanId),
    Part {
        plan: PlanId,
        number: usize,
        last: bool,
    },
    Claim(PlanId),
    Receipt {
        about: ControlNumber,
        rung: Rung,
        verdict: Verdict,
    },
}

impl Letter {
    pub(crate) const fn new(says: Says, bytes: Vec<u8>) -> Self {
        Self {
            says,
            bytes,
            answer: None,
            sent: 0,
        }
    }

    /// How long a partner waits for an answer before it sends the letter again.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_mins(1) * 2_u32.pow(self.sent.min(9))
    }
}

impl Says {
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Receipt {
                verdict: Verdict::Rejected,
                ..
            }
        )
    }
}

/// A digest for the simulator: different bytes have different ones, for all it will ever see.
pub(crate) fn digest(bytes: &[u8]) -> ContentDigest {
    let mut digest = [0; 32];
    for (lane, eight) in digest.chunks_mut(8).enumerate() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ (lane as u64) << 17;
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        eight.copy_from_slice(&hash.to_le_bytes());
    }
    ContentDigest::new(digest)
}
