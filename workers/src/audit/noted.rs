//! Notes what a check found where the api reads it.

use super::{Finding, Report};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use sqlx::types::Json;

/// Findings that are kept; what comes behind the first break of a chain says little.
const KEPT: usize = 100;

/// Notes a report, unless a younger one is noted.
///
/// # Errors
/// The database does not answer, or does not let this role write.
pub async fn note(
    pool: &PgPool,
    report: &Report,
    checked_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let first: Vec<&Finding> = report.findings.iter().take(KEPT).collect();
    sqlx::query(
        "INSERT INTO audit_verification (checked_at, row_count, roots, signatures_checked, ends, \
                                         finding_count, findings) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (one_row) DO UPDATE \
            SET checked_at = excluded.checked_at, row_count = excluded.row_count, \
                roots = excluded.roots, signatures_checked = excluded.signatures_checked, \
                ends = excluded.ends, finding_count = excluded.finding_count, \
                findings = excluded.findings \
          WHERE audit_verification.checked_at <= excluded.checked_at",
    )
    .bind(checked_at)
    .bind(i64::try_from(report.rows).unwrap_or(i64::MAX))
    .bind(i32::try_from(report.roots).unwrap_or(i32::MAX))
    .bind(report.signatures_checked)
    .bind(Json(&report.ends))
    .bind(i64::try_from(report.findings.len()).unwrap_or(i64::MAX))
    .bind(Json(first))
    .execute(pool)
    .await?;
    Ok(())
}
