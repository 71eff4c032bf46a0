//! The audit trail, for admins: who did what, in the order in which it was decided.

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use crate::read::reads::{self, Looked};
use crate::read::sealed::{Opener, key_columns};
use crate::read::time::Instant;
use crate::read::{access, cursor};
use crate::routes::Group;
use chrono::{DateTime, Utc};
use medique_platform::privacy::{Field, Keys, StoredKey};
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

/// One audited fact.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct AuditView {
    /// Identity; equal to the id of the event, where one was published.
    pub event_id: Uuid,
    /// What happened.
    pub event_type: String,
    /// When it was decided.
    pub occurred_at: Instant,
    /// Who did it.
    pub actor: String,
    /// The command that caused it; absent for a sign-in, a grant, a read and what else no command does.
    pub command_id: Option<Uuid>,
    /// Where.
    pub department_id: Option<Uuid>,
    /// The visit.
    pub visit_id: Option<Uuid>,
    /// Version of the visit, or of whatever changed.
    pub version: Option<i64>,
    /// W3C trace id.
    pub trace_id: Option<String>,
    /// The facts, as in the event.
    pub facts: Value,
    /// What the trail keeps beside the facts: reason, state and level before. May be personal; `{"erased": true}` once
    /// the person was erased.
    pub detail: Option<Value>,
    /// Which of the hash chains the row belongs to.
    pub partition: i16,
    /// Its place in the chain.
    pub chain_seq: i64,
    /// SHA-256 of the row and everything before it in the chain, hexadecimal.
    pub hash: String,
}

#[derive(FromRow)]
struct AuditRow {
    event_id: Uuid,
    event_type: String,
    occurred_at: DateTime<Utc>,
    actor: String,
    command_id: Uuid,
    department_id: Option<Uuid>,
    visit_id: Option<Uuid>,
    version: Option<i64>,
    trace_id: Option<String>,
    facts: String,
    #[sqlx(flatten)]
    key: StoredKey,
    detail: Option<String>,
    partition: i16,
    chain_seq: i64,
    hash: String,
}

macro_rules! select_audit {
    ($filter:literal) => {
        concat!(
            "SELECT a.event_id, a.event_type, a.occurred_at, a.actor, a.command_id, a.department_id, a.visit_id,
                    a.version, a.trace_id, a.facts, a.detail, a.partition, a.chain_seq,
                    encode(a.hash, 'hex') AS hash, ",
            key_columns!(),
            " FROM audit a LEFT JOIN visit_key k ON k.visit_id = a.visit_id
             WHERE a.facility_id = $1 AND ",
            $filter,
            " AND ($9::uuid[] IS NULL OR a.department_id = ANY($9))
               AND ($3::timestamptz IS NULL OR a.occurred_at >= $3) AND ($4::timestamptz IS NULL OR a.occurred_at < $4)
               AND ($5::timestamptz IS NULL OR (a.occurred_at, a.partition, a.chain_seq) > ($5, $6, $7))
             ORDER BY a.occurred_at, a.partition, a.chain_seq LIMIT $8"
        )
    };
}

type Key = (DateTime<Utc>, i16, i64);

/// The audit trail.
pub struct AuditApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl AuditApi {
    /// The audit trail, oldest first, for admins
    ///
    /// What commands did, and what nobody commanded: sign-ins and refused ones, grants, links,
    /// exports, reads of records and of this trail (once in a quarter of an hour). An admin of some
    /// departments sees what happened in those.
    /// `medique-worker admin audit verify` checks the hash chains.
    #[oai(path = "/audit", method = "get", operation_id = "list_audit")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one per parameter of the operation"
    )]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        /// Of this visit only.
        visit_id: Query<Option<Uuid>>,
        /// Not before this instant.
        from: Query<Option<DateTime<Utc>>>,
        /// Before this instant.
        to: Query<Option<DateTime<Utc>>>,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<AuditView>>, Problem> {
        access::to_admin(&caller)?;
        let after: Option<Key> = cursor::decode(cursor.0.as_deref())?;
        reads::audit(app, &caller, trace, Looked::Audit).await?;
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        // Two texts, so that each has a plan of its own: by visit, or by time.
        let select = match visit_id.0 {
            Some(_) => select_audit!("a.visit_id = $2"),
            None => select_audit!("$2::uuid IS NULL"),
        };
        let mut rows: Vec<AuditRow> = sqlx::query_as(select)
            .bind(caller.facility_id.0)
            .bind(visit_id.0)
            .bind(from.0)
            .bind(to.0)
            .bind(after.map(|key| key.0))
            .bind(after.map(|key| key.1))
            .bind(after.map(|key| key.2))
            .bind(i64::from(limit) + 1)
            .bind(access::departments_of(&caller, false)?)
            .fetch_all(&app.pool)
            .await?;
        open_details(&app.keys, caller.facility_id.0, &mut rows)?;
        let key = |row: &AuditRow| -> Key { (row.occurred_at, row.partition, row.chain_seq) };
        Ok(fresh(Page::cut(rows, limit, key, view)))
    }
}

/// Everything that the trail has on these visits, oldest first.
///
/// # Errors
/// The database does not answer, or what is sealed cannot be read.
pub(super) async fn of_visits(
    app: &App,
    facility: Uuid,
    visits: &[Uuid],
) -> Result<Vec<AuditView>, Problem> {
    const ROWS_MAX: i64 = 100_000;
    let mut rows: Vec<AuditRow> = sqlx::query_as(select_audit!("a.visit_id = ANY($2)"))
        .bind(facility)
        .bind(visits)
        .bind(None::<DateTime<Utc>>)
        .bind(None::<DateTime<Utc>>)
        .bind(None::<DateTime<Utc>>)
        .bind(None::<i16>)
        .bind(None::<i64>)
        .bind(ROWS_MAX)
        // Whoever may export a visit may see its whole trail, wherever it went.
        .bind(None::<Vec<Uuid>>)
        .fetch_all(&app.pool)
        .await?;
    open_details(&app.keys, facility, &mut rows)?;
    Ok(rows.into_iter().map(view).collect())
}

/// What stands in the place of a detail once the person was erased.
const ERASED: &str = r#"{"erased":true}"#;

fn open_details(keys: &Keys, facility: Uuid, rows: &mut [AuditRow]) -> Result<(), Problem> {
    for row in rows {
        let Some(stored) = row.detail.take() else {
            continue;
        };
        let of_facility = keys.open_for_facility(facility, Field::AuditDetail, &stored)?;
        let opened = match (of_facility, row.visit_id) {
            (Some(bytes), _) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            (None, Some(visit)) => {
                let key = std::mem::take(&mut row.key);
                Opener::new(keys, visit, key)?.text(Field::AuditDetail, stored)?
            }
            (None, None) => Some(stored),
        };
        row.detail = Some(opened.unwrap_or_else(|| ERASED.to_owned()));
    }
    Ok(())
}

fn view(row: AuditRow) -> AuditView {
    // Both columns hold JSON that workers wrote; should one not, its text is still shown.
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    AuditView {
        event_id: row.event_id,
        event_type: row.event_type,
        occurred_at: row.occurred_at.into(),
        actor: row.actor,
        command_id: Some(row.command_id).filter(|id| !id.is_nil()),
        department_id: row.department_id,
        visit_id: row.visit_id,
        version: row.version,
        trace_id: row.trace_id,
        facts: json(row.facts),
        detail: row.detail.map(json),
        partition: row.partition,
        chain_seq: row.chain_seq,
        hash: row.hash,
    }
}
