//! What people of an issuer have here ends here, too.

use super::world;
use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::await_until::until;
use medique_tests::signing_in::ask;
use medique_tests::sse::EventStream;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const REVOKED_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_admin_ends_what_people_of_the_issuer_have_here() -> Result<()> {
    let world = world(json!({})).await?;
    let claims = world.issuer.claims("alice");
    let nurse = world.there.with_token(world.key.sign(&claims)?);
    let path = format!("/departments/{}/events", world.hospital.department().id);
    let mut stream = EventStream::open(&nurse, &path, None).await?;
    let id: Uuid = sqlx::query_scalar("SELECT staff_id FROM external_identity")
        .fetch_one(&world.hospital.database.pool)
        .await?;
    let listed = nurse.get("/auth/sessions").await?.expect(200)?;
    ensure!(listed.body["items"] == json!([]), "{listed}");
    // at the replica that does not even trust the issuer
    let path = format!("/staff/{id}/sessions");
    let ended = ask(&world.hospital.admin, Method::DELETE, &path)
        .await?
        .expect(200)?;
    ensure!(ended.body["ended"] == 1, "{ended}");
    stream.ends("the stream ends", REVOKED_WITHIN).await?;
    nurse
        .get("/departments")
        .await?
        .problem(401, "unauthenticated")?;
    // the issuer may let the person in again, with a younger token
    let (key, world_ref) = (&world.key, &world);
    until("a younger token is good", REVOKED_WITHIN, || async move {
        let claims = world_ref.issuer.claims("alice");
        Ok(world_ref.accepts(key, &claims).await?.then_some(()))
    })
    .await?;
    world.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_linked_account_counts_as_what_it_is() -> Result<()> {
    let world = world(json!({ "staff_id_claim": "account" })).await?;
    let nurse = world.hospital.local(Role::Nurse).await?;
    ensure!(
        !world
            .accepts(&world.key, &world.issuer.claims("alice"))
            .await?,
        "no account"
    );
    let with = |id: Uuid| world.changed(json!({ "account": id }));
    ensure!(
        !world.accepts(&world.key, &with(Uuid::new_v4())).await?,
        "an account that is not there"
    );
    let token = world.key.sign(&with(nurse.id))?;
    ensure!(world.with(token.clone()).await?.status == 200);
    sqlx::query("UPDATE staff SET disabled_at = now() WHERE id = $1")
        .bind(nurse.id)
        .execute(&world.hospital.database.pool)
        .await?;
    let world_ref = &world;
    until("a disabled account stops", REVOKED_WITHIN, || {
        let token = token.clone();
        async move { Ok((world_ref.with(token).await?.status == 401).then_some(())) }
    })
    .await?;
    ensure!(
        !world.accepts(&world.key, &with(nurse.id)).await?,
        "a new token of a disabled account"
    );
    world.hospital.passes().await?;
    Ok(())
}
