//! Access tokens: EdDSA JWTs that carry all that authorisation needs, so no request reads the
//! database to learn who calls. They name their session and the version of the account's access,
//! by which they can be ended before their time (see [`revocations`](super::revocations)).

mod keys;

pub use keys::KeyError;

use super::Identity;
use super::cache::TokenCache;
use super::revocations::Bond;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, Header, Validation};
use keys::KeyRing;
use medique_contracts::Actor;
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId, VisitId};
use medique_contracts::vocabulary::Role;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

const ISSUER: &str = "medique";
const AUDIENCE_STAFF: &str = "medique-api";
const AUDIENCE_VISIT: &str = "medique-visit";
/// Life of a visit token, hours: longer than any visit lasts.
const VISIT_TOKEN_HOURS: i64 = 24;
/// Clock difference between replicas that is forgiven, seconds.
const LEEWAY_S: u64 = 5;

/// What is said in a token.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    jti: Uuid,
    iat: i64,
    exp: i64,
    facility: FacilityId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    departments: Option<Grants>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
    /// Access version of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ver: Option<i64>,
    /// How the person proved who they are (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
}

/// The session that an access token belongs to.
#[derive(Debug, Clone, Copy)]
pub struct SessionClaim {
    /// The session.
    pub id: Uuid,
    /// Access version of the account.
    pub access_version: i64,
}

/// A member of staff who signs in.
#[derive(Debug, Clone)]
pub struct StaffGrant {
    /// The account.
    pub staff_id: StaffId,
    /// Where.
    pub facility_id: FacilityId,
    /// The role.
    pub role: Role,
    /// Where the role acts.
    pub departments: Grants,
    /// How the person proved who they are, in the words of RFC 8176: `pwd`, `otp`, `mfa`.
    pub amr: Vec<String>,
}

/// Signs and verifies tokens.
pub struct TokenKeys {
    keys: KeyRing,
    validation: Validation,
    cache: TokenCache,
}

impl TokenKeys {
    /// Reads the key that signs, and those that were or will be in its place, and proves that they
    /// work: the library finds out about a missing or doubled crypto backend only at the first
    /// token.
    ///
    /// # Errors
    /// [`KeyError`]; the start must fail with it.
    pub fn new(
        signing: &SecretString,
        further: &[SecretString],
        now: DateTime<Utc>,
    ) -> Result<Self, KeyError> {
        let mut ring = KeyRing::new(signing.expose_secret().as_bytes())?;
        for pem in further {
            ring.accept(pem.expose_secret().as_bytes())?;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_S;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE_STAFF, AUDIENCE_VISIT]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let keys = Self {
            keys: ring,
            validation,
            cache: TokenCache::new(),
        };
        keys.prove(now)?;
        Ok(keys)
    }

    /// The public keys, for whoever verifies tokens of ours.
    pub fn public_keys(&self) -> JwkSet {
        self.keys.public()
    }

    fn prove(&self, now: DateTime<Utc>) -> Result<(), KeyError> {
        let visit = VisitId(Uuid::from_u128(1));
        let (token, _) = self.visit_token(visit, FacilityId(Uuid::from_u128(2)), now)?;
        match self.verify(&token) {
            Some(Identity {
                actor: Actor::Patient { visit_id },
                ..
            }) if visit_id == visit => Ok(()),
            _ => Err(KeyError::SelfTest),
        }
    }

    /// Signs an access token for a member of staff.
    ///
    /// # Errors
    /// The signer failed; not expected after the self-test.
    pub fn staff_token(
        &self,
        grant: &StaffGrant,
        session: SessionClaim,
        life: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(&Claims {
            role: Some(grant.role),
            departments: Some(grant.departments.clone()),
            sid: Some(session.id),
            ver: Some(session.access_version),
            amr: grant.amr.clone(),
            ..claims(
                AUDIENCE_STAFF,
                grant.staff_id.0,
                grant.facility_id,
                now,
                life,
            )
        })
    }

    /// Signs the token with which a patient follows one visit, and says when it ends.
    ///
    /// # Errors
    /// The signer failed; not expected after the self-test.
    pub fn visit_token(
        &self,
        visit: VisitId,
        facility: FacilityId,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>), jsonwebtoken::errors::Error> {
        let life = TimeDelta::hours(VISIT_TOKEN_HOURS);
        let token = self.sign(&claims(AUDIENCE_VISIT, visit.0, facility, now, life))?;
        Ok((token, now + life))
    }

    fn sign(&self, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.keys.signing_id().to_owned());
        jsonwebtoken::encode(&header, claims, self.keys.signing())
    }

    /// The identity behind a token that is valid at `now`; none for everything else.
    pub fn caller(&self, token: &str, now: DateTime<Utc>) -> Option<Arc<Identity>> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(identity) = self.cache.get(&digest, now) {
            return Some(identity);
        }
        let identity = Arc::new(self.verify(token)?);
        self.cache.put(digest, Arc::clone(&identity));
        Some(identity)
    }

    fn verify(&self, token: &str) -> Option<Identity> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key = self.keys.find(header.kid.as_deref()?)?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?;
        identity(data.claims)
    }
}

fn claims(
    audience: &str,
    subject: Uuid,
    facility: FacilityId,
    now: DateTime<Utc>,
    life: TimeDelta,
) -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: audience.to_owned(),
        sub: subject,
        jti: Uuid::new_v4(),
        iat: now.timestamp(),
        exp: (now + life).timestamp(),
        facility,
        role: None,
        departments: None,
        sid: None,
        ver: None,
        amr: Vec::new(),
    }
}

/// Reads claims by their audience: a patient's token can never stand for staff, whatever else it
/// claims.
fn identity(claims: Claims) -> Option<Identity> {
    let (actor, bond) = match claims.aud.as_str() {
        AUDIENCE_STAFF => {
            let actor = Actor::Staff {
                id: StaffId(claims.sub),
                role: claims.role.filter(|role| *role != Role::Patient)?,
                departments: claims
                    .departments
                    .unwrap_or(Grants::Only(Vec::<DepartmentId>::new())),
            };
            // A staff token that nothing could end is none of ours.
            let bond = Bond::Session {
                id: claims.sid?,
                access_version: claims.ver?,
            };
            (actor, bond)
        }
        AUDIENCE_VISIT => {
            let visit_id = VisitId(claims.sub);
            (Actor::Patient { visit_id }, Bond::None)
        }
        _ => return None,
    };
    Some(Identity {
        actor_key: actor.key(),
        actor,
        facility_id: claims.facility,
        expires_at: DateTime::from_timestamp(claims.exp, 0)?,
        bond,
    })
}

#[cfg(test)]
mod tests;
