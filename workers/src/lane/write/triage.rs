//! What statistics of triage keep, and the switch of the adviser. A batch without either writes
//! nothing here.

use super::{WriteError, expect_rows};
use crate::lane::plan::{AdviceRow, DecisionRow, Plan};
use crate::lane::seal::Seals;
use medique_contracts::commands::{AdviceResult, Suggestion};
use medique_contracts::vocabulary::AdviceFailure;
use sqlx::PgConnection;

pub(super) async fn write(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
) -> Result<(), WriteError> {
    for switch in &plan.adviser {
        let written = sqlx::query(
            "UPDATE facility SET adviser_enabled = $2, adviser_version = $3, adviser_since = $4, \
                    adviser_by = $5, adviser_reason = $6 WHERE id = $1",
        )
        .bind(switch.facility_id.0)
        .bind(switch.adviser.enabled)
        .bind(switch.adviser.version)
        .bind(switch.at)
        .bind(&switch.by)
        .bind(seals.adviser_reason(switch.facility_id.0, &switch.reason)?)
        .execute(&mut *connection)
        .await?;
        expect_rows("facility", 1, written.rows_affected())?;
    }
    advice(connection, &plan.advice).await?;
    decisions(connection, &plan.decisions).await?;
    taken_back(connection, plan).await
}

fn suggestion(row: &AdviceRow) -> Option<&Suggestion> {
    match &row.advice.result {
        AdviceResult::Suggested(suggestion) => Some(suggestion),
        AdviceResult::Failed { .. } => None,
    }
}

fn failure(row: &AdviceRow) -> Option<&'static str> {
    match &row.advice.result {
        AdviceResult::Suggested(_) => None,
        AdviceResult::Failed { kind } => Some(AdviceFailure::as_str(*kind)),
    }
}

async fn advice(connection: &mut PgConnection, rows: &[AdviceRow]) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    fn all<'r, T>(rows: &'r [AdviceRow], get: impl Fn(&'r AdviceRow) -> T) -> Vec<T> {
        rows.iter().map(get).collect()
    }
    let small = |level: u8| i16::from(level);
    let written = sqlx::query(
        "INSERT INTO triage_advice (command_id, visit_id, facility_id, department_id, at, based_on, \
                                    version, refused, provider, model, prompt_version, input_hash, \
                                    latency_ms, attempts, level, confidence, failure, policy, \
                                    floor_level, level_before, level_after, standing_level) \
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], \
                              $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], \
                              $11::bigint[], $12::text[], $13::bigint[], $14::integer[], \
                              $15::smallint[], $16::float8[], $17::text[], $18::text[], \
                              $19::smallint[], $20::smallint[], $21::smallint[], $22::smallint[])",
    )
    .bind(all(rows, |row| row.command_id.0))
    .bind(all(rows, |row| row.visit_id.0))
    .bind(all(rows, |row| row.facility_id.0))
    .bind(all(rows, |row| row.department_id.0))
    .bind(all(rows, |row| row.at))
    .bind(all(rows, |row| row.advice.based_on))
    .bind(all(rows, |row| row.version))
    .bind(all(rows, |row| row.refused.map(|code| code.as_str())))
    .bind(all(rows, |row| row.advice.source.provider.as_str()))
    .bind(all(rows, |row| row.advice.source.model.as_str()))
    .bind(all(rows, |row| i64::from(row.advice.source.prompt_version)))
    .bind(all(rows, |row| row.advice.source.input_hash.as_str()))
    .bind(all(rows, |row| i64::from(row.advice.source.latency_ms)))
    .bind(all(rows, |row| i32::from(row.advice.source.attempts)))
    .bind(all(rows, |row| suggestion(row).map(|s| small(s.level))))
    .bind(all(rows, |row| suggestion(row).map(|s| s.confidence)))
    .bind(all(rows, failure))
    .bind(all(rows, |row| row.policy.map(|policy| policy.as_str())))
    .bind(all(rows, |row| small(row.floor_level)))
    .bind(all(rows, |row| small(row.level_before)))
    .bind(all(rows, |row| small(row.level_after)))
    .bind(all(rows, |row| row.standing_level.map(small)))
    .execute(connection)
    .await?;
    expect_rows("triage_advice", rows.len(), written.rows_affected())
}

async fn decisions(connection: &mut PgConnection, rows: &[DecisionRow]) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    fn all<'r, T>(rows: &'r [DecisionRow], get: impl Fn(&'r DecisionRow) -> T) -> Vec<T> {
        rows.iter().map(get).collect()
    }
    let small = |level: u8| i16::from(level);
    let written = sqlx::query(
        "INSERT INTO triage_decision (visit_id, version, facility_id, department_id, at, actor, \
                                      by_desk, level, overrides_floor, floor_level, level_before, \
                                      level_after, answers, suggested_level) \
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::timestamptz[], \
                              $6::text[], $7::boolean[], $8::smallint[], $9::boolean[], \
                              $10::smallint[], $11::smallint[], $12::smallint[], $13::bigint[], \
                              $14::smallint[])",
    )
    .bind(all(rows, |row| row.visit_id.0))
    .bind(all(rows, |row| row.version))
    .bind(all(rows, |row| row.facility_id.0))
    .bind(all(rows, |row| row.department_id.0))
    .bind(all(rows, |row| row.at))
    .bind(all(rows, |row| row.actor.as_str()))
    .bind(all(rows, |row| row.clinician.by_desk))
    .bind(all(rows, |row| small(row.clinician.level)))
    .bind(all(rows, |row| row.clinician.overrides_floor))
    .bind(all(rows, |row| small(row.floor_level)))
    .bind(all(rows, |row| small(row.level_before)))
    .bind(all(rows, |row| small(row.level_after)))
    .bind(all(rows, |row| row.answers))
    .bind(all(rows, |row| row.suggested_level.map(small)))
    .execute(connection)
    .await?;
    expect_rows("triage_decision", rows.len(), written.rows_affected())
}

/// What was set in error says nothing about the adviser. Levels that an older build recorded have
/// no row.
async fn taken_back(connection: &mut PgConnection, plan: &Plan) -> Result<(), WriteError> {
    if plan.taken_back.is_empty() {
        return Ok(());
    }
    let (visits, versions): (Vec<_>, Vec<_>) = plan
        .taken_back
        .iter()
        .map(|(visit, version)| (visit.0, *version))
        .unzip();
    sqlx::query(
        "UPDATE triage_decision AS d SET taken_back = true \
           FROM unnest($1::uuid[], $2::bigint[]) AS x(visit_id, version) \
          WHERE d.visit_id = x.visit_id AND d.version = x.version",
    )
    .bind(visits)
    .bind(versions)
    .execute(connection)
    .await?;
    Ok(())
}
