//! A refresh token is exchanged for the next one, and an access token with what the account may do
//! now.
//!
//! **Each token is good for one exchange.** One that comes back means that two parties hold it, and
//! nobody can tell which of them is the owner: the session ends for both. There is no time of
//! grace in which a copy would work.
//!
//! **A lost answer is survived by the client's `Idempotency-Key`.** The client makes a random key
//! for each exchange and repeats the request with the same key until it has an answer. The next
//! token is derived from the used one and the key, so the repetition gets the very same token, as
//! long as that one was not used itself. Whoever stole only the token does not know the key. A
//! client that sends no key, and whose answer is lost, signs in again.
//!
//! Everything happens under the lock of the session's row: of two exchanges at the same moment one
//! is second.

use super::end::{EndReason, Ending, end_one};
use super::open::{delta, issue, present};
use super::secret::{Hash, RefreshToken};
use super::{Client, Opened};
use crate::app::{App, Shared};
use crate::auth::account::{self, Account};
use crate::auth::tokens::{SessionClaim, StaffGrant};
use crate::auth::{trail, transact};
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{FacilityId, StaffId};
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// What a client sends.
#[derive(Debug)]
pub struct Exchange {
    /// Hash of the refresh token.
    pub token: Hash,
    /// SHA-256 of the request's `Idempotency-Key`.
    pub attempt: Option<Hash>,
    /// The CSRF token, when the refresh token came in a cookie.
    pub csrf: Option<String>,
    /// Who asks.
    pub client: Client,
    /// For how long nobody has used the screen that asks.
    pub idle: Duration,
}

#[derive(sqlx::FromRow)]
struct Session {
    id: Uuid,
    staff_id: Uuid,
    facility_id: Uuid,
    transport: String,
    amr: Vec<String>,
    idle_until: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Token {
    used_at: Option<DateTime<Utc>>,
    attempt: Option<Vec<u8>>,
    successor: Option<Vec<u8>>,
    successor_used: bool,
}

const LOCK_SESSION: &str = "
    SELECT id, staff_id, facility_id, transport, amr, idle_until, expires_at, ended_at
    FROM session WHERE id = (SELECT session_id FROM refresh_token WHERE hash = $1)
    FOR NO KEY UPDATE";

/// Read after the session is locked, so it is what the last exchange left.
const SELECT_TOKEN: &str = "
    SELECT t.used_at, t.attempt, t.successor,
           EXISTS (SELECT FROM refresh_token n WHERE n.hash = t.successor AND n.used_at IS NOT NULL)
               AS successor_used
    FROM refresh_token t WHERE t.hash = $1";

const USE_TOKEN: &str =
    "UPDATE refresh_token SET used_at = $2, attempt = $3, successor = $4 WHERE hash = $1";

const USE_SESSION: &str = "
    UPDATE session SET used_at = $2, address = $4, user_agent = $5,
        -- another screen of the same session may have been used since
        idle_until = LEAST(GREATEST(idle_until, $3), expires_at)
    WHERE id = $1";

/// How an exchange goes. A refusal is no error of the transaction: what it ended stays ended.
enum Verdict {
    Continued(Box<Opened>),
    Refused,
    /// Refused, and this session ended with it.
    Ended(Uuid),
}

/// Exchanges a refresh token.
///
/// # Errors
/// `invalid_session` when the token is unknown or used, or its session is over;
/// `csrf_refused`; `database_unavailable`.
pub async fn refresh(app: &Shared, exchange: Exchange) -> Result<Opened, Problem> {
    let owned = app.clone();
    let verdict = transact(&app.pool, move |connection| {
        Box::pin(async move { judge(&owned, connection, &exchange).await })
    })
    .await?;
    match verdict {
        Verdict::Continued(opened) => return Ok(*opened),
        Verdict::Ended(session) => app.revocations.session_ended(session),
        Verdict::Refused => {}
    }
    Err(Problem::new(ApiCode::InvalidSession))
}

async fn judge(
    app: &App,
    connection: &mut PgConnection,
    exchange: &Exchange,
) -> Result<Verdict, Problem> {
    let session: Option<Session> = sqlx::query_as(LOCK_SESSION)
        .bind(&exchange.token[..])
        .fetch_optional(&mut *connection)
        .await?;
    let Some(session) = session else {
        return Ok(Verdict::Refused);
    };
    if session.transport != exchange.client.transport() || session.ended_at.is_some() {
        return Ok(Verdict::Refused);
    }
    if exchange.client.wants_cookie {
        let token = exchange.csrf.as_deref().unwrap_or_default();
        if !app.csrf.verify(session.id, token) {
            return Err(Problem::new(ApiCode::CsrfRefused));
        }
    }
    let now = medique_platform::clock::now();
    let over = [
        (session.expires_at, EndReason::Expired),
        (session.idle_until, EndReason::Idle),
    ];
    if let Some((_, reason)) = over.into_iter().find(|(end, _)| *end <= now) {
        return end(connection, &session, reason, exchange).await;
    }
    let Some(account) = account::read(connection, StaffId(session.staff_id)).await? else {
        return end(connection, &session, EndReason::AccountDisabled, exchange).await;
    };
    // The role may have changed since the sign-in, and so may what is asked of it.
    if app.lacks_second_factor(account.grant.role, &session.amr) {
        return end(
            connection,
            &session,
            EndReason::SecondFactorRequired,
            exchange,
        )
        .await;
    }
    let token: Token = sqlx::query_as(SELECT_TOKEN)
        .bind(&exchange.token[..])
        .fetch_one(&mut *connection)
        .await?;
    let next = match successor(app, &token, exchange) {
        Some(next) => next,
        None => {
            reused(connection, &session, exchange).await?;
            return end(connection, &session, EndReason::RefreshReused, exchange).await;
        }
    };
    if token.used_at.is_none() {
        rotate(app, connection, &session, exchange, (&next, now)).await?;
    }
    hand_out(app, session, account, (next, now), exchange)
}

/// The token that takes the place of the one that was sent; none when it was used for another
/// exchange.
fn successor(app: &App, token: &Token, exchange: &Exchange) -> Option<RefreshToken> {
    let derived = exchange
        .attempt
        .map(|attempt| RefreshToken::successor(&app.refresh_key, &exchange.token, &attempt));
    if token.used_at.is_none() {
        return Some(derived.unwrap_or_else(RefreshToken::random));
    }
    let attempt = exchange.attempt?;
    let is_repetition = token.attempt.as_deref() == Some(&attempt[..]) && !token.successor_used;
    derived.filter(|next| is_repetition && token.successor.as_deref() == Some(&next.hash()[..]))
}

async fn rotate(
    app: &App,
    connection: &mut PgConnection,
    session: &Session,
    exchange: &Exchange,
    (next, now): (&RefreshToken, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    let client = &exchange.client;
    sqlx::query(USE_TOKEN)
        .bind(&exchange.token[..])
        .bind(now)
        .bind(exchange.attempt.as_ref().map(|hash| &hash[..]))
        .bind(&next.hash()[..])
        .execute(&mut *connection)
        .await?;
    issue(connection, session.id, &next.hash(), now).await?;
    sqlx::query(USE_SESSION)
        .bind(session.id)
        .bind(now)
        .bind(now + delta(app.config.sessions.idle) - delta(exchange.idle))
        .bind(client.address.map(|address| address.to_string()))
        .bind(&client.user_agent)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn hand_out(
    app: &App,
    session: Session,
    account: Account,
    (next, now): (RefreshToken, DateTime<Utc>),
    exchange: &Exchange,
) -> Result<Verdict, Problem> {
    let claim = SessionClaim {
        id: session.id,
        access_version: account.access_version,
    };
    let grant = StaffGrant {
        amr: session.amr,
        ..account.grant
    };
    let times = (now, session.expires_at);
    let opened = present(app, &grant, claim, next, times, &exchange.client)?;
    Ok(Verdict::Continued(Box::new(opened)))
}

async fn end(
    connection: &mut PgConnection,
    session: &Session,
    reason: EndReason,
    exchange: &Exchange,
) -> Result<Verdict, Problem> {
    let ending = Ending {
        reason,
        by: None,
        trace_id: exchange.client.trace_id.clone(),
    };
    end_one(connection, StaffId(session.staff_id), session.id, &ending).await?;
    Ok(Verdict::Ended(session.id))
}

async fn reused(
    connection: &mut PgConnection,
    session: &Session,
    exchange: &Exchange,
) -> Result<(), sqlx::Error> {
    tracing::warn!(session_id = %session.id, "a refresh token was used twice, its session ends");
    let client = &exchange.client;
    let entry = trail::Entry {
        kind: trail::FactKind::RefreshReused,
        facility: FacilityId(session.facility_id),
        actor: &format!("staff:{}", session.staff_id),
        trace_id: client.trace_id.clone(),
        facts: json!({ "session_id": session.id }),
        detail: client.address.map(|address| json!({ "address": address })),
    };
    trail::record(connection, entry).await
}
