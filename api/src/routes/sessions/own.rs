//! The sessions of the caller's own account.

use super::Over;
use super::view::{EndedAnswer, SessionList, list};
use crate::app::Shared;
use crate::auth::sessions::{Client, EndReason, Ending, end_all_as, end_one, proof};
use crate::auth::{Caller, sign_in, transact};
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, fresh};
use crate::routes::Group;
use crate::routes::account::own;
use crate::routes::second_factor::OwnerBody;
use medique_contracts::RejectionCode;
use medique_contracts::ids::StaffId;
use medique_platform::trace_context::TraceContext;
use poem::Request;
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

/// Sessions other than the one that asks end only after a fresh proof of who asks. Whoever signs in
/// elsewhere has no session here, and nothing to end.
async fn prove(app: &Shared, caller: &Caller) -> Result<(), Problem> {
    match caller.session() {
        Some(session) => proof::demand(app, session).await,
        None => Ok(()),
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

    /// Prove again who you are
    ///
    /// What asks for a fresh proof with `reauthentication_required` goes on for a few minutes.
    #[oai(
        path = "/auth/reauthenticate",
        method = "post",
        operation_id = "reauthenticate"
    )]
    async fn reauthenticate(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        caller: Caller,
        Body(body): Body<OwnerBody>,
    ) -> Result<Over, Problem> {
        let person = own(app, &caller).await?;
        let client = Client::of(request, false);
        sign_in::reauthenticate(app, &person, body.secret(), None, &client).await?;
        if let Some(session) = caller.session() {
            proof::renew(app, session).await?;
        }
        Ok(Over::Done)
    }

    /// End another session of one's own, or this one
    ///
    /// Its access token stops working within seconds everywhere. Another one ends only within some
    /// minutes of signing in or of `POST /auth/reauthenticate`.
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
        if caller.session() != Some(session) {
            prove(app, &caller).await?;
        }
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
    ///
    /// Within some minutes of signing in or of `POST /auth/reauthenticate`.
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
        prove(app, &caller).await?;
        let ended = transact(&app.pool, move |connection| {
            Box::pin(async move { Ok(end_all_as(connection, staff, &ending, this).await?) })
        })
        .await?;
        Ok(fresh(EndedAnswer { ended }))
    }
}
