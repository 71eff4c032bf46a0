//! Signing in: throttled, in the same time for known and unknown names, with a second factor where
//! the account or its role asks for one.

mod challenge;
mod replace;
mod tries;

use super::person::{EMAIL_BYTES_MAX, Person};
use super::second_factor::{self, Changed, Proof};
use super::sessions::{self, Client, Opened};
use super::single_use::Purpose;
use super::throttle::{self, Keys};
use super::transact;
use crate::app::{App, Shared};
use crate::problem::{ApiCode, Problem};
use challenge::{Pending, challenge, pending, use_up};
use medique_platform::audit::FactKind;
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use medique_platform::password::BYTES_MAX;
use replace::{refuse_known, replace_initial};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgConnection;
use tries::{Failure, admit, come_back, give_back, is_home};

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
/// `second_factor_enrolment_required` with a token for the second step; `password_change_required`
/// with a token to set a password, `password_reset_required`.
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
    let judged = match judged {
        Ok(judged) => judged,
        Err(error) => {
            // Nobody failed: there was no time to look.
            give_back(app, &keys, &made).await?;
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
    // Looked up for a wrong password too: the time must not tell it from a right one.
    let is_home = is_home(app, &made, &keys, person.as_ref()).await?;
    let now = clock::now();
    let is_in_time = |person: &Person| person.initial_password_until.is_none_or(|end| now < end);
    let may = |person: &Person| judged.is_right && is_home && is_in_time(person);
    let Some(person) = person.clone().filter(may) else {
        return Err(failure.tell(app, person.as_ref()).await?);
    };
    // What was counted stays so until the password was replaced.
    if person.initial_password_until.is_some() {
        return Err(replace_initial(app, &person).await?);
    }
    if judged.is_known {
        return Err(refuse_known(app, person, &client).await?);
    }
    rehash(app, &person, password).await?;
    if person.totp_secret.is_some() || app.config.identity.needs_second_factor(person.role()?) {
        return Err(challenge(app, &person, made.address_charges()).await?);
    }
    let charges = made.address_charges();
    enter(app, keys, person, &["pwd"], client, charges).await
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
    let Pending {
        person,
        enrols,
        address_charges,
    } = pending(app, hash, true).await?;
    let keys = Keys::new(&app.identity, &person.email, client.address);
    let made = admit(app, &keys).await?;
    if let Some(until) = made.elsewhere_until
        && !is_home(app, &made, &keys, Some(&person)).await?
    {
        return Err(come_back(until));
    }
    let (owned, shown, trace_id) = (app.clone(), person.clone(), client.trace_id.clone());
    let (is_right, recovery_codes, amr) = transact(&app.pool, move |connection| {
        Box::pin(async move {
            if enrols {
                let Proof::Code(code) = &proof else {
                    return Ok((false, None, "otp"));
                };
                let codes = second_factor::confirm(&owned, connection, &shown, code, now).await?;
                if codes.is_some() {
                    // Its owner hears of it, should somebody else have set it up.
                    second_factor::changed(connection, &shown, Changed::Enabled, None, trace_id)
                        .await?;
                }
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
    let charges = address_charges + made.address_charges();
    let mut entered = enter(app, keys, person, &["pwd", amr, "mfa"], client, charges).await?;
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
    let Pending { person, enrols, .. } = pending(app, hash, false).await?;
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
/// one is shown), as throttled as a sign-in: whoever has got hold of an access token guesses the
/// password no faster than anybody else.
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
        Ok(judged) => judged.is_right,
        Err(error) => {
            give_back(app, &keys, &made).await?;
            return Err(error.into());
        }
    };
    let is_home = is_home(app, &made, &keys, Some(person)).await?;
    let has_factor = match proof {
        Some(proof) if matches && is_home => shows(app, person, proof).await?,
        _ => true,
    };
    if matches && is_home && has_factor {
        return give_back(app, &keys, &made).await;
    }
    let failure = Failure {
        kind: if matches && is_home {
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

/// Judges a code of the caller's own account, as throttled as a sign-in. `judge` gives none for a
/// wrong one.
///
/// # Errors
/// `second_factor_invalid`, `too_many_requests`, and those of `judge`.
pub async fn by_code<T>(
    app: &Shared,
    person: &Person,
    client: &Client,
    judge: impl Future<Output = Result<Option<T>, Problem>>,
) -> Result<T, Problem> {
    let keys = Keys::new(&app.identity, &person.email, client.address);
    let made = admit(app, &keys).await?;
    if let Some(until) = made.elsewhere_until
        && !is_home(app, &made, &keys, Some(person)).await?
    {
        return Err(come_back(until));
    }
    let judged = judge.await;
    if let Ok(None) = judged {
        let failure = Failure {
            kind: FactKind::SecondFactorFailed,
            made: &made,
            keys: &keys,
            email: &person.email,
            client,
        };
        return Err(failure.tell(app, Some(person)).await?);
    }
    give_back(app, &keys, &made).await?;
    judged.and_then(|done| done.ok_or(Problem::new(ApiCode::SecondFactorInvalid)))
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

/// Opens the session; with it what was counted against the account is forgotten. The owner hears of
/// a sign-in from where the account was never seen.
async fn enter(
    app: &Shared,
    keys: Keys,
    person: Person,
    amr: &[&str],
    client: Client,
    address_charges: u8,
) -> Result<SignedIn, Problem> {
    let grant = person.grant(amr)?;
    let (owned, limits) = (app.clone(), app.config.identity.limits);
    let (name, email) = (person.name.clone(), person.email.clone());
    let opened = transact(&app.pool, move |connection: &mut PgConnection| {
        Box::pin(async move {
            let (staff, now) = (grant.staff_id, clock::now());
            let charges = address_charges;
            if throttle::succeed(connection, &keys, staff, charges, &limits, now).await? {
                let mail = Mail::NewPlace {
                    name,
                    address: client.address.map(|address| address.to_string()),
                    signed_in_at: now,
                };
                mail::enqueue(connection, &email, &mail).await?;
            }
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
