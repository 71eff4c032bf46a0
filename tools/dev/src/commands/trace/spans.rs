//! Spans as the sink wrote them down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

const VISIT: &str = "medique.visit.id";

/// One step.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Span {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) name: String,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    #[serde(default)]
    pub(crate) service: Option<String>,
    #[serde(default)]
    pub(crate) instance: Option<String>,
    #[serde(default)]
    pub(crate) attributes: Map<String, Value>,
    #[serde(default)]
    pub(crate) failed: bool,
}

impl Span {
    /// An attribute as people read it.
    pub(crate) fn attribute(&self, key: &str) -> Option<String> {
        match self.attributes.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }
}

/// The steps of every trace that has to do with a visit, or of the trace with this id; traces in the order in which
/// they began.
pub(crate) fn of(dir: &Path, id: &str) -> Result<Vec<Vec<Span>>> {
    let wanted = id.to_lowercase();
    let mut ids = BTreeSet::new();
    each(dir, |span| {
        if span.trace_id == wanted || span.attribute(VISIT).is_some_and(|visit| visit == wanted) {
            ids.insert(span.trace_id);
        }
    })?;
    let mut traces: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    each(dir, |span| {
        if ids.contains(&span.trace_id) {
            traces.entry(span.trace_id.clone()).or_default().push(span);
        }
    })?;
    let mut traces: Vec<_> = traces.into_values().collect();
    traces.sort_by_key(|spans| spans.iter().map(|span| span.start_us).min());
    Ok(traces)
}

/// Twice over the files instead of once over everything in memory: they hold days of everybody's visits.
fn each(dir: &Path, mut take: impl FnMut(Span)) -> Result<()> {
    for name in ["spans.jsonl.1", "spans.jsonl"] {
        let path = dir.join(name);
        if !path.exists() {
            continue;
        }
        let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for line in BufReader::new(file).lines() {
            // The last line may be half written.
            if let Ok(span) = serde_json::from_str(&line?) {
                take(span);
            }
        }
    }
    Ok(())
}
