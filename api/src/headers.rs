//! Headers of every answer: what browsers must not do with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use poem::http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

/// Policy of what is data and no page: nothing in it is loaded or run.
const DATA_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What a page of ours may use of the device: nothing.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), \
    microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), \
    screen-wake-lock=(), usb=(), xr-spatial-tracking=()";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// Two years, and the hosts below it, as RFC 6797 and the preload lists ask.
const TRANSPORT: &str = "max-age=63072000; includeSubDomains";

/// Data that a browser was sent to is kept, not shown.
const AS_FILE: &str = "attachment; filename=\"api.json\"";

/// Headers of every answer.
#[derive(Debug, Clone)]
pub struct AnswerHeaders {
    fixed: Vec<(HeaderName, HeaderValue)>,
}

impl AnswerHeaders {
    /// Headers for an API that browsers reach at `public_url`.
    pub fn new(public_url: Option<&str>) -> Self {
        let mut fixed = vec![
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        // Browsers ignore it, and must, where the connection was not secure.
        if public_url.is_some_and(|url| url.starts_with("https://")) {
            fixed.push((
                STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static(TRANSPORT),
            ));
        }
        Self { fixed }
    }

    /// Writes them. Most answers hold what is not everybody's: nothing is to be kept by caches
    /// unless a route says otherwise. A page says itself what it needs to load, and to use of the
    /// device.
    pub fn mark(&self, headers: &mut HeaderMap) {
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        headers
            .entry(CONTENT_SECURITY_POLICY)
            .or_insert(HeaderValue::from_static(DATA_POLICY));
        if is_json(headers) {
            headers
                .entry(CONTENT_DISPOSITION)
                .or_insert(HeaderValue::from_static(AS_FILE));
        }
        headers
            .entry(PERMISSIONS_POLICY)
            .or_insert(HeaderValue::from_static(PERMISSIONS));
        for (name, value) in &self.fixed {
            headers.insert(name, value.clone());
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|text| text.starts_with("application/") && text.contains("json"))
}

/// The policy of a page that carries this one style sheet in itself, and nothing else.
pub fn policy_with_style(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(style));
    format!("{DATA_POLICY}; style-src 'sha256-{hash}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(public_url: Option<&str>, own: &[(HeaderName, &'static str)]) -> HeaderMap {
        let own = own
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut headers: HeaderMap = own.collect();
        AnswerHeaders::new(public_url).mark(&mut headers);
        headers
    }

    #[test]
    fn transport_security_is_asked_for_where_it_is_there() {
        assert!(marked(Some("https://h.example"), &[]).contains_key(STRICT_TRANSPORT_SECURITY));
        for url in [None, Some("http://h.example")] {
            assert!(!marked(url, &[]).contains_key(STRICT_TRANSPORT_SECURITY));
        }
    }

    #[test]
    fn a_route_may_be_cached_and_loaded_but_not_framed() {
        let own = [(CACHE_CONTROL, "public"), (CONTENT_SECURITY_POLICY, "own")];
        let headers = marked(None, &own);
        assert_eq!(headers[CACHE_CONTROL], "public");
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "own");
        assert_eq!(headers[X_FRAME_OPTIONS], "DENY");
        let headers = marked(None, &[]);
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers[CONTENT_SECURITY_POLICY], DATA_POLICY);
    }

    #[test]
    fn a_style_is_named_by_its_hash() {
        // of the empty text, as `openssl dgst -sha256 -binary | base64` says
        let policy = policy_with_style("");
        let hash = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
        assert!(policy.ends_with(&format!("style-src {hash}")), "{policy}");
        assert!(!policy.contains("unsafe"));
    }
}
