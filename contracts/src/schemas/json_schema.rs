//! One JSON Schema per message: what stands in `data` of the envelope.

use super::{command_id, event_id};
use crate::commands::{CommandContext, CommandKind};
use crate::envelope::SPEC_VERSION;
use crate::events::{EventBody, EventData, EventType};
use crate::outcome::{DecidedNotice, Outcome};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

/// Turns `schema` into a document of its own, with the definitions that it refers to.
fn root(
    mut schema: Map<String, Value>,
    mut generator: SchemaGenerator,
    id: String,
    title: String,
) -> Value {
    let all = generator.take_definitions(true);
    let mut used = Map::new();
    let mut open = references(&Value::Object(schema.clone()));
    while let Some(name) = open.pop() {
        if let (false, Some(definition)) = (used.contains_key(&name), all.get(&name)) {
            open.extend(references(definition));
            used.insert(name, definition.clone());
        }
    }
    if !used.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(used));
    }
    schema.insert(
        "$schema".to_owned(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    Value::Object(schema)
}

/// Names of the definitions that a schema refers to.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => {
            let own = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|target| target.strip_prefix("#/$defs/"));
            own.map(str::to_owned)
                .into_iter()
                .chain(members.values().flat_map(references))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The members of a schema that is an object schema (every schema of a struct or enum is).
fn members<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    match T::json_schema(generator).to_value() {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// `data` of a command: the context with the payload of its kind.
pub(super) fn command(kind: CommandKind) -> Value {
    let mut generator = generator();
    let mut schema = members::<CommandContext>(&mut generator);
    let payload = kind.payload_schema(&mut generator).to_value();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("payload".to_owned(), payload);
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.push("payload".into());
    }
    schema.insert("description".to_owned(), kind.description().into());
    root(schema, generator, command_id(kind), kind.wire_type())
}

/// `data` of an event: the body, with the one kind of facts that the event carries.
pub(super) fn event(event_type: EventType) -> Value {
    let mut generator = generator();
    let mut schema = members::<EventBody>(&mut generator);
    let facts = facts_schema(event_type, &mut generator);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("facts".to_owned(), facts);
    }
    schema.insert(
        "description".to_owned(),
        event_description(event_type).into(),
    );
    root(
        schema,
        generator,
        event_id(event_type),
        event_type.wire_type(),
    )
}

/// The member of [`EventData`] that an event of this type carries.
pub(super) fn facts_name(event_type: EventType) -> &'static str {
    match event_type {
        EventType::VisitScanned
        | EventType::VisitCheckedIn
        | EventType::VisitVitalsRecorded
        | EventType::VisitAcuitySet
        | EventType::VisitTriageAdvised
        | EventType::VisitCalled
        | EventType::VisitRecalled
        | EventType::VisitUnclaimed
        | EventType::VisitStarted
        | EventType::VisitHeld
        | EventType::VisitResumed
        | EventType::VisitCompleted
        | EventType::VisitNoShow
        | EventType::VisitReturned
        | EventType::VisitTransferred
        | EventType::VisitCancelled
        | EventType::VisitLeft
        | EventType::VisitReassigned
        | EventType::VisitUndone
        | EventType::VisitExpired
        | EventType::PersonErased => "visit",
        EventType::DoctorAvailabilityChanged => "doctor",
        EventType::DepartmentChanged => "department",
        EventType::RoomChanged => "room",
        EventType::DayClosed => "day_closed",
        EventType::AdviserSwitched => "adviser",
        EventType::CommandDeadLettered => "dead_letter",
    }
}

/// The alternative of [`EventData`] that the type carries.
fn facts_schema(event_type: EventType, generator: &mut SchemaGenerator) -> Value {
    let name = facts_name(event_type);
    let all = members::<EventData>(generator);
    let alternatives = all
        .get("oneOf")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let has_name = |schema: &Value| schema.pointer(&format!("/properties/{name}")).is_some();
    alternatives
        .into_iter()
        .find(has_name)
        .unwrap_or(Value::Bool(false))
}

/// The documentation of an event type, as schemars sees it.
pub(super) fn event_description(event_type: EventType) -> String {
    let words = members::<EventType>(&mut generator());
    let values = words
        .get("oneOf")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let word = values
        .iter()
        .find(|value| value["const"] == event_type.as_str());
    word.and_then(|value| value["description"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// What became of a command: column `outcome` of the inbox, and part of the notice.
pub(super) fn outcome() -> Value {
    let mut generator = generator();
    let schema = members::<Outcome>(&mut generator);
    root(
        schema,
        generator,
        "urn:medique:schema:outcome:v1".to_owned(),
        "Outcome".to_owned(),
    )
}

/// The notice that workers send after a commit.
pub(super) fn decided_notice() -> Value {
    let mut generator = generator();
    let schema = members::<DecidedNotice>(&mut generator);
    root(
        schema,
        generator,
        "urn:medique:schema:decided_notice:v1".to_owned(),
        "DecidedNotice".to_owned(),
    )
}

/// The envelope: CloudEvents 1.0 in structured JSON.
pub(super) fn envelope() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:medique:schema:envelope:v1",
        "title": "Envelope",
        "description": "CloudEvents 1.0 in structured JSON, with the distributed tracing extension. Readers ignore members that they do not know.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "dataschema", "data"],
        "properties": {
            "specversion": { "const": SPEC_VERSION },
            "id": { "type": "string", "format": "uuid", "description": "Identity of the command or event; equal to the header Nats-Msg-Id unless a command was redriven." },
            "source": { "type": "string", "format": "uri-reference", "description": "The part of MediQue that wrote the message." },
            "type": { "type": "string", "description": "Kind and version: medique.command.<kind>.v<n> or medique.event.<type>.v<n>." },
            "subject": { "type": "string", "description": "The visit that the message is about." },
            "time": { "type": "string", "format": "date-time", "description": "Command: when the API sent it. Event: when the broker stored the command that caused it." },
            "datacontenttype": { "const": "application/json" },
            "dataschema": { "type": "string", "format": "uri", "description": "$id of the schema of data." },
            "traceparent": { "type": "string", "description": "W3C trace context of the request." },
            "data": { "type": "object" }
        }
    })
}
