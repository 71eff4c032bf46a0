//! Generated documents: a JSON Schema (draft 2020-12) per message and an AsyncAPI 3 description of
//! the subjects they travel on.
//!
//! They are written to `contracts/schemas/` and committed, so that a change of the contract shows
//! in review as a change of a document; `contracts/tests/contracts/schemas.rs` compares them.

mod asyncapi;
mod json_schema;

use crate::commands::CommandKind;
use crate::events::EventType;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `$id` of the schema of a command's data; also the `dataschema` of its envelope.
pub fn command_id(kind: CommandKind) -> String {
    format!(
        "urn:medique:schema:command:{kind}:v{}",
        CommandKind::VERSION
    )
}

/// `$id` of the schema of an event's data; also the `dataschema` of its envelope.
pub fn event_id(event_type: EventType) -> String {
    format!(
        "urn:medique:schema:event:{event_type}:v{}",
        EventType::VERSION
    )
}

/// Every generated document: its path below `contracts/schemas/`, and its text.
///
/// # Errors
/// Never for the types of this crate: all of them are plain JSON values.
pub fn documents() -> Result<BTreeMap<String, String>, serde_json::Error> {
    let mut values = BTreeMap::from([
        ("asyncapi.json".to_owned(), asyncapi::document()),
        ("envelope.v1.json".to_owned(), json_schema::envelope()),
        ("outcome.v1.json".to_owned(), json_schema::outcome()),
        (
            "decided_notice.v1.json".to_owned(),
            json_schema::decided_notice(),
        ),
    ]);
    values.extend(
        CommandKind::ALL
            .iter()
            .map(|kind| (command_path(*kind), json_schema::command(*kind))),
    );
    values.extend(
        EventType::ALL
            .iter()
            .map(|event| (event_path(*event), json_schema::event(*event))),
    );
    values
        .into_iter()
        .map(|(path, value)| Ok((path, text(value)?)))
        .collect()
}

fn command_path(kind: CommandKind) -> String {
    format!("commands/{kind}.v{}.json", CommandKind::VERSION)
}

fn event_path(event_type: EventType) -> String {
    format!("events/{event_type}.v{}.json", EventType::VERSION)
}

fn text(value: Value) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&sorted(value))?;
    text.push('\n');
    Ok(text)
}

/// The same value with the members of every object in alphabetical order. Whether `serde_json`
/// keeps the order of insertion depends on features that other crates of a build switch on, and
/// the documents must not.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members.into_iter().collect();
            Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
