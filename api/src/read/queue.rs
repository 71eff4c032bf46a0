//! The queue of a department, in the very order in which call-next would call.

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use crate::read::access;
use crate::read::cursor;
use crate::read::fields::{Part, QUEUE, sees};
use crate::read::page::{Fresh, LIMIT_DEFAULT, fresh};
use crate::read::places::{self, Place};
use crate::read::reads::{self, Looked};
use crate::read::sealed::{Opener, key_columns};
use crate::read::time::Instant;
use crate::routes::Group;
use crate::schema::Word;
use chrono::{DateTime, Utc};
use medique_contracts::RejectionCode;
use medique_contracts::commands::DepartmentSettings;
use medique_contracts::ids::{DepartmentId, DoctorId};
use medique_contracts::vocabulary::{Role, StageState};
use medique_domain::model::IntakeRecord;
use medique_domain::queue_order::QueueEntry;
use medique_platform::privacy::StoredKey;
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{FromRow, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

mod order;

use order::{After, Line, why};

/// Why the one in front stands in front. No personal data.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Why {
    /// The patient in front.
    pub ahead_visit_id: Uuid,
    /// `immediate` (level 1), `placed_in_front`, `higher_credit`, `longer_wait` or `identifier`.
    pub reason: String,
    /// How long the one in front has waited, seconds.
    pub ahead_waited_s: Option<i64>,
    /// Target of the one in front, minutes.
    pub ahead_target_minutes: Option<u16>,
    /// How long this one has waited, seconds.
    pub waited_s: Option<i64>,
    /// Target of this one, minutes.
    pub target_minutes: Option<u16>,
}

/// A patient in the queue, or in hand.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct QueueItem {
    /// Place among the waiting, from 1; absent for others.
    pub position: Option<u32>,
    /// The visit.
    pub visit_id: Uuid,
    /// Grows by one with each change; send it as `expected_version`.
    pub version: i64,
    /// Token such as `GM-042`.
    pub token: Option<String>,
    /// State.
    pub state: Word<StageState>,
    /// Name of the patient.
    pub name: Option<String>,
    /// Presenting complaint.
    pub complaint: Option<String>,
    /// Effective level, 1 (worst) to 5.
    pub level: u8,
    /// Whether a clinician should look: the adviser failed, or suggests more urgency than the visit
    /// has.
    pub needs_review: bool,
    /// Whether the patient was placed before everybody but level 1.
    pub front: bool,
    /// Arrival at the facility.
    pub arrived_at: Instant,
    /// Instant from which waiting counts.
    pub queued_since: Instant,
    /// When vital signs were last taken or a nurse or doctor last set the level; absent when nobody
    /// did. From here on the next assessment comes due.
    pub assessed_at: Option<Instant>,
    /// Minutes within which a patient of this level should be seen.
    pub target_minutes: u16,
    /// Share of the target that was waited, 1.0 when it is used up; absent for a target of zero.
    pub credit: Option<f64>,
    /// Why the one in front stands in front; absent for the first.
    pub why: Option<Why>,
    /// Doctor whose patient it is; absent for the pool.
    pub assigned_doctor_id: Option<Uuid>,
    /// Doctor who called or sees the patient.
    pub doctor_id: Option<Uuid>,
    /// Room that the patient was called to.
    pub room_id: Option<Uuid>,
    /// Code of that room.
    pub room: Option<String>,
    /// First announcement.
    pub called_at: Option<Instant>,
    /// Start of the consultation.
    pub started_at: Option<Instant>,
    /// Announcements after the first.
    pub recall_count: u16,
}

/// Part of a queue.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Queue {
    /// The instant that the order holds for; all pages of one listing share it.
    pub as_of: Instant,
    /// Patients who wait, on all pages and for all doctors asked for.
    pub waiting: u32,
    /// In the order of calling; behind them, by arrival, those in other states when asked for.
    pub items: Vec<QueueItem>,
    /// Send it as `cursor` to get what follows; absent on the last page.
    pub next_cursor: Option<String>,
}

/// The queue.
pub struct QueueApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl QueueApi {
    /// The queue of a department
    ///
    /// In the order in which call-next would call, each patient with the reason for the place. That
    /// a member of staff looked stands in the audit trail, once in a quarter of an hour.
    #[oai(
        path = "/departments/:department_id/queue",
        method = "get",
        operation_id = "read_queue"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "one per parameter of the operation"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        department_id: Path<Uuid>,
        /// States, separated by commas; `WAITING,URGENT` when absent.
        state: Query<Option<String>>,
        /// Only those whom call-next would offer this doctor: the pool's and the own ones.
        doctor_id: Query<Option<Uuid>>,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Queue>, Problem> {
        let department = DepartmentId(department_id.0);
        access::to_department(&app.pool, &caller, department).await?;
        let after: Option<After> = cursor::decode(cursor.0.as_deref())?;
        reads::audit(app, &caller, trace, Looked::Queue(department)).await?;
        let now = after
            .as_ref()
            .map_or_else(medique_platform::clock::now, |after| after.as_of);
        let states = states(state.0.as_deref())?;
        let targets = targets(&app.pool, department).await?;
        let places = places::live_of(&app.pool, department).await?;
        let doctor = doctor_id.0.map(DoctorId);
        let mut lines = order::lines(places, &states, doctor, &targets, now);
        let waiting = lines.iter().filter(|line| line.position.is_some()).count() as u32;
        if let Some(after) = &after {
            lines.retain(|line| after.is_before(line));
        }
        let has_more = order::cut(&mut lines, limit.0.unwrap_or(LIMIT_DEFAULT));
        let next_cursor = lines
            .last()
            .filter(|_| has_more)
            .map(|line| cursor::encode(&After::new(line, now)));
        let role = caller
            .role()
            .ok_or(Problem::new(RejectionCode::Forbidden))?;
        let mut people = people(app, &lines).await?;
        let items = lines
            .into_iter()
            .map(|line| {
                let person = people.remove(&line.entry.visit_id.0);
                item(line, person, role, now)
            })
            .collect();
        Ok(fresh(Queue {
            as_of: now.into(),
            waiting,
            items,
            next_cursor,
        }))
    }
}

fn states(text: Option<&str>) -> Result<Vec<StageState>, Problem> {
    let Some(text) = text else {
        return Ok(vec![StageState::Waiting, StageState::Urgent]);
    };
    let state = |word: &str| {
        word.trim()
            .parse()
            .ok()
            .filter(|state: &StageState| state.is_live())
    };
    text.split(',').map(state).collect::<Option<_>>().ok_or_else(|| {
        Problem::new(ApiCode::InvalidParameter)
            .detail("state: SCANNED, WAITING, URGENT, CALLED, IN_CONSULTATION, ON_HOLD, separated by commas")
    })
}

async fn targets(pool: &PgPool, department: DepartmentId) -> Result<[u16; 5], sqlx::Error> {
    let settings: Json<DepartmentSettings> =
        sqlx::query_scalar("SELECT settings FROM department WHERE id = $1")
            .bind(department.0)
            .fetch_one(pool)
            .await?;
    Ok(settings.0.target_minutes)
}

/// Who the patients on this page are, and why they came; of this page only.
async fn people(app: &App, lines: &[Line]) -> Result<HashMap<Uuid, Person>, Problem> {
    let ids: Vec<Uuid> = lines.iter().map(|line| line.entry.visit_id.0).collect();
    let rows: Vec<PersonRow> = sqlx::query_as(concat!(
        "SELECT v.id, v.intake, \
                COALESCE((v.triage->>'needs_review')::boolean, false) AS needs_review, \
                GREATEST((SELECT max(s.recorded_at) FROM vital_signs s WHERE s.visit_id = v.id), \
                         (SELECT max(d.at) FROM triage_decision d WHERE d.visit_id = v.id \
                          AND NOT d.by_desk AND NOT d.taken_back)) AS assessed_at, ",
        key_columns!(),
        " FROM visit v LEFT JOIN visit_key k ON k.visit_id = v.id WHERE v.id = ANY($1)"
    ))
    .bind(ids)
    .fetch_all(&app.pool)
    .await?;
    let mut people = HashMap::with_capacity(rows.len());
    for row in rows {
        let opener = Opener::new(&app.keys, row.id, row.key)?;
        let person = Person {
            intake: opener.intake(row.intake.map(|json| json.0))?,
            needs_review: row.needs_review,
            assessed_at: row.assessed_at,
        };
        people.insert(row.id, person);
    }
    Ok(people)
}

/// What a line of the queue shows beside its place.
#[derive(Debug, Clone, Default)]
struct Person {
    intake: Option<IntakeRecord>,
    needs_review: bool,
    assessed_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct PersonRow {
    id: Uuid,
    needs_review: bool,
    assessed_at: Option<DateTime<Utc>>,
    intake: Option<Json<Value>>,
    #[sqlx(flatten)]
    key: StoredKey,
}

fn item(line: Line, person: Option<Person>, role: Role, now: DateTime<Utc>) -> QueueItem {
    let Line {
        place: Place {
            snapshot: visit,
            room,
        },
        entry,
        position,
        ahead,
    } = line;
    let shown = |part| sees(QUEUE, part, role);
    let Person {
        intake,
        needs_review,
        assessed_at,
    } = person.unwrap_or_default();
    let (name, complaint) = intake
        .map(|intake| (intake.patient.name, intake.complaint))
        .unzip();
    let name = name.filter(|_| shown(Part::Person));
    let complaint = complaint.filter(|_| shown(Part::Reason));
    QueueItem {
        position,
        visit_id: visit.visit_id.0,
        version: visit.version,
        token: visit.token,
        state: Word(visit.state),
        name,
        complaint,
        level: visit.level,
        needs_review,
        front: visit.front,
        arrived_at: visit.arrived_at.into(),
        queued_since: visit.queued_since.into(),
        assessed_at: assessed_at.map(Instant),
        target_minutes: entry.target_minutes,
        credit: position.and_then(|_| credit(&entry, now)),
        why: ahead.and_then(|ahead| why(&ahead, &entry, now)),
        assigned_doctor_id: visit.assigned_doctor_id.map(|id| id.0),
        doctor_id: visit.doctor_id.map(|id| id.0),
        room_id: visit.room_id.map(|id| id.0),
        room,
        called_at: visit.called_at.map(Instant),
        started_at: visit.started_at.map(Instant),
        recall_count: visit.recall_count,
    }
}

fn credit(entry: &QueueEntry, now: DateTime<Utc>) -> Option<f64> {
    let target_s = f64::from(entry.target_minutes) * 60.0;
    let waited_s = (now - entry.queued_since).as_seconds_f64().max(0.0);
    // Thousandths are as exact as anybody reads it.
    (target_s > 0.0).then(|| (waited_s / target_s * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests;
