//! Accounts from a terminal: under the rules of the api, in the same trail, and felt at once.

use super::{FAILED, SOON, facts};
use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::{Hospital, await_until, secrets};
use serde_json::json;

const REASON: [&str; 2] = ["--reason", "asked by the ward"];

#[tokio::test]
async fn accounts_are_made_changed_and_disabled() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let command_line = &hospital.command_line;
    let (facility, first) = (
        hospital.facility.to_string(),
        hospital.departments[0].id.to_string(),
    );
    let (email, password) = ("Nia@Test.example", secrets::password());
    let create = [
        &[
            "user",
            "create",
            "--facility-id",
            &facility,
            "--email",
            email,
        ][..],
        &[
            "--role",
            "NURSE",
            "--department",
            &first,
            "--password-stdin",
        ],
    ]
    .concat();
    let made = command_line.json(&create, &password)?;
    let id = made["staff_id"].as_str().context("no id")?.to_owned();
    let nurse = hospital
        .anonymous()?
        .login("nia@test.example", &password)
        .await?;
    let listed = command_line.json(&["user", "ls", "--facility-id", &facility], "")?;
    let listed = listed["accounts"].as_array().context("no accounts")?.len();
    ensure!(listed == 2, "{listed} accounts");
    // by address in any case, and by id
    for who in ["nia@test.EXAMPLE", &id] {
        let shown = command_line.json(&["user", "show", who], "")?["account"].clone();
        ensure!(
            shown["id"] == *id && shown["role"] == "NURSE" && shown["sessions"] == 1,
            "{shown}"
        );
    }
    let (code, text) = command_line.spoken(&["user", "ls"])?;
    ensure!(
        code == Some(0) && text.contains(email) && !text.contains("argon2"),
        "{text}"
    );

    // felt by who is signed in: the token of before is no longer good, the session is
    let second = hospital.departments[1].id.to_string();
    let change = [
        "user",
        "change",
        email,
        "--role",
        "RECEPTION",
        "--department",
        &second,
    ];
    let changed = command_line.json(&[&change[..], &REASON].concat(), "")?;
    ensure!(
        changed["account"]["departments"] == json!([hospital.departments[1].code]),
        "{changed}"
    );
    await_until::holds("the old token is refused", SOON, || async {
        Ok(nurse.get("/departments").await?.status == 401)
    })
    .await?;
    let receptionist = hospital.anonymous()?.login(email, &password).await?;
    hospital
        .check_in(&receptionist, hospital.departments[1].id, "there")
        .await?;

    let disable = [&["user", "disable", email][..], &REASON].concat();
    let disabled = command_line.json(&disable, "")?;
    ensure!(
        !disabled["account"]["disabled_at"].is_null() && disabled["account"]["sessions"] == 0,
        "{disabled}"
    );
    await_until::holds("a disabled account is refused", SOON, || async {
        Ok(receptionist.get("/departments").await?.status == 401)
    })
    .await?;
    ensure!(
        hospital.anonymous()?.login(email, &password).await.is_err(),
        "it signs in"
    );
    command_line.json(&disable, "")?;
    command_line.json(&[&["user", "enable", email][..], &REASON].concat(), "")?;
    hospital.anonymous()?.login(email, &password).await?;
    for (kind, wanted) in [
        ("staff_changed", 1),
        ("staff_disabled", 1),
        ("staff_enabled", 1),
    ] {
        let found = facts(&hospital, kind).await?;
        ensure!(found == wanted, "{kind}: {found}");
    }
    ensure!(
        facts(&hospital, "session_ended").await? >= 1,
        "sessions ended without a word"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_printed_link_sets_a_password_once() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let command_line = hospital
        .command_line
        .told("MEDIQUE_PUBLIC_URL", "https://queues.test.example");
    let arguments = [&["user", "reset-link", &nurse.email][..], &REASON].concat();
    let told = command_line.json(&arguments, "")?;
    let url = told["url"].as_str().context("no link")?;
    ensure!(
        url.starts_with("https://queues.test.example/reset-password#"),
        "{url}"
    );
    let token = url.split('#').nth(1).context("no token")?;
    let wanted = secrets::password();
    let body = json!({ "token": token, "password": wanted });
    let reset = hospital
        .anonymous()?
        .post("/auth/password/reset", &body)
        .send()
        .await?;
    ensure!((200..300).contains(&reset.status), "{reset}");
    hospital.anonymous()?.login(&nurse.email, &wanted).await?;
    let again = hospital
        .anonymous()?
        .post("/auth/password/reset", &body)
        .send()
        .await?;
    ensure!((400..500).contains(&again.status), "{again}");
    ensure!(facts(&hospital, "password_reset_requested").await? == 1);
    // without the address of the screens there is no link
    let (code, text) = hospital.command_line.spoken(&arguments)?;
    ensure!(
        code == FAILED && text.contains("MEDIQUE_PUBLIC_URL"),
        "{code:?} {text}"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn somebody_who_administers_remains() -> Result<()> {
    let hospital = Hospital::start().await?;
    let accounts = hospital.command_line.json(&["user", "ls"], "")?;
    let admin = accounts["accounts"][0]["email"]
        .as_str()
        .context("nobody")?
        .to_owned();
    let department = hospital.department().id.to_string();
    for change in [
        &["user", "disable", &admin][..],
        &["user", "change", &admin, "--role", "NURSE"],
        &["user", "change", &admin, "--department", &department],
    ] {
        let (code, text) = hospital.command_line.spoken(&[change, &REASON].concat())?;
        ensure!(
            code == FAILED && text.contains("nobody would administer"),
            "{code:?} {text}"
        );
    }
    hospital.admin.get("/staff").await?.expect(200)?;
    hospital.passes().await?;
    Ok(())
}
