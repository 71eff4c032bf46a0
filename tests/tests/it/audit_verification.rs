//! What a check of the trail found is told to admins, who cannot run it themselves.

use anyhow::{Context as _, Result, ensure};
use medique_tests::Hospital;
use medique_tests::client::Answer;
use serde_json::json;
use sqlx::Row as _;

async fn look(hospital: &Hospital) -> Result<Answer> {
    hospital.admin.get("/audit/verification").await?.expect(200)
}

#[tokio::test]
async fn the_last_check_of_the_trail_is_told_to_admins() -> Result<()> {
    let hospital = Hospital::start().await?;
    let before = look(&hospital).await?;
    ensure!(
        before.body["state"] == "unchecked" && before.body.get("checked_at").is_none(),
        "{before}"
    );
    let department = hospital.department().id;
    hospital
        .check_in(&hospital.admin, department, "checked")
        .await?;

    hospital.command_line.json(&["audit", "verify"], "")?;
    let whole = look(&hospital).await?;
    ensure!(whole.body["state"] == "whole", "{whole}");
    ensure!(whole.body["checked_at"].is_string(), "{whole}");
    ensure!(whole.body["findings"] == json!([]), "{whole}");

    let row = sqlx::query(
        "UPDATE audit SET actor = 'nobody' WHERE event_type = 'visit_checked_in' \
         RETURNING partition, chain_seq",
    )
    .fetch_one(&hospital.database.pool)
    .await?;
    let (partition, chain_seq): (i16, i64) = (row.try_get(0)?, row.try_get(1)?);
    let ends = whole.body["chains"].as_array().context("no chains")?;
    let covered = ends
        .iter()
        .any(|end| end["partition"] == partition && end["chain_seq"].as_i64() >= Some(chain_seq));
    ensure!(covered, "the row was not checked: {whole}");

    let verified = hospital.command_line.run(&["audit", "verify"], "")?;
    ensure!(!verified.status.success(), "a changed row was not found");
    let told = look(&hospital).await?;
    let finding = &told.body["findings"][0];
    ensure!(
        told.body["state"] == "tampered"
            && told.body["finding_count"] == 1
            && finding["tampering"] == "changed"
            && finding["partition"] == partition
            && finding["chain_seq"] == chain_seq,
        "{told}"
    );
    hospital.done();
    Ok(())
}
