//! The adviser through the whole system: who sees what it says, what it may change, how it is
//! switched off, and how good it is said to be.

mod figures;

use anyhow::{Context as _, Result, ensure};
use medique_contracts::commands::AdviceResult;
use medique_contracts::vocabulary::{AdviceFailure, Role};
use medique_tests::client::{Answer, Client};
use medique_tests::hospital::Person;
use medique_tests::smuggle::{self, put_message};
use medique_tests::{Hospital, await_until, samples};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(30);

/// The adviser says something, and it is decided what comes of that.
async fn advise(
    hospital: &Hospital,
    visit: Uuid,
    based_on: i64,
    result: AdviceResult,
) -> Result<()> {
    let message = smuggle::advice(hospital, visit, based_on, result);
    put_message(hospital, &message).await?;
    let id = message.command_id.0;
    await_until::holds("the advice is decided", SOON, || async move {
        let query = "SELECT count(*) FROM inbox WHERE command_id = $1";
        let count: i64 = sqlx::query_scalar(query)
            .bind(id)
            .fetch_one(&hospital.database.pool)
            .await?;
        Ok(count == 1)
    })
    .await
}

async fn suggests(
    hospital: &Hospital,
    visit: Uuid,
    based_on: i64,
    level: u8,
    reason: &str,
) -> Result<()> {
    let suggestion = smuggle::suggestion(level, reason);
    advise(hospital, visit, based_on, suggestion).await
}

async fn look(client: &Client, visit: Uuid) -> Result<Answer> {
    client.get(&format!("/visits/{visit}")).await?.expect(200)
}

async fn policy(hospital: &Hospital, policy: &str) -> Result<()> {
    let department = hospital.department();
    let mut settings = samples::department(&department.code);
    settings["triage_policy"] = json!(policy);
    let path = format!("/departments/{}", department.id);
    hospital.admin.put(&path, &settings).applied().await?;
    let listed = hospital.admin.get("/departments").await?.expect(200)?;
    let first = &listed.body["items"][0];
    ensure!(first["triage_policy"] == policy, "{listed}");
    Ok(())
}

/// Somebody of each kind.
struct People {
    nurse: Person,
    doctor: Person,
    reception: Person,
    display: Person,
}

impl People {
    async fn of(hospital: &Hospital) -> Result<Self> {
        Ok(Self {
            nurse: hospital.local(Role::Nurse).await?,
            doctor: hospital.local(Role::Doctor).await?,
            reception: hospital.local(Role::Reception).await?,
            display: hospital.local(Role::Display).await?,
        })
    }
}

/// A patient who checked in by link, and the patient's own client.
async fn by_link(hospital: &Hospital, mark: &str) -> Result<(Uuid, Client)> {
    let link = hospital.link(hospital.department().id, &[])?;
    let anonymous = hospital.anonymous()?;
    let body = samples::link_visit(&link, mark);
    let made = anonymous.post("/checkin", &body).applied().await?;
    let token = made.body["visit_token"].as_str().context("no token")?;
    Ok((made.id("/visit_id")?, anonymous.with_token(token)))
}

const CANARY: &str = "advicecanary";

#[tokio::test]
async fn what_the_adviser_says_is_for_clinicians_and_is_no_decision() -> Result<()> {
    let hospital = Hospital::start().await?;
    let people = People::of(&hospital).await?;
    let (nurse, doctor) = (&people.nurse.client, &people.doctor.client);
    let (visit, patient) = by_link(&hospital, "shown").await?;
    suggests(&hospital, visit, 1, 2, CANARY).await?;

    for client in [nurse, doctor] {
        let read = look(client, visit).await?;
        let said = &read.body["suggestion"];
        ensure!(said["source"] == "ai" && said["level"] == 2, "{read}");
        ensure!(
            said["model"] == "simulated" && said["outdated"] == false,
            "{read}"
        );
        ensure!(said["shown_before_own_level"] == true, "{read}");
        ensure!(said["reasons"] == json!([CANARY]), "{read}");
        ensure!(
            read.body["level"] == 4 && read.body["triage_source"] == "rules",
            "{read}"
        );
        ensure!(read.body["needs_review"] == true, "{read}");
    }
    nobody_else_sees(&hospital, &people, visit, &patient).await?;

    let level = json!({ "level": 3, "reason": "seen myself" });
    let path = |verb: &str| format!("/visits/{visit}/{verb}");
    nurse.post(&path("acuity"), &level).applied().await?;
    let read = look(nurse, visit).await?;
    ensure!(read.body["needs_review"] == false, "{read}");
    ensure!(read.body["triage_source"] == "clinician", "{read}");
    let decisions = read.body["decisions"].as_array().context("no decisions")?;
    let told: Vec<_> = decisions
        .iter()
        .map(|d| {
            (
                d["what"].as_str(),
                d["decided_by"].as_str(),
                d["level"].as_u64(),
            )
        })
        .collect();
    let expected = [
        (Some("checked_in"), Some("rules"), None),
        (Some("suggested"), Some("ai"), Some(2)),
        (Some("level_set"), Some("clinician"), Some(3)),
    ];
    ensure!(told == expected, "{read}");
    ensure!(decisions[2]["reason"] == "seen myself", "{read}");
    ensure!(
        decisions[2]["actor"] == format!("staff:{}", people.nurse.id),
        "{read}"
    );

    // Findings of before are findings of before.
    nurse
        .post(&path("vitals"), &samples::vitals())
        .applied()
        .await?;
    suggests(&hospital, visit, 1, 1, "belatedcanary").await?;
    let read = look(nurse, visit).await?;
    ensure!(read.body["suggestion"]["outdated"] == true, "{read}");
    ensure!(!read.text.contains("belatedcanary"), "{read}");
    let stale = "SELECT count(*) FROM triage_advice WHERE refused = 'stale_suggestion'";
    ensure!(hospital.count(stale).await? == 1);
    hospital.passes().await?;
    Ok(())
}

async fn nobody_else_sees(
    hospital: &Hospital,
    people: &People,
    visit: Uuid,
    patient: &Client,
) -> Result<()> {
    let department = hospital.department().id;
    let queue = format!("/departments/{department}/queue");
    let board = format!("/departments/{department}/board");
    for client in [&people.reception.client, &hospital.admin] {
        let read = look(client, visit).await?;
        ensure!(read.body["needs_review"] == true, "{read}");
        for member in ["suggestion", "decisions"] {
            ensure!(read.body.get(member).is_none(), "{member}: {read}");
        }
        let read = client.get(&queue).await?.expect(200)?;
        ensure!(read.body["items"][0]["needs_review"] == true, "{read}");
        ensure!(!read.text.contains(CANARY), "{read}");
    }
    let reads = [
        people.display.client.get(&board).await?,
        patient.get("/patient/visit").await?,
        look(patient, visit).await?,
    ];
    for read in reads {
        let read = read.expect(200)?;
        for word in [CANARY, "suggest", "review", "triage", "advi"] {
            ensure!(!read.text.contains(word), "{word}: {read}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_raise_stands_until_a_clinician_decides_and_the_switch_ends_it_all() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    policy(&hospital, "raise_only").await?;
    let department = hospital.department().id;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "raised")
        .await?;
    suggests(&hospital, visit, 1, 1, "worse").await?;
    let read = look(&nurse, visit).await?;
    ensure!(
        read.body["level"] == 1 && read.body["state"] == "URGENT",
        "{read}"
    );
    ensure!(read.body["triage_source"] == "adviser", "{read}");
    suggests(&hospital, visit, 1, 5, "better").await?;
    let read = look(&nurse, visit).await?;
    ensure!(
        read.body["level"] == 1,
        "a suggestion lowers nothing: {read}"
    );
    let level = json!({ "level": 4, "reason": "walks and talks" });
    let path = format!("/visits/{visit}/acuity");
    nurse.post(&path, &level).applied().await?;
    ensure!(look(&nurse, visit).await?.body["level"] == 4);

    let off = json!({ "enabled": false, "reason": "as agreed" });
    let key = Uuid::new_v4().to_string();
    for _ in 0..2 {
        let switch = hospital.admin.put("/admin/triage/adviser", &off).key(&key);
        let switched = switch.applied().await?;
        ensure!(switched.body["result"]["version"] == 2, "{switched}");
    }
    let switch = nurse.put("/admin/triage/adviser", &off);
    switch.refused(403, "forbidden").await?;
    let (other, _) = hospital
        .check_in(&hospital.admin, department, "under way")
        .await?;
    suggests(&hospital, other, 1, 1, "too late").await?;
    let read = look(&nurse, other).await?;
    ensure!(
        read.body["level"] == 4 && read.body.get("suggestion").is_none(),
        "{read}"
    );

    let quality = hospital
        .admin
        .get("/admin/triage/quality")
        .await?
        .expect(200)?;
    let adviser = &quality.body["adviser"];
    ensure!(
        adviser["enabled"] == false && adviser["reason"] == "as agreed",
        "{quality}"
    );
    let total = &quality.body["total"];
    ensure!(total["suggested"] == 2 && total["raised"] == 1, "{quality}");
    ensure!(total["refused_otherwise"] == 1, "{quality}");
    hospital.passes().await?;
    Ok(())
}

/// A yes to a question that nobody asks would count for nothing, and nobody would know.
#[tokio::test]
async fn an_answer_to_an_unknown_question_is_refused_by_name() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let mut body = samples::visit(department, "answers");
    body["answers"] = json!([
        { "question": "fever", "yes": false },
        { "question": "chest_pian", "yes": true },
    ]);
    let link = hospital.link(department, &[])?;
    let mut by_link = samples::link_visit(&link, "answers by link");
    by_link["answers"] = body["answers"].clone();
    let anonymous = hospital.anonymous()?;
    for (client, path, body) in [
        (&hospital.admin, "/visits", &mut body),
        (&anonymous, "/checkin", &mut by_link),
    ] {
        let told = client.post(path, body).outcome().await?;
        ensure!(
            told.body["errors"][0]["pointer"] == "/answers/1/question",
            "{told}"
        );
        told.problem(400, "invalid_field")?;
        body["answers"][1]["question"] = json!("chest_pain");
        let taken = client.post(path, body).applied().await?;
        let visit = taken.id("/visit_id")?;
        let read = look(&hospital.admin, visit).await?;
        ensure!(read.body["level"] == 2, "{read}");
    }
    hospital.passes().await?;
    Ok(())
}
