//! A session as its owner and administrators see it.

use crate::problem::Problem;
use crate::read::time::Instant;
use chrono::{DateTime, Utc};
use medique_contracts::ids::StaffId;
use poem_openapi::Object;
use sqlx::PgPool;
use uuid::Uuid;

/// A live session.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct SessionView {
    /// Identity.
    pub id: Uuid,
    /// Whether this request belongs to it.
    pub current: bool,
    /// How the refresh token travels: `body` or `cookie`.
    pub transport: String,
    /// How the person signed in, in the words of RFC 8176.
    pub amr: Vec<String>,
    /// Address of its last sign-in or refresh.
    pub address: Option<String>,
    /// What the browser or program called itself then.
    pub user_agent: Option<String>,
    /// When the person signed in.
    pub created_at: Instant,
    /// When it was last refreshed.
    pub used_at: Instant,
    /// When it ends unless it is refreshed.
    pub idle_until: Instant,
    /// When it ends in any case.
    pub expires_at: Instant,
}

/// The live sessions of an account.
#[derive(Debug, Object)]
pub struct SessionList {
    /// The last used one first.
    pub items: Vec<SessionView>,
}

/// What became of several sessions.
#[derive(Debug, Object)]
pub struct EndedAnswer {
    /// How many ended.
    pub ended: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    transport: String,
    amr: Vec<String>,
    address: Option<String>,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
    idle_until: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

// One that is over but not swept yet is no live session.
const SELECT: &str = "
    SELECT id, transport, amr, address, user_agent, created_at, used_at, idle_until, expires_at
    FROM session
    WHERE staff_id = $1 AND ended_at IS NULL AND idle_until > $2
    ORDER BY used_at DESC, id LIMIT 1000";

/// Reads the live sessions of an account.
///
/// # Errors
/// `database_unavailable`.
pub async fn list(
    pool: &PgPool,
    staff: StaffId,
    current: Option<Uuid>,
) -> Result<SessionList, Problem> {
    let rows: Vec<Row> = sqlx::query_as(SELECT)
        .bind(staff.0)
        .bind(medique_platform::clock::now())
        .fetch_all(pool)
        .await?;
    let view = |row: Row| SessionView {
        current: current == Some(row.id),
        id: row.id,
        transport: row.transport,
        amr: row.amr,
        address: row.address,
        user_agent: row.user_agent,
        created_at: row.created_at.into(),
        used_at: row.used_at.into(),
        idle_until: row.idle_until.into(),
        expires_at: row.expires_at.into(),
    };
    Ok(SessionList {
        items: rows.into_iter().map(view).collect(),
    })
}
