//! The keys of our tokens: one signs, all verify, and each has a name (`kid`) that tokens carry.
//!
//! A change of the signing key takes three rolling restarts: first the new key's public half joins
//! `MEDIQUE_JWT_PREVIOUS_KEYS` of every replica, then it signs and the old one stands in that list,
//! and a day later, when the last visit token of the old key is over, the list is emptied.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use std::collections::BTreeMap;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not an Ed25519 key in PKCS#8 PEM, or the library cannot use it.
    #[error("MEDIQUE_JWT_SIGNING_KEY is not a usable Ed25519 private key in PKCS#8 PEM")]
    Unusable(#[from] jsonwebtoken::errors::Error),
    /// One of the further keys is no Ed25519 key in PEM.
    #[error("a file of MEDIQUE_JWT_PREVIOUS_KEYS is not a usable Ed25519 key in PEM")]
    FurtherUnusable,
    /// A token that was just signed did not verify.
    #[error("a token signed with MEDIQUE_JWT_SIGNING_KEY does not verify")]
    SelfTest,
}

struct Verifying {
    key: DecodingKey,
    public: Jwk,
}

/// The keys by their names.
pub(super) struct KeyRing {
    signing: EncodingKey,
    signing_id: String,
    verifying: BTreeMap<String, Verifying>,
}

impl KeyRing {
    /// A ring with the key that signs.
    pub(super) fn new(pem: &[u8]) -> Result<Self, KeyError> {
        let signing = EncodingKey::from_ed_pem(pem)?;
        // The PEM holds only the seed; the public half is computed from it.
        let public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA)?;
        let mut ring = Self {
            signing,
            signing_id: String::new(),
            verifying: BTreeMap::new(),
        };
        ring.signing_id = ring.add(public)?;
        Ok(ring)
    }

    /// Adds a key that verifies only.
    pub(super) fn accept(&mut self, pem: &[u8]) -> Result<(), KeyError> {
        let public = match EncodingKey::from_ed_pem(pem) {
            Ok(private) => Jwk::from_encoding_key(&private, Algorithm::EdDSA),
            Err(_) => DecodingKey::from_ed_pem(pem)
                .and_then(|public| Jwk::from_decoding_key(&public, Some(Algorithm::EdDSA))),
        };
        public
            .map_err(KeyError::from)
            .and_then(|public| self.add(public))
            .map_err(|_| KeyError::FurtherUnusable)?;
        Ok(())
    }

    fn add(&mut self, mut public: Jwk) -> Result<String, KeyError> {
        let id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let key = DecodingKey::from_jwk(&public)?;
        self.verifying.insert(id.clone(), Verifying { key, public });
        Ok(id)
    }

    pub(super) fn signing(&self) -> &EncodingKey {
        &self.signing
    }

    pub(super) fn signing_id(&self) -> &str {
        &self.signing_id
    }

    pub(super) fn find(&self, id: &str) -> Option<&DecodingKey> {
        self.verifying.get(id).map(|found| &found.key)
    }

    pub(super) fn public(&self) -> JwkSet {
        let keys = self.verifying.values().map(|found| found.public.clone());
        JwkSet {
            keys: keys.collect(),
        }
    }
}
