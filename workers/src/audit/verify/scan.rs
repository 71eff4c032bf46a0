//! Reads one chain and keeps what does not fit.

use super::{Chain, Stored};
use medique_platform::audit::ChainRow;
use sqlx::postgres::PgRow;
use sqlx::{FromRow as _, PgPool, Row as _};

/// Rows in one statement, so that none takes long.
const PAGE: i64 = 2000;
/// Bad rows of one chain that are kept to be explained; a chain with more is not read further.
const SUSPECTS_MAX: usize = 1000;

/// Positions without a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: i64,
    pub(super) to: i64,
    /// Hash of the last missing row, as the next one remembers it.
    pub(super) hash: Vec<u8>,
}

/// What does not fit in a chain.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) rows: u64,
    /// Rows whose hash is not that of their content, place and predecessor.
    pub(super) suspects: Vec<Stored>,
    pub(super) gaps: Vec<Gap>,
    /// Rows with a good hash that the next row, which has one too, was not appended to.
    pub(super) forsaken: Vec<i64>,
    /// Rows at positions that a chain does not have: below 1, or beyond the head.
    pub(super) outside: Vec<i64>,
    /// Hash of the row at the head's position.
    pub(super) at_head: Option<Vec<u8>>,
    /// The scan ended early: there were too many suspects.
    pub(super) is_cut: bool,
}

/// The row before, as the next one must remember it.
struct Before {
    seq: i64,
    hash: Vec<u8>,
    is_suspect: bool,
}

impl Scan {
    /// Reads a chain; `tell` hears how many rows were read.
    pub(super) async fn read(
        pool: &PgPool,
        chain: &Chain,
        tell: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, sqlx::Error> {
        let mut scan = Self::default();
        let mut before = Before {
            seq: 0,
            hash: Vec::new(),
            is_suspect: false,
        };
        // Workers append while we read: rows above what the head's snapshot saw are not looked at.
        let (newest, mut after) = (chain.newest.unwrap_or(0), i64::MIN);
        loop {
            let page: Vec<PgRow> = sqlx::query(
                "SELECT partition, chain_seq, event_id, facility_id, department_id, visit_id, version, \
                        event_type, actor, command_id, occurred_at, trace_id, facts, detail, prev_hash, hash \
                   FROM audit WHERE partition = $1 AND chain_seq > $2 AND chain_seq <= $3 \
                  ORDER BY chain_seq LIMIT $4",
            )
            .bind(chain.id)
            .bind(after)
            .bind(newest)
            .bind(PAGE)
            .fetch_all(pool)
            .await?;
            for row in &page {
                let row = Stored {
                    content: ChainRow::from_row(row)?,
                    prev_hash: row.try_get("prev_hash")?,
                    hash: row.try_get("hash")?,
                };
                after = row.content.chain_seq;
                scan.look(chain, row, &mut before);
                if scan.suspects.len() >= SUSPECTS_MAX {
                    scan.is_cut = true;
                    return Ok(scan);
                }
            }
            tell(scan.rows);
            if (page.len() as i64) < PAGE {
                return Ok(scan);
            }
        }
    }

    fn look(&mut self, chain: &Chain, row: Stored, before: &mut Before) {
        self.rows += 1;
        let seq = row.content.chain_seq;
        if seq < 1 {
            self.outside.push(seq);
            return;
        }
        if seq > chain.chain_seq {
            self.outside.push(seq);
        }
        if seq == chain.chain_seq {
            self.at_head = Some(row.hash.clone());
        }
        let is_suspect = row.content.hash(&row.prev_hash) != row.hash;
        let follows = row.prev_hash == before.hash;
        if seq > before.seq + 1 {
            self.gaps.push(Gap {
                from: before.seq + 1,
                to: seq - 1,
                hash: row.prev_hash.clone(),
            });
        } else if !is_suspect && !follows && !before.is_suspect {
            // A row that is the first says of nobody but itself that it was not.
            self.forsaken.push(before.seq.max(1));
        }
        *before = Before {
            seq,
            hash: row.hash.clone(),
            is_suspect,
        };
        if is_suspect {
            self.suspects.push(row);
        }
    }
}
