//! Who calls. A [`Caller`] comes out of a bearer token: a staff access token (audience
//! `medique-api`) or a patient's visit token (audience `medique-visit`).

pub mod account;
pub mod cache;
pub mod external;
pub mod identity_key;
pub mod mail_requests;
pub mod oidc;
pub mod password;
pub mod person;
pub mod policy;
pub mod revocations;
pub mod second_factor;
pub mod sessions;
pub mod set_password;
pub mod sign_in;
pub mod staff;
pub mod throttle;
pub mod tokens;
pub mod totp;
pub mod trail;

pub use medique_platform::single_use;
pub use tokens::TokenKeys;

use crate::app::{App, Shared};
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use medique_contracts::Actor;
use medique_contracts::ids::{FacilityId, StaffId, VisitId};
use medique_contracts::vocabulary::Role;
use medique_platform::postgres::{TxError, in_tx};
use poem::http::header::AUTHORIZATION;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use revocations::{Bond, Standing};
use sqlx::{PgConnection, PgPool};
use std::ops::Deref;
use std::sync::Arc;
use uuid::Uuid;

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
    /// By what it can die sooner.
    pub bond: Bond,
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
    /// `unauthenticated` (401) when there is no bearer token, or none that is valid now;
    /// `database_unavailable` (503) when nobody can tell whether it was revoked.
    pub async fn authenticate(app: &App, request: &Request) -> Result<Self, Problem> {
        let refused = || Problem::new(ApiCode::Unauthenticated);
        let header = request.headers().get(AUTHORIZATION).ok_or_else(refused)?;
        let token = header.to_str().ok().and_then(bearer).ok_or_else(refused)?;
        let now = medique_platform::clock::now();
        if let Some(identity) = app.tokens.caller(token, now) {
            return Self(identity).standing(app);
        }
        let oidc = app.oidc.as_ref().ok_or_else(refused)?;
        if let Some(identity) = oidc.remembered(token, now)
            && let Ok(caller) = Self(identity).standing(app)
        {
            return Ok(caller);
        }
        // Seen for the first time, or something changed about the person: judged from the start.
        let policy = &app.config.identity;
        let identity = oidc.verify(&app.pool, policy, token, now).await?;
        Self(identity).standing(app)
    }

    /// Lets those pass whose credential was not revoked.
    fn standing(self, app: &App) -> Result<Self, Problem> {
        match app.revocations.standing(&self) {
            Standing::Good => Ok(self),
            Standing::Revoked => Err(Problem::new(ApiCode::Unauthenticated)),
            Standing::Unknown => Err(Problem::new(ApiCode::DatabaseUnavailable).retry_after(1)),
        }
    }

    /// The session of a member of staff who signed in here.
    pub fn session(&self) -> Option<Uuid> {
        match self.bond {
            Bond::Session { id, .. } => Some(id),
            Bond::None | Bond::External { .. } => None,
        }
    }

    /// The account of a member of staff.
    pub fn staff(&self) -> Option<StaffId> {
        match &self.actor {
            Actor::Staff { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// What was verified, to be judged again later.
    pub fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.0)
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

/// Runs `work` in a transaction of the identity tables.
///
/// # Errors
/// That of the work; `database_unavailable` when the transaction did not take place, or may not
/// have.
pub async fn transact<T, F>(pool: &PgPool, work: F) -> Result<T, Problem>
where
    F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, Problem>> + Send + 'static,
    T: Send + 'static,
{
    in_tx(pool, work).await.map_err(|error| match error {
        TxError::Work(problem) => problem,
        TxError::Begin(error) | TxError::Commit(error) => error.into(),
        TxError::Panicked => Problem::new(ApiCode::InternalError),
    })
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
        Ok(Self::authenticate(app, request).await?)
    }
}
