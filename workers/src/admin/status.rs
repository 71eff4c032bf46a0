//! `admin status`: the pipeline at a glance, and what needs attention.

mod broker;
mod text;

use super::Answer;
use super::partitions::Drain;
use broker::Broker;
use chrono::{DateTime, Utc};
use medique_platform::bus::Bus;
use medique_platform::clock;
use medique_platform::config::BusConfig;
use medique_platform::health::Process;
use medique_platform::schema::Schema;
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// Age from which an event that is not published needs attention, seconds.
const OUTBOX_OLD_S: i64 = 60;

/// How everything stands.
#[derive(Debug, clap::Args)]
pub struct Status {
    /// Exit with code 3 when something needs attention.
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Serialize, FromRow)]
struct Partition {
    id: i16,
    owner: Option<String>,
    epoch: i64,
    last_seq: i64,
    processed: i64,
    lease_valid: bool,
    /// Accepted commands that are not decided; none when the broker was not asked.
    #[sqlx(skip)]
    lag: Option<u64>,
}

#[derive(Debug, Serialize, FromRow)]
struct Totals {
    workers: i64,
    outbox: i64,
    oldest_outbox: Option<DateTime<Utc>>,
    parked: i64,
    live_visits: i64,
    mails_waiting: i64,
    mails_parked: i64,
}

#[derive(Debug, Serialize)]
struct Versions {
    /// This program.
    admin: &'static str,
    database: String,
    schema: Schema,
}

#[derive(Debug, Serialize)]
struct Overview {
    partitions: Vec<Partition>,
    totals: Totals,
    processes: Vec<Process>,
    versions: Versions,
    broker: Option<Broker>,
    drains: Vec<Drain>,
    attention: Vec<String>,
}

impl Status {
    pub(super) async fn run(self, pool: &PgPool, bus: Option<BusConfig>) -> anyhow::Result<Answer> {
        let mut overview = Overview::read(pool).await?;
        if let Some(config) = bus {
            let bus = Bus::connect(&config, "medique-admin").await?;
            overview.broker = Some(Broker::look(&bus, &mut overview.partitions).await);
            bus.flush_and_close().await;
        }
        overview.attention = overview.needs_attention();
        Ok(Answer {
            text: text::of(&overview),
            json: serde_json::to_value(&overview)?,
            in_order: !self.check || overview.attention.is_empty(),
        })
    }
}

impl Overview {
    async fn read(pool: &PgPool) -> anyhow::Result<Self> {
        let partitions = sqlx::query_as(
            "SELECT id, owner, epoch, last_seq, processed, lease_until > now() AS lease_valid \
               FROM partition ORDER BY id",
        )
        .fetch_all(pool)
        .await?;
        let totals = sqlx::query_as(
            "SELECT (SELECT count(*) FROM worker WHERE alive_until > now()) AS workers, \
                    (SELECT count(*) FROM outbox) AS outbox, \
                    (SELECT min(a.occurred_at) FROM outbox o JOIN audit a USING (event_id)) AS oldest_outbox, \
                    (SELECT count(*) FROM dead_letter WHERE state = 'parked') AS parked, \
                    (SELECT count(*) FROM visit WHERE live) AS live_visits, \
                    (SELECT count(*) FROM mail_outbox WHERE state = 'waiting') AS mails_waiting, \
                    (SELECT count(*) FROM mail_outbox WHERE state = 'parked') AS mails_parked",
        )
        .fetch_one(pool)
        .await?;
        let versions = Versions {
            admin: env!("CARGO_PKG_VERSION"),
            database: sqlx::query_scalar("SHOW server_version")
                .fetch_one(pool)
                .await?,
            schema: Schema::look(pool).await?,
        };
        let fits = versions.schema.fits();
        Ok(Self {
            partitions,
            totals,
            // Older schemas have no such tables.
            processes: if fits {
                Process::all(pool).await?
            } else {
                Vec::new()
            },
            drains: if fits {
                Drain::all(pool).await?
            } else {
                Vec::new()
            },
            versions,
            broker: None,
            attention: Vec::new(),
        })
    }

    fn rests(&self, worker: &str) -> bool {
        self.drains.iter().any(|drain| drain.is_of_worker(worker))
    }

    /// One sentence for each thing that somebody should look at.
    fn needs_attention(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut unless = |fine: bool, what: String| {
            if !fine {
                all.push(what);
            }
        };
        let schema = &self.versions.schema;
        unless(
            schema.fits(),
            format!(
                "the schema is not the one of this program: missing {:?}, different {:?}",
                schema.missing, schema.different
            ),
        );
        let ownerless = self
            .partitions
            .iter()
            .filter(|p| p.owner.is_none() || !p.lease_valid);
        let ownerless: Vec<_> = ownerless.map(|p| p.id).collect();
        unless(
            ownerless.is_empty(),
            format!("nobody owns the partitions {ownerless:?}"),
        );
        unless(
            self.totals.parked == 0,
            format!("{} commands are parked", self.totals.parked),
        );
        unless(
            self.totals.mails_parked == 0,
            format!("{} mails are parked", self.totals.mails_parked),
        );
        let age = self
            .totals
            .oldest_outbox
            .map(|at| (clock::now() - at).num_seconds());
        unless(
            age.is_none_or(|age| age < OUTBOX_OLD_S),
            format!(
                "an event has waited {} s to be published",
                age.unwrap_or_default()
            ),
        );
        let mut versions: Vec<_> = self
            .processes
            .iter()
            .map(|process| &process.version)
            .collect();
        versions.sort();
        versions.dedup();
        unless(
            versions.len() < 2,
            format!("processes run in different versions: {versions:?}"),
        );
        if let Some(broker) = &self.broker {
            all.extend(broker.problem.clone());
        }
        all.extend(self.drains.iter().map(Drain::line));
        all
    }
}
