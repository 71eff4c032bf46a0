//! A session that somebody walked away from does not sign its owner out elsewhere.

use super::works;
use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::signing_in::{ask, open};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// As if the session had been opened, and its owner had proved who they are, an hour ago.
async fn ages(hospital: &Hospital, session: Uuid) -> Result<()> {
    sqlx::query(
        "UPDATE session SET created_at = created_at - interval '1 hour',
                            proved_at = proved_at - interval '1 hour' WHERE id = $1",
    )
    .bind(session)
    .execute(&hospital.database.pool)
    .await?;
    Ok(())
}

#[tokio::test]
async fn ending_other_sessions_asks_for_the_password_again() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let (this, other) = (
        open(&anonymous, &nurse).await?,
        open(&anonymous, &nurse).await?,
    );
    ages(&hospital, this.id).await?;
    let one = format!("/auth/sessions/{}", other.id);
    for path in [one.as_str(), "/auth/sessions"] {
        ask(&this.client, Method::DELETE, path)
            .await?
            .problem(403, "reauthentication_required")?;
    }
    // neither does it tell whether there is such a session
    let nobody = format!("/auth/sessions/{}", Uuid::new_v4());
    ask(&this.client, Method::DELETE, &nobody)
        .await?
        .problem(403, "reauthentication_required")?;
    ensure!(works(&other.client).await?);

    let prove = |password: &str| {
        let (client, body) = (this.client.clone(), json!({ "password": password }));
        async move {
            client
                .ask(Method::POST, "/auth/reauthenticate", &body)
                .await
        }
    };
    prove("not the password")
        .await?
        .problem(401, "invalid_credentials")?;
    ask(&this.client, Method::DELETE, &one)
        .await?
        .problem(403, "reauthentication_required")?;
    prove(&nurse.password).await?.expect(204)?;
    ask(&this.client, Method::DELETE, &one).await?.expect(204)?;
    ensure!(!works(&other.client).await?);
    ask(&this.client, Method::DELETE, "/auth/sessions")
        .await?
        .expect(200)?;

    // a proof grows old as well; to sign out oneself takes none
    ages(&hospital, this.id).await?;
    ask(&this.client, Method::DELETE, "/auth/sessions")
        .await?
        .problem(403, "reauthentication_required")?;
    let own = format!("/auth/sessions/{}", this.id);
    ask(&this.client, Method::DELETE, &own).await?.expect(204)?;
    hospital.passes().await?;
    Ok(())
}
