//! The rows of the mail outbox: taken by one mailer at a time, and settled once.
//!
//! A row is *claimed* for a short time that its mailer renews while it works, so a crash gives it
//! back by itself. Just before the server gets the end of a mail, the row is marked as handed over
//! (`unsure` + 1): whoever finds such a mark on a row that is not settled knows that the server may
//! have the mail. It is handed over a second time, under the same Message-ID, and never a third.

use chrono::{DateTime, Utc};
use medique_platform::mail::Mail;
use sqlx::types::Json;
use sqlx::{PgPool, postgres::PgQueryResult};
use std::convert::Infallible;
use std::time::Duration;
use uuid::Uuid;

/// How long a claim holds when its mailer says nothing.
const CLAIM_S: i32 = 15;
/// How often a mailer at work says something.
const RENEW: Duration = Duration::from_secs(5);
/// How often a mail is handed over without a known outcome.
pub(super) const HANDED_OVER_MAX: i32 = 2;

/// A mail in the hands of this process.
#[derive(sqlx::FromRow)]
pub(super) struct Claimed {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) recipient: String,
    pub(super) content: Json<Mail>,
    pub(super) message_id: String,
    /// Tries begun, this one included.
    pub(super) attempts: i32,
    /// Earlier ones of which nobody knows how they ended.
    pub(super) unsure: i32,
    pub(super) enqueued_at: DateTime<Utc>,
    claim: Uuid,
}

/// Takes a mail that is due; none when none is, or others have them.
pub(super) async fn claim(pool: &PgPool, domain: &str) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE mail_outbox SET claim = $1, attempts = attempts + 1, \
                next_attempt_at = now() + $2 * interval '1 second', \
                message_id = COALESCE(message_id, '<' || id || '@' || $3 || '>') \
          WHERE id = (SELECT id FROM mail_outbox WHERE state = 'waiting' AND next_attempt_at <= now() \
                       ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED) \
      RETURNING id, kind, recipient, content, message_id, attempts, unsure, enqueued_at, claim",
    )
    .bind(Uuid::new_v4())
    .bind(CLAIM_S)
    .bind(domain)
    .fetch_optional(pool)
    .await
}

impl Claimed {
    /// Holds the claim for ever: to be dropped when the work is done.
    pub(super) async fn hold(&self, pool: &PgPool) -> Infallible {
        loop {
            tokio::time::sleep(RENEW).await;
            // A renewal that fails is made up for by the next one; a lost claim shows at the mark.
            let _ = sqlx::query(
                "UPDATE mail_outbox SET next_attempt_at = now() + $3 * interval '1 second' \
                  WHERE id = $1 AND claim = $2",
            )
            .bind(self.id)
            .bind(self.claim)
            .bind(CLAIM_S)
            .execute(pool)
            .await;
        }
    }

    /// Marks it as handed over. `false`: the claim is somebody else's by now.
    pub(super) async fn hand_over(&self, pool: &PgPool) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE mail_outbox SET unsure = unsure + 1, next_attempt_at = now() + $3 * interval '1 second' \
              WHERE id = $1 AND claim = $2",
        )
        .bind(self.id)
        .bind(self.claim)
        .bind(CLAIM_S)
        .execute(pool)
        .await?;
        Ok(took_effect(&done))
    }

    /// The server has it. What it said, and to whom, is forgotten.
    pub(super) async fn sent(&self, pool: &PgPool) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE mail_outbox SET state = 'sent', recipient = NULL, content = NULL, claim = NULL, \
                    reason = NULL, unsure = unsure - 1, settled_at = now() WHERE id = $1 AND claim = $2",
        )
        .bind(self.id)
        .bind(self.claim)
        .execute(pool)
        .await?;
        Ok(took_effect(&done))
    }

    /// It will not be sent. What it said is forgotten: it holds a credential.
    pub(super) async fn park(&self, pool: &PgPool, reason: &str) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE mail_outbox SET state = 'parked', content = NULL, claim = NULL, reason = $3, \
                    settled_at = now() WHERE id = $1 AND claim = $2",
        )
        .bind(self.id)
        .bind(self.claim)
        .bind(reason)
        .execute(pool)
        .await?;
        Ok(took_effect(&done))
    }

    /// Later. `took_back`: it was handed over and the server said that it does not have it.
    pub(super) async fn postpone(
        &self,
        pool: &PgPool,
        delay: Duration,
        took_back: bool,
        reason: &str,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE mail_outbox SET claim = NULL, reason = $5, unsure = unsure - $4, \
                    next_attempt_at = now() + $3 * interval '1 millisecond' WHERE id = $1 AND claim = $2",
        )
        .bind(self.id)
        .bind(self.claim)
        .bind(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX))
        .bind(i32::from(took_back))
        .bind(reason)
        .execute(pool)
        .await?;
        Ok(took_effect(&done))
    }
}

fn took_effect(done: &PgQueryResult) -> bool {
    done.rows_affected() == 1
}
