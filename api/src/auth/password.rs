//! Passwords: Argon2id, off the async threads, a few at a time, and in the same time whether or
//! not the account exists.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Verifications at the same time; each takes about 20 MiB and one core.
const AT_ONCE_MAX: usize = 2;
/// Longest wait for a turn; after that the client is told to come back.
const TURN_WAIT_MAX: Duration = Duration::from_secs(3);

/// Why a password could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many sign-ins at the moment.
    #[error("too many sign-ins at the moment")]
    Busy,
    /// The hasher failed, or its thread died.
    #[error("password hashing failed")]
    Failed,
}

/// Judges passwords.
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Hash of a password that nobody has, for accounts that do not exist.
    nobody: Arc<str>,
}

impl Passwords {
    /// Prepares the hash that stands in for unknown accounts.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] when hashing does not work at all.
    pub fn new() -> Result<Self, PasswordError> {
        let password = uuid::Uuid::new_v4().to_string();
        let hash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|_| PasswordError::Failed)?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            nobody: Arc::from(hash.to_string()),
        })
    }

    /// Whether `password` belongs to `hash` (a PHC string); always false without a hash, after the
    /// same work.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(
        &self,
        hash: Option<String>,
        password: SecretString,
    ) -> Result<bool, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let permit = tokio::time::timeout(TURN_WAIT_MAX, turn)
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Failed)?;
        let nobody = Arc::clone(&self.nobody);
        tokio::task::spawn_blocking(move || {
            let _turn = permit;
            let known = hash.is_some();
            matches(hash.as_deref().unwrap_or(&nobody), &password) && known
        })
        .await
        .map_err(|_| PasswordError::Failed)
    }
}

fn matches(hash: &str, password: &SecretString) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        tracing::error!("a stored password hash cannot be read");
        return false;
    };
    Argon2::default()
        .verify_password(password.expose_secret().as_bytes(), &hash)
        .is_ok()
}
