//! What follows from a change of a second factor, wherever it is made: a mail to the owner, the end
//! of the other sessions, and a fact in the audit.

use crate::auth::person::Person;
use crate::auth::sessions::{EndReason, Ending, end_all_as};
use crate::problem::Problem;
use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use sqlx::PgConnection;
use uuid::Uuid;

/// What became of a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// One came into force.
    Enabled,
    /// It was taken away.
    Removed,
}

/// Tells the owner, ends every session but `session`, and puts it into the audit.
///
/// # Errors
/// `database_unavailable`.
pub async fn changed(
    connection: &mut PgConnection,
    person: &Person,
    how: Changed,
    session: Option<Uuid>,
    trace_id: Option<String>,
) -> Result<(), Problem> {
    let mail = Mail::SecondFactorChanged {
        name: person.name.clone(),
        enabled: how == Changed::Enabled,
        changed_at: clock::now(),
    };
    mail::enqueue(connection, &person.email, &mail).await?;
    let ending = Ending {
        reason: EndReason::SecondFactorChanged,
        by: None,
        trace_id: trace_id.clone(),
    };
    end_all_as(connection, person.staff_id(), &ending, session).await?;
    let what = match how {
        Changed::Enabled => "enabled",
        Changed::Removed => "removed",
    };
    record(connection, person, what, trace_id).await?;
    Ok(())
}

/// Puts a change that the owner made into the audit.
///
/// # Errors
/// The database's.
pub async fn record(
    connection: &mut PgConnection,
    person: &Person,
    what: &str,
    trace_id: Option<String>,
) -> Result<(), sqlx::Error> {
    let facility = Some(FacilityId(person.facility_id));
    let mut fact = Fact::new(FactKind::SecondFactorChanged, facility, person.actor());
    fact.trace_id = trace_id;
    fact.facts = serde_json::json!({ "staff_id": person.id, "change": what });
    audit::append(connection, &fact).await
}
