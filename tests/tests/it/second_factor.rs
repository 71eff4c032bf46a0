//! The second factor: nobody gets in without it, and nothing that was shown is good again.

mod later;

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::accounts::{Authenticator, GOOD_PASSWORD, token};
use medique_tests::client::{Answer, Client};
use medique_tests::hospital::Person;
use medique_tests::{Hospital, await_until};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

async fn post(client: &Client, path: &str, body: Value) -> Result<Answer> {
    client.ask(Method::POST, path, &body).await
}

fn authenticator(setup: &Answer) -> Result<Authenticator> {
    let secret = setup.body["secret"].as_str().context("no secret")?;
    let url = setup.body["url"].as_str().context("no url")?;
    ensure!(
        url.starts_with("otpauth://totp/MediQue:") && url.contains(secret),
        "{url}"
    );
    Authenticator::new(secret)
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Sets a second factor up; gives it and the recovery codes.
async fn enrol(person: &Person) -> Result<(Authenticator, Vec<String>)> {
    let body = json!({ "password": person.password });
    let setup = post(&person.client, "/auth/second-factor/enrol", body)
        .await?
        .expect(200)?;
    let authenticator = authenticator(&setup)?;
    let body = json!({ "code": authenticator.code(0)? });
    let confirmed = post(&person.client, "/auth/second-factor/confirm", body)
        .await?
        .expect(200)?;
    let codes = texts(&confirmed.body["recovery_codes"]);
    ensure!(codes.len() == 10, "{confirmed}");
    Ok((authenticator, codes))
}

/// The first step; gives the token for the second.
async fn challenge(client: &Client, email: &str, password: &str) -> Result<String> {
    let answer = client
        .try_login(email, password)
        .await?
        .problem(401, "second_factor_required")?;
    let token = answer.body["challenge_token"].as_str();
    Ok(token
        .with_context(|| format!("no challenge: {answer}"))?
        .to_owned())
}

async fn show(client: &Client, challenge: &str, proof: Value) -> Result<Answer> {
    let mut body = proof;
    body["challenge_token"] = challenge.into();
    post(client, "/auth/login/second-factor", body).await
}

/// As if the newest code that was used had been one of long ago: codes last half a minute.
async fn rewind(hospital: &Hospital, staff: Uuid) -> Result<()> {
    sqlx::query("UPDATE staff SET totp_last_step = totp_last_step - 100 WHERE id = $1")
        .bind(staff)
        .execute(&hospital.database.pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_code_opens_once_on_whatever_replica() -> Result<()> {
    let hospital = Hospital::builder().apis(2).start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let elsewhere = nurse.client.login(&nurse.email, &nurse.password).await?;
    let (authenticator, _) = enrol(&nurse).await?;
    hospital
        .mail(&nurse.email, "second_factor_changed", 1)
        .await?;
    await_until::holds(
        "other sessions are over",
        Duration::from_secs(30),
        || async { Ok(elsewhere.get("/departments").await?.status == 401) },
    )
    .await?;
    nurse.client.get("/departments").await?.expect(200)?;

    let one = hospital.anonymous()?;
    let two = one.at(&hospital.apis[1].url());
    // the code that confirmed it is used up
    let first = challenge(&one, &nurse.email, &nurse.password).await?;
    let used: i64 = sqlx::query_scalar("SELECT totp_last_step FROM staff WHERE id = $1")
        .bind(nurse.id)
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(used > 0);
    rewind(&hospital, nurse.id).await?;
    // the same code at the same moment, with two challenges at two replicas: one opens
    let second = challenge(&two, &nurse.email, &nurse.password).await?;
    let code = json!({ "code": authenticator.code(0)? });
    let (a, b) = tokio::try_join!(
        show(&one, &first, code.clone()),
        show(&two, &second, code.clone())
    )?;
    let open = if a.status == 200 { &a } else { &b };
    ensure!(
        [a.status, b.status]
            .iter()
            .filter(|status| **status == 200)
            .count()
            == 1,
        "{a}\n{b}"
    );
    let session = one.entered(open)?;
    session.get("/departments").await?.expect(200)?;
    let sessions = session.get("/auth/sessions").await?.expect(200)?;
    ensure!(
        sessions.text.contains("\"otp\"") && sessions.text.contains("\"mfa\""),
        "{sessions}"
    );
    // and not again, nor with another challenge
    let third = challenge(&one, &nurse.email, &nurse.password).await?;
    show(&one, &third, code)
        .await?
        .problem(401, "second_factor_invalid")?;
    rewind(&hospital, nurse.id).await?;
    let code = json!({ "code": authenticator.code(0)? });
    show(&one, &third, code.clone()).await?.expect(200)?;
    rewind(&hospital, nurse.id).await?;
    show(&one, &third, code)
        .await?
        .problem(401, "invalid_account_token")?;
    // the code came a second time twice: of the two at once, and after it was used
    hospital.mail(&nurse.email, "code_reused", 2).await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn guessing_codes_leads_nowhere() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let (authenticator, _) = enrol(&nurse).await?;
    rewind(&hospital, nurse.id).await?;
    let anonymous = hospital.anonymous()?;
    let challenge = challenge(&anonymous, &nurse.email, &nurse.password).await?;
    for wrong in [
        json!({ "code": "0000000" }),
        json!({ "code": "" }),
        json!({ "recovery_code": "aaaa-bbbb-cccc-dddd" }),
        json!({ "recovery_code": "" }),
        json!({ "code": "12345\u{0}" }),
    ] {
        show(&anonymous, &challenge, wrong)
            .await?
            .problem(401, "second_factor_invalid")?;
    }
    let right = json!({ "code": authenticator.code(0)? });
    show(&anonymous, &challenge, right.clone())
        .await?
        .problem(401, "invalid_account_token")?;
    // the password alone does not make good for codes that were wrong
    let mut tries = 0;
    let blocked = loop {
        let answer = anonymous.try_login(&nurse.email, &nurse.password).await?;
        tries += 1;
        if answer.status == 429 {
            break answer;
        }
        ensure!(tries < 10, "{tries} more tries");
        let challenge = answer.body["challenge_token"]
            .as_str()
            .context("no challenge")?;
        let answer = show(&anonymous, challenge, json!({ "code": "000000x" })).await?;
        ensure!(matches!(answer.status, 401 | 429), "{answer}");
    };
    ensure!(blocked.header("retry-after").is_some(), "{blocked}");
    for garbage in ["", "mqc_", "mqc_!", "\u{0}"] {
        show(&anonymous, garbage, right.clone())
            .await?
            .problem(401, "invalid_account_token")?;
    }
    for neither in [json!({}), json!({ "code": "1", "recovery_code": "1" })] {
        show(&anonymous, &challenge, neither)
            .await?
            .problem(400, "invalid_body")?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_recovery_code_opens_once() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let (_, codes) = enrol(&nurse).await?;
    let anonymous = hospital.anonymous()?;
    let typed = codes[0].to_uppercase().replace('-', " ");
    for (code, opens) in [(&typed, true), (&codes[0], false), (&codes[1], true)] {
        let challenge = challenge(&anonymous, &nurse.email, &nurse.password).await?;
        let answer = show(&anonymous, &challenge, json!({ "recovery_code": code })).await?;
        ensure!((answer.status == 200) == opens, "{code}: {answer}");
    }
    let state = nurse.client.get("/auth/second-factor").await?.expect(200)?;
    ensure!(
        state.body["enabled"] == true && state.body["recovery_codes_left"] == 8,
        "{state}"
    );
    // fresh ones take the place of all before
    let body = json!({ "password": nurse.password });
    let fresh = post(&nurse.client, "/auth/second-factor/recovery-codes", body)
        .await?
        .expect(200)?;
    let fresh = texts(&fresh.body["recovery_codes"]);
    for (code, opens) in [(&codes[2], false), (&fresh[0], true)] {
        let challenge = challenge(&anonymous, &nurse.email, &nurse.password).await?;
        let answer = show(&anonymous, &challenge, json!({ "recovery_code": code })).await?;
        ensure!((answer.status == 200) == opens, "{code}: {answer}");
    }
    // neither codes nor secrets stand in the database
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT encode(hash, 'escape') FROM recovery_code UNION ALL
         SELECT encode(totp_secret, 'escape') FROM staff WHERE totp_secret IS NOT NULL",
    )
    .fetch_all(&hospital.database.pool)
    .await?;
    ensure!(rows.len() == 11, "{} rows", rows.len());
    let all = rows.join(" ").to_lowercase();
    ensure!(
        !fresh
            .iter()
            .any(|code| all.contains(code) || all.contains(&code.replace('-', "")))
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_role_that_needs_a_second_factor_gets_one_at_the_first_sign_in() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_TOTP_REQUIRED_ROLES", "RECEPTION, DOCTOR")
        .start()
        .await?;
    let email = "ada@test.example";
    let body = json!({ "email": email, "name": "Ada", "role": "RECEPTION",
                       "departments": [hospital.department().id] });
    post(&hospital.admin, "/staff/invitations", body)
        .await?
        .expect(201)?;
    let token = token(
        &hospital.mail(email, "invitation", 1).await?,
        "accept-invitation",
    )?;
    let anonymous = hospital.anonymous()?;
    let body = json!({ "token": token, "password": GOOD_PASSWORD });
    post(&anonymous, "/auth/invitations/accept", body)
        .await?
        .expect(204)?;

    let refused = anonymous.try_login(email, GOOD_PASSWORD).await?;
    let refused = refused.problem(401, "second_factor_enrolment_required")?;
    ensure!(refused.body.get("access_token").is_none(), "{refused}");
    let challenge_token = refused.body["challenge_token"]
        .as_str()
        .context("no challenge")?;
    // the challenge opens nothing by itself
    let bearer = anonymous.with_token(challenge_token);
    bearer
        .get("/departments")
        .await?
        .problem(401, "unauthenticated")?;
    show(&anonymous, challenge_token, json!({ "code": "000000" }))
        .await?
        .problem(401, "second_factor_invalid")?;
    let body = json!({ "challenge_token": challenge_token });
    let setup = post(&anonymous, "/auth/login/second-factor/enrol", body)
        .await?
        .expect(200)?;
    let authenticator = authenticator(&setup)?;
    let code = json!({ "code": authenticator.code(0)? });
    let entered = show(&anonymous, challenge_token, code).await?.expect(200)?;
    ensure!(
        texts(&entered.body["recovery_codes"]).len() == 10,
        "{entered}"
    );
    let reception = anonymous.entered(&entered)?;
    reception.get("/departments").await?.expect(200)?;
    // whoever had the password may have been somebody else: the owner hears of it
    hospital.mail(email, "second_factor_changed", 1).await?;
    let told = "SELECT count(*) FROM audit WHERE event_type = 'second_factor_changed'
                AND facts LIKE '%enabled%'";
    ensure!(hospital.count(told).await? == 1);
    // from now on it is asked for, and cannot be enrolled anew without being shown
    let next = challenge(&anonymous, email, GOOD_PASSWORD).await?;
    let body = json!({ "challenge_token": next });
    post(&anonymous, "/auth/login/second-factor/enrol", body)
        .await?
        .problem(401, "invalid_account_token")?;
    let body = json!({ "password": GOOD_PASSWORD, "code": authenticator.code(1)? });
    post(&reception, "/auth/second-factor/remove", body)
        .await?
        .problem(403, "forbidden")?;
    // other roles go on without
    hospital.local(Role::Nurse).await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn it_is_taken_away_by_its_owner_or_by_an_administrator() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let (authenticator, codes) = enrol(&nurse).await?;
    rewind(&hospital, nurse.id).await?;
    let remove = |password: &str, code: &str| {
        let body = json!({ "password": password, "code": code });
        let client = nurse.client.clone();
        async move { post(&client, "/auth/second-factor/remove", body).await }
    };
    let code = authenticator.code(0)?;
    remove("not the password", &code)
        .await?
        .problem(401, "invalid_credentials")?;
    remove(&nurse.password, "000000x")
        .await?
        .problem(401, "second_factor_invalid")?;
    remove(&nurse.password, &code).await?.expect(204)?;
    remove(&nurse.password, &code)
        .await?
        .problem(409, "no_second_factor")?;
    nurse.client.login(&nurse.email, &nurse.password).await?;

    enrol(&nurse).await?;
    let path = format!("/staff/{}/second-factor", nurse.id);
    let admin = &hospital.admin;
    admin
        .ask(Method::DELETE, &path, &json!({}))
        .await?
        .expect(204)?;
    admin
        .ask(Method::DELETE, &path, &json!({}))
        .await?
        .problem(409, "no_second_factor")?;
    await_until::holds("its sessions are over", Duration::from_secs(30), || async {
        Ok(nurse.client.get("/departments").await?.status == 401)
    })
    .await?;
    // as when the account was made: an administrator's act, and a link in the owner's mail
    let anonymous = hospital.anonymous()?;
    anonymous
        .try_login(&nurse.email, &nurse.password)
        .await?
        .problem(401, "invalid_credentials")?;
    let mail = hospital.mail(&nurse.email, "password_reset", 1).await?;
    ensure!(mail["demanded"] == true, "{mail}");
    let body = json!({ "token": token(&mail, "reset-password")?, "password": GOOD_PASSWORD });
    post(&anonymous, "/auth/password/reset", body)
        .await?
        .expect(204)?;
    let back = anonymous.login(&nurse.email, GOOD_PASSWORD).await?;
    let state = back.get("/auth/second-factor").await?.expect(200)?;
    ensure!(
        state.body["enabled"] == false && state.body["recovery_codes_left"] == 0,
        "{state}"
    );
    ensure!(codes.len() == 10);
    hospital.passes().await?;
    Ok(())
}
