//! What owners do with their passwords.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::accounts::{GOOD_PASSWORD, token};
use medique_tests::{Hospital, await_until};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_every_session_ends() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let forgot = |email: String| {
        let anonymous = anonymous.clone();
        async move {
            let body = json!({ "email": email });
            anonymous
                .ask(Method::POST, "/auth/password/forgot", &body)
                .await
        }
    };
    // the same answer for everybody, and a mail for one
    let known = forgot(nurse.email.to_uppercase()).await?.expect(202)?;
    for stranger in ["nobody@test.example", "", "not an address", "a\u{0}b"] {
        let answer = forgot(stranger.to_owned()).await?.expect(202)?;
        ensure!(answer.text == known.text, "{answer}");
    }
    let mail = hospital.mail(&nurse.email, "password_reset", 1).await?;
    hospital.mail_requests_are_done().await?;
    ensure!(
        hospital
            .waiting_mails("nobody@test.example")
            .await?
            .is_empty()
    );

    let token = token(&mail, "reset-password")?;
    let reset = |password: &str| {
        let (anonymous, body) = (
            anonymous.clone(),
            json!({ "token": token, "password": password }),
        );
        async move {
            anonymous
                .ask(Method::POST, "/auth/password/reset", &body)
                .await
        }
    };
    reset("too weak").await?.problem(422, "weak_password")?;
    reset(GOOD_PASSWORD).await?.expect(204)?;
    reset(GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_account_token")?;
    anonymous
        .try_login(&nurse.email, &nurse.password)
        .await?
        .expect(401)?;
    anonymous.login(&nurse.email, GOOD_PASSWORD).await?;
    await_until::holds(
        "the old session is over",
        Duration::from_secs(30),
        || async { Ok(nurse.client.get("/departments").await?.status == 401) },
    )
    .await?;
    hospital.mail(&nurse.email, "password_changed", 1).await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn nobodys_mailbox_is_flooded() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    for _ in 0..6 {
        let body = json!({ "email": nurse.email });
        anonymous
            .ask(Method::POST, "/auth/password/forgot", &body)
            .await?
            .expect(202)?;
    }
    hospital.mail_requests_are_done().await?;
    let mails = hospital.waiting_mails(&nurse.email).await?;
    ensure!(mails.len() == 3, "{} mails", mails.len());
    // of several links only the newest is good
    for (mail, status) in mails.iter().zip([401, 401, 204]) {
        let token = token(mail, "reset-password")?;
        let body = json!({ "token": token, "password": GOOD_PASSWORD });
        let answer = anonymous
            .ask(Method::POST, "/auth/password/reset", &body)
            .await?;
        ensure!(answer.status == status, "{answer}");
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn an_owner_changes_the_password_and_keeps_this_session_only() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let elsewhere = nurse.client.login(&nurse.email, &nurse.password).await?;
    let change = |current: &str, password: &str| {
        let body = json!({ "current_password": current, "password": password });
        let client = nurse.client.clone();
        async move {
            client
                .ask(Method::POST, "/auth/password/change", &body)
                .await
        }
    };
    change("not the password", GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_credentials")?;
    change(&nurse.password, "Password1234!")
        .await?
        .problem(422, "weak_password")?;
    change(&nurse.password, &nurse.password)
        .await?
        .problem(422, "weak_password")?;
    change(&nurse.password, GOOD_PASSWORD).await?.expect(204)?;
    await_until::holds(
        "the other session is over",
        Duration::from_secs(30),
        || async { Ok(elsewhere.get("/departments").await?.status == 401) },
    )
    .await?;
    nurse.client.get("/departments").await?.expect(200)?;
    nurse.client.login(&nurse.email, GOOD_PASSWORD).await?;
    hospital.passes().await?;
    Ok(())
}

/// When hashing is made dearer, an account's hash is made anew at its next sign-in.
#[tokio::test]
async fn a_hash_is_made_anew_when_hashing_costs_more() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let cost = |hospital: &Hospital| {
        let pool = hospital.database.pool.clone();
        async move {
            let hash: String = sqlx::query_scalar("SELECT password_hash FROM staff WHERE id = $1")
                .bind(nurse.id)
                .fetch_one(&pool)
                .await?;
            anyhow::Ok(hash.split('$').nth(3).context("no cost")?.to_owned())
        }
    };
    ensure!(cost(&hospital).await? == "m=19456,t=2,p=1");
    hospital.tell_apis("MEDIQUE_PASSWORD_HASH_PASSES", "3");
    let dearer = hospital.start_api("dearer")?;
    hospital.apis[dearer].ready().await?;
    let there = hospital.anonymous()?.at(&hospital.apis[dearer].url());
    there
        .try_login(&nurse.email, "not the password")
        .await?
        .expect(401)?;
    ensure!(
        cost(&hospital).await? == "m=19456,t=2,p=1",
        "a wrong password made a hash"
    );
    there.login(&nurse.email, &nurse.password).await?;
    ensure!(cost(&hospital).await? == "m=19456,t=3,p=1");
    hospital
        .anonymous()?
        .login(&nurse.email, &nurse.password)
        .await?;
    hospital.passes().await?;
    Ok(())
}

/// The operator's command line has the same rules.
#[tokio::test]
async fn the_command_line_refuses_what_the_api_refuses() -> Result<()> {
    let hospital = Hospital::start().await?;
    let facility = hospital.facility.to_string();
    let arguments = ["create-user", "--facility-id", &facility, "--role", "NURSE"];
    let arguments = [
        &arguments[..],
        &["--email", "ada@test.example", "--name", "Ada Lovelace"],
        &["--all-departments", "--password-stdin"],
    ]
    .concat();
    for password in ["Password1234!", "Lovelace-1815!", "too short"] {
        let output = hospital.command_line.run(&arguments, password)?;
        ensure!(!output.status.success(), "{password} was taken");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(!told.contains(password), "{told}");
    }
    hospital.command_line.json(&arguments, GOOD_PASSWORD)?;
    hospital
        .anonymous()?
        .login("ada@test.example", GOOD_PASSWORD)
        .await?;
    hospital.passes().await?;
    Ok(())
}
