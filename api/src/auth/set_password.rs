//! Setting a password: with the link of an invitation, with the link of a reset, or by somebody who
//! knows the present one.

use super::person::Person;
use super::sessions::{Client, EndReason, Ending, end_all_as};
use super::single_use::{self, Hash, Purpose};
use super::throttle::{self, Keys};
use super::{sign_in, transact};
use crate::app::Shared;
use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::{FacilityId, StaffId};
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgConnection;
use uuid::Uuid;

/// Sets a password with the token of a mailed link; every session of the account ends.
///
/// # Errors
/// `invalid_account_token`, `weak_password`.
pub async fn by_link(
    app: &Shared,
    purpose: Purpose,
    token: &str,
    password: SecretString,
    client: Client,
) -> Result<(), Problem> {
    let refused = || Problem::new(ApiCode::InvalidAccountToken);
    let hash = purpose.hash_of(token).ok_or_else(refused)?;
    let owner = transact(&app.pool, move |connection| {
        Box::pin(async move { owner_of(connection, purpose, &hash).await })
    })
    .await?
    .ok_or_else(refused)?;
    let own = vec![
        owner.name.clone(),
        owner.email.clone(),
        "medique".to_owned(),
    ];
    let password_hash = hashed(app, password, own).await?;
    let keys = Keys::new(&app.identity, &owner.email, client.address);
    let limits = app.config.identity.limits;
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            let now = clock::now();
            // Whoever reads the account's mail is its owner: what strangers tried is forgotten, and
            // the owner is at home here.
            throttle::succeed(connection, &keys, StaffId(owner.id), 0, &limits, now).await?;
            lock(connection, owner.id).await?;
            if !single_use::take(connection, purpose, &hash, now).await? {
                return Err(Problem::new(ApiCode::InvalidAccountToken));
            }
            sqlx::query(
                "UPDATE staff SET password_hash = $2, password_changed_at = $3,
                                  initial_password_until = NULL,
                                  email_verified_at = coalesce(email_verified_at, $3)
                 WHERE id = $1 AND disabled_at IS NULL",
            )
            .bind(owner.id)
            .bind(password_hash)
            .bind(now)
            .execute(&mut *connection)
            .await?;
            let change = Change {
                purpose: Some(purpose),
                owner,
                trace_id: client.trace_id,
                keep: None,
            };
            change.follow_up(connection).await
        })
    })
    .await
}

/// Sets another password of somebody who is signed in; every other session of the account ends.
///
/// # Errors
/// `invalid_credentials` when the present password is wrong, `too_many_requests`, `weak_password`.
pub async fn by_owner(
    app: &Shared,
    person: Person,
    session: Option<Uuid>,
    (present, wanted): (SecretString, SecretString),
    client: Client,
) -> Result<(), Problem> {
    sign_in::reauthenticate(app, &person, present.clone(), None, &client).await?;
    if present.expose_secret() == wanted.expose_secret() {
        return Err(Problem::new(ApiCode::WeakPassword)
            .field("/password", "must differ from the present one"));
    }
    let password_hash = hashed(app, wanted, person.own_words()).await?;
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            let now = clock::now();
            lock(connection, person.id).await?;
            // Only the password that was shown: somebody may have reset it meanwhile.
            let changed = sqlx::query(
                "UPDATE staff SET password_hash = $2, password_changed_at = $3
                 WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $4",
            )
            .bind(person.id)
            .bind(password_hash)
            .bind(now)
            .bind(&person.password_hash)
            .execute(&mut *connection)
            .await?;
            if changed.rows_affected() == 0 {
                return Err(Problem::new(ApiCode::InvalidCredentials));
            }
            let change = Change {
                purpose: None,
                owner: Owner {
                    id: person.id,
                    facility_id: person.facility_id,
                    email: person.email,
                    name: person.name,
                },
                trace_id: client.trace_id,
                keep: session,
            };
            change.follow_up(connection).await
        })
    })
    .await
}

async fn hashed(app: &Shared, password: SecretString, own: Vec<String>) -> Result<String, Problem> {
    let judged = app.passwords.judge_and_hash(password, own).await?;
    judged.map_err(|wrong| {
        let problem = Problem::new(ApiCode::WeakPassword);
        wrong.into_iter().fold(problem, |problem, sentence| {
            problem.field("/password", sentence)
        })
    })
}

#[derive(sqlx::FromRow)]
struct Owner {
    id: Uuid,
    facility_id: Uuid,
    email: String,
    name: String,
}

async fn owner_of(
    connection: &mut PgConnection,
    purpose: Purpose,
    hash: &Hash,
) -> Result<Option<Owner>, Problem> {
    let Some(staff) = single_use::owner(connection, purpose, hash, clock::now()).await? else {
        return Ok(None);
    };
    let owner = sqlx::query_as(
        "SELECT id, facility_id, email, name FROM staff WHERE id = $1 AND disabled_at IS NULL",
    )
    .bind(staff.0)
    .fetch_optional(connection)
    .await?;
    Ok(owner)
}

async fn lock(connection: &mut PgConnection, staff: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT FROM staff WHERE id = $1 FOR NO KEY UPDATE")
        .bind(staff)
        .execute(connection)
        .await?;
    Ok(())
}

/// What follows from a new password.
struct Change {
    purpose: Option<Purpose>,
    owner: Owner,
    trace_id: Option<String>,
    keep: Option<Uuid>,
}

impl Change {
    async fn follow_up(self, connection: &mut PgConnection) -> Result<(), Problem> {
        let (now, staff) = (clock::now(), StaffId(self.owner.id));
        for purpose in [Purpose::Invitation, Purpose::Reset] {
            single_use::revoke(connection, purpose, staff, now).await?;
        }
        sqlx::query(
            "UPDATE login_challenge SET used_at = $2 WHERE staff_id = $1 AND used_at IS NULL",
        )
        .bind(staff.0)
        .bind(now)
        .execute(&mut *connection)
        .await?;
        if self.purpose != Some(Purpose::Invitation) {
            let mail = Mail::PasswordChanged {
                name: self.owner.name,
                changed_at: now,
            };
            mail::enqueue(connection, &self.owner.email, &mail).await?;
        }
        let ending = Ending {
            reason: match self.purpose {
                None => EndReason::PasswordChanged,
                Some(_) => EndReason::PasswordReset,
            },
            by: None,
            trace_id: self.trace_id.clone(),
        };
        let ended = end_all_as(connection, staff, &ending, self.keep).await?;
        let kind = match self.purpose {
            Some(Purpose::Invitation) => FactKind::AddressVerified,
            _ => FactKind::PasswordChanged,
        };
        let facility = Some(FacilityId(self.owner.facility_id));
        let mut fact = Fact::new(kind, facility, format!("staff:{staff}"));
        fact.trace_id = self.trace_id;
        fact.facts = serde_json::json!({
            "staff_id": staff,
            "by": self.purpose.map_or("owner", Purpose::as_str),
            "sessions_ended": ended,
        });
        audit::append(connection, &fact).await?;
        Ok(())
    }
}
