//! ④ Reads one partition, in order, from the database's cursor, into a lane.
//!
//! There are no acknowledgements: the cursor in Postgres is the only position, so nothing is
//! redelivered, times out or overtakes.

use crate::lane::{Input, Item};
use futures::StreamExt;
use medique_platform::bus::{Bus, BusError};
use tokio::sync::mpsc;

/// Why reading ended.
#[derive(Debug)]
pub enum Ended {
    /// The lane is gone: the process stops.
    LaneClosed,
    /// The broker's log ends before the cursor: a restored snapshot, or another broker. Going on
    /// would skip or repeat commands, so the process stops and says so.
    BehindCursor(BusError),
}

/// Reads until the lane closes. Errors of the connection are mended inside the stream.
pub async fn read(
    bus: Bus,
    partition: i16,
    epoch: i64,
    last_seq: i64,
    lane: mpsc::Sender<Input>,
) -> Ended {
    let number = u16::try_from(partition).unwrap_or_default();
    let from = u64::try_from(last_seq).unwrap_or_default() + 1;
    let messages = match bus.read_partition(number, from).await {
        Ok(messages) => messages,
        Err(error) => return Ended::BehindCursor(error),
    };
    let mut messages = std::pin::pin!(messages);
    while let Some(next) = messages.next().await {
        match next {
            Ok(stored) => {
                let item = Box::new(Item::new(partition, stored));
                if lane.send(Input::Message { item, epoch }).await.is_err() {
                    return Ended::LaneClosed;
                }
            }
            Err(error @ BusError::BehindCursor { .. }) => return Ended::BehindCursor(error),
            Err(error) => tracing::warn!(partition, %error, "reading goes on after an error"),
        }
    }
    Ended::LaneClosed
}
