//! ④ Reads one partition, in order, from the database's cursor, into a lane.
//!
//! There are no acknowledgements: the cursor in Postgres is the only position, so nothing is
//! redelivered, times out or overtakes.

use crate::lag;
use crate::lane::{Input, Item};
use futures::StreamExt;
use medique_platform::bus::{Bus, BusError};
use medique_platform::retry::{Backoff, RetryPolicy};
use tokio::sync::mpsc;

/// Why reading ended.
#[derive(Debug)]
pub enum Ended {
    /// The lane is gone: the process stops.
    LaneClosed,
    /// The broker's log is not the one that the cursor belongs to: it ends before the cursor, or the
    /// stream was made anew. Going on would skip or repeat commands, so the process stops.
    WrongLog(BusError),
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
    let mut backoff = Backoff::new(RetryPolicy::default());
    let mut messages = loop {
        match bus.read_partition(number, from).await {
            Ok(messages) => break messages,
            Err(error) if error.is_transient() => {
                tracing::warn!(partition, %error, "partition not read yet, trying again");
                backoff.wait().await;
            }
            Err(error) => return Ended::WrongLog(error),
        }
    };
    while let Some(next) = messages.next().await {
        match next {
            Ok(stored) => {
                let behind = stored.pending;
                let item = Box::new(Item::new(partition, stored));
                lag::read(partition, item.seq(), item.stored_at(), behind);
                if lane.send(Input::Message { item, epoch }).await.is_err() {
                    return Ended::LaneClosed;
                }
            }
            Err(error) => return Ended::WrongLog(error),
        }
    }
    Ended::LaneClosed
}
