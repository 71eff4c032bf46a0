//! The AsyncAPI 3 description: every subject, what travels on it, who sends and who receives.
//!
//! Payloads are the JSON Schemas beside it, referred to by relative path.

use super::json_schema::{event_description, facts_name};
use super::{command_path, event_path};
use crate::commands::CommandKind;
use crate::envelope::{COMMAND_SOURCE, CONTENT_TYPE, EVENT_SOURCE};
use crate::events::EventType;
use crate::subjects;
use serde_json::{Map, Value, json};

/// The whole document.
pub(super) fn document() -> Value {
    let mut channels = Map::new();
    let mut operations = Map::new();
    let mut messages = Map::new();
    for kind in CommandKind::ALL {
        let name = format!("command.{kind}");
        messages.insert(name.clone(), command_message(*kind));
        channels.insert(name.clone(), command_channel(*kind, &name));
        operations.insert(format!("accept.{kind}"), operation("send", &name, "api"));
        operations.insert(
            format!("decide.{kind}"),
            operation("receive", &name, "workers"),
        );
    }
    for event_type in EventType::ALL {
        let name = format!("event.{event_type}");
        messages.insert(name.clone(), event_message(*event_type));
        channels.insert(name.clone(), event_channel(*event_type, &name));
        operations.insert(
            format!("relay.{event_type}"),
            operation("send", &name, "workers"),
        );
        operations.insert(
            format!("show.{event_type}"),
            operation("receive", &name, "api"),
        );
    }
    let notice = "decided_notice";
    messages.insert(notice.to_owned(), notice_message());
    channels.insert(notice.to_owned(), notice_channel(notice));
    operations.insert(
        "tell.decided".to_owned(),
        operation("send", notice, "workers"),
    );
    operations.insert(
        "hear.decided".to_owned(),
        operation("receive", notice, "api"),
    );
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:medique:contracts",
        "info": info(),
        "defaultContentType": CONTENT_TYPE,
        "servers": { "nats": {
            "host": "{host}:{port}",
            "protocol": "nats",
            "description": "NATS 2.15 or newer with JetStream.",
            "variables": { "host": { "default": "127.0.0.1" }, "port": { "default": "4222" } }
        } },
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "correlationIds": correlation_ids() }
    })
}

fn info() -> Value {
    json!({
        "title": "MediQue messages",
        "version": "1.0.0",
        "description": "Commands that clients ask for, and events that say what became of them. \
            Everything is delivered at least once: a consumer of events drops what is not newer \
            than the version of the visit that it has seen.",
        "license": { "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" }
    })
}

fn correlation_ids() -> Value {
    json!({
        "command": { "location": "$message.payload#/id", "description": "Identity of the command, known to the client that sent it." },
        "cause": { "location": "$message.payload#/data/command_id", "description": "The command that caused the event." }
    })
}

fn operation(action: &str, channel: &str, by: &str) -> Value {
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": [{ "$ref": format!("#/channels/{channel}/messages/{channel}") }],
        "tags": [{ "name": by }],
        "bindings": { "nats": { "bindingVersion": "0.1.0" } }
    })
}

fn parameter(description: &str) -> Value {
    json!({ "description": description })
}

fn channel(
    address: String,
    message: &str,
    summary: &str,
    parameters: Value,
    stream: Value,
) -> Value {
    json!({
        "address": address,
        "summary": summary,
        "servers": [{ "$ref": "#/servers/nats" }],
        "messages": { message: { "$ref": format!("#/components/messages/{message}") } },
        "parameters": parameters,
        "x-jetstream": stream
    })
}

fn command_channel(kind: CommandKind, name: &str) -> Value {
    let parameters = json!({
        "facility": parameter("Id of the facility."),
        "department": parameter("Id of the department whose partition decides the command; `_` for the facility as a whole.")
    });
    let stream = json!({
        "stream": subjects::COMMANDS_STREAM,
        "storedAs": format!("p.{{partition}}.cmd.v1.{{facility}}.{{department}}.{kind}"),
        "partitions": subjects::PARTITIONS
    });
    channel(
        format!("cmd.v1.{{facility}}.{{department}}.{kind}"),
        name,
        kind.description(),
        parameters,
        stream,
    )
}

fn event_channel(event_type: EventType, name: &str) -> Value {
    let parameters = json!({
        "facility": parameter("Id of the facility."),
        "department": parameter("Id of the department after the event; `_` for facility-wide facts."),
        "visit": parameter("Id of the visit; `_` when the event is not about a visit.")
    });
    let address = format!("evt.v1.{{facility}}.{{department}}.{{visit}}.{event_type}");
    channel(
        address,
        name,
        &event_description(event_type),
        parameters,
        json!({ "stream": subjects::EVENTS_STREAM }),
    )
}

fn notice_channel(name: &str) -> Value {
    let summary = "What was just decided. Best effort: the row in the inbox is the truth.";
    let mut channel = channel(
        subjects::DECIDED.to_owned(),
        name,
        summary,
        json!({}),
        Value::Null,
    );
    if let Value::Object(members) = &mut channel {
        members.remove("parameters");
        members.remove("x-jetstream");
    }
    channel
}

/// An envelope of the given type and source whose data is the schema at `path`.
fn enveloped(wire_type: &str, source: &str, path: &str) -> Value {
    json!({
        "allOf": [
            { "$ref": "./envelope.v1.json" },
            { "type": "object", "properties": {
                "type": { "const": wire_type },
                "source": { "const": source },
                "data": { "$ref": format!("./{path}") }
            } }
        ]
    })
}

fn header(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn message(
    name: String,
    summary: &str,
    headers: Value,
    payload: Value,
    correlation: &str,
) -> Value {
    json!({
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": CONTENT_TYPE,
        "headers": headers,
        "payload": payload,
        "correlationId": { "$ref": format!("#/components/correlationIds/{correlation}") }
    })
}

fn command_message(kind: CommandKind) -> Value {
    let headers = json!({
        "type": "object",
        "required": ["Nats-Msg-Id", subjects::HEADER_FINGERPRINT],
        "properties": {
            "Nats-Msg-Id": header("Identity of the command: the broker stores each one once within its window."),
            subjects::HEADER_FINGERPRINT: header("SHA-256 of the canonical request: tells a repetition from another request with the same key."),
            subjects::HEADER_AWAITED: header("Present when somebody waits for the outcome."),
            subjects::HEADER_REDRIVE: header("Id of the dead letter, when an admin sent a parked command again."),
            subjects::HEADER_REDRIVE_ASKED: header("Who asked for that through the api and why, as JSON: by, reason.")
        }
    });
    let payload = enveloped(&kind.wire_type(), COMMAND_SOURCE, &command_path(kind));
    message(
        kind.wire_type(),
        kind.description(),
        headers,
        payload,
        "command",
    )
}

fn event_message(event_type: EventType) -> Value {
    let headers = json!({
        "type": "object",
        "required": ["Nats-Msg-Id"],
        "properties": { "Nats-Msg-Id": header("Identity of the event.") }
    });
    let payload = enveloped(
        &event_type.wire_type(),
        EVENT_SOURCE,
        &event_path(event_type),
    );
    let mut message = message(
        event_type.wire_type(),
        &event_description(event_type),
        headers,
        payload,
        "cause",
    );
    message["x-facts"] = facts_name(event_type).into();
    message
}

fn notice_message() -> Value {
    json!({
        "name": "medique.decided.v1",
        "title": "medique.decided.v1",
        "summary": "Cursors of partitions after a commit, and the outcomes that somebody waits for.",
        "contentType": "application/json",
        "payload": { "$ref": "./decided_notice.v1.json" }
    })
}
