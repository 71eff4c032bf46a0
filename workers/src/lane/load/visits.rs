//! Visits with their newest stage, and the doctors and rooms that they meet in.

use super::hospital::more_departments;
use super::sealed;
use super::{LoadError, Loaded, may_choose_room, may_revive};
use crate::lane::batch::Item;
use medique_contracts::CommandKind;
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, RoomId, VisitId};
use medique_domain::World;
use medique_domain::decide::{Needs, needs_of_visit};
use medique_domain::model::{Doctor, Room};
use medique_platform::privacy::Keys;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Locks doctors, rooms and visits in that order, and loads them.
pub(super) async fn load(
    connection: &mut PgConnection,
    keys: &Keys,
    wanted: &mut Needs,
    loaded: &mut Loaded,
) -> Result<(), LoadError> {
    doctors(connection, wanted, &mut loaded.world).await?;
    rooms(connection, wanted, &mut loaded.world).await?;
    let named = wanted.visits.clone();
    let occupying = with_doctor_or_in_room(connection, wanted).await?;
    wanted.visits.extend(occupying);
    lock_visits(connection, keys, wanted, &named, loaded).await?;
    for visit in loaded.world.visits.values() {
        needs_of_visit(visit, wanted);
    }
    more_departments(connection, &wanted.departments, &mut loaded.world).await
}

/// The first waiting visits of each level and doctor's line: as many as the batch can take away,
/// and one more to compare with. Within a line the order is fixed (front, then time, then id), so
/// nobody behind these can be called.
async fn queue_heads(
    connection: &mut PgConnection,
    wanted: &Needs,
) -> Result<Vec<VisitId>, sqlx::Error> {
    if wanted.queue_heads.is_empty() {
        return Ok(Vec::new());
    }
    let (departments, limits): (Vec<_>, Vec<_>) = wanted
        .queue_heads
        .iter()
        .map(|(department, takers)| (department.0, i64::from(*takers) + 1))
        .unzip();
    let rows = sqlx::query(
        "SELECT head.visit_id \
           FROM unnest($1::uuid[], $2::bigint[]) AS want(department_id, heads) \
          CROSS JOIN generate_series(1, 5) AS line_level \
          CROSS JOIN LATERAL ( \
             SELECT visit_id FROM ( \
               SELECT s.visit_id, row_number() OVER (PARTITION BY s.assigned_doctor_id \
                        ORDER BY s.front DESC, s.queued_since, s.visit_id) AS place \
                 FROM stage s \
                WHERE s.department_id = want.department_id AND s.level = line_level \
                  AND s.state IN ('WAITING', 'URGENT')) AS line \
              WHERE place <= want.heads) AS head",
    )
    .bind(departments)
    .bind(limits)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(VisitId(row.try_get(0)?)))
        .collect()
}

/// Every live visit of the facilities whose day is closed.
async fn sweep(connection: &mut PgConnection, wanted: &Needs) -> Result<Vec<VisitId>, sqlx::Error> {
    if wanted.sweeps.is_empty() {
        return Ok(Vec::new());
    }
    let facilities: Vec<_> = wanted.sweeps.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "SELECT s.visit_id FROM department d JOIN stage s ON s.department_id = d.id \
          WHERE d.facility_id = ANY($1) AND s.state IN ('WAITING', 'URGENT') \
          UNION ALL \
         SELECT s.visit_id FROM department d JOIN stage s ON s.department_id = d.id \
          WHERE d.facility_id = ANY($1) AND s.state IN ('SCANNED', 'CALLED', 'IN_CONSULTATION', 'ON_HOLD')",
    )
    .bind(facilities)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(VisitId(row.try_get(0)?)))
        .collect()
}

/// Reads, without a lock, which visits the batch is about and which doctors, rooms, departments and
/// patients they name. Gives the marks of the patients whose visits may come back.
pub(super) async fn look(
    connection: &mut PgConnection,
    wanted: &mut Needs,
    items: &[Item],
) -> Result<BTreeSet<(FacilityId, String)>, sqlx::Error> {
    let mut marks = BTreeSet::new();
    wanted.visits.extend(queue_heads(connection, wanted).await?);
    wanted.visits.extend(sweep(connection, wanted).await?);
    let choosers = visits_of(items, may_choose_room);
    let revived = visits_of(items, may_revive);
    let ids: Vec<_> = wanted.visits.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "SELECT v.id, v.facility_id, v.patient_key, s.department_id, \
                ARRAY[s.doctor_id, s.assigned_doctor_id, (v.undo->'stage'->>'doctor_id')::uuid, \
                      (v.undo->'stage'->>'assigned_doctor_id')::uuid] AS doctors, \
                ARRAY[s.room_id, (v.undo->'stage'->>'room_id')::uuid] AS rooms \
           FROM visit v JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage \
          WHERE v.id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    for row in rows {
        let id = VisitId(row.try_get("id")?);
        let doctors: Vec<Option<Uuid>> = row.try_get("doctors")?;
        let rooms: Vec<Option<Uuid>> = row.try_get("rooms")?;
        wanted
            .doctors
            .extend(doctors.into_iter().flatten().map(DoctorId));
        wanted.rooms.extend(rooms.into_iter().flatten().map(RoomId));
        if choosers.contains(&id) {
            wanted
                .rooms_of
                .insert(DepartmentId(row.try_get("department_id")?));
        }
        let patient_key: Option<String> = row.try_get("patient_key")?;
        if let Some(key) = patient_key.filter(|_| revived.contains(&id)) {
            marks.insert((FacilityId(row.try_get("facility_id")?), key));
        }
    }
    Ok(marks)
}

/// Visits that the batch's commands of some kinds name.
fn visits_of(items: &[Item], kinds: impl Fn(CommandKind) -> bool) -> BTreeSet<VisitId> {
    items
        .iter()
        .filter_map(|item| item.content.as_ref().ok())
        .filter(|message| kinds(message.command.kind()))
        .filter_map(|message| message.context.visit_id)
        .collect()
}

async fn doctors(
    connection: &mut PgConnection,
    wanted: &Needs,
    world: &mut World,
) -> Result<(), LoadError> {
    let ids: Vec<_> = wanted.doctors.iter().map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "SELECT d.id, d.facility_id, d.version, d.status, d.capacity, d.last_room_id, \
                ARRAY(SELECT department_id FROM doctor_department WHERE doctor_id = d.id) AS departments \
           FROM doctor d WHERE d.id = ANY($1) ORDER BY d.id FOR NO KEY UPDATE",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    for row in rows {
        let id = DoctorId(row.try_get("id")?);
        let departments: Vec<Uuid> = row.try_get("departments")?;
        let doctor = Doctor {
            id,
            facility_id: FacilityId(row.try_get("facility_id")?),
            departments: departments.into_iter().map(DepartmentId).collect(),
            status: word(&row, "status", "doctor")?,
            last_room_id: row.try_get::<Option<Uuid>, _>("last_room_id")?.map(RoomId),
            capacity: u16::try_from(row.try_get::<i16, _>("capacity")?).unwrap_or(1),
            version: row.try_get("version")?,
        };
        world.doctors.insert(id, doctor);
    }
    Ok(())
}

async fn rooms(
    connection: &mut PgConnection,
    wanted: &mut Needs,
    world: &mut World,
) -> Result<(), LoadError> {
    let ids: Vec<_> = wanted.rooms.iter().map(|id| id.0).collect();
    let departments: Vec<_> = wanted.rooms_of.iter().map(|id| id.0).collect();
    if ids.is_empty() && departments.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "SELECT id, department_id, version, settings FROM room \
          WHERE id = ANY($1) OR department_id = ANY($2) ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(ids)
    .bind(departments)
    .fetch_all(connection)
    .await?;
    for row in rows {
        let id = RoomId(row.try_get(0)?);
        let Json(settings) = row.try_get(3)?;
        let department_id = DepartmentId(row.try_get(1)?);
        wanted.rooms.insert(id);
        world.rooms.insert(
            id,
            Room {
                id,
                department_id,
                version: row.try_get(2)?,
                settings,
            },
        );
    }
    Ok(())
}

/// Visits that occupy the locked doctors and rooms. Whoever changes that set holds the same locks.
async fn with_doctor_or_in_room(
    connection: &mut PgConnection,
    wanted: &Needs,
) -> Result<Vec<VisitId>, sqlx::Error> {
    let doctors: Vec<_> = wanted.doctors.iter().map(|id| id.0).collect();
    let rooms: Vec<_> = wanted.rooms.iter().map(|id| id.0).collect();
    if doctors.is_empty() && rooms.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "SELECT visit_id FROM stage WHERE state IN ('CALLED', 'IN_CONSULTATION') AND doctor_id = ANY($1) \
          UNION \
         SELECT visit_id FROM stage WHERE state IN ('CALLED', 'IN_CONSULTATION') AND room_id = ANY($2)",
    )
    .bind(doctors)
    .bind(rooms)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(VisitId(row.try_get(0)?)))
        .collect()
}

/// Locks and loads the wanted visits. Of the `named` ones, which the batch may change, doctor and
/// room must be among those that are locked; of the others only the place that they occupy counts.
async fn lock_visits(
    connection: &mut PgConnection,
    keys: &Keys,
    wanted: &Needs,
    named: &BTreeSet<VisitId>,
    loaded: &mut Loaded,
) -> Result<(), LoadError> {
    let ids: Vec<_> = wanted.visits.iter().map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(());
    }
    // Two statements: a row that waited for its lock is seen anew only by a statement that begins
    // after the lock was granted, and a joined stage would otherwise be the old one.
    sqlx::query("SELECT id FROM visit WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE")
        .bind(&ids)
        .execute(&mut *connection)
        .await?;
    let rows = sqlx::query(
        "SELECT v.id, v.facility_id, v.version, v.partition, v.intake, v.patient_key, \
                v.token_department_id, v.token_number, v.token, v.service_day, v.arrived_at, v.vitals, \
                v.floor, v.clinician, v.triage, v.level, v.undo, s.ordinal, s.department_id, s.state, \
                s.assigned_doctor_id, s.doctor_id, s.doctor_slot, s.room_id, s.room_slot, s.front, \
                s.queued_since, s.entered_at, s.called_at, s.last_called_at, s.started_at, s.ended_at, \
                s.recall_count, s.hold, s.inaccurate, s.clock_clamped, \
                (SELECT max(ordinal) FROM stage l WHERE l.visit_id = v.id) AS last_ordinal, \
                k.wrapped_key, k.master_key_id, k.destroyed_at IS NOT NULL AS erased \
           FROM visit v JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage \
           LEFT JOIN visit_key k ON k.visit_id = v.id \
          WHERE v.id = ANY($1)",
    )
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    for row in rows {
        let (visit, key) = sealed::visit(&row, keys)?;
        loaded.keys.extend(key.map(|key| (visit.id, key)));
        let known = |doctor: Option<DoctorId>| doctor.is_none_or(|id| wanted.doctors.contains(&id));
        let in_known_room = visit
            .stage
            .room_id
            .is_none_or(|id| wanted.rooms.contains(&id));
        let is_complete =
            known(visit.stage.doctor_id) && known(visit.stage.assigned_doctor_id) && in_known_room;
        if named.contains(&visit.id) && !is_complete {
            return Err(LoadError::Moved);
        }
        loaded.writers.insert(visit.id, row.try_get("partition")?);
        loaded.versions.insert(visit.id, visit.version);
        loaded.world.visits.insert(visit.id, visit);
    }
    Ok(())
}

pub(super) fn word<T: std::str::FromStr>(
    row: &PgRow,
    column: &'static str,
    table: &'static str,
) -> Result<T, LoadError> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| LoadError::Inconsistent {
        table,
        cause: format!("{column} holds an unknown word"),
    })
}
