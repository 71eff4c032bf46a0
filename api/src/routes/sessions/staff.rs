//! The sessions of an account, for administrators of its facility.

use super::Over;
use super::view::{EndedAnswer, SessionList, list};
use crate::app::Shared;
use crate::auth::sessions::{EndReason, Ending, end_all_as, end_one};
use crate::auth::{Caller, external, transact};
use crate::problem::{ApiCode, Problem};
use crate::read::access;
use crate::read::page::{Fresh, fresh};
use crate::routes::Group;
use medique_contracts::ids::StaffId;
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use uuid::Uuid;

// Somebody who signs in elsewhere has no account here, but was seen.
const IS_KNOWN: &str = "
    SELECT EXISTS (SELECT FROM staff WHERE id = $1 AND facility_id = $2)
        OR EXISTS (SELECT FROM external_identity WHERE staff_id = $1 AND facility_id = $2)";

/// Lets administrators of the account's own facility pass.
async fn account(app: &Shared, caller: &Caller, staff: Uuid) -> Result<StaffId, Problem> {
    access::to_admin(caller)?;
    let known: bool = sqlx::query_scalar(IS_KNOWN)
        .bind(staff)
        .bind(caller.facility_id.0)
        .fetch_one(&app.pool)
        .await?;
    if known {
        Ok(StaffId(staff))
    } else {
        Err(Problem::new(ApiCode::UnknownStaff))
    }
}

/// The sessions of others.
pub struct StaffSessionsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl StaffSessionsApi {
    /// The sessions of an account, for admins
    #[oai(
        path = "/staff/:staff_id/sessions",
        method = "get",
        operation_id = "list_staff_sessions"
    )]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Fresh<SessionList>, Problem> {
        let staff = account(app, &caller, staff_id.0).await?;
        Ok(fresh(list(&app.pool, staff, caller.session()).await?))
    }

    /// End all sessions of an account, for admins
    ///
    /// Of somebody who signs in elsewhere, every token that was issued until now.
    #[oai(
        path = "/staff/:staff_id/sessions",
        method = "delete",
        operation_id = "end_staff_sessions"
    )]
    async fn end_all(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Fresh<EndedAnswer>, Problem> {
        let staff = account(app, &caller, staff_id.0).await?;
        let (by, trace_id) = (caller.actor_key.clone(), trace.trace_id());
        let ended = transact(&app.pool, move |connection| {
            Box::pin(async move {
                let ending = Ending {
                    reason: EndReason::EndedByAdmin,
                    by: Some(&by),
                    trace_id: Some(trace_id),
                };
                let ended = end_all_as(connection, staff, &ending, None).await?;
                Ok(ended + external::end(connection, staff, &ending).await?)
            })
        })
        .await?;
        Ok(fresh(EndedAnswer { ended }))
    }

    /// End one session of an account, for admins
    #[oai(
        path = "/staff/:staff_id/sessions/:session_id",
        method = "delete",
        operation_id = "end_staff_session"
    )]
    async fn end(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
        session_id: Path<Uuid>,
    ) -> Result<Over, Problem> {
        let staff = account(app, &caller, staff_id.0).await?;
        let (by, trace_id, session) = (caller.actor_key.clone(), trace.trace_id(), session_id.0);
        let ended = transact(&app.pool, move |connection| {
            Box::pin(async move {
                let ending = Ending {
                    reason: EndReason::EndedByAdmin,
                    by: Some(&by),
                    trace_id: Some(trace_id),
                };
                Ok(end_one(connection, staff, session, &ending).await?)
            })
        })
        .await?;
        if !ended {
            return Err(Problem::new(ApiCode::UnknownSession));
        }
        app.revocations.session_ended(session);
        Ok(Over::Done)
    }
}
