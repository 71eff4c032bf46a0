//! A link on paper.

use super::issue::sign;
use super::view::LinkRow;
use crate::app::Shared;
use crate::poster::{self, Poster};
use crate::problem::{ApiCode, Problem};
use medique_contracts::RejectionCode;
use medique_platform::link::Link;
use poem_openapi::ApiResponse;
use poem_openapi::payload::Binary;

/// A poster as SVG.
#[derive(ApiResponse)]
pub enum Svg {
    /// The poster.
    #[oai(status = 200, content_type = "image/svg+xml")]
    Drawn(Binary<Vec<u8>>),
}

/// A poster as PNG.
#[derive(ApiResponse)]
pub enum Png {
    /// The poster.
    #[oai(status = 200, content_type = "image/png")]
    Drawn(Binary<Vec<u8>>),
}

pub(super) async fn svg(app: &Shared, row: LinkRow) -> Result<Svg, Problem> {
    let drawn = draw(app, row, |poster| {
        poster::svg(&poster).map(String::into_bytes)
    })
    .await?;
    Ok(Svg::Drawn(Binary(drawn)))
}

pub(super) async fn png(app: &Shared, row: LinkRow) -> Result<Png, Problem> {
    let drawn = draw(app, row, |poster| poster::png(&poster)).await?;
    Ok(Png::Drawn(Binary(drawn)))
}

/// Draws off the threads that serve requests: a page takes tens of milliseconds.
async fn draw(
    app: &Shared,
    row: LinkRow,
    how: fn(Poster) -> Result<Vec<u8>, poster::PosterError>,
) -> Result<Vec<u8>, Problem> {
    let dead = match row.state(medique_platform::clock::now()) {
        "revoked" => Some(RejectionCode::LinkRevoked),
        "used" => Some(RejectionCode::LinkAlreadyUsed),
        "expired" => Some(RejectionCode::LinkExpired),
        _ => None,
    };
    if let Some(code) = dead {
        return Err(Problem::new(code));
    }
    let token = sign(app, &row.link())?;
    let poster = Poster {
        code: Link::address(&token, app.config.public_url.as_deref()),
        facility: row.facility_name,
        department: row.department_name,
        expires_at: row.expires_at,
    };
    let internal = || Problem::new(ApiCode::InternalError);
    let drawn = tokio::task::spawn_blocking(move || how(poster)).await;
    drawn.map_err(|_| internal())?.map_err(|error| {
        tracing::error!(%error, "a poster could not be drawn");
        internal()
    })
}
