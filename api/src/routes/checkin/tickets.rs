//! Tickets: what a phone draws from a poster, and checks in with once.

use super::holder::alive;
use crate::accept::Conditions;
use crate::accept::idempotency;
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::read::time::Instant;
use crate::routes::Group;
use chrono::TimeDelta;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

/// Life of a ticket, minutes: enough to fill in the form.
const TICKET_MINUTES: i64 = 15;

/// A scanned link.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct TicketBody {
    /// The token on the poster.
    #[oai(validator(max_length = 1024))]
    link_token: String,
}

/// A ticket.
#[derive(Debug, Object)]
pub struct Ticket {
    /// Send it as `link_token` to check in.
    ticket: String,
    /// Instant from which it is dead.
    expires_at: Instant,
}

/// Tickets.
pub struct TicketsApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::CheckIn",
    request_header(
        name = "Idempotency-Key",
        ty = "String",
        description = "1 to 128 visible ASCII characters; a fresh random one per scan of a poster: the same key draws the same ticket."
    )
)]
impl TicketsApi {
    /// Draw a ticket from a poster
    ///
    /// Anyone with a valid link. A ticket checks in once and is dead after minutes; drawing with the
    /// same key gives the same ticket, so a repeated request creates nothing new. A poster gives
    /// out only so many tickets a minute. A link that needs no ticket is its own.
    #[oai(
        path = "/checkin/tickets",
        method = "post",
        operation_id = "draw_ticket"
    )]
    async fn draw(
        &self,
        conditions: Conditions,
        Body(body): Body<TicketBody>,
    ) -> Result<Json<Ticket>, Problem> {
        let app = &conditions.app;
        let link = alive(app, &body.link_token)?;
        let nonce = idempotency::key(conditions.key.as_ref())?;
        if !link.is_poster {
            return Ok(Json(Ticket {
                ticket: body.link_token,
                expires_at: Instant(link.expires_at),
            }));
        }
        app.limits.charge_poster(link.link_id).admit()?;
        let dead_at = medique_platform::clock::now() + TimeDelta::minutes(TICKET_MINUTES);
        let ticket = app.links.draw(&link, nonce.as_bytes(), dead_at);
        let text = app.links.sign(&ticket).map_err(|error| {
            tracing::error!(%error, "a ticket could not be signed");
            Problem::new(ApiCode::InternalError)
        })?;
        Ok(Json(Ticket {
            ticket: text,
            expires_at: Instant(ticket.expires_at),
        }))
    }
}
