//! Sessions: continued and ended by whoever holds their refresh token.

pub mod own;
pub mod staff;
pub mod view;

use super::Group;
use crate::accept::idempotency;
use crate::app::Shared;
use crate::auth::sessions::cookie::{self, REFRESH};
use crate::auth::sessions::refresh::{self, Exchange};
use crate::auth::sessions::secret::{self, Hash};
use crate::auth::sessions::{Client, EndReason, Ending, Opened, end_one, owner_of};
use crate::auth::{Caller, transact};
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::StaffId;
use poem::Request;
use poem::http::header::{AUTHORIZATION, SET_COOKIE};
use poem::web::Data;
use poem_openapi::param::Header;
use poem_openapi::payload::{Json, Response};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;

/// How a refresh token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum Transport {
    /// In the bodies of answers and requests: for programs.
    Body,
    /// In the cookie `__Host-medique-refresh`, which scripts cannot read: for browsers.
    Cookie,
}

/// A refresh token, unless it comes in the cookie.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none)]
pub struct RefreshBody {
    /// The refresh token; absent when the cookie has it.
    #[serde(default)]
    #[oai(validator(max_length = 128))]
    refresh_token: Option<String>,
    /// Seconds since a person last did something, for what goes on by itself: a screen that is left open continues
    /// its session without moving the time at which it ends for idleness. Absent: just now. Nothing at sign-out.
    #[serde(default)]
    idle_s: Option<u32>,
}

/// The tokens of a session.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct SessionAnswer {
    /// Send it as `Authorization: Bearer <access_token>`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// The session.
    pub session_id: Uuid,
    /// Good for one `POST /auth/refresh`; absent when it travels in a cookie.
    pub refresh_token: Option<String>,
    /// For the header `X-CSRF-Token`, when the refresh token travels in a cookie.
    pub csrf_token: Option<String>,
}

impl From<&Opened> for SessionAnswer {
    fn from(opened: &Opened) -> Self {
        let in_body = opened.cookie.is_none();
        Self {
            access_token: opened.access_token.clone(),
            token_type: "Bearer".to_owned(),
            expires_in: opened.expires_in,
            session_id: opened.session_id,
            refresh_token: in_body.then(|| opened.refresh_token.expose_secret().to_owned()),
            csrf_token: opened
                .cookie
                .as_ref()
                .map(|cookie| cookie.csrf_token.clone()),
        }
    }
}

/// Adds the cookies of a session to an answer, where it has some.
pub fn with_cookies<T>(answer: Response<T>, opened: &Opened) -> Response<T> {
    let cookies = opened.cookie.iter().flat_map(|cookie| &cookie.set_cookie);
    cookies.fold(answer, |answer, cookie| answer.header(SET_COOKIE, cookie))
}

/// Something ended.
#[derive(ApiResponse)]
pub enum Over {
    /// It is over.
    #[oai(status = 204)]
    Done,
}

/// What a request shows of a session.
enum Shown {
    Body(Hash),
    Cookie { token: Option<Hash>, csrf: String },
}

/// Finds the refresh token of a request. A cookie counts only with what keeps other sites out.
fn shown(app: &Shared, request: &Request, body: &RefreshBody) -> Result<Option<Shown>, Problem> {
    if let Some(token) = &body.refresh_token {
        let token = secret::hash_of(token).ok_or(Problem::new(ApiCode::InvalidSession))?;
        return Ok(Some(Shown::Body(token)));
    }
    let headers = request.headers();
    let Some(token) = cookie::read(headers, REFRESH) else {
        return Ok(None);
    };
    let csrf = app
        .csrf
        .precheck(headers, cookie::read(headers, cookie::CSRF))?;
    let token = secret::hash_of(token);
    Ok(Some(Shown::Cookie { token, csrf }))
}

/// Continuing and ending the session of a refresh token.
pub struct SessionsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl SessionsApi {
    /// Continue a session
    ///
    /// Exchanges a refresh token for the next one and a fresh access token with what the account may
    /// do now. Each is good for one exchange: one that comes back ends the session. Send a random
    /// `Idempotency-Key` and repeat the request with it when the answer is lost: the repetition
    /// gets the same refresh token. Tabs that share a cookie take turns (`navigator.locks`).
    ///
    /// With the cookie, the request must come from a page of this server and repeat the CSRF token
    /// in `X-CSRF-Token`.
    #[oai(
        path = "/auth/refresh",
        method = "post",
        operation_id = "refresh_session"
    )]
    async fn refresh(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        /// 1 to 128 visible ASCII characters; a fresh random one per exchange, the same one per
        /// repetition of it.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        Body(body): Body<RefreshBody>,
    ) -> Result<Response<Json<SessionAnswer>>, Problem> {
        let attempt = match key.0 {
            None => None,
            Some(_) => {
                let header = request.headers().get(idempotency::HEADER);
                Some(secret::hash(idempotency::key(header)?.as_bytes()))
            }
        };
        let refused = || Problem::new(ApiCode::InvalidSession);
        let (token, csrf) = match shown(app, request, &body)?.ok_or_else(refused)? {
            Shown::Body(token) => (token, None),
            Shown::Cookie { token, csrf } => (token.ok_or_else(refused)?, Some(csrf)),
        };
        let exchange = Exchange {
            token,
            attempt,
            client: Client::of(request, csrf.is_some()),
            csrf,
            idle: Duration::from_secs(body.idle_s.unwrap_or_default().into()),
        };
        let opened = refresh::refresh(app, exchange).await?;
        let answer = Response::new(Json(SessionAnswer::from(&opened)));
        Ok(with_cookies(answer, &opened))
    }

    /// Sign out
    ///
    /// Ends the session of the refresh token in the body, of the access token, or of the cookie
    /// (then with `X-CSRF-Token`), in this order. The cookies go away. A session that is over
    /// already is no error.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        Body(body): Body<RefreshBody>,
    ) -> Result<Response<Over>, Problem> {
        if body.refresh_token.is_none() && request.headers().contains_key(AUTHORIZATION) {
            let caller = Caller::authenticate(app, request).await?;
            if let (Some(staff), Some(session)) = (caller.staff(), caller.session()) {
                end(app, request, (staff, session)).await?;
            }
        } else {
            let shown = shown(app, request, &body)?;
            end_shown(app, request, shown).await?;
        }
        let cookies = cookie::clear();
        let answer = Response::new(Over::Done);
        Ok(cookies
            .into_iter()
            .fold(answer, |answer, cookie| answer.header(SET_COOKIE, cookie)))
    }
}

async fn end_shown(app: &Shared, request: &Request, shown: Option<Shown>) -> Result<(), Problem> {
    let (token, csrf) = match shown.ok_or(Problem::new(ApiCode::Unauthenticated))? {
        Shown::Body(token) => (Some(token), None),
        Shown::Cookie { token, csrf } => (token, Some(csrf)),
    };
    let owner = match token {
        Some(token) => owner_of(&app.pool, &token).await?,
        None => None,
    };
    let Some((staff, session)) = owner else {
        return Ok(());
    };
    if csrf.is_some_and(|csrf| !app.csrf.verify(session, &csrf)) {
        return Err(Problem::new(ApiCode::CsrfRefused));
    }
    end(app, request, (staff, session)).await
}

async fn end(
    app: &Shared,
    request: &Request,
    (staff, session): (StaffId, Uuid),
) -> Result<(), Problem> {
    let trace_id = Client::of(request, false).trace_id;
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            let ending = Ending {
                reason: EndReason::SignedOut,
                by: None,
                trace_id,
            };
            Ok(end_one(connection, staff, session, &ending).await?)
        })
    })
    .await?;
    app.revocations.session_ended(session);
    Ok(())
}
