//! The two cookies of a browser's session. Both have the prefix `__Host-`: the browser then insists
//! on `Secure`, `Path=/` and no `Domain`, so that no sibling domain can set them.

use super::policy::SessionPolicy;
use medique_contracts::vocabulary::Role;
use poem::http::HeaderMap;
use poem::http::header::COOKIE;
use secrecy::{ExposeSecret, SecretString};

/// Holds the refresh token; scripts cannot read it.
pub const REFRESH: &str = "__Host-medique-refresh";
/// Holds the CSRF token; scripts of our pages read it to repeat it in a header.
pub const CSRF: &str = "__Host-medique-csrf";

/// What a browser is given.
#[derive(Debug)]
pub struct SessionCookie {
    /// Values of the `Set-Cookie` headers.
    pub set_cookie: [String; 2],
    /// The same as in the readable cookie.
    pub csrf_token: String,
}

impl SessionCookie {
    /// The cookies of a session; they end with the longest life that it can have.
    pub fn new(
        policy: &SessionPolicy,
        role: Role,
        token: &SecretString,
        csrf_token: String,
    ) -> Self {
        let life = policy.absolute_of(role).as_secs();
        let refresh = format!(
            "{REFRESH}={}; Path=/; Max-Age={life}; Secure; HttpOnly; SameSite=Strict",
            token.expose_secret()
        );
        let csrf = format!("{CSRF}={csrf_token}; Path=/; Max-Age={life}; Secure; SameSite=Strict");
        Self {
            set_cookie: [refresh, csrf],
            csrf_token,
        }
    }
}

/// Values of `Set-Cookie` that take both cookies away.
pub fn clear() -> [String; 2] {
    [
        format!("{REFRESH}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"),
        format!("{CSRF}=; Path=/; Max-Age=0; Secure; SameSite=Strict"),
    ]
}

/// The value of a cookie that came with a request; none when it came twice, since then somebody
/// else may have set one of them.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::HeaderValue;

    fn with(cookie: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookie))])
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_only_once() {
        let found = |cookie| read(&with(cookie), CSRF).map(str::to_owned);
        assert_eq!(
            found("a=b; __Host-medique-csrf=x=y; c=d").as_deref(),
            Some("x=y")
        );
        assert_eq!(found("medique-csrf=x"), None);
        assert_eq!(found("__Host-medique-csrf=1; __Host-medique-csrf=2"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn cookies_carry_what_their_prefix_asks_for() {
        for cookie in clear() {
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            for part in ["; Path=/;", "; Secure;", "; SameSite=Strict"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
        assert!(clear()[0].contains("; HttpOnly;"));
    }
}
