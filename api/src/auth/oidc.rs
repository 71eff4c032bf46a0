//! Staff who sign in at an external issuer (OpenID Connect): its tokens are accepted beside ours,
//! as bearer tokens, and nothing else of it is.
//!
//! - [`config`] says which issuers are trusted and what their claims mean here.
//! - [`keys`] finds an issuer's keys by discovery, keeps them, and follows their rotation.
//! - [`claims`] turns claims into a role, a facility and departments.
//!
//! What a token says about itself decides nothing but which issuer and which of its keys are asked:
//! the algorithm comes from the key and the configuration, and is never a symmetric one.

pub mod claims;
pub mod config;
pub mod keys;

pub use config::OidcConfig;

use super::cache::TokenCache;
use super::policy::IdentityPolicy;
use super::revocations::Bond;
use super::{Identity, external};
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, TimeDelta, Utc};
use claims::Claims;
use config::Issuer;
use jsonwebtoken::Validation;
use keys::{KeySource, Lookup};
use medique_contracts::Actor;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

/// Longest token that is looked at, bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Clock difference to an issuer that is forgiven, seconds.
const LEEWAY_S: u64 = 30;

struct Trusted {
    issuer: Issuer,
    keys: KeySource,
}

/// The issuers that are trusted.
pub struct Oidc {
    issuers: Vec<Trusted>,
    cache: TokenCache,
}

#[derive(Deserialize)]
struct Peek {
    iss: String,
}

impl Oidc {
    /// Prepares the connections to the issuers; nothing is asked yet.
    ///
    /// # Errors
    /// A certificate authority of the configuration cannot be used.
    pub fn new(config: &OidcConfig) -> Result<Self, reqwest::Error> {
        let trusted = |issuer: &Issuer| {
            Ok(Trusted {
                keys: KeySource::new(issuer)?,
                issuer: issuer.clone(),
            })
        };
        let issuers: Result<_, reqwest::Error> = config.issuers.iter().map(trusted).collect();
        Ok(Self {
            issuers: issuers?,
            cache: TokenCache::new(),
        })
    }

    /// The longest life of a token that is accepted.
    pub fn life_max(&self) -> Duration {
        let lives = self.issuers.iter().map(|trusted| trusted.issuer.max_life());
        lives.max().unwrap_or_default()
    }

    /// A token that was verified before.
    pub fn remembered(&self, token: &str, now: DateTime<Utc>) -> Option<Arc<Identity>> {
        self.cache.get(&digest(token), now)
    }

    /// Verifies a token and says whose it is. A token seen for the first time is noted in the
    /// database. `policy` says which roles need a second factor: there the issuer must tell of one.
    ///
    /// # Errors
    /// `unauthenticated`; `issuer_unavailable` when the issuer's keys are not known;
    /// `database_unavailable`.
    pub async fn verify(
        &self,
        pool: &PgPool,
        policy: &IdentityPolicy,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Identity>, Problem> {
        let refused = || Problem::new(ApiCode::Unauthenticated);
        let trusted = self.issuer_of(token).ok_or_else(refused)?;
        let claims = trusted.claims(token, now).await?.ok_or_else(refused)?;
        let issuer = &trusted.issuer;
        let person = claims::person(issuer, &claims).ok_or_else(refused)?;
        if policy.needs_second_factor(person.role) && !claims::has_second_factor(issuer, &claims) {
            return Err(refused());
        }
        let standing = external::note(pool, issuer, &claims, &person, now).await?;
        let actor = Actor::Staff {
            id: person.staff_id,
            role: person.role,
            departments: person.departments,
        };
        let identity = Arc::new(Identity {
            actor_key: actor.key(),
            actor,
            facility_id: person.facility_id,
            expires_at: DateTime::from_timestamp(claims.exp, 0).ok_or_else(refused)?,
            bond: Bond::External {
                issued_at: DateTime::from_timestamp(claims.iat, 0).ok_or_else(refused)?,
                access_version: standing.ok_or_else(refused)?.access_version,
            },
        });
        self.cache.put(digest(token), Arc::clone(&identity));
        Ok(identity)
    }

    fn issuer_of(&self, token: &str) -> Option<&Trusted> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        // Unverified, and used for nothing but to pick whom to ask.
        let peek: Peek = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
        self.issuers
            .iter()
            .find(|trusted| trusted.issuer.issuer == peek.iss)
    }
}

impl Trusted {
    /// The claims of a token that is valid now; none when it is not.
    async fn claims(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Claims>, Problem> {
        let Ok(header) = jsonwebtoken::decode_header(token) else {
            return Ok(None);
        };
        // Nothing critical is understood here (RFC 7515, 4.1.11), and a key without a name cannot
        // be told from the one that took its place.
        let (Some(kid), None) = (header.kid, header.crit) else {
            return Ok(None);
        };
        let key = match self.keys.find(&kid).await {
            Lookup::Found(key) => key,
            Lookup::Unknown => return Ok(None),
            Lookup::Unavailable => {
                return Err(Problem::new(ApiCode::IssuerUnavailable).retry_after(2));
            }
        };
        let mut validation = Validation::default();
        validation.algorithms.clone_from(&key.algorithms);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer.issuer]);
        validation.set_audience(&self.issuer.audiences);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let decoded = jsonwebtoken::decode::<Claims>(token, &key.key, &validation);
        Ok(decoded
            .ok()
            .map(|data| data.claims)
            .filter(|claims| self.is_timely(claims, now)))
    }

    /// Made in the past, and for no longer than is accepted: what an administrator ends here is
    /// remembered for so long.
    fn is_timely(&self, claims: &Claims, now: DateTime<Utc>) -> bool {
        let leeway = TimeDelta::seconds(LEEWAY_S as i64);
        let life = claims.exp.saturating_sub(claims.iat);
        claims.iat <= (now + leeway).timestamp() && life <= self.issuer.max_life_s as i64
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
