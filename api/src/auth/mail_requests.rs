//! Mails that somebody without a credential caused: a row is written whether or not anybody has the
//! address, and looked up afterwards, so that neither the answer nor its time tells anything. The
//! row is in the database before the answer: a replica that ends in between leaves it to the others.

use super::person::Person;
use super::single_use::{self, Purpose};
use super::transact;
use crate::app::{App, Shared};
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, ANONYMOUS, Fact, FactKind};
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// How long a request may stay unseen that another replica left behind.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Most links to set a new password that an account gets within [`RESETS_WITHIN`]: nobody's mailbox
/// is flooded through us.
const RESETS_MAX: i64 = 3;
const RESETS_WITHIN: TimeDelta = TimeDelta::hours(1);

const INSERT: &str = "
    INSERT INTO mail_request (id, kind, email, until, requested_at) VALUES ($1, $2, $3, $4, $5)";

/// Asks for a link to set a new password.
///
/// # Errors
/// The database's.
pub async fn ask_reset(app: &App, email: &str) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT)
        .bind(Uuid::now_v7())
        .bind("reset")
        .bind(email)
        .bind(None::<DateTime<Utc>>)
        .bind(clock::now())
        .execute(&app.pool)
        .await?;
    app.mail_wanted.notify_one();
    Ok(())
}

/// Asks for a warning to the owner of an account that is locked, within the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn ask_locked(
    connection: &mut PgConnection,
    email: &str,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT)
        .bind(Uuid::now_v7())
        .bind("locked")
        .bind(email)
        .bind(until)
        .bind(clock::now())
        .execute(connection)
        .await?;
    Ok(())
}

/// Turns requests into mails as long as requests are served.
pub async fn watch(app: Shared) {
    loop {
        tokio::select! {
            () = app.mail_wanted.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.served.cancelled() => return,
        }
        loop {
            match take_one(&app).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(problem) => {
                    tracing::warn!(%problem, "requested mails wait");
                    break;
                }
            }
        }
    }
}

#[derive(sqlx::FromRow)]
struct Request {
    kind: String,
    email: String,
    until: Option<DateTime<Utc>>,
}

/// Several replicas look; each takes what no other has.
const TAKE: &str = "
    DELETE FROM mail_request
    WHERE id = (SELECT id FROM mail_request ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING kind, email, until";

async fn take_one(app: &Shared) -> Result<bool, Problem> {
    let owned = app.clone();
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            let request: Option<Request> = sqlx::query_as(TAKE)
                .fetch_optional(&mut *connection)
                .await?;
            let Some(request) = request else {
                return Ok(false);
            };
            let Some(person) = Person::by_email_in(connection, &request.email).await? else {
                return Ok(true);
            };
            match request.until {
                Some(until) if request.kind == "locked" => {
                    warn(connection, person, until).await?;
                }
                _ => send_reset(&owned, connection, person).await?,
            }
            Ok(true)
        })
    })
    .await
}

async fn warn(
    connection: &mut PgConnection,
    person: Person,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mail = Mail::SignInLocked {
        name: person.name,
        until,
    };
    mail::enqueue(connection, &person.email, &mail).await?;
    Ok(())
}

/// Why a link to set a new password goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// Somebody asked for it.
    Asked,
    /// Nobody gets in without it.
    Demanded,
}

/// Puts a mail with a link to set a new password on its way; gives until when the link is good, and
/// none when the account got too many already.
///
/// # Errors
/// The database's.
pub async fn reset(
    app: &App,
    connection: &mut PgConnection,
    person: &Person,
    why: Reset,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let now = clock::now();
    let sent: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM staff_token
         WHERE staff_id = $1 AND kind = 'reset' AND created_at > $2",
    )
    .bind(person.id)
    .bind(now - RESETS_WITHIN)
    .fetch_one(&mut *connection)
    .await?;
    if sent >= RESETS_MAX {
        tracing::info!(staff_id = %person.id, "a further link to set a password was not sent");
        return Ok(None);
    }
    let life = app.config.identity.reset_ttl;
    let staff = person.staff_id();
    let (token, expires_at) =
        single_use::issue(connection, Purpose::Reset, staff, life, now).await?;
    let mail = Mail::PasswordReset {
        url: single_use::link(&app.config.public_base(), "reset-password", &token),
        name: person.name.clone(),
        expires_at,
        demanded: why == Reset::Demanded,
    };
    mail::enqueue(connection, &person.email, &mail).await?;
    Ok(Some(expires_at))
}

async fn send_reset(
    app: &App,
    connection: &mut PgConnection,
    person: Person,
) -> Result<(), sqlx::Error> {
    let Some(expires_at) = reset(app, connection, &person, Reset::Asked).await? else {
        return Ok(());
    };
    let facility = Some(FacilityId(person.facility_id));
    let mut fact = Fact::new(FactKind::PasswordResetRequested, facility, ANONYMOUS);
    fact.facts = serde_json::json!({ "staff_id": person.id, "expires_at": expires_at });
    audit::append(connection, &fact).await
}
