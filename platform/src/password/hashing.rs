//! Argon2id. Its cost is configuration; a hash says itself what it cost.

use crate::config::Env;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};

/// Least cost, as OWASP recommends it: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB_MIN: u32 = 19 * 1024;
const PASSES_MIN: u32 = 2;
const LANES_MIN: u32 = 1;

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("password hashing failed")]
pub struct HashError;

/// What hashing costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// `MEDIQUE_PASSWORD_HASH_MEMORY_KIB`: memory of one Argon2id hash.
    pub memory_kib: u32,
    /// `MEDIQUE_PASSWORD_HASH_PASSES`: passes of Argon2id over it.
    pub passes: u32,
    /// `MEDIQUE_PASSWORD_HASH_LANES`: lanes of Argon2id.
    pub lanes: u32,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            memory_kib: MEMORY_KIB_MIN,
            passes: PASSES_MIN,
            lanes: LANES_MIN,
        }
    }
}

impl Hashing {
    /// Reads `MEDIQUE_PASSWORD_HASH_*`.
    pub fn read(env: &mut Env) -> Self {
        Self {
            memory_kib: env.within(
                "MEDIQUE_PASSWORD_HASH_MEMORY_KIB",
                MEMORY_KIB_MIN,
                MEMORY_KIB_MIN..=1024 * 1024,
            ),
            passes: env.within("MEDIQUE_PASSWORD_HASH_PASSES", PASSES_MIN, PASSES_MIN..=16),
            lanes: env.within("MEDIQUE_PASSWORD_HASH_LANES", LANES_MIN, LANES_MIN..=16),
        }
    }

    /// The costs of a stored hash (a PHC string); none when it cannot be read.
    pub fn of(hash: &str) -> Option<Self> {
        let hash = PasswordHash::new(hash).ok()?;
        let params = Params::try_from(&hash).ok()?;
        Some(Self {
            memory_kib: params.m_cost(),
            passes: params.t_cost(),
            lanes: params.p_cost(),
        })
    }

    /// Hashes a password at this cost: a PHC string with a salt of its own.
    ///
    /// # Errors
    /// The hasher refuses, or there are no random numbers.
    pub fn hash(&self, password: &SecretString) -> Result<String, HashError> {
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(|_| HashError)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| HashError)
    }

    /// Whether `password` belongs to `hash`, at the cost that the hash names.
    pub fn verify(hash: &str, password: &SecretString) -> bool {
        let Ok(hash) = PasswordHash::new(hash) else {
            tracing::error!("a stored password hash cannot be read");
            return false;
        };
        Argon2::default()
            .verify_password(password.expose_secret().as_bytes(), &hash)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_its_cost_and_knows_its_password() {
        let (password, other) = ("Umbrella-7".into(), "Umbrella-8".into());
        let hashing = Hashing {
            passes: 3,
            ..Hashing::default()
        };
        let hash = hashing.hash(&password).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"),
            "{hash}"
        );
        assert_eq!(Hashing::of(&hash), Some(hashing));
        assert!(Hashing::verify(&hash, &password) && !Hashing::verify(&hash, &other));
        assert_ne!(
            hashing.hash(&password).unwrap(),
            hash,
            "each has its own salt"
        );
        assert!(!Hashing::verify("not a hash", &password));
        assert_eq!(Hashing::of("not a hash"), None);
    }

    #[test]
    fn less_than_the_recommendation_is_refused() {
        for pair in [
            ("MEDIQUE_PASSWORD_HASH_MEMORY_KIB", "4096"),
            ("MEDIQUE_PASSWORD_HASH_PASSES", "1"),
            ("MEDIQUE_PASSWORD_HASH_LANES", "0"),
        ] {
            let mut env = Env::from_pairs([pair]);
            Hashing::read(&mut env);
            assert!(env.finish().is_err(), "{pair:?}");
        }
    }
}
