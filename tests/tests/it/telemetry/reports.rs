//! Reports of errors, as a receiver gets them: what happened and where, and nothing of a person.

use super::{Ear, SOON};
use anyhow::{Context as _, Result, ensure};
use medique_tests::{Hospital, await_until, samples};
use serde_json::{Value, json};

#[tokio::test]
async fn an_error_is_reported_without_what_it_is_about() -> Result<()> {
    let ear = Ear::open().await?;
    let hospital = Hospital::builder()
        .both("MEDIQUE_SENTRY_DSN", &ear.sink.dsn())
        .start()
        .await?;
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           RAISE EXCEPTION 'not quakingknee'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .execute(&hospital.database.pool)
    .await?;
    let mut body = samples::visit(hospital.department().id, "Xanthippe");
    body["complaint"] = json!("quakingknee");
    let refused = hospital.admin.post("/visits", &body).outcome().await?;
    refused.problem(422, "dead_lettered")?;
    await_until::holds("the error is reported", SOON, || async {
        Ok(!ear.sink.lines("reports.jsonl")?.is_empty())
    })
    .await?;
    let reports = ear.sink.lines("reports.jsonl")?;
    let lines = reports[0]["envelope"].as_array().context("no envelope")?;
    let event = lines
        .iter()
        .find(|line| line.get("message").is_some())
        .context("no event in the envelope")?;
    ensure!(event["message"] == "command parked", "{event}");
    let release = event["release"].as_str().unwrap_or_default();
    ensure!(release.starts_with("medique-worker@"), "{event}");
    let place = event["extra"]["place"].as_str().unwrap_or_default();
    ensure!(place.contains("lane.rs:"), "{event}");
    ensure!(
        event["user"] == Value::Null && event["request"] == Value::Null,
        "{event}"
    );
    ensure!(event["server_name"] == Value::Null, "{event}");
    let text = ear.sink.text("reports.jsonl")?;
    for canary in ["quakingknee", "Xanthippe", "refuse()"] {
        ensure!(!text.contains(canary), "a report tells {canary}: {text}");
    }
    hospital.done();
    ear.done();
    Ok(())
}
