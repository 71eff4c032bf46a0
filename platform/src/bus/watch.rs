//! What the connection tells about itself.

use crate::retry::{Backoff, RetryPolicy};
use async_nats::connection::State;
use async_nats::{Client, Event};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The state of one connection, fed by its events.
#[derive(Debug, Default)]
pub(super) struct Watch {
    slow_consumers: AtomicU64,
    /// Times that the connection came up: readers look whether it changed.
    connections: tokio::sync::watch::Sender<u64>,
    closed: CancellationToken,
}

impl Watch {
    pub(super) fn note(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.connections.send_modify(|count| *count += 1);
                tracing::info!("connected to the broker");
            }
            Event::Disconnected => tracing::warn!("connection to the broker lost"),
            Event::SlowConsumer(subscription) => {
                self.slow_consumers.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(subscription, "messages lost by reading them too slowly");
            }
            Event::Closed => self.closed.cancel(),
            Event::ServerError(error) => tracing::warn!(%error, "broker error"),
            Event::ClientError(error) => tracing::warn!(%error, "broker client error"),
            Event::LameDuckMode | Event::Draining => tracing::info!(%event, "broker connection"),
        }
    }

    pub(super) fn slow_consumers(&self) -> u64 {
        self.slow_consumers.load(Ordering::Relaxed)
    }

    /// Follows how often the connection came up.
    pub(super) fn connections(&self) -> tokio::sync::watch::Receiver<u64> {
        self.connections.subscribe()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}

pub(super) fn is_connected(client: &Client) -> bool {
    client.connection_state() == State::Connected
}

/// How long to wait before the n-th try to connect: soon at first, at most 2 s, with jitter, so
/// that a restarted broker does not meet everybody at the same moment.
pub(super) fn reconnect_delay(attempt: usize) -> Duration {
    if attempt <= 1 {
        return Duration::ZERO;
    }
    let ceiling = Duration::from_millis(50) * (1 << attempt.min(6));
    let policy = RetryPolicy::between(
        Duration::from_millis(10),
        ceiling.min(Duration::from_secs(2)),
    );
    Backoff::new(policy).next_delay().unwrap_or_default()
}
