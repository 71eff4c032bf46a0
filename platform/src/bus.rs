//! The broker: two streams, the ways to publish into them and to read them. `async-nats` is named
//! nowhere else.

mod ack;
mod atomic_batch;
mod costs;
mod durability;
mod link;
mod publisher;
mod read;
mod relay;
mod single;
mod snapshot;
mod streams;
mod work;

pub use costs::Batching;
pub use publisher::{Publisher, PublisherConfig};
pub use read::MessageStream;
pub use snapshot::{Snapshot, SnapshotError};
pub use streams::{COMMAND_MESSAGE_BYTES_MAX, Difference, StreamState};
pub use work::{Pull, WorkConfig, WorkItem, WorkQueue};

use crate::config::BusConfig;
use async_nats::{ConnectOptions, HeaderMap, HeaderValue, ServerAddr, jetstream};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use costs::Costs;
use futures::{Stream, StreamExt as _};
use link::{Events, Link};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection without an answer to two of these is given up.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// What can go wrong between us and the broker, other than in publishing.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The URL cannot be read, or the client cannot be made. Says nothing of the URL's password.
    #[error("the broker's address is not usable: {0}")]
    Address(String),
    /// Not connected, or no answer in time. May pass.
    #[error("the broker is not available: {0}")]
    Unavailable(String),
    /// The broker refused. `code` is JetStream's error code.
    #[error("the broker refused: {description} ({code})")]
    Refused {
        /// JetStream's `err_code`.
        code: u64,
        /// JetStream's words.
        description: String,
    },
    /// A stream exists and is not as this build declares it.
    #[error("stream {stream} is not configured as declared: {}", Difference::list(.differences))]
    Drift {
        /// Its name.
        stream: &'static str,
        /// Every field that differs.
        differences: Vec<Difference>,
    },
    /// The log ends before the place to continue from: it was restored from an older copy or lost.
    /// Nothing may be applied until a person has looked at it.
    #[error(
        "stream {stream} ends at {last_seq}, behind the cursor at {cursor}: the log was lost or restored"
    )]
    BehindCursor {
        /// Its name.
        stream: &'static str,
        /// Last sequence in the log.
        last_seq: u64,
        /// Last sequence that was processed.
        cursor: u64,
    },
    /// The stream was deleted and created again while it was being read.
    #[error("stream {stream} was replaced by another of the same name while it was read")]
    Replaced {
        /// Its name.
        stream: &'static str,
    },
    /// An answer that we do not understand.
    #[error("unexpected answer of the broker: {0}")]
    Malformed(String),
    /// Policy asks the broker to write to disk before it answers, and it does not.
    #[error("the broker does not sync before it answers (sync_interval: always)")]
    NotSynced,
}

impl BusError {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Refused { .. } | Self::Malformed(_) => true,
            Self::Address(_)
            | Self::Drift { .. }
            | Self::BehindCursor { .. }
            | Self::Replaced { .. }
            | Self::NotSynced => false,
        }
    }
}

/// Why a message is not, or perhaps not, in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Certainly not stored: not connected, or nobody answered.
    #[error("not accepted: the broker is not available")]
    NotAccepted,
    /// Certainly not stored: the stream, or the line in front of it, is full.
    #[error("the queue is full")]
    QueueFull,
    /// A try timed out: it may be stored. To repeat it with the same id is safe.
    #[error("the broker did not answer, the outcome is unknown")]
    OutcomeUnknown,
    /// Certainly not stored: larger than the stream takes.
    #[error("the message is too large")]
    TooLarge,
}

/// A message to publish.
#[derive(Debug, Clone)]
pub struct OutgoingMessage {
    /// Where to.
    pub subject: String,
    /// By which the broker recognises a repetition.
    pub message_id: String,
    /// Further headers. A value must not contain a line break.
    pub headers: Vec<(&'static str, String)>,
    /// The envelope.
    pub payload: Bytes,
}

impl OutgoingMessage {
    /// Nothing of what we send holds a line break; should a value ever, the header is left out
    /// rather than the process brought down.
    fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        let own = std::iter::once((MESSAGE_ID, self.message_id.as_str()));
        let more = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        for (name, value) in own.chain(more) {
            match HeaderValue::from_str(value) {
                Ok(value) => map.insert(name, value),
                Err(error) => tracing::error!(name, %error, "header left out"),
            }
        }
        map
    }

    /// Bytes of payload and headers on the wire, about.
    fn size(&self) -> usize {
        const PER_HEADER: usize = 4;
        const PREAMBLE: usize = 14;
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + PER_HEADER)
            .sum();
        let id = MESSAGE_ID.len() + self.message_id.len() + PER_HEADER;
        PREAMBLE + id + headers + self.payload.len()
    }
}

/// A message that is in the stream.
#[derive(Debug, Clone)]
pub struct StoredMessage {
    /// Its place in the stream.
    pub seq: u64,
    /// As stored: for commands with the partition in front.
    pub subject: String,
    /// When the broker stored it, whole microseconds.
    pub stored_at: DateTime<Utc>,
    /// The envelope.
    pub payload: Bytes,
    /// Messages behind it for the same reader, as the broker counted them when it gave this one
    /// out; 0 where nobody counted.
    pub pending: u64,
    headers: HeaderMap,
}

impl StoredMessage {
    /// A header's (first) value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(HeaderValue::as_str)
    }

    /// All headers, one pair per value.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().flat_map(|(name, values)| {
            values
                .iter()
                .map(move |value| (name.as_ref(), value.as_str()))
        })
    }
}

/// Where a published message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the stream.
    pub seq: u64,
    /// Whether a message with this id was there before; `seq` is then that one's place.
    pub duplicate: bool,
}

/// Whether a name may stand in a subject as it is.
fn is_token(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.bytes().all(is_plain)
}

/// A connection to the broker. Clones share it.
#[derive(Debug, Clone)]
pub struct Bus {
    link: Link,
    jetstream: jetstream::Context,
    config: Arc<BusConfig>,
    /// Of publications into EVENTS.
    costs: Arc<Mutex<Costs>>,
}

impl Bus {
    /// Makes the connection, or goes on trying in the background: [`Bus::is_connected`] tells. It
    /// comes back by itself whenever it is lost. Answers come to inboxes below `_INBOX.<user>`, or
    /// `_INBOX.<name>` without a user, so that the broker lets nobody hear another's (deploy/nats).
    ///
    /// # Errors
    /// The address cannot be used.
    pub async fn connect(config: &BusConfig, name: &str) -> Result<Self, BusError> {
        let events = Arc::new(Events::default());
        let noted = Arc::clone(&events);
        let address = |error: &dyn std::fmt::Display| BusError::Address(error.to_string());
        let servers = config
            .url
            .expose_secret()
            .split(',')
            .map(|url| ServerAddr::from_str(url.trim()))
            .collect::<Result<Vec<_>, _>>()
            // The parser's own words may quote the URL, and with it the password.
            .map_err(|error| address(&error.kind()))?;
        let mut options = ConnectOptions::new();
        // async-nats does not use the credentials of a URL by itself.
        let mut inbox = name.to_owned();
        if let Some((user, password)) = servers
            .iter()
            .find_map(|server| Some((server.username()?, server.password())))
        {
            let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let user = decode(user);
            if is_token(&user) {
                inbox.clone_from(&user);
            }
            // Without a password it is a certificate that tells who comes.
            if let Some(password) = password {
                options = options.user_and_password(user, decode(password));
            }
        }
        if config.tls.is_required() {
            options = options.require_tls(true);
        }
        if let Some(ca) = &config.tls.ca {
            options = options.add_root_certificates(ca.clone());
        }
        if let Some(own) = &config.tls.client {
            options = options.add_client_certificate(own.certificate.clone(), own.key.clone());
        }
        let client = options
            .name(name)
            .custom_inbox_prefix(format!("_INBOX.{inbox}"))
            .retry_on_initial_connect()
            .connection_timeout(CONNECT_TIMEOUT)
            .request_timeout(Some(REQUEST_TIMEOUT))
            .ping_interval(PING_INTERVAL)
            .reconnect_delay_callback(link::reconnect_delay)
            .event_callback(move |event| {
                noted.note(&event);
                std::future::ready(())
            })
            .connect(servers)
            .await
            .map_err(|error| address(&error.kind()))?;
        let jetstream = jetstream::new(client.clone());
        Ok(Self {
            link: Link { client, events },
            jetstream,
            config: Arc::new(config.clone()),
            costs: Arc::new(Mutex::new(Costs::new(Batching::Measured))),
        })
    }

    /// Whether the connection is up at this moment.
    pub fn is_connected(&self) -> bool {
        self.link.is_connected()
    }

    /// Name and version of the server that the connection leads to; none before the first one.
    pub fn server(&self) -> Option<String> {
        let info = self.link.client.server_info();
        (!info.version.is_empty()).then(|| format!("{} {}", info.server_name, info.version))
    }

    /// Times that this process read its subscriptions too slowly and lost messages of them. The
    /// readers of streams recover by themselves; best-effort notices do not.
    pub fn slow_consumers(&self) -> u64 {
        self.link.events.slow_consumers()
    }

    /// Group commit at the door of the COMMANDS stream.
    pub fn publisher(&self, config: PublisherConfig) -> Publisher {
        Publisher::start(self.link.clone(), config)
    }

    /// Publishes one message by itself, with the tries and the deadline of the defaults of
    /// [`PublisherConfig`].
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn publish_single(&self, message: OutgoingMessage) -> Result<Stored, PublishError> {
        single::publish(&self.link, &message, &PublisherConfig::default()).await
    }

    /// Publishes events; those of one visit (by their subject) in the order given. `Ok` means that
    /// all are stored. After an error some may be: call again with the same messages, before any
    /// later ones.
    ///
    /// # Errors
    /// The broker is away, did not answer in time, or refuses a message.
    pub async fn publish_events(&self, batch: &[OutgoingMessage]) -> Result<(), BusError> {
        relay::publish_in_order(&self.link, &self.costs, batch).await
    }

    /// Sends a notice on core NATS. Best effort: nobody may be listening.
    pub async fn tell(&self, subject: &str, payload: Bytes) {
        // Without a connection the client would keep it, and block when it keeps too many.
        if self.is_connected()
            && let Err(error) = self.link.client.publish(subject.to_owned(), payload).await
        {
            tracing::debug!(%error, "notice not sent");
        }
    }

    /// Listens to notices on core NATS. Those sent while the connection is down are missed.
    ///
    /// # Errors
    /// The client is closed.
    pub async fn listen(
        &self,
        subject: &str,
    ) -> Result<impl Stream<Item = Bytes> + Unpin + use<>, BusError> {
        let subscription = self
            .link
            .client
            .subscribe(subject.to_owned())
            .await
            .map_err(|error| BusError::Unavailable(error.to_string()))?;
        Ok(subscription.map(|message| message.payload))
    }

    /// Sends what is still in the client and closes the connection. Waits a few seconds at most.
    pub async fn flush_and_close(&self) {
        let close = async {
            if self.is_connected() {
                let _ = self.link.client.flush().await;
            }
            let _ = self.link.client.drain().await;
            self.link.events.closed().await;
        };
        if tokio::time::timeout(CLOSE_TIMEOUT, close).await.is_err() {
            tracing::debug!("the connection to the broker did not close in time");
        }
    }
}
