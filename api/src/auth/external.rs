//! People who sign in at an external issuer, as far as they are known here.

use super::sessions::Ending;
use super::trail;
use medique_contracts::ids::{FacilityId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Tokens issued in this very second may be younger than this instant; they end too, and the next
/// one of the issuer is good.
const END: &str = "
    UPDATE external_identity SET ended_at = now() WHERE staff_id = $1 RETURNING facility_id";

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
        facts: serde_json::json!({
            "staff_id": staff,
            "reason": ending.reason.as_str(),
            "external": true,
        }),
        detail: None,
    };
    trail::record(connection, entry).await?;
    Ok(1)
}
