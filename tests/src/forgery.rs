//! Tokens that must not be accepted, made from a genuine one and from the genuine key.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

/// The claims inside a token, unverified.
///
/// # Errors
/// It is no JWT.
pub fn claims(token: &str) -> Result<Value> {
    let payload = token.split('.').nth(1).context("a token without claims")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

/// Signs claims with an Ed25519 key in PEM, and names the key as the api does.
///
/// # Errors
/// The key cannot be used.
pub fn sign(claims: &Value, pem: &str) -> Result<String> {
    let key = EncodingKey::from_ed_pem(pem.as_bytes())?;
    let mut header = Header::new(Algorithm::EdDSA);
    let public = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
    header.kid = Some(public.thumbprint(ThumbprintHash::SHA256)?);
    Ok(jsonwebtoken::encode(&header, claims, &key)?)
}

/// Signs claims with HMAC, with `secret` as the key.
///
/// # Errors
/// Never for these claims.
pub fn sign_with_hmac(claims: &Value, secret: &[u8]) -> Result<String> {
    let header = Header::new(Algorithm::HS256);
    Ok(jsonwebtoken::encode(
        &header,
        claims,
        &EncodingKey::from_secret(secret),
    )?)
}

/// A token with this header and these claims, and any text as its signature.
///
/// # Errors
/// Never for these claims.
pub fn unsigned(header: &Value, claims: &Value, signature: &str) -> Result<String> {
    let part = |value: &Value| -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(value)?))
    };
    Ok(format!("{}.{}.{signature}", part(header)?, part(claims)?))
}
