//! The master key: it wraps data keys and never leaves its service.

use super::PrivacyError;
use super::data_key::{KEY_LEN, open, seal};
use crate::config::Env;
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// A data key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// Which master key wrapped it.
    pub master_key_id: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// What MediQue needs of a key management service: it wraps, unwraps, and computes keyed hashes;
/// the master key itself is not told. Calls are on the path of every check-in: one that asks a
/// remote service holds a key of that service's making here and asks it at the start.
pub trait KeyService: Send + Sync + std::fmt::Debug {
    /// Ids of the master keys, the one that wraps first.
    fn ids(&self) -> Vec<&str>;

    /// Wraps a data key with the newest master key; `context` must be given again to unwrap it.
    ///
    /// # Errors
    /// The service fails.
    fn wrap(&self, key: &[u8; KEY_LEN], context: &[u8]) -> Result<Wrapped, PrivacyError>;

    /// Unwraps a data key.
    ///
    /// # Errors
    /// The master key is not known, or the bytes are not what it wrapped in this context.
    fn unwrap(
        &self,
        wrapped: &Wrapped,
        context: &[u8],
    ) -> Result<Zeroizing<[u8; KEY_LEN]>, PrivacyError>;

    /// HMAC-SHA-256 of a message, under a key that is used for `purpose` alone.
    ///
    /// # Errors
    /// The master key is not known.
    fn mac(&self, id: &str, purpose: &str, message: &[u8]) -> Result<[u8; KEY_LEN], PrivacyError>;
}

/// `MEDIQUE_MASTER_KEY`: wraps the keys that personal data are sealed with; 32 bytes in base64.
const MASTER_KEY: &str = "MEDIQUE_MASTER_KEY";
/// `MEDIQUE_PREVIOUS_MASTER_KEYS`: master keys of before, with white space between them.
const PREVIOUS_MASTER_KEYS: &str = "MEDIQUE_PREVIOUS_MASTER_KEYS";

/// Master keys from the configuration.
#[derive(Debug)]
pub struct MasterKeys {
    /// The one that wraps first.
    keys: Vec<MasterKey>,
}

struct MasterKey {
    id: String,
    wrapping: LessSafeKey,
    deriving: hmac::Key,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MasterKey").field(&self.id).finish()
    }
}

impl MasterKeys {
    /// Reads them. Problems are told by `env`.
    pub fn read(env: &mut Env) -> Self {
        let current = env.required_secret(MASTER_KEY);
        let previous = env.secret(PREVIOUS_MASTER_KEYS);
        let mut keys = Vec::new();
        let mut add = |name: &str, text: &str| match MasterKey::decode(text) {
            Some(key) => keys.push(key),
            None => env.problem(format!("{name}: must be 32 bytes in base64")),
        };
        if !current.expose_secret().is_empty() {
            add(MASTER_KEY, current.expose_secret());
        }
        for text in words(previous.as_ref()) {
            add(PREVIOUS_MASTER_KEYS, text);
        }
        Self { keys }
    }

    fn key(&self, id: &str) -> Result<&MasterKey, PrivacyError> {
        let found = self.keys.iter().find(|key| key.id == id);
        found.ok_or_else(|| PrivacyError::UnknownMasterKey(id.to_owned()))
    }
}

fn words(secret: Option<&SecretString>) -> impl Iterator<Item = &str> {
    secret
        .map(|secret| secret.expose_secret())
        .unwrap_or_default()
        .split_whitespace()
}

impl MasterKey {
    fn decode(text: &str) -> Option<Self> {
        let mut bytes = STANDARD.decode(text.trim()).ok()?;
        let key = <&[u8; KEY_LEN]>::try_from(bytes.as_slice())
            .ok()
            .and_then(Self::new);
        bytes.zeroize();
        key
    }

    fn new(bytes: &[u8; KEY_LEN]) -> Option<Self> {
        // One key for each use: what wraps is not what derives, and neither is what is in the file.
        let root = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let part = |use_: &[u8]| hmac::sign(&root, use_);
        let wrapping = UnboundKey::new(&AES_256_GCM, part(b"medique wrap 1").as_ref()).ok()?;
        let deriving = part(b"medique derive 1");
        let name = Sha256::digest(part(b"medique name 1"));
        Some(Self {
            id: name[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
            wrapping: LessSafeKey::new(wrapping),
            deriving: hmac::Key::new(hmac::HMAC_SHA256, deriving.as_ref()),
        })
    }
}

impl KeyService for MasterKeys {
    fn ids(&self) -> Vec<&str> {
        self.keys.iter().map(|key| key.id.as_str()).collect()
    }

    fn wrap(&self, key: &[u8; KEY_LEN], context: &[u8]) -> Result<Wrapped, PrivacyError> {
        let master = self.keys.first().ok_or(PrivacyError::Library)?;
        Ok(Wrapped {
            master_key_id: master.id.clone(),
            bytes: seal(&master.wrapping, context, key)?,
        })
    }

    fn unwrap(
        &self,
        wrapped: &Wrapped,
        context: &[u8],
    ) -> Result<Zeroizing<[u8; KEY_LEN]>, PrivacyError> {
        let master = self.key(&wrapped.master_key_id)?;
        let bytes = Zeroizing::new(open(&master.wrapping, context, wrapped.bytes.clone())?);
        let key = <[u8; KEY_LEN]>::try_from(bytes.as_slice());
        key.map(Zeroizing::new)
            .map_err(|_| PrivacyError::NotAuthentic)
    }

    fn mac(&self, id: &str, purpose: &str, message: &[u8]) -> Result<[u8; KEY_LEN], PrivacyError> {
        let own = hmac::sign(&self.key(id)?.deriving, purpose.as_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, own.as_ref());
        let tag = hmac::sign(&key, message);
        <[u8; KEY_LEN]>::try_from(tag.as_ref()).map_err(|_| PrivacyError::Library)
    }
}
