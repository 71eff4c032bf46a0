//! `/openapi.json`, and `/docs`, the page that shows it.
//!
//! The page of the library carries its script and its styles in itself, which a strict content
//! security policy forbids. Here the same script and styles are files of their own.

use bytes::Bytes;
use poem::http::HeaderValue;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use poem::{Endpoint, Request, Response, Route};

const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>MediQue API</title>\
    <link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\"><div id=\"ui\"></div>\
    <script src=\"/docs/swagger-ui.js\"></script><script src=\"/docs/start.js\"></script></html>\n";
/// The validator is a service of somebody else, which must not learn of us.
const START: &str = "SwaggerUIBundle({ dom_id: \"#ui\", url: \"/openapi.json\", \
    deepLinking: true, validatorUrl: null });\n";
/// Scripts, styles and requests of our own origin; the pictures are part of the styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
/// The same for everybody until the next release.
const CACHED: &str = "public, max-age=3600";

/// A text that never changes.
#[derive(Clone)]
pub struct File {
    text: Bytes,
    content_type: &'static str,
    policy: Option<&'static str>,
}

impl File {
    fn new(text: impl Into<Bytes>, content_type: &'static str) -> Self {
        Self {
            text: text.into(),
            content_type,
            policy: None,
        }
    }
}

impl Endpoint for File {
    type Output = Response;

    async fn call(&self, _request: Request) -> poem::Result<Response> {
        let mut response = Response::builder()
            .header(CONTENT_TYPE, self.content_type)
            .header(CACHE_CONTROL, CACHED)
            .body(self.text.clone());
        if let Some(policy) = self.policy {
            let policy = HeaderValue::from_static(policy);
            response
                .headers_mut()
                .insert(CONTENT_SECURITY_POLICY, policy);
        }
        Ok(response)
    }
}

/// Serves the OpenAPI document.
pub fn document(document: String) -> File {
    File::new(document, "application/json")
}

/// Serves the page and what it loads, taken out of the page that the library makes.
pub fn pages(library_page: &str) -> Route {
    let [style, script] = ["style", "script"].map(|tag| inlined(library_page, tag).to_owned());
    let page = File {
        policy: Some(POLICY),
        ..File::new(PAGE, "text/html; charset=utf-8")
    };
    Route::new()
        .at("/", poem::get(page))
        .at(
            "/swagger-ui.css",
            poem::get(File::new(style, "text/css; charset=utf-8")),
        )
        .at("/swagger-ui.js", poem::get(File::new(script, SCRIPT)))
        .at("/start.js", poem::get(File::new(START, SCRIPT)))
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What stands in the first element of this name: nothing when there is none, which a test sees.
fn inlined<'p>(page: &'p str, tag: &str) -> &'p str {
    let opened = page.split_once(&format!("<{tag} charset=\"UTF-8\">"));
    let rest = opened.map_or("", |(_, rest)| rest);
    let closed = rest.split_once(&format!("</{tag}>"));
    closed.map_or("", |(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description;

    #[test]
    fn the_page_of_the_library_still_holds_what_is_taken_out_of_it() {
        let page = description::service().swagger_ui_html();
        let (style, script) = (inlined(&page, "style"), inlined(&page, "script"));
        assert!(
            style.contains(".swagger-ui") && style.len() > 100_000,
            "the styles"
        );
        assert!(
            script.contains("SwaggerUIBundle") && script.len() > 1_000_000,
            "the script"
        );
        assert!(
            script.trim_end().ends_with(['}', ')', ';']) || script.contains("sourceMappingURL")
        );
    }

    #[test]
    fn the_page_itself_has_nothing_inline() {
        assert!(!PAGE.contains("<style") && !PAGE.contains(" style=") && !PAGE.contains(" on"));
        assert!(
            PAGE.match_indices("<script")
                .all(|(at, _)| PAGE[at..].starts_with("<script src="))
        );
        assert!(!POLICY.contains("unsafe") && !POLICY.contains('*'));
    }
}
