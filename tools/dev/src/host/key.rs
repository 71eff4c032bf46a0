//! Random secrets and Ed25519 private keys, without a cryptography library in the launcher.

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// RFC 8410 section 7: PKCS#8 version 1, algorithm 1.3.101.112, then an OCTET STRING holding an OCTET STRING of
/// 32 bytes. All of it is constant, for an Ed25519 private key is nothing but 32 random bytes (RFC 8032, 5.1.5).
const PKCS8_ED25519_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A new Ed25519 private key as PKCS#8 in PEM.
pub(crate) fn ed25519_pem() -> Result<String> {
    Ok(to_pem(&random::<32>()?))
}

/// 48 random bytes in base64.
pub(crate) fn link_secret() -> Result<String> {
    Ok(STANDARD.encode(random::<48>()?))
}

/// 32 random bytes in base64.
pub(crate) fn master_key() -> Result<String> {
    Ok(STANDARD.encode(random::<32>()?))
}

/// A password of 192 random bits that needs no escaping in a URL, a SQL literal or a NATS configuration.
pub(crate) fn password() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<24>()?))
}

/// A password for a person: as random, with characters of every kind that the policy asks for.
pub(crate) fn staff_password() -> Result<String> {
    Ok(format!("Mq-7{}", password()?))
}

/// Hexadecimal of `N` random bytes.
pub(crate) fn hex<const N: usize>() -> Result<String> {
    Ok(random::<N>()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    Ok(bytes)
}

fn to_pem(seed: &[u8; 32]) -> String {
    let der = [PKCS8_ED25519_PREFIX.as_slice(), seed].concat();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8410 section 10.3.
    #[test]
    fn pem_equals_the_example_of_the_standard() {
        let seed = [
            0xd4, 0xee, 0x72, 0xdb, 0xf9, 0x13, 0x58, 0x4a, 0xd5, 0xb6, 0xd8, 0xf1, 0xf7, 0x69,
            0xf8, 0xad, 0x3a, 0xfe, 0x7c, 0x28, 0xcb, 0xf1, 0xd4, 0xfb, 0xe0, 0x97, 0xa8, 0x8f,
            0x44, 0x75, 0x58, 0x42,
        ];
        let expected = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
            -----END PRIVATE KEY-----\n";
        assert_eq!(to_pem(&seed), expected);
    }

    #[test]
    fn secrets_differ_and_are_long_enough() {
        let (first, second) = (password().expect("random"), password().expect("random"));
        assert_ne!(first, second);
        assert_eq!(first.len(), 32);
        assert_eq!(
            STANDARD
                .decode(link_secret().expect("random"))
                .expect("base64")
                .len(),
            48
        );
        assert_ne!(
            ed25519_pem().expect("random"),
            ed25519_pem().expect("random")
        );
    }
}
