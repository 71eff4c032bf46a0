//! Leases in Postgres. Only the database's clock is asked, so replicas need not agree on the time.

use crate::lane::Cursor;
use sqlx::{PgPool, Row};
use std::collections::BTreeSet;
use std::time::Duration;

/// The leases of one worker.
#[derive(Debug, Clone)]
pub struct Leases {
    pool: PgPool,
    worker: String,
    ttl: Duration,
}

/// Which worker is which among the living.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Workers alive, this one included.
    pub workers: usize,
    /// Place of this one, by id, from 0.
    pub place: usize,
}

/// What is to rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drains {
    /// This worker.
    pub worker: bool,
    /// These partitions, whoever holds them.
    pub partitions: BTreeSet<i16>,
}

impl Standing {
    /// Partitions that this worker should hold: shares differ by one at most.
    pub const fn fair_share(self, partitions: usize) -> usize {
        partitions / self.workers
            + if self.place < partitions % self.workers {
                1
            } else {
                0
            }
    }
}

impl Leases {
    /// Leases of `worker`, each valid for `ttl` unless renewed.
    pub const fn new(pool: PgPool, worker: String, ttl: Duration) -> Self {
        Self { pool, worker, ttl }
    }

    fn ttl_ms(&self) -> i64 {
        i64::try_from(self.ttl.as_millis()).unwrap_or(i64::MAX)
    }

    /// Says that this worker is alive, and counts who else is.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn stand(&self) -> Result<Standing, sqlx::Error> {
        let row = sqlx::query(
            "WITH me AS ( \
               INSERT INTO worker (id, alive_until) VALUES ($1, now() + $2 * interval '1 millisecond') \
               ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until RETURNING id) \
             SELECT count(*) + 1, count(*) FILTER (WHERE id < $1) FROM worker \
              WHERE alive_until > now() AND id <> $1",
        )
        .bind(&self.worker)
        .bind(self.ttl_ms())
        .fetch_one(&self.pool)
        .await?;
        let (workers, place): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Standing {
            workers: usize::try_from(workers).unwrap_or(1).max(1),
            place: usize::try_from(place).unwrap_or(0),
        })
    }

    /// What is to rest, by an operator's word.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drains(&self) -> Result<Drains, sqlx::Error> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT FROM worker_drain WHERE worker = $1), \
                    ARRAY(SELECT partition FROM partition_drain)",
        )
        .bind(&self.worker)
        .fetch_one(&self.pool)
        .await?;
        let partitions: Vec<i16> = row.try_get(1)?;
        Ok(Drains {
            worker: row.try_get(0)?,
            partitions: partitions.into_iter().collect(),
        })
    }

    /// Whether every event of a partition is published.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_published(&self, partition: i16) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar("SELECT NOT EXISTS (SELECT FROM outbox WHERE partition = $1)")
            .bind(partition)
            .fetch_one(&self.pool)
            .await
    }

    /// Renews the leases that this worker holds under the given epochs; returns those that it
    /// really does.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn renew(&self, held: &[(i16, i64)]) -> Result<Vec<i16>, sqlx::Error> {
        let (ids, epochs): (Vec<_>, Vec<_>) = held.iter().copied().unzip();
        let rows = sqlx::query(
            "UPDATE partition AS p SET lease_until = now() + $4 * interval '1 millisecond' \
               FROM unnest($2::smallint[], $3::bigint[]) AS x(id, epoch) \
              WHERE p.id = x.id AND p.epoch = x.epoch AND p.owner = $1 RETURNING p.id",
        )
        .bind(&self.worker)
        .bind(ids)
        .bind(epochs)
        .bind(self.ttl_ms())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Takes up to `count` partitions whose lease has run out. The new epoch shuts out the last
    /// owner, whatever it is doing.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn claim(&self, count: usize) -> Result<Vec<(i16, Cursor)>, sqlx::Error> {
        let rows = sqlx::query(
            "UPDATE partition SET owner = $1, epoch = epoch + 1, \
                    lease_until = now() + $3 * interval '1 millisecond' \
              WHERE id IN (SELECT id FROM partition p WHERE lease_until < now() \
                              AND NOT EXISTS (SELECT FROM partition_drain d WHERE d.partition = p.id) \
                            ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) \
             RETURNING id, epoch, last_seq, chain_seq, chain_head",
        )
        .bind(&self.worker)
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .bind(self.ttl_ms())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let cursor = Cursor {
                    epoch: row.try_get("epoch")?,
                    last_seq: row.try_get("last_seq")?,
                    chain_seq: row.try_get("chain_seq")?,
                    chain_head: row.try_get("chain_head")?,
                };
                Ok((row.try_get("id")?, cursor))
            })
            .collect()
    }

    /// Gives a partition back at once, for others to take.
    ///
    /// # Errors
    /// The database does not answer; the lease then runs out by itself.
    pub async fn release(&self, partition: i16, epoch: i64) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE partition SET owner = NULL, lease_until = '-infinity' \
              WHERE id = $1 AND epoch = $2 AND owner = $3",
        )
        .bind(partition)
        .bind(epoch)
        .bind(&self.worker)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Says that this worker is leaving, so that the others share its part at once.
    ///
    /// # Errors
    /// The database does not answer; the entry then runs out by itself.
    pub async fn leave(&self) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM worker WHERE id = $1 OR alive_until < now() - interval '1 day'")
            .bind(&self.worker)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fair_shares_cover_all_partitions_and_differ_by_one_at_most() {
        for workers in 1..=20 {
            let shares: Vec<_> = (0..workers)
                .map(|place| Standing { workers, place }.fair_share(16))
                .collect();
            assert_eq!(shares.iter().sum::<usize>(), 16);
            let (least, most) = (shares.iter().min(), shares.iter().max());
            assert!(
                most.zip(least)
                    .is_some_and(|(most, least)| most - least <= 1)
            );
        }
    }
}
