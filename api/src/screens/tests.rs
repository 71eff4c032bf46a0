use super::*;

fn asked(path: &str, headers: &[(HeaderName, &str)]) -> Option<Response> {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).expect("a value")))
        .collect();
    shown(&Method::GET, path, &headers)
}

#[test]
fn the_api_is_never_shadowed() {
    let html = [(ACCEPT, "text/html")];
    for path in [
        "/api/v1/visits",
        "/api",
        "/health/live",
        "/docs/",
        "/.well-known/jwks.json",
        "/problems/not_found",
        "/openapi.json",
        "//api/v1/visits",
    ] {
        assert!(asked(path, &html).is_none(), "{path}");
    }
    assert!(shown(&Method::POST, "/", &HeaderMap::new()).is_none());
}

#[test]
fn a_screen_is_for_browsers_and_has_its_own_policy() {
    assert!(asked("/reception", &[(ACCEPT, "application/json")]).is_none());
    assert!(asked("/assets/gone-1234.js", &[(ACCEPT, "*/*")]).is_none());
    for path in ["/", "/reception", "/board"] {
        let response = asked(path, &[(ACCEPT, "text/html,*/*")]).expect("a page");
        let policy = response.headers()[CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("text");
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        let permissions = response.headers()["permissions-policy"]
            .to_str()
            .expect("text");
        assert!(
            permissions.contains("screen-wake-lock=(self)"),
            "{permissions}"
        );
    }
}

#[test]
fn nothing_outside_the_build_is_served() {
    for path in [
        "/../Cargo.toml",
        "/../package.json",
        "/assets/../../package.json",
        "/%2e%2e/x.js",
    ] {
        assert!(asked(path, &[(ACCEPT, "*/*")]).is_none(), "{path}");
    }
}

#[test]
fn the_smallest_encoding_that_is_taken_is_chosen() {
    assert_eq!(Encoding::best("gzip, deflate, br, zstd"), Encoding::Brotli);
    assert_eq!(Encoding::best("gzip;q=1.0, *;q=0.5"), Encoding::Gzip);
    assert_eq!(Encoding::best(""), Encoding::Identity);
    assert_eq!(Encoding::best("br;q=0"), Encoding::Identity);
    assert_eq!(Encoding::best("broken"), Encoding::Identity);
}
