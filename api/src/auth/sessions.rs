//! Sessions: what a sign-in opens, a refresh continues, and anything may end.
//!
//! - [`open`] makes a session with its first access and refresh token, inside the caller's
//!   transaction, and ends the least recently used ones beyond the limit.
//! - [`refresh`] exchanges a refresh token for the next one. Each is good for one exchange; one
//!   that comes back ends its session ([`refresh`] says how a lost answer is survived).
//! - [`end_all`] and [`end_one`] end sessions. Access tokens name their session: replicas learn of
//!   an ended one within seconds (see [`revocations`](super::revocations)).
//!
//! Browsers may keep the refresh token in a cookie that scripts cannot read; [`cookie`] and
//! [`csrf`] are what that asks for.

pub mod cookie;
pub mod csrf;
mod end;
mod open;
pub mod policy;
pub mod proof;
pub mod refresh;
pub mod secret;
pub mod sweep;

pub use end::{EndReason, Ending, end_all, end_all_as, end_one, owner_of};
pub use open::open;
pub use policy::SessionPolicy;

use crate::app::App;
use crate::client::ClientAddress;
use cookie::SessionCookie;
use medique_contracts::vocabulary::Role;
use medique_platform::trace_context::TraceContext;
use poem::Request;
use poem::http::header::USER_AGENT;
use secrecy::SecretString;
use std::net::IpAddr;
use uuid::Uuid;

/// Longest user agent that is kept, characters.
const USER_AGENT_CHARS_MAX: usize = 200;

/// Who opens or continues a session, as far as a server can see.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Address of the person, right behind trusted proxies.
    pub address: Option<IpAddr>,
    /// What the browser or program calls itself.
    pub user_agent: Option<String>,
    /// Whether the refresh token is to travel in a cookie.
    pub wants_cookie: bool,
    /// Trace of the request, for the audit.
    pub trace_id: Option<String>,
}

impl Client {
    /// What a request tells.
    pub fn of(request: &Request, wants_cookie: bool) -> Self {
        let user_agent = request
            .headers()
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|text| text.chars().take(USER_AGENT_CHARS_MAX).collect());
        Self {
            address: request.data::<ClientAddress>().map(|address| address.0),
            user_agent,
            wants_cookie,
            trace_id: request.data::<TraceContext>().map(|trace| trace.trace_id()),
        }
    }

    const fn transport(&self) -> &'static str {
        if self.wants_cookie { "cookie" } else { "body" }
    }
}

impl App {
    /// Whether a role asks for a second factor that `amr` (RFC 8176) does not tell of.
    fn lacks_second_factor(&self, role: Role, amr: &[String]) -> bool {
        self.config.identity.needs_second_factor(role) && !amr.iter().any(|method| method == "mfa")
    }
}

/// A session that was opened or continued.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session_id: Uuid,
    /// Sent as `Authorization: Bearer`.
    pub access_token: String,
    /// Life of the access token, seconds.
    pub expires_in: u64,
    /// Good for one exchange. In the answer only when there is no cookie.
    pub refresh_token: SecretString,
    /// What a browser gets instead.
    pub cookie: Option<SessionCookie>,
}
