//! What became of commands: the inbox that workers write and the API reads.

use super::gather::{Gatherer, Unavailable};
use chrono::{DateTime, Utc};
use medique_contracts::Outcome;
use medique_contracts::ids::CommandId;
use sqlx::PgPool;
use sqlx::types::Json;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A decided command.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InboxRow {
    command_id: Uuid,
    /// Name of the operation.
    pub kind: String,
    /// Key of the actor.
    pub actor: String,
    /// SHA-256 of the canonical request.
    pub fingerprint: String,
    /// Partition of the message.
    pub partition: i16,
    /// Sequence of the message.
    pub seq: i64,
    /// The final word.
    pub outcome: Json<Outcome>,
    /// The visit concerned.
    pub visit_id: Option<Uuid>,
    /// Trace of the request.
    pub trace_id: Option<String>,
    /// When the broker stored it.
    pub accepted_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
}

const SELECT: &str = "
    SELECT command_id, kind, actor, fingerprint, partition, seq, outcome, visit_id, trace_id,
           accepted_at, decided_at
    FROM inbox WHERE command_id = ANY($1)";

/// Facility of a command, by its visit or by the account that sent it.
const SELECT_FACILITY: &str = "
    SELECT COALESCE(
        (SELECT facility_id FROM visit WHERE id = $1),
        (SELECT facility_id FROM staff WHERE 'staff:' || id = $2))";

/// Reads the inbox, many commands at a time.
pub struct Inbox(Gatherer<Uuid, Arc<InboxRow>>);

impl Inbox {
    /// Starts reading.
    pub fn start(pool: PgPool) -> Self {
        Self(Gatherer::start(move |ids| {
            let pool = pool.clone();
            Box::pin(async move {
                let rows: Vec<InboxRow> = sqlx::query_as(SELECT).bind(ids).fetch_all(&pool).await?;
                let rows = rows.into_iter().map(|row| (row.command_id, Arc::new(row)));
                Ok(rows.collect::<HashMap<_, _>>())
            })
        }))
    }

    /// The row of a command, if it was decided within the last 30 days.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn get(&self, id: CommandId) -> Result<Option<Arc<InboxRow>>, Unavailable> {
        self.0.get(id.0).await
    }
}

/// The facility that a decided command belongs to, where that can be told.
///
/// # Errors
/// The database did not answer.
pub async fn facility_of(pool: &PgPool, row: &InboxRow) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(SELECT_FACILITY)
        .bind(row.visit_id)
        .bind(&row.actor)
        .fetch_one(pool)
        .await
}
