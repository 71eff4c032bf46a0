//! Group commit at the door: when the broker is the bottleneck, what gathers meanwhile goes to it as
//! one atomic batch, so that many acceptances share one write to disk. While it is not, every
//! message goes at once and alone. There are no timers: nothing waits for company.

mod group;

use super::ack::{PubAck, Refusal, request};
use super::costs::{Batching, Costs};
use super::link::Link;
use super::{
    COMMAND_MESSAGE_BYTES_MAX, OutgoingMessage, PublishError, Stored, atomic_batch, single,
};
use crate::config::Env;
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
    /// `MEDIQUE_PUBLISH_TRY_TIMEOUT_MS`: how long one try to publish a command waits for its answer.
    pub try_timeout: Duration,
    /// `MEDIQUE_PUBLISH_DEADLINE_MS`: wait for acceptance, all tries together; after it no further try
    /// begins.
    pub deadline: Duration,
    /// When to send a batch.
    pub batching: Batching,
    /// Most messages in one batch; the broker's bound is 1000.
    pub batch_max: usize,
    /// Messages that may stand in line for a batch; more are refused as queue full.
    pub line_max: usize,
}

impl Default for PublisherConfig {
    fn default() -> Self {
        Self {
            try_timeout: Duration::from_secs(1),
            deadline: Duration::from_secs(5),
            batching: Batching::Measured,
            batch_max: 256,
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
    link: Link,
    line: mpsc::Sender<Job>,
    deadline: Duration,
}

impl Publisher {
    pub(super) fn start(link: Link, config: PublisherConfig) -> Self {
        let (line, jobs) = mpsc::channel(config.line_max);
        let deadline = config.deadline;
        let engine = Engine {
            link: link.clone(),
            costs: Costs::new(config.batching),
            config,
            in_flight: FuturesUnordered::new(),
            batches: 0,
            waiting: FuturesUnordered::new(),
        };
        // Ends when the last clone is gone and everything is answered.
        tokio::spawn(engine.run(jobs));
        Self {
            link,
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
        if !self.link.is_connected() {
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
    sent: Instant,
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
    link: Link,
    config: PublisherConfig,
    costs: Costs,
    in_flight: FuturesUnordered<BoxFuture<'static, Tried>>,
    /// How many of them are batches.
    batches: usize,
    /// Groups until their next try.
    waiting: FuturesUnordered<BoxFuture<'static, Group>>,
}

impl Engine {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut gathered = Vec::with_capacity(self.config.batch_max);
        let mut open = true;
        while open || !self.in_flight.is_empty() || !self.waiting.is_empty() {
            let room = self
                .costs
                .room(self.in_flight.len() - self.batches, self.batches);
            let as_batch = room > 0 && self.costs.prefer_batch(jobs.len());
            let most = if as_batch {
                self.config.batch_max
            } else {
                room.min(self.config.batch_max)
            };
            tokio::select! {
                biased;
                Some(tried) = self.in_flight.next() => self.settle(tried),
                Some(group) = self.waiting.next() => self.try_group(group),
                count = jobs.recv_many(&mut gathered, most), if open && room > 0 => {
                    open = count > 0;
                    let group = Group::gather(gathered.drain(..).filter(Job::is_wanted).collect());
                    let size = if as_batch { most } else { 1 };
                    group.split(size).into_iter().for_each(|part| self.try_group(part));
                }
            }
        }
    }

    fn try_group(&mut self, group: Group) {
        let sent = Instant::now();
        let Some((group, latest)) = group.within(sent) else {
            return;
        };
        let timeout = self
            .config
            .try_timeout
            .min(latest.saturating_duration_since(sent));
        self.batches += usize::from(group.len() > 1);
        let link = self.link.clone();
        self.in_flight.push(Box::pin(async move {
            let result = try_once(&link, &group, timeout).await;
            Tried {
                group,
                sent,
                result,
            }
        }));
    }

    fn settle(
        &mut self,
        Tried {
            mut group,
            sent,
            result,
        }: Tried,
    ) {
        let is_batch = group.len() > 1;
        self.batches -= usize::from(is_batch);
        match result {
            Ok(Landed::One(PubAck { seq, duplicate, .. })) => {
                self.costs
                    .single_done(sent.into_std(), Instant::now().into_std());
                group.stored(seq, duplicate);
            }
            Ok(Landed::All { first_seq }) => {
                self.costs
                    .batch_done(sent.into_std(), Instant::now().into_std());
                group.stored(first_seq, false);
            }
            // One message stops the others: look for it. After a try that may have stored them all,
            // it is probably each of them.
            Err(Refusal::KnownId | Refusal::TooLarge) if is_batch => {
                let size = if group.is_unknown() {
                    1
                } else {
                    group.len().div_ceil(2)
                };
                group
                    .split(size)
                    .into_iter()
                    .for_each(|part| self.try_group(part));
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

async fn try_once(link: &Link, group: &Group, timeout: Duration) -> Result<Landed, Refusal> {
    if !link.is_connected() {
        return Err(Refusal::NotStored);
    }
    match group.only() {
        Some(message) => request(link, message, message.header_map(), timeout)
            .await
            .map(Landed::One),
        None => {
            let first_seq = atomic_batch::publish(link, group.messages(), timeout).await?;
            Ok(Landed::All { first_seq })
        }
    }
}
