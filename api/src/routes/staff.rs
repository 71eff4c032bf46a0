//! The accounts of a facility, for its administrators.

mod body;
mod view;

use super::Group;
use super::sessions::Over;
use crate::app::Shared;
use crate::auth::staff::{self, By};
use crate::auth::{Caller, transact};
use crate::door::Body;
use crate::problem::Problem;
use crate::read::cursor;
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use body::{InvitationBody, StaffBody};
use futures::future::BoxFuture;
use medique_contracts::ids::StaffId;
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use sqlx::PgConnection;
use uuid::Uuid;
use view::StaffView;

/// An account was made.
#[derive(ApiResponse)]
pub enum Invited {
    /// It waits for its owner to accept the invitation.
    #[oai(status = 201)]
    Invited(Json<StaffView>),
}

/// Accounts.
pub struct StaffApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl StaffApi {
    /// The accounts of the facility, for admins
    ///
    /// Those that act where the caller does.
    #[oai(path = "/staff", method = "get", operation_id = "list_staff")]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<StaffView>>, Problem> {
        let by = By::admin(&caller, None)?;
        let after: Option<Uuid> = cursor::decode(cursor.0.as_deref())?;
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        let rows = view::read(&app.pool, &by, after, i64::from(limit) + 1).await?;
        Ok(fresh(Page::cut(rows, limit, StaffView::key, |row| row)))
    }

    /// Invite somebody, for admins
    ///
    /// Makes an account and sends its owner a link to set a password with, which also proves that
    /// the address is theirs. A doctor appears among the doctors once the invitation is accepted.
    #[oai(
        path = "/staff/invitations",
        method = "post",
        operation_id = "invite_staff"
    )]
    async fn invite(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        Body(body): Body<InvitationBody>,
    ) -> Result<Invited, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        let (email, wanted) = body.checked()?;
        let owned = app.clone();
        let view = transact(&app.pool, move |connection| {
            Box::pin(async move {
                let staff = staff::invite(&owned, connection, &by, &email, &wanted).await?;
                view::one(connection, &by, staff).await
            })
        })
        .await?;
        Ok(Invited::Invited(Json(view)))
    }

    /// Send an invitation again, for admins
    ///
    /// With another link; the one before is worthless. One that was revoked is open again.
    #[oai(
        path = "/staff/:staff_id/invitation",
        method = "post",
        operation_id = "resend_invitation"
    )]
    async fn invite_again(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Fresh<StaffView>, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        let owned = app.clone();
        changing(app, by, staff_id.0, move |connection, by, staff| {
            Box::pin(async move { staff::invite_again(&owned, connection, by, staff).await })
        })
        .await
    }

    /// Take an invitation back, for admins
    #[oai(
        path = "/staff/:staff_id/invitation",
        method = "delete",
        operation_id = "revoke_invitation"
    )]
    async fn revoke_invitation(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Fresh<StaffView>, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        changing(app, by, staff_id.0, |connection, by, staff| {
            Box::pin(staff::revoke_invitation(connection, by, staff))
        })
        .await
    }

    /// Change an account, for admins
    ///
    /// Replaces name, role and departments; what the account may do changes within seconds, also on
    /// open streams.
    #[oai(
        path = "/staff/:staff_id",
        method = "put",
        operation_id = "change_staff"
    )]
    async fn change(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
        Body(body): Body<StaffBody>,
    ) -> Result<Fresh<StaffView>, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        let wanted = body.checked()?;
        changing(app, by, staff_id.0, move |connection, by, staff| {
            Box::pin(async move { staff::change(connection, by, staff, &wanted).await })
        })
        .await
    }

    /// Disable an account, for admins
    ///
    /// Its sessions end within seconds, also open streams. The last administrator stays.
    #[oai(
        path = "/staff/:staff_id/disable",
        method = "post",
        operation_id = "disable_staff"
    )]
    async fn disable(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Fresh<StaffView>, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        changing(app, by, staff_id.0, |connection, by, staff| {
            Box::pin(staff::disable(connection, by, staff))
        })
        .await
    }

    /// Enable an account, for admins
    #[oai(
        path = "/staff/:staff_id/enable",
        method = "post",
        operation_id = "enable_staff"
    )]
    async fn enable(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Fresh<StaffView>, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        changing(app, by, staff_id.0, |connection, by, staff| {
            Box::pin(staff::enable(connection, by, staff))
        })
        .await
    }

    /// Take the second factor of somebody away who lost it, for admins
    ///
    /// The account's sessions end, and its password is nothing any more: its owner gets a mail with a
    /// link to set another one, as when the account was made.
    #[oai(
        path = "/staff/:staff_id/second-factor",
        method = "delete",
        operation_id = "remove_staff_second_factor"
    )]
    async fn remove_second_factor(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        staff_id: Path<Uuid>,
    ) -> Result<Over, Problem> {
        let by = By::admin(&caller, Some(trace.trace_id()))?;
        let owned = app.clone();
        changing(app, by, staff_id.0, move |connection, by, staff| {
            Box::pin(
                async move { staff::remove_second_factor(&owned, connection, by, staff).await },
            )
        })
        .await?;
        Ok(Over::Done)
    }
}

/// Changes an account and shows it as it is then.
async fn changing<F>(
    app: &Shared,
    by: By,
    staff: Uuid,
    change: F,
) -> Result<Fresh<StaffView>, Problem>
where
    F: for<'c> FnOnce(&'c mut PgConnection, &'c By, StaffId) -> BoxFuture<'c, Result<(), Problem>>
        + Send
        + 'static,
{
    let view = transact(&app.pool, move |connection| {
        Box::pin(async move {
            change(connection, &by, StaffId(staff)).await?;
            view::one(connection, &by, StaffId(staff)).await
        })
    })
    .await?;
    Ok(fresh(view))
}
