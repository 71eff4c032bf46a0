//! Outcomes on their way back: replaying one, and putting it into an answer.

use super::answer::{AcceptedAnswer, Answer, Answered, CommandAnswer, waited};
use super::inbox::InboxRow;
use super::position::Position;
use super::state::ResultAnswer;
use super::wait::Awaited;
use super::{Conditions, Intent};
use crate::app::App;
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::outcome::DecidedCommand;
use medique_contracts::{Actor, Outcome};

/// A final word and when it was spoken.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The final word.
    pub outcome: Outcome,
    /// When the broker stored the command.
    pub accepted_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// Trace of the request that was accepted.
    pub trace_id: Option<String>,
}

impl From<&InboxRow> for Decided {
    fn from(row: &InboxRow) -> Self {
        Self {
            outcome: row.outcome.0.clone(),
            accepted_at: row.accepted_at,
            decided_at: row.decided_at,
            trace_id: row.trace_id.clone(),
        }
    }
}

impl From<&DecidedCommand> for Decided {
    fn from(decided: &DecidedCommand) -> Self {
        Self {
            outcome: decided.outcome.clone(),
            accepted_at: decided.accepted_at,
            decided_at: decided.decided_at,
            trace_id: decided.trace_id.clone(),
        }
    }
}

/// Answers a request whose command was decided before.
pub(super) fn replay(
    app: &App,
    conditions: &Conditions,
    intent: &Intent,
    known: &InboxRow,
) -> Answered {
    if let Some(wait_s) = conditions.wait_s {
        let awaited = Awaited {
            wait_s,
            replayed: true,
        };
        return answer(app, conditions, intent, &Decided::from(known), &awaited);
    }
    let position = Position {
        partition: known.partition.unsigned_abs(),
        seq: known.seq.unsigned_abs(),
        accepted_at: known.accepted_at,
        trace_id: known.trace_id.as_deref().map_or(0, trace_id),
        kind: intent.kind,
    };
    Ok(Answer::Accepted {
        body: accepted(app, intent, &position)?,
        replayed: true,
    })
}

/// The body of a 202.
pub(super) fn accepted(
    app: &App,
    intent: &Intent,
    position: &Position,
) -> Result<AcceptedAnswer, Problem> {
    let token = app.positions.sign(intent.id, &intent.asker(), position);
    Ok(AcceptedAnswer {
        command_id: intent.id.0,
        status: "accepted".to_owned(),
        visit_id: intent.visit.map(|visit| visit.0),
        status_url: format!("/api/v1/commands/{}?position={token}", intent.id),
        visit_token: visit_token(app, intent)?,
    })
}

/// The answer to a request that waited.
pub(super) fn answer(
    app: &App,
    conditions: &Conditions,
    intent: &Intent,
    decided: &Decided,
    awaited: &Awaited,
) -> Answered {
    if let Some(problem) = problem(&decided.outcome) {
        return Err(waited(problem.command(intent.id), awaited.wait_s));
    }
    let is_patient = matches!(
        intent.caller.actor,
        Actor::Patient { .. } | Actor::Link { .. }
    );
    let body = CommandAnswer {
        command_id: intent.id.0,
        kind: intent.kind.to_string(),
        status: status(&decided.outcome).to_owned(),
        accepted_at: decided.accepted_at,
        decided_at: Some(decided.decided_at),
        visit_id: visit_of(&decided.outcome).or(intent.visit.map(|visit| visit.0)),
        result: result(&decided.outcome, is_patient),
        problem: None,
        trace_id: decided
            .trace_id
            .clone()
            .unwrap_or_else(|| conditions.trace.trace_id()),
        visit_token: visit_token(app, intent)?,
    };
    Ok(Answer::Applied {
        body: Box::new(body),
        replayed: awaited.replayed,
        created: intent.kind.creates_visit(),
        waited_s: awaited.wait_s,
    })
}

/// Whoever comes with a link goes on with a credential for the visit that it created.
fn visit_token(app: &App, intent: &Intent) -> Result<Option<String>, Problem> {
    let (Actor::Link { .. }, Some(visit)) = (&intent.caller.actor, intent.visit) else {
        return Ok(None);
    };
    let now = medique_platform::clock::now();
    match app
        .tokens
        .visit_token(visit, intent.caller.facility_id, now)
    {
        Ok((token, _)) => Ok(Some(token)),
        Err(error) => {
            tracing::error!(%error, "a visit token could not be signed");
            Err(Problem::new(ApiCode::InternalError))
        }
    }
}

/// Reads a trace id; 0 for what is none.
pub(super) fn trace_id(text: &str) -> u128 {
    u128::from_str_radix(text, 16).unwrap_or_default()
}

/// The word for an outcome.
pub fn status(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied { .. } => "applied",
        Outcome::Rejected { .. } => "rejected",
        Outcome::DeadLettered { .. } => "dead_lettered",
    }
}

/// Why there was no effect.
pub fn problem(outcome: &Outcome) -> Option<Problem> {
    match outcome {
        Outcome::Applied { .. } => None,
        Outcome::Rejected { rejection } => Some(Problem::from(rejection.clone())),
        Outcome::DeadLettered { .. } => Some(Problem::new(ApiCode::DeadLettered)),
    }
}

/// What an applied command did. Patients are not shown levels.
pub fn result(outcome: &Outcome, for_patient: bool) -> Option<ResultAnswer> {
    match outcome {
        Outcome::Applied { result } => Some(ResultAnswer::of(result, for_patient)),
        Outcome::Rejected { .. } | Outcome::DeadLettered { .. } => None,
    }
}

/// The visit that an applied command changed.
pub fn visit_of(outcome: &Outcome) -> Option<uuid::Uuid> {
    match outcome {
        Outcome::Applied { result } => result.visit.as_ref().map(|visit| visit.visit_id.0),
        Outcome::Rejected { .. } | Outcome::DeadLettered { .. } => None,
    }
}
