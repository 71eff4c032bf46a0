//! What changes after it was set up: the role, and the key that seals it.

use super::{challenge, enrol, rewind, show};
use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::secrets::Secrets;
use medique_tests::signing_in::{open, refresh};
use medique_tests::{Hospital, await_until};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Whoever gets a role that needs a second factor goes on with one, or not at all.
#[tokio::test]
async fn a_session_without_it_does_not_survive_a_role_that_needs_it() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_TOTP_REQUIRED_ROLES", "RECEPTION")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let session = open(&anonymous, &nurse).await?;
    let body = json!({ "name": "Ada", "role": "RECEPTION",
                       "departments": [hospital.department().id] });
    let path = format!("/staff/{}", nurse.id);
    hospital
        .admin
        .ask(Method::PUT, &path, &body)
        .await?
        .expect(200)?;
    refresh(&anonymous, &session.refresh_token, None)
        .await?
        .problem(401, "invalid_session")?;
    await_until::holds("the token ends", Duration::from_secs(30), || async {
        Ok(session.client.get("/departments").await?.status == 401)
    })
    .await?;
    anonymous
        .try_login(&nurse.email, &nurse.password)
        .await?
        .problem(401, "second_factor_enrolment_required")?;
    let told = "SELECT count(*) FROM audit WHERE event_type = 'session_ended'
                AND facts LIKE '%second_factor_required%'";
    ensure!(hospital.count(told).await? == 1);
    hospital.passes().await?;
    Ok(())
}

/// `MEDIQUE_IDENTITY_KEY` is replaced: what the key of before sealed opens, and is sealed anew.
#[tokio::test]
async fn the_key_can_be_replaced() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let (authenticator, codes) = enrol(&nurse).await?;
    let next = Secrets::random().identity_key;
    let before = hospital.secrets.identity_key.clone();
    hospital.tell_apis("MEDIQUE_IDENTITY_KEY", &next);
    hospital.tell_apis("MEDIQUE_PREVIOUS_IDENTITY_KEYS", &before);
    let both = hospital.start_api("both-keys")?;
    hospital.tell_apis("MEDIQUE_PREVIOUS_IDENTITY_KEYS", "");
    let only = hospital.start_api("new-key")?;
    hospital.all_ready().await?;
    let [both, only] = [both, only].map(|api| hospital.apis[api].url());
    let anonymous = hospital.anonymous()?;
    let enters = |base: String, proof: Value| {
        let (there, nurse) = (anonymous.at(&base), &nurse);
        async move {
            let challenge = challenge(&there, &nurse.email, &nurse.password).await?;
            show(&there, &challenge, proof).await
        }
    };
    enters(both.clone(), json!({ "recovery_code": codes[0] }))
        .await?
        .expect(200)?;
    enters(only.clone(), json!({ "recovery_code": codes[1] }))
        .await?
        .problem(401, "second_factor_invalid")?;
    for base in [both, only] {
        rewind(&hospital, nurse.id).await?;
        let code = json!({ "code": authenticator.code(0)? });
        enters(base, code).await?.expect(200)?;
    }
    hospital.passes().await?;
    Ok(())
}
