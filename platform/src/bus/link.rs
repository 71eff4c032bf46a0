//! The connection and what it tells about itself.

use crate::retry::{Backoff, RetryPolicy};
use async_nats::connection::State;
use async_nats::{Client, Event};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The client together with what its events have told.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) events: Arc<Events>,
}

impl Link {
    pub(super) fn is_connected(&self) -> bool {
        // A client that was closed goes on saying that it is connected.
        self.client.connection_state() == State::Connected && !self.events.closed.is_cancelled()
    }
}

/// Fed by the client's event callback.
#[derive(Debug, Default)]
pub(super) struct Events {
    slow_consumers: AtomicU64,
    /// Times that the connection came up, and that it was lost: who waits looks for a change.
    connections: watch::Sender<u64>,
    losses: watch::Sender<u64>,
    closed: CancellationToken,
}

impl Events {
    pub(super) fn note(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.connections.send_modify(|count| *count += 1);
                tracing::info!("connected to the broker");
            }
            Event::Disconnected => {
                self.losses.send_modify(|count| *count += 1);
                tracing::warn!("connection to the broker lost");
            }
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

    /// Changes when the connection comes up.
    pub(super) fn connections(&self) -> watch::Receiver<u64> {
        self.connections.subscribe()
    }

    /// Changes when the connection is lost.
    pub(super) fn losses(&self) -> watch::Receiver<u64> {
        self.losses.subscribe()
    }

    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}

/// How long to wait before the n-th try to connect: soon at first, at most 2 s, with jitter, so
/// that a restarted broker does not meet everybody at the same moment.
pub(super) fn reconnect_delay(attempt: usize) -> Duration {
    if attempt <= 1 {
        return Duration::ZERO;
    }
    let ceiling = Duration::from_millis(25) * (1 << attempt.min(7));
    let policy = RetryPolicy::between(
        Duration::from_millis(10),
        ceiling.min(Duration::from_secs(2)),
    );
    Backoff::new(policy).next_delay().unwrap_or_default()
}
