//! Cursors: the key of the last item of a page, opaque to clients. Nothing in them grants anything;
//! a forged one only starts the page elsewhere.

use crate::problem::{ApiCode, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest cursor accepted, characters.
const CHARS_MAX: usize = 1024;

/// Writes a key as a cursor.
pub fn encode(key: &impl Serialize) -> String {
    let json = serde_json::to_vec(key).expect("keys are plain structs with finite numbers");
    URL_SAFE_NO_PAD.encode(json)
}

/// Reads the key out of a cursor; none when the client sent no cursor.
///
/// # Errors
/// `invalid_parameter`: not a cursor of this read.
pub fn decode<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(text) = cursor else { return Ok(None) };
    let key = (text.len() <= CHARS_MAX)
        .then(|| URL_SAFE_NO_PAD.decode(text).ok())
        .flatten();
    let key = key.and_then(|json| serde_json::from_slice(&json).ok());
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::new(ApiCode::InvalidParameter)
            .detail("cursor: not one that this read gave out")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_brings_its_key_back() {
        let key = ("2026-01-02T03:04:05.678901Z".to_owned(), 3_i16, 9_i64);
        let cursor = encode(&key);
        assert!(
            cursor
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_eq!(decode(Some(&cursor)).unwrap(), Some(key));
    }

    #[test]
    fn no_cursor_is_the_beginning() {
        assert_eq!(decode::<i64>(None).unwrap(), None);
    }

    #[test]
    fn anything_else_is_refused() {
        let other_read = encode(&"text");
        let too_long = "A".repeat(CHARS_MAX + 1);
        for text in ["", "%", "bm90IGpzb24", &other_read, &too_long] {
            let problem = decode::<i64>(Some(text)).unwrap_err();
            assert_eq!(problem.code().as_str(), "invalid_parameter", "{text:?}");
        }
    }
}
