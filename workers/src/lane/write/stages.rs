//! Stages of visits.

use super::{Statement, WriteError, expect_rows};
use crate::lane::seal::Seals;
use medique_contracts::ids::VisitId;
use medique_domain::model::Stage;
use sqlx::PgConnection;

fn sealed_hold(seals: &Seals, visit: VisitId, stage: &Stage) -> Result<Option<String>, WriteError> {
    match &stage.hold {
        Some(hold) => Ok(Some(serde_json::to_string(&seals.hold(visit, hold)?)?)),
        None => Ok(None),
    }
}

pub(super) type StageRow<'a> = (&'a VisitId, &'a Stage, u8);

/// Takes the parameters 1 to 21 ([`bind_stages`]).
macro_rules! insert_stages {
    () => {
        "INSERT INTO stage (visit_id, ordinal, department_id, state, level, assigned_doctor_id, doctor_id, \
                            doctor_slot, room_id, room_slot, front, queued_since, entered_at, called_at, \
                            last_called_at, started_at, ended_at, recall_count, hold, inaccurate, clock_clamped) \
         SELECT visit_id, ordinal, department_id, state, level, assigned_doctor_id, doctor_id, doctor_slot, \
                room_id, room_slot, front, queued_since, entered_at, called_at, last_called_at, started_at, \
                ended_at, recall_count, hold::jsonb, inaccurate, clock_clamped \
           FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::text[], $5::smallint[], $6::uuid[], \
                       $7::uuid[], $8::smallint[], $9::uuid[], $10::smallint[], $11::boolean[], \
                       $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], \
                       $16::timestamptz[], $17::timestamptz[], $18::smallint[], $19::text[], \
                       $20::boolean[], $21::boolean[]) \
             AS x(visit_id, ordinal, department_id, state, level, assigned_doctor_id, doctor_id, doctor_slot, \
                  room_id, room_slot, front, queued_since, entered_at, called_at, last_called_at, started_at, \
                  ended_at, recall_count, hold, inaccurate, clock_clamped)"
    };
}

pub(super) use insert_stages;

/// Stages of visits that exist.
const UPSERT_STAGES: &str = concat!(
    insert_stages!(),
    " ON CONFLICT (visit_id, ordinal) DO UPDATE \
            SET state = excluded.state, level = excluded.level, \
                assigned_doctor_id = excluded.assigned_doctor_id, doctor_id = excluded.doctor_id, \
                doctor_slot = excluded.doctor_slot, room_id = excluded.room_id, \
                room_slot = excluded.room_slot, front = excluded.front, \
                queued_since = excluded.queued_since, called_at = excluded.called_at, \
                last_called_at = excluded.last_called_at, started_at = excluded.started_at, \
                ended_at = excluded.ended_at, recall_count = excluded.recall_count, hold = excluded.hold, \
                inaccurate = excluded.inaccurate, clock_clamped = excluded.clock_clamped"
);

pub(super) async fn upsert_stages(
    connection: &mut PgConnection,
    seals: &Seals,
    rows: &[StageRow<'_>],
) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let written = bind_stages(sqlx::query(UPSERT_STAGES), seals, rows)?
        .execute(connection)
        .await?;
    expect_rows("stage", rows.len(), written.rows_affected())
}

pub(super) fn bind_stages<'q>(
    statement: Statement<'q>,
    seals: &Seals,
    rows: &[StageRow<'q>],
) -> Result<Statement<'q>, WriteError> {
    let stages = || rows.iter().map(|(_, stage, _)| *stage);
    let holds = rows
        .iter()
        .map(|(visit, stage, _)| sealed_hold(seals, **visit, stage))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(statement
        .bind(rows.iter().map(|(visit, _, _)| visit.0).collect::<Vec<_>>())
        .bind(stages().map(|stage| stage.ordinal).collect::<Vec<_>>())
        .bind(
            stages()
                .map(|stage| stage.department_id.0)
                .collect::<Vec<_>>(),
        )
        .bind(
            stages()
                .map(|stage| stage.state.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            rows.iter()
                .map(|(_, _, level)| i16::from(*level))
                .collect::<Vec<_>>(),
        )
        .bind(
            stages()
                .map(|stage| stage.assigned_doctor_id.map(|id| id.0))
                .collect::<Vec<_>>(),
        )
        .bind(
            stages()
                .map(|stage| stage.doctor_id.map(|id| id.0))
                .collect::<Vec<_>>(),
        )
        .bind(stages().map(|stage| stage.doctor_slot).collect::<Vec<_>>())
        .bind(
            stages()
                .map(|stage| stage.room_id.map(|id| id.0))
                .collect::<Vec<_>>(),
        )
        .bind(stages().map(|stage| stage.room_slot).collect::<Vec<_>>())
        .bind(stages().map(|stage| stage.front).collect::<Vec<_>>())
        .bind(stages().map(|stage| stage.queued_since).collect::<Vec<_>>())
        .bind(stages().map(|stage| stage.entered_at).collect::<Vec<_>>())
        .bind(stages().map(|stage| stage.called_at).collect::<Vec<_>>())
        .bind(
            stages()
                .map(|stage| stage.last_called_at)
                .collect::<Vec<_>>(),
        )
        .bind(stages().map(|stage| stage.started_at).collect::<Vec<_>>())
        .bind(stages().map(|stage| stage.ended_at).collect::<Vec<_>>())
        .bind(
            stages()
                .map(|stage| i16::try_from(stage.recall_count).unwrap_or(i16::MAX))
                .collect::<Vec<_>>(),
        )
        .bind(holds)
        .bind(stages().map(|stage| stage.inaccurate).collect::<Vec<_>>())
        .bind(
            stages()
                .map(|stage| stage.clock_clamped)
                .collect::<Vec<_>>(),
        ))
}
