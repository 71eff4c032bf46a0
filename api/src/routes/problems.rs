//! `/problems/<code>`: the page that a problem's `type` leads to.

use crate::problem::{ApiCode, Code, Problem, page as html};
use poem::handler;
use poem::web::{Html, Path};

/// All codes.
#[handler]
pub(crate) fn index() -> Html<String> {
    Html(html::index(Code::all().map(Code::entry)))
}

/// One code.
#[handler]
pub(crate) fn page(Path(code): Path<String>) -> Result<Html<String>, Problem> {
    let code = Code::find(&code).ok_or(Problem::new(ApiCode::NotFound))?;
    Ok(Html(html::of(code.entry())))
}
