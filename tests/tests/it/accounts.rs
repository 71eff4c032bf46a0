//! Accounts from the invitation to the end: who may make them, what their owners do with them, and
//! what nobody learns from outside.

mod owners;
mod replaced;
mod timing;

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::accounts::{GOOD_PASSWORD, token};
use medique_tests::client::{Answer, Client};
use medique_tests::{Hospital, await_until};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// The scheduler looks every ten seconds.
const DOCTORS_WITHIN: Duration = Duration::from_secs(30);

fn invitation(email: &str, role: &str, department: Uuid) -> Value {
    json!({ "email": email, "name": "Ada Lovelace", "role": role, "departments": [department] })
}

async fn invite(hospital: &Hospital, email: &str, role: &str) -> Result<Uuid> {
    let body = invitation(email, role, hospital.department().id);
    let made = hospital
        .admin
        .ask(Method::POST, "/staff/invitations", &body)
        .await?
        .expect(201)?;
    ensure!(made.body["status"] == "INVITED", "{made}");
    made.id("/id")
}

async fn accept(hospital: &Hospital, token: &str, password: &str) -> Result<Answer> {
    let body = json!({ "token": token, "password": password });
    let anonymous = hospital.anonymous()?;
    anonymous
        .ask(Method::POST, "/auth/invitations/accept", &body)
        .await
}

async fn of(hospital: &Hospital, staff: Uuid) -> Result<Value> {
    let list = hospital.admin.get("/staff?limit=200").await?.expect(200)?;
    let items = list.body["items"].as_array().context("no items")?;
    let found = items.iter().find(|item| item["id"] == staff.to_string());
    found.cloned().context("not in the list")
}

async fn act(hospital: &Hospital, staff: Uuid, action: &str) -> Result<Answer> {
    let path = format!("/staff/{staff}/{action}");
    hospital.admin.ask(Method::POST, &path, &json!({})).await
}

#[tokio::test]
async fn an_invited_doctor_sets_a_password_and_works() -> Result<()> {
    let hospital = Hospital::start().await?;
    let email = "ada@test.example";
    let staff = invite(&hospital, email, "DOCTOR").await?;
    let mail = hospital.mail(email, "invitation", 1).await?;
    ensure!(
        mail["facility"] == "General Hospital" && mail["name"] == "Ada Lovelace",
        "{mail}"
    );
    let token = token(&mail, "accept-invitation")?;

    // nothing opens before, and what is kept opens nothing
    let anonymous = hospital.anonymous()?;
    anonymous
        .try_login(email, GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_credentials")?;
    let kept: Vec<u8> = sqlx::query_scalar("SELECT hash FROM staff_token WHERE staff_id = $1")
        .bind(staff)
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(kept.len() == 32 && !token.as_bytes().windows(32).any(|part| part == kept));

    // a password that is refused does not use the link up
    for (password, sentence) in [
        ("short", "must have at least 12 characters"),
        (
            "Lovelace-1815!",
            "must not contain the person's name or e-mail address",
        ),
        ("Password1234!", "is too easy to guess"),
    ] {
        let refused = accept(&hospital, &token, password)
            .await?
            .problem(422, "weak_password")?;
        let errors = refused.body["errors"].as_array().context("no errors")?;
        ensure!(
            errors.iter().all(|error| error["pointer"] == "/password")
                && errors.iter().any(|error| error["detail"] == sentence),
            "{refused}"
        );
        ensure!(!refused.text.contains(password), "{refused}");
    }
    accept(&hospital, &token, GOOD_PASSWORD)
        .await?
        .expect(204)?;
    accept(&hospital, &token, GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_account_token")?;
    let doctor = anonymous.login(email, GOOD_PASSWORD).await?;
    ensure!(of(&hospital, staff).await?["status"] == "ACTIVE");

    // the scheduler makes a doctor of the account
    let is_doctor = |answer: &Answer| answer.text.contains(&staff.to_string());
    await_until::holds("the account is a doctor", DOCTORS_WITHIN, || async {
        Ok(is_doctor(&doctor.get("/doctors").await?.expect(200)?))
    })
    .await?;
    // and no more when the account is one of another role
    let body = json!({ "name": "Ada Lovelace", "role": "NURSE",
                       "departments": [hospital.department().id] });
    hospital
        .admin
        .ask(Method::PUT, &format!("/staff/{staff}"), &body)
        .await?
        .expect(200)?;
    await_until::holds("the account is no doctor", DOCTORS_WITHIN, || async {
        Ok(!is_doctor(
            &hospital.admin.get("/doctors").await?.expect(200)?,
        ))
    })
    .await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn an_invitation_ends_by_itself_by_another_one_and_by_being_taken_back() -> Result<()> {
    let hospital = Hospital::start().await?;
    let (admin, email) = (&hospital.admin, "grace@test.example");
    let staff = invite(&hospital, email, "NURSE").await?;
    let first = token(
        &hospital.mail(email, "invitation", 1).await?,
        "accept-invitation",
    )?;
    act(&hospital, staff, "invitation").await?.expect(200)?;
    let second = token(
        &hospital.mail(email, "invitation", 2).await?,
        "accept-invitation",
    )?;
    accept(&hospital, &first, GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_account_token")?;

    let path = format!("/staff/{staff}/invitation");
    admin
        .ask(Method::DELETE, &path, &json!({}))
        .await?
        .expect(200)?;
    accept(&hospital, &second, GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_account_token")?;
    ensure!(of(&hospital, staff).await?["status"] == "DISABLED");
    admin
        .ask(Method::DELETE, &path, &json!({}))
        .await?
        .problem(409, "not_invited")?;

    act(&hospital, staff, "invitation").await?.expect(200)?;
    let third = token(
        &hospital.mail(email, "invitation", 3).await?,
        "accept-invitation",
    )?;
    sqlx::query("UPDATE staff_token SET expires_at = now() WHERE staff_id = $1")
        .bind(staff)
        .execute(&hospital.database.pool)
        .await?;
    accept(&hospital, &third, GOOD_PASSWORD)
        .await?
        .problem(401, "invalid_account_token")?;
    // a link for one purpose is nothing for another, and no garbage is more
    for token in [
        third.as_str(),
        &third.replace("mqi_", "mqp_"),
        "",
        "mqp_",
        "\u{0}",
    ] {
        let body = json!({ "token": token, "password": GOOD_PASSWORD });
        let anonymous = hospital.anonymous()?;
        let answer = anonymous
            .ask(Method::POST, "/auth/password/reset", &body)
            .await?;
        answer.problem(401, "invalid_account_token")?;
    }
    let again = invitation(&email.to_uppercase(), "NURSE", hospital.department().id);
    admin
        .ask(Method::POST, "/staff/invitations", &again)
        .await?
        .problem(409, "email_taken")?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_disabled_account_is_out_and_the_last_administrator_stays() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    nurse.client.get("/departments").await?.expect(200)?;
    act(&hospital, nurse.id, "disable").await?.expect(200)?;
    act(&hospital, nurse.id, "disable").await?.expect(200)?;
    nurse
        .client
        .try_login(&nurse.email, &nurse.password)
        .await?
        .expect(401)?;
    await_until::holds("the token is dead", Duration::from_secs(30), || async {
        Ok(nurse.client.get("/departments").await?.status == 401)
    })
    .await?;
    act(&hospital, nurse.id, "enable").await?.expect(200)?;
    nurse.client.login(&nurse.email, &nurse.password).await?;

    let admins = hospital
        .count("SELECT count(*) FROM staff WHERE role = 'ADMIN'")
        .await?;
    ensure!(admins == 1, "{admins} administrators");
    let last: Uuid = sqlx::query_scalar("SELECT id FROM staff WHERE role = 'ADMIN'")
        .fetch_one(&hospital.database.pool)
        .await?;
    act(&hospital, last, "disable")
        .await?
        .problem(409, "last_admin")?;
    let body = json!({ "name": "Admin", "role": "NURSE", "all_departments": true });
    let path = format!("/staff/{last}");
    hospital
        .admin
        .ask(Method::PUT, &path, &body)
        .await?
        .problem(409, "last_admin")?;
    // an administrator of one department is none of the facility
    let local = hospital.local(Role::Admin).await?;
    act(&hospital, last, "disable")
        .await?
        .problem(409, "last_admin")?;
    let list = local.client.get("/staff").await?.expect(200)?;
    ensure!(!list.text.contains(&last.to_string()), "{list}");
    for action in ["disable", "enable"] {
        let path = format!("/staff/{last}/{action}");
        local
            .client
            .ask(Method::POST, &path, &json!({}))
            .await?
            .problem(403, "forbidden")?;
    }
    hospital.passes().await?;
    Ok(())
}

/// Two administrators who disable each other at the same moment: one of them remains.
#[tokio::test]
async fn two_administrators_cannot_both_go() -> Result<()> {
    let hospital = Hospital::start().await?;
    let first: Uuid = sqlx::query_scalar("SELECT id FROM staff WHERE role = 'ADMIN'")
        .fetch_one(&hospital.database.pool)
        .await?;
    for round in 0..5 {
        let email = format!("other{round}@test.example");
        let body =
            json!({ "email": email, "name": "Other", "role": "ADMIN", "all_departments": true });
        let made = hospital
            .admin
            .ask(Method::POST, "/staff/invitations", &body)
            .await?
            .expect(201)?;
        let other = made.id("/id")?;
        let mail = hospital.mail(&email, "invitation", 1).await?;
        accept(
            &hospital,
            &token(&mail, "accept-invitation")?,
            GOOD_PASSWORD,
        )
        .await?
        .expect(204)?;
        let client = hospital.anonymous()?.login(&email, GOOD_PASSWORD).await?;
        let disable = |client: Client, staff: Uuid| async move {
            let path = format!("/staff/{staff}/disable");
            client.ask(Method::POST, &path, &json!({})).await
        };
        let (one, two) = tokio::try_join!(
            disable(hospital.admin.clone(), other),
            disable(client, first)
        )?;
        let done = [&one, &two]
            .iter()
            .filter(|answer| answer.status == 200)
            .count();
        ensure!(done == 1, "{one}\n{two}");
        // whoever lost is let in again, for the next round
        sqlx::query("UPDATE staff SET disabled_at = NULL WHERE id = $1")
            .bind(first)
            .execute(&hospital.database.pool)
            .await?;
        sqlx::query("UPDATE staff SET disabled_at = now() WHERE id = $1")
            .bind(other)
            .execute(&hospital.database.pool)
            .await?;
        if two.status == 200 {
            break; // the administrator's own session is over
        }
    }
    hospital.passes().await?;
    Ok(())
}

/// Nobody gives what they do not have, and what is given is of this facility.
#[tokio::test]
async fn an_administrator_gives_no_more_than_they_have() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 0).start().await?;
    let (here, there) = (hospital.departments[0].id, hospital.departments[1].id);
    let local = hospital.local(Role::Admin).await?;
    for (body, status) in [
        (json!({ "departments": [here] }), 201),
        (json!({ "departments": [there] }), 403),
        (json!({ "departments": [here, there] }), 403),
        (json!({ "all_departments": true }), 403),
        (json!({ "departments": [Uuid::new_v4()] }), 403),
        (json!({ "departments": [here, here] }), 400),
    ] {
        let mut body = body;
        body["email"] = format!("{}@test.example", Uuid::new_v4().simple()).into();
        body["name"] = "Somebody".into();
        body["role"] = "ADMIN".into();
        let answer = local
            .client
            .ask(Method::POST, "/staff/invitations", &body)
            .await?;
        ensure!(answer.status == status, "{body}: {answer}");
    }
    let foreign = hospital.person(Role::Nurse, &[there]).await?;
    let body = json!({ "name": "Nurse", "role": "NURSE", "departments": [here] });
    let path = format!("/staff/{}", foreign.id);
    local
        .client
        .ask(Method::PUT, &path, &body)
        .await?
        .problem(403, "forbidden")?;
    let unknown = json!({ "email": "x@test.example", "name": "X", "role": "NURSE",
                          "departments": [Uuid::new_v4()] });
    hospital
        .admin
        .ask(Method::POST, "/staff/invitations", &unknown)
        .await?
        .problem(404, "unknown_department")?;
    hospital.passes().await?;
    Ok(())
}
