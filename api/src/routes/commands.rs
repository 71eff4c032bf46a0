//! What became of a command.

use super::Group;
use crate::accept::answer::CommandAnswer;
use crate::accept::inbox::{InboxRow, facility_of};
use crate::accept::position::Position;
use crate::accept::{database_unavailable, outcome};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::CommandId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

const SELECT_CURSOR: &str = "SELECT last_seq FROM partition WHERE id = $1";

/// What became of a command.
pub struct CommandsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Commands")]
impl CommandsApi {
    /// Ask what became of a command
    ///
    /// Whoever sent it, and admins of its facility. Use the `status_url` of the acceptance: with its
    /// `position` an undecided command is told from one that was never accepted (404); without it,
    /// only decided commands are found.
    #[oai(
        path = "/commands/:id",
        method = "get",
        operation_id = "command_status"
    )]
    async fn command_status(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        id: Path<Uuid>,
        /// From the `status_url`.
        position: Query<Option<String>>,
    ) -> Result<CommandAnswer, Problem> {
        let id = CommandId(id.0);
        if let Some(answer) = decided(app, &caller, id).await? {
            return Ok(answer);
        }
        let unknown = || Problem::new(ApiCode::UnknownCommand);
        let token = position.0.as_deref().ok_or_else(unknown)?;
        let position = app
            .positions
            .verify(id, &caller.actor_key, token)
            .ok_or_else(unknown)?;
        if is_undecided(app, &position).await? {
            return Ok(undecided(&caller, id, &position));
        }
        // Decided since the first look.
        decided(app, &caller, id).await?.ok_or_else(unknown)
    }
}

async fn is_undecided(app: &App, position: &Position) -> Result<bool, Problem> {
    let cursor: Option<i64> = sqlx::query_scalar(SELECT_CURSOR)
        .bind(i32::from(position.partition))
        .fetch_optional(&app.pool)
        .await?;
    Ok(cursor.is_some_and(|last_seq| position.seq > last_seq.unsigned_abs()))
}

async fn decided(
    app: &App,
    caller: &Caller,
    id: CommandId,
) -> Result<Option<CommandAnswer>, Problem> {
    let Some(row) = app
        .inbox
        .get(id)
        .await
        .map_err(|_| database_unavailable())?
    else {
        return Ok(None);
    };
    if !is_visible(app, caller, id, &row).await? {
        return Err(Problem::new(ApiCode::UnknownCommand));
    }
    let trace_id = row.trace_id.clone().unwrap_or_default();
    let problem = outcome::problem(&row.outcome).map(|problem| problem.body(&trace_id));
    Ok(Some(CommandAnswer {
        command_id: id.0,
        kind: row.kind.clone(),
        status: outcome::status(&row.outcome).to_owned(),
        accepted_at: row.accepted_at,
        decided_at: Some(row.decided_at),
        visit_id: row.visit_id,
        result: outcome::result(&row.outcome, caller.own_visit().is_some()),
        problem,
        trace_id,
        visit_token: None,
    }))
}

fn undecided(caller: &Caller, id: CommandId, position: &Position) -> CommandAnswer {
    CommandAnswer {
        command_id: id.0,
        kind: position.kind.to_string(),
        status: "accepted".to_owned(),
        accepted_at: position.accepted_at,
        decided_at: None,
        visit_id: visit_of(caller, id, position),
        result: None,
        problem: None,
        trace_id: format!("{:032x}", position.trace_id),
        visit_token: None,
    }
}

fn visit_of(caller: &Caller, id: CommandId, position: &Position) -> Option<Uuid> {
    if position.kind.creates_visit() {
        return Some(id.created());
    }
    caller.own_visit().map(|visit| visit.0)
}

/// The sender, the patient of the visit that a link created, and admins of the facility.
async fn is_visible(
    app: &App,
    caller: &Caller,
    id: CommandId,
    row: &InboxRow,
) -> Result<bool, Problem> {
    if row.actor == caller.actor_key {
        return Ok(true);
    }
    if let Some(visit) = caller.own_visit() {
        return Ok(row.actor.starts_with("link:") && visit.0 == id.created());
    }
    if !caller.is_admin() {
        return Ok(false);
    }
    Ok(facility_of(&app.pool, row).await? == Some(caller.facility_id.0))
}
