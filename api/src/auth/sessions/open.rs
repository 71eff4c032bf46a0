//! A sign-in becomes a session.

use super::cookie::SessionCookie;
use super::end::{self, Ended};
use super::secret::{Hash, RefreshToken};
use super::{Client, EndReason, Ending, Opened};
use crate::app::App;
use crate::auth::tokens::{SessionClaim, StaffGrant};
use crate::auth::{account, trail};
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// The caller holds the account's row, so no other sign-in counts at the same time.
const END_BEYOND: &str = "
    UPDATE session SET ended_at = now(), end_reason = 'too_many'
    WHERE id IN (SELECT id FROM session WHERE staff_id = $1 AND ended_at IS NULL
                 ORDER BY used_at DESC, id OFFSET $2 FOR NO KEY UPDATE)
    RETURNING id, staff_id, facility_id";

const INSERT: &str = "
    INSERT INTO session (id, staff_id, facility_id, transport, amr, address, user_agent, created_at,
                         used_at, idle_until, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)";

const INSERT_TOKEN: &str =
    "INSERT INTO refresh_token (hash, session_id, issued_at) VALUES ($1, $2, $3)";

/// Opens a session for somebody whose sign-in succeeded, and puts that into the audit. What the
/// account may do is read again here, under its lock; of `grant` count the account and how the
/// person proved who they are.
///
/// # Errors
/// `invalid_credentials` when the account was disabled meanwhile, or got a role that needs more
/// proof; `database_unavailable`,
/// `internal_error`.
pub async fn open(
    app: &App,
    connection: &mut PgConnection,
    grant: &StaffGrant,
    client: &Client,
) -> Result<Opened, Problem> {
    let account = account::lock(connection, grant.staff_id)
        .await?
        .ok_or(Problem::new(ApiCode::InvalidCredentials))?;
    let grant = StaffGrant {
        amr: grant.amr.clone(),
        ..account.grant
    };
    if app.lacks_second_factor(grant.role, &grant.amr) {
        return Err(Problem::new(ApiCode::InvalidCredentials));
    }
    let policy = &app.config.sessions;
    let beyond: Vec<Ended> = sqlx::query_as(END_BEYOND)
        .bind(grant.staff_id.0)
        .bind(i64::from(policy.per_account) - 1)
        .fetch_all(&mut *connection)
        .await?;
    let ending = Ending {
        reason: EndReason::TooMany,
        by: None,
        trace_id: client.trace_id.clone(),
    };
    end::tell(connection, &beyond, &ending).await?;

    let now = medique_platform::clock::now();
    let expires_at = now + delta(policy.absolute_of(grant.role));
    let session = SessionClaim {
        id: Uuid::now_v7(),
        access_version: account.access_version,
    };
    let token = RefreshToken::random();
    sqlx::query(INSERT)
        .bind(session.id)
        .bind(grant.staff_id.0)
        .bind(grant.facility_id.0)
        .bind(client.transport())
        .bind(&grant.amr)
        .bind(client.address.map(|address| address.to_string()))
        .bind(&client.user_agent)
        .bind(now)
        .bind((now + delta(policy.idle)).min(expires_at))
        .bind(expires_at)
        .execute(&mut *connection)
        .await?;
    issue(connection, session.id, &token.hash(), now).await?;
    record(connection, &grant, session.id, client).await?;
    present(app, &grant, session, token, (now, expires_at), client)
}

async fn record(
    connection: &mut PgConnection,
    grant: &StaffGrant,
    session: Uuid,
    client: &Client,
) -> Result<(), sqlx::Error> {
    let entry = trail::Entry {
        kind: trail::FactKind::LoginSucceeded,
        facility: grant.facility_id,
        actor: &format!("staff:{}", grant.staff_id),
        trace_id: client.trace_id.clone(),
        facts: json!({
            "session_id": session,
            "amr": grant.amr,
            "transport": client.transport(),
            "role": grant.role.as_str(),
        }),
        detail: client.address.map(|address| json!({ "address": address })),
    };
    trail::record(connection, entry).await
}

/// Stores a fresh refresh token.
pub(super) async fn issue(
    connection: &mut PgConnection,
    session: Uuid,
    hash: &Hash,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT_TOKEN)
        .bind(&hash[..])
        .bind(session)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the client gets: an access token that does not outlive the session, and the refresh token
/// in the way that the client asked for.
pub(super) fn present(
    app: &App,
    grant: &StaffGrant,
    session: SessionClaim,
    token: RefreshToken,
    (now, ends): (DateTime<Utc>, DateTime<Utc>),
    client: &Client,
) -> Result<Opened, Problem> {
    let rest = (ends - now).to_std().unwrap_or(Duration::ZERO);
    let life = app.config.access_token_ttl.min(rest);
    let access_token = app
        .tokens
        .staff_token(grant, session, delta(life), now)
        .map_err(|_| {
            tracing::error!("an access token could not be signed");
            Problem::new(ApiCode::InternalError)
        })?;
    let refresh_token = token.into_secret();
    let cookie = client.wants_cookie.then(|| {
        let csrf = app.csrf.token(session.id);
        SessionCookie::new(&app.config.sessions, grant.role, &refresh_token, csrf)
    });
    Ok(Opened {
        session_id: session.id,
        access_token,
        expires_in: life.as_secs(),
        refresh_token,
        cookie,
    })
}

/// Configured times are bounded far below what overflows.
pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
