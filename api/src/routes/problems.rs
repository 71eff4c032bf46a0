//! `/problems/<code>`: the page that a problem's `type` leads to.

use crate::problem::{ApiCode, Code, Problem, page as html};
use poem::http::header::CONTENT_SECURITY_POLICY;
use poem::web::{Html, Path, WithHeader};
use poem::{IntoResponse, handler};

/// A page that says what it needs to load.
type Page = WithHeader<Html<String>>;

/// All codes.
#[handler]
pub(crate) fn index() -> Page {
    show(html::index(Code::all().map(Code::entry)))
}

/// One code.
#[handler]
pub(crate) fn page(Path(code): Path<String>) -> Result<Page, Problem> {
    let code = Code::find(&code).ok_or(Problem::new(ApiCode::NotFound))?;
    Ok(show(html::of(code.entry())))
}

fn show(text: String) -> Page {
    Html(text).with_header(CONTENT_SECURITY_POLICY, html::policy())
}
