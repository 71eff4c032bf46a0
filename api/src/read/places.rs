//! Where visits stand right now: the part that queue, board, patient page and live snapshots share.
//! No personal data is read here.

use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::VisitSnapshot;
use medique_contracts::ids::{DepartmentId, DoctorId, RoomId, VisitId};
use medique_domain::queue_order::QueueEntry;
use sqlx::{FromRow, PgPool, Row};
use uuid::Uuid;

/// Most live visits of one department that are read at once. Far above any real department; a
/// bound all the same, because every reader holds them in memory.
pub const LIVE_MAX: usize = 5_000;

/// A visit and the room that it is called to.
#[derive(Debug, Clone)]
pub struct Place {
    /// Public state.
    pub snapshot: VisitSnapshot,
    /// Code of the room.
    pub room: Option<String>,
}

/// The columns of a [`Place`], from `visit v`, its stage `s` and the stage's room `r`.
macro_rules! place_columns {
    () => {
        "v.id, v.version, v.token, v.service_day, v.arrived_at, s.state, s.ordinal, s.department_id, s.level, \
         s.assigned_doctor_id, s.doctor_id, s.room_id, s.front, s.queued_since, s.called_at, s.started_at, \
         s.ended_at, s.recall_count, s.inaccurate, r.code AS room"
    };
}
pub(crate) use place_columns;

impl<'r> FromRow<'r, sqlx::postgres::PgRow> for Place {
    fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
        let state: &str = row.try_get("state")?;
        let small = |column: &str| row.try_get::<i16, _>(column);
        let snapshot = VisitSnapshot {
            visit_id: VisitId(row.try_get("id")?),
            version: row.try_get("version")?,
            token: row.try_get("token")?,
            service_day: row.try_get::<NaiveDate, _>("service_day")?,
            state: state
                .parse()
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            stage: small("ordinal")?,
            department_id: DepartmentId(row.try_get("department_id")?),
            from_department_id: None,
            level: small("level")?.clamp(1, 5) as u8,
            assigned_doctor_id: row
                .try_get::<Option<Uuid>, _>("assigned_doctor_id")?
                .map(DoctorId),
            doctor_id: row.try_get::<Option<Uuid>, _>("doctor_id")?.map(DoctorId),
            room_id: row.try_get::<Option<Uuid>, _>("room_id")?.map(RoomId),
            front: row.try_get("front")?,
            queued_since: row.try_get("queued_since")?,
            arrived_at: row.try_get("arrived_at")?,
            called_at: row.try_get("called_at")?,
            started_at: row.try_get("started_at")?,
            ended_at: row.try_get("ended_at")?,
            recall_count: small("recall_count")?.max(0) as u16,
            inaccurate: row.try_get("inaccurate")?,
        };
        Ok(Self {
            snapshot,
            room: row.try_get("room")?,
        })
    }
}

impl Place {
    /// What the order of the queue depends on, with the department's targets in minutes per level.
    pub fn queue_entry(&self, target_minutes: &[u16; 5]) -> QueueEntry {
        QueueEntry {
            visit_id: self.snapshot.visit_id,
            level: self.snapshot.level,
            front: self.snapshot.front,
            queued_since: self.snapshot.queued_since,
            target_minutes: target(target_minutes, self.snapshot.level),
            assigned_doctor_id: self.snapshot.assigned_doctor_id,
        }
    }
}

fn target(target_minutes: &[u16; 5], level: u8) -> u16 {
    target_minutes[usize::from(level.clamp(1, 5)) - 1]
}

/// Every live visit of a department, at most [`LIVE_MAX`], in no particular order.
///
/// # Errors
/// The database does not answer.
pub async fn live_of(pool: &PgPool, department: DepartmentId) -> Result<Vec<Place>, sqlx::Error> {
    // Two parts, so that each finds its partial index.
    sqlx::query_as(concat!(
        "SELECT ",
        place_columns!(),
        " FROM (
            SELECT * FROM stage
            WHERE department_id = $1 AND state IN ('SCANNED', 'CALLED', 'IN_CONSULTATION', 'ON_HOLD')
            UNION ALL
            (SELECT * FROM stage
             WHERE department_id = $1 AND state IN ('WAITING', 'URGENT')
             ORDER BY level, front DESC, queued_since, visit_id LIMIT $2)
          ) s
          JOIN visit v ON v.id = s.visit_id
          LEFT JOIN room r ON r.id = s.room_id
          LIMIT $2"
    ))
    .bind(department.0)
    .bind(LIVE_MAX as i64)
    .fetch_all(pool)
    .await
}

#[derive(FromRow)]
struct WaitingRow {
    visit_id: Uuid,
    level: i16,
    front: bool,
    queued_since: DateTime<Utc>,
    assigned_doctor_id: Option<Uuid>,
}

/// The waiting visits of a department as the order of the queue sees them, at most [`LIVE_MAX`].
///
/// # Errors
/// The database does not answer.
pub async fn waiting_in(
    pool: &PgPool,
    department: DepartmentId,
    target_minutes: &[u16; 5],
) -> Result<Vec<QueueEntry>, sqlx::Error> {
    let rows: Vec<WaitingRow> = sqlx::query_as(
        "SELECT visit_id, level, front, queued_since, assigned_doctor_id FROM stage
         WHERE department_id = $1 AND state IN ('WAITING', 'URGENT')
         ORDER BY level, front DESC, queued_since, visit_id LIMIT $2",
    )
    .bind(department.0)
    .bind(LIVE_MAX as i64)
    .fetch_all(pool)
    .await?;
    let entry = |row: WaitingRow| {
        let level = row.level.clamp(1, 5) as u8;
        QueueEntry {
            visit_id: VisitId(row.visit_id),
            level,
            front: row.front,
            queued_since: row.queued_since,
            target_minutes: target(target_minutes, level),
            assigned_doctor_id: row.assigned_doctor_id.map(DoctorId),
        }
    };
    Ok(rows.into_iter().map(entry).collect())
}
