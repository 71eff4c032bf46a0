//! Check-in links: what a QR code carries. A token is `<payload>.<signature>`, both base64url; the
//! payload is JSON, the signature HMAC-SHA256. The API verifies links, the admin command line
//! makes them; both derive the key from `MEDIQUE_LINK_SECRET`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Longest token that is looked at, bytes; a real one has about 400.
const TOKEN_BYTES_MAX: usize = 1024;

/// What a link admits to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Identity; single-use links are remembered by it.
    pub link_id: LinkId,
    /// Where.
    pub facility_id: FacilityId,
    /// The department whose queue the link leads to.
    pub department_id: DepartmentId,
    /// The doctor whose queue the link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctor_id: Option<DoctorId>,
    /// Whether one check-in uses the link up.
    pub single_use: bool,
    /// Instant from which the link is dead.
    pub expires_at: DateTime<Utc>,
}

/// A key for one purpose. Without `Debug`, so that it cannot be logged.
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// Derives the key for one purpose from a secret, so that a signature made for one purpose is
    /// worth nothing for another.
    pub fn derive(secret: &[u8], purpose: &str) -> Self {
        Self(keyed(
            &keyed(secret).chain_update(purpose).finalize().into_bytes(),
        ))
    }

    /// Signs the parts, each preceded by its length.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether `signature` (or its beginning, at least 16 bytes) belongs to the parts; takes the
    /// same time whatever the answer.
    pub fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        signature.len() >= 16 && self.over(parts).verify_truncated_left(signature).is_ok()
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Signs and verifies links.
#[derive(Clone)]
pub struct LinkKey(MacKey);

impl LinkKey {
    /// Derives the key from the secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(MacKey::derive(secret, "medique check-in link v1"))
    }

    /// Writes the token of a link.
    ///
    /// # Errors
    /// Never for a date that JSON can hold.
    pub fn sign(&self, link: &Link) -> Result<String, serde_json::Error> {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(link)?);
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(&[payload.as_bytes()]));
        Ok(format!("{payload}.{signature}"))
    }

    /// Reads a token that this key signed; none for anything else. Expiry is the caller's to check.
    pub fn verify(&self, token: &str) -> Option<Link> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (payload, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let genuine = signature.len() == 32 && self.0.verify(&[payload.as_bytes()], &signature);
        if !genuine {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

    fn link() -> Link {
        Link {
            link_id: LinkId(Uuid::from_u128(1)),
            facility_id: FacilityId(Uuid::from_u128(2)),
            department_id: DepartmentId(Uuid::from_u128(3)),
            doctor_id: None,
            single_use: true,
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_signed_link_reads_back() {
        let key = LinkKey::new(SECRET);
        let token = key.sign(&link()).expect("signs");
        assert_eq!(key.verify(&token), Some(link()));
    }

    #[test]
    fn anything_but_the_very_token_is_refused() {
        let key = LinkKey::new(SECRET);
        let token = key.sign(&link()).expect("signs");
        for index in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(key.verify(&forged), None, "byte {index}");
        }
        for end in 0..token.len() {
            assert_eq!(key.verify(&token[..end]), None, "cut at {end}");
        }
        let other = LinkKey::new(b"another secret of thirty-two bytes!!");
        assert_eq!(other.verify(&token), None);
        for garbage in [
            "",
            ".",
            "..",
            "a.b",
            "\u{1F980}.\u{1F980}",
            &"x".repeat(5000),
        ] {
            assert_eq!(key.verify(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn keys_for_two_purposes_differ() {
        let (one, two) = (MacKey::derive(SECRET, "one"), MacKey::derive(SECRET, "two"));
        assert_ne!(one.sign(&[b"x"]), two.sign(&[b"x"]));
        assert_ne!(one.sign(&[b"ab", b"c"]), one.sign(&[b"a", b"bc"]));
        assert!(!one.verify(&[b"x"], &one.sign(&[b"x"])[..15]));
        assert!(one.verify(&[b"x"], &one.sign(&[b"x"])[..16]));
    }
}
