//! How long ago the owner of a session proved to be one. A session that somebody walked away from
//! must not be what signs its owner out everywhere else.

use super::open::delta;
use crate::app::App;
use crate::problem::{ApiCode, Problem};
use medique_platform::clock;
use uuid::Uuid;

/// Lets a session pass whose owner signed in, or showed the password again, not long ago.
///
/// # Errors
/// `reauthentication_required`; the database's.
pub async fn demand(app: &App, session: Uuid) -> Result<(), Problem> {
    let is_fresh: Option<bool> = sqlx::query_scalar(
        "SELECT greatest(created_at, proved_at) > $2 FROM session WHERE id = $1",
    )
    .bind(session)
    .bind(clock::now() - delta(app.config.sessions.proof))
    .fetch_optional(&app.pool)
    .await?;
    if is_fresh == Some(true) {
        Ok(())
    } else {
        Err(Problem::new(ApiCode::ReauthenticationRequired))
    }
}

/// Remembers that the owner of a session proved to be one just now.
///
/// # Errors
/// The database's.
pub async fn renew(app: &App, session: Uuid) -> Result<(), Problem> {
    sqlx::query("UPDATE session SET proved_at = $2 WHERE id = $1")
        .bind(session)
        .bind(clock::now())
        .execute(&app.pool)
        .await?;
    Ok(())
}
