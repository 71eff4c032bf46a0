//! Sending a message that was put aside again. Reading them: [`crate::read::dead_letters`].
//!
//! The letter is its own idempotency key: the copy has one id however often it is asked for, and
//! the worker's inbox lets its command take effect once. This process writes no business table, so
//! the worker that reads the copy marks the letter, in the transaction of what comes of it.

use super::Group;
use crate::accept::publish::{self, Again};
use crate::accept::{Conditions, database_unavailable, outcome};
use crate::app::{App, Shared};
use crate::auth::{Caller, transact};
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::read::{access, dead_letters};
use medique_contracts::RejectionCode;
use medique_contracts::ids::CommandId;
use medique_contracts::limits::REASON_CHARS_MAX;
use medique_domain::validate::normalise_text;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::bus::OutgoingMessage;
use medique_platform::parked::{self, Asked, Parked, ParkedError};
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Why a message is sent again.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct RedriveBody {
    /// Why it may work now; say nothing about a patient.
    #[oai(validator(min_length = 1, max_length = 300))]
    reason: String,
}

impl Example for RedriveBody {
    fn example() -> Self {
        Self {
            reason: "the workers were updated".to_owned(),
        }
    }
}

/// A message that was sent again.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Redriven {
    /// What was parked.
    dead_letter_id: Uuid,
    /// The command; absent when the message did not say.
    command_id: Option<Uuid>,
    /// `accepted`, or what became of the command: `applied`, `rejected`, `dead_lettered`.
    status: String,
}

/// The answer to a redrive.
#[derive(ApiResponse)]
pub enum RedriveAnswer {
    /// It was sent again, now or when this was asked before, and a worker has decided it.
    #[oai(status = 200)]
    Decided(Json<Redriven>),
    /// It was sent again, now or when this was asked before.
    #[oai(status = 202)]
    Accepted(Json<Redriven>),
}

/// Sending again.
pub struct RedriveApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::Commands",
    request_header(
        name = "Prefer",
        ty = "Option<String>",
        description = "`wait=N`: wait up to N (at most 30) seconds for what becomes of it."
    )
)]
impl RedriveApi {
    /// Send a message that was put aside again
    ///
    /// ADMIN. It takes effect at most once, however often this is asked, and may be refused like any
    /// command. Who asked and why stands in the audit trail before it is sent.
    #[oai(
        path = "/dead-letters/:dead_letter_id/redrive",
        method = "post",
        operation_id = "redrive_dead_letter"
    )]
    async fn redrive(
        &self,
        conditions: Conditions,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        dead_letter_id: Path<Uuid>,
        Body(body): Body<RedriveBody>,
    ) -> Result<RedriveAnswer, Problem> {
        access::to_admin(&caller)?;
        let reason = reason(&body.reason)?;
        let letter = find(app, &caller, dead_letter_id.0).await?;
        if letter.state == "redriven" {
            return answer(app, &letter).await;
        }
        let message = copy(app, &caller, &letter, reason.clone())?;
        write_down(app, &caller, trace, &letter, reason).await?;
        let again = publish::again(app, letter.partition.unsigned_abs(), message).await?;
        if wait(app, &again, conditions.wait_s).await {
            return answer(app, &letter).await;
        }
        Ok(RedriveAnswer::Accepted(Json(view(&letter, "accepted"))))
    }
}

fn reason(text: &str) -> Result<String, Problem> {
    let wrong = |detail: &str| Problem::new(RejectionCode::InvalidField).field("/reason", detail);
    let reason = normalise_text(text, false).map_err(wrong)?;
    if reason.is_empty() {
        return Err(wrong("must not be empty"));
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(wrong("must have at most 300 characters"));
    }
    Ok(reason)
}

/// A letter of the caller's facility and departments.
async fn find(app: &App, caller: &Caller, id: Uuid) -> Result<Parked, Problem> {
    let unknown = || Problem::new(ApiCode::NotFound);
    if !dead_letters::is_visible(app, caller, id).await? {
        return Err(unknown());
    }
    parked::read(&app.pool, id).await?.ok_or_else(unknown)
}

fn copy(
    app: &App,
    caller: &Caller,
    letter: &Parked,
    reason: String,
) -> Result<OutgoingMessage, Problem> {
    let refused = || Problem::new(ApiCode::NotRedrivable);
    if letter.state != "parked" {
        return Err(refused());
    }
    let asked = Asked {
        by: caller.actor_key.clone(),
        reason,
    };
    letter
        .again(&app.keys, Some(&asked))
        .map_err(|error| match error {
            ParkedError::Erased | ParkedError::NoCommand => refused(),
            ParkedError::Sealed(cause) => cause.into(),
        })
}

/// Once per letter, and before it is sent: what the trail does not tell of does not happen. Should
/// the broker be away then, asking again sends it.
async fn write_down(
    app: &App,
    caller: &Caller,
    trace: &TraceContext,
    letter: &Parked,
    reason: String,
) -> Result<(), Problem> {
    let kind = FactKind::DeadLetterRedriven;
    let fact = Fact {
        trace_id: Some(trace.trace_id()),
        facts: serde_json::json!({ "dead_letter_id": letter.id, "command_id": letter.command_id }),
        detail: Some(serde_json::json!({ "reason": reason })),
        ..Fact::new(kind, Some(caller.facility_id), caller.actor_key.as_str())
    };
    let event_id = Uuid::new_v5(&letter.id, kind.as_str().as_bytes());
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            audit::append_once(connection, &fact, event_id).await?;
            Ok(())
        })
    })
    .await
}

/// Whether a worker has read the copy, within the time that the client waits.
async fn wait(app: &App, again: &Again, wait_s: Option<u32>) -> bool {
    let Some(wait_s) = wait_s else { return false };
    let mut progress = app.gate.progress();
    let read = async {
        while !app.gate.is_decided(again.partition, again.seq) {
            if progress.changed().await.is_err() {
                return false;
            }
        }
        true
    };
    let limit = std::time::Duration::from_secs(wait_s.into());
    tokio::time::timeout(limit, read).await.unwrap_or(false)
}

/// What became of the letter's command.
async fn answer(app: &App, letter: &Parked) -> Result<RedriveAnswer, Problem> {
    let decided = match letter.command_id {
        Some(id) => app.inbox.get(CommandId(id)).await,
        None => Ok(None),
    };
    let decided = decided.map_err(|_| database_unavailable())?;
    let status = decided.map_or("accepted", |row| outcome::status(&row.outcome));
    Ok(RedriveAnswer::Decided(Json(view(letter, status))))
}

fn view(letter: &Parked, status: &str) -> Redriven {
    Redriven {
        dead_letter_id: letter.id,
        command_id: letter.command_id,
        status: status.to_owned(),
    }
}
