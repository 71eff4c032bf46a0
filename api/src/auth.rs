//! Who calls. A [`Caller`] comes out of a bearer token: a staff access token (audience
//! `medique-api`) or a patient's visit token (audience `medique-visit`).

pub mod cache;
pub mod password;
pub mod tokens;

pub use tokens::TokenKeys;

use crate::app::Shared;
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::Actor;
use medique_contracts::ids::{FacilityId, VisitId};
use medique_contracts::vocabulary::Role;
use poem::http::header::AUTHORIZATION;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::ops::Deref;
use std::sync::Arc;

/// Name of the security scheme in the API description.
pub const SCHEME: &str = "bearer";

/// What a verified credential says.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Who acts.
    pub actor: Actor,
    /// [`Actor::key`], computed once per token.
    pub actor_key: String,
    /// The facility that the credential is for.
    pub facility_id: FacilityId,
    /// Instant from which the credential is dead; live streams end then.
    pub expires_at: DateTime<Utc>,
}

/// The authenticated caller of an operation. Taking it as an argument makes an operation ask for a
/// credential and say so in the API description.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Identity>);

impl Deref for Caller {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl Caller {
    /// Takes an identity that was verified by other means (a check-in link).
    pub fn verified(identity: Identity) -> Self {
        Self(Arc::new(identity))
    }

    /// Authenticates a request by its `Authorization` header.
    ///
    /// # Errors
    /// `unauthenticated` (401) when there is no bearer token, or none that is valid now.
    pub fn authenticate(app: &crate::app::App, request: &Request) -> Result<Self, Problem> {
        let refused = || Problem::new(ApiCode::Unauthenticated);
        let header = request.headers().get(AUTHORIZATION).ok_or_else(refused)?;
        let token = header.to_str().ok().and_then(bearer).ok_or_else(refused)?;
        let now = medique_platform::clock::now();
        app.tokens.caller(token, now).map(Self).ok_or_else(refused)
    }

    /// The role of a member of staff; [`Role::Patient`] for a patient.
    pub fn role(&self) -> Option<Role> {
        match &self.actor {
            Actor::Staff { role, .. } => Some(*role),
            Actor::Patient { .. } => Some(Role::Patient),
            Actor::Link { .. } | Actor::System { .. } => None,
        }
    }

    /// Whether the caller administers the facility.
    pub fn is_admin(&self) -> bool {
        self.role() == Some(Role::Admin)
    }

    /// The visit of a patient.
    pub fn own_visit(&self) -> Option<VisitId> {
        match &self.actor {
            Actor::Patient { visit_id } => Some(*visit_id),
            _ => None,
        }
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            SCHEME,
            MetaSecurityScheme {
                ty: "http",
                description: Some(
                    "Access token of a member of staff (`POST /auth/login`), or the `visit_token` \
                     of a patient, which opens that one visit only.",
                ),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        // The rate limit, which comes first, needs to know as well.
        if let Some(caller) = request.data::<Self>() {
            return Ok(caller.clone());
        }
        let app = request
            .data::<Shared>()
            .ok_or(Problem::new(ApiCode::InternalError))?;
        Ok(Self::authenticate(app, request)?)
    }
}
