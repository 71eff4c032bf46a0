//! Work that events cause: a durable consumer that all replicas share, with acknowledgements. Each
//! event is one worker's until it says what became of it; a worker that dies says nothing, and
//! after a while the event is another's.

use super::{Bus, BusError, StoredMessage};
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer};
use async_nats::jetstream::message::{AckKind, Acker};
use chrono::DateTime;
use futures::StreamExt as _;
use medique_contracts::subjects;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long a request for work stands at the broker. One that outlives its worker by so long may
/// take an event along, which then waits for [`WorkConfig::ack_wait`].
const PULL_EXPIRES: Duration = Duration::from_secs(2);
/// How long the broker may take to say that nothing came, or that it knows what became of an event.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What a kind of work is about.
#[derive(Debug, Clone)]
pub struct WorkConfig {
    /// Of the consumer: the same for all replicas, for ever.
    pub name: &'static str,
    /// Which events; must not overlap.
    pub subjects: Vec<String>,
    /// After which an event of which its worker says nothing is another's.
    pub ack_wait: Duration,
    /// Events that are begun or put off at a time, of all replicas together.
    pub pending_max: u32,
}

/// Where work comes from.
#[derive(Debug)]
pub struct WorkQueue {
    consumer: PullConsumer,
    connections: watch::Receiver<u64>,
}

/// A request for work that is on its way.
pub struct Pull<'a> {
    items: pull::Batch,
    connections: &'a mut watch::Receiver<u64>,
}

/// An event and what may be said of it.
pub struct WorkItem {
    /// The event.
    pub event: StoredMessage,
    /// How often it was given out, this time included.
    pub deliveries: u32,
    acker: Acker,
}

impl Bus {
    /// Joins the replicas that do this work. What was never given out is: the events of a time in
    /// which nobody did it, too.
    ///
    /// # Errors
    /// The broker is away, or refuses.
    pub async fn work_on_events(&self, work: &WorkConfig) -> Result<WorkQueue, BusError> {
        if !self.is_connected() {
            return Err(unavailable("not connected"));
        }
        let connections = self.link.events.connections();
        let config = pull::Config {
            durable_name: Some(work.name.to_owned()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: work.ack_wait,
            // whoever works gives up, the broker does not
            max_deliver: -1,
            max_ack_pending: i64::from(work.pending_max),
            filter_subjects: work.subjects.clone(),
            ..pull::Config::default()
        };
        let consumer = self
            .jetstream
            .create_consumer_on_stream(config, subjects::EVENTS_STREAM)
            .await
            .map_err(unavailable)?;
        Ok(WorkQueue {
            consumer,
            connections,
        })
    }
}

impl WorkQueue {
    /// Asks for up to `most` events. They must be begun as they come: nothing is kept in front of
    /// a worker.
    ///
    /// # Errors
    /// The broker is away: join again.
    pub async fn pull(&mut self, most: usize) -> Result<Pull<'_>, BusError> {
        self.connections.mark_unchanged();
        let items = self
            .consumer
            .batch()
            .max_messages(most)
            .expires(PULL_EXPIRES)
            .messages()
            .await
            .map_err(unavailable)?;
        Ok(Pull {
            items,
            connections: &mut self.connections,
        })
    }
}

impl Pull<'_> {
    /// The next event; none when all came, or no more did for a while.
    ///
    /// # Errors
    /// The broker is away, or has forgotten us: join again.
    pub async fn next(&mut self) -> Result<Option<WorkItem>, BusError> {
        let next = tokio::select! {
            next = timeout(PULL_EXPIRES + ANSWER_WITHIN, self.items.next()) => next,
            _ = self.connections.changed() => return Err(unavailable("reconnected")),
        };
        let message = match next {
            Ok(Some(message)) => message.map_err(unavailable)?,
            Ok(None) | Err(_) => return Ok(None),
        };
        let (seq, deliveries, published) = match message.info() {
            Ok(info) => {
                let deliveries = u32::try_from(info.delivered).unwrap_or(u32::MAX);
                let micros = info.published.unix_timestamp_nanos().div_euclid(1000);
                (info.stream_sequence, deliveries, micros)
            }
            Err(error) => return Err(BusError::Malformed(error.to_string())),
        };
        let stored_at = i64::try_from(published)
            .ok()
            .and_then(DateTime::from_timestamp_micros);
        let (message, acker) = message.split();
        Ok(Some(WorkItem {
            event: StoredMessage {
                seq,
                subject: message.subject.to_string(),
                stored_at: stored_at.unwrap_or_default(),
                payload: message.payload,
                pending: 0,
                headers: message.headers.unwrap_or_default(),
            },
            deliveries,
            acker,
        }))
    }
}

impl WorkItem {
    /// It is done and never comes again. When the broker does not confirm that, it may.
    pub async fn done(self) {
        match timeout(ANSWER_WITHIN, self.acker.double_ack()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "work not confirmed as done"),
            Err(_) => tracing::debug!("work not confirmed as done in time"),
        }
    }

    /// Somebody does it after this time; until then it holds up nobody.
    pub async fn later(self, delay: Duration) {
        self.say(AckKind::Nak(Some(delay))).await;
    }

    /// It is still being done.
    pub async fn goes_on(&self) {
        self.say(AckKind::Progress).await;
    }

    /// Nothing depends on its arrival: without it the broker waits for its own time.
    async fn say(&self, kind: AckKind) {
        match timeout(ANSWER_WITHIN, self.acker.ack_with(kind)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "nothing said of work"),
            Err(_) => tracing::debug!("nothing said of work in time"),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> BusError {
    BusError::Unavailable(error.to_string())
}
