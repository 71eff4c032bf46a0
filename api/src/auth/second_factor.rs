//! The second factor of an account: an authenticator's codes, and recovery codes for the day on
//! which the authenticator is lost.

mod change;

pub use change::{Changed, changed, record};

use super::identity_key::Opened;
use super::person::Person;
use super::totp;
use crate::app::App;
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::ids::StaffId;
use medique_platform::mail::{self, Mail};
use sqlx::PgConnection;

/// Recovery codes that an account gets.
const RECOVERY_CODES: usize = 10;
/// Random bytes of one: 120 bits, in six groups of four letters.
const RECOVERY_BYTES: usize = 15;

/// What an authenticator has to be told.
pub struct Setup {
    /// The secret in Base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth` address, to be shown as a QR code.
    pub url: String,
}

/// What somebody shows as a second factor.
pub enum Proof {
    /// A code of the authenticator.
    Code(String),
    /// A recovery code.
    Recovery(String),
}

/// Makes a secret that stands beside the one in force until a code of it was shown.
///
/// # Errors
/// `database_unavailable`, `internal_error`.
pub async fn enrol(
    app: &App,
    connection: &mut PgConnection,
    person: &Person,
) -> Result<Setup, Problem> {
    let secret: [u8; totp::SECRET_BYTES] = rand::random();
    let sealed = app
        .identity
        .seal(person.staff_id(), &secret)
        .map_err(|_| Problem::new(ApiCode::InternalError))?;
    sqlx::query("UPDATE staff SET totp_pending = $2 WHERE id = $1")
        .bind(person.id)
        .bind(sealed)
        .execute(connection)
        .await?;
    Ok(Setup {
        secret: totp::base32(&secret),
        url: totp::url(&person.email, &secret),
    })
}

/// Puts an enrolled second factor into force, when `code` is one of it; gives fresh recovery codes.
///
/// # Errors
/// `database_unavailable`, `internal_error`.
pub async fn confirm(
    app: &App,
    connection: &mut PgConnection,
    person: &Person,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<Vec<String>>, Problem> {
    let Some(sealed) = &person.totp_pending else {
        return Ok(None);
    };
    let secret = opened(app, person, sealed)?.clear;
    let Some(step) = totp::step_of(&secret, code, now, None) else {
        return Ok(None);
    };
    // Only the secret that was looked at: somebody may have enrolled another one meanwhile.
    let confirmed = sqlx::query(
        "UPDATE staff SET totp_secret = totp_pending, totp_pending = NULL, totp_confirmed_at = $3,
                          totp_last_step = $4
         WHERE id = $1 AND totp_pending = $2",
    )
    .bind(person.id)
    .bind(sealed)
    .bind(now)
    .bind(step)
    .execute(&mut *connection)
    .await?;
    if confirmed.rows_affected() == 0 {
        return Ok(None);
    }
    recovery_codes(app, connection, person.staff_id())
        .await
        .map(Some)
}

/// Whether somebody showed the second factor of an account. What was shown is used up; the owner
/// hears of a code that comes a second time, since somebody else may have seen it.
///
/// # Errors
/// `database_unavailable`, `internal_error`.
pub async fn check(
    app: &App,
    connection: &mut PgConnection,
    person: &Person,
    proof: &Proof,
    now: DateTime<Utc>,
) -> Result<bool, Problem> {
    let used = match proof {
        Proof::Code(code) => {
            let Some(sealed) = &person.totp_secret else {
                return Ok(false);
            };
            let opened = opened(app, person, sealed)?;
            let secret = &opened.clear;
            let Some(step) = totp::step_of(secret, code, now, person.totp_last_step) else {
                if totp::is_of(secret, code, now, person.totp_last_step) {
                    code_reused(connection, person, now).await?;
                }
                return Ok(false);
            };
            // Two replicas may have come this far with the same code: one of them has it.
            let used = sqlx::query(
                "UPDATE staff SET totp_last_step = $3, totp_secret = $4
                 WHERE id = $1 AND totp_secret = $2
                   AND (totp_last_step IS NULL OR totp_last_step < $3)",
            )
            .bind(person.id)
            .bind(sealed)
            .bind(step)
            .bind(resealed(app, person, &opened)?.as_ref().unwrap_or(sealed))
            .execute(&mut *connection)
            .await?;
            if used.rows_affected() == 0 {
                code_reused(connection, person, now).await?;
            }
            used
        }
        Proof::Recovery(code) => {
            let hashes = app.identity.recovery_codes(person.staff_id(), &plain(code));
            sqlx::query(
                "UPDATE recovery_code SET used_at = $3
                 WHERE staff_id = $1 AND hash = ANY($2) AND used_at IS NULL",
            )
            .bind(person.id)
            .bind(hashes)
            .bind(now)
            .execute(connection)
            .await?
        }
    };
    Ok(used.rows_affected() == 1)
}

async fn code_reused(
    connection: &mut PgConnection,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mail = Mail::CodeReused {
        name: person.name.clone(),
        shown_at: now,
    };
    mail::enqueue(connection, &person.email, &mail).await?;
    Ok(())
}

/// Fresh recovery codes in the place of all earlier ones.
///
/// # Errors
/// `database_unavailable`.
pub async fn recovery_codes(
    app: &App,
    connection: &mut PgConnection,
    staff: StaffId,
) -> Result<Vec<String>, Problem> {
    forget_codes(connection, staff).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<Vec<u8>> = codes
        .iter()
        .map(|code| app.identity.recovery_code(staff, &plain(code)).to_vec())
        .collect();
    sqlx::query("INSERT INTO recovery_code (staff_id, hash) SELECT $1, unnest($2::bytea[])")
        .bind(staff.0)
        .bind(hashes)
        .execute(connection)
        .await?;
    Ok(codes)
}

/// Takes the second factor of an account away; false when there was none.
///
/// # Errors
/// `database_unavailable`.
pub async fn remove(connection: &mut PgConnection, staff: StaffId) -> Result<bool, Problem> {
    let removed = sqlx::query(
        "UPDATE staff SET totp_secret = NULL, totp_pending = NULL, totp_confirmed_at = NULL
         WHERE id = $1 AND totp_secret IS NOT NULL",
    )
    .bind(staff.0)
    .execute(&mut *connection)
    .await?;
    forget_codes(connection, staff).await?;
    Ok(removed.rows_affected() == 1)
}

async fn forget_codes(connection: &mut PgConnection, staff: StaffId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM recovery_code WHERE staff_id = $1")
        .bind(staff.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The secret under the present key, when one of before had sealed it.
fn resealed(app: &App, person: &Person, opened: &Opened) -> Result<Option<Vec<u8>>, Problem> {
    if !opened.is_stale {
        return Ok(None);
    }
    let sealed = app.identity.seal(person.staff_id(), &opened.clear);
    sealed
        .map(Some)
        .map_err(|_| Problem::new(ApiCode::InternalError))
}

fn opened(app: &App, person: &Person, sealed: &[u8]) -> Result<Opened, Problem> {
    app.identity
        .open(person.staff_id(), sealed)
        .map_err(|error| {
            tracing::error!(staff_id = %person.id, %error, "a second factor cannot be read");
            Problem::new(ApiCode::InternalError)
        })
}

/// Sixteen letters and digits in groups of four.
fn recovery_code() -> String {
    let secret: [u8; RECOVERY_BYTES] = rand::random();
    let text = totp::base32(&secret).to_lowercase();
    let groups: Vec<&str> = (0..text.len())
        .step_by(4)
        .map(|at| &text[at..at + 4])
        .collect();
    groups.join("-")
}

/// A recovery code as it was meant, however it was typed.
fn plain(code: &str) -> String {
    let meant = code.chars().filter(char::is_ascii_alphanumeric);
    meant.map(|c| c.to_ascii_uppercase()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_what_was_meant() {
        let code = recovery_code();
        assert_eq!(code.len(), 29);
        assert_eq!(code.split('-').count(), 6);
        assert_ne!(code, recovery_code());
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(plain(&code), plain(&typed));
        assert_eq!(plain(&code).len(), 24);
    }
}
