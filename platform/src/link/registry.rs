//! The list of issued links: who issued which, and which are revoked. Written by the API and by the
//! admin command line, each time together with a fact in the audit trail.

use super::Link;
use crate::audit::{Fact, FactKind, append};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{DepartmentId, FacilityId, LinkId};
use serde_json::json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// On whose behalf a link is issued or revoked.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Key of the actor.
    pub actor: String,
    /// Trace of the request.
    pub trace_id: Option<String>,
}

/// Enters a link, within the caller's transaction.
///
/// # Errors
/// The database does not answer, or refuses.
pub async fn enter(
    connection: &mut PgConnection,
    link: &Link,
    created_at: DateTime<Utc>,
    issuer: &Issuer,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO check_in_link
             (id, facility_id, department_id, doctor_id, kind, created_at, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(link.link_id.0)
    .bind(link.facility_id.0)
    .bind(link.department_id.0)
    .bind(link.doctor_id.map(|id| id.0))
    .bind(link.kind().as_str())
    .bind(created_at)
    .bind(&issuer.actor)
    .bind(link.expires_at)
    .execute(&mut *connection)
    .await?;
    let facts = json!({
        "link_id": link.link_id, "kind": link.kind().as_str(), "doctor_id": link.doctor_id,
        "expires_at": link.expires_at,
    });
    let fact = Fact {
        department_id: Some(link.department_id),
        trace_id: issuer.trace_id.clone(),
        facts,
        ..Fact::new(FactKind::LinkCreated, Some(link.facility_id), &issuer.actor)
    };
    append(connection, &fact).await
}

/// Revokes a link, within the caller's transaction; says whether it was valid before. Only links of
/// the facility, and of the given departments when there are any, are found.
///
/// # Errors
/// The database does not answer, or refuses.
pub async fn revoke(
    connection: &mut PgConnection,
    (link, facility): (LinkId, FacilityId),
    departments: Option<Vec<Uuid>>,
    now: DateTime<Utc>,
    issuer: &Issuer,
) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query(
        "UPDATE check_in_link SET revoked_at = $4, revoked_by = $5
         WHERE id = $1 AND facility_id = $2 AND ($3::uuid[] IS NULL OR department_id = ANY($3))
           AND revoked_at IS NULL
         RETURNING department_id, kind",
    )
    .bind(link.0)
    .bind(facility.0)
    .bind(departments)
    .bind(now)
    .bind(&issuer.actor)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = revoked else {
        return Ok(false);
    };
    let kind: String = row.try_get(1)?;
    let fact = Fact {
        department_id: Some(DepartmentId(row.try_get(0)?)),
        trace_id: issuer.trace_id.clone(),
        facts: json!({ "link_id": link, "kind": kind }),
        ..Fact::new(FactKind::LinkRevoked, Some(facility), &issuer.actor)
    };
    append(connection, &fact).await?;
    Ok(true)
}
