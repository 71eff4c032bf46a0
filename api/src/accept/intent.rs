//! What a client asks for, and what is fixed about it before any lookup.

use super::{Conditions, idempotency};
use crate::auth::Caller;
use crate::problem::Problem;
use medique_contracts::ids::{CommandId, DepartmentId, VisitId};
use medique_contracts::{Actor, Command, CommandKind, RejectionCode};
use medique_domain::triage::Rules;
use medique_domain::validate;

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
pub(super) struct Intent {
    pub(super) caller: Caller,
    pub(super) id: CommandId,
    pub(super) kind: CommandKind,
    pub(super) fingerprint: String,
    /// The visit that the command is about or creates.
    pub(super) visit: Option<VisitId>,
    pub(super) target: Target,
    pub(super) expected_version: Option<i64>,
    pub(super) command: Command,
}

impl Intent {
    pub(super) fn new(caller: &Caller, conditions: &Conditions, ask: Ask) -> Result<Self, Problem> {
        let key = idempotency::key(conditions.key.as_ref())?;
        let command = validate::command(&ask.command).map_err(invalid_fields)?;
        known_questions(&command, &conditions.app.config.rules)?;
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
    pub(super) fn needs_no_read(&self) -> bool {
        self.kind.creates_visit() || self.kind == CommandKind::CallNext
    }

    /// The actor who may ask for the outcome: after a check-in by link the patient of that visit.
    pub(super) fn asker(&self) -> String {
        match (&self.caller.actor, self.visit) {
            (Actor::Link { .. }, Some(visit_id)) => Actor::Patient { visit_id }.key(),
            _ => self.caller.actor_key.clone(),
        }
    }
}

/// An answer to a question that nobody asks would count for nothing, and nobody would know. The
/// worker lets it pass: its rules may be others by the time it reads the command.
fn known_questions(command: &Command, rules: &Rules) -> Result<(), Problem> {
    let answers = match command {
        Command::CheckIn(command) => &command.intake.answers,
        Command::CheckInByLink(command) => &command.intake.answers,
        Command::FillIntake(command) => &command.intake.answers,
        _ => return Ok(()),
    };
    let is_known = |id: &str| rules.questions().iter().any(|question| question.id == id);
    let unknown = (answers.iter().enumerate()).filter(|(_, answer)| !is_known(&answer.question));
    let errors: Vec<_> = unknown
        .map(|(index, _)| validate::FieldError {
            pointer: format!("/answers/{index}/question"),
            detail: "is no question of GET /api/v1/triage/questions".to_owned(),
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(invalid_fields(errors))
    }
}

fn invalid_fields(errors: Vec<validate::FieldError>) -> Problem {
    let problem = Problem::new(RejectionCode::InvalidField);
    errors.into_iter().fold(problem, |problem, error| {
        problem.field(error.pointer, error.detail)
    })
}
