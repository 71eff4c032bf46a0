//! The committed documents are those that this build generates, and they hang together.

use crate::{UPDATE, update_wanted};
use medique_contracts::commands::CommandKind;
use medique_contracts::events::EventType;
use medique_contracts::schemas;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn parsed() -> BTreeMap<String, Value> {
    let documents = schemas::documents().unwrap();
    documents
        .into_iter()
        .map(|(path, text)| (path, serde_json::from_str(&text).unwrap()))
        .collect()
}

/// Paths of all files below `folder`, relative to it, with forward slashes.
fn committed(folder: &Path, below: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            committed(&entry.path(), &format!("{name}/"), found);
        } else {
            found.push(name);
        }
    }
}

#[test]
fn committed_documents_are_those_that_the_types_generate() {
    let generated = schemas::documents().unwrap();
    if update_wanted() {
        let _ = fs::remove_dir_all(folder());
        for (path, text) in &generated {
            let path = folder().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let mut found = Vec::new();
    committed(&folder(), "", &mut found);
    let stale: Vec<_> = found
        .iter()
        .filter(|path| !generated.contains_key(*path))
        .collect();
    assert!(
        stale.is_empty(),
        "files that nothing generates: {stale:?}; update with\n    {UPDATE}"
    );
    for (path, text) in &generated {
        let on_disk = fs::read_to_string(folder().join(path)).unwrap_or_default();
        assert!(
            on_disk == *text,
            "contracts/schemas/{path} is out of date; update with\n    {UPDATE}"
        );
    }
}

/// Follows `reference`, found in the document at `path`.
fn resolve<'a>(
    documents: &'a BTreeMap<String, Value>,
    path: &str,
    reference: &str,
) -> Option<&'a Value> {
    let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    let file = if file.is_empty() {
        path
    } else {
        file.strip_prefix("./")?
    };
    documents.get(file)?.pointer(pointer)
}

fn for_each_reference(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                visit(reference);
            }
            members
                .values()
                .for_each(|value| for_each_reference(value, visit));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|value| for_each_reference(value, visit)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let documents = parsed();
    let mut seen = 0;
    for (path, document) in &documents {
        for_each_reference(document, &mut |reference| {
            seen += 1;
            assert!(
                resolve(&documents, path, reference).is_some(),
                "{path}: {reference} leads nowhere"
            );
        });
    }
    assert!(seen > 100, "the documents hardly refer to anything");
}

#[test]
fn every_message_has_its_schema_and_its_id() {
    let documents = parsed();
    for kind in CommandKind::ALL {
        let document = &documents[&format!("commands/{kind}.v{}.json", CommandKind::VERSION)];
        assert_eq!(document["$id"], schemas::command_id(*kind));
        assert!(
            document.pointer("/properties/payload").is_some(),
            "{kind} has no payload"
        );
        assert!(!kind.description().is_empty());
    }
    for event_type in EventType::ALL {
        let document = &documents[&format!("events/{event_type}.v{}.json", EventType::VERSION)];
        assert_eq!(document["$id"], schemas::event_id(*event_type));
        assert!(
            document.pointer("/properties/facts/properties").is_some(),
            "{event_type} has no facts"
        );
    }
}

#[test]
fn asyncapi_describes_every_subject() {
    let documents = parsed();
    let api = &documents["asyncapi.json"];
    assert_eq!(api["asyncapi"], "3.0.0");
    for section in ["info", "servers", "channels", "operations", "components"] {
        assert!(api[section].is_object(), "{section} is missing");
    }
    let channels = api["channels"].as_object().unwrap();
    assert_eq!(
        channels.len(),
        CommandKind::ALL.len() + EventType::ALL.len() + 1
    );
    for (name, channel) in channels {
        let operations = api["operations"].as_object().unwrap().values();
        let target = format!("#/channels/{name}");
        let actions: Vec<_> = operations
            .filter(|operation| operation["channel"]["$ref"] == *target)
            .map(|operation| operation["action"].as_str().unwrap())
            .collect();
        assert_eq!(actions.len(), 2, "{name} has a sender and a receiver");
        assert!(
            actions.contains(&"send") && actions.contains(&"receive"),
            "{name}: {actions:?}"
        );
        assert!(
            channel["messages"][name].is_object(),
            "{name} carries no message"
        );
        let address = channel["address"].as_str().unwrap();
        for parameter in address
            .split('.')
            .filter_map(|token| token.strip_prefix('{')?.strip_suffix('}'))
        {
            assert!(
                channel["parameters"][parameter].is_object(),
                "{name}: {parameter} is not described"
            );
        }
    }
}
