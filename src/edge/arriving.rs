//! A body as it comes in through a door: counted, timed, and remembered if it broke.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::Instant;
use tokio::time::timeout_at;

use crate::flow::door::Broken;
use crate::flow::door::Incoming;

/// What a body may cost us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Allowance {
    /// The most octets.
    pub(super) octets: u64,
    /// The longest wait for any octet.
    pub(super) wait: Duration,
    /// The fewest octets a second, on the whole.
    pub(super) rate: u64,
    /// How long the rate is not looked at, so that a slow start is forgiven.
    pub(super) grace: Duration,
}

/// A body on its way in.
#[derive(Debug)]
pub(super) struct Arriving<B> {
    body: B,
    allowance: Allowance,
    came: u64,
    /// When the first octet was asked for.
    since: Option<Instant>,
    broken: Option<Broken>,
    ended: bool,
}

impl<B> Arriving<B> {
    /// A body that nobody has asked for yet.
    pub(super) const fn new(body: B, allowance: Allowance) -> Self {
        Self {
            body,
            allowance,
            came: 0,
            since: None,
            broken: None,
            ended: false,
        }
    }

    /// Why it did not arrive whole, if it did not.
    pub(super) const fn broken(&self) -> Option<Broken> {
        self.broken
    }

    /// Whether nothing of it is still to come.
    pub(super) fn is_over(&self) -> bool
    where
        B: Body,
    {
        self.broken.is_none() && (self.ended || self.body.is_end_stream())
    }

    /// By when the next octets must be here.
    fn deadline(&mut self) -> Instant {
        let now = now();
        let since = *self.since.get_or_insert(now);
        let earned = Duration::from_secs(self.came / self.allowance.rate.max(1));
        (since + self.allowance.grace + earned)
            .min(now + self.allowance.wait)
            .min(since + LONGEST_BODY)
    }

    const fn fail(&mut self, broken: Broken) -> Broken {
        self.broken = Some(broken);
        broken
    }
}

/// However much is allowed and however fast it comes: what the blob store was given of a message waits for its commit
/// no longer than a day.
const LONGEST_BODY: Duration = Duration::from_hours(8);

/// Where the timer of the runtime stands, which tests can pause.
fn now() -> Instant {
    Instant::now()
}

impl<B> Arriving<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    async fn next_octets(&mut self) -> Result<Option<Bytes>, Broken> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        loop {
            let deadline = self.deadline();
            let Ok(frame) = timeout_at(deadline, self.body.frame()).await else {
                return Err(self.fail(Broken::TooSlow));
            };
            let octets = match frame {
                None => {
                    self.ended = true;
                    return Ok(None);
                }
                Some(Err(_)) => return Err(self.fail(Broken::Cut)),
                // What is not octets is trailers, which say nothing to us.
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            self.came = self.came.saturating_add(octets.len() as u64);
            if self.came > self.allowance.octets {
                return Err(self.fail(Broken::TooLong));
            }
            if !octets.is_empty() {
                return Ok(Some(octets));
            }
        }
    }
}

impl<B> Incoming for Arriving<B>
where
    B: Body<Data = Bytes> + Send + Unpin + std::fmt::Debug,
    B::Error: Send,
{
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<Option<Bytes>, Broken>> + Send + '_>> {
        Box::pin(self.next_octets())
    }
}

/// Gathers a short body whole.
///
/// # Errors
/// Says why it did not arrive whole, or that it is longer than `most`.
pub(super) async fn gather(body: &mut dyn Incoming, most: usize) -> Result<Vec<u8>, Broken> {
    let mut whole = Vec::new();
    while let Some(octets) = body.next().await? {
        if whole.len() + octets.len() > most {
            return Err(Broken::TooLong);
        }
        whole.extend_from_slice(&octets);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::task::Context;
    use std::task::Poll;

    use http_body::Frame;
    use http_body_util::Full;

    use super::*;

    const ALLOWANCE: Allowance = Allowance {
        octets: 100,
        wait: Duration::from_secs(30),
        rate: 1024,
        grace: Duration::from_secs(10),
    };

    /// A body of which an octet comes every so often.
    #[derive(Debug)]
    struct Dripping(tokio::time::Interval);

    impl Body for Dripping {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0
                .poll_tick(cx)
                .map(|_| Some(Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    #[tokio::test]
    async fn a_body_arrives_whole() {
        let mut body = Arriving::new(Full::new(Bytes::from_static(b"hello")), ALLOWANCE);
        assert_eq!(gather(&mut body, 5).await, Ok(b"hello".to_vec()));
        assert_eq!(body.broken(), None);
    }

    #[tokio::test]
    async fn a_long_body_breaks_and_stays_broken() {
        let mut body = Arriving::new(Full::new(Bytes::from(vec![0; 101])), ALLOWANCE);
        assert_eq!(body.next().await, Err(Broken::TooLong));
        assert_eq!(body.next().await, Err(Broken::TooLong));
        assert_eq!(body.broken(), Some(Broken::TooLong));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_too_slow_at_once_after_the_grace() {
        let allowance = Allowance {
            octets: 1 << 20,
            ..ALLOWANCE
        };
        let mut body = Arriving::new(Dripping(tokio::time::interval(Duration::from_secs(1))), allowance);
        let mut came = 0;
        let broken = loop {
            match body.next().await {
                Ok(_) => came += 1,
                Err(broken) => break broken,
            }
        };
        assert_eq!(broken, Broken::TooSlow);
        assert_eq!(came, 11, "one at the start and one a second for the grace");
    }
}
