//! What is recorded with visits.

use super::WriteError;
use crate::lane::plan::Plan;
use crate::lane::seal::Seals;
use medique_platform::privacy::Field;
use sqlx::PgConnection;

/// Vital signs, notes and used links: appended, never changed.
pub(super) async fn write(
    connection: &mut PgConnection,
    plan: &Plan,
    seals: &Seals,
) -> Result<(), WriteError> {
    for (visit, version, at, by, vitals) in &plan.vitals {
        sqlx::query(
            "INSERT INTO vital_signs (visit_id, version, recorded_at, recorded_by, signs) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(visit.0)
        .bind(version)
        .bind(at)
        .bind(by)
        .bind(sqlx::types::Json(vitals))
        .execute(&mut *connection)
        .await?;
    }
    for (visit, version, at, by, notes) in &plan.notes {
        let sealed = |field, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| seals.text(*visit, field, text)).transpose()
        };
        sqlx::query(
            "INSERT INTO consultation_note (visit_id, version, written_by, written_at, notes, prescription) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(visit.0)
        .bind(version)
        .bind(by)
        .bind(at)
        .bind(sealed(Field::Notes, &notes.notes)?)
        .bind(sealed(Field::Prescription, &notes.prescription)?)
        .execute(&mut *connection)
        .await?;
    }
    for (link, visit, at) in &plan.used_links {
        sqlx::query("INSERT INTO used_link (link_id, visit_id, used_at) VALUES ($1, $2, $3)")
            .bind(link.0)
            .bind(visit.0)
            .bind(at)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
