//! The daily signed root: one signature over the heads of all chains. Kept outside the database as
//! well (a printout is enough), it shows a rewriting of the whole trail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgPool, Row};

/// Reads the signing key: Ed25519 in PKCS#8 PEM.
///
/// # Errors
/// It is something else.
pub fn signing_key(pem: &SecretString) -> Result<EncodingKey, jsonwebtoken::errors::Error> {
    EncodingKey::from_ed_pem(pem.expose_secret().as_bytes())
}

/// Signs the heads with Ed25519; the signature is base64 over the exact bytes of `heads`.
///
/// # Errors
/// The key is not an Ed25519 key.
pub fn sign_heads(heads: &str, key: &EncodingKey) -> Result<String, jsonwebtoken::errors::Error> {
    let signature = jsonwebtoken::crypto::sign(heads.as_bytes(), key, Algorithm::EdDSA)?;
    // jsonwebtoken writes base64url without padding; the column holds plain base64.
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| jsonwebtoken::errors::ErrorKind::InvalidSignature)?;
    Ok(STANDARD.encode(raw))
}

/// Writes the root of `now`'s UTC day, unless it stands there already. Returns whether it wrote.
///
/// # Errors
/// The database does not answer, or the key is not an Ed25519 key.
pub async fn sign_daily_root(
    pool: &PgPool,
    key: &EncodingKey,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let rows = sqlx::query(
        "SELECT id, chain_seq, chain_head FROM partition \
         UNION ALL SELECT id, chain_seq, chain_head FROM audit_chain ORDER BY id",
    )
    .fetch_all(pool)
    .await?;
    let mut heads = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, seq, head): (i16, i64, Vec<u8>) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        heads.push(serde_json::json!({
            "partition": id, "chain_seq": seq, "chain_head": STANDARD.encode(head),
        }));
    }
    let day = now.date_naive();
    let heads = serde_json::json!({ "day": day, "heads": heads }).to_string();
    let signature = sign_heads(&heads, key)?;
    let written = sqlx::query(
        "INSERT INTO audit_root (day, heads, signature, signed_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (day) DO NOTHING",
    )
    .bind(day)
    .bind(heads)
    .bind(signature)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(written.rows_affected() == 1)
}
