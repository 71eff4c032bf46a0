//! Check-in links: issued, listed and printed by administrators and the desk, where they act;
//! revoked by administrators.

mod issue;
mod printed;
mod view;

use super::Group;
use crate::app::Shared;
use crate::auth::{Caller, transact};
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use crate::read::{access, cursor};
use issue::{IssueBody, Issued};
use medique_contracts::ids::LinkId;
use medique_platform::link::registry::{self, Issuer};
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use printed::{Png, Svg};
use uuid::Uuid;
use view::{LinkRow, LinkView, SELECT_LINK, SELECT_LINKS};

/// The answer to an issued link.
#[derive(ApiResponse)]
pub enum IssueAnswer {
    /// The link, with its token: it is shown here and on the poster only.
    #[oai(status = 201)]
    Created(Json<Issued>),
}

/// The answer to a revocation.
#[derive(ApiResponse)]
pub enum RevokeAnswer {
    /// The link is revoked: within seconds no replica takes it any more.
    #[oai(status = 204)]
    Revoked,
}

/// Check-in links.
pub struct LinksApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::CheckIn")]
impl LinksApi {
    /// Issue a check-in link
    ///
    /// ADMIN, RECEPTION. A `single_use` link checks one patient in. A `poster` hangs where everybody can scan
    /// it: each phone draws a ticket from it with `POST /checkin/tickets`.
    #[oai(path = "/links", method = "post", operation_id = "issue_link")]
    async fn issue(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        Body(body): Body<IssueBody>,
    ) -> Result<IssueAnswer, Problem> {
        access::to_desk(&caller)?;
        let issued = issue::issue(app, &caller, issuer(&caller, trace), body).await?;
        Ok(IssueAnswer::Created(Json(issued)))
    }

    /// Issued links, newest first
    ///
    /// ADMIN, RECEPTION: those of the departments that the caller acts in.
    #[oai(path = "/links", method = "get", operation_id = "list_links")]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<LinkView>>, Problem> {
        access::to_desk(&caller)?;
        let before: Option<Uuid> = cursor::decode(cursor.0.as_deref())?;
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        let rows: Vec<LinkRow> = sqlx::query_as(SELECT_LINKS)
            .bind(caller.facility_id.0)
            .bind(access::departments_of(&caller, false)?)
            .bind(before)
            .bind(i64::from(limit) + 1)
            .fetch_all(&app.pool)
            .await?;
        let now = medique_platform::clock::now();
        Ok(fresh(Page::cut(
            rows,
            limit,
            |row| row.id,
            |row| row.view(now),
        )))
    }

    /// Revoke a check-in link
    ///
    /// ADMIN. Tickets drawn from a poster go with it; visits that were made stay. Revoking twice is
    /// the same as once.
    #[oai(
        path = "/links/:link_id",
        method = "delete",
        operation_id = "revoke_link"
    )]
    async fn revoke(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        link_id: Path<Uuid>,
    ) -> Result<RevokeAnswer, Problem> {
        access::to_admin(&caller)?;
        let row = find(app, &caller, link_id.0).await?;
        let (link, facility) = (LinkId(row.id), caller.facility_id);
        let departments = access::departments_of(&caller, false)?;
        let issuer = issuer(&caller, trace);
        let now = medique_platform::clock::now();
        transact(&app.pool, move |connection| {
            Box::pin(async move {
                let key = (link, facility);
                Ok(registry::revoke(connection, key, departments, now, &issuer).await?)
            })
        })
        .await?;
        app.revoked_links.learn(link);
        Ok(RevokeAnswer::Revoked)
    }

    /// The poster of a link, as SVG
    ///
    /// ADMIN, RECEPTION. A4, to be printed: the department, the code to scan, and until when it is valid.
    #[oai(
        path = "/links/:link_id/poster.svg",
        method = "get",
        operation_id = "link_poster_svg"
    )]
    async fn svg(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        link_id: Path<Uuid>,
    ) -> Result<Svg, Problem> {
        access::to_desk(&caller)?;
        let row = find(app, &caller, link_id.0).await?;
        printed::svg(app, row).await
    }

    /// The poster of a link, as PNG
    ///
    /// ADMIN, RECEPTION. A4 at 150 dots per inch.
    #[oai(
        path = "/links/:link_id/poster.png",
        method = "get",
        operation_id = "link_poster_png"
    )]
    async fn png(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        link_id: Path<Uuid>,
    ) -> Result<Png, Problem> {
        access::to_desk(&caller)?;
        let row = find(app, &caller, link_id.0).await?;
        printed::png(app, row).await
    }
}

fn issuer(caller: &Caller, trace: &TraceContext) -> Issuer {
    Issuer {
        actor: caller.actor_key.clone(),
        trace_id: Some(trace.trace_id()),
    }
}

/// A link of the caller's facility and departments.
async fn find(app: &Shared, caller: &Caller, link_id: Uuid) -> Result<LinkRow, Problem> {
    let row: Option<LinkRow> = sqlx::query_as(SELECT_LINK)
        .bind(caller.facility_id.0)
        .bind(access::departments_of(caller, false)?)
        .bind(link_id)
        .fetch_optional(&app.pool)
        .await?;
    row.ok_or(Problem::new(ApiCode::NotFound))
}
