//! What continues by itself is no use: a screen that was left open ends as idle.

use super::open;
use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::signing_in::refresh_unused;
use sqlx::PgPool;
use uuid::Uuid;

/// Seconds that a session has left from its last exchange.
async fn left(pool: &PgPool, session: Uuid) -> Result<i64> {
    let left = "SELECT extract(epoch FROM idle_until - used_at)::int8 FROM session WHERE id = $1";
    Ok(sqlx::query_scalar(left)
        .bind(session)
        .fetch_one(pool)
        .await?)
}

#[tokio::test]
async fn a_screen_that_is_left_open_is_idle() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let pool = &hospital.database.pool;
    let session = open(&anonymous, &nurse).await?;
    let whole = left(pool, session.id).await?;

    // nobody was there for a while: the end stays where it was
    let next = refresh_unused(&anonymous, &session.refresh_token, 1_200)
        .await?
        .expect(200)?;
    let stays = left(pool, session.id).await?;
    ensure!(stays <= whole, "{whole} s, then {stays} s");
    ensure!(
        stays > whole - 1_200,
        "another screen's use was forgotten: {whole} s, then {stays} s"
    );

    // somebody was there since: the end moves to what that person has left
    sqlx::query("UPDATE session SET idle_until = now() + interval '1 minute' WHERE id = $1")
        .bind(session.id)
        .execute(pool)
        .await?;
    let token = next.body["refresh_token"].as_str().context("no token")?;
    refresh_unused(&anonymous, token, 600).await?.expect(200)?;
    let moved = left(pool, session.id).await?;
    ensure!(
        (whole - moved - 600).abs() <= 1,
        "{whole} s, then {moved} s"
    );
    hospital.passes().await?;
    Ok(())
}
