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
pub mod location;
pub mod notices;
pub mod outcome;
pub mod position;
mod publish;
pub mod state;
pub mod waiters;

pub use answer::{Answer, Answered};
pub use conditions::Conditions;
pub use gather::Unavailable;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::{CommandId, DepartmentId, VisitId};
use medique_contracts::{Actor, Command, CommandKind, RejectionCode};
use medique_domain::{permissions, validate};
use std::sync::Arc;

/// What a command is about, which also decides its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A department that the client named.
    Department(DepartmentId),
    /// A visit, wherever it is.
    Visit(VisitId),
    /// The facility as a whole.
    Facility,
}

/// What a client asks for.
#[derive(Debug)]
pub struct Ask {
    /// What it is about.
    pub target: Target,
    /// What the address named; keys are remembered per resource.
    pub resource: String,
    /// The version that the client saw.
    pub expected_version: Option<i64>,
    /// The operation and its payload.
    pub command: Command,
}

impl Ask {
    /// A command on a visit.
    pub fn on_visit(visit: uuid::Uuid, expected_version: Option<i64>, command: Command) -> Self {
        let target = Target::Visit(VisitId(visit));
        Self {
            target,
            resource: visit.to_string(),
            expected_version,
            command,
        }
    }

    /// A command that the client addresses to a department, where the address names none.
    pub fn in_department(department: uuid::Uuid, command: Command) -> Self {
        let target = Target::Department(DepartmentId(department));
        Self {
            target,
            resource: String::new(),
            expected_version: None,
            command,
        }
    }

    /// A command on the facility as a whole.
    pub fn in_facility(resource: impl Into<String>, command: Command) -> Self {
        Self {
            target: Target::Facility,
            resource: resource.into(),
            expected_version: None,
            command,
        }
    }

    /// Says what the address named.
    #[must_use]
    pub fn named(mut self, resource: uuid::Uuid) -> Self {
        self.resource = resource.to_string();
        self
    }
}

/// A command with everything that is fixed about it before any lookup.
struct Intent {
    caller: Caller,
    id: CommandId,
    kind: CommandKind,
    fingerprint: String,
    /// The visit that the command is about or creates.
    visit: Option<VisitId>,
    target: Target,
    expected_version: Option<i64>,
    command: Command,
}

impl Intent {
    fn new(caller: &Caller, conditions: &Conditions, ask: Ask) -> Result<Self, Problem> {
        let key = idempotency::key(conditions.key.as_ref())?;
        let command = validate::command(&ask.command).map_err(invalid_fields)?;
        let kind = command.kind();
        let id = CommandId::derive(&caller.actor_key, kind.as_str(), &ask.resource, key);
        let department = match ask.target {
            Target::Department(id) => Some(id),
            Target::Visit(_) | Target::Facility => None,
        };
        let fingerprint = idempotency::fingerprint(&idempotency::Request {
            kind,
            resource: &ask.resource,
            department,
            expected_version: ask.expected_version,
            command: &command,
        })
        .map_err(|_| Problem::new(RejectionCode::InvalidField))?;
        let visit = match ask.target {
            Target::Visit(visit) => Some(visit),
            _ if kind.creates_visit() => Some(VisitId(id.created())),
            _ => None,
        };
        Ok(Self {
            caller: caller.clone(),
            id,
            kind,
            fingerprint,
            visit,
            target: ask.target,
            expected_version: ask.expected_version,
            command,
        })
    }

    /// Whether the command can be accepted without any read: nothing about it depends on what the
    /// database knows, and JetStream and the worker recognise a repetition by themselves.
    fn needs_no_read(&self) -> bool {
        self.kind.creates_visit() || self.kind == CommandKind::CallNext
    }

    /// The actor who may ask for the outcome: after a check-in by link the patient of that visit.
    fn asker(&self) -> String {
        match (&self.caller.actor, self.visit) {
            (Actor::Link { .. }, Some(visit_id)) => Actor::Patient { visit_id }.key(),
            _ => self.caller.actor_key.clone(),
        }
    }
}

fn invalid_fields(errors: Vec<validate::FieldError>) -> Problem {
    let problem = Problem::new(RejectionCode::InvalidField);
    errors.into_iter().fold(problem, |problem, error| {
        problem.field(error.pointer, error.detail)
    })
}

/// Accepts a command, or says why not.
///
/// # Errors
/// Everything that a client can be told; see [`crate::problem::catalogue`].
pub async fn accept(conditions: Conditions, caller: &Caller, ask: Ask) -> Answered {
    let app = Arc::clone(&conditions.app);
    let intent = Intent::new(caller, &conditions, ask)?;
    check(&intent, None)?;
    let (known, department) = tokio::join!(recall(&app, &intent), locate(&app, &intent));
    let Some(known) = known? else {
        let department = department?;
        check(&intent, department)?;
        return publish::publish(&app, &conditions, &intent, department).await;
    };
    if known.fingerprint != intent.fingerprint {
        return Err(Problem::new(ApiCode::IdempotencyKeyReused));
    }
    outcome::replay(&app, &conditions, &intent, &known)
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
    match app.inbox.get(intent.id).await {
        Ok(known) => Ok(known),
        Err(_) if intent.needs_no_read() => Ok(None),
        Err(_) => Err(database_unavailable()),
    }
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
