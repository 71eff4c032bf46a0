//! Reading a stream from a given place, in order, without gap or repetition.
//!
//! Each reader has a short-lived consumer of its own on the broker, without acknowledgements. What
//! happened to it (the broker restarted, the consumer expired, a message was lost on the way) never
//! matters: a new one is made that begins after the last message delivered.

use super::{Bus, BusError, StoredMessage};
use crate::retry::{Backoff, RetryPolicy};
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{DirectGetErrorKind, LastRawMessageErrorKind};
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use medique_contracts::subjects;
use std::time::Duration;
use tokio::sync::watch;

/// A reader. Pending while there is nothing new; an error is the last item.
pub type MessageStream = BoxStream<'static, Result<StoredMessage, BusError>>;

/// Asked for at a time.
const PULL_MESSAGES: usize = 256;
const PULL_EXPIRES: Duration = Duration::from_secs(30);
/// How often the broker says that it is there; two missing ones make a new consumer.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// After which the broker forgets a consumer that nobody reads.
const INACTIVE: Duration = Duration::from_secs(30);

impl Bus {
    /// Reads the commands of one partition from `from_seq` on. Everything before it is taken as
    /// processed.
    ///
    /// # Errors
    /// [`BusError::BehindCursor`], also later, as the stream's last item: the log ends before
    /// `from_seq - 1`. [`BusError::Unavailable`] only here; the stream itself waits.
    pub async fn read_partition(
        &self,
        partition: u16,
        from_seq: u64,
    ) -> Result<MessageStream, BusError> {
        let filter = subjects::partition_filter(partition);
        Reader::start(self.clone(), subjects::COMMANDS_STREAM, filter, from_seq).await
    }

    /// Reads all events from `from_seq` on.
    ///
    /// # Errors
    /// As [`Bus::read_partition`].
    pub async fn read_events(&self, from_seq: u64) -> Result<MessageStream, BusError> {
        let filter = subjects::EVENTS_ALL.to_owned();
        Reader::start(self.clone(), subjects::EVENTS_STREAM, filter, from_seq).await
    }

    /// Reads the events stored from now on; gives the sequence of the last one before them.
    ///
    /// # Errors
    /// As [`Bus::read_partition`].
    pub async fn read_new_events(&self) -> Result<(u64, MessageStream), BusError> {
        let last_seq = self.stream_state(subjects::EVENTS_STREAM).await?.last_seq;
        Ok((last_seq, self.read_events(last_seq + 1).await?))
    }

    /// The sequence of the newest message of a partition; none when it has none (any more). Asks
    /// the stream's leader: a replica that lags would make a busy partition look idle.
    ///
    /// # Errors
    /// The broker is away.
    pub async fn newest_in_partition(&self, partition: u16) -> Result<Option<u64>, BusError> {
        if !self.is_connected() {
            return Err(unavailable("not connected"));
        }
        let handle = self
            .jetstream
            .get_stream_no_info(subjects::COMMANDS_STREAM)
            .await
            .map_err(unavailable)?;
        match handle
            .get_last_raw_message_by_subject(&subjects::partition_filter(partition))
            .await
        {
            Ok(message) => Ok(Some(message.sequence)),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                kind => Err(unavailable(kind)),
            },
        }
    }

    /// One message; none when the stream does not have it (any more).
    ///
    /// # Errors
    /// The broker is away.
    pub async fn get(&self, stream: &str, seq: u64) -> Result<Option<StoredMessage>, BusError> {
        if !self.is_connected() {
            return Err(unavailable("not connected"));
        }
        let handle = self
            .jetstream
            .get_stream_no_info(stream)
            .await
            .map_err(unavailable)?;
        match handle.direct_get(seq).await {
            Ok(message) => Ok(Some(from_direct(message))),
            // Any replica may have answered, one that has not got it yet as well.
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => {
                match handle.get_raw_message(seq).await {
                    Ok(message) => Ok(Some(from_direct(message))),
                    Err(error) => match error.kind() {
                        LastRawMessageErrorKind::NoMessageFound => Ok(None),
                        kind => Err(unavailable(kind)),
                    },
                }
            }
            Err(error) => Err(unavailable(error.kind())),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> BusError {
    BusError::Unavailable(error.to_string())
}

fn from_direct(message: StreamMessage) -> StoredMessage {
    StoredMessage {
        seq: message.sequence,
        subject: message.subject.to_string(),
        stored_at: micros(message.time.unix_timestamp_nanos()),
        payload: message.payload,
        pending: 0,
        headers: message.headers,
    }
}

fn micros(unix_nanos: i128) -> DateTime<Utc> {
    i64::try_from(unix_nanos.div_euclid(1000))
        .ok()
        .and_then(DateTime::from_timestamp_micros)
        .unwrap_or_default()
}

struct Reader {
    bus: Bus,
    stream: &'static str,
    filter: String,
    /// What comes next, or later.
    next_seq: u64,
    /// Of the stream that is read.
    created: Option<u64>,
    source: Option<Source>,
    backoff: Backoff,
    connections: watch::Receiver<u64>,
}

struct Source {
    messages: pull::Stream,
    /// Messages that this consumer delivered, so that a lost one is noticed.
    delivered: u64,
}

enum Read {
    Message(StoredMessage),
    /// Was delivered before.
    Old,
    /// The consumer is of no use any more.
    Broken(String),
}

impl Reader {
    async fn start(
        bus: Bus,
        stream: &'static str,
        filter: String,
        from_seq: u64,
    ) -> Result<MessageStream, BusError> {
        let connections = bus.link.events.connections();
        let backoff = Backoff::new(RetryPolicy::full_jitter(
            Duration::from_millis(50),
            Duration::from_secs(2),
        ));
        let mut reader = Self {
            bus,
            stream,
            filter,
            next_seq: from_seq.max(1),
            created: None,
            source: None,
            backoff,
            connections,
        };
        reader.open().await?;
        let items = futures::stream::unfold(Some(reader), |reader| async {
            let mut reader = reader?;
            match reader.next().await {
                Ok(message) => Some((Ok(message), Some(reader))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(items.boxed())
    }

    /// Makes a consumer that begins at `next_seq`.
    async fn open(&mut self) -> Result<(), BusError> {
        self.connections.mark_unchanged();
        let state = self.bus.stream_state(self.stream).await?;
        if self
            .created
            .is_some_and(|created| created != state.created_unix_nanos)
        {
            return Err(BusError::Replaced {
                stream: self.stream,
            });
        }
        self.created = Some(state.created_unix_nanos);
        let cursor = self.next_seq - 1;
        if state.last_seq < cursor {
            return Err(BusError::BehindCursor {
                stream: self.stream,
                last_seq: state.last_seq,
                cursor,
            });
        }
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.next_seq,
            },
            ack_policy: AckPolicy::None,
            filter_subject: self.filter.clone(),
            inactive_threshold: INACTIVE,
            num_replicas: 1,
            memory_storage: true,
            ..pull::Config::default()
        };
        let consumer = self
            .bus
            .jetstream
            .create_consumer_on_stream(config, self.stream)
            .await
            .map_err(unavailable)?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_MESSAGES)
            .expires(PULL_EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
            .map_err(unavailable)?;
        self.source = Some(Source {
            messages,
            delivered: 0,
        });
        Ok(())
    }

    /// Waits for the next message, however long the broker is away.
    async fn next(&mut self) -> Result<StoredMessage, BusError> {
        loop {
            let Some(source) = &mut self.source else {
                match self.open().await {
                    Ok(()) => {}
                    Err(error) if error.is_transient() => {
                        tracing::debug!(stream = self.stream, %error, "reader cannot open");
                        self.backoff.wait().await;
                    }
                    Err(error) => return Err(error),
                }
                continue;
            };
            let read = tokio::select! {
                read = source.next(self.next_seq) => read,
                // The consumer may not have survived, and its pull request did not.
                _ = self.connections.changed() => Read::Broken("reconnected".to_owned()),
            };
            match read {
                Read::Message(message) => {
                    self.backoff.reset();
                    self.next_seq = message.seq + 1;
                    return Ok(message);
                }
                Read::Old => {}
                Read::Broken(reason) => {
                    tracing::debug!(
                        stream = self.stream,
                        from = self.next_seq,
                        reason,
                        "reader begins anew"
                    );
                    self.source = None;
                    self.backoff.wait().await;
                }
            }
        }
    }
}

impl Source {
    async fn next(&mut self, next_seq: u64) -> Read {
        let message = match self.messages.next().await {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Read::Broken(error.to_string()),
            None => return Read::Broken("the consumer ended".to_owned()),
        };
        let (seq, position, stored_at, pending) = match message.info() {
            Ok(info) => {
                let stored_at = micros(info.published.unix_timestamp_nanos());
                (
                    info.stream_sequence,
                    info.consumer_sequence,
                    stored_at,
                    info.pending,
                )
            }
            Err(error) => return Read::Broken(error.to_string()),
        };
        if position != self.delivered + 1 {
            return Read::Broken(format!("{position} came after {}", self.delivered));
        }
        self.delivered = position;
        if seq < next_seq {
            return Read::Old;
        }
        let (message, _) = message.split();
        Read::Message(StoredMessage {
            seq,
            subject: message.subject.to_string(),
            stored_at,
            payload: message.payload,
            pending,
            headers: message.headers.unwrap_or_default(),
        })
    }
}
