//! What the broker says: its version, its streams, and how far workers are behind.

use super::Partition;
use medique_contracts::subjects::{COMMANDS_STREAM, EVENTS_STREAM};
use medique_platform::bus::{Bus, BusError};
use serde::Serialize;
use std::time::Duration;

/// How long the connection may take to come up.
const CONNECT_MAX: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug, Serialize)]
pub(super) struct Broker {
    /// Name and version.
    pub(super) server: Option<String>,
    pub(super) streams: Vec<Stream>,
    /// Why not everything is known.
    pub(super) problem: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Stream {
    pub(super) name: &'static str,
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) last_seq: u64,
}

impl Broker {
    /// Looks, and fills in how far each partition is behind.
    pub(super) async fn look(bus: &Bus, partitions: &mut [Partition]) -> Self {
        let connected = async {
            while !bus.is_connected() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        // When it does not come up, the first question says so.
        let _ = tokio::time::timeout(CONNECT_MAX, connected).await;
        let mut broker = Self {
            server: bus.server(),
            streams: Vec::new(),
            problem: None,
        };
        if let Err(error) = broker.ask(bus, partitions).await {
            broker.problem = Some(error.to_string());
        }
        broker
    }

    async fn ask(&mut self, bus: &Bus, partitions: &mut [Partition]) -> Result<(), BusError> {
        for name in [COMMANDS_STREAM, EVENTS_STREAM] {
            let state = bus.stream_state(name).await?;
            self.streams.push(Stream {
                name,
                messages: state.messages,
                bytes: state.bytes,
                last_seq: state.last_seq,
            });
        }
        for partition in partitions {
            partition.lag = Some(lag(bus, partition).await?);
        }
        Ok(())
    }
}

async fn lag(bus: &Bus, partition: &Partition) -> Result<u64, BusError> {
    let number = u16::try_from(partition.id).unwrap_or_default();
    let cursor = u64::try_from(partition.last_seq).unwrap_or_default();
    match bus.newest_in_partition(number).await? {
        Some(newest) if newest > cursor => bus.pending_in_partition(number, cursor + 1).await,
        _ => Ok(0),
    }
}
