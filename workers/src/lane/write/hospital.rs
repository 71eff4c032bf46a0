//! Departments, rooms, doctors. Rare, so one statement per row is enough.

use super::WriteError;
use crate::lane::plan::Plan;
use sqlx::PgConnection;
use sqlx::types::Json;

pub(super) async fn write(connection: &mut PgConnection, plan: &Plan) -> Result<(), WriteError> {
    for department in plan.departments.values() {
        sqlx::query(
            "INSERT INTO department (id, facility_id, version, code, settings) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO UPDATE \
                SET version = excluded.version, code = excluded.code, settings = excluded.settings",
        )
        .bind(department.id.0)
        .bind(department.facility_id.0)
        .bind(department.version)
        .bind(&department.settings.code)
        .bind(Json(&department.settings))
        .execute(&mut *connection)
        .await?;
    }
    for room in plan.rooms.values() {
        sqlx::query(
            "INSERT INTO room (id, department_id, version, code, settings) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO UPDATE \
                SET version = excluded.version, code = excluded.code, settings = excluded.settings",
        )
        .bind(room.id.0)
        .bind(room.department_id.0)
        .bind(room.version)
        .bind(&room.settings.code)
        .bind(Json(&room.settings))
        .execute(&mut *connection)
        .await?;
    }
    for doctor in plan.doctors.values() {
        sqlx::query("UPDATE doctor SET status = $2, version = $3 WHERE id = $1")
            .bind(doctor.id.0)
            .bind(doctor.status.as_str())
            .bind(doctor.version)
            .execute(&mut *connection)
            .await?;
    }
    if !plan.last_rooms.is_empty() {
        let (doctors, rooms): (Vec<_>, Vec<_>) = plan
            .last_rooms
            .iter()
            .map(|(doctor, room)| (doctor.0, room.0))
            .unzip();
        sqlx::query(
            "UPDATE doctor AS d SET last_room_id = x.room FROM unnest($1::uuid[], $2::uuid[]) AS x(id, room) \
              WHERE d.id = x.id AND d.last_room_id IS DISTINCT FROM x.room",
        )
        .bind(doctors)
        .bind(rooms)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
