//! `admin status`.

use super::Answer;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use std::fmt::Write as _;

#[derive(Debug, Serialize, FromRow)]
struct Partition {
    id: i16,
    owner: Option<String>,
    epoch: i64,
    last_seq: i64,
    processed: i64,
    lease_valid: bool,
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

pub(super) async fn run(pool: &PgPool) -> anyhow::Result<Answer> {
    let partitions: Vec<Partition> = sqlx::query_as(
        "SELECT id, owner, epoch, last_seq, processed, lease_until > now() AS lease_valid \
           FROM partition ORDER BY id",
    )
    .fetch_all(pool)
    .await?;
    let totals: Totals = sqlx::query_as(
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
    let mut text = format!(
        "{} workers, {} live visits, {} events to publish, {} dead letters, {} mails waiting, {} parked\n",
        totals.workers,
        totals.live_visits,
        totals.outbox,
        totals.parked,
        totals.mails_waiting,
        totals.mails_parked
    );
    text.push_str("partition  epoch  last_seq   processed  owner");
    for partition in &partitions {
        let owner = match (&partition.owner, partition.lease_valid) {
            (Some(owner), true) => owner.clone(),
            (Some(owner), false) => format!("{owner} (lease ran out)"),
            (None, _) => "nobody".to_owned(),
        };
        write!(
            text,
            "\n{:>9}  {:>5}  {:>8}  {:>10}  {owner}",
            partition.id, partition.epoch, partition.last_seq, partition.processed
        )?;
    }
    Ok(Answer::ok(
        text,
        serde_json::json!({ "partitions": partitions, "totals": totals }),
    ))
}
