//! Group commit at the door: what is in flight at the same moment goes to the broker as one atomic
//! batch, so that many acceptances share one write to disk. Nothing is ever held back for company:
//! a message that comes alone goes alone, at once.

mod group;

use super::ack::{PubAck, Refusal};
use super::watch::is_connected;
use super::{
    COMMAND_MESSAGE_BYTES_MAX, OutgoingMessage, PublishError, Stored, atomic_batch, single,
};
use crate::config::Env;
use async_nats::Client;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use group::{Group, Job};
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How a [`Publisher`] works.
#[derive(Debug, Clone, PartialEq)]
pub struct PublisherConfig {
    /// How long one try waits for its answer.
    pub try_timeout: Duration,
    /// After which time no further try begins.
    pub deadline: Duration,
    /// Most messages in one batch; the broker's bound is 1000.
    pub batch_max: usize,
    /// Batches on their way at once.
    pub in_flight_max: usize,
    /// Messages that may stand in line for a batch; more are refused as queue full.
    pub line_max: usize,
}

impl Default for PublisherConfig {
    fn default() -> Self {
        Self {
            try_timeout: Duration::from_secs(1),
            deadline: Duration::from_secs(5),
            batch_max: 256,
            in_flight_max: 3,
            line_max: 8192,
        }
    }
}

impl PublisherConfig {
    /// Reads `MEDIQUE_PUBLISH_TRY_TIMEOUT_MS` and `MEDIQUE_PUBLISH_DEADLINE_MS`.
    pub fn read(env: &mut Env) -> Self {
        let config = Self {
            try_timeout: env.millis("MEDIQUE_PUBLISH_TRY_TIMEOUT_MS", 1000),
            deadline: env.millis("MEDIQUE_PUBLISH_DEADLINE_MS", 5000),
            ..Self::default()
        };
        env.check(
            config.try_timeout <= config.deadline,
            "MEDIQUE_PUBLISH_TRY_TIMEOUT_MS: must not exceed MEDIQUE_PUBLISH_DEADLINE_MS",
        );
        config
    }
}

/// Publishes commands. Clones share one line to the broker.
#[derive(Debug, Clone)]
pub struct Publisher {
    client: Client,
    line: mpsc::Sender<Job>,
    deadline: Duration,
}

impl Publisher {
    pub(super) fn start(client: Client, config: PublisherConfig) -> Self {
        let (line, jobs) = mpsc::channel(config.line_max);
        let deadline = config.deadline;
        let engine = Engine {
            client: client.clone(),
            config,
            in_flight: FuturesUnordered::new(),
            waiting: FuturesUnordered::new(),
        };
        // Ends when the last clone is gone and everything is answered.
        tokio::spawn(engine.run(jobs));
        Self {
            client,
            line,
            deadline,
        }
    }

    /// Publishes a message and waits until the broker has stored it.
    ///
    /// Without a connection it is refused at once, because a message left in the client would
    /// surface after the caller was told that it failed.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn publish(&self, message: OutgoingMessage) -> Result<Stored, PublishError> {
        if message.size() > COMMAND_MESSAGE_BYTES_MAX {
            return Err(PublishError::TooLarge);
        }
        if !is_connected(&self.client) {
            return Err(PublishError::NotAccepted);
        }
        let (answer, answered) = oneshot::channel();
        let job = Job::new(message, Instant::now() + self.deadline, answer);
        self.line.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => PublishError::QueueFull,
            TrySendError::Closed(_) => PublishError::NotAccepted,
        })?;
        // The engine answers every job unless the runtime ends under it.
        answered.await.unwrap_or(Err(PublishError::OutcomeUnknown))
    }
}

/// One try of a group and what came of it.
struct Tried {
    group: Group,
    result: Result<Landed, Refusal>,
}

enum Landed {
    One(PubAck),
    /// Next to each other, from this sequence on.
    All {
        first_seq: u64,
    },
}

struct Engine {
    client: Client,
    config: PublisherConfig,
    in_flight: FuturesUnordered<BoxFuture<'static, Tried>>,
    /// Groups until their next try.
    waiting: FuturesUnordered<BoxFuture<'static, Group>>,
}

impl Engine {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut gathered = Vec::with_capacity(self.config.batch_max);
        let mut open = true;
        while open || !self.in_flight.is_empty() || !self.waiting.is_empty() {
            let has_room = self.in_flight.len() < self.config.in_flight_max;
            tokio::select! {
                biased;
                Some(tried) = self.in_flight.next() => self.settle(tried),
                Some(group) = self.waiting.next() => self.try_group(group),
                count = jobs.recv_many(&mut gathered, self.config.batch_max), if open && has_room => {
                    open = count > 0;
                    let gathered = gathered.drain(..).filter(Job::is_wanted).collect();
                    self.try_group(Group::gather(gathered));
                }
            }
        }
    }

    fn try_group(&mut self, group: Group) {
        let now = Instant::now();
        let Some((group, latest)) = group.within(now) else {
            return;
        };
        let timeout = self
            .config
            .try_timeout
            .min(latest.saturating_duration_since(now));
        let client = self.client.clone();
        self.in_flight.push(Box::pin(async move {
            let result = try_once(&client, &group, timeout).await;
            Tried { group, result }
        }));
    }

    fn settle(&mut self, tried: Tried) {
        let Tried { mut group, result } = tried;
        match result {
            Ok(Landed::One(PubAck { seq, duplicate, .. })) => group.stored(seq, duplicate),
            Ok(Landed::All { first_seq }) => group.stored(first_seq, false),
            // One message stops the others: look for it.
            Err(Refusal::KnownId | Refusal::TooLarge) if group.len() > 1 => {
                for part in group.split() {
                    self.try_group(part);
                }
            }
            Err(refusal @ (Refusal::Full | Refusal::TooLarge)) => group.failed(refusal),
            Err(refusal @ (Refusal::NotStored | Refusal::Unknown | Refusal::KnownId)) => {
                let delay = group.refused(refusal);
                self.waiting.push(Box::pin(async move {
                    tokio::time::sleep(delay).await;
                    group
                }));
            }
        }
    }
}

async fn try_once(client: &Client, group: &Group, timeout: Duration) -> Result<Landed, Refusal> {
    if !is_connected(client) {
        return Err(Refusal::NotStored);
    }
    match group.only() {
        Some(message) => {
            let ack = super::ack::request(client, message, message.header_map(), timeout).await?;
            Ok(Landed::One(ack))
        }
        None => {
            let first_seq = atomic_batch::publish(client, group.messages(), timeout).await?;
            Ok(Landed::All { first_seq })
        }
    }
}
