//! Issuing a link: checked, signed, entered and audited in one transaction.

use super::view::LinkView;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use crate::read::access;
use crate::read::time::Instant;
use chrono::TimeDelta;
use futures::future::BoxFuture;
use medique_contracts::RejectionCode;
use medique_contracts::ids::{DepartmentId, DoctorId, LinkId};
use medique_platform::link::Link;
use medique_platform::link::registry::{self, Issuer};
use medique_platform::postgres::{TxError, in_tx};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Longest life of a link, minutes: 400 days.
const TTL_MINUTES_MAX: u32 = 400 * 24 * 60;

/// What is done with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum IssuedKind {
    /// One check-in uses it up.
    SingleUse,
    /// Hangs on a wall: gives out tickets.
    Poster,
}

/// A link to be issued.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct IssueBody {
    /// The department whose queue it leads to.
    department_id: Uuid,
    /// The doctor whose queue it leads to.
    doctor_id: Option<Uuid>,
    /// What is done with it.
    kind: IssuedKind,
    /// Minutes until it is dead, at most 400 days.
    #[oai(validator(minimum(value = "1"), maximum(value = "576000")))]
    ttl_minutes: u32,
}

impl Example for IssueBody {
    fn example() -> Self {
        Self {
            department_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
            doctor_id: None,
            kind: IssuedKind::Poster,
            ttl_minutes: 60 * 24 * 30,
        }
    }
}

/// An issued link with its token.
#[derive(Debug, Object)]
pub struct Issued {
    /// The link.
    link: LinkView,
    /// The token that admits.
    link_token: String,
    /// What the QR code holds: the address of the check-in page with the token behind it, or the
    /// token alone where no public address is configured.
    url: String,
}

pub(super) async fn issue(
    app: &Shared,
    caller: &Caller,
    issuer: Issuer,
    body: IssueBody,
) -> Result<Issued, Problem> {
    if !(1..=TTL_MINUTES_MAX).contains(&body.ttl_minutes) {
        return Err(Problem::new(RejectionCode::InvalidField)
            .field("/ttl_minutes", "must be from 1 to 576000"));
    }
    let department = DepartmentId(body.department_id);
    access::to_department(&app.pool, caller, department).await?;
    if let Some(doctor) = body.doctor_id {
        works_in(&app.pool, doctor, department).await?;
    }
    let now = medique_platform::clock::now();
    let link = Link {
        link_id: LinkId(Uuid::now_v7()),
        facility_id: caller.facility_id,
        department_id: department,
        doctor_id: body.doctor_id.map(DoctorId),
        single_use: body.kind == IssuedKind::SingleUse,
        is_poster: body.kind == IssuedKind::Poster,
        drawn_from: None,
        expires_at: now + TimeDelta::minutes(i64::from(body.ttl_minutes)),
    };
    let token = sign(app, &link)?;
    let view = view(&link, now, &issuer);
    transact(&app.pool, move |connection| {
        Box::pin(async move { Ok(registry::enter(connection, &link, now, &issuer).await?) })
    })
    .await?;
    Ok(Issued {
        link: view,
        url: Link::address(&token, app.config.public_url.as_deref()),
        link_token: token,
    })
}

/// The token of a link.
pub(super) fn sign(app: &Shared, link: &Link) -> Result<String, Problem> {
    app.links.sign(link).map_err(|error| {
        tracing::error!(%error, "a link could not be signed");
        Problem::new(ApiCode::InternalError)
    })
}

fn view(link: &Link, now: chrono::DateTime<chrono::Utc>, issuer: &Issuer) -> LinkView {
    LinkView {
        link_id: link.link_id.0,
        kind: link.kind().as_str().to_owned(),
        state: "active".to_owned(),
        department_id: link.department_id.0,
        doctor_id: link.doctor_id.map(|id| id.0),
        created_at: Instant(now),
        created_by: issuer.actor.clone(),
        expires_at: Instant(link.expires_at),
        revoked_at: None,
        revoked_by: None,
    }
}

async fn works_in(pool: &PgPool, doctor: Uuid, department: DepartmentId) -> Result<(), Problem> {
    let known: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM doctor_department WHERE doctor_id = $1 AND department_id = $2)",
    )
    .bind(doctor)
    .bind(department.0)
    .fetch_one(pool)
    .await?;
    if known {
        Ok(())
    } else {
        Err(Problem::new(RejectionCode::UnknownDoctor))
    }
}

/// Runs `work` in a transaction and tells a failure as a problem.
pub(super) async fn transact<T, F>(pool: &PgPool, work: F) -> Result<T, Problem>
where
    F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, Problem>> + Send + 'static,
    T: Send + 'static,
{
    in_tx(pool, work).await.map_err(|error| match error {
        TxError::Work(problem) => problem,
        TxError::Begin(error) | TxError::Commit(error) => error.into(),
        TxError::Panicked => Problem::new(ApiCode::InternalError),
    })
}
