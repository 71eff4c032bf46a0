//! Tokens that were verified once: a signature check costs more than all the rest of an accept.

use super::Identity;
use chrono::{DateTime, Utc};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens remembered; the least recently used one is forgotten first.
const TOKENS_MAX: usize = 65_536;

/// Verified tokens by the SHA-256 of their text. The text itself is not kept.
pub struct TokenCache(Mutex<LruCache<[u8; 32], Arc<Identity>>>);

impl TokenCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self(Mutex::new(LruCache::new(
            NonZeroUsize::new(TOKENS_MAX).expect("not zero"),
        )))
    }

    /// The identity behind a token that was verified before and is not over.
    pub fn get(&self, digest: &[u8; 32], now: DateTime<Utc>) -> Option<Arc<Identity>> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = tokens.get(digest)?;
        if identity.expires_at > now {
            return Some(Arc::clone(identity));
        }
        tokens.pop(digest);
        None
    }

    /// Remembers a verified token.
    pub fn put(&self, digest: [u8; 32], identity: Arc<Identity>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(digest, identity);
    }
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}
