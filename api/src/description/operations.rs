//! The generator writes a path once per group of operations that has it, so that `/departments`
//! stands twice, with POST and with GET; a reader of JSON would keep the last of the two.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The generator's document with the operations of equal paths together.
pub(super) fn whole(text: &str) -> Value {
    let Ok(Document { paths, mut rest }) = serde_json::from_str(text) else {
        return Value::Null;
    };
    rest.insert("paths".to_owned(), Value::Object(paths.0));
    Value::Object(rest)
}

#[derive(Deserialize)]
struct Document {
    paths: Paths,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

struct Paths(Map<String, Value>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Together)
    }
}

struct Together;

impl<'de> Visitor<'de> for Together {
    type Value = Paths;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("paths")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Paths, A::Error> {
        let mut paths = Map::new();
        while let Some((path, operations)) = entries.next_entry::<String, Map<String, Value>>()? {
            let known = paths.entry(path).or_insert_with(|| Map::new().into());
            if let Some(known) = known.as_object_mut() {
                known.extend(operations);
            }
        }
        Ok(Paths(paths))
    }
}
