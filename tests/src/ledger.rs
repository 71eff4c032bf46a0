//! What clients were told under an outage, to be held against what happened.

use crate::await_until::Pace;
use crate::checker::evidence::Evidence;
use crate::client::{Answer, Client};
use crate::samples;
use anyhow::Result;
use medique_contracts::Outcome;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Pause between two posts of one poster.
const PACE: Duration = Duration::from_millis(40);

/// One check-in that was posted once.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Found again in the stored command.
    pub mark: String,
    /// Its idempotency key.
    pub key: String,
    /// What the client was told.
    pub told: Told,
    /// When.
    pub at: Instant,
}

/// What a client can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// 202.
    Accepted(Uuid),
    /// 503 with a code.
    Unavailable(String),
    /// Anything else: a defect.
    Other(String),
    /// The connection broke.
    Nothing(String),
}

impl Told {
    /// What an answer tells.
    pub fn by(answer: &Result<Answer>) -> Self {
        match answer {
            Ok(answer) if answer.status == 202 => match answer.id("/command_id") {
                Ok(id) => Self::Accepted(id),
                Err(error) => Self::Other(format!("{error:#}")),
            },
            Ok(answer) if answer.status == 503 && answer.header("retry-after").is_some() => {
                Self::Unavailable(answer.code().unwrap_or_default().to_owned())
            }
            Ok(answer) => Self::Other(answer.to_string()),
            Err(error) => Self::Nothing(format!("{error:#}")),
        }
    }
}

/// Posters that go on until they are told to stop.
#[derive(Debug)]
pub struct Posting {
    posters: JoinSet<Vec<Entry>>,
    stop: Arc<AtomicBool>,
}

impl Posting {
    /// Starts so many posters, each checking one patient in after the other.
    pub fn start(client: &Client, departments: &[Uuid], posters: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut set = JoinSet::new();
        for (number, department) in (0..posters).zip(departments.iter().cycle()) {
            set.spawn(post(client.clone(), *department, number, Arc::clone(&stop)));
        }
        Self { posters: set, stop }
    }

    /// Stops them and gives what they were told.
    pub async fn stop(self) -> Vec<Entry> {
        self.stop.store(true, Ordering::Relaxed);
        self.posters
            .join_all()
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

async fn post(
    client: Client,
    department: Uuid,
    number: usize,
    stop: Arc<AtomicBool>,
) -> Vec<Entry> {
    let mut pace = Pace::every(PACE);
    let mut entries = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        pace.beat().await;
        let mark = format!("p{number}n{}", entries.len());
        let key = Uuid::new_v4().to_string();
        let answer = client
            .post("/visits", &samples::visit(department, &mark))
            .key(&key)
            .send()
            .await;
        entries.push(Entry {
            mark,
            key,
            told: Told::by(&answer),
            at: Instant::now(),
        });
    }
    entries
}

/// Holds what clients were told against what the streams and tables say.
pub fn untruths(entries: &[Entry], evidence: &Evidence) -> Vec<String> {
    let mut untruths = Vec::new();
    for entry in entries {
        let stored = evidence.commands_with(&entry.mark).len();
        let mark = &entry.mark;
        match &entry.told {
            Told::Accepted(id) => match evidence.inbox.get(id).map(|row| &row.outcome) {
                Some(Outcome::Applied { .. } | Outcome::Rejected { .. }) if stored == 1 => {}
                outcome => untruths.push(format!(
                    "{mark} was accepted, stored {stored} times, outcome {outcome:?}"
                )),
            },
            Told::Unavailable(code) => {
                let most = match code.as_str() {
                    "not_accepted" | "queue_full" | "database_unavailable" => 0,
                    "outcome_unknown" => 1,
                    _ => {
                        untruths.push(format!(
                            "{mark} was told the code {code:?}, which says neither"
                        ));
                        continue;
                    }
                };
                if stored > most {
                    untruths.push(format!(
                        "{mark} was told {code} and is stored {stored} times"
                    ));
                }
            }
            Told::Other(what) => untruths.push(format!("{mark} was told {what}")),
            // the api itself was not hurt
            Told::Nothing(error) => untruths.push(format!("{mark} was told nothing: {error}")),
        }
    }
    untruths
}

/// How many entries were told something.
pub fn count(entries: &[Entry], wanted: impl Fn(&Told) -> bool) -> usize {
    entries.iter().filter(|entry| wanted(&entry.told)).count()
}
