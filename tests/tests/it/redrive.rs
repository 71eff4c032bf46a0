//! A parked command is sent again through the api: once, written down, by who may.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::client::{Answer, Client};
use medique_tests::{Hospital, samples};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const REASON: &str = "le déclencheur est parti";
const REDRIVEN: &str = "SELECT count(*) FROM audit WHERE event_type = 'dead_letter_redriven'";

/// Lets the database refuse every new visit.
async fn refuse(hospital: &Hospital) -> Result<()> {
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
           $$ BEGIN RAISE EXCEPTION 'not now'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .execute(&hospital.database.pool)
    .await?;
    Ok(())
}

async fn repair(hospital: &Hospital) -> Result<()> {
    sqlx::raw_sql("DROP TRIGGER refuse ON visit; DROP FUNCTION refuse")
        .execute(&hospital.database.pool)
        .await?;
    Ok(())
}

/// The letter that waits.
async fn parked(hospital: &Hospital) -> Result<Uuid> {
    let list = hospital.admin.get("/dead-letters?state=parked").await?;
    let list = list.expect(200)?;
    ensure!(
        list.body["items"].as_array().map(Vec::len) == Some(1),
        "{list}"
    );
    list.id("/items/0/dead_letter_id")
}

async fn redrive(client: &Client, letter: Uuid, body: &Value) -> Result<Answer> {
    let path = format!("/api/v1/dead-letters/{letter}/redrive");
    let request = client
        .request(Method::POST, &path)
        .header("Prefer", "wait=20");
    medique_tests::client::send("redrive", request.json(body)).await
}

#[tokio::test]
async fn a_parked_command_is_sent_again_once_by_who_may() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    refuse(&hospital).await?;
    let body = samples::visit(hospital.department().id, "poison");
    let refused = hospital.admin.post("/visits", &body).outcome().await?;
    refused.problem(422, "dead_lettered")?;
    let first = parked(&hospital).await?;
    let why = json!({ "reason": REASON });

    let reception = hospital.local(Role::Reception).await?.client;
    redrive(&reception, first, &why).await?.expect(403)?;
    let elsewhere = [hospital.departments[1].id];
    let other = hospital.person(Role::Admin, &elsewhere).await?.client;
    redrive(&other, first, &why).await?.expect(404)?;
    for reason in ["", " ", "two\nlines"] {
        let told = redrive(&hospital.admin, first, &json!({ "reason": reason })).await?;
        ensure!([400, 422].contains(&told.status), "{told}");
    }
    ensure!(
        hospital.count(REDRIVEN).await? == 0,
        "told of what was refused"
    );

    // Not repaired yet: the copy is parked in its turn, and the letter is done with.
    let again = redrive(&hospital.admin, first, &why).await?.expect(200)?;
    ensure!(again.body["status"] == "dead_lettered", "{again}");
    let second = parked(&hospital).await?;
    ensure!(second != first, "the letter still waits");
    let read = hospital
        .admin
        .get(&format!("/dead-letters/{first}"))
        .await?;
    let by = read.body["resolved_by"].as_str().context("nobody did it")?;
    ensure!(
        read.body["state"] == "redriven"
            && read.body["resolution"] == REASON
            && by.starts_with("staff:"),
        "{read}"
    );

    repair(&hospital).await?;
    // However often and by however many.
    let many = (0..8).map(|_| redrive(&hospital.admin, second, &why));
    for answer in futures::future::try_join_all(many).await? {
        let answer = answer.expect(200)?;
        ensure!(answer.body["status"] == "applied", "{answer}");
    }
    redrive(&hospital.admin, second, &why).await?.expect(200)?;
    let command_line = ["parked", "redrive", &second.to_string(), "--reason", "x"];
    let tried = hospital.command_line.run(&command_line, "")?;
    ensure!(!tried.status.success(), "redriven by hand as well");
    ensure!(
        hospital.count(REDRIVEN).await? == 2,
        "not one fact per letter"
    );
    ensure!(hospital.count("SELECT count(*) FROM visit").await? == 1);
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn what_was_given_up_or_emptied_is_not_sent_again() -> Result<()> {
    let hospital = Hospital::start().await?;
    for (state, payload) in [("dropped", "{}"), ("parked", "")] {
        let letter = Uuid::new_v4();
        sqlx::query(
            "INSERT INTO dead_letter (id, facility_id, partition, seq, subject, headers, payload, \
                                      reason, parked_at, state) \
             SELECT $1, $2, 0, 1000000 + count(*), $3, '{}', convert_to($4, 'UTF8'), 'test', now(), $5 \
               FROM dead_letter",
        )
        .bind(letter)
        .bind(hospital.facility)
        .bind(format!("p.0.cmd.v1.{}._.check_in", hospital.facility))
        .bind(payload)
        .bind(state)
        .execute(&hospital.database.pool)
        .await?;
        let told = redrive(&hospital.admin, letter, &json!({ "reason": "why not" })).await?;
        told.problem(409, "not_redrivable")?;
    }
    ensure!(
        hospital.count(REDRIVEN).await? == 0,
        "told of what was refused"
    );
    hospital.done();
    Ok(())
}
