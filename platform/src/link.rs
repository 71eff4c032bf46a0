//! Check-in links: what a QR code carries. A token is `<payload>.<signature>`, both base64url; the
//! payload is JSON, the signature HMAC-SHA256. The API and the admin command line issue links, and
//! enter them into the [`registry`]; the API verifies them. Both derive the key from
//! `MEDIQUE_LINK_SECRET`.
//!
//! A poster hangs where anybody can photograph it, so it checks nobody in by itself: a phone draws a
//! *ticket* from it, which is a single-use link that is dead after minutes.

pub mod registry;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::str::FromStr;
use uuid::Builder;

/// Longest token that is looked at, bytes; a real one has about 400.
const TOKEN_BYTES_MAX: usize = 1024;

/// What is done with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// One check-in uses it up.
    SingleUse,
    /// Hangs on a wall: gives out tickets.
    Poster,
    /// Stays in a device of the hospital, which uses it for everybody.
    Kiosk,
}

impl LinkKind {
    /// The name in the registry and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SingleUse => "single_use",
            Self::Poster => "poster",
            Self::Kiosk => "kiosk",
        }
    }
}

impl FromStr for LinkKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = [Self::SingleUse, Self::Poster, Self::Kiosk];
        let mut named = kinds.into_iter().filter(|kind| kind.as_str() == text);
        named.next().ok_or("unknown kind of link")
    }
}

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
    /// Whether it admits to nothing but tickets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_poster: bool,
    /// The poster that a ticket was drawn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn_from: Option<LinkId>,
    /// Instant from which the link is dead.
    pub expires_at: DateTime<Utc>,
}

impl Link {
    /// What is done with it.
    pub const fn kind(&self) -> LinkKind {
        if self.is_poster {
            LinkKind::Poster
        } else if self.single_use {
            LinkKind::SingleUse
        } else {
            LinkKind::Kiosk
        }
    }

    /// Its address on a page, or the token alone where it is not known where pages are. The token
    /// stands behind the fragment sign, so that it reaches no server's log.
    pub fn address(token: &str, public_url: Option<&str>) -> String {
        public_url.map_or_else(
            || token.to_owned(),
            |base| format!("{}/checkin#{token}", base.trim_end_matches('/')),
        )
    }
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
pub struct LinkKey {
    links: MacKey,
    tickets: MacKey,
}

impl LinkKey {
    /// Derives the key from the secret.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            links: MacKey::derive(secret, "medique check-in link v1"),
            tickets: MacKey::derive(secret, "medique check-in ticket v1"),
        }
    }

    /// Draws a ticket from a poster. The nonce is the client's and decides which ticket it is, on
    /// every replica: whoever draws twice with one nonce has one ticket, and one check-in.
    pub fn draw(&self, poster: &Link, nonce: &[u8], expires_at: DateTime<Utc>) -> Link {
        let digest = self.tickets.sign(&[poster.link_id.0.as_bytes(), nonce]);
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Link {
            link_id: LinkId(Builder::from_custom_bytes(id).into_uuid()),
            single_use: true,
            is_poster: false,
            drawn_from: Some(poster.link_id),
            expires_at: expires_at.min(poster.expires_at),
            ..poster.clone()
        }
    }

    /// Writes the token of a link.
    ///
    /// # Errors
    /// Never for a date that JSON can hold.
    pub fn sign(&self, link: &Link) -> Result<String, serde_json::Error> {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(link)?);
        let signature = URL_SAFE_NO_PAD.encode(self.links.sign(&[payload.as_bytes()]));
        Ok(format!("{payload}.{signature}"))
    }

    /// Reads a token that this key signed; none for anything else. Expiry is the caller's to check.
    pub fn verify(&self, token: &str) -> Option<Link> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (payload, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let genuine = signature.len() == 32 && self.links.verify(&[payload.as_bytes()], &signature);
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
            is_poster: false,
            drawn_from: None,
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_nonce_draws_one_ticket_that_lives_no_longer_than_the_poster() {
        let key = LinkKey::new(SECRET);
        let poster = Link {
            single_use: false,
            is_poster: true,
            ..link()
        };
        let late = DateTime::<Utc>::MAX_UTC;
        let ticket = key.draw(&poster, b"nonce", late);
        assert_eq!(ticket, key.draw(&poster, b"nonce", late));
        assert_eq!(ticket.kind(), LinkKind::SingleUse);
        assert_eq!(ticket.drawn_from, Some(poster.link_id));
        assert_eq!(ticket.expires_at, poster.expires_at);
        let other = Link {
            link_id: LinkId(Uuid::from_u128(9)),
            ..poster.clone()
        };
        assert_ne!(ticket.link_id, key.draw(&poster, b"other", late).link_id);
        assert_ne!(ticket.link_id, key.draw(&other, b"nonce", late).link_id);
        assert_ne!(ticket.link_id, poster.link_id);
    }

    #[test]
    fn links_of_older_builds_read_as_they_were_meant() {
        let payload = serde_json::to_value(link()).expect("JSON");
        let old: Vec<_> = payload.as_object().expect("an object").keys().collect();
        assert!(
            !old.iter()
                .any(|name| *name == "is_poster" || *name == "drawn_from")
        );
        let read: Link = serde_json::from_value(payload).expect("a link");
        assert_eq!(read.kind(), LinkKind::SingleUse);
        for kind in [LinkKind::SingleUse, LinkKind::Poster, LinkKind::Kiosk] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
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
