//! Judging and hashing passwords: off the async threads, a few at a time with a short queue, and in
//! the same time whether or not the account exists.

mod decoys;

use super::identity_key::Key;
use super::policy::IdentityPolicy;
use crate::app::Shared;
use crate::problem::{ApiCode, Problem};
use decoys::Decoys;
use medique_platform::password::{HashError, Hashing, Policy};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgPool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Longest wait for a turn; after that the client is told to come back.
const TURN_WAIT_MAX: Duration = Duration::from_secs(3);
/// How often the costs of the accounts' hashes are read.
const LEARN_EVERY: Duration = Duration::from_secs(600);
/// When to come back, seconds.
const BUSY_RETRY_S: u32 = 5;

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

impl From<HashError> for PasswordError {
    fn from(_: HashError) -> Self {
        Self::Failed
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::new(ApiCode::TooManyRequests).retry_after(BUSY_RETRY_S),
            PasswordError::Failed => Self::new(ApiCode::InternalError),
        }
    }
}

/// What became of a password that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whether it is the account's.
    pub is_right: bool,
    /// Whether the policy takes it for one that others know.
    pub is_known: bool,
}

/// What a password would be worth.
#[derive(Debug)]
pub struct Judged {
    /// Strength from 0 to 4.
    pub score: u8,
    /// Why it would be refused: one sentence each, none of which quotes it.
    pub wrong: Vec<String>,
}

/// Judges and hashes passwords.
pub struct Passwords {
    policy: Policy,
    hashing: Hashing,
    /// Who is in, working or waiting.
    places: Arc<Semaphore>,
    /// Who works.
    turns: Arc<Semaphore>,
    decoys: Mutex<Arc<Decoys>>,
}

impl Passwords {
    /// Prepares the hash that stands in for unknown accounts.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] when hashing does not work at all.
    pub fn new(policy: &IdentityPolicy) -> Result<Self, PasswordError> {
        let places = policy.hashes_at_once + policy.hashes_waiting;
        Ok(Self {
            policy: policy.password.clone(),
            hashing: policy.hashing,
            places: Arc::new(Semaphore::new(places)),
            turns: Arc::new(Semaphore::new(policy.hashes_at_once)),
            decoys: Mutex::new(Arc::new(Decoys::of_cost(policy.hashing)?)),
        })
    }

    /// Whether `password` belongs to `hash` (a PHC string); always false without a hash, after the
    /// same work: that of the hash which `name` would have. Whether others know it by now is judged
    /// in any case, with the same work.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(
        &self,
        name: &Key,
        hash: Option<String>,
        password: SecretString,
    ) -> Result<Verified, PasswordError> {
        let decoys = Arc::clone(&self.decoys.lock().unwrap_or_else(PoisonError::into_inner));
        let (name, policy) = (*name, self.policy.clone());
        self.work(move || {
            let is_account = hash.is_some();
            let hash = hash.as_deref().unwrap_or_else(|| decoys.of(&name));
            let is_right = Hashing::verify(hash, &password);
            Verified {
                is_right: is_right && is_account,
                is_known: policy.is_known(password.expose_secret()),
            }
        })
        .await
    }

    /// How good a password would be, and what is wrong with it.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn judge(
        &self,
        password: SecretString,
        own: Vec<String>,
    ) -> Result<Judged, PasswordError> {
        let policy = self.policy.clone();
        self.work(move || {
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            let password = password.expose_secret();
            Judged {
                score: policy.score(password, &own),
                wrong: policy.judge(password, &own),
            }
        })
        .await
    }

    /// Hashes a password, unless the policy refuses it: then what is wrong with it.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn judge_and_hash(
        &self,
        password: SecretString,
        own: Vec<String>,
    ) -> Result<Result<String, Vec<String>>, PasswordError> {
        let (policy, hashing) = (self.policy.clone(), self.hashing);
        self.work(move || {
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            let wrong = policy.judge(password.expose_secret(), &own);
            if wrong.is_empty() {
                Ok(Ok(hashing.hash(&password)?))
            } else {
                Ok(Err(wrong))
            }
        })
        .await?
    }

    /// A new hash of a password that was verified, when `hash` cost less than hashes do now.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn rehash(
        &self,
        hash: &str,
        password: SecretString,
    ) -> Result<Option<String>, PasswordError> {
        if Hashing::of(hash) == Some(self.hashing) {
            return Ok(None);
        }
        let hashing = self.hashing;
        let hash = self.work(move || hashing.hash(&password)).await??;
        Ok(Some(hash))
    }

    /// Learns what the hashes of accounts cost, so that unknown accounts cost the same.
    ///
    /// # Errors
    /// The database's, or the hasher's.
    pub async fn learn_costs(&self, pool: &PgPool) -> anyhow::Result<()> {
        let costs = decoys::costs(pool).await?;
        let (known, hashing) = (
            Arc::clone(&self.decoys.lock().unwrap_or_else(PoisonError::into_inner)),
            self.hashing,
        );
        let decoys = self
            .work(move || Decoys::for_costs(&known, &costs, hashing))
            .await??;
        *self.decoys.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(decoys);
        Ok(())
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(TURN_WAIT_MAX, turn)
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Failed)?;
        // Both go with the work: a client that goes away frees nothing before it is done.
        tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        })
        .await
        .map_err(|_| PasswordError::Failed)
    }
}

/// Learns what the hashes of accounts cost as long as requests are served.
pub async fn watch_costs(app: Shared) {
    loop {
        if let Err(error) = app.passwords.learn_costs(&app.pool).await {
            tracing::debug!(%error, "the costs of password hashes were not read");
        }
        tokio::select! {
            () = tokio::time::sleep(LEARN_EVERY) => {}
            () = app.served.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests;
