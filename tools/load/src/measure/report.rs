//! What a run showed, for people and for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::latency::Latency;
use super::usage::Usage;
use crate::term::thousands;

/// Cores that strangers may use before a run says little.
const QUIET_CORES: f64 = 0.5;

/// Everything that one run showed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) accepted: u64,
    /// Answers "not now" (503, 429); the requests were repeated.
    pub(crate) refusals: u64,
    /// Requests that were still refused when the run ended.
    pub(crate) given_up: u64,
    /// Other answers, by status.
    pub(crate) failed: BTreeMap<String, u64>,
    pub(crate) applied: u64,
    /// Accepted, then refused by a rule.
    pub(crate) rejected: u64,
    /// Applied, and seen on a live stream.
    pub(crate) live: u64,
    pub(crate) resyncs: u64,
    pub(crate) reconnects: u32,
    #[serde(flatten)]
    pub(crate) throughput: Throughput,
    pub(crate) accept: Option<Latency>,
    pub(crate) apply: Option<Latency>,
    pub(crate) event: Option<Latency>,
    pub(crate) missing: Missing,
    pub(crate) usage: BTreeMap<String, Usage>,
}

/// Rates of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Throughput {
    /// Over the time in which requests were sent.
    pub(crate) accepted_per_s: f64,
    /// From the first request to the last commit: it includes draining the backlog.
    pub(crate) applied_per_s: f64,
}

/// What should be there and is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Missing {
    /// Accepted commands without an outcome.
    pub(crate) outcomes: u64,
    /// Applied commands without an event in the stream.
    pub(crate) events: u64,
    /// Applied commands whose event did not arrive on a live stream.
    pub(crate) live: u64,
}

impl Missing {
    /// Whether nothing is missing.
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Header and rows of the table of rates and latencies.
pub(crate) fn rates(reports: &[Report]) -> Vec<Vec<String>> {
    let header = [
        "run",
        "accepted/s",
        "applied/s",
        "refused",
        "accept p50/p99 ms",
        "applied p50/p99 ms",
        "live p50/p99 ms",
        "missing",
    ];
    let row = |report: &Report| {
        let missing = report.missing;
        let failed: u64 = report.failed.values().sum();
        let mut gaps = format!("{}", missing.outcomes + missing.events + missing.live);
        // Whoever cannot keep up with a stream is told to read anew, and does not get every event.
        if !missing.is_none() {
            gaps.push_str(&format!(
                " ({} undecided, {} unpublished, {} not on the stream after {} resyncs)",
                missing.outcomes, missing.events, missing.live, report.resyncs
            ));
        }
        if failed > 0 {
            gaps.push_str(&format!(" (+{failed} failed)"));
        }
        let mark = if report.is_noisy() { " (noisy)" } else { "" };
        vec![
            format!("{}{mark}", report.name),
            thousands(report.throughput.accepted_per_s),
            thousands(report.throughput.applied_per_s),
            thousands(report.refusals as f64),
            pair(report.accept),
            pair(report.apply),
            pair(report.event),
            gaps,
        ]
    };
    std::iter::once(header.map(str::to_owned).to_vec())
        .chain(reports.iter().map(row))
        .collect()
}

/// Header and rows of the table of memory and CPU.
pub(crate) fn resources(reports: &[Report]) -> Vec<Vec<String>> {
    let mut names: Vec<&String> = reports
        .iter()
        .flat_map(|report| report.usage.keys())
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut rows = vec![vec!["MB / cores".to_owned()]];
    rows[0].extend(names.iter().map(|name| (*name).clone()));
    rows[0].push("servers' CPU us/cmd".to_owned());
    for report in reports {
        let mut row = vec![report.name.clone()];
        row.extend(names.iter().map(|name| {
            report
                .usage
                .get(*name)
                .map_or_else(String::new, |usage| used(*usage))
        }));
        row.push(
            report
                .server_us_per_command()
                .map_or_else(String::new, thousands),
        );
        rows.push(row);
    }
    rows
}

impl Report {
    /// Whether others used so much of the machine that the run says little about us.
    pub(crate) fn is_noisy(&self) -> bool {
        self.usage
            .get("others")
            .is_some_and(|usage| usage.cores > QUIET_CORES)
    }

    /// CPU of everything but the generator and strangers, per applied command.
    fn server_us_per_command(&self) -> Option<f64> {
        let ours = self
            .usage
            .iter()
            .filter(|(name, _)| !["client", "others"].contains(&name.as_str()));
        let cpu_s: f64 = ours.map(|(_, usage)| usage.cpu_s).sum();
        (self.applied > 0).then(|| cpu_s * 1_000_000.0 / self.applied as f64)
    }
}

fn used(usage: Usage) -> String {
    match usage.peak_bytes {
        0 => format!("{:.2}", usage.cores),
        bytes => format!("{:.0} / {:.2}", bytes as f64 / 1_000_000.0, usage.cores),
    }
}

fn pair(latency: Option<Latency>) -> String {
    let Some(latency) = latency else {
        return "-".to_owned();
    };
    let digits = |ms: f64| {
        if ms < 100.0 {
            format!("{ms:.1}")
        } else {
            thousands(ms)
        }
    };
    format!("{} / {}", digits(latency.p50_ms), digits(latency.p99_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_shown_with_the_digits_that_matter() {
        let latency = Latency {
            p50_ms: 1.24,
            p99_ms: 1_234.4,
            max_ms: 2_000.0,
        };
        assert_eq!(pair(Some(latency)), "1.2 / 1,234");
        assert_eq!(pair(None), "-");
        let usage = Usage {
            peak_bytes: 52_000_000,
            cores: 0.456,
            cpu_s: 1.0,
        };
        assert_eq!(used(usage), "52 / 0.46");
    }
}
