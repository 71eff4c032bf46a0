//! `MEDIQUE_IDENTITY_KEY`: what the database must not give away by itself. It seals the secrets of
//! second factors and keys the hashes of recovery codes, account names and addresses.

use super::person::canonical;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use medique_contracts::ids::StaffId;
use medique_platform::link::MacKey;
use secrecy::{ExposeSecret as _, SecretString};
use std::net::IpAddr;

const KEY_BYTES: usize = 32;
/// First byte of what is sealed: which key and cipher, for the day on which there are two.
const VERSION: u8 = 1;
/// Bits of an IPv6 address that are one customer's; whoever has them has all that follow.
const IPV6_NETWORK_BITS: u32 = 64;

/// A keyed hash.
pub type Key = [u8; 32];

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("sealed data cannot be made or opened with MEDIQUE_IDENTITY_KEY")]
pub struct SealError;

/// The key, and those that were in its place before: they open and recognise, and seal nothing.
pub struct IdentityKey {
    current: Keys,
    previous: Vec<Keys>,
}

/// The keys that follow from one secret, each for one purpose.
struct Keys {
    sealing: RandomizedNonceKey,
    names: MacKey,
    addresses: MacKey,
    recovery: MacKey,
}

impl Keys {
    fn read(text: &str) -> Option<Self> {
        let secret = bytes(text.trim())?;
        let sealing = MacKey::derive(&secret, "medique second factor sealing v1").sign(&[]);
        Some(Self {
            sealing: RandomizedNonceKey::new(&AES_256_GCM, &sealing).ok()?,
            names: MacKey::derive(&secret, "medique account names v1"),
            addresses: MacKey::derive(&secret, "medique client addresses v1"),
            recovery: MacKey::derive(&secret, "medique recovery codes v1"),
        })
    }

    fn recovery_code(&self, staff: StaffId, code: &str) -> Key {
        self.recovery.sign(&[staff.0.as_bytes(), code.as_bytes()])
    }

    fn open(&self, staff: StaffId, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, text) = match sealed.split_first() {
            Some((&VERSION, rest)) if rest.len() > NONCE_LEN => rest.split_at(NONCE_LEN),
            _ => return Err(SealError),
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut text = text.to_vec();
        let clear = self
            .sealing
            .open_in_place(nonce, Aad::from(staff.0.as_bytes()), &mut text)
            .map_err(|_| SealError)?;
        Ok(clear.to_vec())
    }
}

/// What was opened.
pub struct Opened {
    /// In clear.
    pub clear: Vec<u8>,
    /// Whether a key of before had sealed it: to be sealed anew at the next occasion.
    pub is_stale: bool,
}

impl IdentityKey {
    /// Reads 32 bytes in Base64 or hexadecimal, and with white space between them the keys of
    /// before; none when one is anything else.
    pub fn read(text: &SecretString, previous: Option<&SecretString>) -> Option<Self> {
        let previous = previous.map_or("", |text| text.expose_secret());
        Some(Self {
            current: Keys::read(text.expose_secret())?,
            previous: previous
                .split_whitespace()
                .map(Keys::read)
                .collect::<Option<_>>()?,
        })
    }

    /// Seals what belongs to an account: it opens for that account only.
    ///
    /// # Errors
    /// [`SealError`]; not expected.
    pub fn seal(&self, staff: StaffId, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut sealed = clear.to_vec();
        let nonce = self
            .current
            .sealing
            .seal_in_place_append_tag(Aad::from(staff.0.as_bytes()), &mut sealed)
            .map_err(|_| SealError)?;
        Ok([&[VERSION], &nonce.as_ref()[..], &sealed].concat())
    }

    /// Opens what [`IdentityKey::seal`] made.
    ///
    /// # Errors
    /// It was made with another key, for another account, or changed since.
    pub fn open(&self, staff: StaffId, sealed: &[u8]) -> Result<Opened, SealError> {
        let by = |keys: &Keys, is_stale| {
            let clear = keys.open(staff, sealed)?;
            Ok(Opened { clear, is_stale })
        };
        by(&self.current, false).or_else(|error| {
            let mut before = self.previous.iter();
            before.find_map(|keys| by(keys, true).ok()).ok_or(error)
        })
    }

    /// An account's name, whether or not there is such an account. Upper and lower case are one.
    pub fn name(&self, email: &str) -> Key {
        self.current.names.sign(&[canonical(email).as_bytes()])
    }

    /// Where somebody is: an IPv4 address, or the network of an IPv6 address.
    pub fn address(&self, address: Option<IpAddr>) -> Key {
        let text = match address.map(|address| address.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let network = address.to_bits() >> (128 - IPV6_NETWORK_BITS);
                format!("{network:x}/{IPV6_NETWORK_BITS}")
            }
        };
        self.current.addresses.sign(&[text.as_bytes()])
    }

    /// What is kept of a recovery code.
    pub fn recovery_code(&self, staff: StaffId, code: &str) -> Key {
        self.current.recovery_code(staff, code)
    }

    /// What may have been kept of a recovery code, under whichever key.
    pub fn recovery_codes(&self, staff: StaffId, code: &str) -> Vec<Vec<u8>> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .map(|keys| keys.recovery_code(staff, code).to_vec())
            .collect()
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = if text.len() == 2 * KEY_BYTES {
        let pairs = text.as_bytes().chunks_exact(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>()?
    } else {
        STANDARD.decode(text).ok()?
    };
    (bytes.len() == KEY_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn key(text: &str) -> Option<IdentityKey> {
        IdentityKey::read(&text.into(), None)
    }

    #[test]
    fn both_spellings_are_one_key_and_nothing_else_is() {
        let (hex, base64) = (
            key(HEX).unwrap(),
            key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap(),
        );
        assert_eq!(hex.name("a@b.c"), base64.name("A@B.C"));
        for text in [
            "",
            "short",
            &HEX[1..],
            &HEX.replace('0', "g"),
            &format!("{HEX}00"),
        ] {
            assert!(key(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_sealed_opens_for_its_account_and_key_only() {
        let (one, two) = (StaffId(Uuid::from_u128(1)), StaffId(Uuid::from_u128(2)));
        let key_one = key(HEX).unwrap();
        let sealed = key_one.seal(one, b"secret").unwrap();
        assert_eq!(key_one.open(one, &sealed).unwrap().clear, b"secret");
        assert_ne!(
            key_one.seal(one, b"secret").unwrap(),
            sealed,
            "a nonce stands twice"
        );
        assert!(key_one.open(two, &sealed).is_err());
        assert!(
            key(&HEX.replace("00", "ff"))
                .unwrap()
                .open(one, &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(key_one.open(one, &flipped).is_err(), "byte {at}");
            assert!(key_one.open(one, &sealed[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn a_key_of_before_opens_and_recognises_and_seals_nothing() {
        let staff = StaffId(Uuid::from_u128(1));
        let next = HEX.replace("00", "ff");
        let old = key(HEX).unwrap();
        let rotated = IdentityKey::read(&next.as_str().into(), Some(&HEX.into())).unwrap();
        let sealed = old.seal(staff, b"secret").unwrap();
        let opened = rotated.open(staff, &sealed).unwrap();
        assert_eq!((&opened.clear[..], opened.is_stale), (&b"secret"[..], true));
        let fresh = rotated.seal(staff, b"secret").unwrap();
        assert!(!rotated.open(staff, &fresh).unwrap().is_stale);
        assert!(old.open(staff, &fresh).is_err());
        let known = rotated.recovery_codes(staff, "CODE");
        assert!(known.contains(&old.recovery_code(staff, "CODE").to_vec()));
        assert_eq!(known[0], rotated.recovery_code(staff, "CODE"));
        assert!(IdentityKey::read(&next.as_str().into(), Some(&"garbage".into())).is_none());
    }

    #[test]
    fn one_place_is_an_address_or_an_ipv6_network() {
        let key = key(HEX).unwrap();
        let of = |text: &str| key.address(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_ne!(of("192.0.2.1"), key.address(None));
    }
}
