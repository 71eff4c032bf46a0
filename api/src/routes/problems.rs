//! `/problems/<code>`: the page that a problem's `type` leads to.

use crate::problem::page;
use crate::problem::{ApiCode, Code, Problem};
use poem::handler;
use poem::web::{Html, Path};

/// All codes.
#[handler]
pub fn index() -> Html<String> {
    Html(page::index(Code::all().map(Code::entry)))
}

/// One code.
#[handler]
pub fn page(Path(code): Path<String>) -> Result<Html<String>, Problem> {
    let code = Code::find(&code).ok_or(Problem::new(ApiCode::NotFound))?;
    Ok(Html(page::of(code.entry())))
}
