//! The end of the day: what is left is swept, nothing is deleted.

use super::People;
use anyhow::{Result, ensure};
use serde_json::json;

#[tokio::test]
async fn the_day_is_closed_first_on_paper() -> Result<()> {
    let people = People::come().await?;
    let waiting = people.arrives("waiting").await?;
    let seen = people.arrives("seen").await?;
    let body = json!({ "room_id": people.department.rooms[0], "reason": "is next" });
    people
        .step(&people.doctor, seen, "call", &body, "CALLED")
        .await?;
    people
        .step(&people.doctor, seen, "start", &json!({}), "IN_CONSULTATION")
        .await?;

    let close = format!("/facilities/{}/close-day", people.hospital.facility);
    let admin = &people.hospital.admin;
    for dry_run in [true, false] {
        let closed = admin
            .post(&close, &json!({ "dry_run": dry_run }))
            .applied()
            .await?;
        let report = &closed.body["result"]["day_close"];
        ensure!(report["dry_run"] == dry_run, "{closed}");
        ensure!(report["expired"] == json!([waiting]), "{closed}");
        ensure!(report["in_consultation"] == json!([seen]), "{closed}");
        let state = if dry_run { "WAITING" } else { "EXPIRED" };
        let read = admin
            .get(&format!("/visits/{waiting}"))
            .await?
            .expect(200)?;
        ensure!(read.text.contains(state), "dry run {dry_run}: {read}");
    }
    people
        .step(&people.reception, waiting, "return", &json!({}), "WAITING")
        .await?;
    people
        .step(&people.doctor, seen, "complete", &json!({}), "COMPLETED")
        .await?;
    let report = people.hospital.passes().await?;
    ensure!(
        report.evidence.visits.len() == 2,
        "{} visits",
        report.evidence.visits.len()
    );
    Ok(())
}

#[tokio::test]
async fn a_closed_department_takes_nobody() -> Result<()> {
    let people = People::come().await?;
    let admin = &people.hospital.admin;
    let department = people.department.id;
    let mut settings = medique_tests::samples::department(&people.department.code);
    settings["open"] = json!(false);
    admin
        .put(&format!("/departments/{department}"), &settings)
        .applied()
        .await?;
    let body = medique_tests::samples::visit(department, "late");
    people
        .reception
        .post("/visits", &body)
        .refused(422, "department_closed")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}
