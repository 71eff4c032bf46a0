//! An issuer's keys: found by discovery, kept for some minutes, and fetched again when a token
//! names one that is not there. Strangers can name keys as they like, so that happens once in some
//! seconds at most; and one request fetches while others wait for what it finds.

use super::config::{Issuer, is_secure};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Keys are asked for again after this time: one that the issuer took away is gone then.
const FRESH: Duration = Duration::from_secs(300);
/// Keys that could not be asked for again are believed for this time.
const STALE_MAX: Duration = Duration::from_secs(3600);
/// Pause between two fetches because of names that are not known.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(5);
/// Pause after a fetch that failed.
const FAILED_PAUSE: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Keys of one issuer.
const KEYS_MAX: usize = 64;

/// A key, and what may be signed with it.
pub struct IssuerKey {
    /// The key.
    pub key: DecodingKey,
    /// Of one family; the token's own word is held against these.
    pub algorithms: Vec<Algorithm>,
}

/// What became of the search for a key.
pub enum Lookup {
    /// Here it is.
    Found(Arc<IssuerKey>),
    /// The issuer has no such key.
    Unknown,
    /// The issuer's keys are not known: it does not answer.
    Unavailable,
}

type Keys = HashMap<String, Arc<IssuerKey>>;

#[derive(Default)]
struct State {
    keys: Arc<Keys>,
    fetched_at: Option<Instant>,
    failed_at: Option<Instant>,
    unknown_at: Option<Instant>,
}

/// Where an issuer's keys come from.
pub struct KeySource {
    issuer: String,
    algorithms: Vec<Algorithm>,
    http: reqwest::Client,
    state: RwLock<State>,
    fetching: Mutex<()>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// Why an issuer's keys could not be fetched.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the issuer does not answer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the issuer's answer is too long")]
    TooLong,
    #[error("the issuer's answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("the discovery document is of another issuer")]
    OtherIssuer,
    #[error("the keys would come over an open connection")]
    Insecure,
}

impl KeySource {
    /// Prepares; asks nothing yet.
    ///
    /// # Errors
    /// The issuer's certificate authority cannot be used.
    pub fn new(issuer: &Issuer) -> Result<Self, reqwest::Error> {
        let mut http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            // An address that answers with another one is not the one that was trusted.
            .redirect(Policy::none());
        if let Some(pem) = &issuer.ca {
            http = http.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        Ok(Self {
            issuer: issuer.issuer.clone(),
            algorithms: issuer.algorithms.clone(),
            http: http.build()?,
            state: RwLock::default(),
            fetching: Mutex::default(),
        })
    }

    /// Finds a key by its name.
    pub async fn find(&self, kid: &str) -> Lookup {
        if let Some(answer) = self.known(kid) {
            return answer;
        }
        let _turn = self.fetching.lock().await;
        // Whoever had the turn before may have found it.
        if let Some(answer) = self.known(kid) {
            return answer;
        }
        match self.fetch().await {
            Ok(keys) => self.learn(keys, kid),
            Err(error) => {
                tracing::warn!(issuer = self.issuer, %error, "an issuer's keys cannot be fetched");
                self.write(|state| state.failed_at = Some(Instant::now()));
            }
        }
        self.settled(kid)
    }

    /// The answer, when it needs no fetch.
    fn known(&self, kid: &str) -> Option<Lookup> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let within = |since: Option<Instant>, time| since.is_some_and(|at| at.elapsed() < time);
        let fresh = within(state.fetched_at, FRESH);
        let may_fetch = !within(state.failed_at, FAILED_PAUSE);
        match state.keys.get(kid) {
            Some(key) if fresh => Some(Lookup::Found(Arc::clone(key))),
            None if fresh && within(state.unknown_at, UNKNOWN_PAUSE) => Some(Lookup::Unknown),
            _ if may_fetch => None,
            _ => {
                drop(state);
                Some(self.settled(kid))
            }
        }
    }

    /// The answer with what is there after a fetch, or instead of one.
    fn settled(&self, kid: &str) -> Lookup {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let believed = state.fetched_at.is_some_and(|at| at.elapsed() < STALE_MAX);
        match state.keys.get(kid) {
            _ if !believed => Lookup::Unavailable,
            Some(key) => Lookup::Found(Arc::clone(key)),
            None => Lookup::Unknown,
        }
    }

    fn learn(&self, keys: Keys, wanted: &str) {
        self.write(|state| {
            // The first fetch of all answers the first question; only what comes later counts.
            if state.fetched_at.is_some() && !keys.contains_key(wanted)
                || state.fetched_at.is_some() && !state.keys.contains_key(wanted)
            {
                state.unknown_at = Some(Instant::now());
            }
            state.keys = Arc::new(keys);
            state.fetched_at = Some(Instant::now());
            state.failed_at = None;
        });
    }

    fn write(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }

    async fn fetch(&self) -> Result<Keys, FetchError> {
        let base = self.issuer.trim_end_matches('/');
        let discovery: Discovery = self
            .get(&format!("{base}/.well-known/openid-configuration"))
            .await?;
        if discovery.issuer != self.issuer {
            return Err(FetchError::OtherIssuer);
        }
        if !is_secure(&discovery.jwks_uri) {
            return Err(FetchError::Insecure);
        }
        let set: KeySet = self.get(&discovery.jwks_uri).await?;
        // Keys that cannot be read or used are of no concern: issuers publish others, too.
        let keys = set.keys.into_iter().take(KEYS_MAX);
        let keys = keys.filter_map(|key| serde_json::from_value(key).ok());
        Ok(keys
            .filter_map(|key: Jwk| usable(&key, &self.algorithms))
            .collect())
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let mut response = self.http.get(url).send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

/// A key for signatures with what the configuration allows for it: by the kind of the key, and by
/// what its issuer made it for. Symmetric keys never are.
fn usable(jwk: &Jwk, allowed: &[Algorithm]) -> Option<(String, Arc<IssuerKey>)> {
    if !matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    ) {
        return None;
    }
    let by_kind: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) => match key.curve {
            EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            _ => &[],
        },
        _ => &[],
    };
    let made_for = jwk
        .common
        .key_algorithm
        .map(|made_for| made_for.to_string());
    let fits = |algorithm: &&Algorithm| {
        allowed.contains(algorithm)
            && made_for
                .as_ref()
                .is_none_or(|made_for| *made_for == format!("{algorithm:?}"))
    };
    let algorithms: Vec<_> = by_kind.iter().filter(fits).copied().collect();
    if algorithms.is_empty() {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    let name = jwk.common.key_id.clone()?;
    Some((name, Arc::new(IssuerKey { key, algorithms })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const RSA: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];

    fn allowed(jwk: Value) -> Vec<Algorithm> {
        serde_json::from_value::<Jwk>(jwk)
            .ok()
            .and_then(|jwk| usable(&jwk, &RSA))
            .map(|(_, key)| key.algorithms.clone())
            .unwrap_or_default()
    }

    #[test]
    fn the_kind_of_a_key_and_the_configuration_decide_the_algorithm() {
        let rsa = json!({ "kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB" });
        let with = |name: &str, value: Value| {
            let mut key = rsa.clone();
            key[name] = value;
            key
        };
        assert_eq!(allowed(rsa.clone()), [Algorithm::RS256]);
        assert_eq!(allowed(with("alg", json!("RS256"))), [Algorithm::RS256]);
        assert_eq!(allowed(with("use", json!("sig"))), [Algorithm::RS256]);
        for refused in [
            with("alg", json!("PS256")),
            with("alg", json!("HS256")),
            with("alg", json!("RSA-OAEP")),
            with("use", json!("enc")),
            with("kid", json!(null)),
            json!({ "kty": "oct", "kid": "1", "k": "AAAA", "alg": "HS256" }),
            json!({ "kty": "oct", "kid": "1", "k": "AAAA" }),
            json!({ "kty": "OKP", "kid": "1", "crv": "Ed25519", "x": "AAAA" }),
            json!({ "kty": "EC", "kid": "1", "crv": "P-384", "x": "AAAA", "y": "AAAA" }),
            json!({ "kty": "EC", "kid": "1", "crv": "secp256k1", "x": "AAAA", "y": "AAAA" }),
        ] {
            assert_eq!(allowed(refused.clone()), [], "{refused}");
        }
    }
}
