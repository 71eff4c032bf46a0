//! Checks the chains against the rows, the heads and the signed roots.

use futures::TryStreamExt;
use medique_platform::audit::ChainRow;
use serde::Serialize;
use sqlx::{PgPool, Row};

/// What is wrong, at the first place where a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The chain.
    pub partition: i16,
    /// Position of the first bad row, or of the first missing one.
    pub chain_seq: i64,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Checks every chain from its first row to its head; one finding per broken chain, the first one.
///
/// # Errors
/// The database does not answer.
pub async fn verify(pool: &PgPool) -> Result<(u64, Vec<Finding>), sqlx::Error> {
    let heads = sqlx::query("SELECT id, chain_seq, chain_head FROM partition ORDER BY id")
        .fetch_all(pool)
        .await?;
    let mut findings = Vec::new();
    let mut rows_checked = 0;
    for head in heads {
        let (partition, head_seq): (i16, i64) = (head.try_get(0)?, head.try_get(1)?);
        let head_hash: Vec<u8> = head.try_get(2)?;
        let (checked, finding) = verify_chain(pool, partition, head_seq, &head_hash).await?;
        rows_checked += checked;
        findings.extend(finding);
    }
    Ok((rows_checked, findings))
}

async fn verify_chain(
    pool: &PgPool,
    partition: i16,
    head_seq: i64,
    head_hash: &[u8],
) -> Result<(u64, Option<Finding>), sqlx::Error> {
    // A worker may append while we read: rows above the head that we saw are not looked at.
    let mut rows = sqlx::query(
        "SELECT partition, chain_seq, event_id, facility_id, department_id, visit_id, version, \
                event_type, actor, command_id, occurred_at, trace_id, facts, detail, prev_hash, hash \
           FROM audit WHERE partition = $1 AND chain_seq <= $2 ORDER BY chain_seq",
    )
    .bind(partition)
    .bind(head_seq)
    .fetch(pool);
    let finding = |chain_seq, problem| {
        Some(Finding {
            partition,
            chain_seq,
            problem,
        })
    };
    let (mut prev_hash, mut seq) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        let content = <ChainRow as sqlx::FromRow<_>>::from_row(&row)?;
        let (row_prev, row_hash): (Vec<u8>, Vec<u8>) =
            (row.try_get("prev_hash")?, row.try_get("hash")?);
        seq += 1;
        if content.chain_seq != seq {
            return Ok((seq as u64 - 1, finding(seq, "a row is missing")));
        }
        if row_prev != prev_hash {
            return Ok((
                seq as u64,
                finding(seq, "the row does not follow the one before"),
            ));
        }
        if content.hash(&prev_hash) != row_hash {
            return Ok((seq as u64, finding(seq, "the row was changed")));
        }
        prev_hash = row_hash;
    }
    let result = if seq < head_seq {
        finding(seq + 1, "a row is missing")
    } else if prev_hash != head_hash {
        finding(
            seq,
            "the last row is not the one that the partition remembers",
        )
    } else {
        None
    };
    Ok((seq as u64, result))
}
