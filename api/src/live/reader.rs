//! The one task per replica that reads EVENTS and feeds the hub.

use crate::live::hub::{Hub, Link};
use crate::live::source::Source;
use crate::live::way;
use futures::StreamExt as _;
use medique_platform::bus::BusError;
use medique_platform::retry::{Backoff, RetryPolicy};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the connection is looked at while no event comes. Says only how soon clients are told
/// that events may be late; events themselves are never polled for.
const LOOK: Duration = Duration::from_secs(1);

/// Longest time that the first connection may take before clients are told that events may be late.
pub const START_PATIENCE: Duration = Duration::from_secs(2);

/// Feeds the hub until `soft` is cancelled.
pub async fn run(hub: Arc<Hub>, source: Arc<Source>, soft: CancellationToken) {
    let mut backoff = Backoff::new(RetryPolicy::default());
    let began = Instant::now();
    loop {
        let ended = tokio::select! {
            () = soft.cancelled() => return,
            ended = follow(&hub, &source, &mut backoff) => ended,
        };
        if let Err(error) = ended {
            // The first tries come before the connection does, which is no news for anybody.
            if hub.has_started() || began.elapsed() > START_PATIENCE {
                tracing::warn!(%error, "events cannot be read, trying again");
                hub.set_link(Link::Down);
            }
        }
        tokio::select! {
            () = soft.cancelled() => return,
            _ = backoff.wait() => {}
        }
    }
}

/// Reads until the reader fails or the connection was lost and is back: then the stream may be
/// another one, and the hub must look again before it goes on.
async fn follow(hub: &Hub, source: &Arc<Source>, backoff: &mut Backoff) -> Result<(), BusError> {
    let bounds = source.bounds().await?;
    let from = hub.stand_on(bounds);
    let mut entries = source.read(bounds.epoch, from).await?;
    hub.set_link(Link::Up);
    backoff.reset();
    let mut look = tokio::time::interval(LOOK);
    let mut connected = true;
    loop {
        tokio::select! {
            entry = entries.next() => match entry {
                Some(entry) => {
                    let mut entry = entry?;
                    let step = entry.arrive();
                    let delivered = hub.publish(entry);
                    way::delivered(step, delivered);
                    if delivered.cut_off > 0 {
                        let clients = delivered.cut_off;
                        tracing::info!(clients, "clients fell behind and get a snapshot");
                    }
                }
                None => return Ok(()),
            },
            _ = look.tick() => match (connected, source.is_connected()) {
                (true, false) => {
                    connected = false;
                    hub.set_link(Link::Down);
                }
                (false, true) => return Ok(()),
                _ => {}
            },
        }
    }
}
