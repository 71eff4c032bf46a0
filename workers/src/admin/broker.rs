//! `admin broker`: copies of the broker's streams, and what to do when its log is not the one that
//! the database knows (docs/operations/backup-and-recovery.md).

mod copies;
mod events;
mod loss;

use super::Answer;
use medique_contracts::subjects::{COMMANDS_STREAM, EVENTS_STREAM};
use medique_platform::bus::Bus;
use medique_platform::config::{BusConfig, Env};
use medique_platform::continuity::{self, Continuity};
use medique_platform::privacy::{Keys, MasterKeys};
use medique_platform::vault::BackupKey;
use serde_json::json;
use sqlx::PgPool;
use std::path::PathBuf;
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// The broker's streams.
#[derive(Debug, clap::Subcommand)]
pub enum Broker {
    /// Copy streams into sealed files of a new folder (MEDIQUE_BACKUP_KEY). The system goes on.
    Snapshot {
        /// The folder; it must not exist.
        #[arg(long)]
        dir: PathBuf,
        /// Which streams.
        #[arg(long = "stream", default_values = [COMMANDS_STREAM, EVENTS_STREAM], value_parser = [COMMANDS_STREAM, EVENTS_STREAM])]
        streams: Vec<String>,
    },
    /// Make streams out of their copies. Those that are in the broker must be deleted before.
    Restore {
        /// The folder of a snapshot.
        #[arg(long)]
        dir: PathBuf,
        /// Which streams. EVENTS is better made anew: `rebuild-events`.
        #[arg(long = "stream", default_values = [COMMANDS_STREAM], value_parser = [COMMANDS_STREAM, EVENTS_STREAM])]
        streams: Vec<String>,
    },
    /// Whether the log fits the database's cursors; exit code 3 when workers refuse it.
    Check,
    /// Go on without what a log that ends before the cursors has lost. Commands that it holds and
    /// nobody decided are carried over. No worker may be at work.
    AcceptLoss(loss::AcceptLoss),
    /// Delete EVENTS and publish the events of its horizon again, from the audit trail. Screens
    /// begin with a fresh view.
    RebuildEvents,
}

/// What a command needs besides the database.
pub(super) struct Needed {
    bus: BusConfig,
    key: Option<BackupKey>,
    keys: Option<Keys>,
}

impl Broker {
    /// Whether the database is needed.
    pub(super) const fn needs_database(&self) -> bool {
        !matches!(self, Self::Snapshot { .. } | Self::Restore { .. })
    }

    /// Reads what the command needs.
    pub(super) fn read(&self, env: &mut Env) -> Needed {
        Needed {
            bus: BusConfig::read(env),
            key: (!self.needs_database()).then(|| BackupKey::read(env)),
            keys: matches!(self, Self::AcceptLoss(_)).then(|| Keys::new(MasterKeys::read(env))),
        }
    }

    pub(super) async fn run(self, needed: Needed, pool: Option<PgPool>) -> anyhow::Result<Answer> {
        let bus = connected(&needed.bus).await?;
        let answer = match (self, pool, needed.key, needed.keys) {
            (Self::Snapshot { dir, streams }, _, Some(key), _) => {
                copies::snapshot(&bus, &key, &dir, &streams).await
            }
            (Self::Restore { dir, streams }, _, Some(key), _) => {
                copies::restore(&bus, &key, &dir, &streams).await
            }
            (Self::Check, Some(pool), ..) => check(&pool, &bus).await,
            (Self::AcceptLoss(command), Some(pool), _, Some(keys)) => {
                command.run(&pool, &bus, &keys).await
            }
            (Self::RebuildEvents, Some(pool), ..) => events::rebuild(&pool, &bus).await,
            _ => anyhow::bail!("the configuration lacks what this command needs"),
        };
        bus.flush_and_close().await;
        answer
    }
}

async fn connected(config: &BusConfig) -> anyhow::Result<Bus> {
    let bus = Bus::connect(config, "medique-admin").await?;
    let up = async {
        while !bus.is_connected() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    anyhow::ensure!(
        tokio::time::timeout(CONNECT_WITHIN, up).await.is_ok(),
        "the broker does not answer"
    );
    Ok(bus)
}

async fn check(pool: &PgPool, bus: &Bus) -> anyhow::Result<Answer> {
    let found = continuity::look(pool, bus).await?;
    let json = match found {
        Continuity::Whole => json!({ "state": "whole" }),
        Continuity::Behind { last_seq, cursor } => {
            json!({ "state": "behind", "last_seq": last_seq, "cursor": cursor })
        }
        Continuity::Another { partition, cursor } => {
            json!({ "state": "another", "partition": partition, "cursor": cursor })
        }
    };
    Ok(Answer {
        text: found.to_string(),
        json,
        in_order: found == Continuity::Whole,
    })
}
