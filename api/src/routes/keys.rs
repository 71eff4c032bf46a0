//! The public keys of our tokens (RFC 7517).

use super::Group;
use crate::app::Shared;
use crate::problem::Problem;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::{Json, Response};
use serde_json::Value;

/// Verifiers may keep the keys for five minutes: less than the time for which a new key is
/// announced before it signs.
const CACHEABLE: &str = "public, max-age=300";

/// The public keys.
pub struct KeysApi;

#[OpenApi(tag = "Group::Identity")]
impl KeysApi {
    /// The public keys that verify access tokens
    ///
    /// A JSON Web Key Set. The header `kid` of a token names its key.
    #[oai(
        path = "/.well-known/jwks.json",
        method = "get",
        operation_id = "get_keys"
    )]
    async fn keys(&self, Data(app): Data<&Shared>) -> Result<Response<Json<Value>>, Problem> {
        let keys = serde_json::to_value(app.tokens.public_keys()).unwrap_or_default();
        Ok(Response::new(Json(keys)).header("Cache-Control", CACHEABLE))
    }
}
