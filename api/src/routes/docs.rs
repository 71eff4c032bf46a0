//! `/openapi.json`.

use poem::http::header::CONTENT_TYPE;
use poem::{Endpoint, Request, Response};

/// Serves the OpenAPI document.
pub struct Document(pub String);

impl Endpoint for Document {
    type Output = Response;

    async fn call(&self, _request: Request) -> poem::Result<Response> {
        Ok(Response::builder()
            .header(CONTENT_TYPE, "application/json")
            .body(self.0.clone()))
    }
}
