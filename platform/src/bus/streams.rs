//! The streams, declared in this one place, and what can be asked about them.

use super::{Bus, BusError, REQUEST_TIMEOUT};
use crate::config::BusConfig;
use async_nats::{Request, RequestErrorKind};
use bytes::Bytes;
use chrono::DateTime;
use medique_contracts::{limits, subjects};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Room for the headers of a command, bytes.
const HEADER_BYTES: usize = 8 * 1024;
/// Largest command with its headers, bytes.
pub const COMMAND_MESSAGE_BYTES_MAX: usize = limits::COMMAND_BYTES_MAX + HEADER_BYTES;
/// How far back a live view can resume.
const EVENTS_MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// After which time without a request the broker forgets a consumer of ours, nanoseconds.
const CONSUMER_FORGOTTEN_NS: u64 = 5_000_000_000;

const NO_SUCH_STREAM: u64 = 10059;
const STREAM_NAME_TAKEN: u64 = 10058;

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamState {
    /// Sequence of the oldest message, or of the next one when there is none.
    pub first_seq: u64,
    /// Sequence of the newest message ever stored.
    pub last_seq: u64,
    /// Messages in the stream.
    pub messages: u64,
    /// Bytes in the stream.
    pub bytes: u64,
    /// When the stream was created: another value means another stream, with other sequences.
    pub created_unix_nanos: u64,
}

/// One field of a stream that is not as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Its name in JetStream's JSON.
    pub field: String,
    /// As this build declares it.
    pub declared: Value,
    /// As the broker has it; null when it has none.
    pub actual: Value,
}

impl Difference {
    pub(super) fn list(differences: &[Self]) -> String {
        let one = |d: &Self| format!("{} is {} and should be {}", d.field, d.actual, d.declared);
        differences.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// The declaration of COMMANDS. Limits retention, because a work queue forgets the ids of what was
/// acknowledged; discard new, so that overload is refused at the door and nothing accepted is lost.
fn commands(config: &BusConfig) -> Value {
    let mut declared = common(config);
    declared.extend(object(json!({
        "name": subjects::COMMANDS_STREAM,
        "subjects": [subjects::COMMANDS_PUBLISHED],
        "subject_transform": {
            "src": subjects::COMMANDS_PUBLISHED,
            "dest": subjects::transform_destination(),
        },
        "discard": "new",
        "max_bytes": config.commands_max_bytes,
        "max_age": 0,
        "max_msg_size": COMMAND_MESSAGE_BYTES_MAX,
        // Single commands cannot be taken out; the janitor purges from the front.
        "deny_delete": true,
        "deny_purge": false,
    })));
    Value::Object(declared)
}

/// The declaration of EVENTS: the replay horizon of live views.
fn events(config: &BusConfig) -> Value {
    let mut declared = common(config);
    declared.extend(object(json!({
        "name": subjects::EVENTS_STREAM,
        "subjects": [subjects::EVENTS_ALL],
        "discard": "old",
        "max_bytes": config.events_max_bytes,
        "max_age": nanos(EVENTS_MAX_AGE),
        "max_msg_size": -1,
    })));
    Value::Object(declared)
}

/// What both have. Also what neither may have, because it would lose messages: a bound on their
/// number, expiry of single ones, acknowledgement before storing.
fn common(config: &BusConfig) -> Map<String, Value> {
    object(json!({
        "retention": "limits",
        "storage": "file",
        "num_replicas": config.replicas,
        // The broker wants it no longer than max_age, which both satisfy for any sane value.
        "duplicate_window": nanos(config.duplicate_window),
        "allow_direct": true,
        "allow_atomic": true,
        "max_msgs": -1,
        "max_msgs_per_subject": -1,
        "max_consumers": -1,
        "no_ack": false,
        "sealed": false,
        "allow_msg_ttl": false,
        "allow_rollup_hdrs": false,
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The declared fields that differ. The broker leaves out what is false, and writes the default
/// way to persist out in words.
fn differences(declared: &Value, actual: &Value) -> Vec<Difference> {
    let is_same = |declared: &Value, actual: &Value| match (declared, actual) {
        (Value::Bool(false), Value::Null) => true,
        _ => declared == actual,
    };
    let mut all: Vec<_> = declared
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, declared)| (field, declared, actual.get(field).unwrap_or(&Value::Null)))
        .filter(|(_, declared, actual)| !is_same(declared, actual))
        .map(|(field, declared, actual)| Difference {
            field: field.clone(),
            declared: declared.clone(),
            actual: actual.clone(),
        })
        .collect();
    // Answers before it writes.
    if actual
        .get("persist_mode")
        .is_some_and(|mode| mode == "async")
    {
        all.push(Difference {
            field: "persist_mode".to_owned(),
            declared: Value::from("default"),
            actual: Value::from("async"),
        });
    }
    all
}

#[derive(Deserialize)]
struct Info {
    config: Value,
    created: String,
    state: State,
}

#[derive(Deserialize)]
struct State {
    messages: u64,
    bytes: u64,
    first_seq: u64,
    last_seq: u64,
}

#[derive(Deserialize)]
struct Purged {
    purged: u64,
}

#[derive(Deserialize)]
struct Consumer {
    name: String,
    num_pending: u64,
}

#[derive(Deserialize)]
struct Failed {
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl Bus {
    /// Creates the streams, or compares the existing ones with their declaration.
    ///
    /// # Errors
    /// [`BusError::Drift`] when one is not as declared; the broker is away.
    pub async fn ensure_streams(&self) -> Result<(), BusError> {
        self.ensure(subjects::COMMANDS_STREAM, &commands(&self.config))
            .await?;
        self.ensure(subjects::EVENTS_STREAM, &events(&self.config))
            .await
    }

    async fn ensure(&self, stream: &'static str, declared: &Value) -> Result<(), BusError> {
        let info = match self.info(stream).await {
            Err(BusError::Refused {
                code: NO_SUCH_STREAM,
                ..
            }) => {
                let created = self.api(&format!("STREAM.CREATE.{stream}"), declared).await;
                match created {
                    // Another process was faster.
                    Err(BusError::Refused {
                        code: STREAM_NAME_TAKEN,
                        ..
                    }) => self.info(stream).await?,
                    other => other?,
                }
            }
            other => other?,
        };
        let differences = differences(declared, &info.config);
        if differences.is_empty() {
            Ok(())
        } else {
            Err(BusError::Drift {
                stream,
                differences,
            })
        }
    }

    /// Where a stream stands.
    ///
    /// # Errors
    /// There is no such stream, or the broker is away.
    pub async fn stream_state(&self, stream: &str) -> Result<StreamState, BusError> {
        let Info { created, state, .. } = self.info(stream).await?;
        let created = DateTime::parse_from_rfc3339(&created)
            .ok()
            .and_then(|created| created.timestamp_nanos_opt())
            .and_then(|nanos| u64::try_from(nanos).ok())
            .ok_or_else(|| BusError::Malformed(format!("created: {created}")))?;
        Ok(StreamState {
            first_seq: state.first_seq,
            last_seq: state.last_seq,
            messages: state.messages,
            bytes: state.bytes,
            created_unix_nanos: created,
        })
    }

    /// Whether there is such a stream.
    ///
    /// # Errors
    /// The broker is away.
    pub async fn has_stream(&self, stream: &str) -> Result<bool, BusError> {
        match self.info(stream).await {
            Ok(_) => Ok(true),
            Err(BusError::Refused {
                code: NO_SUCH_STREAM,
                ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deletes a stream with all that it holds.
    ///
    /// # Errors
    /// There is no such stream, or the broker is away.
    pub async fn delete_stream(&self, stream: &str) -> Result<(), BusError> {
        let call = format!("STREAM.DELETE.{stream}");
        self.api::<Value>(&call, &Value::Null).await.map(drop)
    }

    /// Removes the commands before `seq`, which may lie beyond the last one: the next command then
    /// gets it. Gives the number of those removed.
    ///
    /// # Errors
    /// The broker is away, or refuses.
    pub async fn purge_commands_before(&self, seq: u64) -> Result<u64, BusError> {
        let subject = format!("STREAM.PURGE.{}", subjects::COMMANDS_STREAM);
        let Purged { purged } = self.api(&subject, &json!({ "seq": seq })).await?;
        Ok(purged)
    }

    /// How many commands of a partition stand at `from_seq` or behind it. Exact, and not for every
    /// second: the broker makes a consumer for it, which is gone afterwards.
    ///
    /// # Errors
    /// The broker is away or refuses.
    pub async fn pending_in_partition(
        &self,
        partition: u16,
        from_seq: u64,
    ) -> Result<u64, BusError> {
        let stream = subjects::COMMANDS_STREAM;
        let body = json!({ "stream_name": stream, "config": {
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": from_seq.max(1),
            "ack_policy": "none",
            "filter_subject": subjects::partition_filter(partition),
            "inactive_threshold": CONSUMER_FORGOTTEN_NS,
            "mem_storage": true,
            "num_replicas": 1,
        }});
        let made: Consumer = self
            .api(&format!("CONSUMER.CREATE.{stream}"), &body)
            .await?;
        let gone = format!("CONSUMER.DELETE.{stream}.{}", made.name);
        // It goes by itself, too.
        let _: Result<Value, _> = self.api(&gone, &Value::Null).await;
        Ok(made.num_pending)
    }

    async fn info(&self, stream: &str) -> Result<Info, BusError> {
        self.api(&format!("STREAM.INFO.{stream}"), &Value::Null)
            .await
    }

    /// One call of JetStream's JSON API, which knows every field; the client's types do not.
    async fn api<T: DeserializeOwned>(&self, call: &str, body: &Value) -> Result<T, BusError> {
        self.api_within(call, body, REQUEST_TIMEOUT).await
    }

    /// A call that may take longer.
    pub(super) async fn api_within<T: DeserializeOwned>(
        &self,
        call: &str,
        body: &Value,
        within: Duration,
    ) -> Result<T, BusError> {
        if !self.is_connected() {
            return Err(BusError::Unavailable("not connected".to_owned()));
        }
        let payload = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        self.ask(format!("$JS.API.{call}"), payload, within)
            .await
            .and_then(|answer| understood(&answer))
    }

    /// One request and the bytes of its answer.
    pub(super) async fn ask(
        &self,
        subject: String,
        payload: Bytes,
        within: Duration,
    ) -> Result<Bytes, BusError> {
        let request = Request::new().payload(payload).timeout(Some(within));
        let answer = self.link.client.send_request(subject, request).await;
        let answer = answer.map_err(|error| {
            BusError::Unavailable(match error.kind() {
                RequestErrorKind::NoResponders => "JetStream does not answer".to_owned(),
                kind => kind.to_string(),
            })
        })?;
        Ok(answer.payload)
    }
}

/// What an answer of the JSON API says, or how it refuses.
pub(super) fn understood<T: DeserializeOwned>(answer: &[u8]) -> Result<T, BusError> {
    let malformed = |error: serde_json::Error| BusError::Malformed(error.to_string());
    let failed: Failed = serde_json::from_slice(answer).map_err(malformed)?;
    if let Some(ApiError {
        err_code: code,
        description,
    }) = failed.error
    {
        return Err(BusError::Refused { code, description });
    }
    serde_json::from_slice(answer).map_err(malformed)
}
