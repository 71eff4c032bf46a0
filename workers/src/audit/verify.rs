//! Checks the chains against the rows, the heads and the signed roots, and tells kinds of
//! tampering apart.
//!
//! What can be told: a row whose content was changed, with or without a new hash; rows that are
//! gone, whether those behind were renumbered or not; rows that swapped places; rows that nobody
//! appended. A chain that was hashed anew from some row to its end, head included, is whole in
//! itself: only a signed root from before tells.

mod explain;
mod roots;
mod scan;

pub use roots::{Root, RootKey, read_roots};

use medique_platform::audit::ChainRow;
use scan::Scan;
use serde::Serialize;
use sqlx::{PgPool, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What was done to the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tampering {
    /// A row does not say what it said.
    Changed,
    /// Rows are gone.
    Dropped,
    /// A row stands where another one stood.
    Reordered,
    /// A row was not appended by us.
    Inserted,
    /// A signed root is not what was signed.
    Root,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was done.
    pub tampering: Tampering,
    /// The chain; none for a signed root.
    pub partition: Option<i16>,
    /// Position of the row, or of the first missing one.
    pub chain_seq: Option<i64>,
    /// The row that stands there; none where none stands.
    pub event_id: Option<Uuid>,
    /// In words.
    pub problem: String,
}

/// What a check looked at and found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Rows of all chains.
    pub rows: u64,
    /// Signed roots.
    pub roots: usize,
    /// Whether their signatures were checked: that needs a key.
    pub signatures_checked: bool,
    /// Position of the last row of each chain that was checked.
    pub ends: BTreeMap<i16, i64>,
    /// What is wrong; nothing for a whole trail.
    pub findings: Vec<Finding>,
}

/// A chain as its head remembers it, and as its rows end.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Chain {
    id: i16,
    chain_seq: i64,
    chain_head: Vec<u8>,
    newest: Option<i64>,
}

/// A row as it is stored.
#[derive(Debug, Clone)]
struct Stored {
    content: ChainRow,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

/// Checks every chain from its first row to its head, and all of them against the signed roots:
/// those of the database, and `kept` ones that were stored elsewhere.
///
/// # Errors
/// The database does not answer.
pub async fn verify(
    pool: &PgPool,
    key: Option<&RootKey>,
    kept: Vec<Root>,
) -> Result<Report, sqlx::Error> {
    verify_telling(pool, key, kept, &|_, _| {}).await
}

/// The same; `tell` hears how many rows were read, of how many.
///
/// # Errors
/// The database does not answer.
pub async fn verify_telling(
    pool: &PgPool,
    key: Option<&RootKey>,
    kept: Vec<Root>,
    tell: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, sqlx::Error> {
    // One statement, so that heads and newest rows belong together: both move in one transaction.
    let chains: Vec<Chain> = sqlx::query_as(
        "SELECT h.id, h.chain_seq, h.chain_head, \
                (SELECT max(a.chain_seq) FROM audit a WHERE a.partition = h.id) AS newest \
           FROM (SELECT id, chain_seq, chain_head FROM partition \
                 UNION ALL SELECT id, chain_seq, chain_head FROM audit_chain) h ORDER BY h.id",
    )
    .fetch_all(pool)
    .await?;
    let mut roots = read_roots(pool).await?;
    roots.extend(kept);
    let (mut rows, mut findings, mut ends) = (0, Vec::new(), BTreeMap::new());
    let total = chains.iter().filter_map(|chain| chain.newest);
    let total = total.filter_map(|newest| u64::try_from(newest).ok()).sum();
    for chain in chains {
        let before = rows;
        let scan = Scan::read(pool, &chain, &|read| tell(before + read, total)).await?;
        rows += scan.rows;
        findings.extend(explain::explain(&chain, &scan));
        ends.insert(chain.id, chain.newest.unwrap_or(0));
    }
    findings.extend(strangers(pool, &ends).await?);
    roots::check(pool, &roots, key, &ends, &mut findings).await?;
    name_events(pool, &mut findings).await?;
    Ok(Report {
        rows,
        roots: roots.len(),
        signatures_checked: key.is_some(),
        ends,
        findings,
    })
}

/// Rows of chains that do not exist, found by skipping from chain to chain.
async fn strangers(
    pool: &PgPool,
    chains: &BTreeMap<i16, i64>,
) -> Result<Vec<Finding>, sqlx::Error> {
    let (mut found, mut after) = (Vec::new(), i32::from(i16::MIN) - 1);
    loop {
        let next = sqlx::query(
            "SELECT partition, chain_seq FROM audit WHERE partition > $1 ORDER BY partition, chain_seq LIMIT 1",
        )
        .bind(after)
        .fetch_optional(pool)
        .await?;
        let Some(row) = next else { return Ok(found) };
        let (partition, chain_seq): (i16, i64) = (row.try_get(0)?, row.try_get(1)?);
        if !chains.contains_key(&partition) {
            found.push(Finding {
                tampering: Tampering::Inserted,
                partition: Some(partition),
                chain_seq: Some(chain_seq),
                event_id: None,
                problem: "the row belongs to no chain".to_owned(),
            });
        }
        after = i32::from(partition);
    }
}

/// Names the rows that findings speak of.
async fn name_events(pool: &PgPool, findings: &mut [Finding]) -> Result<(), sqlx::Error> {
    let nameless = findings
        .iter_mut()
        .filter(|finding| finding.event_id.is_none() && finding.tampering != Tampering::Dropped);
    for finding in nameless {
        finding.event_id = sqlx::query_scalar(
            "SELECT event_id FROM audit WHERE partition = $1 AND chain_seq = $2",
        )
        .bind(finding.partition)
        .bind(finding.chain_seq)
        .fetch_optional(pool)
        .await?;
    }
    Ok(())
}
