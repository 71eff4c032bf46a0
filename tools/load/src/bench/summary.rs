//! Repeated runs, put together.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use crate::measure::latency::{Latency, median};
use crate::measure::report::{Missing, Report, Throughput};
use crate::measure::usage::Usage;

/// One report per name, in the order of the first runs: medians of rates and latencies, sums of counts.
pub(crate) fn medians(reports: &[Report]) -> Vec<Report> {
    let mut groups: Vec<(&str, Vec<&Report>)> = Vec::new();
    for report in reports {
        match groups.iter_mut().find(|(name, _)| *name == report.name) {
            Some((_, group)) => group.push(report),
            None => groups.push((&report.name, vec![report])),
        }
    }
    groups
        .into_iter()
        .filter_map(|(_, group)| merged(&group))
        .collect()
}

/// Everything as one line of JSON.
pub(crate) fn json(reports: &[Report], disk: Option<Latency>) -> Result<String> {
    Ok(serde_json::to_string(
        &json!({ "runs": reports, "fdatasync": disk }),
    )?)
}

fn merged(group: &[&Report]) -> Option<Report> {
    let (&first, rest) = group.split_first()?;
    if rest.is_empty() {
        return Some(first.clone());
    }
    let mut whole = first.clone();
    let sum = |field: fn(&Report) -> u64| group.iter().map(|report| field(report)).sum::<u64>();
    whole.accepted = sum(|report| report.accepted);
    whole.applied = sum(|report| report.applied);
    whole.rejected = sum(|report| report.rejected);
    whole.live = sum(|report| report.live);
    whole.refusals = sum(|report| report.refusals);
    whole.given_up = sum(|report| report.given_up);
    whole.resyncs = sum(|report| report.resyncs);
    whole.reconnects = group.iter().map(|report| report.reconnects).sum();
    whole.missing = Missing {
        outcomes: sum(|report| report.missing.outcomes),
        events: sum(|report| report.missing.events),
        live: sum(|report| report.missing.live),
    };
    for report in rest {
        for (answer, count) in &report.failed {
            *whole.failed.entry(answer.clone()).or_default() += count;
        }
    }
    let rate = |field: fn(&Report) -> f64| middle(group.iter().map(|report| field(report)));
    whole.throughput = Throughput {
        accepted_per_s: rate(|report| report.throughput.accepted_per_s),
        applied_per_s: rate(|report| report.throughput.applied_per_s),
    };
    whole.accept = latency(group.iter().filter_map(|report| report.accept));
    whole.apply = latency(group.iter().filter_map(|report| report.apply));
    whole.event = latency(group.iter().filter_map(|report| report.event));
    whole.usage = usage(group);
    Some(whole)
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    median(&values.collect::<Vec<_>>()).unwrap_or_default()
}

fn latency(runs: impl Iterator<Item = Latency>) -> Option<Latency> {
    let runs: Vec<Latency> = runs.collect();
    let of = |field: fn(&Latency) -> f64| median(&runs.iter().map(field).collect::<Vec<_>>());
    Some(Latency {
        p50_ms: of(|run| run.p50_ms)?,
        p99_ms: of(|run| run.p99_ms)?,
        max_ms: of(|run| run.max_ms)?,
    })
}

/// Memory is the most of any run; CPU seconds are added up, as the commands are.
fn usage(group: &[&Report]) -> BTreeMap<String, Usage> {
    let mut whole: BTreeMap<String, Usage> = BTreeMap::new();
    for (name, used) in group.iter().flat_map(|report| &report.usage) {
        let entry = whole.entry(name.clone()).or_default();
        entry.peak_bytes = entry.peak_bytes.max(used.peak_bytes);
        entry.cpu_s += used.cpu_s;
        entry.cores += used.cores / group.len() as f64;
    }
    whole
}
