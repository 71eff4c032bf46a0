//! Messages as they were shipped. A stream holds messages of older builds, so every file here must
//! stay readable for ever: a file is added when a command, event or version is added, and is never
//! changed afterwards.
//!
//! `UPDATE_SCHEMAS=1` writes the files that are missing, and leaves the others alone.

use crate::samples;
use crate::{UPDATE, update_wanted};
use medique_contracts::{CommandKind, CommandMessage, EventMessage, EventType};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The messages that this build writes, by the name of their file.
fn written() -> Vec<(String, Vec<u8>)> {
    let commands = CommandKind::ALL.iter().map(|kind| {
        let name = format!("command.{kind}.v{}.json", CommandKind::VERSION);
        (name, samples::command_message(*kind).to_bytes().unwrap())
    });
    let events = EventType::ALL.iter().map(|event_type| {
        let name = format!("event.{event_type}.v{}.json", EventType::VERSION);
        (
            name,
            samples::event_message(*event_type).to_bytes().unwrap(),
        )
    });
    let later = samples::later()
        .into_iter()
        .map(|(name, message)| (name, message.to_bytes().unwrap()));
    commands.chain(events).chain(later).collect()
}

/// The value without members that are null: an absent member and a null one mean the same, so a
/// new optional member does not break an old file.
fn meaning(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, meaning(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(meaning).collect()),
        other => other,
    }
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn every_message_of_this_build_has_a_golden_file() {
    for (name, bytes) in written() {
        let path = folder().join(&name);
        if !path.exists() && update_wanted() {
            let text = format!("{:#}\n", json(&bytes));
            fs::write(&path, text).unwrap();
        }
        assert!(
            path.exists(),
            "contracts/tests/golden/{name} is missing; write it with\n    {UPDATE}"
        );
    }
}

#[test]
fn every_golden_file_decodes_and_says_the_same_when_written_again() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Shown when a line below fails.
        println!("reading {name}");
        let golden = fs::read(&path).unwrap();
        let (kind, again) = if name.starts_with("command.") {
            let message = CommandMessage::from_bytes(&golden).unwrap();
            (
                message.command.kind().to_string(),
                message.to_bytes().unwrap(),
            )
        } else {
            let message = EventMessage::from_bytes(&golden).unwrap();
            (message.event_type.to_string(), message.to_bytes().unwrap())
        };
        assert_eq!(
            name.split('.').nth(1),
            Some(kind.as_str()),
            "{name} holds another message"
        );
        // A message of an older version is written again as the current one.
        let current = written().iter().any(|(current, _)| *current == name);
        if current {
            assert_eq!(
                meaning(json(&again)),
                meaning(json(&golden)),
                "{name} says something else now"
            );
        }
    }
}
