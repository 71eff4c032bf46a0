//! Access tokens: EdDSA JWTs that carry all that authorisation needs, so no request reads the
//! database to learn who calls.

use super::Identity;
use super::cache::TokenCache;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use medique_contracts::Actor;
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId, VisitId};
use medique_contracts::vocabulary::Role;
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

/// Why the signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not an Ed25519 key in PKCS#8 PEM, or the library cannot use it.
    #[error("MEDIQUE_JWT_SIGNING_KEY is not a usable Ed25519 private key in PKCS#8 PEM")]
    Unusable(#[from] jsonwebtoken::errors::Error),
    /// A token that was just signed did not verify.
    #[error("a token signed with MEDIQUE_JWT_SIGNING_KEY does not verify")]
    SelfTest,
}

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
}

/// Signs and verifies tokens.
pub struct TokenKeys {
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    cache: TokenCache,
}

impl TokenKeys {
    /// Reads the key and proves that it works: the library finds out about a missing or doubled
    /// crypto backend only at the first token.
    ///
    /// # Errors
    /// [`KeyError`]; the start must fail with it.
    pub fn from_pem(pem: &[u8], now: DateTime<Utc>) -> Result<Self, KeyError> {
        let signing = EncodingKey::from_ed_pem(pem)?;
        // The PEM holds only the seed; the public half is computed from it.
        let public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA)?;
        let verifying = DecodingKey::from_jwk(&public)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key_id(verifying.try_get_as_bytes()?));
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_S;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE_STAFF, AUDIENCE_VISIT]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let keys = Self {
            header,
            signing,
            verifying,
            validation,
            cache: TokenCache::new(),
        };
        keys.prove(now)?;
        Ok(keys)
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
        life: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(&Claims {
            role: Some(grant.role),
            departments: Some(grant.departments.clone()),
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
        jsonwebtoken::encode(&self.header, claims, &self.signing)
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
        let data = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).ok()?;
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
    }
}

/// Reads claims by their audience: a patient's token can never stand for staff, whatever else it
/// claims.
fn identity(claims: Claims) -> Option<Identity> {
    let actor = match claims.aud.as_str() {
        AUDIENCE_STAFF => Actor::Staff {
            id: StaffId(claims.sub),
            role: claims.role.filter(|role| *role != Role::Patient)?,
            departments: claims
                .departments
                .unwrap_or(Grants::Only(Vec::<DepartmentId>::new())),
        },
        AUDIENCE_VISIT => Actor::Patient {
            visit_id: VisitId(claims.sub),
        },
        _ => return None,
    };
    Some(Identity {
        actor_key: actor.key(),
        actor,
        facility_id: claims.facility,
        expires_at: DateTime::from_timestamp(claims.exp, 0)?,
    })
}

/// A short name of the public key, for the time when two keys are in use.
fn key_id(public: &[u8]) -> String {
    Sha256::digest(public)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests;
