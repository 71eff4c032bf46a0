//! What is configured about accounts and signing in.

use super::identity_key::IdentityKey;
use super::throttle::Limits;
use chrono::TimeDelta;
use medique_contracts::vocabulary::Role;
use medique_platform::config::Env;
use medique_platform::password::{Hashing, Policy};
use secrecy::SecretString;
use std::time::Duration;

/// Accounts and signing in.
#[derive(Debug, Clone)]
pub struct IdentityPolicy {
    /// `MEDIQUE_IDENTITY_KEY`: 32 bytes in Base64 or hexadecimal, the same for all replicas.
    pub key: SecretString,
    /// `MEDIQUE_PREVIOUS_IDENTITY_KEYS`: keys of before, with white space between them.
    pub previous_keys: Option<SecretString>,
    /// `MEDIQUE_PASSWORD_*`: which passwords are taken.
    pub password: Policy,
    /// `MEDIQUE_PASSWORD_HASH_*`: how they are kept.
    pub hashing: Hashing,
    /// `MEDIQUE_LOGIN_HASHES_AT_ONCE`: passwords judged at the same time; each takes a core and the
    /// memory of a hash. Half of the cores: queues come first.
    pub hashes_at_once: usize,
    /// `MEDIQUE_LOGIN_HASHES_WAITING`: passwords that may wait for their turn.
    pub hashes_waiting: usize,
    /// `MEDIQUE_TOTP_REQUIRED_ROLES`: roles that need a second factor, with commas between, or
    /// `none`; administrators when it is not set.
    pub totp_roles: Vec<Role>,
    /// `MEDIQUE_INVITATION_TTL_S`: life of an invitation's link.
    pub invitation_ttl: TimeDelta,
    /// `MEDIQUE_RESET_TTL_S`: life of a link to set a new password.
    pub reset_ttl: TimeDelta,
    /// `MEDIQUE_LOGIN_CHALLENGE_TTL_S`: time between the password and the second factor.
    pub challenge_ttl: TimeDelta,
    /// `MEDIQUE_LOGIN_*`: how often a sign-in may fail.
    pub limits: Limits,
}

impl IdentityPolicy {
    /// Reads and checks it.
    pub fn read(env: &mut Env) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let policy = Self {
            key: env.required_secret("MEDIQUE_IDENTITY_KEY"),
            previous_keys: env.secret("MEDIQUE_PREVIOUS_IDENTITY_KEYS"),
            password: Policy::read(env),
            hashing: Hashing::read(env),
            hashes_at_once: env.within_or(
                "MEDIQUE_LOGIN_HASHES_AT_ONCE",
                ((cores / 2).clamp(1, 4), "half of the cores, 1 to 4"),
                1..=64,
            ),
            hashes_waiting: env.within("MEDIQUE_LOGIN_HASHES_WAITING", 64, 0..=10_000),
            totp_roles: roles(env),
            invitation_ttl: life(env, "MEDIQUE_INVITATION_TTL_S", 259_200),
            reset_ttl: life(env, "MEDIQUE_RESET_TTL_S", 3600),
            challenge_ttl: life(env, "MEDIQUE_LOGIN_CHALLENGE_TTL_S", 300),
            limits: Limits {
                pair: env.within("MEDIQUE_LOGIN_PAIR_FAILURES", 10, 1..=100),
                account: env.within("MEDIQUE_LOGIN_ACCOUNT_FAILURES", 20, 1..=1000),
                address: env.within("MEDIQUE_LOGIN_ADDRESS_FAILURES", 100, 1..=100_000),
                block_first: seconds(env.within("MEDIQUE_LOGIN_BLOCK_FIRST_S", 2, 1..=3600)),
                block_max: seconds(env.within("MEDIQUE_LOGIN_BLOCK_MAX_S", 900, 1..=86_400)),
                forget: seconds(env.within("MEDIQUE_LOGIN_FORGET_S", 7200, 1..=604_800)),
            },
        };
        policy.check(env);
        policy
    }

    /// Whether a role needs a second factor.
    pub fn needs_second_factor(&self, role: Role) -> bool {
        self.totp_roles.contains(&role)
    }

    fn check(&self, env: &mut Env) {
        let is_set = !secrecy::ExposeSecret::expose_secret(&self.key).is_empty();
        env.check(
            !is_set || IdentityKey::read(&self.key, None).is_some(),
            "MEDIQUE_IDENTITY_KEY: must be 32 bytes in Base64 or hexadecimal",
        );
        // Judged together with a good key, so that only the others can be what is wrong.
        let previous = self.previous_keys.as_ref();
        env.check(
            IdentityKey::read(&self.key, None).is_none()
                || IdentityKey::read(&self.key, previous).is_some(),
            "MEDIQUE_PREVIOUS_IDENTITY_KEYS: must be 32 bytes in Base64 or hexadecimal each",
        );
        env.check(
            self.limits.block_first <= self.limits.block_max,
            "MEDIQUE_LOGIN_BLOCK_FIRST_S: must not exceed MEDIQUE_LOGIN_BLOCK_MAX_S",
        );
        env.check(
            self.limits.block_max < self.limits.forget,
            "MEDIQUE_LOGIN_FORGET_S: must exceed MEDIQUE_LOGIN_BLOCK_MAX_S, or blocks do not grow",
        );
    }
}

fn life(env: &mut Env, name: &str, default: u32) -> TimeDelta {
    seconds(env.within(name, default, 1..=2_592_000))
}

fn seconds(seconds: u32) -> TimeDelta {
    TimeDelta::from_std(Duration::from_secs(seconds.into())).unwrap_or(TimeDelta::MAX)
}

fn roles(env: &mut Env) -> Vec<Role> {
    let Some(list) = env.text("MEDIQUE_TOTP_REQUIRED_ROLES") else {
        return vec![Role::Admin];
    };
    let mut roles = Vec::new();
    if list.trim() == "none" {
        return roles;
    }
    for word in list
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        match word.parse() {
            Ok(Role::Patient) | Err(_) => env.problem(format!(
                "MEDIQUE_TOTP_REQUIRED_ROLES: {word} is no role of staff"
            )),
            Ok(role) => roles.push(role),
        }
    }
    roles
}
