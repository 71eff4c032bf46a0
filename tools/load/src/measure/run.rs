//! One measured run: drive, drain, look into the database, compare.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use uuid::Uuid;

use super::applied::{Database, Decided};
use super::events::Events;
use super::report::{Missing, Report, Throughput};
use super::usage::Watch;
use crate::control::child::Server;
use crate::drive::engine::{self, Driven, Plan};
use crate::drive::request::Requests;
use crate::drive::watch::{Seen, Watcher};
use crate::measure::latency::Latency;

/// Longest wait for what was accepted to be decided, published and seen.
const DRAIN_LIMIT: Duration = Duration::from_secs(120);
/// After so long without progress there is nothing more to come.
const STILL_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(50);

/// What is under load.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) requests: Requests,
    pub(crate) database: Database,
    /// Live streams; the control has none.
    pub(crate) watcher: Option<Watcher>,
    /// The stream of events; the control has none.
    pub(crate) events: Option<Events>,
    /// Process ids by name.
    pub(crate) processes: BTreeMap<String, u32>,
    /// The control, which ends with its target.
    pub(crate) _server: Option<Server>,
}

/// Runs a plan against a target and says what became of every request.
pub(crate) async fn measure(target: &Target, name: &str, plan: Plan) -> Result<Report> {
    let before = target.database.decided_count().await?;
    let reconnects = target.watcher.as_ref().map_or(0, Watcher::reconnects);
    if let Some(watcher) = &target.watcher {
        watcher.take();
    }
    let last_event = match &target.events {
        Some(events) => events.last_seq().await?,
        None => 0,
    };
    let usage = Watch::start(&target.processes);
    let driven = engine::drive(Arc::new(target.requests.renewed()), plan).await;
    drain(target, before, driven.accepted.len()).await?;
    let usage = usage.finish();
    // The broker's clock is this machine's, but nothing is won by being exact here.
    let decided = target
        .database
        .decided_since(driven.began_us - 1_000_000)
        .await?;
    let published = match &target.events {
        Some(events) => Some(events.visits_after(last_event).await?),
        None => None,
    };
    let seen = target.watcher.as_ref().map(Watcher::take);
    let mut report = compare(name, &driven, &decided, seen.as_ref(), published.as_ref());
    report.usage = usage;
    report.reconnects = target.watcher.as_ref().map_or(0, Watcher::reconnects) - reconnects;
    Ok(report)
}

/// Waits until everything is decided and seen, or nothing moves any more.
async fn drain(target: &Target, decided_before: u64, accepted: usize) -> Result<()> {
    let wanted = (
        accepted as u64 + decided_before,
        if target.watcher.is_some() {
            accepted
        } else {
            0
        },
    );
    let began = Instant::now();
    let mut moved = (Instant::now(), (0, 0));
    loop {
        let decided = target.database.decided_count().await?;
        let state = (decided, target.watcher.as_ref().map_or(0, Watcher::visits));
        if state.0 >= wanted.0 && state.1 >= wanted.1 {
            return Ok(());
        }
        if state != moved.1 {
            moved = (Instant::now(), state);
        }
        if moved.0.elapsed() > STILL_LIMIT || began.elapsed() > DRAIN_LIMIT {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}

fn compare(
    name: &str,
    driven: &Driven,
    decided: &HashMap<Uuid, Decided>,
    seen: Option<&Seen>,
    published: Option<&HashSet<Uuid>>,
) -> Report {
    let mut latencies = [Vec::new(), Vec::new(), Vec::new()];
    let mut missing = Missing::default();
    let (mut applied, mut rejected, mut live, mut last_commit_us) =
        (0_u64, 0_u64, 0_u64, driven.began_us);
    for command in &driven.accepted {
        latencies[0].push(command.answered_us - command.sent_us);
        match decided.get(&command.command_id) {
            None => missing.outcomes += 1,
            Some(outcome) if !outcome.applied => rejected += 1,
            Some(outcome) => {
                applied += 1;
                last_commit_us = last_commit_us.max(outcome.committed_us);
                latencies[1].push(outcome.committed_us - command.sent_us);
                if published.is_some_and(|visits| !visits.contains(&command.visit_id)) {
                    missing.events += 1;
                }
                match seen.map(|seen| seen.first_us.get(&command.visit_id)) {
                    Some(Some(at_us)) => {
                        live += 1;
                        latencies[2].push(at_us - command.sent_us);
                    }
                    Some(None) => missing.live += 1,
                    None => {}
                }
            }
        }
    }
    let first_us = driven
        .accepted
        .iter()
        .map(|command| command.sent_us)
        .min()
        .unwrap_or(driven.began_us);
    let whole_s = (last_commit_us - first_us).max(1) as f64 / 1_000_000.0;
    let accepted = driven.accepted.len() as u64;
    let throughput = Throughput {
        accepted_per_s: accepted as f64 / driven.window.as_secs_f64(),
        applied_per_s: applied as f64 / whole_s,
    };
    let [accept, apply, event] = latencies.map(Latency::of);
    Report {
        name: name.to_owned(),
        accepted,
        refusals: driven.refusals,
        given_up: driven.given_up,
        failed: driven.failed.clone(),
        applied,
        rejected,
        live,
        resyncs: seen.map_or(0, |seen| seen.resyncs),
        reconnects: 0,
        throughput,
        accept,
        apply,
        event,
        missing,
        usage: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::engine::Accepted;

    fn accepted(id: u128, sent_us: i64) -> Accepted {
        Accepted {
            command_id: Uuid::from_u128(id),
            visit_id: Uuid::from_u128(id + 100),
            sent_us,
            answered_us: sent_us + 500,
        }
    }

    #[test]
    fn what_is_missing_is_counted_and_the_rate_includes_the_backlog() {
        let driven = Driven {
            accepted: vec![accepted(1, 0), accepted(2, 1_000), accepted(3, 2_000)],
            window: Duration::from_secs(1),
            ..Driven::default()
        };
        let decided = HashMap::from([
            (
                Uuid::from_u128(1),
                Decided {
                    committed_us: 2_000_000,
                    applied: true,
                },
            ),
            (
                Uuid::from_u128(2),
                Decided {
                    committed_us: 9_000_000,
                    applied: false,
                },
            ),
        ]);
        let seen = Seen {
            first_us: HashMap::from([(Uuid::from_u128(101), 3_000_000)]),
            ..Seen::default()
        };
        let report = compare("r", &driven, &decided, Some(&seen), Some(&HashSet::new()));
        assert_eq!(
            (
                report.accepted,
                report.applied,
                report.rejected,
                report.live
            ),
            (3, 1, 1, 1)
        );
        assert_eq!(
            report.missing,
            Missing {
                outcomes: 1,
                events: 1,
                live: 0
            }
        );
        assert_eq!(
            report.throughput,
            Throughput {
                accepted_per_s: 3.0,
                applied_per_s: 0.5
            }
        );
        assert_eq!(report.event.map(|latency| latency.p50_ms), Some(3_000.0));
    }
}
