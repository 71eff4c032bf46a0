//! `admin partitions`: lets a worker or a partition rest, and go on.
//!
//! A row says what is to rest; workers look at it with every renewal of their leases. Nothing is
//! taken by force: what is in hand is finished, its events are published, then the lease is freed.
//! Accepted commands wait in the stream meanwhile.

use super::{Answer, OPERATOR, Progress, Table, change};
use anyhow::{bail, ensure};
use chrono::{DateTime, Utc};
use medique_contracts::subjects::PARTITIONS;
use medique_platform::audit::{self, Fact, FactKind};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::{Duration, Instant};

/// How often it is looked whether the leases are free.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Rest and go on.
#[derive(Debug, clap::Subcommand)]
pub enum Partitions {
    /// List what was told to rest.
    Ls,
    /// Let a worker or a partition finish, and free its leases until `resume`, also over restarts.
    ///
    /// A worker's partitions go to the other workers. A partition's commands are accepted and wait.
    Drain {
        #[command(flatten)]
        target: Target,
        /// Why; stands in the audit trail.
        #[arg(long)]
        reason: String,
        /// Do it although no other worker is there to take over, or nobody has this id.
        #[arg(long)]
        force: bool,
        /// How long to wait for the leases, seconds; 0 does not wait.
        #[arg(long, default_value_t = 60)]
        wait_s: u64,
    },
    /// Let a worker or a partition go on.
    Resume {
        #[command(flatten)]
        target: Target,
    },
}

/// What is meant.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Target {
    /// A worker, by its id as `admin status` prints it.
    #[arg(long)]
    worker: Option<String>,
    /// A partition, by its number.
    #[arg(long, value_parser = clap::value_parser!(i16).range(0..i64::from(PARTITIONS)))]
    partition: Option<i16>,
}

#[derive(Debug, Serialize, sqlx::FromRow)]
pub(super) struct Drain {
    kind: String,
    name: String,
    reason: String,
    asked_by: String,
    asked_at: DateTime<Utc>,
}

impl Drain {
    pub(super) async fn all(pool: &PgPool) -> Result<Vec<Self>, sqlx::Error> {
        sqlx::query_as(
            "SELECT 'worker' AS kind, worker AS name, reason, asked_by, asked_at FROM worker_drain \
             UNION ALL SELECT 'partition', partition::text, reason, asked_by, asked_at FROM partition_drain \
              ORDER BY 1 DESC, 5",
        )
        .fetch_all(pool)
        .await
    }

    pub(super) fn is_of_worker(&self, worker: &str) -> bool {
        self.kind == "worker" && self.name == worker
    }

    pub(super) fn line(&self) -> String {
        let Self {
            kind,
            name,
            reason,
            asked_at,
            ..
        } = self;
        format!(
            "{kind} {name} was told to rest at {}: {reason}",
            asked_at.format("%Y-%m-%d %H:%M")
        )
    }
}

impl Partitions {
    pub(super) async fn run(self, pool: &PgPool) -> anyhow::Result<Answer> {
        match self {
            Self::Ls => {
                let drains = Drain::all(pool).await?;
                let mut table = Table::new(["what", "name", "since", "asked by", "reason"]);
                for drain in &drains {
                    table.row([
                        drain.kind.clone(),
                        drain.name.clone(),
                        drain.asked_at.format("%Y-%m-%d %H:%M:%S").to_string(),
                        drain.asked_by.clone(),
                        drain.reason.clone(),
                    ]);
                }
                let text = table.text_or("everything is at work");
                Ok(Answer::ok(text, json!({ "drains": drains })))
            }
            Self::Drain {
                target,
                reason,
                force,
                wait_s,
            } => {
                ensure!(!reason.trim().is_empty(), "a reason must be given");
                target.can_rest(pool, force).await?;
                target.drain(pool, reason).await?;
                target.await_rest(pool, Duration::from_secs(wait_s)).await
            }
            Self::Resume { target } => {
                let was_at_rest = target.resume(pool).await?;
                let text = match was_at_rest {
                    true => format!("{} goes on", target.name()),
                    false => format!("{} was not told to rest", target.name()),
                };
                Ok(Answer::ok(text, json!({ "resumed": was_at_rest })))
            }
        }
    }
}

impl Target {
    fn name(&self) -> String {
        match (&self.worker, self.partition) {
            (Some(worker), _) => format!("worker {worker}"),
            (None, partition) => format!("partition {}", partition.unwrap_or_default()),
        }
    }

    fn facts(&self) -> Value {
        json!({ "worker": self.worker, "partition": self.partition })
    }

    /// Refuses what would leave partitions without an owner, and names that mean nobody.
    async fn can_rest(&self, pool: &PgPool, force: bool) -> anyhow::Result<()> {
        // That the commands of a partition wait is what is asked for.
        let Some(worker) = &self.worker else {
            return Ok(());
        };
        let (is_alive, others): (bool, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE id = $1) > 0, count(*) FILTER (WHERE id <> $1) FROM worker \
              WHERE alive_until > now() AND id NOT IN (SELECT worker FROM worker_drain)",
        )
        .bind(worker)
        .fetch_one(pool)
        .await?;
        let rests = Drain::all(pool).await?;
        let rests = rests.iter().any(|drain| drain.is_of_worker(worker));
        if !is_alive && !rests && !force {
            bail!("no worker {worker} takes part now; say --force to keep it from beginning");
        }
        ensure!(
            others > 0 || force,
            "no other worker would take over, so nothing would be decided; say --force if that is meant"
        );
        Ok(())
    }

    async fn drain(&self, pool: &PgPool, reason: String) -> anyhow::Result<()> {
        let fact = Fact {
            facts: self.facts(),
            detail: Some(json!({ "reason": reason })),
            ..Fact::new(FactKind::PartitionsDrained, None, OPERATOR)
        };
        let target = self.clone();
        change(pool, move |connection| {
            Box::pin(async move {
                let statement = match &target.worker {
                    Some(worker) => sqlx::query(
                        "INSERT INTO worker_drain (worker, reason, asked_by) VALUES ($1, $2, current_user) \
                         ON CONFLICT DO NOTHING",
                    )
                    .bind(worker),
                    None => sqlx::query(
                        "INSERT INTO partition_drain (partition, reason, asked_by) VALUES ($1, $2, current_user) \
                         ON CONFLICT DO NOTHING",
                    )
                    .bind(target.partition),
                };
                let done = statement.bind(reason).execute(&mut *connection).await?;
                if done.rows_affected() == 1 {
                    audit::append(connection, &fact).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn resume(&self, pool: &PgPool) -> anyhow::Result<bool> {
        let fact = Fact {
            facts: self.facts(),
            ..Fact::new(FactKind::PartitionsResumed, None, OPERATOR)
        };
        let target = self.clone();
        change(pool, move |connection| {
            Box::pin(async move {
                let statement = match &target.worker {
                    Some(worker) => {
                        sqlx::query("DELETE FROM worker_drain WHERE worker = $1").bind(worker)
                    }
                    None => sqlx::query("DELETE FROM partition_drain WHERE partition = $1")
                        .bind(target.partition),
                };
                let was_at_rest = statement.execute(&mut *connection).await?.rows_affected() == 1;
                if was_at_rest {
                    audit::append(connection, &fact).await?;
                }
                Ok(was_at_rest)
            })
        })
        .await
    }

    /// Waits until no lease is held any more.
    async fn await_rest(&self, pool: &PgPool, wait: Duration) -> anyhow::Result<Answer> {
        let (started, progress) = (Instant::now(), Progress::waiting());
        loop {
            let held = self.held(pool).await?;
            if held.is_empty() {
                let text = format!("{} is at rest", self.name());
                return Ok(Answer::ok(text, json!({ "at_rest": true, "held": held })));
            }
            if started.elapsed() >= wait {
                let text = format!("{} was told to rest, and still holds {held:?}", self.name());
                return Ok(Answer {
                    text,
                    json: json!({ "at_rest": false, "held": held }),
                    in_order: wait.is_zero(),
                });
            }
            progress.say(format!("{} leases are not free yet", held.len()));
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn held(&self, pool: &PgPool) -> Result<Vec<i16>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT id FROM partition WHERE lease_until > now() AND (owner = $1 OR id = $2) ORDER BY id",
        )
        .bind(&self.worker)
        .bind(self.partition)
        .fetch_all(pool)
        .await
    }
}
