//! Random secrets of one test.

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use uuid::Uuid;

/// RFC 8410: everything of an Ed25519 private key in PKCS#8 but its 32 random bytes.
const PKCS8_ED25519_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// What the binaries of one test share.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Signs access tokens.
    pub jwt_signing_key: String,
    /// Signs check-in links.
    pub link_secret: String,
    /// Wraps the keys of personal data.
    pub master_key: String,
    /// Signs the audit trail's daily root.
    pub audit_signing_key: String,
    /// Seals and keys what is kept of accounts.
    pub identity_key: String,
    /// Opens the operators' pages of both binaries.
    pub operator_token: String,
}

impl Secrets {
    /// New ones.
    pub fn random() -> Self {
        Self {
            jwt_signing_key: ed25519_pem(),
            link_secret: password(),
            master_key: master_key(),
            audit_signing_key: ed25519_pem(),
            identity_key: identity_key(),
            operator_token: password(),
        }
    }
}

/// Writes a secret where its owner alone can read it.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    Ok(std::fs::set_permissions(
        path,
        Permissions::from_mode(0o600),
    )?)
}

/// 32 random hexadecimal digits twice, after one character of every other kind: good enough for any
/// policy, nothing to escape.
pub fn password() -> String {
    format!("Mq-{}", identity_key())
}

/// 32 random bytes in hexadecimal, but for what UUIDs fix of them.
pub fn identity_key() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// 32 random bytes in base64.
pub fn master_key() -> String {
    STANDARD.encode([*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat())
}

/// A new Ed25519 private key, PKCS#8 in PEM.
pub fn ed25519_pem() -> String {
    let mut der = PKCS8_ED25519_PREFIX.to_vec();
    der.extend_from_slice(Uuid::new_v4().as_bytes());
    der.extend_from_slice(Uuid::new_v4().as_bytes());
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}
