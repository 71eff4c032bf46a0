//! Whoever holds a check-in link.

use crate::app::App;
use crate::auth::revocations::Bond;
use crate::auth::{Caller, Identity};
use crate::problem::{ApiCode, Problem};
use medique_contracts::commands::LinkClaims;
use medique_contracts::{Actor, RejectionCode};
use medique_platform::link::Link;

/// A link that is genuine and alive.
///
/// # Errors
/// `invalid_link` (401) for what we never signed, `link_expired`, `link_revoked`.
pub(super) fn alive(app: &App, token: &str) -> Result<Link, Problem> {
    let link = app
        .links
        .verify(token)
        .ok_or(Problem::new(ApiCode::InvalidLink))?;
    if link.expires_at <= medique_platform::clock::now() {
        return Err(Problem::new(RejectionCode::LinkExpired));
    }
    if app.revoked_links.holds(&link) {
        return Err(Problem::new(RejectionCode::LinkRevoked));
    }
    Ok(link)
}

/// Whoever holds a link that checks in, as a caller.
///
/// # Errors
/// As [`alive`]; `ticket_required` for a poster.
pub(super) fn holder(app: &App, token: &str) -> Result<(Caller, Link), Problem> {
    let link = alive(app, token)?;
    if link.is_poster {
        return Err(Problem::new(ApiCode::TicketRequired));
    }
    let actor = Actor::Link {
        id: link.link_id,
        department_id: link.department_id,
    };
    let caller = Caller::verified(Identity {
        actor_key: actor.key(),
        actor,
        facility_id: link.facility_id,
        expires_at: link.expires_at,
        bond: Bond::None,
    });
    Ok((caller, link))
}

/// What the worker needs to know of a link.
pub(super) fn claims(link: &Link) -> LinkClaims {
    LinkClaims {
        link_id: link.link_id,
        doctor_id: link.doctor_id,
        single_use: link.single_use,
        expires_at: link.expires_at,
        drawn_from: link.drawn_from,
    }
}
