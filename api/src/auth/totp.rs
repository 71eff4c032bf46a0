//! Time-based one-time passwords (RFC 6238): HMAC-SHA-1, 6 digits, 30 seconds, as every
//! authenticator has them.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of a secret, bytes: that of the hash, as RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
const STEP_S: i64 = 30;
const DIGITS: usize = 6;
/// Steps before and after the present one whose codes are taken: clocks differ, people type slowly.
const STEPS_AROUND: i64 = 1;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step whose code this is, near `now` and after `last`, the newest that was used; none when
/// there is none. Takes the same time whatever the code.
pub fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>, last: Option<i64>) -> Option<i64> {
    let present = now.timestamp().div_euclid(STEP_S);
    let mut found = None;
    for step in present - STEPS_AROUND..=present + STEPS_AROUND {
        let is_it = equal(code_at(secret, step).as_bytes(), code.as_bytes());
        if is_it && last.is_none_or(|last| step > last) {
            found = Some(step);
        }
    }
    found
}

/// Whether this is the code of a step near `now`.
pub fn is_of(secret: &[u8], code: &str, now: DateTime<Utc>, step: Option<i64>) -> bool {
    step.is_some() && step_of(secret, code, now, None) == step
}

/// The code of a step.
pub fn code_at(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!(
        "{:0DIGITS$}",
        (number & 0x7fff_ffff) % 10_u32.pow(DIGITS as u32)
    )
}

fn equal(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// Base32 (RFC 4648) without padding, as authenticators take secrets.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0_u8; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let letters = (chunk.len() * 8).div_ceil(5);
        for letter in 0..letters {
            let index = (bits >> (35 - 5 * letter)) & 0x1f;
            text.push(char::from(BASE32[index as usize]));
        }
    }
    text
}

/// What an authenticator scans.
pub fn url(account: &str, secret: &[u8]) -> String {
    let account: String = account
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let secret = base32(secret);
    format!(
        "otpauth://totp/MediQue:{account}?secret={secret}&issuer=MediQue&algorithm=SHA1&digits={DIGITS}&period={STEP_S}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// Appendix B of RFC 6238, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, seconds / 30), code);
            assert_eq!(step_of(SECRET, code, at(seconds), None), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_and_late_and_once() {
        let code = code_at(SECRET, 1000);
        for (seconds, good) in [
            (999 * 30 - 1, false),
            (999 * 30, true),
            (1001 * 30 + 29, true),
            (1002 * 30, false),
        ] {
            let step = step_of(SECRET, &code, at(seconds), None);
            assert_eq!(step, good.then_some(1000), "{seconds}");
        }
        let now = at(1000 * 30);
        assert_eq!(step_of(SECRET, &code, now, Some(999)), Some(1000));
        assert_eq!(step_of(SECRET, &code, now, Some(1000)), None, "used");
        assert!(is_of(SECRET, &code, now, Some(1000)));
        for other in [Some(999), Some(1001), None] {
            assert!(!is_of(SECRET, &code, now, other), "{other:?}");
        }
        let earlier = code_at(SECRET, 999);
        assert_eq!(
            step_of(SECRET, &earlier, now, Some(1000)),
            None,
            "older than a used one"
        );
    }

    #[test]
    fn what_is_no_code_is_none() {
        let code = code_at(SECRET, 1000);
        for text in [
            "",
            "0",
            &code[..5],
            &format!("{code}0"),
            &format!(" {code}"),
            "\u{0661}23456",
        ] {
            assert_eq!(step_of(SECRET, text, at(1000 * 30), None), None, "{text}");
        }
    }

    /// RFC 4648 section 10, without padding.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        let url = url("ada+1@h.example", SECRET);
        assert!(
            url.starts_with("otpauth://totp/MediQue:ada%2B1%40h.example?secret=GEZDGNBV"),
            "{url}"
        );
    }
}
