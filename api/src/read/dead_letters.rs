//! Messages that could not be processed, for admins. One is sent again by
//! [`crate::routes::dead_letters`], and dropped by `medique-worker admin parked`.

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use crate::read::reads::{self, Looked};
use crate::read::time::Instant;
use crate::read::{access, cursor};
use crate::routes::Group;
use chrono::{DateTime, Utc};
use medique_platform::privacy::{Field, Keys};
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

/// What became of a dead letter.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "lowercase")]
pub enum DeadLetterState {
    /// It waits for a decision.
    Parked,
    /// It was put into the stream again.
    Redriven,
    /// It was given up.
    Dropped,
}

/// A message that was put aside.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct DeadLetterView {
    /// Identity.
    pub dead_letter_id: Uuid,
    /// The command; absent when the message did not say.
    pub command_id: Option<Uuid>,
    /// Partition that it was read from.
    pub partition: i16,
    /// Its place in the COMMANDS stream.
    pub seq: i64,
    /// Subject that it was stored under.
    pub subject: String,
    /// Why it could not be processed.
    pub reason: String,
    /// When it was put aside.
    pub parked_at: Instant,
    /// `parked`, `redriven` or `dropped`.
    pub state: String,
    /// When it was decided on.
    pub resolved_at: Option<Instant>,
    /// Who decided.
    pub resolved_by: Option<String>,
    /// Why.
    pub resolution: Option<String>,
    /// Headers of the message; when one is read.
    pub headers: Option<Value>,
    /// The whole message, bytes that are no text replaced; when one is read. Personal
    /// data; empty once the person was erased.
    pub payload: Option<String>,
}

#[derive(FromRow)]
struct DeadLetterRow {
    id: Uuid,
    facility_id: Option<Uuid>,
    command_id: Option<Uuid>,
    partition: i16,
    seq: i64,
    subject: String,
    reason: String,
    parked_at: DateTime<Utc>,
    state: String,
    resolved_at: Option<DateTime<Utc>>,
    resolved_by: Option<String>,
    resolution: Option<String>,
    headers: Option<Value>,
    payload: Option<Vec<u8>>,
}

// The department stands in the subject: `…cmd.v1.<facility>.<department>.<command>`. A message that
// names no facility at all is for the operator's command line.
const SELECT_LIST: &str = "
    SELECT id, facility_id, command_id, partition, seq, subject, reason, parked_at, state, resolved_at, resolved_by, resolution,
           NULL::jsonb AS headers, NULL::bytea AS payload
    FROM dead_letter
    WHERE facility_id = $1
      AND ($2::text[] IS NULL OR split_part(subject, '.', -2) = ANY($2))
      AND ($3::text IS NULL OR state = $3)
      AND ($4::timestamptz IS NULL OR (parked_at, id) > ($4, $5))
    ORDER BY parked_at, id LIMIT $6";

const SELECT_ONE: &str = "
    SELECT id, facility_id, command_id, partition, seq, subject, reason, parked_at, state, resolved_at, resolved_by, resolution,
           headers, payload
    FROM dead_letter
    WHERE facility_id = $1
      AND ($2::text[] IS NULL OR split_part(subject, '.', -2) = ANY($2)) AND id = $3";

const SELECT_OF_VISITS: &str = "
    SELECT id, facility_id, command_id, partition, seq, subject, reason, parked_at, state, resolved_at, resolved_by,
           resolution, headers, payload
    FROM dead_letter WHERE visit_id = ANY($1) ORDER BY parked_at, id LIMIT 1000";

/// Dead letters.
pub struct DeadLettersApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl DeadLettersApi {
    /// Messages that were put aside, oldest first, for admins
    #[oai(
        path = "/dead-letters",
        method = "get",
        operation_id = "list_dead_letters"
    )]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// In this state only.
        state: Query<Option<DeadLetterState>>,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<DeadLetterView>>, Problem> {
        access::to_admin(&caller)?;
        let after: Option<(DateTime<Utc>, Uuid)> = cursor::decode(cursor.0.as_deref())?;
        let (after_time, after_id) = after.unzip();
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        let state = state.0.map(|state| match state {
            DeadLetterState::Parked => "parked",
            DeadLetterState::Redriven => "redriven",
            DeadLetterState::Dropped => "dropped",
        });
        let rows: Vec<DeadLetterRow> = sqlx::query_as(SELECT_LIST)
            .bind(caller.facility_id.0)
            .bind(departments(&caller)?)
            .bind(state)
            .bind(after_time)
            .bind(after_id)
            .bind(i64::from(limit) + 1)
            .fetch_all(&app.pool)
            .await?;
        Ok(fresh(Page::cut(
            rows,
            limit,
            |row| (row.parked_at, row.id),
            view,
        )))
    }

    /// A message that was put aside, whole, for admins
    ///
    /// It may hold personal data: who read it is in the audit trail.
    #[oai(
        path = "/dead-letters/:dead_letter_id",
        method = "get",
        operation_id = "read_dead_letter"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        dead_letter_id: Path<Uuid>,
    ) -> Result<Fresh<DeadLetterView>, Problem> {
        access::to_admin(&caller)?;
        let row: Option<DeadLetterRow> = sqlx::query_as(SELECT_ONE)
            .bind(caller.facility_id.0)
            .bind(departments(&caller)?)
            .bind(dead_letter_id.0)
            .fetch_optional(&app.pool)
            .await?;
        let row = row.ok_or(Problem::new(ApiCode::NotFound))?;
        reads::audit(app, &caller, trace, Looked::DeadLetter(row.id)).await?;
        Ok(fresh(view(row.open(&app.keys)?)))
    }
}

/// Whether a message of this id was put aside where the caller acts.
///
/// # Errors
/// `forbidden`, `database_unavailable`.
pub async fn is_visible(app: &App, caller: &Caller, id: Uuid) -> Result<bool, Problem> {
    let found: Option<DeadLetterRow> = sqlx::query_as(SELECT_ONE)
        .bind(caller.facility_id.0)
        .bind(departments(caller)?)
        .bind(id)
        .fetch_optional(&app.pool)
        .await?;
    Ok(found.is_some())
}

/// Everything that was put aside about these visits, whole.
///
/// # Errors
/// The database does not answer, or what is sealed cannot be read.
pub(super) async fn of_visits(app: &App, visits: &[Uuid]) -> Result<Vec<DeadLetterView>, Problem> {
    let rows: Vec<DeadLetterRow> = sqlx::query_as(SELECT_OF_VISITS)
        .bind(visits)
        .fetch_all(&app.pool)
        .await?;
    rows.into_iter()
        .map(|row| Ok(view(row.open(&app.keys)?)))
        .collect()
}

impl DeadLetterRow {
    /// With the message in clear. One that was emptied stays empty, one from before there were
    /// keys stays as it is.
    fn open(mut self, keys: &Keys) -> Result<Self, Problem> {
        let text = self
            .payload
            .as_deref()
            .and_then(|bytes| std::str::from_utf8(bytes).ok());
        if let Some(text) = text {
            let facility = self.facility_id.unwrap_or_default();
            let opened = keys.open_for_facility(facility, Field::DeadLetter, text)?;
            self.payload = opened.or(self.payload);
        }
        Ok(self)
    }
}

/// Where the caller acts, as subjects say it.
fn departments(caller: &Caller) -> Result<Option<Vec<String>>, Problem> {
    let departments = access::departments_of(caller, false)?;
    Ok(departments.map(|list| list.iter().map(Uuid::to_string).collect()))
}

fn view(row: DeadLetterRow) -> DeadLetterView {
    DeadLetterView {
        dead_letter_id: row.id,
        command_id: row.command_id,
        partition: row.partition,
        seq: row.seq,
        subject: row.subject,
        reason: row.reason,
        parked_at: row.parked_at.into(),
        state: row.state,
        resolved_at: row.resolved_at.map(Instant),
        resolved_by: row.resolved_by,
        resolution: row.resolution,
        headers: row.headers,
        payload: row
            .payload
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    }
}
