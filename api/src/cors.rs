//! Other origins: closed, unless `MEDIQUE_CORS_ORIGINS` names some. There is no wildcard, as
//! answers to named origins may be read with credentials.

use medique_platform::config::Env;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode};
use poem::{Request, Response};
use std::str::FromStr;

/// `MEDIQUE_CORS_ORIGINS`: other origins whose pages may read answers, with credentials;
/// `https://app.hospital.example`, several with commas between. There is no wildcard.
const VARIABLE: &str = "MEDIQUE_CORS_ORIGINS";
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, last-event-id, prefer, traceparent, x-csrf-token";
const ANSWER_HEADERS: &str = "allow, idempotency-replayed, location, preference-applied, \
    ratelimit, ratelimit-policy, retry-after, traceparent";
/// How long a browser may remember what a preflight said, seconds.
const MAX_AGE_S: &str = "600";

/// Origins whose pages may read answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors(Vec<HeaderValue>);

impl FromStr for Cors {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .map(origin)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// An origin as browsers write it: scheme, host, and the port where it is not the usual one.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let wrong = || format!("`{text}` is no origin such as https://app.hospital.example");
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or_else(wrong)?;
    let may_stand = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
    if host.is_empty() || !host.chars().all(may_stand) {
        return Err(wrong());
    }
    HeaderValue::from_str(text).map_err(|_| wrong())
}

impl Cors {
    /// Reads the variable; no origins without it.
    pub fn read(env: &mut Env) -> Self {
        env.optional(VARIABLE).unwrap_or_default()
    }

    /// The origin of a request, when it may read the answer.
    pub fn allowed(&self, request: &Request) -> Option<HeaderValue> {
        let origin = request.headers().get(ORIGIN)?;
        self.0.iter().find(|allowed| *allowed == origin).cloned()
    }

    /// The answer to a browser that asks beforehand, for an origin that is allowed.
    pub fn preflight(&self, request: &Request) -> Option<Response> {
        let asks = *request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks {
            return None;
        }
        self.allowed(request)?;
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
        let headers = response.headers_mut();
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (ACCESS_CONTROL_MAX_AGE, MAX_AGE_S),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Some(response)
    }

    /// Writes who may read the answer. Where anybody may, caches learn that it depends on who asks.
    pub fn mark(&self, allowed: Option<HeaderValue>, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        headers.append(VARY, HeaderValue::from_name(ORIGIN));
        let Some(origin) = allowed else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let fixed: [(HeaderName, &str); 2] = [
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
            (ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_in_full_and_never_a_wildcard() {
        for good in [
            "https://app.hospital.example",
            "http://localhost:5173",
            "https://[::1]:8443",
        ] {
            assert!(good.parse::<Cors>().is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "https://*",
            "https://",
            "app.hospital.example",
            "https://app.hospital.example/",
            "https://App.hospital.example",
            "https://a.example,*",
            "https://a.example,",
            "https://user@a.example",
        ] {
            assert!(bad.parse::<Cors>().is_err(), "{bad}");
        }
    }

    fn asked(cors: &Cors, origin: &str) -> HeaderMap {
        let request = Request::builder().header(ORIGIN, origin).finish();
        let mut headers = HeaderMap::new();
        cors.mark(cors.allowed(&request), &mut headers);
        headers
    }

    #[test]
    fn only_named_origins_may_read() {
        let cors: Cors = "https://a.example, https://b.example"
            .parse()
            .expect("origins");
        let headers = asked(&cors, "https://b.example");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://b.example");
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        assert_eq!(headers[VARY], "origin");
        for other in [
            "https://c.example",
            "https://b.example.evil",
            "null",
            "http://b.example",
        ] {
            let headers = asked(&cors, other);
            assert!(
                !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN),
                "{other}"
            );
            assert_eq!(headers[VARY], "origin");
        }
        assert!(asked(&Cors::default(), "https://a.example").is_empty());
    }

    #[test]
    fn a_preflight_is_answered_for_named_origins_only() {
        let cors: Cors = "https://a.example".parse().expect("origins");
        let ask = |method, origin: &str, wanted: Option<&str>| {
            let mut request = Request::builder().method(method).header(ORIGIN, origin);
            if let Some(wanted) = wanted {
                request = request.header(ACCESS_CONTROL_REQUEST_METHOD, wanted);
            }
            cors.preflight(&request.finish())
        };
        let answer = ask(Method::OPTIONS, "https://a.example", Some("POST")).expect("an answer");
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert!(ask(Method::OPTIONS, "https://a.example", None).is_none());
        assert!(ask(Method::OPTIONS, "https://b.example", Some("POST")).is_none());
        assert!(ask(Method::POST, "https://a.example", Some("POST")).is_none());
    }
}
