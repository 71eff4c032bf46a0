//! How long sessions live and how many one account may have.

use medique_contracts::vocabulary::Role;
use medique_platform::config::Env;
use std::time::Duration;

/// The limits of sessions.
#[derive(Debug, Clone)]
pub struct SessionPolicy {
    /// `MEDIQUE_SESSION_IDLE_S`: a session that is not refreshed for so long ends.
    pub idle: Duration,
    /// `MEDIQUE_SESSION_MAX_S`: a session ends after so long, however busy.
    pub absolute: Duration,
    /// `MEDIQUE_SESSION_DISPLAY_MAX_S`: the same for a board in a waiting room, which nobody stands
    /// beside to sign in, and which sees no more than the room does.
    pub absolute_display: Duration,
    /// `MEDIQUE_SESSION_PROOF_S`: for how long a sign-in, or the password shown again, counts as a
    /// fresh proof of who asks. Ending other sessions of one's own needs one.
    pub proof: Duration,
    /// `MEDIQUE_SESSION_PER_ACCOUNT`: live sessions of one account; one more ends the least
    /// recently used.
    pub per_account: u32,
    /// `MEDIQUE_REVOCATION_BLIND_MAX_S`: how long a replica that cannot read what was revoked goes
    /// on accepting staff tokens.
    pub blind_max: Duration,
}

impl SessionPolicy {
    /// Reads the limits; `access_token_ttl` is what they are held against.
    pub fn read(env: &mut Env, access_token_ttl: Duration) -> Self {
        let policy = Self {
            idle: env.seconds("MEDIQUE_SESSION_IDLE_S", 1_800),
            absolute: env.seconds("MEDIQUE_SESSION_MAX_S", 43_200),
            absolute_display: env.seconds("MEDIQUE_SESSION_DISPLAY_MAX_S", 2_592_000),
            proof: Duration::from_secs(env.within("MEDIQUE_SESSION_PROOF_S", 300, 30..=3600)),
            per_account: env.within("MEDIQUE_SESSION_PER_ACCOUNT", 10, 1..=1000),
            blind_max: Duration::from_secs(env.within(
                "MEDIQUE_REVOCATION_BLIND_MAX_S",
                600,
                15..=86_400,
            )),
        };
        env.check(
            policy.idle >= access_token_ttl,
            "MEDIQUE_SESSION_IDLE_S: must not be shorter than MEDIQUE_ACCESS_TOKEN_TTL_S, or sessions end in use",
        );
        env.check(
            policy.absolute >= policy.idle && policy.absolute_display >= policy.idle,
            "MEDIQUE_SESSION_IDLE_S: must not exceed MEDIQUE_SESSION_MAX_S or MEDIQUE_SESSION_DISPLAY_MAX_S",
        );
        policy
    }

    /// The longest life of a session of this role.
    pub fn absolute_of(&self, role: Role) -> Duration {
        match role {
            Role::Display => self.absolute_display,
            _ => self.absolute,
        }
    }
}
