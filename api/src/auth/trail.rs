//! Facts about identity, for the audit.

use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, Fact};
use serde_json::Value;
use sqlx::PgConnection;

pub use medique_platform::audit::FactKind;

/// One fact about who came in or went.
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

/// Puts a fact into the audit, in the caller's transaction. Its chain stays locked until that ends.
///
/// # Errors
/// The database's.
pub async fn record(connection: &mut PgConnection, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    let fact = Fact {
        trace_id: entry.trace_id,
        facts: entry.facts,
        detail: entry.detail,
        ..Fact::new(entry.kind, Some(entry.facility), entry.actor)
    };
    audit::append(connection, &fact).await
}
