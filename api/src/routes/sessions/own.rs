//! The sessions of the caller's own account.

use super::Over;
use super::view::{EndedAnswer, SessionList, list};
use crate::app::Shared;
use crate::auth::sessions::{EndReason, Ending, end_all_as, end_one};
use crate::auth::{Caller, transact};
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, fresh};
use crate::routes::Group;
use medique_contracts::RejectionCode;
use medique_contracts::ids::StaffId;
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use uuid::Uuid;

/// Patients have no sessions: their token opens one visit and ends by itself.
fn staff(caller: &Caller) -> Result<StaffId, Problem> {
    caller.staff().ok_or(Problem::new(RejectionCode::Forbidden))
}

fn ending(trace: &TraceContext) -> Ending<'static> {
    Ending {
        reason: EndReason::EndedByOwner,
        by: None,
        trace_id: Some(trace.trace_id()),
    }
}

/// The own sessions.
pub struct OwnSessionsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl OwnSessionsApi {
    /// The own sessions
    ///
    /// Those that live, the last used one first. Empty for people who sign in elsewhere.
    #[oai(
        path = "/auth/sessions",
        method = "get",
        operation_id = "list_own_sessions"
    )]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
    ) -> Result<Fresh<SessionList>, Problem> {
        let staff = staff(&caller)?;
        Ok(fresh(list(&app.pool, staff, caller.session()).await?))
    }

    /// End another session of one's own, or this one
    ///
    /// Its access token stops working within seconds everywhere.
    #[oai(
        path = "/auth/sessions/:session_id",
        method = "delete",
        operation_id = "end_own_session"
    )]
    async fn end(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        session_id: Path<Uuid>,
    ) -> Result<Over, Problem> {
        let (staff, session, ending) = (staff(&caller)?, session_id.0, ending(trace));
        let ended = transact(&app.pool, move |connection| {
            Box::pin(async move { Ok(end_one(connection, staff, session, &ending).await?) })
        })
        .await?;
        if !ended {
            return Err(Problem::new(ApiCode::UnknownSession));
        }
        app.revocations.session_ended(session);
        Ok(Over::Done)
    }

    /// End all other sessions of one's own
    #[oai(
        path = "/auth/sessions",
        method = "delete",
        operation_id = "end_other_sessions"
    )]
    async fn end_others(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
    ) -> Result<Fresh<EndedAnswer>, Problem> {
        let (staff, this, ending) = (staff(&caller)?, caller.session(), ending(trace));
        let ended = transact(&app.pool, move |connection| {
            Box::pin(async move { Ok(end_all_as(connection, staff, &ending, this).await?) })
        })
        .await?;
        Ok(fresh(EndedAnswer { ended }))
    }
}
