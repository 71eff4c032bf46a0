//! Refresh tokens: 256 random bits that say nothing; only their SHA-256 is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use medique_platform::link::MacKey;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// What a refresh token begins with, so that scanners for leaked secrets can find it.
const PREFIX: &str = "mqr_";
const SECRET_BYTES: usize = 32;
/// Characters of a whole token.
const TOKEN_CHARS: usize = PREFIX.len() + 43;

/// SHA-256 of a token.
pub type Hash = [u8; 32];

/// A refresh token in clear.
#[derive(Debug)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// A fresh one.
    pub fn random() -> Self {
        Self::of(&rand::random())
    }

    /// The one that takes the place of `used` when it is exchanged under `attempt`. The same for
    /// each repetition of that exchange, and unknown to whoever lacks the key.
    pub fn successor(key: &MacKey, used: &Hash, attempt: &Hash) -> Self {
        Self::of(&key.sign(&[used, attempt]))
    }

    fn of(secret: &[u8; SECRET_BYTES]) -> Self {
        Self(SecretString::from(format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode(secret)
        )))
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        hash(self.0.expose_secret().as_bytes())
    }

    /// The token, to be sent to its owner.
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

/// Hash of a token that a client sent; none when it cannot be one of ours.
pub fn hash_of(token: &str) -> Option<Hash> {
    let secret = token
        .strip_prefix(PREFIX)
        .filter(|_| token.len() == TOKEN_CHARS)?;
    let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
    (bytes.len() == SECRET_BYTES).then(|| hash(token.as_bytes()))
}

/// SHA-256.
pub fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_256_random_bits_and_is_known_by_its_hash() {
        let (one, other) = (RefreshToken::random(), RefreshToken::random());
        assert_ne!(one.hash(), other.hash());
        let text = one.0.expose_secret().to_owned();
        assert_eq!(text.len(), TOKEN_CHARS);
        assert_eq!(hash_of(&text), Some(one.hash()));
        for hostile in [
            "",
            "mqr_",
            &text[..text.len() - 1],
            &format!("{text}A"),
            &text.replace("mqr_", "mqx_"),
            &format!("mqr_{}", "!".repeat(43)),
            "mqr_\u{1F980}",
        ] {
            assert_eq!(hash_of(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn a_successor_repeats_for_the_same_exchange_only() {
        let key = MacKey::derive(b"0123456789abcdef0123456789abcdef", "test");
        let other_key = MacKey::derive(b"0123456789abcdef0123456789abcdef", "another test");
        let made = |key: &MacKey, used: u8, attempt: u8| {
            RefreshToken::successor(key, &[used; 32], &[attempt; 32]).hash()
        };
        assert_eq!(made(&key, 1, 2), made(&key, 1, 2));
        assert_ne!(made(&key, 1, 2), made(&key, 1, 3));
        assert_ne!(made(&key, 1, 2), made(&key, 3, 2));
        assert_ne!(made(&key, 1, 2), made(&other_key, 1, 2));
    }
}
