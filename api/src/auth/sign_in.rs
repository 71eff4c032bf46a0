//! Signing in: throttled, in the same time for known and unknown names, with a second factor where
//! the account or its role asks for one.

use super::identity_key::Key;
use super::person::{EMAIL_BYTES_MAX, Person};
use super::second_factor::{self, Proof};
use super::sessions::{self, Client, Opened};
use super::single_use::Purpose;
use super::throttle::{self, Admission, Keys, Try};
use super::transact;
use crate::app::{App, Shared};
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{FacilityId, StaffId};
use medique_platform::audit::{self, ANONYMOUS, Fact, FactKind};
use medique_platform::clock;
use medique_platform::password::BYTES_MAX;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Tries of the second factor after one password.
const CHALLENGE_TRIES: i16 = 5;

/// Somebody who is in.
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The session.
    pub opened: Opened,
    /// Recovery codes, when a second factor came into force with this sign-in.
    pub recovery_codes: Option<Vec<String>>,
}

/// The first step: name and password. Without a second factor it is the last.
///
/// # Errors
/// `invalid_credentials`, `too_many_requests`; `second_factor_required` or
/// `second_factor_enrolment_required` with a token for the second step.
pub async fn by_password(
    app: &Shared,
    email: &str,
    password: SecretString,
    client: Client,
) -> Result<SignedIn, Problem> {
    let is_readable = !email.chars().any(char::is_control) && email.len() <= EMAIL_BYTES_MAX;
    if !is_readable || password.expose_secret().len() > BYTES_MAX {
        return Err(Problem::new(ApiCode::InvalidCredentials));
    }
    let keys = Keys::new(&app.identity, email, client.address);
    let made = admit(app, &keys).await?;
    let person = Person::by_email(&app.pool, email).await?;
    let hash = person
        .as_ref()
        .and_then(|person| person.password_hash.clone());
    let judged = app
        .passwords
        .verify(&keys.account, hash.clone(), password.clone())
        .await;
    let matches = match judged {
        Ok(matches) => matches,
        Err(error) => {
            // Nobody failed: there was no time to look.
            give_back(app, &keys).await?;
            return Err(error.into());
        }
    };
    let failure = Failure {
        kind: FactKind::LoginFailed,
        made: &made,
        keys: &keys,
        email,
        client: &client,
    };
    let Some(person) = person.clone().filter(|_| matches) else {
        return Err(failure.tell(app, person.as_ref()).await?);
    };
    if let Some(problem) = kept_out(app, &made, &keys, &person).await? {
        failure.tell(app, Some(&person)).await?;
        return Err(problem);
    }
    rehash(app, &person, password).await?;
    if person.totp_secret.is_some() || app.config.identity.needs_second_factor(person.role()?) {
        return Err(challenge(app, &person).await?);
    }
    enter(app, keys, person, &["pwd"], client, 1).await
}

/// The second step: the second factor. Somebody whose role needs one and who has none yet shows the
/// first code of the one that was just enrolled.
///
/// # Errors
/// `invalid_account_token`, `second_factor_invalid`, `too_many_requests`.
pub async fn by_second_factor(
    app: &Shared,
    challenge: &str,
    proof: Proof,
    client: Client,
) -> Result<SignedIn, Problem> {
    let now = clock::now();
    let hash = Purpose::Challenge
        .hash_of(challenge)
        .ok_or(Problem::new(ApiCode::InvalidAccountToken))?;
    let (person, enrols) = pending(app, hash, true).await?;
    let keys = Keys::new(&app.identity, &person.email, client.address);
    let made = admit(app, &keys).await?;
    if let Some(problem) = kept_out(app, &made, &keys, &person).await? {
        return Err(problem);
    }
    let (owned, shown) = (app.clone(), person.clone());
    let (is_right, recovery_codes, amr) = transact(&app.pool, move |connection| {
        Box::pin(async move {
            if enrols {
                let Proof::Code(code) = &proof else {
                    return Ok((false, None, "otp"));
                };
                let codes = second_factor::confirm(&owned, connection, &shown, code, now).await?;
                return Ok((codes.is_some(), codes, "otp"));
            }
            let is_right = second_factor::check(&owned, connection, &shown, &proof, now).await?;
            let amr = match proof {
                Proof::Code(_) => "otp",
                Proof::Recovery(_) => "kba",
            };
            Ok((is_right, None, amr))
        })
    })
    .await?;
    if !is_right || !use_up(app, hash).await? {
        let failure = Failure {
            kind: FactKind::SecondFactorFailed,
            made: &made,
            keys: &keys,
            email: &person.email,
            client: &client,
        };
        return Err(failure.tell(app, Some(&person)).await?);
    }
    let mut entered = enter(app, keys, person, &["pwd", amr, "mfa"], client, 2).await?;
    entered.recovery_codes = recovery_codes;
    Ok(entered)
}

/// Enrols a second factor between the two steps, for somebody whose role needs one.
///
/// # Errors
/// `invalid_account_token`.
pub async fn enrol(app: &Shared, challenge: &str) -> Result<second_factor::Setup, Problem> {
    let refused = || Problem::new(ApiCode::InvalidAccountToken);
    let hash = Purpose::Challenge.hash_of(challenge).ok_or_else(refused)?;
    let (person, enrols) = pending(app, hash, false).await?;
    if !enrols {
        return Err(refused());
    }
    let owned = app.clone();
    transact(&app.pool, move |connection| {
        Box::pin(async move { second_factor::enrol(&owned, connection, &person).await })
    })
    .await
}

/// Proves once more that the caller knows the account's password (and has its second factor, when
/// one is shown), as throttled as a sign-in.
///
/// # Errors
/// `invalid_credentials`, `second_factor_invalid`, `too_many_requests`.
pub async fn reauthenticate(
    app: &Shared,
    person: &Person,
    password: SecretString,
    proof: Option<Proof>,
    client: &Client,
) -> Result<(), Problem> {
    let keys = Keys::new(&app.identity, &person.email, client.address);
    let made = admit(app, &keys).await?;
    let hash = person.password_hash.clone();
    let matches = match app.passwords.verify(&keys.account, hash, password).await {
        Ok(matches) => matches,
        Err(error) => {
            give_back(app, &keys).await?;
            return Err(error.into());
        }
    };
    let has_factor = match proof {
        Some(proof) if matches => shows(app, person, proof).await?,
        _ => true,
    };
    if matches && has_factor {
        return give_back(app, &keys).await;
    }
    let failure = Failure {
        kind: if matches {
            FactKind::SecondFactorFailed
        } else {
            FactKind::LoginFailed
        },
        made: &made,
        keys: &keys,
        email: &person.email,
        client,
    };
    Err(failure.tell(app, Some(person)).await?)
}

async fn shows(app: &Shared, person: &Person, proof: Proof) -> Result<bool, Problem> {
    let (owned, person) = (app.clone(), person.clone());
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            second_factor::check(&owned, connection, &person, &proof, clock::now()).await
        })
    })
    .await
}

async fn admit(app: &App, keys: &Keys) -> Result<Try, Problem> {
    let (keys, limits) = (keys.clone(), app.config.identity.limits);
    let admission = transact(&app.pool, move |connection| {
        Box::pin(
            async move { Ok(throttle::begin(connection, &keys, &limits, clock::now()).await?) },
        )
    })
    .await?;
    match admission {
        Admission::Judge(made) => Ok(made),
        Admission::Blocked { until } => Err(come_back(until)),
    }
}

async fn give_back(app: &App, keys: &Keys) -> Result<(), Problem> {
    let (keys, limits) = (keys.clone(), app.config.identity.limits);
    transact(&app.pool, move |connection| {
        Box::pin(
            async move { Ok(throttle::give_back(connection, &keys, &limits, clock::now()).await?) },
        )
    })
    .await
}

fn come_back(until: DateTime<Utc>) -> Problem {
    let seconds = (until - clock::now()).num_seconds() + 1;
    Problem::new(ApiCode::TooManyRequests)
        .detail("too many failed sign-ins")
        .retry_after(u32::try_from(seconds).unwrap_or(1))
}

/// The refusal of somebody who is right, where others failed too often and the account was never
/// seen.
async fn kept_out(
    app: &App,
    made: &Try,
    keys: &Keys,
    person: &Person,
) -> Result<Option<Problem>, Problem> {
    let Some(until) = made.elsewhere_until else {
        return Ok(None);
    };
    let (keys, staff) = (keys.clone(), person.staff_id());
    let is_place = transact(&app.pool, move |connection| {
        Box::pin(
            async move { Ok(throttle::is_place(connection, &keys, staff, clock::now()).await?) },
        )
    })
    .await?;
    Ok((!is_place).then(|| come_back(until)))
}

/// A try that failed.
struct Failure<'a> {
    kind: FactKind,
    made: &'a Try,
    keys: &'a Keys,
    email: &'a str,
    client: &'a Client,
}

impl Failure<'_> {
    /// Puts it into the audit, asks for a warning to the owner when the account is locked by it,
    /// and gives the answer. The same work whether or not there is such an account.
    async fn tell(&self, app: &Shared, person: Option<&Person>) -> Result<Problem, Problem> {
        let kind = if self.made.reached.is_empty() {
            self.kind
        } else {
            FactKind::LoginLocked
        };
        let facility = person.map(|person| FacilityId(person.facility_id));
        let mut fact = Fact::new(kind, facility, ANONYMOUS);
        fact.trace_id.clone_from(&self.client.trace_id);
        fact.facts = json!({
            "staff_id": person.map(|person| person.id),
            "account": short(&self.keys.account),
            "step": self.kind.as_str(),
            "limits_reached": self.made.reached,
        });
        fact.detail = self
            .client
            .address
            .map(|address| json!({ "address": address }));
        let locked = self.made.account_locked_until;
        let email = self.email.to_owned();
        transact(&app.pool, move |connection| {
            Box::pin(async move {
                if let Some(until) = locked {
                    super::mail_requests::ask_locked(connection, &email, until).await?;
                }
                Ok(audit::append(connection, &fact).await?)
            })
        })
        .await?;
        if locked.is_some() {
            app.mail_wanted.notify_one();
        }
        Ok(match (self.made.elsewhere_until, self.kind) {
            (Some(until), _) => come_back(until),
            (None, FactKind::SecondFactorFailed) => Problem::new(ApiCode::SecondFactorInvalid),
            (None, _) => Problem::new(ApiCode::InvalidCredentials),
        })
    }
}

/// Enough of a keyed hash to tell one account from another in the audit.
fn short(key: &Key) -> String {
    key.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Hashes cost what they cost when they were made; at a sign-in there is the password to make a new
/// one. When that does not work now, it does at the next sign-in.
async fn rehash(app: &App, person: &Person, password: SecretString) -> Result<(), Problem> {
    let Some(old) = &person.password_hash else {
        return Ok(());
    };
    if let Ok(Some(new)) = app.passwords.rehash(old, password).await {
        sqlx::query("UPDATE staff SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(person.id)
            .bind(old)
            .bind(new)
            .execute(&app.pool)
            .await?;
    }
    Ok(())
}

/// The answer to a right password that is not enough.
async fn challenge(app: &App, person: &Person) -> Result<Problem, Problem> {
    let enrols = person.totp_secret.is_none();
    let (token, hash) = Purpose::Challenge.token();
    sqlx::query(
        "INSERT INTO login_challenge (hash, staff_id, enrols, expires_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(&hash[..])
    .bind(person.id)
    .bind(enrols)
    .bind(clock::now() + app.config.identity.challenge_ttl)
    .execute(&app.pool)
    .await?;
    let code = if enrols {
        ApiCode::SecondFactorEnrolmentRequired
    } else {
        ApiCode::SecondFactorRequired
    };
    Ok(Problem::new(code).challenge(token.expose_secret()))
}

const COUNT_TRY: &str = "
    UPDATE login_challenge SET attempts = attempts + $2
    WHERE hash = $1 AND used_at IS NULL AND expires_at > $3 AND attempts < $4
    RETURNING staff_id, enrols";

/// Who stands between the two steps, and whether to enrol.
async fn pending(app: &App, hash: [u8; 32], is_try: bool) -> Result<(Person, bool), Problem> {
    let found = transact(&app.pool, move |connection| {
        Box::pin(async move {
            let row: Option<(Uuid, bool)> = sqlx::query_as(COUNT_TRY)
                .bind(&hash[..])
                .bind(i16::from(is_try))
                .bind(clock::now())
                .bind(CHALLENGE_TRIES)
                .fetch_optional(&mut *connection)
                .await?;
            let Some((staff, enrols)) = row else {
                return Ok(None);
            };
            let person = Person::by_id(connection, StaffId(staff)).await?;
            // Whoever enrolled meanwhile, in another window, has a second factor to show.
            Ok(person.map(|person| (enrols && person.totp_secret.is_none(), person)))
        })
    })
    .await?;
    found
        .map(|(enrols, person)| (person, enrols))
        .ok_or(Problem::new(ApiCode::InvalidAccountToken))
}

async fn use_up(app: &App, hash: [u8; 32]) -> Result<bool, Problem> {
    let used =
        sqlx::query("UPDATE login_challenge SET used_at = $2 WHERE hash = $1 AND used_at IS NULL")
            .bind(&hash[..])
            .bind(clock::now())
            .execute(&app.pool)
            .await?;
    Ok(used.rows_affected() == 1)
}

/// Opens the session; with it what was counted against the account is forgotten.
async fn enter(
    app: &Shared,
    keys: Keys,
    person: Person,
    amr: &[&str],
    client: Client,
    tries: u8,
) -> Result<SignedIn, Problem> {
    let grant = person.grant(amr)?;
    let (owned, limits) = (app.clone(), app.config.identity.limits);
    let opened = transact(&app.pool, move |connection: &mut PgConnection| {
        Box::pin(async move {
            let staff = grant.staff_id;
            throttle::succeed(connection, &keys, staff, tries, &limits, clock::now()).await?;
            sessions::open(&owned, connection, &grant, &client).await
        })
    })
    .await?;
    Ok(SignedIn {
        person,
        opened,
        recovery_codes: None,
    })
}
