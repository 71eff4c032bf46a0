//! Reads Postgres and both streams and lists every broken promise of DESIGN.md section 8.
//!
//! The checks are pure functions over [`evidence::Evidence`], one file per promise:
//! `outcomes` (every accepted command has exactly one outcome and at most one effect),
//! `tokens` (1..n in order of acceptance), `versions` (1..n with one audit row and one event
//! each), `keys` (a data key for each visit, destroyed with the person), `published` (the stream
//! says what the audit trail says, in version order) and `replayed` (the event log folds to the
//! tables).

pub mod evidence;
mod keys;
mod outcomes;
mod published;
mod replayed;
mod tokens;
mod versions;

use crate::await_until;
use crate::processes::AdminCommandLine;
use anyhow::{Context, Result, ensure};
use evidence::Evidence;
use medique_contracts::subjects::COMMANDS_STREAM;
use medique_platform::bus::Bus;
use sqlx::{PgPool, Row as _};
use std::time::Duration;

/// Longest time in which what was accepted is decided and published.
const REST_WITHIN: Duration = Duration::from_secs(60);

/// What the checker saw.
#[derive(Debug)]
pub struct Report {
    /// Broken promises, one sentence each; empty when all hold.
    pub violations: Vec<String>,
    /// The rows and messages themselves.
    pub evidence: Evidence,
}

/// Awaits rest, gathers the evidence and checks it.
///
/// # Errors
/// The servers are away, or nothing comes to rest; broken promises are in the report instead.
pub async fn check(pool: &PgPool, bus: &Bus, command_line: &AdminCommandLine) -> Result<Report> {
    at_rest(pool, bus).await?;
    let evidence = Evidence::gather(pool, bus).await?;
    let mut violations = Vec::new();
    outcomes::check(&evidence, &mut violations);
    tokens::check(&evidence, &mut violations);
    keys::check(&evidence, &mut violations);
    versions::check(&evidence, &mut violations);
    published::check(&evidence, &mut violations);
    replayed::check(&evidence, &mut violations);
    let audit = command_line.run(&["audit", "verify"], "")?;
    if !audit.status.success() {
        let told = String::from_utf8_lossy(&audit.stdout).into_owned()
            + &String::from_utf8_lossy(&audit.stderr);
        violations.push(format!("the audit chain does not verify: {told}"));
    }
    Ok(Report {
        violations,
        evidence,
    })
}

/// Awaits that every stored command is decided and every event published.
///
/// # Errors
/// That does not happen.
pub async fn at_rest(pool: &PgPool, bus: &Bus) -> Result<()> {
    await_until::holds("everything accepted is decided and published", REST_WITHIN, || async {
        let stream = bus.stream_state(COMMANDS_STREAM).await.context("state of COMMANDS")?;
        let query = "SELECT (SELECT sum(processed) FROM partition)::bigint, (SELECT count(*) FROM outbox)";
        let row = sqlx::query(query).fetch_one(pool).await?;
        let (processed, unpublished): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let last = stream.last_seq;
        ensure!(
            u64::try_from(processed)? == last,
            "{processed} commands are processed of {last} in the stream"
        );
        ensure!(unpublished == 0, "{unpublished} events are not published");
        Ok(true)
    })
    .await
}
