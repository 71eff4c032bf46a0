//! Visits, their stages, tokens, and what is recorded with them.
//!
//! Updates run before inserts: a patient who finishes one visit and begins another in the same
//! batch must not meet the constraint on live visits.

use super::stages::{StageRow, bind_stages, insert_stages, upsert_stages};
use super::{Statement, WriteError, expect_rows};
use crate::lane::plan::Plan;
use crate::lane::seal::Seals;
use medique_domain::advice::StoredTriage;
use medique_domain::model::{Stage, UndoRecord, Visit};
use medique_platform::privacy::Field;
use sqlx::PgConnection;

pub(super) async fn write(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
) -> Result<(), WriteError> {
    let (old, new): (Vec<_>, Vec<_>) = plan
        .visits
        .values()
        .partition(|(visit, _)| plan.versions.contains_key(&visit.id));
    let (mut old_stages, new_stages): (Vec<StageRow<'_>>, Vec<StageRow<'_>>) = plan
        .stages
        .iter()
        .map(|((visit, _), (stage, level))| (visit, stage, *level))
        .partition(|(visit, _, _)| plan.versions.contains_key(visit));
    // A visit's other stage ends before this one begins: one live stage is checked row by row.
    old_stages.sort_by_key(|(_, stage, _)| stage.ended_at.is_none());
    update_visits(connection, plan, seals, &old).await?;
    upsert_stages(connection, seals, &old_stages).await?;
    insert_visits(connection, seals, &new, &new_stages).await?;
    tokens(connection, plan).await?;
    super::records::write(connection, plan, seals).await
}

fn json<T: serde::Serialize>(value: &Option<T>) -> Result<Option<String>, serde_json::Error> {
    value.as_ref().map(serde_json::to_string).transpose()
}

/// The intake as a JSON string of sealed JSON.
fn sealed_intake(seals: &Seals, visit: &Visit) -> Result<Option<String>, WriteError> {
    let Some(intake) = json(&visit.intake)? else {
        return Ok(None);
    };
    let sealed = seals.text(visit.id, Field::Intake, &intake)?;
    Ok(Some(serde_json::to_string(&sealed)?))
}

/// The adviser's part; none of a plain check-in, which pays nothing for it.
fn sealed_triage(seals: &Seals, visit: &Visit) -> Result<Option<String>, WriteError> {
    let Some(stored) = StoredTriage::of(visit) else {
        return Ok(None);
    };
    let advice = json(&visit.advice)?;
    let stored = StoredTriage {
        advice: advice
            .map(|advice| seals.text(visit.id, Field::Advice, &advice))
            .transpose()?,
        ..stored
    };
    Ok(Some(serde_json::to_string(&stored)?))
}

fn sealed_undo(seals: &Seals, visit: &Visit) -> Result<Option<String>, WriteError> {
    let Some(undo) = &visit.undo else {
        return Ok(None);
    };
    let hold = undo.stage.hold.as_ref();
    let stage = Stage {
        hold: hold.map(|hold| seals.hold(visit.id, hold)).transpose()?,
        ..undo.stage.clone()
    };
    let sealed = UndoRecord {
        stage,
        ..undo.clone()
    };
    Ok(Some(serde_json::to_string(&sealed)?))
}

fn sealed_patient(seals: &Seals, visit: &Visit) -> Result<Option<String>, WriteError> {
    match &visit.patient_key {
        Some(key) => Ok(seals.patient_mark(visit.facility_id.0, key)?),
        None => Ok(None),
    }
}

/// The columns of visits that change over time, as arrays.
struct Columns {
    ids: Vec<uuid::Uuid>,
    versions: Vec<i64>,
    partitions: Vec<i16>,
    intakes: Vec<Option<String>>,
    patient_keys: Vec<Option<String>>,
    live: Vec<bool>,
    token_departments: Vec<Option<uuid::Uuid>>,
    token_numbers: Vec<Option<i32>>,
    tokens: Vec<Option<String>>,
    vitals: Vec<Option<String>>,
    floors: Vec<String>,
    clinicians: Vec<Option<String>>,
    levels: Vec<i16>,
    current_stages: Vec<i16>,
    undos: Vec<Option<String>>,
    triages: Vec<Option<String>>,
}

impl Columns {
    fn of(rows: &[&(Visit, i16)], seals: &Seals) -> Result<Self, WriteError> {
        let visits = || rows.iter().map(|(visit, _)| visit);
        Ok(Self {
            ids: visits().map(|visit| visit.id.0).collect(),
            versions: visits().map(|visit| visit.version).collect(),
            partitions: rows.iter().map(|(_, partition)| *partition).collect(),
            intakes: visits()
                .map(|visit| sealed_intake(seals, visit))
                .collect::<Result<_, _>>()?,
            patient_keys: visits()
                .map(|visit| sealed_patient(seals, visit))
                .collect::<Result<_, _>>()?,
            live: visits().map(|visit| visit.stage.state.is_live()).collect(),
            token_departments: visits()
                .map(|visit| visit.token_department_id.map(|id| id.0))
                .collect(),
            token_numbers: visits().map(|visit| visit.token_number).collect(),
            tokens: visits().map(|visit| visit.token.clone()).collect(),
            vitals: visits()
                .map(|visit| json(&visit.vitals))
                .collect::<Result<_, _>>()?,
            floors: visits()
                .map(|visit| serde_json::to_string(&visit.floor))
                .collect::<Result<_, _>>()?,
            clinicians: visits()
                .map(|visit| json(&visit.clinician))
                .collect::<Result<_, _>>()?,
            levels: visits().map(|visit| i16::from(visit.level)).collect(),
            current_stages: visits().map(|visit| visit.stage.ordinal).collect(),
            undos: visits()
                .map(|visit| sealed_undo(seals, visit))
                .collect::<Result<_, _>>()?,
            triages: visits()
                .map(|visit| sealed_triage(seals, visit))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Binds the next sixteen parameters, in the order of the fields.
fn bind_columns(statement: Statement<'_>, columns: Columns) -> Statement<'_> {
    statement
        .bind(columns.ids)
        .bind(columns.versions)
        .bind(columns.partitions)
        .bind(columns.intakes)
        .bind(columns.patient_keys)
        .bind(columns.live)
        .bind(columns.token_departments)
        .bind(columns.token_numbers)
        .bind(columns.tokens)
        .bind(columns.vitals)
        .bind(columns.floors)
        .bind(columns.clinicians)
        .bind(columns.levels)
        .bind(columns.current_stages)
        .bind(columns.undos)
        .bind(columns.triages)
}

async fn update_visits(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
    rows: &[&(Visit, i16)],
) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(rows, seals)?;
    let before: Vec<_> = rows
        .iter()
        .map(|(visit, _)| plan.versions.get(&visit.id).copied().unwrap_or(0))
        .collect();
    let statement = sqlx::query(
        "UPDATE visit AS v \
            SET version = x.version, partition = x.partition, intake = x.intake::jsonb, \
                patient_key = x.patient_key, live = x.live, token_department_id = x.token_department_id, \
                token_number = x.token_number, token = x.token, vitals = x.vitals::jsonb, \
                floor = x.floor::jsonb, clinician = x.clinician::jsonb, level = x.level, \
                current_stage = x.current_stage, undo = x.undo::jsonb, triage = x.triage::jsonb \
           FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::boolean[], \
                       $7::uuid[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], \
                       $13::smallint[], $14::smallint[], $15::text[], $16::text[], $17::bigint[]) \
             AS x(id, version, partition, intake, patient_key, live, token_department_id, token_number, \
                  token, vitals, floor, clinician, level, current_stage, undo, triage, before) \
          WHERE v.id = x.id AND v.version = x.before",
    );
    let written = bind_columns(statement, columns)
        .bind(before)
        .execute(connection)
        .await?;
    expect_rows("visit", rows.len(), written.rows_affected())
}

/// New visits, their data keys and their stages in one statement, which costs less than three. Takes
/// the stages' parameters first ([`bind_stages`]), then those of [`bind_columns`].
/// There is nothing that they could conflict with, which the server need not find out row by row.
const INSERT_VISITS: &str = concat!(
    "WITH new_visit AS ( \
         INSERT INTO visit (id, version, partition, intake, patient_key, live, token_department_id, \
                            token_number, token, vitals, floor, clinician, level, current_stage, undo, \
                            triage, facility_id, service_day, arrived_at) \
         SELECT id, version, p, intake::jsonb, patient_key, live, token_department_id, token_number, token, \
                vitals::jsonb, floor::jsonb, clinician::jsonb, level, current_stage, undo::jsonb, \
                triage::jsonb, facility_id, service_day, arrived_at \
           FROM unnest($22::uuid[], $23::bigint[], $24::smallint[], $25::text[], $26::text[], $27::boolean[], \
                       $28::uuid[], $29::integer[], $30::text[], $31::text[], $32::text[], $33::text[], \
                       $34::smallint[], $35::smallint[], $36::text[], $37::text[], $38::uuid[], $39::date[], \
                       $40::timestamptz[]) \
             AS x(id, version, p, intake, patient_key, live, token_department_id, token_number, token, \
                  vitals, floor, clinician, level, current_stage, undo, triage, facility_id, service_day, \
                  arrived_at)), \
     new_key AS ( \
         INSERT INTO visit_key (visit_id, wrapped_key, master_key_id) \
         SELECT * FROM unnest($41::uuid[], $42::bytea[], $43::text[])) ",
    insert_stages!()
);

async fn insert_visits(
    connection: &mut PgConnection,
    seals: &Seals,
    rows: &[&(Visit, i16)],
    stages: &[StageRow<'_>],
) -> Result<(), WriteError> {
    if rows.is_empty() && seals.new_keys.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(rows, seals)?;
    let visits = || rows.iter().map(|(visit, _)| visit);
    let keys = || seals.new_keys.iter();
    let statement = bind_stages(sqlx::query(INSERT_VISITS), seals, stages)?;
    let written = bind_columns(statement, columns)
        .bind(
            visits()
                .map(|visit| visit.facility_id.0)
                .collect::<Vec<_>>(),
        )
        .bind(visits().map(|visit| visit.service_day).collect::<Vec<_>>())
        .bind(visits().map(|visit| visit.arrived_at).collect::<Vec<_>>())
        .bind(keys().map(|(visit, _)| visit.0).collect::<Vec<_>>())
        .bind(
            keys()
                .map(|(_, key)| key.bytes.as_slice())
                .collect::<Vec<_>>(),
        )
        .bind(
            keys()
                .map(|(_, key)| key.master_key_id.as_str())
                .collect::<Vec<_>>(),
        )
        .execute(connection)
        .await?;
    expect_rows("stage", stages.len(), written.rows_affected())
}

async fn tokens(connection: &mut PgConnection, plan: &Plan) -> Result<(), WriteError> {
    if plan.tokens.is_empty() {
        return Ok(());
    }
    let keys = || plan.tokens.keys();
    sqlx::query(
        "INSERT INTO token_counter (department_id, service_day, last_number) \
         SELECT * FROM unnest($1::uuid[], $2::date[], $3::integer[]) \
         ON CONFLICT (department_id, service_day) DO UPDATE SET last_number = excluded.last_number",
    )
    .bind(
        keys()
            .map(|(department, _)| department.0)
            .collect::<Vec<_>>(),
    )
    .bind(keys().map(|(_, day)| *day).collect::<Vec<_>>())
    .bind(plan.tokens.values().copied().collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
