//! Tokens that are good for one use: 256 random bits, of which only the SHA-256 is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::ids::StaffId;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

const SECRET_BYTES: usize = 32;

/// SHA-256 of a token.
pub type Hash = [u8; 32];

/// What a token is for. One made for one purpose is nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Accepting an invitation.
    Invitation,
    /// Setting a new password.
    Reset,
    /// Going on to the second factor.
    Challenge,
}

impl Purpose {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::Challenge => "challenge",
        }
    }

    /// What a token begins with, so that scanners for leaked secrets can find it.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "mqi_",
            Self::Reset => "mqp_",
            Self::Challenge => "mqc_",
        }
    }

    /// A fresh token: its text, and what is kept of it.
    pub fn token(self) -> (SecretString, Hash) {
        let secret: [u8; SECRET_BYTES] = rand::random();
        let text = format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(secret));
        let hash = Sha256::digest(&text).into();
        (SecretString::from(text), hash)
    }

    /// What is kept of a token that a client sent; none when it cannot be one of ours.
    pub fn hash_of(self, text: &str) -> Option<Hash> {
        let secret = text.strip_prefix(self.prefix())?;
        let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
        (bytes.len() == SECRET_BYTES).then(|| Sha256::digest(text).into())
    }
}

/// Makes a token that goes out by mail; earlier ones for the same purpose are nothing any more.
///
/// # Errors
/// The database's.
pub async fn issue(
    connection: &mut PgConnection,
    purpose: Purpose,
    staff: StaffId,
    life: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(SecretString, DateTime<Utc>), sqlx::Error> {
    revoke(connection, purpose, staff, now).await?;
    let (text, hash) = purpose.token();
    let expires_at = now + life;
    sqlx::query(
        "INSERT INTO staff_token (hash, kind, staff_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&hash[..])
    .bind(purpose.as_str())
    .bind(staff.0)
    .bind(now)
    .bind(expires_at)
    .execute(connection)
    .await?;
    Ok((text, expires_at))
}

/// Makes an account's tokens for a purpose worthless.
///
/// # Errors
/// The database's.
pub async fn revoke(
    connection: &mut PgConnection,
    purpose: Purpose,
    staff: StaffId,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let revoked = sqlx::query(
        "UPDATE staff_token SET used_at = $3 WHERE staff_id = $1 AND kind = $2 AND used_at IS NULL",
    )
    .bind(staff.0)
    .bind(purpose.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(revoked.rows_affected())
}

/// Whose token it is, when it is good; it stays good.
///
/// # Errors
/// The database's.
pub async fn owner(
    connection: &mut PgConnection,
    purpose: Purpose,
    hash: &Hash,
    now: DateTime<Utc>,
) -> Result<Option<StaffId>, sqlx::Error> {
    let owner: Option<Uuid> = sqlx::query_scalar(
        "SELECT staff_id FROM staff_token
         WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3",
    )
    .bind(&hash[..])
    .bind(purpose.as_str())
    .bind(now)
    .fetch_optional(connection)
    .await?;
    Ok(owner.map(StaffId))
}

/// Uses a token up; false when it is not good, or not any more.
///
/// # Errors
/// The database's.
pub async fn take(
    connection: &mut PgConnection,
    purpose: Purpose,
    hash: &Hash,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query(
        "UPDATE staff_token SET used_at = $3
         WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3",
    )
    .bind(&hash[..])
    .bind(purpose.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The address of a page with the token behind the fragment sign: it reaches no server's log and no
/// other site.
pub fn link(public_url: &str, page: &str, token: &SecretString) -> String {
    let base = public_url.trim_end_matches('/');
    format!("{base}/{page}#{}", token.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_and_for_its_purpose() {
        let (text, hash) = Purpose::Invitation.token();
        let (text, other) = (text.expose_secret(), Purpose::Invitation.token().1);
        assert_ne!(hash, other);
        assert_eq!(Purpose::Invitation.hash_of(text), Some(hash));
        assert_eq!(Purpose::Reset.hash_of(text), None);
        for hostile in [
            "",
            "mqi_",
            &text[..text.len() - 1],
            &format!("{text}A"),
            &format!("mqi_{}", "!".repeat(43)),
            "mqi_\u{1F980}",
        ] {
            assert_eq!(Purpose::Invitation.hash_of(hostile), None, "{hostile}");
        }
        let link = link("https://h.example/", "invitation", &text.into());
        assert_eq!(link, format!("https://h.example/invitation#{text}"));
    }
}
