//! What happens, as server-sent events.
//!
//! One task per process reads the EVENTS stream into the [`hub`]; the hub keeps the last events in
//! a [`ring`] and hands each new one to the clients that it concerns. A client's [`session`] starts
//! with a snapshot or with what it missed, and then follows without a gap; when it cannot keep up
//! it gets a fresh snapshot, never a hole. [`projection`] decides what each audience may see.
//!
//! Delivery is at least once and in stream order; clients drop an event on a visit whose `version`
//! is not above the last one they saw of it. Nothing is polled on the way.

pub mod audience;
pub mod entry;
pub mod feeds;
pub mod flow;
pub mod frame;
pub mod hub;
pub mod id;
pub mod projection;
pub mod reader;
pub mod ring;
pub mod rooms;
pub mod routes;
#[cfg(test)]
mod samples;
pub mod session;
pub mod snapshot;
pub mod source;
pub mod way;

use crate::config::Config;
use hub::Hub;
use medique_platform::bus::Bus;
use medique_platform::lifecycle::Lifecycle;
use rooms::Rooms;
use source::Source;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Events in memory, for clients that were away for a moment: about 2 kB each.
const RING: usize = 4_000;
/// Snapshots that are read at the same time: one of a full department takes some 10 MB while it is
/// made, and after a broken connection all clients come at once.
const SNAPSHOTS: usize = 2;
/// Clients that may read older events from the stream at the same time; others wait their turn.
const REPLAYS: usize = 8;

/// What all live streams of a process share.
#[derive(Debug)]
pub struct Live {
    hub: Arc<Hub>,
    source: Arc<Source>,
    pool: PgPool,
    replays: Semaphore,
    snapshots: Semaphore,
    heartbeat: Duration,
    soft: CancellationToken,
}

impl Live {
    /// Starts reading events. The broker may be away: clients are served as soon as it is there.
    pub fn start(config: &Config, lifecycle: &Lifecycle, bus: &Bus, pool: &PgPool) -> Arc<Self> {
        let live = Arc::new(Self {
            hub: Hub::new(RING, config.sse_client_queue),
            source: Arc::new(Source::new(bus.clone(), Rooms::new(pool.clone()))),
            pool: pool.clone(),
            replays: Semaphore::new(REPLAYS),
            snapshots: Semaphore::new(SNAPSHOTS),
            heartbeat: config.sse_heartbeat,
            soft: lifecycle.soft.clone(),
        });
        lifecycle.spawn_critical(
            "live",
            reader::run(live.hub.clone(), live.source.clone(), live.soft.clone()),
        );
        live
    }

    /// Whether clients can be served.
    pub fn has_started(&self) -> bool {
        self.hub.has_started()
    }
}
