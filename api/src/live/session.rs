//! One client's stream as bytes: its flow of events, heartbeats in between, and an end.
//!
//! The flow runs in a task of its own and rests while the client does not take frames. It must not
//! rest in the middle of a look-up: the body of an answer is polled only while the socket takes
//! bytes, and a client that does not read would keep a connection of the pool for itself.

use crate::auth::revocations::Guard;
use crate::live::Live;
use crate::live::audience::Audience;
use crate::live::flow::{Flow, Start};
use crate::live::frame;
use crate::live::hub::Link;
use crate::live::way::{Counted, Leaving};
use bytes::Bytes;
use futures::Stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Frames between the flow and the socket. The flow rests while they wait.
const FRAMES: usize = 8;

struct Session {
    audience: Audience,
    frames: mpsc::Receiver<Leaving>,
    /// Ends with the session.
    _flow: AbortOnDropHandle<()>,
    link: watch::Receiver<Link>,
    degraded: bool,
    heartbeat: Interval,
    ends: Instant,
    guard: Guard,
    soft: CancellationToken,
    last: bool,
    _counted: Counted,
}

/// The body of a live stream. It ends with the credential, by its time (`life` is the rest of it)
/// or sooner, as the guard says, or with the process.
pub fn stream(
    live: &Arc<Live>,
    audience: Audience,
    start: Start,
    life: Duration,
    guard: Guard,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let (out, frames) = mpsc::channel(FRAMES);
    let mut heartbeat = tokio::time::interval_at(Instant::now() + live.heartbeat, live.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut link = live.hub.link();
    // News from before the client came is news to the client.
    link.mark_changed();
    let flow = Flow::new(live.clone(), audience, out);
    let flow = tokio::spawn(async move {
        flow.run(start).await;
    });
    let session = Session {
        audience,
        frames,
        _flow: AbortOnDropHandle::new(flow),
        link,
        degraded: false,
        heartbeat,
        ends: Instant::now() + life,
        guard,
        soft: live.soft.clone(),
        last: false,
        _counted: Counted::new(audience),
    };
    // Spread, so that the clients of a replica that ends do not come back all at once.
    let retry = frame::retry(rand::random_range(1_000..=3_000));
    futures::stream::unfold((session, Some(retry)), |(mut session, first)| async move {
        let frame = match first {
            Some(first) => first,
            None => session.next().await?,
        };
        Some((Ok(frame), (session, None)))
    })
}

impl Session {
    async fn next(&mut self) -> Option<Bytes> {
        if self.last {
            return None;
        }
        loop {
            tokio::select! {
                biased;
                () = self.soft.cancelled() => return self.close("draining"),
                () = tokio::time::sleep_until(self.ends) => return self.close("credential_expired"),
                () = self.guard.fallen() => return self.close("credential_revoked"),
                leaving = self.frames.recv() => return Some(leaving?.leave(&self.audience)),
                changed = self.link.changed() => {
                    changed.ok()?;
                    if let Some(frame) = self.link_notice() {
                        return Some(frame);
                    }
                }
                _ = self.heartbeat.tick() => return Some(frame::HEARTBEAT),
            }
        }
    }

    fn close(&mut self, reason: &str) -> Option<Bytes> {
        self.last = true;
        Some(frame::notice("closing", reason))
    }

    /// Tells the client once that events may be late, and once that they are not any more.
    fn link_notice(&mut self) -> Option<Bytes> {
        let degraded = match *self.link.borrow_and_update() {
            Link::Down => true,
            Link::Up => false,
            Link::Starting => return None,
        };
        if std::mem::replace(&mut self.degraded, degraded) == degraded {
            return None;
        }
        Some(frame::notice(
            if degraded { "degraded" } else { "recovered" },
            "events",
        ))
    }
}
