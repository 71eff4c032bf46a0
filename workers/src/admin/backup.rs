//! `admin backup`: sealed files, and the record of what was backed up.

use super::Answer;
use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use clap::ValueEnum;
use medique_platform::clock;
use medique_platform::config::Env;
use medique_platform::vault::BackupKey;
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use std::fs::File;
use std::path::PathBuf;

/// Records older than this are deleted with the next one.
const KEEP_DAYS: i32 = 90;
const LISTED: i64 = 50;

/// Backups.
#[derive(Debug, clap::Subcommand)]
pub enum Backup {
    /// Seal a file, or standard input, into a new file with MEDIQUE_BACKUP_KEY.
    Seal {
        /// What to seal; standard input when it is not given.
        #[arg(long = "in")]
        from: Option<PathBuf>,
        /// The sealed file. It appears whole or not at all, and replaces none.
        #[arg(long = "out")]
        to: PathBuf,
    },
    /// Open a sealed file.
    Open {
        /// The sealed file.
        #[arg(long = "in")]
        from: PathBuf,
        /// Where to; standard output when it is not given (which is good only if this command ends
        /// with exit code 0).
        #[arg(long = "out")]
        to: Option<PathBuf>,
    },
    /// Read sealed files to their ends; exit code 1 names the first that is not whole.
    Verify {
        /// The sealed files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write down that a backup was made, or failed.
    Record(Record),
    /// List what was written down, the newest first.
    Ls,
}

/// What is backed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The whole database cluster.
    Base,
    /// Its write-ahead log, as far as Postgres says that it is archived.
    Wal,
    /// Streams of the broker.
    Broker,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Wal => "wal",
            Self::Broker => "broker",
        }
    }
}

/// A backup to write down.
#[derive(Debug, clap::Args)]
pub struct Record {
    /// What was backed up. Of `wal` Postgres itself is asked how it stands.
    #[arg(long, value_enum)]
    kind: Kind,
    /// When the backup began; now when it is not given.
    #[arg(long)]
    started_at: Option<DateTime<Utc>>,
    /// Size of the sealed files.
    #[arg(long, default_value_t = 0)]
    bytes: i64,
    /// It was read back and found whole.
    #[arg(long)]
    verified: bool,
    /// Why there is none.
    #[arg(long)]
    error: Option<String>,
}

#[derive(Debug, Serialize, FromRow)]
struct Run {
    id: i64,
    kind: String,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    bytes: i64,
    verified: bool,
    error: Option<String>,
}

impl Backup {
    /// Whether the database is needed.
    pub(super) const fn needs_database(&self) -> bool {
        matches!(self, Self::Record(_) | Self::Ls)
    }

    /// What is done with files alone: no database has to be up when one is restored.
    pub(super) fn run_on_files(self, mut env: Env) -> anyhow::Result<Answer> {
        let key = BackupKey::read(&mut env);
        env.finish_part()?;
        match self {
            Self::Seal { from, to } => {
                let content = match from {
                    Some(path) => {
                        let mut file =
                            File::open(&path).with_context(|| path.display().to_string())?;
                        key.seal(&mut file, &to)?
                    }
                    None => key.seal(&mut std::io::stdin().lock(), &to)?,
                };
                let text = format!("{} sealed, {} bytes", to.display(), content.bytes);
                Ok(Answer::ok(text, serde_json::to_value(content)?))
            }
            Self::Open { from, to: Some(to) } => {
                let content = key.open_to(&from, &to)?;
                let text = format!("{} opened, {} bytes", to.display(), content.bytes);
                Ok(Answer::ok(text, serde_json::to_value(content)?))
            }
            Self::Open { from, to: None } => {
                key.open(&from, &mut std::io::stdout().lock())?;
                Ok(Answer::ok("", serde_json::Value::Null))
            }
            Self::Verify { files } => {
                let mut found = serde_json::Map::new();
                for file in files {
                    let name = file.display().to_string();
                    let content = key.verify(&file).with_context(|| name.clone())?;
                    found.insert(name, serde_json::to_value(content)?);
                }
                let text = format!("{} sealed files are whole", found.len());
                Ok(Answer::ok(text, found.into()))
            }
            Self::Record(_) | Self::Ls => anyhow::bail!("this command needs the database"),
        }
    }

    pub(super) async fn run(self, pool: &PgPool) -> anyhow::Result<Answer> {
        match self {
            Self::Record(record) => record.run(pool).await,
            _ => list(pool).await,
        }
    }
}

impl Record {
    async fn run(self, pool: &PgPool) -> anyhow::Result<Answer> {
        ensure!(self.bytes >= 0, "--bytes: must not be negative");
        let now = clock::now();
        let (started_at, finished_at, error) = match self.kind {
            Kind::Wal => archived(pool).await?,
            _ => (self.started_at.unwrap_or(now), Some(now), self.error),
        };
        let run: Run = sqlx::query_as(
            "INSERT INTO backup_run (kind, started_at, finished_at, bytes, verified, error) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             RETURNING id, kind, started_at, finished_at, bytes, verified, error",
        )
        .bind(self.kind.as_str())
        .bind(started_at)
        .bind(finished_at)
        .bind(self.bytes)
        .bind(self.verified)
        .bind(error)
        .fetch_one(pool)
        .await?;
        sqlx::query("DELETE FROM backup_run WHERE started_at < now() - make_interval(days => $1)")
            .bind(KEEP_DAYS)
            .execute(pool)
            .await?;
        Ok(Answer {
            text: line_of(&run),
            in_order: run.error.is_none(),
            json: serde_json::to_value(run)?,
        })
    }
}

type Archived = (DateTime<Utc>, Option<DateTime<Utc>>, Option<String>);

/// How far the log is archived, in Postgres' own words.
async fn archived(pool: &PgPool) -> anyhow::Result<Archived> {
    let (last, failing, mode): (Option<DateTime<Utc>>, Option<String>, String) = sqlx::query_as(
        "SELECT last_archived_time, \
                CASE WHEN last_failed_time > COALESCE(last_archived_time, '-infinity') \
                     THEN last_failed_wal END, \
                current_setting('archive_mode') \
           FROM pg_stat_archiver",
    )
    .fetch_one(pool)
    .await?;
    let error = match (mode.as_str(), failing, last) {
        ("off", _, _) => Some("archive_mode is off".to_owned()),
        (_, Some(segment), _) => Some(format!("archive_command fails on {segment}")),
        (_, None, None) => Some("no segment has been archived yet".to_owned()),
        (_, None, Some(_)) => None,
    };
    Ok((last.unwrap_or_else(clock::now), last, error))
}

async fn list(pool: &PgPool) -> anyhow::Result<Answer> {
    let runs: Vec<Run> = sqlx::query_as(
        "SELECT id, kind, started_at, finished_at, bytes, verified, error FROM backup_run \
          ORDER BY id DESC LIMIT $1",
    )
    .bind(LISTED)
    .fetch_all(pool)
    .await?;
    let text = match runs.is_empty() {
        true => "no backup was ever recorded".to_owned(),
        false => runs.iter().map(line_of).collect::<Vec<_>>().join("\n"),
    };
    Ok(Answer::ok(text, serde_json::json!({ "backups": runs })))
}

fn line_of(run: &Run) -> String {
    let finished = run
        .finished_at
        .map_or_else(|| "not finished".to_owned(), |at| at.to_rfc3339());
    let state = match (&run.error, run.verified) {
        (Some(error), _) => format!("failed: {error}"),
        (None, true) => "verified".to_owned(),
        (None, false) => "made".to_owned(),
    };
    format!(
        "{:<6}  {finished}  {:>12} bytes  {state}",
        run.kind, run.bytes
    )
}
