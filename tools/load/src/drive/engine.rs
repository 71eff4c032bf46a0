//! Runs many connections for a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Deserialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::pace::{Due, Load, Pace};
use super::request::{Requests, scatter};
use crate::clock::wall_us;
use crate::http::connection::{Connection, Reply};

/// Pause before a refused request is repeated. Shorter than the API asks for, so that a gate that
/// opens is found open, and scattered, so that not all connections come at once.
const PAUSE_MS: u64 = 50;
/// How long a request whose fate is unknown is repeated after the run's end.
const SETTLE: Duration = Duration::from_secs(10);

/// What to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) load: Load,
    pub(crate) duration: Duration,
    pub(crate) connections: u16,
}

/// A check-in that the API accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accepted {
    pub(crate) command_id: Uuid,
    pub(crate) visit_id: Uuid,
    /// Where its latencies count from, microseconds since 1970.
    pub(crate) sent_us: i64,
    /// Until the whole answer was read.
    pub(crate) answered_us: i64,
}

/// What was answered.
#[derive(Debug, Default)]
pub(crate) struct Driven {
    pub(crate) accepted: Vec<Accepted>,
    /// Answers "not now": 429 and 503.
    pub(crate) refusals: u64,
    /// Requests that were still refused when the run ended.
    pub(crate) given_up: u64,
    /// Any other answer, by status.
    pub(crate) failed: BTreeMap<String, u64>,
    /// For how long requests were sent.
    pub(crate) window: Duration,
    /// Microseconds since 1970.
    pub(crate) began_us: i64,
}

#[derive(Deserialize)]
struct AcceptedBody {
    command_id: Uuid,
    visit_id: Uuid,
}

/// Runs the plan to its end.
pub(crate) async fn drive(requests: Arc<Requests>, plan: Plan) -> Driven {
    let began_us = wall_us();
    let pace = Arc::new(Pace::start(plan.load, plan.duration));
    let results = Arc::new(Mutex::new(Driven::default()));
    let mut connections = JoinSet::new();
    for _ in 0..plan.connections {
        let (requests, pace, results) = (
            Arc::clone(&requests),
            Arc::clone(&pace),
            Arc::clone(&results),
        );
        connections.spawn(async move {
            let mut connection = Connection::new(requests.address());
            while let Some(due) = pace.next().await {
                settle(&mut connection, &requests, &pace, due, &results).await;
            }
        });
    }
    while connections.join_next().await.is_some() {}
    let mut driven = results
        .lock()
        .map(|mut results| std::mem::take(&mut *results))
        .unwrap_or_default();
    driven.began_us = began_us;
    driven.window = plan.duration;
    driven
}

/// Sends one request until it is accepted, fails, or the run is over.
async fn settle(
    connection: &mut Connection,
    requests: &Requests,
    pace: &Pace,
    due: Due,
    results: &Mutex<Driven>,
) {
    for attempt in 0_u64.. {
        // In closed loop each attempt stands for itself; in open loop the client waits from the first.
        let origin = due.origin.unwrap_or_else(Instant::now);
        let answer = exchange(connection, requests, due.number).await;
        let answered_us = wall_us();
        if note(results, answer, pace, origin, answered_us) {
            return;
        }
        let pause_ms = PAUSE_MS / 2 + scatter(due.number ^ (attempt << 48)) % PAUSE_MS;
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
}

/// Notes an answer and says whether the request is settled.
fn note(
    results: &Mutex<Driven>,
    answer: Result<Reply>,
    pace: &Pace,
    origin: Instant,
    answered_us: i64,
) -> bool {
    let Ok(mut results) = results.lock() else {
        return true;
    };
    match answer {
        Ok(reply) if reply.status == 503 || reply.status == 429 => {
            results.refusals += 1;
            results.given_up += u64::from(pace.is_over());
            pace.is_over()
        }
        Ok(reply) => {
            results.note(&reply, origin, answered_us);
            true
        }
        Err(_) if Instant::now() < pace.end() + SETTLE => false,
        Err(_) => {
            *results.failed.entry("no answer".to_owned()).or_default() += 1;
            true
        }
    }
}

async fn exchange(connection: &mut Connection, requests: &Requests, number: u64) -> Result<Reply> {
    let request = requests.check_in(number).await?;
    connection.send(request).await
}

impl Driven {
    fn note(&mut self, reply: &Reply, origin: Instant, answered_us: i64) {
        let body = serde_json::from_slice::<AcceptedBody>(&reply.body).ok();
        let ago_us = i64::try_from(origin.elapsed().as_micros()).unwrap_or(i64::MAX);
        match (reply.status, body) {
            (
                200..=202,
                Some(AcceptedBody {
                    command_id,
                    visit_id,
                }),
            ) => {
                self.accepted.push(Accepted {
                    command_id,
                    visit_id,
                    sent_us: wall_us() - ago_us,
                    answered_us,
                });
            }
            (status, _) => *self.failed.entry(format!("status {status}")).or_default() += 1,
        }
    }
}
