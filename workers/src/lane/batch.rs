//! What a lane works on: messages of its partitions, in stream order, and where each partition stands.

use chrono::{DateTime, Utc};
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::CommandId;
use medique_contracts::{CommandMessage, limits, subjects};
use medique_platform::bus::StoredMessage;
use medique_platform::parked::Asked;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Where a partition stands, as this process knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Epoch under which the partition was taken; the fence.
    pub epoch: i64,
    /// COMMANDS sequence of the last message whose effect is committed.
    pub last_seq: i64,
    /// Head of the audit chain.
    pub chain_seq: i64,
    /// Hash at the head of the audit chain; empty before the first row.
    pub chain_head: Vec<u8>,
}

/// Cursors of the partitions that a batch touches.
pub type Cursors = BTreeMap<i16, Cursor>;

/// A message of a partition, read and decoded.
#[derive(Debug, Clone)]
pub struct Item {
    /// Partition that it came from.
    pub partition: i16,
    /// The message as stored.
    pub stored: StoredMessage,
    /// What it says, or why it cannot be understood.
    pub content: Result<CommandMessage, String>,
}

impl Item {
    /// Decodes a stored message. What cannot be understood is kept with the reason, to be parked.
    pub fn new(partition: i16, stored: StoredMessage) -> Self {
        let mut item = Self {
            partition,
            content: decode(&stored),
            stored,
        };
        if item.is_redrive()
            && let Ok(message) = &mut item.content
        {
            // An admin sends it now, on purpose: the client's time limit was kept the first time.
            message.context.not_after = item.stored.stored_at;
        }
        item
    }

    /// COMMANDS sequence.
    pub fn seq(&self) -> i64 {
        // JetStream would need 290,000 years at a million messages a second to overflow this.
        i64::try_from(self.stored.seq).unwrap_or(i64::MAX)
    }

    /// The broker's store time: the only clock of the fold.
    pub fn stored_at(&self) -> DateTime<Utc> {
        self.stored.stored_at
    }

    /// Whether an admin sent this message again.
    pub fn is_redrive(&self) -> bool {
        self.stored.header(subjects::HEADER_REDRIVE).is_some()
    }

    /// The dead letter that this message is a copy of, when it was sent again through the api: who
    /// asked, and why. The operator's command line marks the letter itself.
    pub fn redrive_asked(&self) -> Option<(Uuid, Asked)> {
        let letter = self.stored.header(subjects::HEADER_REDRIVE)?.parse().ok()?;
        let asked = self.stored.header(subjects::HEADER_REDRIVE_ASKED)?;
        Some((letter, Asked::of_header(asked)?))
    }

    /// Whether an API replica waits for the outcome.
    pub fn is_awaited(&self) -> bool {
        self.stored.header(subjects::HEADER_AWAITED).is_some()
    }

    /// The command's id, also of a message that cannot be understood but says who it is.
    pub fn command_id(&self) -> Option<CommandId> {
        match &self.content {
            Ok(message) => Some(message.command_id),
            Err(_) => {
                let id = self.stored.header("Nats-Msg-Id")?;
                id.split(':').next()?.parse().ok()
            }
        }
    }
}

fn decode(stored: &StoredMessage) -> Result<CommandMessage, String> {
    if stored.payload.len() > limits::COMMAND_BYTES_MAX {
        return Err(format!(
            "oversized message: {} bytes, at most {} are allowed",
            stored.payload.len(),
            limits::COMMAND_BYTES_MAX
        ));
    }
    let message = CommandMessage::from_bytes(&stored.payload).map_err(|error| match error {
        // The position tells an admin where to look; the content stays in the dead letter.
        EnvelopeError::Malformed(cause) => format!(
            "malformed message: {:?} error at line {} column {}",
            cause.classify(),
            cause.line(),
            cause.column()
        ),
        other => other.to_string(),
    })?;
    let context = &message.context;
    let published = subjects::command(
        context.facility_id,
        context.department_id,
        message.command.kind(),
    );
    // The subject decides the partition, and the partition guards the department's tokens: a message
    // that says one department and travels as another must not be folded.
    if !stored.subject.ends_with(&published) {
        return Err("the subject does not agree with the message".to_owned());
    }
    Ok(message)
}

/// A run of messages that is applied in one transaction.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The messages, in stream order within each partition.
    pub items: Vec<Item>,
    /// Cursor before the batch, of each partition that it touches.
    pub before: Cursors,
}

impl Batch {
    /// Cuts the batch in two, to find a message that the database refuses. The second half's
    /// cursors are filled in after the first half was applied.
    pub fn split(mut self) -> (Self, Vec<Item>) {
        let rest = self.items.split_off(self.items.len() / 2);
        (Self::new(self.items, &self.before), rest)
    }

    /// A batch over `items` with the cursors that it needs out of `cursors`.
    pub fn new(items: Vec<Item>, cursors: &Cursors) -> Self {
        let before = items
            .iter()
            .filter_map(|item| Some((item.partition, cursors.get(&item.partition)?.clone())))
            .collect();
        Self { items, before }
    }
}
