//! The screens: the files that `api/web` is built into, which the binary carries.
//!
//! Fingerprinted files never change and are cached for ever; the page that names them is asked for
//! anew each time. Every path that is neither a file nor the api's is the page's own business, for
//! browsers only: who does not ask for HTML gets the api's answer.

mod files;

use files::{Encoding, File};
use poem::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode};
use poem::{Endpoint, IntoResponse, PathPattern, Request, Response};

/// Scripts, styles, pictures and requests of our own origin; posters are shown from memory.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A board speaks, fills its television, and keeps it awake.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(self), camera=(), display-capture=(), \
    encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), \
    microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), \
    screen-wake-lock=(self), usb=(), xr-spatial-tracking=()";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASKED_ANEW: &str = "no-cache";
const PAGE: &str = "index.html";
/// What belongs to the api, whoever asks.
const RESERVED: [&str; 7] = [
    "api",
    "health",
    "docs",
    "problems",
    "schemas",
    ".well-known",
    "openapi.json",
];
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>MediQue</title>\
    <h1>MediQue</h1><p>This server was built without its screens. Build them with Node 20 or newer, \
    then build the server again: <code>cd api/web &amp;&amp; npm ci &amp;&amp; npm run build</code> \
    (<code>cargo dev up</code> does it where Node is there).</p>\
    <p>The API itself works: <a href=\"/docs/\">its description</a>.</p></html>\n";

/// Serves the screens before the api gets to see the request.
pub struct Screens<E>(pub E);

impl<E: Endpoint> Endpoint for Screens<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match shown(request.method(), request.uri().path(), request.headers()) {
            Some(mut response) => {
                // Paths of the page are any text; logs and figures name one pattern for all.
                response.set_data(PathPattern("/*screens".into()));
                Ok(response)
            }
            None => self.0.call(request).await.map(IntoResponse::into_response),
        }
    }
}

/// The answer when a screen, or a part of one, was asked for.
fn shown(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) || is_reserved(path) {
        return None;
    }
    let name = path.trim_start_matches('/');
    if name != PAGE
        && let Some(file) = File::find(name, encoding(headers))
    {
        return Some(asset(name, file));
    }
    if path != "/" && !wants_page(headers) {
        return None;
    }
    Some(match File::find(PAGE, encoding(headers)) {
        Some(file) => page(file, headers),
        None => not_built(),
    })
}

fn is_reserved(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next();
    first.is_some_and(|first| RESERVED.contains(&first))
}

/// Whether a person's browser goes there. A script or a picture that is not there is no page.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

fn encoding(headers: &HeaderMap) -> Encoding {
    let accepted = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    Encoding::best(accepted.unwrap_or_default())
}

fn asset(name: &str, file: File) -> Response {
    // Everything in this folder has its content's hash in its name.
    let cached = if name.starts_with("assets/") {
        FOR_EVER
    } else {
        ASKED_ANEW
    };
    answer(file, cached)
}

fn page(file: File, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", file.fingerprint);
    let known = headers.get(IF_NONE_MATCH);
    let is_known = known.is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if is_known {
        Response::builder()
            .status(StatusCode::NOT_MODIFIED)
            .finish()
    } else {
        answer(file, ASKED_ANEW)
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    guard(response.headers_mut());
    response
}

fn not_built() -> Response {
    let mut response = Response::builder()
        .status(StatusCode::NOT_FOUND)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .body(NOT_BUILT);
    guard(response.headers_mut());
    response
}

/// What the page may load and use.
fn guard(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(PERMISSIONS),
    );
}

fn answer(file: File, cached: &'static str) -> Response {
    let mut response = Response::builder()
        .header(CONTENT_TYPE, file.content_type)
        .header(CACHE_CONTROL, cached)
        .header(VARY, "accept-encoding")
        .body(file.content);
    if let Some(name) = file.encoding.name() {
        let name = HeaderValue::from_static(name);
        response.headers_mut().insert(CONTENT_ENCODING, name);
    }
    response
}

#[cfg(test)]
mod tests;
