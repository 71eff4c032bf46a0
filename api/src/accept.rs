//! How a command is accepted: judged as far as that needs no lock, published once, and answered.
//!
//! [`accept`] is the whole path: key and bounds, what is known of the command already, permission,
//! the [`gate`], the broker, and the answer. Everything that needs the state of the hospital is
//! decided by the worker, which checks the permissions again.

pub mod answer;
pub mod conditions;
pub mod gate;
mod gather;
pub mod idempotency;
pub mod inbox;
mod intent;
pub mod location;
pub mod notices;
pub mod outcome;
pub mod position;
pub mod publish;
pub mod state;
mod wait;
pub mod waiters;

pub use answer::{Answer, Answered};
pub use conditions::Conditions;
pub use gather::Unavailable;
pub use intent::{Ask, Target};

use crate::app::App;
use crate::auth::Caller;
use crate::edge::telling::reason;
use crate::problem::{ApiCode, Problem};
use intent::Intent;
use medique_contracts::ids::DepartmentId;
use medique_contracts::{Actor, RejectionCode};
use medique_domain::permissions;
use medique_platform::telemetry::metrics::catalogue::COMMANDS_REFUSED;
use std::sync::Arc;
use std::time::Duration;

/// Longest look into the inbox for a command that can do without: a patient at the desk does not
/// wait for a database that hangs.
const RECALL_MAX: Duration = Duration::from_millis(250);

/// Accepts a command, or says why not.
///
/// # Errors
/// Everything that a client can be told; see [`crate::problem::catalogue`].
pub async fn accept(conditions: Conditions, caller: &Caller, ask: Ask) -> Answered {
    let answered = attempt(conditions, caller, ask).await;
    if let Err(problem) = &answered
        // what a worker decided against came through the door
        && problem.command_id().is_none()
    {
        COMMANDS_REFUSED.add(1, [reason(problem).into()]);
    }
    answered
}

async fn attempt(conditions: Conditions, caller: &Caller, ask: Ask) -> Answered {
    let app = Arc::clone(&conditions.app);
    let intent = Intent::new(caller, &conditions, ask)?;
    conditions.subject.is(intent.id, intent.visit);
    check(&intent, None)?;
    if intent.needs_no_read() {
        let department = locate(&app, &intent).await?;
        check(&intent, department)?;
        // Both at once. What is published under a known id changes nothing, inside the broker's
        // window or beyond it, where the worker's inbox knows it too.
        let (known, sent) = tokio::join!(
            recall(&app, &intent),
            publish::send(&app, &conditions, &intent, department)
        );
        return match known? {
            Some(known) => settled(&app, &conditions, &intent, &known),
            None => publish::answer(&app, &conditions, &intent, sent?).await,
        };
    }
    let (known, department) = tokio::join!(recall(&app, &intent), locate(&app, &intent));
    if let Some(known) = known? {
        return settled(&app, &conditions, &intent, &known);
    }
    let department = department?;
    check(&intent, department)?;
    let sent = publish::send(&app, &conditions, &intent, department).await?;
    publish::answer(&app, &conditions, &intent, sent).await
}

/// Answers what was decided before under the same key.
fn settled(
    app: &App,
    conditions: &Conditions,
    intent: &Intent,
    known: &inbox::InboxRow,
) -> Answered {
    if known.fingerprint != intent.fingerprint {
        return Err(Problem::new(ApiCode::IdempotencyKeyReused));
    }
    outcome::replay(app, conditions, intent, known)
}

/// The part of permission that needs no state. Without a department only the role is judged.
fn check(intent: &Intent, department: Option<DepartmentId>) -> Result<(), Problem> {
    let actor = &intent.caller.actor;
    if let (Actor::Patient { visit_id }, Target::Visit(visit)) = (actor, intent.target)
        && *visit_id != visit
    {
        return Err(Problem::new(RejectionCode::UnknownVisit));
    }
    permissions::check(actor, intent.kind, department, intent.visit)?;
    Ok(())
}

/// What the inbox knows of the command.
async fn recall(app: &App, intent: &Intent) -> Result<Option<Arc<inbox::InboxRow>>, Problem> {
    if intent.needs_no_read() {
        let looked = tokio::time::timeout(RECALL_MAX, app.inbox.get(intent.id)).await;
        return Ok(looked.ok().and_then(Result::ok).flatten());
    }
    app.inbox
        .get(intent.id)
        .await
        .map_err(|_| database_unavailable())
}

/// The department whose partition decides.
async fn locate(app: &App, intent: &Intent) -> Result<Option<DepartmentId>, Problem> {
    let visit = match intent.target {
        Target::Department(id) => return Ok(Some(id)),
        Target::Facility => return Ok(None),
        Target::Visit(visit) => visit,
    };
    let location = app
        .locations
        .get(visit)
        .await
        .map_err(|_| database_unavailable())?;
    location
        .filter(|location| location.facility_id == intent.caller.facility_id)
        .map(|location| Some(location.department_id))
        .ok_or(Problem::new(RejectionCode::UnknownVisit))
}

pub(crate) fn database_unavailable() -> Problem {
    Problem::new(ApiCode::DatabaseUnavailable).retry_after(1)
}
