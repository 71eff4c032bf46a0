//! People who sign in at an external issuer, as far as they are known here.

use super::oidc::claims::{Claims, Person};
use super::oidc::config::Issuer;
use super::sessions::Ending;
use super::{trail, transact};
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use medique_contracts::ids::{FacilityId, StaffId};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Says something only at the first token of a sign-in.
const NOTE: &str = "
    INSERT INTO external_identity (staff_id, facility_id, issuer, sign_in, seen_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (staff_id) DO UPDATE SET facility_id = $2, issuer = $3, sign_in = $4, seen_at = $5
    WHERE external_identity.sign_in <> $4 OR external_identity.facility_id <> $2
    RETURNING staff_id";

const ACCOUNT: &str = "
    SELECT access_version FROM staff
    WHERE id = $1 AND facility_id = $2 AND disabled_at IS NULL";

const END: &str =
    "UPDATE external_identity SET ended_at = now() WHERE staff_id = $1 RETURNING facility_id";

/// What stands for a person here.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Of the account that the person has here, too.
    pub access_version: Option<i64>,
}

/// Notes a person whose token was verified; the first token of a sign-in goes into the audit. None
/// when the account that the token names is not there, or disabled.
///
/// # Errors
/// `database_unavailable`.
pub async fn note(
    pool: &PgPool,
    issuer: &Issuer,
    claims: &Claims,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Option<Known>, Problem> {
    let (name, sign_in, person) = (issuer.issuer.clone(), claims.sign_in(), person.clone());
    transact(pool, move |connection| {
        Box::pin(async move {
            let mut access_version = None;
            if person.has_account {
                access_version = account(connection, &person).await?;
                if access_version.is_none() {
                    return Ok(None);
                }
            }
            let is_new: Option<Uuid> = sqlx::query_scalar(NOTE)
                .bind(person.staff_id.0)
                .bind(person.facility_id.0)
                .bind(&name)
                .bind(&sign_in[..])
                .bind(now)
                .fetch_optional(&mut *connection)
                .await?;
            if is_new.is_some() {
                tell(connection, &person, &name).await?;
            }
            Ok(Some(Known { access_version }))
        })
    })
    .await
}

async fn account(
    connection: &mut PgConnection,
    person: &Person,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(ACCOUNT)
        .bind(person.staff_id.0)
        .bind(person.facility_id.0)
        .fetch_optional(connection)
        .await
}

async fn tell(
    connection: &mut PgConnection,
    person: &Person,
    issuer: &str,
) -> Result<(), sqlx::Error> {
    let entry = trail::Entry {
        kind: trail::FactKind::LoginSucceeded,
        facility: person.facility_id,
        actor: &format!("staff:{}", person.staff_id),
        trace_id: None,
        facts: json!({ "issuer": issuer, "role": person.role.as_str(), "external": true }),
        detail: None,
    };
    trail::record(connection, entry).await
}

/// Ends what a person has here: tokens that the issuer made until now are refused. Gives 1, or 0
/// when the person was never seen.
///
/// # Errors
/// The database's.
pub async fn end(
    connection: &mut PgConnection,
    staff: StaffId,
    ending: &Ending<'_>,
) -> Result<u64, sqlx::Error> {
    let facility: Option<Uuid> = sqlx::query_scalar(END)
        .bind(staff.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(facility) = facility else {
        return Ok(0);
    };
    let entry = trail::Entry {
        kind: trail::FactKind::SessionEnded,
        facility: FacilityId(facility),
        actor: ending.by.unwrap_or("system:sessions"),
        trace_id: ending.trace_id.clone(),
        facts: json!({ "staff_id": staff, "reason": ending.reason.as_str(), "external": true }),
        detail: None,
    };
    trail::record(connection, entry).await?;
    Ok(1)
}
