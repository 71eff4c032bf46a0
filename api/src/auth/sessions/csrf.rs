//! Writes that a cookie authenticates: only pages of ours may make them.
//!
//! Two walls. The browser says where a request comes from (`Origin`, `Sec-Fetch-Site`), and no
//! script of another site can change that. And the request repeats in a header what stands in a
//! cookie that only our pages can read; the value is bound to the session by HMAC, so that a
//! cookie planted by a sibling domain is worth nothing.

use crate::problem::{ApiCode, Problem};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use medique_platform::link::MacKey;
use poem::http::HeaderMap;
use poem::http::header::{HOST, ORIGIN};
use uuid::Uuid;

/// The header that repeats the cookie.
pub const HEADER: &str = "X-CSRF-Token";
const FETCH_SITE: &str = "Sec-Fetch-Site";
const SALT_BYTES: usize = 16;
const TOKEN_BYTES: usize = SALT_BYTES + 32;

/// Makes and checks CSRF tokens, and knows our own origin.
#[derive(Clone)]
pub struct CsrfGuard {
    key: MacKey,
    /// `scheme://host[:port]` of the public URL; without one the request's own host is ours.
    origin: Option<String>,
}

impl CsrfGuard {
    /// Derives the key from a secret.
    pub fn new(secret: &[u8], public_url: Option<&str>) -> Self {
        Self {
            key: MacKey::derive(secret, "medique csrf v1"),
            origin: public_url.and_then(origin_of),
        }
    }

    /// A token for a session.
    pub fn token(&self, session: Uuid) -> String {
        let salt: [u8; SALT_BYTES] = rand::random();
        let mac = self.key.sign(&[session.as_bytes(), &salt]);
        URL_SAFE_NO_PAD.encode([&salt[..], &mac].concat())
    }

    /// Whether the token was made for the session.
    pub fn verify(&self, session: Uuid, token: &str) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        let Some((salt, mac)) = bytes
            .split_at_checked(SALT_BYTES)
            .filter(|_| bytes.len() == TOKEN_BYTES)
        else {
            return false;
        };
        self.key.verify(&[session.as_bytes(), salt], mac)
    }

    /// The part of the check that needs no session: where the request comes from, and that the
    /// header repeats the cookie. Gives the token, yet to be verified for the session.
    ///
    /// # Errors
    /// `csrf_refused` (403).
    pub fn precheck(&self, headers: &HeaderMap, cookie: Option<&str>) -> Result<String, Problem> {
        let refused = |why: &'static str| Problem::new(ApiCode::CsrfRefused).detail(why);
        if !self.comes_from_us(headers) {
            return Err(refused(
                "the request does not come from a page of this server",
            ));
        }
        let header = headers.get(HEADER).and_then(|value| value.to_str().ok());
        match (header, cookie) {
            // Equality decides nothing by itself, the signature does: no secret leaks by its time.
            (Some(header), Some(cookie)) if header == cookie => Ok(header.to_owned()),
            _ => Err(refused(
                "the header X-CSRF-Token must repeat the cookie __Host-medique-csrf",
            )),
        }
    }

    /// Every browser sends `Origin` with a write, and new ones `Sec-Fetch-Site` too. What is there
    /// must be right, and one of them must be there.
    fn comes_from_us(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let origin = text(ORIGIN.as_str()).map(|origin| match &self.origin {
            Some(ours) => origin.eq_ignore_ascii_case(ours),
            None => origin
                .split_once("://")
                .is_some_and(|(_, host)| text(HOST.as_str()) == Some(host)),
        });
        let site = text(FETCH_SITE).map(|site| site == "same-origin");
        match (origin, site) {
            (None, None) => false,
            (origin, site) => origin.unwrap_or(true) && site.unwrap_or(true),
        }
    }
}

/// `scheme://host[:port]` of a URL.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{host}").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::{HeaderName, HeaderValue};

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_str(value).expect("a value"),
                )
            })
            .collect()
    }

    #[test]
    fn a_token_is_good_for_its_session_and_key_only() {
        let guard = CsrfGuard::new(SECRET, None);
        let (session, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let token = guard.token(session);
        assert!(guard.verify(session, &token));
        assert!(!guard.verify(other, &token));
        assert!(!CsrfGuard::new(b"another secret of enough bytes!!", None).verify(session, &token));
        for hostile in ["", "AAAA", &token[..20], &format!("{token}AA"), "\u{1F980}"] {
            assert!(!guard.verify(session, hostile), "{hostile}");
        }
    }

    #[test]
    fn only_pages_of_ours_pass() {
        let guard = CsrfGuard::new(SECRET, Some("https://Queue.example/app"));
        let table: [(&[(&'static str, &str)], bool); 9] = [
            (&[("origin", "https://queue.example")], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (
                &[
                    ("origin", "https://queue.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                true,
            ),
            (&[], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "http://queue.example")], false),
            (&[("origin", "null")], false),
            (
                &[
                    ("origin", "https://queue.example"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "same-site")], false),
        ];
        for (pairs, expected) in table {
            let mut headers = headers(pairs);
            headers.insert(HEADER, HeaderValue::from_static("t"));
            assert_eq!(
                guard.precheck(&headers, Some("t")).is_ok(),
                expected,
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn without_a_public_url_the_own_host_is_ours() {
        let guard = CsrfGuard::new(SECRET, None);
        let ours = [
            ("origin", "http://localhost:8080"),
            ("host", "localhost:8080"),
            ("x-csrf-token", "t"),
        ];
        assert!(guard.precheck(&headers(&ours), Some("t")).is_ok());
        let theirs = [
            ("origin", "http://evil.example"),
            ("host", "localhost:8080"),
            ("x-csrf-token", "t"),
        ];
        assert!(guard.precheck(&headers(&theirs), Some("t")).is_err());
    }

    #[test]
    fn the_header_must_repeat_the_cookie() {
        let guard = CsrfGuard::new(SECRET, None);
        let with = headers(&[("sec-fetch-site", "same-origin"), ("x-csrf-token", "a")]);
        let without = headers(&[("sec-fetch-site", "same-origin")]);
        assert!(guard.precheck(&with, Some("a")).is_ok());
        assert!(guard.precheck(&with, Some("b")).is_err());
        assert!(guard.precheck(&with, None).is_err());
        assert!(guard.precheck(&without, Some("a")).is_err());
        assert!(guard.precheck(&without, None).is_err());
    }
}
