//! The envelope: CloudEvents 1.0, structured JSON, with W3C trace context as its
//! [distributed tracing extension](https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md).

use crate::commands::{Command, CommandContext, CommandKind, CommandMessage};
use crate::events::{EventMessage, EventType};
use crate::ids::{CommandId, EventId};
use crate::schemas;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// `Content-Type` of every message.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";
/// Version of CloudEvents.
pub(crate) const SPEC_VERSION: &str = "1.0";
/// `source` of commands.
pub(crate) const COMMAND_SOURCE: &str = "/medique/api";
/// `source` of events.
pub(crate) const EVENT_SOURCE: &str = "/medique/workers";

/// Why bytes are not a message of ours.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or not the shape of an envelope or of its data.
    #[error("malformed message: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another version of CloudEvents.
    #[error("unsupported CloudEvents version")]
    SpecVersion,
    /// A `type` that this build does not know.
    #[error("unknown message type")]
    UnknownType,
}

#[derive(Serialize)]
struct Outgoing<'a, T> {
    specversion: &'static str,
    id: Uuid,
    source: &'static str,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    time: DateTime<Utc>,
    datacontenttype: &'static str,
    dataschema: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    data: T,
}

#[derive(Deserialize)]
struct Incoming<'a> {
    specversion: String,
    id: Uuid,
    r#type: String,
    #[serde(default)]
    traceparent: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Serialize)]
struct CommandData<'a> {
    #[serde(flatten)]
    context: &'a CommandContext,
    payload: &'a RawValue,
}

#[derive(Deserialize)]
struct PayloadOnly<'a> {
    #[serde(borrow)]
    payload: &'a RawValue,
}

fn incoming(bytes: &[u8]) -> Result<Incoming<'_>, EnvelopeError> {
    let envelope: Incoming<'_> = serde_json::from_slice(bytes)?;
    if envelope.specversion != SPEC_VERSION {
        return Err(EnvelopeError::SpecVersion);
    }
    Ok(envelope)
}

impl CommandMessage {
    /// Writes the message as it is published.
    ///
    /// # Errors
    /// A number that JSON cannot hold, such as a temperature of NaN.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeError> {
        let kind = self.command.kind();
        let payload = RawValue::from_string(self.command.encode()?)?;
        let subject = self.context.visit_id.map(|id| id.to_string());
        Ok(serde_json::to_vec(&Outgoing {
            specversion: SPEC_VERSION,
            id: self.command_id.0,
            source: COMMAND_SOURCE,
            r#type: kind.wire_type(),
            subject: subject.as_deref(),
            time: self.context.sent_at,
            datacontenttype: "application/json",
            dataschema: schemas::command_id(kind),
            traceparent: self.traceparent.as_deref(),
            data: CommandData {
                context: &self.context,
                payload: &payload,
            },
        })?)
    }

    /// Reads a message from the COMMANDS stream.
    ///
    /// # Errors
    /// [`EnvelopeError`]: the message is parked with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = incoming(bytes)?;
        let kind =
            CommandKind::from_wire_type(&envelope.r#type).ok_or(EnvelopeError::UnknownType)?;
        let payload: PayloadOnly<'_> = serde_json::from_str(envelope.data.get())?;
        Ok(Self {
            command_id: CommandId(envelope.id),
            traceparent: envelope.traceparent,
            context: serde_json::from_str(envelope.data.get())?,
            command: Command::decode(kind, payload.payload.get())?,
        })
    }
}

impl EventMessage {
    /// Writes the event as it is published.
    ///
    /// # Errors
    /// Never for the data of this crate.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeError> {
        let subject = self.visit().map(|visit| visit.visit_id.to_string());
        Ok(serde_json::to_vec(&Outgoing {
            specversion: SPEC_VERSION,
            id: self.event_id.0,
            source: EVENT_SOURCE,
            r#type: self.event_type.wire_type(),
            subject: subject.as_deref(),
            time: self.body.occurred_at,
            datacontenttype: "application/json",
            dataschema: schemas::event_id(self.event_type),
            traceparent: self.traceparent.as_deref(),
            data: &self.body,
        })?)
    }

    /// Reads a message from the EVENTS stream.
    ///
    /// # Errors
    /// [`EnvelopeError`], also for event types of a newer build, which a consumer skips.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = incoming(bytes)?;
        let event_type =
            EventType::from_wire_type(&envelope.r#type).ok_or(EnvelopeError::UnknownType)?;
        Ok(Self {
            event_id: EventId(envelope.id),
            event_type,
            traceparent: envelope.traceparent,
            body: serde_json::from_str(envelope.data.get())?,
        })
    }
}
