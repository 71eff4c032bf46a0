//! Copies of whole streams, as nats-server makes and takes them back (its API calls
//! `STREAM.SNAPSHOT` and `STREAM.RESTORE`). The bytes are the broker's own, in clear even where its
//! store is encrypted: whoever keeps them seals them.

use super::streams::understood;
use super::{Bus, BusError, StreamState};
use bytes::Bytes;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of one message of a snapshot; the broker takes up to 1 MB.
const CHUNK_BYTES: u32 = 128 * 1024;
/// The broker reads all of a stream, and checks it, before it answers.
const CHECKED_WITHIN: Duration = Duration::from_secs(600);
/// Longest silence between two parts.
const NEXT_WITHIN: Duration = Duration::from_secs(30);
/// How the last, empty message says that all is well.
const END_OF_DATA: u16 = 204;

/// What the broker says of a snapshot: both are given back when it is restored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// Configuration of the stream.
    pub config: Value,
    /// Where the stream stood: `first_seq`, `last_seq`, `messages`, `bytes`.
    pub state: Value,
}

impl Snapshot {
    /// Largest part that [`Bus::restore`] is to be given, bytes.
    pub const PART_BYTES: usize = CHUNK_BYTES as usize;

    /// Sequence of the newest message in it.
    pub fn last_seq(&self) -> u64 {
        self.state["last_seq"].as_u64().unwrap_or_default()
    }
}

/// Why there is no snapshot, or no stream out of one.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The broker is away, or refuses.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The copy cannot be written or read.
    #[error("the copy: {0}")]
    Copy(#[from] io::Error),
    /// The broker gave up in the middle.
    #[error("the broker ended the snapshot with status {0}")]
    BrokenOff(u16),
    /// What is in the broker now is not what was copied.
    #[error("restored up to message {restored}, the copy was made at message {copied}")]
    Differs {
        /// Last sequence of the stream now.
        restored: u64,
        /// Last sequence at the copy.
        copied: u64,
    },
}

impl Bus {
    /// Copies a stream, part by part, each acknowledged when `write` has it: the broker waits. Its
    /// own checksums of every message are verified first.
    ///
    /// # Errors
    /// [`SnapshotError`]; what was written is of no use then.
    pub async fn snapshot(
        &self,
        stream: &str,
        mut write: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<Snapshot, SnapshotError> {
        let inbox = self.link.client.new_inbox();
        let mut parts = self
            .link
            .client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| BusError::Unavailable(error.to_string()))?;
        let asked = json!({
            "deliver_subject": inbox,
            "chunk_size": CHUNK_BYTES,
            // Consumers are made anew by whoever needs them.
            "no_consumers": true,
            "jsck": true,
        });
        let call = format!("STREAM.SNAPSHOT.{stream}");
        let snapshot: Snapshot = self.api_within(&call, &asked, CHECKED_WITHIN).await?;
        loop {
            let part = timeout(NEXT_WITHIN, parts.next()).await;
            let Ok(Some(part)) = part else {
                return Err(BusError::Unavailable("the snapshot does not go on".to_owned()).into());
            };
            if part.payload.is_empty() {
                return match part.status.map(|status| status.as_u16()) {
                    None | Some(END_OF_DATA) => Ok(snapshot),
                    Some(status) => Err(SnapshotError::BrokenOff(status)),
                };
            }
            write(&part.payload)?;
            if let Some(reply) = part.reply {
                let acknowledged = self.link.client.publish(reply, Bytes::new()).await;
                acknowledged.map_err(|error| BusError::Unavailable(error.to_string()))?;
            }
        }
    }

    /// Makes a stream out of its copy, part by part until `read` has no more. There must be no
    /// stream of that name.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub async fn restore(
        &self,
        stream: &str,
        snapshot: &Snapshot,
        mut read: impl FnMut() -> io::Result<Option<Vec<u8>>>,
    ) -> Result<StreamState, SnapshotError> {
        #[derive(Deserialize)]
        struct Begun {
            deliver_subject: String,
        }
        let call = format!("STREAM.RESTORE.{stream}");
        let Begun { deliver_subject } = self
            .api_within(
                &call,
                &serde_json::to_value(snapshot).unwrap_or_default(),
                NEXT_WITHIN,
            )
            .await?;
        while let Some(part) = read()? {
            let answer = self
                .ask(deliver_subject.clone(), Bytes::from(part), NEXT_WITHIN)
                .await?;
            if !answer.is_empty() {
                understood::<Value>(&answer)?;
            }
        }
        let answer = self
            .ask(deliver_subject, Bytes::new(), CHECKED_WITHIN)
            .await?;
        understood::<Value>(&answer)?;
        let state = self.stream_state(stream).await?;
        if state.last_seq != snapshot.last_seq() {
            return Err(SnapshotError::Differs {
                restored: state.last_seq,
                copied: snapshot.last_seq(),
            });
        }
        Ok(state)
    }
}
